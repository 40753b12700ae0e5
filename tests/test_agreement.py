"""Batch run, ingest index and `explain` call one pair of texts the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import newswriter
from hypothesis import given, settings
from hypothesis import strategies as st

import dedup
from dedup import api
from dedup.index.ingest import MEMORY
from dedup.settings import Settings
from dedup.tracing import explain

NEWSROOM = Path(__file__).parents[1] / "fixtures" / "newsroom.jsonl"


def in_batch(pair: list[dict[str, Any]]) -> str:
    """The relation of the pair; "" if it was no candidate."""
    result = dedup.cluster(pair)
    (relation,) = result.pairs.column("relation").to_pylist() or ["unrelated"]
    return str(relation) if relation != "unrelated" or result.run["counts"]["candidates"] else ""


def in_index(pair: list[dict[str, Any]]) -> str:
    """The relation of the second to the first; "" if it was not compared with it."""
    with dedup.Index.open(MEMORY) as index:
        first, second = (dedup.Article(**article) for article in pair)
        index.add(first)
        verdict = index.add(second)
    return verdict.relation if verdict.evidence["compared"] else ""


def in_explain(pair: list[dict[str, Any]]) -> str:
    batches = api.batches_of(pair, Settings())
    return explain.explain(batches, pair[0]["id"], pair[1]["id"], Settings()).relation


def all_agree(pair: list[dict[str, Any]]) -> str:
    """Candidates are searched in two ways and may differ; whoever compares the two must agree."""
    relations = {in_batch(pair), in_index(pair), in_explain(pair)} - {""}
    assert len(relations) == 1, (pair[0]["id"], pair[1]["id"], relations)
    return relations.pop()


def test_they_agree_on_the_pairs_of_a_newsroom() -> None:
    articles = {}
    for line in NEWSROOM.read_bytes().splitlines():
        try:
            row = json.loads(line)
        except ValueError:  # bad records, which the newsroom has on purpose
            continue
        if row.get("id") and row.get("text"):
            known = {name: row.get(name) or "" for name in ("text", "outlet", "url")}
            articles[row["id"]] = {"id": row["id"], **known}
    listed = dedup.cluster(list(articles.values())).pairs.to_pylist()
    pairs = [(row["id_a"], row["id_b"]) for row in listed[::5]]
    pairs += list(zip(list(articles)[:10], list(articles)[10:20], strict=True))
    # An index learns an outlet's furniture later than a batch run does, from more of its pages.
    pairs = [(a, b) for a, b in pairs if articles[a]["outlet"] != articles[b]["outlet"]]
    found = {all_agree([articles[a], articles[b]]) for a, b in pairs}
    assert {"duplicate", "version", "unrelated"} <= found


def test_they_agree_on_a_speech_that_two_reports_quote() -> None:
    speech = f"“{newswriter.text(80, 5)}”"
    texts = (f"{newswriter.text(60, 1)} {speech}", f"{newswriter.text(120, 2)} {speech}")
    pair = [{"id": name, "text": text} for name, text in zip("ab", texts, strict=True)]
    assert all_agree(pair) == "quote"


@given(
    st.integers(0, 400), st.integers(0, 400), st.integers(0, 400), st.sampled_from(["", "A", "B"])
)
@settings(deadline=None, max_examples=60)
def test_they_agree_whatever_two_texts_share(
    shared: int, own: int, other: int, outlet: str
) -> None:
    text = newswriter.text(shared, 1)
    all_agree(
        [
            {"id": "a", "text": f"{newswriter.text(own, 2)} {text}".strip() or ".", "outlet": "A"},
            {"id": "b", "text": f"{text} {newswriter.text(other, 3)}".strip() or ".",
             "outlet": outlet},
        ]
    )  # fmt: skip
