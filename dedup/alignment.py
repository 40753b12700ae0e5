"""Which sentences of an article were copied from others, which reworded, which are its own.

Each sentence is laid beside those of the sources. Words weigh by how rare they are (TF-IDF, Spärck
Jones 1972), and the few source sentences that share most weight are looked at closely:

- *copying* is the mean of two shares of the sentence's words: those in runs of three words that the
  source sentence or its neighbours have, and those of the longest common subsequence with it;
- *content* is the mean of the shared weight and the words in runs. Names spelled in two ways
  (Shevchenko, Chevtchenko; Tin Zaouatine, Tinzaouaten) share their weight when rapidfuzz finds them
  alike.

A sentence is `copied` from `_COPIED` on, `rewritten` if its content reaches `_REWRITTEN`, otherwise
`added`; lines known as page furniture are `furniture`, and short ones that credit an agency are
`credit`. Numbers that contradict make it no copy. A weaker match counts between neighbours that
match neighbouring sentences of the same source.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from dedup import furniture, kernels, sentences, text, weights
from dedup.errors import InputError
from dedup.records import Article

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.text import Blocks
    from dedup.weights import Weights

    Floats = npt.NDArray[np.float64]
    Rows = npt.NDArray[np.int64]

LABELS = ("copied", "rewritten", "added")
"""Labels of the report's sentences; `credit` and `furniture` are beside it."""

VERDICTS = ("wholly_derived", "partially_derived", "non_derived")

_COPIED, _REWRITTEN = 0.65, 0.29
_BETWEEN_NEIGHBOURS = 0.2
_WHOLLY = 0.05
"""Up to this share of added words an article is wholly derived."""

_CONTRADICTED = 0.6
_LONGEST = 150
"""Words of a sentence; text without any stop is cut into pieces of so many."""

_SHORT = 4
"""A sentence of fewer words is copied only if it is a sentence of the source."""

_RUN, _GAP, _PASSAGE = 5, 40, 20
_NEAR = 400
"""Code points between sentences of one passage, at most."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_CREDIT = 160
_IS_CREDIT = re.compile(
    r"contributed to this (?:report|story|article)|^\W*(?:reporting|additional reporting|writing|"
    r"editing) by\b|^\W*(?:copyright|©|\(c\)).{0,60}(?:press|reuters|afp|dpa|ap\b)|"
    r"^\W*\((?:ap|reuters|afp|dpa|pa|efe|upi)\)\W*$",
    re.IGNORECASE,
)
"""How agencies are credited in English; a room of its own will know more."""

_ALIKE, _NAMES_FROM = 82.0, 0.12
_RARE = 4.0
_SAME = 1e-9


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
        bounds: Words of sentence i are `words[bounds[i] : bounds[i + 1]]`.
        weights: Of each word.
        is_number: Whether each word is a number in digits or in words.
        beside: "credit", "furniture" or "" for each sentence.
    """

    id: str
    text: str
    spans: Rows
    words: npt.NDArray[np.uint32]
    word_spans: npt.NDArray[np.int32]
    bounds: Rows
    weights: Floats
    is_number: npt.NDArray[np.bool_]
    beside: tuple[str, ...]


def prepare(value: str | Article, name: str = "", known: Weights | None = None) -> Document:
    """Cut a text into sentences and words, and weigh the words.

    Args:
        value: The text, or an article.
        name: Id of a plain text; an article has its own.
        known: Weights of words; those of English news if not given.
    """
    if isinstance(value, Article):
        name, value = value.id, value.text
    if not isinstance(value, str):
        raise InputError(f"cannot align a {type(value).__name__}; give a str or a dedup.Article")
    value = _SURROGATE.sub("\ufffd", value)  # no UTF-8 can hold one; spans stay
    tokens = text.tokenise(pa.array([value], pa.large_string()), furniture.line_list())
    places = text.token_spans(value)
    words = weights.words_of(tokens.values)
    spans = np.array(list(_pieces(value, places)), dtype=np.int64).reshape(-1, 2)
    bounds = np.append(np.searchsorted(places[:, 0], spans[:, 0]), len(words)).astype(np.int64)
    return Document(
        id=name,
        text=value,
        spans=spans,
        words=words,
        word_spans=places,
        bounds=bounds,
        weights=(known or weights.background()).of(words),
        is_number=_are_numbers(value, places, words),
        beside=tuple(_beside(value, spans, tokens.blocks)),
    )


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


