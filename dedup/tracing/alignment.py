"""Which sentences of an article were copied from others, which reworded, which are its own.

Each sentence is laid beside those of the sources. Words weigh by how rare they are (TF-IDF, Spärck
Jones 1972), and the few source sentences that share most weight are looked at closely:

- *copying* is the mean of two shares of the sentence's words: those in runs of three words that the
  source sentence or its neighbours have, and those of the longest common subsequence with it;
- *content* is the mean of the shared weight and the words in runs.

A sentence is `copied` if its copying reaches .65, `rewritten` if its content reaches .29, otherwise
`added`; lines known as page furniture are `furniture`, and short ones that credit an agency are
`credit`. Numbers that contradict make it no copy.

Who rewords a report throughout keeps its order, its names and its figures. So sentences that are
more alike than either is to any other count from a likeness of .16 if they make a chain in the
source's order (local alignment, Smith and Waterman 1981). *Likeness* is the mean of two cosines:
over words, and over pieces of words of four characters.

Rare words with a capital that only one text has are one with a word that only the other has if
rapidfuzz finds them alike: Shevchenko, Chevtchenko; Tin Zaouatine, Tinzaouaten.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from dedup import kernels
from dedup.errors import InputError
from dedup.records import Article, without_surrogates
from dedup.stages import furniture, headings, passages
from dedup.text import sentences, tokenizer, weights
from dedup.tracing import credit_lines

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.text.tokenizer import Blocks
    from dedup.text.weights import Weights

    Floats = npt.NDArray[np.float64]
    Rows = npt.NDArray[np.int64]

LABELS = ("copied", "rewritten", "added")
"""Labels of the report's sentences; `credit` and `furniture` are beside it."""

_WHOLLY = 0.05
"""Up to this share of added words an article is wholly derived."""

_LONGEST = 150
"""Words of a sentence; text without any stop is cut into pieces of so many."""

_OWN_RIGHTS = re.compile(r"^\W{0,3}(?:copyright\b|©|\(c\)).{0,300}$", re.IGNORECASE | re.MULTILINE)
"""Lines of rights; those that name an agency are credits before they are furniture."""

_GAP, _PASSAGE = 40, 20
_COVERED, _SHORT = 0.35, 4
_NEAR = 400
"""Code points between sentences of one passage, at most."""

_SAME, _MOSTLY = 1e-9, 0.6
_RARE, _ALIKE, _MOST_NAMES = 4.0, 82.0, 1_000_000
_BESIDE = 3
_MIX = np.uint64(0x9E3779B97F4A7C15)


class AlignedSentence(NamedTuple):
    """A sentence of the article, `text[start:end]`, and where it is from.

    Attributes:
        start: In code points of the article.
        end: See `start`.
        label: "copied", "rewritten", "added", "credit" or "furniture".
        source_id: The source it is from; None unless it is copied or rewritten, as the next two.
        source_start: The source sentence, in code points of the source.
        source_end: See `source_start`.
        similarity: How near, 0 to 1; of the nearest sentence also where it is `added`.
        also: Other sources with a sentence as near.
    """

    start: int
    end: int
    label: str
    source_id: str | None
    source_start: int | None
    source_end: int | None
    similarity: float
    also: tuple[str, ...] = ()


class AlignedPassage(NamedTuple):
    """Successive sentences of the article from one stretch of a source, as spans in both."""

    start: int
    end: int
    source_id: str
    source_start: int
    source_end: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """An article beside its sources.

    Attributes:
        sentences: All of the article, in order.
        passages: Runs of matched sentences, in order.
        copied_share: Share of the report's words (without credits and furniture) in `copied`
            sentences.
        rewritten_share: In `rewritten` ones.
        added_share: In `added` ones; the three add up to 1, or to 0 without any word.
        verdict: "non_derived" without any copied or rewritten sentence, "wholly_derived" with at
            most 5 % of added words, else "partially_derived" (the classes of METER, Gaizauskas et
            al. 2001).
    """

    sentences: tuple[AlignedSentence, ...]
    passages: tuple[AlignedPassage, ...]
    copied_share: float
    rewritten_share: float
    added_share: float
    verdict: str


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
    places = tokenizer.token_spans(value)
    words = weights.words_of(tokens.values)
    spans = np.array(list(_pieces(value, places)), dtype=np.int64).reshape(-1, 2)
    beside = tuple(_beside(value, spans, places, tokens.blocks, outside))
    compared = _sentences(value, spans, words, places, beside, known or weights.background())
    return Document(
        id=name,
        text=value,
        spans=spans,
        words=words,
        word_spans=places,
        beside=beside,
        names=_names(value, places, compared),
        sentences=compared,
    )


