"""Sentences as an alignment compares them, and the pieces of their words."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.kernels.characters import CLASS, LETTER, TOKEN
from dedup.kernels.compiling import kernel
from dedup.kernels.hashing import S32, chain

if TYPE_CHECKING:
    from dedup.kernels.arrays import F64, I32, U32, Bools, Out, Rows

RUN = 3
"""Words of a run; `Sentences.runs` are runs of so many."""

_GRAM = 4


class Terms(NamedTuple):
    """Where each of some values stands in a text.

    Attributes:
        values: Distinct, sorted.
        codes: Place in `values` of each occurrence, in order of the text.
        starts: Value v stands at `places[starts[v] : starts[v + 1]]`.
        places: Sorted for each value, no repeats: sentences, or words of the text.
    """

    values: U32
    codes: I32
    starts: I32
    places: I32


class Sentences(NamedTuple):
    """A text as the alignment compares it.

    Attributes:
        bounds: Words of sentence i are `words.codes[bounds[i] : bounds[i + 1]]`.
        words: Distinct words, and the sentences that hold them.
        runs: Of each word and the `RUN` - 1 after it, and the words where they begin.
        grams: Pieces of words, and the sentences that hold them.
        weights: Of each distinct word.
        is_number: Of each distinct word.
        beside: Sentences that are no part of the report; they are compared with none.
    """

    bounds: I32
    words: Terms
    runs: Terms
    grams: Terms
    weights: F64
    is_number: Bools
    beside: Bools


@kernel
def cut_grams(
    characters: U32, spans: Rows[I32], entries: U32, grams: Out[U32], owners: Out[I32]
) -> int:
    """Cut words into pieces of four folded characters, their ends counted as one.

    Where words are written without spaces, two neighbouring characters make a piece.

    Args:
        characters: Code points of a text.
        spans: Of its tokens, as `locate_tokens` gives them.
        entries: The table of `load_unicode`.
        grams: Gets the hashes; room for one a character and one a token.
        owners: Gets the token that each is from.

    Returns:
        The number of pieces.
    """
    n = 0
    for token in range(len(spans)):
        start, end = spans[token]
        if end == start + 1 and entries[characters[start]] & CLASS == TOKEN:
            h = chain(np.uint64(1), entries[characters[start]] & LETTER)
            behind = token + 1
            if behind < len(spans) and spans[behind, 0] == end:
                h = chain(h, entries[characters[end]] & LETTER)
            grams[n], owners[n] = h >> S32, token
            n += 1
            continue
        for first in range(start - 1, max(end + 2 - _GRAM, start)):
            h = np.uint64(0)
            for at in range(first, min(first + _GRAM, end + 1)):
                inside = start <= at < end
                h = chain(h, entries[characters[at]] & LETTER if inside else np.uint32(0))
            grams[n], owners[n] = h >> S32, token
            n += 1
    return n
