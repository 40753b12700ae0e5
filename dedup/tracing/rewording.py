"""Which texts an article without a source may reword: those with the same rare words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from dedup.kernels import pair_keys
from dedup.text import dates, tokenizer, weights
from dedup.tracing import sources

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.tracing.dump import Dump
    from dedup.tracing.origin import Facts
    from dedup.tracing.sources import Derivation

    Rows = npt.NDArray[np.int64]
    Words = npt.NDArray[np.uint32]

_TOP, _COMMON = 16, 6
"""Weightiest words of a source, and how many of them stand in what may be a rewrite of it."""

_REWORDED = 0.4
"""Share of an article's words in matched sentences that makes it a rewrite."""

_TEXTS_AT_ONCE = 500


class Candidate(NamedTuple):
    """An article without a source, and the texts that it may reword, the likeliest first."""

    row: int
    sources: tuple[int, ...]


class Rewording:
    """Finds the sources that articles reword.

    Args:
        rows: Of the texts that may be reworded.
        dump: All articles.
    """

    def __init__(self, rows: Rows, dump: Dump) -> None:
        self._dump = dump
        words, counts = [np.empty(0, dtype=np.uint32)], [np.empty(0, dtype=np.int64)]
        for first in range(0, len(rows), _TEXTS_AT_ONCE):
            some = _top_words([dump.text(row) for row in rows[first : first + _TEXTS_AT_ONCE]])
            words += some
            counts.append(np.array([len(top) for top in some], dtype=np.int64))
        held, holders = np.concatenate(words), np.repeat(rows, np.concatenate(counts))
        order = np.argsort(held, kind="stable")
        self._holders = holders[order]
        self._words, starts = np.unique(held[order], return_index=True)
        self._starts = np.append(starts, len(held))
        self._is_near = _low_bits(self._words)

    def candidates(self, rows: Sequence[int]) -> list[Candidate]:
        """Find those of some articles that may reword a source."""
        return list(self._candidates(rows))

    def _candidates(self, rows: Sequence[int]) -> Iterator[Candidate]:
        """Find the texts that share most rare words with each article, and are not from later."""
        dump = self._dump
        texts = [dump.text(row) for row in rows]
        for row, words in zip(rows, self._words_among(texts), strict=True):
            if dump.is_source[row] or len(words) < _COMMON:
                continue
            shared = self._sources_with(words)
            near = [
                source
                for source in shared
                if source != row and _is_before(dump.facts(source), dump.facts(row))
            ]
            if near:
                near.sort(key=lambda at: (-shared[at], *dump.order(at)))
                yield Candidate(row, tuple(near[: sources.MOST]))

    def _sources_with(self, words: Rows) -> dict[int, int]:
        """Give the sources that hold enough of some words, and how many each holds."""
        starts = self._starts[words]
        counts = self._starts[words + 1] - starts
        ends = np.cumsum(counts)
        holders = self._holders[np.arange(ends[-1]) + np.repeat(starts - ends + counts, counts)]
        holders.sort()
        is_enough = holders[_COMMON - 1 :] == holders[: 1 - _COMMON]
        found = np.unique(holders[_COMMON - 1 :][is_enough])
        n = np.searchsorted(holders, found, side="right") - np.searchsorted(holders, found)
        return dict(zip(found.tolist(), n.tolist(), strict=True))

    def _words_among(self, texts: Sequence[str]) -> list[Rows]:
        """Give for each text those of the sources' words that stand in it, as their places."""
        tokens = tokenizer.tokenise(pa.array(texts, pa.large_string()))
        words = weights.words_of(tokens.values)
        at = np.flatnonzero(self._is_near[words & np.uint32(len(self._is_near) - 1)])
        places = np.minimum(np.searchsorted(self._words, words[at]), len(self._words) - 1)
        is_there = self._words[places] == words[at]
        of_text = np.searchsorted(tokens.offsets, at[is_there], side="right") - 1
        keys = np.unique(pair_keys.pack(np.stack((of_text, places[is_there]), axis=1)))
        pairs = pair_keys.unpack(keys)
        bounds = np.searchsorted(pairs[:, 0], np.arange(1, len(texts)))
        return np.split(pairs[:, 1], bounds)


def derive(candidate: Candidate, dump: Dump) -> Derivation | None:
    """Say what an article is if it rewords one of the texts, None if it does not."""
    found = sources.by_alignment(candidate.row, candidate.sources, dump)
    if found is None or found.alignment is None:
        return None
    share = found.alignment.copied_share + found.alignment.rewritten_share
    return found if share >= _REWORDED else None


def _low_bits(words: Words) -> npt.NDArray[np.bool_]:
    """Mark the low bits of words, by which most others are told apart fast."""
    marked = np.zeros(1 << 20, dtype=np.bool_)
    marked[words & np.uint32(len(marked) - 1)] = True
    return marked


def _top_words(texts: Iterable[str]) -> list[Words]:
    """Give the weightiest words of each text: often there, and rare in the news."""
    tokens = tokenizer.tokenise(pa.array(texts, pa.large_string()))
    words = weights.words_of(tokens.values)
    known = weights.background()
    found = []
    for start, end in zip(tokens.offsets[:-1].tolist(), tokens.offsets[1:].tolist(), strict=True):
        distinct, counts = np.unique(words[start:end], return_counts=True)
        worth = known.of(distinct) * np.log1p(counts)
        found.append(distinct[np.lexsort((distinct, -worth))[:_TOP]])
    return found


def _is_before(source: Facts, facts: Facts) -> bool:
    """Say whether a text can be the source of another: it is a wire story, or not from later."""
    if source.is_wire or not source.published or not facts.published:
        return True
    return dates.instant(source.published)[0] <= dates.instant(facts.published)[1]