def _sentences(
    value: str,
    spans: Rows,
    words: npt.NDArray[np.uint32],
    places: npt.NDArray[np.int32],
    beside: tuple[str, ...],
    known: Weights,
) -> kernels.Sentences:
    """Index the words, runs of words and pieces of words of a text."""
    is_beside = np.array([bool(kind) for kind in beside], dtype=np.bool_)
    bounds = np.append(np.searchsorted(places[:, 0], spans[:, 0]), len(words)).astype(np.int32)
    holders = np.repeat(np.where(is_beside, -1, np.arange(len(spans))), np.diff(bounds))
    characters = np.frombuffer(value.encode("utf-32-le"), dtype=np.uint32)
    grams = np.empty(len(characters) + len(places), dtype=np.uint32)
    owners = np.empty(len(grams), dtype=np.int32)
    n = kernels.cut_grams(characters, places, kernels.load_unicode()[0], grams, owners)
    runs = words[: max(len(words) - kernels.RUN + 1, 0)].astype(np.uint64)
    for k in range(1, kernels.RUN):
        runs = (runs * _MIX) ^ words[k : len(runs) + k]
    by_word = _terms(words, holders)
    return kernels.Sentences(
        bounds=bounds,
        words=by_word,
        runs=_terms((runs * _MIX >> np.uint64(32)).astype(np.uint32), np.arange(len(runs))),
        grams=_terms(grams[:n], holders[owners[:n]]),
        weights=known.of(by_word.values),
        is_number=_are_numbers(value, places, words, by_word),
        beside=is_beside,
    )


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


def _names(
    value: str, places: npt.NDArray[np.int32], compared: kernels.Sentences
) -> dict[str, int]:
    """Find rare words with a capital, as they are and as one with the word before."""
    codes = compared.words.codes
    is_rare = compared.weights[codes] >= _RARE
    is_rare &= places[:, 1] - places[:, 0] >= _SHORT
    found: dict[str, int] = {}
    for k in np.flatnonzero(is_rare).tolist():
        start, end = places[k].tolist()
        if not value[start].isupper():
            continue
        name, code = value[start:end].casefold(), int(codes[k])
        found[name] = code
        if k and start - places[k - 1, 1] == 1:
            found[value[places[k - 1, 0] : start - 1].casefold() + name] = code
    return found


def _alike(local: Document, source: Document) -> npt.NDArray[np.int32]:
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


def _are_numbers(
    value: str,
    places: npt.NDArray[np.int32],
    words: npt.NDArray[np.uint32],
    by_word: kernels.Terms,
) -> npt.NDArray[np.bool_]:
    """Say which distinct words are numbers; those in words are equivalent to digits."""
    found = np.isin(by_word.values, weights.number_words())
    found[by_word.codes[[value[start].isdigit() for start in places[:, 0].tolist()]]] = True
    return found


def _beside(
    value: str,
    spans: Rows,
    places: npt.NDArray[np.int32],
    blocks: Blocks,
    outside: Sequence[tuple[int, int]],
) -> Iterator[str]:
    """Say of each sentence whether it is a line of furniture, or of signs only, or a credit."""
    credited = [
        (credit.start, credit.end)
        for credit in credit_lines.credits(value)
        if credit.kind != "self_reference" and credit.start is not None and credit.end is not None
    ]
    listed = blocks.spans[(blocks.marks & kernels.LISTED) > 0].tolist()
    marked = np.zeros(len(value) + 1, dtype=np.int64)
    own = [match.span() for match in _OWN_RIGHTS.finditer(value)]
    for start, end in (*listed, *own, *outside):
        marked[start + 1 : end + 1] = 1
    marked = marked.cumsum()  # code points of furniture before each
    n_words = np.diff(np.append(np.searchsorted(places[:, 0], spans[:, 0]), len(places)))
    for (start, end), n in zip(spans.tolist(), n_words.tolist(), strict=True):
        credit = sum(min(end, b) - max(start, a) for a, b in credited if a < end and start < b)
        if credit > _MOSTLY * (end - start):
            yield "credit"
        elif n == 0 or marked[end] - marked[start] > _MOSTLY * (end - start):
            yield "furniture"
        else:
            yield ""


def align(
    local: str | Article | Document,
    sources: str | Article | Document | Sequence[str | Article | Document],
) -> Alignment:
    """Say of each sentence of an article whether it was copied, reworded or added.

    Args:
        local: The article.
        sources: One source or several; plain texts are named "0", "1", ... in their order.

    Returns:
        Sentences and passages with spans in both texts, shares by words, and a verdict.

    Raises:
        InputError: There is no source, two share an id, or something is no text.
    """
    several = sources if isinstance(sources, list | tuple) else [sources]
    if not several:
        raise InputError("no source to align with; give one at least")
    documents = [_document(source, str(number)) for number, source in enumerate(several)]
    return _align(_document(local, ""), documents)


