"""What each page says it is about: the telling words of its title and of its address.

A report's rare words stand in its headline and in the last parts of its URL; page furniture has
neither. Words are weighed by their rarity in the language (`text.weights`) and among the distinct
titles of the pile, so that the name of the paper in every title says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup import kernels
from dedup.text import tokenizer, weights

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.records import Offsets
    from dedup.text.tokenizer import Tokens

_COMMON = 4.0
"""Words of a lower inverse document frequency (in more than 1 of 55 articles) tell nothing."""

_STUB, _TELLING = 80, 0.35
"""Most words of what stands in place of an article; least weight of a title that tells."""

_HOSTS = r"[a-z][a-z0-9+.-]*:/*[^/]*|^//[^/]*|[?#].*$|\.[a-z0-9]{2,5}$"
"""What is no part of a slug: scheme and host, of an address within the address too; the query."""


@dataclass(frozen=True, slots=True)
class Headings:
    """The telling words of n pages' titles and addresses.

    Attributes:
        words: 30-bit hashes, distinct for each page, the weightiest first.
        weights: Of each word, above 0 and at most 1.
        offsets: Words of page i are those from `offsets[i]` to `offsets[i + 1]`; length n + 1.
        keys: A hash of each title as a whole, 0 where there is none.
        untold: 1 if the page is short and has no word of its title, so that it may stand in place
            of an article; 2 if the title tells enough to be sure; else 0. See `mark_untold`.
    """

    words: npt.NDArray[np.uint32]
    weights: npt.NDArray[np.float64]
    offsets: Offsets
    keys: npt.NDArray[np.uint64]
    untold: npt.NDArray[np.int8]


class Titles(NamedTuple):
    """In how many titles words stand.

    Attributes:
        words: 30-bit hashes, ascending; words of one title may be missing.
        counts: Distinct titles with each.
        total: Distinct titles there are.
    """

    words: npt.NDArray[np.uint32]
    counts: npt.NDArray[np.uint32]
    total: int

    def rarity(self, words: npt.NDArray[np.uint32]) -> npt.NDArray[np.float64]:
        """Say how rare words are among the titles: 1 in one of them, near 0 in all."""
        counts = np.ones(len(words))
        if len(self.words):
            place = np.minimum(np.searchsorted(self.words, words), len(self.words) - 1)
            counts = np.where(self.words[place] == words, self.counts[place], 1)
        found: npt.NDArray[np.float64] = 1 - np.log(counts) / np.log(self.total + 1)
        return found

    def to_bytes(self) -> bytes:
        """Pack what is needed to know the rarity of every word."""
        often = self.counts > 1
        total = np.array([self.total], dtype="<u4")
        parts = (total, self.words[often].astype("<u4"), self.counts[often].astype("<u4"))
        return np.concatenate(parts).tobytes()


def titles_from_bytes(packed: bytes) -> Titles:
    """Undo `Titles.to_bytes`."""
    values = np.frombuffer(packed, dtype="<u4").astype(np.uint32)
    words, counts = values[1:].reshape(2, -1)
    return Titles(words, counts, int(values[0]))


def none(n: int) -> Headings:
    """Give n pages without title and address."""
    return Headings(
        np.empty(0, dtype=np.uint32),
        np.empty(0, dtype=np.float64),
        np.zeros(n + 1, dtype=np.int64),
        np.zeros(n, dtype=np.uint64),
        np.zeros(n, dtype=np.int8),
    )


def read(
    titles: pa.Array | pa.ChunkedArray,
    urls: pa.Array | pa.ChunkedArray,
    known: Titles | None = None,
) -> Headings:
    """Read what pages say they are about.

    Args:
        titles: Of each page, "" where unknown.
        urls: The same.
        known: The titles of a whole pile that these pages are part of; by default they are all.
    """
    said = _read(titles, urls)
    n = len(said.keys)
    weight = _weigh(said.words, known or _count(said))
    kept = weight > 0
    pages, words, weight = said.pages[kept], said.words[kept], weight[kept]
    order = np.lexsort((words, -weight, pages))
    pages, words, weight = pages[order], words[order], weight[order]
    place = np.arange(len(pages)) - np.searchsorted(pages, pages)
    kept = place < kernels.MOST_WORDS
    counts = np.bincount(pages[kept], minlength=n)
    offsets = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(counts)))
    return Headings(words[kept], weight[kept], offsets, said.keys, np.zeros(n, np.int8))


def count(titles: pa.Array | pa.ChunkedArray, urls: pa.Array | pa.ChunkedArray) -> Titles:
    """Count in how many titles of a pile each word stands; arguments as for `read`."""
    return _count(_read(titles, urls))


class _Said(NamedTuple):
    """Distinct words of each page's title and address, by page; and a hash of each title."""

    pages: npt.NDArray[np.int64]
    words: npt.NDArray[np.uint32]
    keys: npt.NDArray[np.uint64]