def _are_numbers(
    value: str, places: npt.NDArray[np.int32], words: npt.NDArray[np.uint32]
) -> npt.NDArray[np.bool_]:
    """Say which words are numbers; those in words are equivalent to digits."""
    in_digits = np.array(
        [value[start].isdigit() for start in places[:, 0].tolist()], dtype=np.bool_
    )
    found: npt.NDArray[np.bool_] = in_digits | np.isin(words, weights.number_words())
    return found


def _beside(value: str, spans: Rows, blocks: Blocks) -> Iterator[str]:
    """Say of each sentence whether it is a line of furniture or a credit."""
    listed = blocks.spans[(blocks.marks & kernels.LISTED) > 0]
    before = np.searchsorted(listed[:, 0], spans[:, 0], side="right") - 1
    for (start, end), place in zip(spans.tolist(), before.tolist(), strict=True):
        if place >= 0 and start < listed[place, 1]:
            yield "furniture"
        elif end - start <= _CREDIT and _IS_CREDIT.search(value[start:end]):
            yield "credit"
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


class _Matches(NamedTuple):
    """The nearest source sentences of each sentence, nearest first; shape (n, 4), -1 for none."""

    sentence: Rows
    copying: Floats
    content: Floats
    cosine: Floats


def _align(local: Document, sources: Sequence[Document]) -> Alignment:
    """Align prepared texts."""
    sources = _distinct(sources)
    found = [_match(local, source) for source in sources]
    labels: list[str] = []
    chosen: list[tuple[int, int]] = []
    similarity: list[float] = []
    also: list[tuple[str, ...]] = []
    for i in range(len(local.spans)):
        if local.beside[i]:
            labels.append(local.beside[i])
            chosen.append((-1, -1))
            similarity.append(0.0)
            also.append(())
            continue
        scored = [
            _judge(local, i, source, match) for source, match in zip(sources, found, strict=True)
        ]
        best = max(
            range(len(scored)), key=lambda k: (scored[k].label != "added", scored[k].similarity, -k)
        )
        label = scored[best].label
        labels.append(label)
        chosen.append((best, scored[best].sentence))
        similarity.append(scored[best].similarity)
        also.append(
            tuple(
                sources[k].id
                for k in range(len(scored))
                if k != best
                and label != "added"
                and scored[k].similarity >= scored[best].similarity - _SAME
            )
        )
    labels = _with_neighbours(labels, chosen, similarity)
    rows = []
    for i, (start, end) in enumerate(local.spans.tolist()):
        k, j = chosen[i]
        if labels[i] not in ("copied", "rewritten"):
            rows.append(AlignedSentence(start, end, labels[i], None, None, None, similarity[i]))
            continue
        first, last = sources[k].spans[j].tolist()
        rows.append(
            AlignedSentence(
                start, end, labels[i], sources[k].id, first, last, similarity[i], also[i]
            )
        )
    return _sum_up(local, sources, rows)


def _distinct(sources: Sequence[Document]) -> list[Document]:
    """Leave out sources given twice."""
    by_id: dict[str, Document] = {}
    for source in sources:
        if by_id.setdefault(source.id, source).text != source.text:
            raise InputError(
                f"two sources with different texts have the id {source.id}; give each its own"
            )
    return list(by_id.values())


def _match(local: Document, source: Document) -> _Matches:
    n = len(local.spans)
    best = np.full((n, 4), -1, dtype=np.int64)
    copying, content, cosine = np.zeros((3, n, 4))
    kernels.align_sentences(
        local.words,
        local.bounds,
        source.words,
        source.bounds,
        local.weights,
        source.weights,
        best,
        copying,
        content,
        cosine,
    )
    return _Matches(best, copying, content, cosine)


class _Verdict(NamedTuple):
    label: str
    sentence: int
    similarity: float


