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

How texts are cut and their words weighed is `documents`, who is nearest `matches`, and what runs
on over several sentences `passages`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup import kernels
from dedup.errors import InputError
from dedup.records import Article
from dedup.tracing import matches, passages
from dedup.tracing.documents import Document, prepare
from dedup.tracing.matches import BESIDE
from dedup.tracing.passages import AlignedPassage

if TYPE_CHECKING:
    from dedup.tracing.matches import Matches

__all__ = [
    "LABELS",
    "AlignedPassage",
    "AlignedSentence",
    "Alignment",
    "Document",
    "align",
    "align_many",
    "prepare",
]

LABELS = ("copied", "rewritten", "added")
"""Labels of the report's sentences; `credit` and `furniture` are beside it."""
_WHOLLY = 0.05
"""An article with no larger share of added words is wholly derived."""


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
        known = prepared.get(key)
        source = value.text if isinstance(value, Article) else value
        if known is None or known.text != source:
            known = prepared[key] = _document(value, name)
        return known if isinstance(value, Article) else replace(known, id=name)

    for local, sources in pairs:
        if isinstance(sources, str) or not sources:
            raise InputError("each article needs a list of its sources, of one at least")
        several = [document(source, str(number)) for number, source in enumerate(sources)]
        yield _align(document(local, ""), several)


def _document(value: str | Article | Document, name: str) -> Document:
    return value if isinstance(value, Document) else prepare(value, name)


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


def _align(local: Document, sources: Sequence[Document]) -> Alignment:
    """Align prepared texts: sentences, passages, shares and the verdict."""
    sources = _distinct(sources)
    found = matches.match(local, sources)
    words = np.bincount(found.labels, np.diff(local.sentences.bounds), BESIDE + 1).tolist()
    copied, rewritten, added = (n / max(sum(words[:BESIDE]), 1) for n in words[:BESIDE])
    if copied + rewritten == 0:
        verdict = "non_derived"
    else:
        verdict = "wholly_derived" if added <= _WHOLLY else "partially_derived"
    return Alignment(
        sentences=tuple(_rows(local, sources, found)),
        passages=tuple(passages.find(local, sources, found)),
        copied_share=copied,
        rewritten_share=rewritten,
        added_share=added,
        verdict=verdict,
    )


def _rows(
    local: Document, sources: Sequence[Document], found: Matches
) -> Iterator[AlignedSentence]:
    """Make the records of the sentences."""
    names = [*LABELS, ""]
    ids = [source.id for source in sources]
    for beside, (start, end), label, source, (first, last), similarity, also in zip(
        local.beside,
        local.spans.tolist(),
        found.labels.tolist(),
        found.source.tolist(),
        found.spans.tolist(),
        found.similarity.tolist(),
        found.ties,
        strict=True,
    ):
        if label < kernels.ADDED:
            yield AlignedSentence(
                start, end, names[label], ids[source], first, last, similarity, also
            )
        else:
            yield AlignedSentence(start, end, beside or names[label], None, None, None, similarity)
