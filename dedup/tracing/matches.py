"""Each sentence of an article beside the sentences of its sources: what the nearest one says.

The kernel that lays two texts side by side is `kernels.align_sentences`. Before it, names that the
two spell in different ways are made one: rare words with a capital that only one text has, and a
word that only the other has if rapidfuzz finds them alike (Shevchenko, Chevtchenko; Tin Zaouatine,
Tinzaouaten).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup import kernels

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from dedup.tracing.documents import Document

    Floats = npt.NDArray[np.float64]
    Labels = npt.NDArray[np.int8]
    Rows = npt.NDArray[np.int64]

BESIDE = 3
"""Label of credits and furniture, behind those of `kernels.align_sentences`."""

_AS_NEAR = 1e-9
"""Two sources are equally near if their similarities differ by no more, which is rounding."""

_ALIKE = 82.0
"""Ratio of rapidfuzz, 0 to 100, from which two names are one."""

_MOST_NAMES = 1_000_000
"""Pairs of names to compare; texts with more are directories, whose names are no evidence."""


class Matches(NamedTuple):
    """What the nearest source says of each sentence.

    Attributes:
        labels: Of the kernel, or `BESIDE`.
        source: Its number.
        spans: What it is from, in code points of the source; shape (n, 2).
        similarity: 0 to 1.
        ties: Ids of the other sources with a match as near.
    """

    labels: Labels
    source: Rows
    spans: Rows
    similarity: Floats
    ties: list[tuple[str, ...]]

    def is_derived(self) -> npt.NDArray[np.bool_]:
        """Say which sentences are copied or rewritten."""
        return self.labels < kernels.ADDED


def match(local: Document, sources: Sequence[Document]) -> Matches:
    """Find the nearest source of each sentence, the first of equals."""
    n = len(local.spans)
    labels = np.empty((len(sources), n), dtype=np.int8)
    best = np.empty((len(sources), n, 2), dtype=np.int32)
    similarity = np.empty((len(sources), n))
    for k, source in enumerate(sources):
        kernels.align_sentences(
            local.sentences,
            source.sentences,
            _same_names(local, source),
            labels[k],
            best[k],
            similarity[k],
        )
    nearest = (similarity + (labels < kernels.ADDED)).argmax(axis=0)
    each = np.arange(n)
    chosen = np.where(local.sentences.beside, BESIDE, labels[nearest, each])
    spans = np.full((n, 2), -1, dtype=np.int64)
    for k, source in enumerate(sources):
        of = (nearest == k) & (chosen < kernels.ADDED)
        spans[of] = source.spans[best[k, of], (0, 1)]
    as_near = (similarity >= similarity[nearest, each] - _AS_NEAR) & (labels < kernels.ADDED)
    as_near &= chosen < kernels.ADDED
    as_near[nearest, each] = False
    return Matches(chosen, nearest, spans, similarity[nearest, each], _ties(sources, as_near))


def _ties(sources: Sequence[Document], as_near: npt.NDArray[np.bool_]) -> list[tuple[str, ...]]:
    """Give for each sentence the ids of the sources that are as near as the nearest."""
    if len(sources) == 1:
        return [()] * as_near.shape[1]
    return [
        tuple(source.id for source, is_near in zip(sources, column, strict=True) if is_near)
        for column in as_near.T.tolist()
    ]


def _same_names(local: Document, source: Document) -> npt.NDArray[np.int32]:
    """Find names that only one text has and the other spells otherwise: pairs of their codes."""
    from rapidfuzz import fuzz, process

    ours, theirs = local.names, source.names
    mine = [name for name in ours if name not in theirs]
    others = [name for name in theirs if name not in ours]
    if not mine or not others or len(mine) * len(others) > _MOST_NAMES:  # a directory
        return np.empty((0, 2), dtype=np.int32)
    near = process.cdist(mine, others, scorer=fuzz.ratio, score_cutoff=_ALIKE)
    best = near.argmax(axis=1).tolist()
    return np.array(
        [
            (ours[name], theirs[others[j]])
            for name, j, score in zip(mine, best, near.max(axis=1).tolist(), strict=True)
            if score
        ],
        dtype=np.int32,
    ).reshape(-1, 2)
