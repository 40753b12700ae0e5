"""What a word weighs: rare ones tell more (inverse document frequency).

The table in the package was counted in English news (`tools/build_weights.py`). Words that say
the same in two forms (numbers in words and digits, short weekdays, British spellings) count as one.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from dedup.text import tokenizer

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.records import TokenValues

    Words = npt.NDArray[np.uint32]
    Floats = npt.NDArray[np.float64]

_RARE = 5.5
"""From this inverse document frequency on a word is rare: a name, a figure, a special term."""

_LEAST = 0.05
"""Least weight, of words that stand in nearly every article."""


class Weights(NamedTuple):
    """Inverse document frequencies.

    Attributes:
        words: Hashes of words, sorted.
        idf: Of each.
        unseen: Of a word that is not there.
    """

    words: Words
    idf: Floats
    unseen: float

    def of(self, words: Words) -> Floats:
        """Give the weight of each word."""
        if len(self.words) == 0:
            return np.full(len(words), self.unseen)
        place = np.minimum(np.searchsorted(self.words, words), len(self.words) - 1)
        known = self.words[place] == words
        weights: Floats = np.maximum(np.where(known, self.idf[place], self.unseen), _LEAST)
        return weights


@cache
def background() -> Weights:
    """Load the table that was counted in English news."""
    with (
        resources.files("dedup.data").joinpath("weights.npz").open("rb") as file,
        np.load(file, allow_pickle=False) as stored,
    ):
        idf = stored["idf"].astype(np.float64)
        return Weights(stored["words"], idf, float(stored["unseen"][0]))


@cache
def common_words() -> npt.NDArray[np.uint64]:
    """Give the words that stand in more than one of 250 articles."""
    known = background()
    return known.words[known.idf < _RARE].astype(np.uint64)


def words_of(tokens: TokenValues) -> Words:
    """Give the hash of each token, without its marks; equivalent words have one hash."""
    forms, first = _equivalents()
    words = tokens >> np.uint32(2)
    place = np.minimum(np.searchsorted(forms, words), len(forms) - 1)
    found: Words = np.where(forms[place] == words, first[place], words)
    return found


@cache
def number_words() -> Words:
    """Give the hashes of the numbers that have a form in words."""
    stored = resources.files("dedup.data").joinpath("equivalents.json").read_text(encoding="utf-8")
    digits = [group[0] for group in json.loads(stored)["groups"] if group[0].isdigit()]
    tokens = tokenizer.tokenise(pa.array([" ".join(digits)], pa.large_string()))
    words: Words = tokens.values >> np.uint32(2)
    return words


@cache
def _equivalents() -> tuple[Words, Words]:
    """Give other forms of words, sorted, and the form each counts as."""
    stored = resources.files("dedup.data").joinpath("equivalents.json").read_text(encoding="utf-8")
    pairs = [(form, group[0]) for group in json.loads(stored)["groups"] for form in group[1:]]
    hashes = [
        tokenizer.tokenise(pa.array([" ".join(column)], pa.large_string())).values >> np.uint32(2)
        for column in zip(*pairs, strict=True)
    ]
    forms, place = np.unique(hashes[0], return_index=True)
    return forms, hashes[1][place]