def align_many(
    pairs: Iterable[tuple[str | Article | Document, Sequence[str | Article | Document]]],
) -> Iterator[Alignment]:
    """Align many articles with their sources; each text is prepared once.

    Args:
        pairs: Articles with a list of their sources. A text that comes again should be the same
            object, or an article of the same id.
    """
    prepared: dict[str | int, Document] = {}

    def document(value: str | Article | Document, name: str) -> Document:
        if isinstance(value, Document):
            return value
        key = value.id if isinstance(value, Article) else hash(value)
        found = prepared.get(key)
        source = value.text if isinstance(value, Article) else value
        if found is None or found.text != source:
            found = prepared[key] = _document(value, name)
        return found if isinstance(value, Article) else replace(found, id=name)

    for local, sources in pairs:
        if isinstance(sources, str) or not sources:
            raise InputError("each article needs a list of its sources, of one at least")
        several = [document(source, str(number)) for number, source in enumerate(sources)]
        yield _align(document(local, ""), several)


def _document(value: str | Article | Document, name: str) -> Document:
    return value if isinstance(value, Document) else prepare(value, name)


def _align(local: Document, sources: Sequence[Document]) -> Alignment:
    """Align prepared texts."""
    sources = _distinct(sources)
    n = len(local.spans)
    labels = np.empty((len(sources), n), dtype=np.int8)
    best = np.empty((len(sources), n, 2), dtype=np.int32)
    similarity = np.empty((len(sources), n))
    for k, source in enumerate(sources):
        kernels.align_sentences(
            local.sentences,
            source.sentences,
            _alike(local, source),
            labels[k],
            best[k],
            similarity[k],
        )
    nearest = (similarity + (labels < kernels.ADDED)).argmax(axis=0)  # the first of equals
    each = np.arange(n)
    chosen = np.where(local.sentences.beside, _BESIDE, labels[nearest, each])
    spans = np.full((n, 2), -1, dtype=np.int64)
    for k, source in enumerate(sources):
        of = (nearest == k) & (chosen < kernels.ADDED)
        spans[of] = source.spans[best[k, of], (0, 1)]
    matches = _Matches(chosen, nearest, spans, similarity[nearest, each])
    return _sum_up(local, sources, matches, _ties(sources, matches, labels, similarity))


class _Matches(NamedTuple):
    """What the nearest source says of each sentence.

    Attributes:
        labels: Of the kernel, or `_BESIDE`.
        source: Its number.
        spans: What it is from, in code points of the source; shape (n, 2).
        similarity: 0 to 1.
    """

    labels: npt.NDArray[np.int8]
    source: Rows
    spans: Rows
    similarity: Floats

    def found(self) -> npt.NDArray[np.bool_]:
        """Say which sentences are copied or rewritten."""
        return self.labels < kernels.ADDED


def _rows(
    local: Document, sources: Sequence[Document], matches: _Matches, ties: list[tuple[str, ...]]
) -> Iterator[AlignedSentence]:
    """Make the records of the sentences."""
    names = [*LABELS, ""]
    ids = [source.id for source in sources]
    for beside, (start, end), label, source, (first, last), similarity, also in zip(
        local.beside,
        local.spans.tolist(),
        matches.labels.tolist(),
        matches.source.tolist(),
        matches.spans.tolist(),
        matches.similarity.tolist(),
        ties,
        strict=True,
    ):
        if label < kernels.ADDED:
            yield AlignedSentence(
                start, end, names[label], ids[source], first, last, similarity, also
            )
        else:
            yield AlignedSentence(start, end, beside or names[label], None, None, None, similarity)


def _ties(
    sources: Sequence[Document],
    matches: _Matches,
    labels: npt.NDArray[np.int8],
    similarity: Floats,
) -> list[tuple[str, ...]]:
    """Give the other sources with a match as near."""
    if len(sources) == 1:
        return [()] * len(matches.labels)
    is_near = (similarity >= matches.similarity - _SAME) & (labels < kernels.ADDED)
    is_near &= matches.found()
    is_near[matches.source, np.arange(len(matches.labels))] = False
    return [
        tuple(source.id for source, near in zip(sources, column, strict=True) if near)
        for column in is_near.T.tolist()
    ]


def _distinct(sources: Sequence[Document]) -> list[Document]:
    """Leave out sources given twice."""
    by_id: dict[str, Document] = {}
    for source in sources:
        if by_id.setdefault(source.id, source).text != source.text:
            raise InputError(
                f"two sources with different texts have the id {source.id}; give each its own "
                "(plain texts are named by their place: 0, 1, ...)"
            )
    return list(by_id.values())


