"""Texts made ready to be aligned: cut into sentences and words, the words indexed and weighed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from dedup import kernels
from dedup.errors import InputError
from dedup.records import Article, without_surrogates
from dedup.stages import furniture
from dedup.text import sentences, tokenizer, weights
from dedup.tracing import credit_lines

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.text.tokenizer import Blocks
    from dedup.text.weights import Weights

    Rows = npt.NDArray[np.int64]

_LONGEST = 150
"""Words of a sentence; text without any stop is cut into pieces of so many."""
_OWN_RIGHTS = re.compile(r"^\W{0,3}(?:copyright\b|©|\(c\)).{0,300}$", re.IGNORECASE | re.MULTILINE)
"""Lines of rights; those that name an agency are credits before they are furniture."""
_MOSTLY = 0.6
"""A sentence is a credit or furniture if more than this share of it is."""

_RARE, _SHORT = 4.0, 4
"""Weight and length from which a word with a capital is looked at as a name: rarer than one article
in fifty, four code points."""

_MIX = np.uint64(0x9E3779B97F4A7C15)
"""The golden ratio in 64 bits, an odd number whose multiples spread well (Knuth, TAOCP 3, 6.4)."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text made ready to be aligned; make it once for many pairs.

    Attributes:
        id: Of the source in results.
        text: As it came in.
        spans: Of its sentences, in code points, shape (n, 2).
        words: Hash of each word.
        word_spans: Of each word, in code points.
        beside: "credit", "furniture" or "" for each sentence.
        names: Rare words with a capital, also joined to the one before, and their codes.
        sentences: What the kernel compares.
    """

    id: str
    text: str
    spans: Rows
    words: npt.NDArray[np.uint32]
    word_spans: npt.NDArray[np.int32]
    beside: tuple[str, ...]
    names: Mapping[str, int]
    sentences: kernels.Sentences


def prepare(
    value: str | Article,
    name: str = "",
    known: Weights | None = None,
    outside: Sequence[tuple[int, int]] = (),
) -> Document:
    """Cut a text into sentences and words, and weigh the words.

    Args:
        value: The text, or an article.
        name: Id of a plain text; an article has its own.
        known: Weights of words; those of English news if not given.
        outside: Stretches known to be page furniture, in code points.
    """
    if isinstance(value, Article):
        name, value = value.id, value.text
    if not isinstance(value, str):
        raise InputError(f"cannot align a {type(value).__name__}; give a str or a dedup.Article")
    value = without_surrogates(value)
    tokens = tokenizer.tokenise(pa.array([value], pa.large_string()), furniture.line_list())
    word_spans = tokenizer.token_spans(value)
    spans = np.array(list(_pieces(value, word_spans)), dtype=np.int64).reshape(-1, 2)
    cut = _Cut(value, spans, weights.words_of(tokens.values), word_spans)
    beside = tuple(_beside(cut, tokens.blocks, outside))
    compared = _sentences(cut, beside, known or weights.background())
    return Document(
        id=name,
        text=value,
        spans=spans,
        words=cut.words,
        word_spans=word_spans,
        beside=beside,
        names=_names(cut, compared),
        sentences=compared,
    )


class _Cut(NamedTuple):
    """A text cut into sentences and words; see `Document`."""

    text: str
    spans: Rows
    words: npt.NDArray[np.uint32]
    word_spans: npt.NDArray[np.int32]

    def bounds(self) -> Rows:
        """Give the first word of each sentence, and the number of words."""
        firsts = np.searchsorted(self.word_spans[:, 0], self.spans[:, 0])
        return np.append(firsts, len(self.words))


def _sentences(cut: _Cut, beside: tuple[str, ...], known: Weights) -> kernels.Sentences:
    """Index the words, runs of words and pieces of words of a text."""
    is_beside = np.array([bool(kind) for kind in beside], dtype=np.bool_)
    bounds = cut.bounds().astype(np.int32)
    holders = np.repeat(np.where(is_beside, -1, np.arange(len(cut.spans))), np.diff(bounds))
    characters = np.frombuffer(cut.text.encode("utf-32-le"), dtype=np.uint32)
    grams = np.empty(len(characters) + len(cut.words), dtype=np.uint32)
    owners = np.empty(len(grams), dtype=np.int32)
    n = kernels.cut_grams(characters, cut.word_spans, kernels.load_unicode()[0], grams, owners)
    runs = _runs(cut.words)
    by_word = _terms(cut.words, holders)
    return kernels.Sentences(
        bounds=bounds,
        words=by_word,
        runs=_terms(runs, np.arange(len(runs))),
        grams=_terms(grams[:n], holders[owners[:n]]),
        weights=known.of(by_word.values),
        is_number=_are_numbers(cut, by_word),
        beside=is_beside,
    )


def _runs(words: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Hash each run of `kernels.RUN` words."""
    runs = words[: max(len(words) - kernels.RUN + 1, 0)].astype(np.uint64)
    for k in range(1, kernels.RUN):
        runs = (runs * _MIX) ^ words[k : len(runs) + k]
    return (runs * _MIX >> np.uint64(32)).astype(np.uint32)


