"""Slow twins of the kernels, written to be checked by eye."""

from __future__ import annotations

import itertools
import unicodedata

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15

UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "HENTAIGANA")


def fold(text: str) -> str:
    """Case-fold and decompose until nothing changes; drop marks and format characters."""
    before = None
    while before != text:
        before, text = text, unicodedata.normalize("NFKD", text.casefold())
    return "".join(
        c for c in text if not unicodedata.combining(c) and unicodedata.category(c) != "Cf"
    )


def tokens(text: str) -> list[str]:
    """Cut folded text into words; scripts without spaces give a token per character."""
    found, word = [], ""
    for c in fold(text):
        is_letter = unicodedata.category(c)[0] in "LMN"
        if is_letter and not is_unspaced(c):
            word += c
            continue
        found += [word] if word else []
        word = ""
        found += [c] if is_letter else []
    return found + ([word] if word else [])


def is_unspaced(c: str) -> bool:
    """Say whether a letter's script is written without spaces."""
    return unicodedata.name(c, "").startswith(UNSPACED) or c in "々〆〇〡〢〣〤〥〦〧〨〩"


def mix(h: int) -> int:
    """MurmurHash3's 64-bit finaliser."""
    h ^= h >> 33
    h = h * 0xFF51AFD7ED558CCD & MASK
    h ^= h >> 33
    h = h * 0xC4CEB9FE1A85EC53 & MASK
    return h ^ h >> 33


def token_hash(token: str) -> int:
    """Hash a folded token: rotate by five and add, character by character."""
    kind = 2 if is_unspaced(token[0]) else 1
    h = 0
    for c in token:
        h = (h << 5 | h >> 59) & MASK
        h = h + mix((ord(c) << 2 | kind) * GOLDEN & MASK) & MASK
    return mix(h)


def shingles(text: str, size: int) -> list[int]:
    """The distinct, sorted 32-bit hashes of the windows of `size` tokens."""
    hashes = [token_hash(token) for token in tokens(text)]
    found = set()
    for start in range(len(hashes) - size + 1):
        h = 0
        for value in hashes[start : start + size]:
            h = (h * GOLDEN + value) & MASK
        found.add(mix(h) >> 32)
    return sorted(found)


def jaccard(a: set[int], b: set[int]) -> float:
    """Shared over union; 0 for two empty sets."""
    return len(a & b) / len(a | b) if a | b else 0.0


def bucket_pairs(signatures: list[list[int]], b: int, r: int) -> set[tuple[int, int]]:
    """Pairs of rows whose values agree in all rows of some band."""
    return {
        (i, j)
        for i, j in itertools.combinations(range(len(signatures)), 2)
        if any(
            signatures[i][band * r : band * r + r] == signatures[j][band * r : band * r + r]
            for band in range(b)
        )
    }


def components(n: int, pairs: list[tuple[int, int]]) -> list[int]:
    """The smallest node each node is connected to."""
    label = list(range(n))
    for _ in range(n):
        for a, b in pairs:
            label[a] = label[b] = min(label[a], label[b])
    return label


def anchors(n: int, matches: dict[tuple[int, int], float]) -> list[int]:
    """Stars in order of degree; each other node then goes to its most similar anchor."""
    similar: list[dict[int, float]] = [{} for _ in range(n)]
    for (a, b), s in matches.items():
        similar[a][b] = similar[b][a] = s
    chosen: list[int] = []
    for node in sorted(range(n), key=lambda node: (-len(similar[node]), node)):
        if not any(anchor in similar[node] for anchor in chosen):
            chosen.append(node)
    return [
        node
        if node in chosen
        else min(set(chosen) & set(similar[node]), key=lambda a: (-similar[node][a], a))
        for node in range(n)
    ]
