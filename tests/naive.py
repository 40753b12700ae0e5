"""Slow twins of the kernels, written to be checked by eye."""

from __future__ import annotations

import itertools
import json
import re
import sys
import unicodedata
from pathlib import Path

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15

QUOTED, FURNITURE = 1, 2

UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "HENTAIGANA")
SPELLED = ("THAI", "LAO", "KHMER", "MYANMAR")

FACTS = json.loads((Path(__file__).parents[1] / "tools" / "folding.json").read_text("utf-8"))
HAN = {c: group[0] for group in FACTS["han"] for c in group}
LOOK_ALIKES = {c: group for group in FACTS["look_alikes"] for c in group}
SPELLINGS = {"ء": "", "ـ": ""}
for letter, spellings in {"ي": "ىیے", "ك": "ک", "ه": "ہھەۃة", "ا": "ٱ"}.items():
    SPELLINGS |= dict.fromkeys(spellings, letter)
for letter, spellings in {"i": "ı", "a": "ɑ", "g": "ɡ", "'": "ʹʻʼʽʾʿˈ"}.items():
    SPELLINGS |= dict.fromkeys(spellings, letter)


def fold(text: str) -> str:
    """Case-fold and decompose until nothing changes; drop marks; write one letter one way."""
    before = None
    while before != text:
        before, text = text, unicodedata.normalize("NFKD", text.casefold())
    kept = [c for c in text if not unicodedata.combining(c) and unicodedata.category(c) != "Cf"]
    written = "".join(SPELLINGS.get(c, HAN.get(c, c)) for c in kept)
    return "".join(str(unicodedata.decimal(c, c)) for c in written)


Word = list[tuple[str, str]]  # characters, each with one of the letters it folds to


def words(text: str) -> list[Word]:
    """Cut a text into words; scripts without spaces give a token per character.

    Where characters spell words, two characters before it in its row belong to the token.
    """
    found: list[Word] = []
    word: Word = []
    row: Word = []
    for c in text:
        for folded in fold(c):
            is_letter = unicodedata.category(folded)[0] in "LMN"
            if is_letter and not is_unspaced(folded):
                word, row = [*word, (c, folded)], []
                continue
            found += [word] if word else []
            word = []
            row = [*row, (c, folded)][-3:] if is_letter and is_spelled(folded) else []
            found += [row or [(c, folded)]] if is_letter else []
    return found + ([word] if word else [])


def tokens(text: str) -> list[str]:
    """The folded words of a text."""
    return ["".join(folded for _, folded in word) for word in words(text)]


def token_spans(text: str) -> list[tuple[int, int]]:
    """Where each token's first character starts and its last one ends, in code points."""
    found, word = [], None
    for at, c in enumerate(text):
        for folded in fold(c):
            is_letter = unicodedata.category(folded)[0] in "LMN"
            if is_letter and not is_unspaced(folded):
                word = (word[0] if word else at, at + 1)
                continue
            found += [word] if word else []
            word = None
            found += [(at, at + 1)] if is_letter else []
    return found + ([word] if word else [])


ALPHABETS = ["LATIN", "GREEK", "CYRILLIC", "ARMENIAN"]
MODERN = [
    "abcdefghijklmnopqrstuvwxyz",
    "αβγδεζηθικλμνξοπρστυφχψω",
    "абвгдежзийклмнопрстуфхцчшщъыьэюяєіјљњћђџґәғқңөұү",
    "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆև",
]


def read(text: str) -> list[str]:
    """The folded words of a text as they look, if some word of it mixes alphabets.

    Words that can be written in the alphabet that most can be written in, are; others in the first
    of their own alphabets that can write them, or they stay as they are.
    """
    if not mixes_alphabets(text):
        return tokens(text)
    found = words(text)
    readings = [[written_in(word, k) for k in range(4)] for word in found]
    main = max(range(4), key=lambda k: (sum(bool(reading[k]) for reading in readings), -k))
    seen = []
    for word, reading in zip(found, readings, strict=True):
        own = [k for k in range(4) if reading[k] and any(alphabet(f) == k for _, f in word)]
        chosen = main if reading[main] else min(own, default=None)
        plain = "".join(folded for _, folded in word)
        seen.append(plain if chosen is None else reading[chosen] or plain)
    return seen