def _terms(values: npt.NDArray[np.uint32], owners: Rows) -> kernels.Terms:
    """Index where values stand; those of owner -1 stand nowhere."""
    order = values.astype(np.uint64) << np.uint64(32) | np.arange(len(values), dtype=np.uint64)
    order.sort()
    by_value = (order >> np.uint64(32)).astype(np.uint32)
    occurrence = (order & np.uint64(0xFFFFFFFF)).astype(np.int64)
    is_first = np.append(True, by_value[1:] != by_value[:-1])[: len(values)]
    rank = np.cumsum(is_first) - 1
    codes = np.empty(len(values), dtype=np.int32)
    codes[occurrence] = rank
    of = owners[occurrence]
    is_new = is_first | np.append(True, of[1:] != of[:-1])[: len(values)]
    is_new &= of >= 0
    distinct = by_value[is_first]
    starts = np.zeros(len(distinct) + 1, dtype=np.int32)
    np.cumsum(np.bincount(rank[is_new], minlength=len(distinct)), out=starts[1:])
    return kernels.Terms(distinct, codes, starts, of[is_new].astype(np.int32))


def _pieces(value: str, places: npt.NDArray[np.int32]) -> Iterator[tuple[int, int]]:
    """Give the sentences, those of more than `_LONGEST` words in pieces: their cost is squared."""
    for start, end in sentences.split(value):
        first, last = np.searchsorted(places[:, 0], (start, end)).tolist()
        for word in range(first + _LONGEST, last, _LONGEST):
            at = word
            while at < last and places[at, 0] < places[at - 1, 1]:  # one character, several words
                at += 1
            if at < last and start < places[at, 0]:
                yield start, int(places[at, 0])
                start = int(places[at, 0])
        yield start, end


def _names(cut: _Cut, compared: kernels.Sentences) -> dict[str, int]:
    """Find rare words with a capital, as they are and as one with the word before."""
    text, places = cut.text, cut.word_spans
    codes = compared.words.codes
    is_rare = compared.weights[codes] >= _RARE
    is_rare &= places[:, 1] - places[:, 0] >= _SHORT
    names: dict[str, int] = {}
    for k in np.flatnonzero(is_rare).tolist():
        start, end = places[k].tolist()
        if not text[start].isupper():
            continue
        name, code = text[start:end].casefold(), int(codes[k])
        names[name] = code
        if k and start - places[k - 1, 1] == 1:
            names[text[places[k - 1, 0] : start - 1].casefold() + name] = code
    return names


def _are_numbers(cut: _Cut, by_word: kernels.Terms) -> npt.NDArray[np.bool_]:
    """Say which distinct words are numbers; those in words are equivalent to digits."""
    are_numbers = np.isin(by_word.values, weights.number_words())
    starts = cut.word_spans[:, 0].tolist()
    are_numbers[by_word.codes[[cut.text[start].isdigit() for start in starts]]] = True
    return are_numbers


def _beside(cut: _Cut, blocks: Blocks, outside: Sequence[tuple[int, int]]) -> Iterator[str]:
    """Say of each sentence whether it is a line of furniture, or of signs only, or a credit."""
    credited = [
        (credit.start, credit.end)
        for credit in credit_lines.credits(cut.text)
        if credit.kind != "self_reference" and credit.start is not None and credit.end is not None
    ]
    listed = blocks.spans[(blocks.marks & kernels.LISTED) > 0].tolist()
    marked = np.zeros(len(cut.text) + 1, dtype=np.int64)
    own = [match.span() for match in _OWN_RIGHTS.finditer(cut.text)]
    for start, end in (*listed, *own, *outside):
        marked[start + 1 : end + 1] = 1
    marked = marked.cumsum()  # code points of furniture before each
    n_words = np.diff(cut.bounds())
    for (start, end), n in zip(cut.spans.tolist(), n_words.tolist(), strict=True):
        credit = sum(min(end, b) - max(start, a) for a, b in credited if a < end and start < b)
        if credit > _MOSTLY * (end - start):
            yield "credit"
        elif n == 0 or marked[end] - marked[start] > _MOSTLY * (end - start):
            yield "furniture"
        else:
            yield ""
