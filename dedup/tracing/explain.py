"""Why two articles of a collection are together, or are not.

The whole collection is clustered, because what counts as furniture, and which cluster is nearest,
depends on all of it; then the two texts are laid side by side: their shared passages, the numbers,
and the rule that decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import process

from dedup import kernels
from dedup.engines import local
from dedup.errors import InputError
from dedup.readers.repeats import RepeatedIds
from dedup.records import without_surrogates
from dedup.stages import headings
from dedup.text import tokenizer
from dedup.text.outlets import outlet_names
from dedup.tracing import reasons
from dedup.tracing.pair import measure

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.engines.account import Progress
    from dedup.records import Batch
    from dedup.results.result import Result
    from dedup.settings import Settings
    from dedup.text.tokenizer import Tokens


class Passage(NamedTuple):
    """Words that stand in both texts: `text_a[start_a:end_a]` and `text_b[start_b:end_b]`.

    Where furniture interrupts a passage in one of them, the span goes over it.
    """

    start_a: int
    end_a: int
    start_b: int
    end_b: int
    words: int


class Span(NamedTuple):
    """Page furniture, `text[start:end]`; kind "learned" or "listed"."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two articles.

    Attributes:
        id: Of the article; `text`, `title`, `outlet` and `published` as it came in.
        text: See `id`.
        title: See `id`.
        outlet: See `id`.
        published: See `id`; None when unknown.
        cluster: The cluster it is in; `story` likewise.
        story: See `cluster`.
        words: How many it has outside furniture.
        covered: How many of them stand in shared passages.
        furniture: What was left out.
    """

    id: str
    text: str
    title: str
    outlet: str
    published: str | None
    cluster: str
    story: str
    words: int
    covered: int
    furniture: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why two articles are together, or are not.

    Attributes:
        a: The first article.
        b: The second.
        relation: "duplicate", "version", "quote", "template", "furniture" or "unrelated".
        reasons: What decided the relation, and what it means for cluster and story; sentences.
        jaccard: Of the shingles outside furniture; `containment` (of the smaller set) likewise.
        containment: See `jaccard`.
        passages: In the order of the first text.
        quoted: How many words of the passages stand in quotations.
    """

    a: Side
    b: Side
    relation: str
    reasons: tuple[str, ...]
    jaccard: float
    containment: float
    passages: tuple[Passage, ...]
    quoted: int

    @property
    def same_cluster(self) -> bool:
        """Whether both are in one cluster."""
        return self.a.cluster == self.b.cluster

    @property
    def same_story(self) -> bool:
        """Whether both are in one story."""
        return self.a.story == self.b.story


def explain(
    batches: Iterable[Batch],
    id_a: str,
    id_b: str,
    settings: Settings,
    *,
    workers: int = 1,
    progress: Progress | None = None,
) -> Explanation:
    """Explain why two articles of a collection are together, or are not.

    Args:
        batches: The collection, from `dedup.readers`.
        id_a: One article of it.
        id_b: Another.
        settings: As for `local.cluster`.
        workers: Threads.
        progress: As for `local.cluster`.

    Raises:
        InputError: An id is not in the collection, or both are the same.
    """
    id_a, id_b = without_surrogates(id_a), without_surrogates(id_b)  # as ids are read
    if id_a == id_b:
        raise InputError(f"both ids are {id_a}; give two different articles")
    texts: dict[str, str] = {}
    collection = _keep_texts(batches, {id_a, id_b}, texts)
    result = local.cluster(collection, settings, workers=workers, progress=progress)
    for name in (id_a, id_b):
        if name not in texts:
            raise InputError(_unknown(name, result))
    return _compare(result, (id_a, id_b), texts, settings)


def _keep_texts(
    batches: Iterable[Batch], wanted: set[str], texts: dict[str, str]
) -> Iterator[Batch]:
    """Pass batches on; take down the texts of the wanted articles."""
    for batch in map(RepeatedIds(), batches):
        ids = batch.articles.column("id")
        for row in pc.indices_nonzero(pc.is_in(ids, pa.array(wanted, ids.type))).to_pylist():
            texts[ids[row].as_py()] = batch.articles.column("text")[row].as_py()
        yield batch


