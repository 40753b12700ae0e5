"""The stretches of an article that are from one stretch of a source.

Runs of words that both texts have are joined over gaps of up to `_GAP` words in each; what has at
least `_PASSAGE` words in runs is a passage. So are matched sentences outside of these that follow
each other and have twice as many words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.stages import headings, passages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from dedup.tracing.documents import Document
    from dedup.tracing.matches import Matches

    Rows = npt.NDArray[np.int64]

_GAP, _PASSAGE = 40, 20
"""Words between runs of one passage, at most; words of a passage that stand in runs, at least."""

_COVERED, _SHORT = 0.35, 4
"""A matched sentence counts by itself if no more of it stands in passages of words, and if it has
so many words."""

_NEAR = 400
"""Code points between sentences of one passage, at most."""

_LOOK_BACK = 4
"""Passages that a run may go on with: the last ones."""


class AlignedPassage(NamedTuple):
    """Successive sentences of the article from one stretch of a source, as spans in both."""

    start: int
    end: int
    source_id: str
    source_start: int
    source_end: int


def find(local: Document, sources: Sequence[Document], matches: Matches) -> list[AlignedPassage]:
    """Find the passages of an article, in its order."""
    by_words = [passage for source in sources for passage in _of_words(local, source)]
    covered = np.zeros(len(local.text) + 1, dtype=np.int64)
    for passage in by_words:
        covered[passage.start + 1 : passage.end + 1] = 1
    covered = covered.cumsum()  # code points before each
    return sorted([*by_words, *_of_sentences(local, sources, matches, covered)])


def _of_sentences(
    local: Document, sources: Sequence[Document], matches: Matches, covered: Rows
) -> list[AlignedPassage]:
    """Find passages of matched sentences that follow each other outside of passages of words."""
    starts, ends = local.spans.T
    lengths = np.diff(local.sentences.bounds)
    is_open = covered[ends] - covered[starts] <= _COVERED * (ends - starts)
    is_open &= matches.is_derived() & (lengths >= _SHORT)
    passages: list[AlignedPassage] = []
    words: list[int] = []
    for i in np.flatnonzero(is_open).tolist():
        n = int(lengths[i])
        source = sources[matches.source[i]].id
        (start, end), (first, last) = local.spans[i].tolist(), matches.spans[i].tolist()
        here = AlignedPassage(start, end, source, first, last)
        if passages and _goes_on(passages[-1], here, covered):
            before = passages.pop()
            here = here._replace(start=before.start, source_start=before.source_start)
            n += words.pop()
        passages.append(here)
        words.append(n)
    return [passage for passage, n in zip(passages, words, strict=True) if n >= 2 * _PASSAGE]


def _goes_on(last: AlignedPassage, here: AlignedPassage, covered: Rows) -> bool:
    """Say whether a sentence goes on where a passage ended, in both texts."""
    return (
        last.source_id == here.source_id
        and bool(covered[last.end] == covered[here.start])
        and here.start - last.end < _NEAR
        and 0 <= here.source_start - last.source_end < _NEAR
    )


class _Run(NamedTuple):
    """Words that both texts have, or a passage of several such runs; places of words.

    Attributes:
        start: First word in the article; the next three are the word behind, and both in the
            source.
        end: See `start`.
        first: See `start`.
        last: See `start`.
        words: How many are the same.
    """

    start: int
    end: int
    first: int
    last: int
    words: int

    def with_run(self, other: _Run) -> _Run:
        """Make it reach as far as another that begins in it or soon behind it."""
        end, last = max(self.end, other.end), max(self.last, other.last)
        return _Run(self.start, end, self.first, last, self.words + other.words)


def _of_words(local: Document, source: Document) -> Iterator[AlignedPassage]:
    """Give the passages of at least `_PASSAGE` words that stand word for word in a source."""
    values = np.concatenate((local.words, source.words)) << np.uint32(2)
    offsets = np.array([0, len(local.words), len(values)], dtype=np.int64)
    _, runs = passages.measure_one(
        values, offsets, np.array([[0, 1]], dtype=np.int64), headings.none(2)
    )
    joined = _join(
        _Run(start, end, first, last, words)
        for start, first, end, last, words in sorted(runs.tolist())
    )
    for run in _apart([run for run in joined if run.words >= _PASSAGE]):
        if run.start < run.end:
            yield AlignedPassage(
                int(local.word_spans[run.start, 0]),
                int(local.word_spans[run.end - 1, 1]),
                source.id,
                int(source.word_spans[run.first, 0]),
                int(source.word_spans[run.last - 1, 1]),
            )


def _join(runs: Iterator[_Run]) -> list[_Run]:
    """Join runs over short gaps; they come in the order of the article."""
    joined: list[_Run] = []
    for run in runs:
        for k in range(max(len(joined) - _LOOK_BACK, 0), len(joined)):
            is_near = joined[k].start <= run.start <= joined[k].end + _GAP
            goes_on = joined[k].last - passages.SHORTEST <= run.first <= joined[k].last + _GAP
            if is_near and goes_on:
                joined[k] = joined[k].with_run(run)
                break
        else:
            joined.append(run)
    return joined


def _apart(passages: list[_Run]) -> list[_Run]:
    """Join passages that overlap in both texts; cut others that overlap in the article."""
    apart: list[_Run] = []
    for here in sorted(passages):
        before = apart[-1] if apart else None
        if before is None or here.start >= before.end:
            apart.append(here)
        elif before.first <= here.first <= before.last:
            apart[-1] = before.with_run(here)
        elif here.end > before.end:
            first = here.first + before.end - here.start
            if here.last > first:
                apart.append(here._replace(start=before.end, first=first))
    return apart