def _judge(local: Document, i: int, source: Document, match: _Matches) -> _Verdict:
    """Judge one sentence beside one source."""
    j = int(match.sentence[i, 0])
    if j < 0:
        return _Verdict("added", -1, 0.0)
    copying, content = float(match.copying[i, 0]), float(match.content[i, 0])
    n = int(local.bounds[i + 1] - local.bounds[i])
    if n < _SHORT:
        whole = copying >= 1 - _SAME and source.bounds[j + 1] - source.bounds[j] <= n + 1
        return _Verdict("copied" if whole else "added", j, 1.0 if whole else 0.0)
    if copying >= _COPIED:
        if copying == 1 or not _contradicts(local, i, source, j):
            return _Verdict("copied", j, copying)
        return _Verdict("rewritten", j, copying * _CONTRADICTED)
    if _NAMES_FROM <= content < _REWRITTEN:
        j, content = _with_names(local, i, source, match)
    if content >= _REWRITTEN and _contradicts(local, i, source, j):
        content *= _CONTRADICTED
    similarity = min(max(content, copying * _COPIED), _COPIED)
    return _Verdict("rewritten" if content >= _REWRITTEN else "added", j, similarity)


def _contradicts(local: Document, i: int, source: Document, j: int) -> bool:
    """Say whether both sentences have numbers that the other has not."""
    here = _numbers(local, i, i + 1)
    if not here:
        return False
    around = _numbers(source, max(j - 1, 0), min(j + 2, len(source.spans)))
    return bool(here - around) and bool(_numbers(source, j, j + 1) - here)


def _numbers(document: Document, first: int, last: int) -> set[int]:
    """Give the numbers of some sentences, as hashes of their digits."""
    part = slice(int(document.bounds[first]), int(document.bounds[last]))
    return set(document.words[part][document.is_number[part]].tolist())


def _strings(document: Document, i: int) -> list[str]:
    spans = document.word_spans[document.bounds[i] : document.bounds[i + 1]].tolist()
    return [document.text[start:end].casefold() for start, end in spans]


def _with_names(local: Document, i: int, source: Document, match: _Matches) -> tuple[int, float]:
    """Add to the content of the nearest sentences the weight of rare words spelled otherwise."""
    from rapidfuzz import fuzz, process

    first, last = int(local.bounds[i]), int(local.bounds[i + 1])
    words, values = local.words[first:last], local.weights[first:last]
    rare = [k for k in range(last - first) if values[k] >= _RARE]
    names = _strings(local, i)
    total = float(values[np.unique(words, return_index=True)[1]].sum())
    best, most = int(match.sentence[i, 0]), float(match.content[i, 0])
    for j in match.sentence[i, :2].tolist():
        if j < 0:
            break
        there = source.words[source.bounds[j] : source.bounds[j + 1]]
        missing = [k for k in rare if len(names[k]) >= _SHORT and not (there == words[k]).any()]
        if not missing:
            continue
        forms = _forms(_strings(source, j))
        gained = sum(
            float(values[k])
            for k in missing
            if process.extractOne(names[k], forms, scorer=fuzz.ratio, score_cutoff=_ALIKE)
        )
        rank = match.sentence[i].tolist().index(j)
        content = float(match.content[i, rank]) + gained / max(total, _SAME) / 4
        if content > most:
            best, most = j, content
    return best, most


def _forms(names: list[str]) -> list[str]:
    """Give words, and neighbours written as one."""
    return [*names, *(a + b for a, b in pairwise(names))]


def _with_neighbours(
    labels: list[str], chosen: list[tuple[int, int]], similarity: list[float]
) -> list[str]:
    """Count a weaker match between neighbours that match neighbours in the same source."""
    found = list(labels)
    for i in range(1, len(labels) - 1):
        if labels[i] != "added" or similarity[i] < _BETWEEN_NEIGHBOURS:
            continue
        around = [chosen[k] for k in (i - 1, i + 1) if labels[k] in ("copied", "rewritten")]
        near = [k for k, j in around if k == chosen[i][0] and 0 < abs(j - chosen[i][1]) <= 2]
        if len(near) == 2:
            found[i] = "rewritten"
    return found


