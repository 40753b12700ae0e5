"""Makes articles for tests: seeded pseudo-news with copies, chains and templates."""

from __future__ import annotations

import random

WORDS = [a + b + c for a in ("ka", "lo", "mi", "ter", "sun") for b in ("ra", "ven", "dol", "pi")
         for c in ("", "n", "st", "ki", "mar", "os")]  # fmt: skip


def words(n: int, seed: int) -> list[str]:
    """Draw n words; different seeds share hardly any run of five."""
    source = random.Random(seed)
    return [source.choice(WORDS) + str(source.randrange(10)) for _ in range(n)]


def text(n: int, seed: int) -> str:
    """Write an article of n words."""
    return " ".join(words(n, seed))


def edited(original: str, share: float, seed: int) -> str:
    """Replace a share of an article's words."""
    source = random.Random(seed)
    return " ".join(
        source.choice(WORDS) + "x" if source.random() < share else word for word in original.split()
    )


def chain(links: int, n: int = 200, step: float = 0.12, seed: int = 1) -> list[str]:
    """Write a chain of articles: each is the one before with a new stretch in place of an old."""
    current = words(n, seed)
    found = []
    width = round(n * step)
    for link in range(links):
        found.append(" ".join(current))
        start = link * width % n
        current = current[:start] + words(width, seed * 1000 + link) + current[start + width :]
        current = current[:n]
    return found


def sentences(n: int, seed: int, length: int = 12) -> list[str]:
    """Write n sentences of `length` words."""
    drawn = words(n * length, seed)
    starts = range(0, n * length, length)
    return [" ".join(drawn[start : start + length]).capitalize() + "." for start in starts]


def report(n: int, seed: int) -> str:
    """Write a report of n sentences in paragraphs of three."""
    written = sentences(n, seed)
    return "\n".join(" ".join(written[start : start + 3]) for start in range(0, n, 3))


def subject(seed: int) -> str:
    """Name what a report is about: words that no other report has."""
    return f"Varo{seed} elimar{seed} against toruk{seed}"


def titled(n: int, seed: int) -> tuple[str, str]:
    """Write a title, and a report of n sentences whose first has the words of the title."""
    return subject(seed), f"{subject(seed)} {report(n, seed).lower()}"