def mixes_alphabets(text: str) -> bool:
    """Say whether somewhere a letter of Greek, Cyrillic or Armenian stands before one of ASCII."""
    return any(
        len(fold(c)) == 1
        and len(c.encode("utf-8", "surrogatepass")) == 2
        and alphabet(fold(c)) not in (None, 0)
        and after.isascii()
        and after.isalpha()
        for c, after in itertools.pairwise(text)
    )


def written_in(word: Word, k: int) -> str | None:
    """A word in letters of an alphabet that look like its own; None if that cannot be."""
    if len(word) > 64 or all(alphabet(folded) is None for _, folded in word):
        return None
    written = [folded if alphabet(folded) in (None, k) else looks_like(c, k) for c, folded in word]
    return None if None in written else "".join(str(c) for c in written)


def looks_like(c: str, k: int) -> str | None:
    """The letter of an alphabet that looks like this one, and has the same case."""
    base = unicodedata.normalize("NFD", c)
    base = "".join(part for part in base if not unicodedata.combining(part))
    for other in sorted(LOOK_ALIKES.get(base, "")) if len(fold(c)) == 1 else []:
        has_case = base.isupper() or base.islower()
        if other.casefold() in MODERN[k] and (not has_case or other.isupper() == base.isupper()):
            return fold(other)
    return None


def alphabet(c: str) -> int | None:
    """Number a letter's alphabet: 4 for some that only disguise; None for all others."""
    if unicodedata.category(c)[0] != "L":
        return None
    name = unicodedata.name(c, "").split(" ")[0]
    if name in ALPHABETS:
        return ALPHABETS.index(name)
    return 4 if name in ("CHEROKEE", "COPTIC", "LISU", "GEORGIAN") else None


CP1252 = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ"
TYPED = "‚„…‹‘’“”–—›\xa0«\xad»"
WRITTEN = "ŠŒŽšœžª´µ·º™©®"


def mend(text: str) -> tuple[str, list[int]]:
    """Read misread bytes as they were meant; give the text and where its characters stood."""
    places = list(range(len(text) + 1))
    for _ in range(3):
        rows = [misread(text, at) for at in range(len(text))]
        kept, at = [], 0
        others = 0
        while at < len(text):
            row = rows[at]
            half = text[at : at + 2] in ("\xc2 ", "\xc3 ")
            others += "\xc2" <= text[at] <= "\xf4" and not row and not half
            kept += [(at, *row)] if row else []
            at += row[1] if row else 1
        sure = [row for row in kept if row[3]]
        if not sure:
            break
        every = len(kept) >= 3 * others
        mended = {at: (c, size) for at, c, size, is_sure in kept if is_sure or every}
        out, where, at = "", [], 0
        while at < len(text):
            c, size = mended.get(at, (text[at], 1))
            is_left = every and size == 1 and text[at : at + 2] == "\xc2 "
            out, where = out + ("\xa0" if is_left else c), [*where, places[at]]
            at += size
        text, places = out, [*where, places[-1]]
    return text, places


def misread(text: str, at: int) -> tuple[str, int, bool] | None:
    """What a row of characters was meant to be, how long it is, and whether that is sure."""
    lead = text[at]
    if not "\xc2" <= lead <= "\xf4" or lead == "ß":
        return None
    size = 2 + (lead >= "\xe0") + (lead >= "\xf0")
    row = text[at : at + size]
    codes = [0x80 + CP1252.index(c) if c in CP1252 else ord(c) for c in row[1:]]
    if row[:2] in ("â€", "â\x80") and not (len(row) > 2 and 0x80 <= codes[1] <= 0xBF):
        return "”", 2 + (row[2:] == "\ufffd"), True
    try:
        meant = bytes([ord(lead), *codes]).decode()
    except (UnicodeDecodeError, ValueError):
        return None
    if len(row) < size:
        return None
    written = [CP1252[code - 0x80] if code < 0xA0 else chr(code) for code in codes]
    if lead == "×" and not "א" <= meant <= "ת":
        return None
    usual = TYPED + (WRITTEN if lead > "\xc5" else "")
    return meant, size, any(c not in usual for c in written)