def _sum_up(local: Document, sources: Sequence[Document], rows: list[AlignedSentence]) -> Alignment:
    """Make passages, shares and the verdict of aligned sentences."""
    lengths = np.diff(local.bounds)
    total = sum(int(n) for n, row in zip(lengths, rows, strict=True) if row.label in LABELS)
    shares = {
        label: sum(int(n) for n, row in zip(lengths, rows, strict=True) if row.label == label)
        / max(total, 1)
        for label in LABELS
    }
    if shares["copied"] + shares["rewritten"] == 0:
        verdict = "non_derived"
    else:
        verdict = "wholly_derived" if shares["added"] <= _WHOLLY else "partially_derived"
    return Alignment(
        sentences=tuple(rows),
        passages=tuple(_passages(local, sources, rows)),
        copied_share=shares["copied"],
        rewritten_share=shares["rewritten"],
        added_share=shares["added"],
        verdict=verdict,
    )


def _passages(
    local: Document, sources: Sequence[Document], rows: list[AlignedSentence]
) -> list[AlignedPassage]:
    """Find the stretches of the article that are from one stretch of a source.

    Runs of words that both have are joined over gaps of up to `_GAP` words in each; what has at
    least `_PASSAGE` words in runs is a passage. So are matched sentences outside of these that
    follow each other and have twice as many words.
    """
    found = [passage for source in sources for passage in _in_words(local, source)]
    covered = np.zeros(len(local.text), dtype=np.bool_)
    for passage in found:
        covered[passage.start : passage.end] = True
    rest: list[AlignedPassage] = []
    words: list[int] = []
    for row, n in zip(rows, np.diff(local.bounds).tolist(), strict=True):
        if row.source_id is None or row.source_start is None or row.source_end is None:
            continue
        if covered[row.start : row.end].mean() > 1 - _COPIED or n < _SHORT:
            continue
        here = AlignedPassage(row.start, row.end, row.source_id, row.source_start, row.source_end)
        if rest and _goes_on(rest[-1], here, covered):
            last = rest.pop()
            here = here._replace(start=last.start, source_start=last.source_start)
            n += words.pop()
        rest.append(here)
        words.append(n)
    long = [passage for passage, n in zip(rest, words, strict=True) if n >= 2 * _PASSAGE]
    return sorted([*found, *long])


def _goes_on(last: AlignedPassage, here: AlignedPassage, covered: npt.NDArray[np.bool_]) -> bool:
    """Say whether a sentence goes on where a passage ended, in both texts."""
    return (
        last.source_id == here.source_id
        and not covered[last.end : here.start].any()
        and here.start - last.end < _NEAR
        and 0 <= here.source_start - last.source_end < _NEAR
    )


def _in_words(local: Document, source: Document) -> Iterator[AlignedPassage]:
    """Give the passages of at least `_PASSAGE` words that stand word for word in a source."""
    values = np.concatenate((local.words, source.words)) << np.uint32(2)
    offsets = np.array([0, len(local.words), len(values)], dtype=np.int64)
    runs = np.empty((len(values) // _RUN + 1, 5), dtype=np.int32)
    n = kernels.measure_passages(
        values,
        offsets,
        np.array([[0, 1]], dtype=np.int64),
        _RUN,
        kernels.FURNITURE,
        np.zeros((1, 7), dtype=np.int64),
        runs,
    )
    joined: list[list[int]] = []
    for start, first, end, last, words in sorted(runs[:n].tolist()):
        for passage in joined[-4:]:
            near = passage[0] <= start <= passage[1] + _GAP
            if near and passage[3] - _RUN <= first <= passage[3] + _GAP:
                passage[1], passage[3] = max(passage[1], end), max(passage[3], last)
                passage[4] += words
                break
        else:
            joined.append([start, end, first, last, words])
    for start, end, first, last, words in joined:
        if words >= _PASSAGE:
            yield AlignedPassage(
                int(local.word_spans[start, 0]),
                int(local.word_spans[end - 1, 1]),
                source.id,
                int(source.word_spans[first, 0]),
                int(source.word_spans[last - 1, 1]),
            )
