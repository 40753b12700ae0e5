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
from dedup.engines import kept, local
from dedup.errors import InputError
from dedup.stages import headings, passages, relations, shingles, similarity
from dedup.text import tokenizer

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.engines.local import Progress
    from dedup.records import Batch
    from dedup.results.result import Result
    from dedup.settings import Settings
    from dedup.stages.relations import Shared
    from dedup.stages.shingles import ShingleSets
    from dedup.stages.similarity import Overlaps


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
        relation: "duplicate", "version", "quote", "furniture" or "unrelated".
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
    if id_a == id_b:
        raise InputError(f"both ids are {id_a}; give two different articles")
    texts: dict[str, str] = {}
    kept = _keep_texts(batches, {id_a, id_b}, texts)
    result = local.cluster(kept, settings, workers=workers, progress=progress)
    for name in (id_a, id_b):
        if name not in texts:
            raise InputError(_unknown(name, result))
    return _compare(result, id_a, id_b, texts, settings)


def _keep_texts(
    batches: Iterable[Batch], wanted: set[str], texts: dict[str, str]
) -> Iterator[Batch]:
    """Pass batches on; take down the texts of the wanted articles, the first of each id."""
    for batch in batches:
        ids = batch.articles.column("id")
        for row in pc.indices_nonzero(pc.is_in(ids, pa.array(wanted, ids.type))).to_pylist():
            texts.setdefault(ids[row].as_py(), batch.articles.column("text")[row].as_py())
        yield batch


def _unknown(name: str, result: Result) -> str:
    ids = result.articles.column("id").to_pylist()
    near = [found for found, _, _ in process.extract(name, ids, limit=3, score_cutoff=70)]
    skipped = name in result.skipped.column("id").to_pylist()
    more = "; it was skipped" if skipped else f"; near it: {', '.join(near)}" if near else ""
    return f"no article has the id {name} among {len(ids)}{more}"


def _compare(
    result: Result, id_a: str, id_b: str, texts: dict[str, str], settings: Settings
) -> Explanation:
    """Lay two articles of a result side by side."""
    ids = (id_a, id_b)
    furniture = {name: _furniture_of(result, name) for name in ids}
    tokens = tokenizer.tokenise(pa.array([texts[name] for name in ids], pa.large_string()))
    spans = [tokenizer.token_spans(texts[name]) for name in ids]
    for row, name in enumerate(ids):
        values = tokens.values[tokens.offsets[row] : tokens.offsets[row + 1]]
        for span in furniture[name]:
            inside = (spans[row][:, 0] >= span.start) & (spans[row][:, 0] < span.end)
            values[inside] |= kernels.FURNITURE
    sets, _ = shingles.shingle_tokens(tokens.values, tokens.offsets, settings)
    # The batch run orders texts by their hashes; the same order here gives the same passages.
    flipped = bool(sets.text_hashes[0] > sets.text_hashes[1])
    pair = np.array([[1, 0]] if flipped else [[0, 1]], dtype=np.int64)
    overlap = similarity.verify(pair, sets)
    shared, runs = passages.measure_one(tokens.values, tokens.offsets, pair, headings.none(2))
    if flipped:
        runs = runs[:, [1, 0, 3, 2, 4]]
    counts = _Counts(overlap, shared, sets, len(spans[0]))
    outlets = [kept.outlet_names(_row_of(result, name))[0].as_py() for name in ids]
    kind = relations.judge(
        shared,
        overlap,
        tokens.values,
        tokens.offsets,
        pair,
        np.array([_numbers_of(outlets)]),
        settings.story_containment,
    )
    listed = _listed_relation(result, ids)
    own = str(kind.names[0]) if counts.is_match(settings) else "unrelated"
    relation = listed or own
    rule = _rule(relation, own, str(kind.rules[0]), counts, settings)
    if not listed and own != "unrelated":
        rule += " The run did not list this pair: there are too many articles like these."
    covered = (shared.covered_a[0], shared.covered_b[0])
    sides = [
        _side(result, name, texts[name], furniture[name], int(sets.n_tokens[row]), int(n))
        for row, name, n in zip((0, 1), ids, reversed(covered) if flipped else covered, strict=True)
    ]
    return Explanation(
        a=sides[0],
        b=sides[1],
        relation=relation,
        reasons=(rule, _placement(sides[0], sides[1], relation, counts, settings)),
        jaccard=float(overlap.jaccard()[0]),
        containment=float(overlap.containment()[0]),
        passages=tuple(sorted(_passages(runs, spans))),
        quoted=int(shared.quoted[0]),
    )