def _unknown(name: str, result: Result) -> str:
    ids = result.articles.column("id").to_pylist()
    near = [found for found, _, _ in process.extract(name, ids, limit=3, score_cutoff=70)]
    skipped = name in result.skipped.column("id").to_pylist()
    more = "; it was skipped" if skipped else f"; near it: {', '.join(near)}" if near else ""
    return f"no article has the id {name} among {len(ids)}{more}"


def _headings_of(result: Result, ids: tuple[str, str]) -> headings.Headings:
    """Read what the two pages say they are about; words weigh as they do in the whole pile."""
    found = headings.read(result.articles.column("title"), result.articles.column("url"))
    names = result.articles.column("id").to_pylist()
    return headings.take(found, np.array([names.index(name) for name in ids]))


def _compare(
    result: Result, ids: tuple[str, str], texts: dict[str, str], settings: Settings
) -> Explanation:
    """Lay two articles of a result side by side."""
    furniture = [_furniture_of(result, name) for name in ids]
    tokens, spans = _tokens_of([texts[name] for name in ids], furniture)
    outlets = [outlet_names(_row_of(result, name))[0].as_py() for name in ids]
    pair = measure(tokens, outlets, _headings_of(result, ids), settings)
    listed = _listed_relation(result, ids)
    relation = listed or pair.relation
    rule = reasons.of_relation(relation, pair, settings)
    if not listed and pair.relation != "unrelated":
        rule += " The run did not list this pair: there are too many articles like these."
    a, b = (
        _side(result, name, texts[name], furniture[row], pair.counts_of(row))
        for row, name in enumerate(ids)
    )
    return Explanation(
        a=a,
        b=b,
        relation=relation,
        reasons=(rule, reasons.of_place(a, b, relation, pair, settings)),
        jaccard=pair.jaccard,
        containment=pair.containment,
        passages=tuple(sorted(_passages(pair.runs, spans))),
        quoted=int(pair.shared.quoted[0]),
    )


def _tokens_of(
    texts: list[str], furniture: list[tuple[Span, ...]]
) -> tuple[Tokens, list[npt.NDArray[np.int32]]]:
    """Cut texts into tokens, with those of furniture marked, and give their spans."""
    tokens = tokenizer.tokenise(pa.array(texts, pa.large_string()))
    spans = [tokenizer.token_spans(text) for text in texts]
    for row, of_text in enumerate(furniture):
        values = tokens.values[tokens.offsets[row] : tokens.offsets[row + 1]]
        for span in of_text:
            inside = (spans[row][:, 0] >= span.start) & (spans[row][:, 0] < span.end)
            values[inside] |= kernels.FURNITURE
    return tokens, spans


def _row_of(result: Result, name: str) -> pa.Table:
    """Give an article's row of the table."""
    return result.articles.filter(pc.equal(result.articles.column("id"), name))


def _furniture_of(result: Result, name: str) -> tuple[Span, ...]:
    rows = result.furniture.filter(pc.equal(result.furniture.column("id"), name)).to_pylist()
    return tuple(Span(row["start"], row["end"], row["kind"]) for row in rows)


def _side(
    result: Result,
    name: str,
    text: str,
    furniture: tuple[Span, ...],
    words_and_covered: tuple[int, int],
) -> Side:
    row = _row_of(result, name).to_pylist()[0]
    known = {key: row[key] for key in ("title", "outlet", "published", "cluster", "story")}
    words, covered = words_and_covered
    return Side(id=name, text=text, words=words, covered=covered, furniture=furniture, **known)


def _listed_relation(result: Result, ids: tuple[str, str]) -> str:
    """Give the relation that `pairs` has, "" if the pair is not there."""
    pairs = result.pairs
    of_both = pc.and_(
        pc.is_in(pairs.column("id_a"), pa.array(ids, pairs.schema.field("id_a").type)),
        pc.is_in(pairs.column("id_b"), pa.array(ids, pairs.schema.field("id_b").type)),
    )
    rows = pairs.filter(of_both).to_pylist()
    return str(rows[0]["relation"]) if rows else ""


def _passages(runs: npt.NDArray[np.int32], spans: list[npt.NDArray[np.int32]]) -> list[Passage]:
    """Turn places of tokens into characters."""
    return [
        Passage(
            start_a=int(spans[0][start_a, 0]),
            end_a=int(spans[0][end_a - 1, 1]),
            start_b=int(spans[1][start_b, 0]),
            end_b=int(spans[1][end_b - 1, 1]),
            words=int(words),
        )
        for start_a, start_b, end_a, end_b, words in runs.tolist()
    ]