def is_unspaced(c: str) -> bool:
    """Say whether a letter's script is written without spaces."""
    return unicodedata.name(c, "").startswith(UNSPACED) or c in "々〆〇〡〢〣〤〥〦〧〨〩"


def is_spelled(c: str) -> bool:
    """Say whether a character without spaces between words is only a letter of a word."""
    return unicodedata.name(c, "").startswith(SPELLED)


def mix(h: int) -> int:
    """MurmurHash3's 64-bit finaliser."""
    h ^= h >> 33
    h = h * 0xFF51AFD7ED558CCD & MASK
    h ^= h >> 33
    h = h * 0xC4CEB9FE1A85EC53 & MASK
    return h ^ h >> 33


def token_hash(token: str) -> int:
    """Hash a folded token: rotate by five and add, character by character."""
    h = 0
    for c in token:
        h = (h << 5 | h >> 59) & MASK
        h = h + mix(entry(c) * GOLDEN & MASK) & MASK
    return mix(h)


def entry(c: str) -> int:
    """A folded letter, its class, and above them its alphabet or what its script is like."""
    if is_unspaced(c):
        return ord(c) << 2 | 2 | is_spelled(c) << 25 | is_spaced(c) << 24
    return ord(c) << 2 | 1 | (1 << (alphabet(c) or 0) & ~1) << 24


def token_values(text: str) -> list[int]:
    """The upper 30 bits of the tokens' hashes, above two bits for marks, which are not set."""
    return [token_hash(token) >> 34 << 2 for token in read(mend(text)[0])]


def row_hash(values: list[int]) -> int:
    """Hash token values in order, without their marks."""
    h = 0
    for value in values:
        h = (h ^ value >> 2) * GOLDEN & MASK
        h ^= h >> 32
    return mix(h)


def marked_hash(values: list[int]) -> int:
    """Hash token values in order, with their marks."""
    h = 0
    for value in values:
        h = (h ^ value) * GOLDEN & MASK
        h ^= h >> 32
    return mix(h)


def window_hashes(values: list[int], size: int) -> list[int]:
    """The 32-bit hashes of the windows of `size` token values, without their marks, in order."""
    found = []
    for start in range(len(values) - size + 1):
        h = 0
        for value in values[start : start + size]:
            h = (h * GOLDEN + (value >> 2)) & MASK
        found.append(mix(h) >> 32)
    return found


def shingles(text: str, size: int) -> list[int]:
    """The distinct, sorted 32-bit hashes of the windows of `size` tokens."""
    return sorted(set(window_hashes(token_values(text), size)))