class _Counts(NamedTuple):
    """What was counted of the one pair."""

    overlap: Overlaps
    shared: Shared
    sets: ShingleSets
    words: int

    def is_same(self) -> bool:
        """Say whether both texts have the same words."""
        hashes, lengths = self.sets.text_hashes, self.sets.n_tokens
        return bool(hashes[0] == hashes[1] and lengths[0] == lengths[1]) and self.words > 0

    def is_match(self, settings: Settings) -> bool:
        """Say whether the pair matches outside its furniture."""
        if self.is_same():
            return True
        return bool(self.sets.n_tokens.min() >= settings.min_tokens) and bool(
            self.overlap.jaccard()[0] >= settings.threshold
            or self.overlap.containment()[0] >= settings.containment
        )


def _numbers_of(outlets: list[str]) -> list[int]:
    """Number two outlets as `relations.judge` wants them."""
    same = outlets[0] == outlets[1]
    return [0 if outlets[0] else -1, (0 if same else 1) if outlets[1] else -1]


def _row_of(result: Result, name: str) -> pa.Table:
    """Give an article's row of the table."""
    return result.articles.filter(pc.equal(result.articles.column("id"), name))


def _furniture_of(result: Result, name: str) -> tuple[Span, ...]:
    rows = result.furniture.filter(pc.equal(result.furniture.column("id"), name)).to_pylist()
    return tuple(Span(row["start"], row["end"], row["kind"]) for row in rows)


def _side(
    result: Result, name: str, value: str, furniture: tuple[Span, ...], words: int, covered: int
) -> Side:
    row = _row_of(result, name).to_pylist()[0]
    known = {key: row[key] for key in ("title", "outlet", "published", "cluster", "story")}
    return Side(id=name, text=value, words=words, covered=covered, furniture=furniture, **known)


def _listed_relation(result: Result, ids: tuple[str, str]) -> str:
    """Give the relation that `pairs` has, "" if the pair is not there."""
    pairs = result.pairs
    of_both = pc.and_(
        pc.is_in(pairs.column("id_a"), pa.array(ids, pairs.schema.field("id_a").type)),
        pc.is_in(pairs.column("id_b"), pa.array(ids, pairs.schema.field("id_b").type)),
    )
    rows = pairs.filter(of_both).to_pylist()
    return str(rows[0]["relation"]) if rows else ""


def _rule(relation: str, own: str, rule: str, counts: _Counts, settings: Settings) -> str:
    """Say what decided the relation; `own` and `rule` are what these very pages would get."""
    shared, overlap = counts.shared, counts.overlap
    contained = f"{overlap.containment()[0]:.0%} of the shorter text's word sequences"
    if counts.is_same():
        return "Outside page furniture both texts have the same words in the same order."
    if relation == "furniture":
        if own == "unrelated":
            return (
                f"They match by page furniture; apart from it they share {contained}, too little."
            )
        return (
            "What they share stands on many pages of the outlet, or in more than "
            f"{settings.max_family} articles; apart from that they share too little."
        )
    if relation == "unrelated":
        if counts.sets.n_tokens.min() < settings.min_tokens:
            return (
                f"Outside page furniture one has under {settings.min_tokens} words: too short to "
                "judge, and the other has not the same text."
            )
        return (
            f"They share {contained}; a match needs {settings.containment:.0%}, or a Jaccard "
            f"similarity of {settings.threshold:g}."
        )
    if relation != own:
        return (
            "The run judged a copy of one of these texts, which differs in quotation marks or page "
            "furniture."
        )
    return relations.say(rule, shared)


def _placement(a: Side, b: Side, relation: str, counts: _Counts, settings: Settings) -> str:
    """Say what the relation means for cluster and story."""
    jaccard, containment = counts.overlap.jaccard()[0], counts.overlap.containment()[0]
    ties = relation in ("duplicate", "version")
    if a.cluster == b.cluster:
        direct = counts.is_same() or (ties and jaccard >= settings.threshold)
        why = "" if direct else ", through an article that both are like"
        return f"They are in one cluster, {a.cluster}{why}."
    if a.story == b.story:
        if not ties:
            return f"They are in one story, {a.story}, through other versions of it."
        why = (
            f"their Jaccard similarity of {jaccard:.2f} is below {settings.threshold:g}"
            if jaccard < settings.threshold
            else "each is more like another article"
        )
        return f"They are in one story, {a.story}, but not in one cluster: {why}."
    if not ties:
        return "They are apart."
    if containment < settings.story_containment:
        return (
            f"They are apart: one story needs {settings.story_containment:.0%} of the shorter "
            f"text in the longer, and they have {containment:.0%}."
        )
    if not relations.is_reused(counts.shared)[0]:
        return "They are apart: so few shared words do not make one story."
    return "They are apart: each belongs more closely to the story of other articles."


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
