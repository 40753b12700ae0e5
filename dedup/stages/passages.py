"""The passages that the texts of pairs share, and what can be counted of them."""

from __future__ import annotations

import json
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from dedup import kernels
from dedup.stages import evidence
from dedup.text import tokenizer, weights

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.records import Offsets, Pairs, TokenValues
    from dedup.stages.headings import Headings

    Floats = npt.NDArray[np.float64]
    Rows = npt.NDArray[np.int64]

SHORTEST = 5
"""Words of the shortest passage."""

_PAIRS_PER_TASK = 1_000


@dataclass(frozen=True, slots=True)
class Shared:
    """What the texts of n pairs share, in words outside furniture.

    Attributes:
        titles: For each text (shape (n, 2, 3)) the weight of its heading's words that stand in
            passages, the weight of those that stand elsewhere in it only, and the share of the
            weight of all whose words stand in what the other text has of its own.
        words_a: Words of the first text of each pair.
        words_b: Words of the second.
        covered_a: Words of the first text that stand in shared passages.
        covered_b: Words of the second.
        total: Words of the passages, one by one.
        quoted: Those of them that stand inside quotation marks in one of the texts.
        passages: How many passages there are.
        opening: How many of the first 8 words of one text are among those of the other.
        between: Words of the shorter text between passages, or in place of other words.
        rare_shared: Distinct rare words that both texts have, counted where passages are short.
        rare: Distinct rare words of the text that has fewer; likewise.
        jumps: Passages that stand before the one before them in the longer text.
        attributed: Words of passages that both texts put into somebody's mouth in other words.
    """

    titles: Floats
    words_a: Rows
    words_b: Rows
    covered_a: Rows
    covered_b: Rows
    total: Rows
    quoted: Rows
    passages: Rows
    opening: Rows
    between: Rows
    rare_shared: Rows
    rare: Rows
    jumps: Rows
    attributed: Rows

    def share_of_longer(self) -> Floats:
        """Share of the longer text's words in passages; of equally long ones, the lower share."""
        return self._share(longer=True)

    def share_of_shorter(self) -> Floats:
        """Share of the shorter text's words in passages; of equally long ones, the higher share."""
        return self._share(longer=False)

    def quoted_share(self) -> Floats:
        """Share of the passages' words that are quoted: inside marks, or attributed by both."""
        share: Floats = np.maximum(self.quoted, self.attributed) / np.maximum(self.total, 1)
        return share

    def words_per_passage(self) -> Floats:
        """Mean length of the passages."""
        mean: Floats = self.total / np.maximum(self.passages, 1)
        return mean

    def title_sides(self) -> Floats:
        """Say where each text's title stands (`evidence.of_titles`), shape (n, 2)."""
        return evidence.of_titles(self.titles[:, :, 0], self.titles[:, :, 1])

    def sides(self) -> Floats:
        """Say for each text how much speaks for what is shared being its report."""
        covered = np.stack((self.covered_a, self.covered_b), axis=1).astype(np.float64)
        words = np.stack((self.words_a, self.words_b), axis=1).astype(np.float64)
        return evidence.of_pages(covered, words - covered, self.title_sides())

    def _share(self, *, longer: bool) -> Floats:
        a = self.covered_a / np.maximum(self.words_a, 1)
        b = self.covered_b / np.maximum(self.words_b, 1)
        of_a = (self.words_a > self.words_b) == longer
        chosen = np.where(of_a, a, b)
        equal = np.minimum(a, b) if longer else np.maximum(a, b)
        share: Floats = np.where(self.words_a == self.words_b, equal, chosen)
        return share


def measure(
    values: TokenValues,
    offsets: Offsets,
    pairs: Pairs,
    headings: Headings,
    executor: Executor | None = None,
) -> Shared:
    """Find the passages that the texts of each pair share, and measure them.

    Args:
        values: Token values of all texts, with their marks.
        offsets: Text i is `values[offsets[i] : offsets[i + 1]]`.
        pairs: Numbers of texts.
        headings: Of the same texts.
        executor: Threads to share the work; the result is the same without.
    """
    measures = np.zeros((len(pairs), kernels.PASSAGE_MEASURES), dtype=np.int64)
    titles = np.zeros((2 * len(pairs), 3))
    lengths = np.diff(offsets)[pairs]
    longer = np.where(lengths[:, 0] >= lengths[:, 1], pairs[:, 0], pairs[:, 1])
    order = np.argsort(longer, kind="stable")  # a text is indexed once for all its pairs
    ordered = pairs[order]

    def count(start: int) -> None:
        part = slice(start, start + _PAIRS_PER_TASK)
        runs = np.empty((0, 5), dtype=np.int32)
        of_part = titles[2 * part.start : 2 * part.stop]
        _fill(values, offsets, ordered[part], headings, measures[part], of_part, runs)

    starts = range(0, len(pairs), _PAIRS_PER_TASK)
    for _ in map(count, starts) if executor is None else executor.map(count, starts):
        pass
    in_order = np.empty_like(measures)
    in_order[order] = measures
    titles_in_order = np.empty((len(pairs), 2, 3))
    titles_in_order[order] = titles.reshape(-1, 2, 3)
    return Shared(titles_in_order, *in_order.T)


def measure_one(
    values: TokenValues, offsets: Offsets, pair: Pairs, headings: Headings
) -> tuple[Shared, npt.NDArray[np.int32]]:
    """Measure one pair, and give its passages.

    Args:
        values: See `measure`; `offsets`, `headings` likewise.
        offsets: See `values`.
        pair: Numbers of two texts, shape (1, 2).
        headings: See `values`.

    Returns:
        The measures, and a row for each passage: where it starts in the first and in the second
        text, where it ends in them (in tokens, furniture counted), and its words.
    """
    measures = np.zeros((1, kernels.PASSAGE_MEASURES), dtype=np.int64)
    titles = np.zeros((2, 3))
    longest = int(np.diff(offsets)[pair].max(initial=0))
    runs = np.empty((longest // SHORTEST + 1, 5), dtype=np.int32)
    n = _fill(values, offsets, pair, headings, measures, titles, runs)
    return Shared(titles.reshape(1, 2, 3), *measures.T), runs[:n]


def _fill(
    values: TokenValues,
    offsets: Offsets,
    pairs: Pairs,
    headings: Headings,
    measures: Rows,
    titles: Floats,
    runs: npt.NDArray[np.int32],
) -> int:
    """Fill in the measures of some pairs, and the last one's passages; return how many it has."""
    n: int = kernels.measure_passages(
        values,
        offsets,
        pairs,
        SHORTEST,
        kernels.FURNITURE,
        headings.words,
        headings.weights,
        headings.offsets,
        weights.common_words(),
        _speech(),
        measures,
        titles,
        runs,
    )
    return n


@cache
def _speech() -> npt.NDArray[np.uint64]:
    """Give the hashes of the words that say whose words stand beside them."""
    stored = resources.files("dedup.data").joinpath("speech.json").read_text(encoding="utf-8")
    words = sorted({word for words in json.loads(stored)["words"].values() for word in words})
    tokens = tokenizer.tokenise(pa.array(words, pa.large_string()))
    return np.unique(tokens.values >> np.uint32(2)).astype(np.uint64)