def prints(hashes: list[int], window: int) -> list[int]:
    """The least of every `window` hashes in a row, the last of equals, each place once."""
    window = min(window, max(1, len(hashes) // 8))
    places: list[int] = []
    for start in range(len(hashes) - window + 1):
        least = min(range(start, start + window), key=lambda k: (hashes[k], -k))
        places += [least] if least not in places else []
    return [hashes[place] for place in places]


NEWLINES = "\n\v\f\r\x85\u2028\u2029"
CLOSING = "\"')]«»‘’‚‛“”"


def blocks(text: str) -> list[tuple[int, int, bool, bool]]:
    """The blocks of each line: start, end (code points), if it is all of its line, if a sentence.

    A sentence in which there is no token goes with the one behind it, if any.
    """
    found, line_start = [], 0
    for line in re.split(f"[{NEWLINES}]", text):
        spans, start = [], 0
        for end in range(1, len(line) + 1):
            if ends_sentence(line, start, end) and tokens(line[start:end]):
                blank = len(line[start:end]) - len(line[start:end].lstrip(CONTROLS))
                is_sentence = ends_sentence(line + " ", start, end)
                spans.append((line_start + start + blank, line_start + end, is_sentence))
                start = end
        found += [(first, last, len(spans) == 1, stop) for first, last, stop in spans]
        line_start += len(line) + 1
    return found


ENDING = "".join(map(chr, range(sys.maxunicode + 1)))
ENDING = "".join(
    c for c in ENDING if unicodedata.category(c) in ("Pe", "Pf", "Pi") and ord(c) > 127
)
ENDING += "\"')].!?" + FACTS["stops"]


def is_spaced(c: str) -> bool:
    """Say whether a character is a letter of Thai or Lao, which have spaces between sentences."""
    is_letter = len(c) == 1 and unicodedata.category(c)[0] in "LMN"
    return is_letter and unicodedata.name(c, "").startswith(("THAI", "LAO"))


CONTROLS = "".join(map(chr, range(33)))


def ends_sentence(line: str, start: int, end: int) -> bool:
    """Say whether a sentence ends before `end`: stop, closing marks, white space; or the line.

    Stops of other scripts need no white space; in Thai and Lao it ends a long row of letters.
    """
    if end == len(line):
        return True
    marks = len(line[:end]) - len(line[:end].rstrip(ENDING))
    if any(c in FACTS["stops"] for c in line[end - marks : end]) and line[end] not in ENDING:
        return True
    last = next((fold(c)[-1] for c in line[end - 1 :: -1] if fold(c)), "")
    if line[end] == " " and is_spaced(last) and is_spaced(fold(line[end + 1 : end + 2])):
        return len(words(line[start:end])) >= 30
    before = line[:end].rstrip(CLOSING)
    return before.endswith((".", "!", "?")) and line[end] in CONTROLS + "\xa0"


def passages(a: list[int], b: list[int], size: int) -> list[tuple[int, int, int]]:
    """Passages (place in a, place in b, length) of b in a, from the left of b, longest first.

    Of equally long ones at one place of b, the one that goes on in a, or else the first in a.
    """
    found, start, expected = [], 0, 0
    while start < len(b):
        length, _, place = max(
            (common_start(a[at:], b[start:]), at == expected, -at) for at in range(len(a) + 1)
        )
        if length < size:
            start += 1
            continue
        found.append((-place, start, length))
        start += length
        expected = length - place
    return found


def common_start(a: list[int], b: list[int]) -> int:
    """How many values at the beginning are the same."""
    same = (x == y for x, y in zip(a, b, strict=False))
    return sum(itertools.takewhile(bool, same))


Heading = list[tuple[int, float]]


def weight_of(heading: Heading, among: set[int]) -> float:
    """The weight of a heading's words that are among some words."""
    return sum(weight for word, weight in heading if word in among)


def share_of(heading: Heading, among: set[int]) -> float:
    """The same, as a share of the heading's weight; 0 without any."""
    total = sum(weight for _, weight in heading)
    return weight_of(heading, among) / total if total else 0.0


def measure(
    texts: tuple[list[int], list[int]],
    size: int,
    headings: tuple[Heading, Heading] = ([], []),
    common: set[int] | frozenset[int] = frozenset(),
    speech: set[int] | frozenset[int] = frozenset(),
) -> tuple[list[int], list[list[float]], list[list[int]]]:
    """What `kernels.measure_passages` gives for one pair of texts with marks."""
    kept = [[(at, v) for at, v in enumerate(t) if not v & FURNITURE] for t in texts]
    long = 0 if len(kept[0]) >= len(kept[1]) else 1
    short = 1 - long
    words = [[v >> 2 for _, v in text] for text in kept]
    covered: list[set[int]] = [set(), set()]
    total, quoted, runs = 0, 0, []
    found = passages(words[long], words[short], size)
    for of_long, of_short, length in found:
        first = {long: of_long, short: of_short}
        parts = [kept[side][first[side] : first[side] + length] for side in range(2)]
        for side in range(2):
            covered[side] |= set(range(first[side], first[side] + length))
        total += length
        quoted += max(sum(v & QUOTED for _, v in part) for part in parts)
        starts, ends = [part[0][0] for part in parts], [part[-1][0] + 1 for part in parts]
        runs.append([*starts, *ends, length])
    opening = sum(word in words[short][:8] for word in words[long][:8])
    between = words_between(found, len(words[long]), len(words[short]))
    rare = [{word for word in text if word not in common} for text in words]
    is_formulaic = 0 < total < 25 * len(found) and between > 0
    of_rare = [len(rare[0] & rare[1]), min(map(len, rare))] if is_formulaic else [0, 0]
    jumps = sum(b[0] < a[0] for a, b in itertools.pairwise(found))
    attributed = sum(
        length
        for of_long, of_short, length in found
        if is_attributed(words[long], covered[long], of_long, length, speech)
        and is_attributed(words[short], covered[short], of_short, length, speech)
    )
    is_same = len(found) == 1 and 4 * total >= 3 * len(words[long])
    titles: list[list[float]] = [[0, 0, 0], [0, 0, 0]] if is_same else []
    for side in range(0 if is_same else 2):  # of one text version nobody asks for titles
        inside = {words[side][at] for at in covered[side]}
        of_other = {w for at, w in enumerate(words[1 - side]) if at not in covered[1 - side]}
        only_outside = set(words[side]) - inside
        heading = headings[side]
        titles.append(
            [
                weight_of(heading, inside),
                weight_of(heading, only_outside),
                share_of(heading, of_other),
            ]
        )
    counts = [len(words[0]), len(words[1]), len(covered[0]), len(covered[1])]
    counts += [total, quoted, len(found), opening, between, *of_rare, jumps, attributed]
    return counts, titles, runs


def words_between(found: list[tuple[int, int, int]], n_long: int, n_short: int) -> int:
    """Words of the shorter text between passages, or in place of words of the longer one.

    Stretches of over 60 words are no slots of a form.
    """
    ends = [(0, 0), *((a + n, b + n) for a, b, n in found)]
    starts = [*((a, b) for a, b, _ in found), (n_long, n_short)]
    gaps = [(a - a0, b - b0) for (a, b), (a0, b0) in zip(starts, ends, strict=True)]
    inside = sum(b for _, b in gaps[1:-1] if b <= 60)
    replaced = sum(min(a, b) for a, b in gaps if 0 < a <= 60 and 0 < b <= 60)
    return max(inside, replaced)


def is_attributed(
    words: list[int], covered: set[int], start: int, length: int, speech: set[int] | frozenset[int]
) -> bool:
    """Say whether a word of speech, not shared, is among the 8 before or behind a passage."""
    beside = [*range(start - 8, start), *range(start + length, start + length + 8)]
    return any(words[at] in speech for at in beside if 0 <= at < len(words) and at not in covered)


Block = tuple[list[int], bool, bool]


def found_in_blocks(page: list[list[int]], heading: list[int]) -> list[int]:
    """For each block (token values), a bit for each word of the heading that stands in it."""
    return [
        sum(1 << k for k, word in enumerate(heading) if word in {v >> 2 for v in block})
        for block in page
    ]


def compare_pages(
    pages: tuple[list[Block], list[Block]], headings: tuple[Heading, Heading]
) -> list[list[float]]:
    """What `kernels.compare_pages` gives for two pages.

    A page is a list of blocks: token values, whether it is a sentence, whether it is listed.
    """
    words = [[tuple(v >> 2 for v in block) for block, *_ in page] for page in pages]
    rows = []
    for side in range(2):
        is_shared = [block in words[1 - side] for block in words[side]]
        prose = [
            (len(block), shared)
            for (block, is_sentence, is_listed), shared in zip(pages[side], is_shared, strict=True)
            if is_sentence and not is_listed and len(block) >= 5
        ]
        is_prose = [s and not listed and len(block) >= 5 for block, s, listed in pages[side]]
        told = zip(words[side], is_shared, is_prose, strict=True)
        inside = {w for block, shared, prose in told if shared and prose for w in block}
        own = zip(words[side], is_shared, strict=True)
        outside = {w for block, shared in own if not shared for w in block} - inside
        own_of_other = {w for b in words[1 - side] for w in b if b not in words[side]}
        heading = headings[side]
        rows.append(
            [
                sum(n for n, shared in prose if shared),
                sum(n for n, shared in prose if not shared),
                place_of_shared(prose),
                weight_of(heading, inside),
                weight_of(heading, outside),
                share_of(heading, own_of_other),
            ]
        )
        if rows[-1][0] == 0:  # no sentence is shared, and nobody asks for the last
            rows[-1][5] = 0.0
    return rows


def place_of_shared(prose: list[tuple[int, bool]]) -> float:
    """1 for a report amid a page, -1 for furniture behind its own text, -0.6 for around it."""
    runs = [
        (shared, sum(n for n, _ in group))
        for shared, group in itertools.groupby(prose, key=lambda block: block[1])
    ]
    total = {kind: sum(n for shared, n in runs if shared == kind) for kind in (True, False)}
    longest = {kind: max((n for s, n in runs if s == kind), default=0) for kind in (True, False)}
    if total[False] < 15 or total[True] == 0:
        return 0.0
    before = 0 if runs[0][0] else runs[0][1]
    after = 0 if runs[-1][0] else runs[-1][1]
    if before >= 15 and after >= 15 and longest[True] >= 0.8 * total[True]:
        return 1.0
    if longest[False] >= 0.8 * total[False] and after < 15:
        return -1.0 if before < 15 else -0.6
    return 0.0


def prose_hash(blocks: list[tuple[int, bool]]) -> int:
    """Hash the sentences among blocks (hash, is it a sentence) in their order."""
    sentences = [h for h, is_sentence in blocks if is_sentence]
    return sum(h * (2 * i + 1) for i, h in enumerate(sentences)) & MASK


def share_elsewhere(a: set[int], b: set[int], others: list[set[int]]) -> float:
    """The share of what two sets have in common that others have too."""
    return len(a & b & set().union(*others)) / len(a & b) if a & b else 0.0


def sharing_pairs(
    prints: list[list[int]], most: int, most_pages: int, least: list[int], share: float
) -> tuple[set[tuple[int, int]], int]:
    """Pairs of texts with enough distinct prints in common, and how many prints are crowded.

    A crowded print counts between a text that has it and the next four that do, and between four
    of them, spread evenly, and all others. Odd prints, which are of page furniture, count between
    `most_pages` texts at most.
    """
    holders = {
        value: [text for text, values in enumerate(prints) if value in values]
        for value in set().union(*prints)
    }
    counts: dict[tuple[int, int], int] = {}
    for value, texts in holders.items():
        if value % 2 and len(texts) > most_pages:
            continue
        hubs = range(0, len(texts), (len(texts) + 3) // 4)
        for i, j in itertools.combinations(range(len(texts)), 2):
            if len(texts) <= most or j - i <= 4 or i in hubs or j in hubs:
                pair = texts[i], texts[j]
                counts[pair] = counts.get(pair, 0) + 1
    sizes = [len({value for value in values if value % 2 == 0}) for values in prints]
    pairs = {
        (a, b)
        for (a, b), count in counts.items()
        if count >= min(least[a], least[b]) and count >= share * min(sizes[a], sizes[b])
    }
    return pairs, sum(len(texts) > most for texts in holders.values())


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


def stories(anchor: list[int], pairs: dict[tuple[int, int], float]) -> list[int]:
    """Clusters tied to stories: stars of clusters, the largest first.

    A cluster belongs to another's story when a text of it tells one story with the other's anchor;
    the strongest such pair counts.
    """
    sizes = {a: anchor.count(a) for a in sorted(set(anchor))}
    covers: dict[int, dict[int, float]] = {a: {} for a in sizes}
    for (x, y), s in pairs.items():
        for hub, member in ((x, anchor[y]), (y, anchor[x])):
            if anchor[hub] == hub and member != hub:
                covers[hub][member] = max(s, covers[hub].get(member, 0.0))
    reach = {a: sum(sizes[b] for b in covers[a]) for a in sizes}
    hubs: list[int] = []
    for a in sorted(sizes, key=lambda a: (-sizes[a], -reach[a], a)):
        if not any(a in covers[hub] for hub in hubs):
            hubs.append(a)
    of_cluster = {
        a: a
        if a in hubs
        else min((hub for hub in hubs if a in covers[hub]), key=lambda hub: (-covers[hub][a], hub))
        for a in sizes
    }
    return [of_cluster[a] for a in anchor]