def _read(titles: pa.Array | pa.ChunkedArray, urls: pa.Array | pa.ChunkedArray) -> _Said:
    """Read the words of titles and addresses."""
    slugs = pc.replace_substring_regex(pc.utf8_lower(urls), _HOSTS, " ")
    both = [_words(titles), _words(slugs)]
    n = len(both[0][1]) - 1
    pages = np.concatenate([np.repeat(np.arange(n), np.diff(offsets)) for _, offsets, _ in both])
    words = np.concatenate([values for values, _, _ in both])
    order = np.lexsort((words, pages))
    pages, words = pages[order], words[order]
    fresh = np.ones(len(words), dtype=np.bool_)
    fresh[1:] = (pages[1:] != pages[:-1]) | (words[1:] != words[:-1])
    return _Said(pages[fresh], words[fresh], both[0][2])


def _count(said: _Said) -> Titles:
    """Count the distinct titles, and those with each word."""
    n = len(said.keys)
    named = np.where(said.keys == 0, np.arange(1, n + 1, dtype=np.uint64), said.keys)
    titles, of_page = np.unique(named, return_inverse=True)
    words, place = np.unique(said.words, return_inverse=True)
    of_title = np.unique(of_page[said.pages] * max(1, len(words)) + place)
    counts = np.bincount(of_title % max(1, len(words)), minlength=len(words))
    return Titles(words, counts.astype(np.uint32), len(titles))


def take(headings: Headings, rows: npt.NDArray[np.int64]) -> Headings:
    """Give the headings of some pages."""
    starts, ends = headings.offsets[rows], headings.offsets[rows + 1]
    ranges = [np.arange(start, end) for start, end in zip(starts, ends, strict=True)]
    places = np.concatenate(ranges)
    return Headings(
        headings.words[places],
        headings.weights[places],
        np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(ends - starts))),
        headings.keys[rows],
        headings.untold[rows],
    )


def find(headings: Headings, tokens: Tokens) -> npt.NDArray[np.uint32]:
    """Say for each block which words of its page's heading stand in it: a bit each."""
    blocks = tokens.blocks
    found = np.empty(len(blocks.hashes), dtype=np.uint32)
    kernels.find_headings(
        tokens.values,
        tokens.offsets,
        blocks.offsets,
        blocks.ends,
        headings.words,
        headings.offsets,
        found,
    )
    return found


def mark_untold(headings: Headings, tokens: Tokens, found: npt.NDArray[np.uint32]) -> Headings:
    """Say which pages may hold no article: they are short, and have no word of their title."""
    n = len(tokens)
    offsets = tokens.blocks.offsets
    any_word = np.zeros(n, dtype=np.bool_)
    has_block = offsets[1:] > offsets[:-1]
    starts = offsets[:-1][has_block]
    if len(starts):
        any_word[has_block] = np.bitwise_or.reduceat(found, starts) > 0
    before = np.concatenate(([0.0], np.cumsum(headings.weights, dtype=np.float64)))
    said = before[headings.offsets[1:]] - before[headings.offsets[:-1]]
    may_be = (np.diff(tokens.offsets) <= _STUB) & ~any_word & (headings.keys != 0)
    untold = np.where(may_be, np.where(said >= _TELLING, 2, 1), 0).astype(np.int8)
    return replace(headings, untold=untold)


def _words(
    texts: pa.Array | pa.ChunkedArray,
) -> tuple[npt.NDArray[np.uint32], Offsets, npt.NDArray[np.uint64]]:
    """Cut short texts into words; hash each as a whole, 0 without a word."""
    tokens = tokenizer.tokenise(texts)
    blocks = tokens.blocks
    keys = np.empty(len(tokens), dtype=np.uint64)
    kernels.hash_pages(blocks.hashes, blocks.marks, blocks.offsets, keys)
    return tokens.values >> np.uint32(2), tokens.offsets, keys


def _weigh(words: npt.NDArray[np.uint32], titles: Titles) -> npt.NDArray[np.float64]:
    """Weigh words by their rarity in the language and among the distinct titles."""
    if len(words) == 0:
        return np.zeros(0)
    known = weights.background()
    idf = np.clip((known.of(words) - _COMMON) / (known.unseen - _COMMON), 0, 1)
    found: npt.NDArray[np.float64] = np.sqrt(idf) * titles.rarity(words)
    return found