def _sum_up(
    local: Document, sources: Sequence[Document], matches: _Matches, ties: list[tuple[str, ...]]
) -> Alignment:
    """Make sentences, passages, shares and the verdict."""
    words = np.bincount(matches.labels, np.diff(local.sentences.bounds), _BESIDE + 1).tolist()
    copied, rewritten, added = (n / max(sum(words[:_BESIDE]), 1) for n in words[:_BESIDE])
    if copied + rewritten == 0:
        verdict = "non_derived"
    else:
        verdict = "wholly_derived" if added <= _WHOLLY else "partially_derived"
    rows = tuple(_rows(local, sources, matches, ties))
    passages = tuple(_passages(local, sources, matches))
    return Alignment(rows, passages, copied, rewritten, added, verdict)


def _passages(
    local: Document, sources: Sequence[Document], matches: _Matches
) -> list[AlignedPassage]:
    """Find the stretches of the article that are from one stretch of a source.

    Runs of words that both have are joined over gaps of up to `_GAP` words in each; what has at
    least `_PASSAGE` words in runs is a passage. So are matched sentences outside of these that
    follow each other and have twice as many words.
    """
    found = [passage for source in sources for passage in _in_words(local, source)]
    covered = np.zeros(len(local.text) + 1, dtype=np.int64)
    for passage in found:
        covered[passage.start + 1 : passage.end + 1] = 1
    covered = covered.cumsum()  # code points before each
    starts, ends = local.spans.T
    lengths = np.diff(local.sentences.bounds)
    is_open = covered[ends] - covered[starts] <= _COVERED * (ends - starts)
    is_open &= matches.found() & (lengths >= _SHORT)
    rest: list[AlignedPassage] = []
    words: list[int] = []
    for i in np.flatnonzero(is_open).tolist():
        n = int(lengths[i])
        source = sources[matches.source[i]].id
        (start, end), (first, last) = local.spans[i].tolist(), matches.spans[i].tolist()
        here = AlignedPassage(start, end, source, first, last)
        if rest and _goes_on(rest[-1], here, covered):
            last = rest.pop()
            here = here._replace(start=last.start, source_start=last.source_start)
            n += words.pop()
        rest.append(here)
        words.append(n)
    long = [passage for passage, n in zip(rest, words, strict=True) if n >= 2 * _PASSAGE]
    return sorted([*found, *long])


def _goes_on(last: AlignedPassage, here: AlignedPassage, covered: Rows) -> bool:
    """Say whether a sentence goes on where a passage ended, in both texts."""
    return (
        last.source_id == here.source_id
        and bool(covered[last.end] == covered[here.start])
        and here.start - last.end < _NEAR
        and 0 <= here.source_start - last.source_end < _NEAR
    )


def _in_words(local: Document, source: Document) -> Iterator[AlignedPassage]:
    """Give the passages of at least `_PASSAGE` words that stand word for word in a source."""
    values = np.concatenate((local.words, source.words)) << np.uint32(2)
    offsets = np.array([0, len(local.words), len(values)], dtype=np.int64)
    _, runs = passages.measure_one(
        values, offsets, np.array([[0, 1]], dtype=np.int64), headings.none(2)
    )
    joined: list[list[int]] = []
    for start, first, end, last, words in sorted(runs.tolist()):
        for passage in joined[-4:]:
            near = passage[0] <= start <= passage[1] + _GAP
            if near and passage[3] - passages.SHORTEST <= first <= passage[3] + _GAP:
                passage[1], passage[3] = max(passage[1], end), max(passage[3], last)
                passage[4] += words
                break
        else:
            joined.append([start, end, first, last, words])
    for start, end, first, last in _apart([one for one in joined if one[4] >= _PASSAGE]):
        if start < end:
            yield AlignedPassage(
                int(local.word_spans[start, 0]),
                int(local.word_spans[end - 1, 1]),
                source.id,
                int(source.word_spans[first, 0]),
                int(source.word_spans[last - 1, 1]),
            )


def _apart(passages: list[list[int]]) -> list[list[int]]:
    """Join passages that overlap in both texts; cut others that overlap in the article."""
    found: list[list[int]] = []
    for start, end, first, last, _ in sorted(passages):
        if found and start < found[-1][1]:
            before = found[-1]
            if before[2] <= first <= before[3]:
                before[1], before[3] = max(before[1], end), max(before[3], last)
                continue
            if end <= before[1]:
                continue
            first += before[1] - start
            start = before[1]
            if last - first < 1:
                continue
        found.append([start, end, first, last])
    return found
