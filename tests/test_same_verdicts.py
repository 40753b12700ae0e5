"""The batch run, the ingest index and `explain` decide alike on the same articles."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import dedup
from dedup import Settings, api, readers
from dedup.index import learning
from dedup.index.ingest import Index
from dedup.tracing import explain

NEWSROOM = Path(__file__).parents[1] / "fixtures" / "newsroom.jsonl"
COLUMNS = ["id", "text", "title", "outlet", "published", "url"]

Pair = tuple[str, str]


@cache
def newsroom() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for batch in readers.read([str(NEWSROOM)]):
        for row in batch.articles.select(COLUMNS).to_pylist():
            found.setdefault(row["id"], row)
    return found


@cache
def batch_verdicts() -> dict[Pair, tuple[str, float, float]]:
    pairs = dedup.cluster(newsroom().values()).pairs.to_pylist()
    return {
        (row["id_a"], row["id_b"]): (row["relation"], row["jaccard"], row["containment"])
        for row in pairs
    }


@cache
def unlisted_pairs() -> list[Pair]:
    ids, listed = list(newsroom()), {frozenset(pair) for pair in batch_verdicts()}
    chance = random.Random(7)
    found = [(a, b) for a, b in (chance.sample(ids, 2) for _ in range(200))]
    return [pair for pair in found if frozenset(pair) not in listed]


@cache
def furniture_of_all() -> dict[str, bytes]:
    with Index() as index:
        index.add_many(newsroom().values())
        index.refresh(workers=1)
        return index._store.read(
            lambda session: {
                name: session.meta(name) or b"" for name in ("furniture", "learned", "titles")
            }
        )


def index_verdict(pair: Pair) -> tuple[str, float, float]:
    """Say what the second article is to the first, with the furniture that a batch run knows."""
    first, second = (newsroom()[name] for name in pair)
    with Index() as index:
        new = learning.NewKnowledge(b"", furniture_of_all())
        index._store.write(lambda session: learning.keep(session, new))
        index.add(first)
        verdict = index.add(second)
        return verdict.relation, verdict.jaccard, verdict.containment


def test_the_index_says_of_each_pair_what_the_batch_run_says() -> None:
    assert len(batch_verdicts()) > 400
    for pair, (relation, *similar) in batch_verdicts().items():
        found, *index_similar = index_verdict(pair)
        is_scrap = relation == "template" and similar[1] < 0.3
        if (relation == "furniture" or is_scrap) and found == "unrelated":
            continue  # known furniture is not looked up, and scraps of a form may share no print
        assert (pair, found) == (pair, relation)
        assert index_similar == pytest.approx(similar)


def test_the_index_ties_nothing_that_the_batch_run_does_not_list() -> None:
    assert {index_verdict(pair)[0] for pair in unlisted_pairs()} == {"unrelated"}


@pytest.mark.parametrize("relation", ["duplicate", "version", "quote", "furniture", "unrelated"])
def test_explain_says_of_a_pair_what_the_batch_run_says(relation: str) -> None:
    listed = [pair for pair, (found, *_) in batch_verdicts().items() if found == relation]
    for pair in random.Random(1).sample(listed or unlisted_pairs(), min(15, len(listed) or 15)):
        batches = api.batches_of(newsroom().values(), Settings())
        explained = explain.explain(batches, *pair, Settings())
        assert (pair, explained.relation) == (pair, relation)
        if relation in ("duplicate", "version", "quote"):
            similar = (explained.jaccard, explained.containment)
            assert similar == pytest.approx(batch_verdicts()[pair][1:])
