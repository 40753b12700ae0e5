"""Articles for tests of the ingest index, and what to compare."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import newswriter
import pyarrow.parquet as pq
import pytest

from dedup import readers
from dedup.index.ingest import Index

ROOT = Path(__file__).parents[1]

SYNDICATION = Path(__file__).parents[2] / "shared/data/syndication_day/articles.parquet"


TWO_WEEKS = timedelta(days=14)


FLOOD, HARBOUR, STRIKE = (newswriter.text(200, seed) for seed in (1, 2, 3))


OPENING = " ".join(FLOOD.split()[:120])


def article(name: str, text: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "text": text, **more}


@cache
def newsroom() -> list[dict[str, Any]]:
    names = ["id", "text", "title", "outlet", "published", "url"]
    batches = readers.read([str(ROOT / "fixtures/newsroom.jsonl")])
    return [row for batch in batches for row in batch.articles.select(names).to_pylist()]


@cache
def syndication() -> list[dict[str, Any]]:
    if not SYNDICATION.exists():
        pytest.skip(f"{SYNDICATION} is not there")
    return pq.ParquetFile(SYNDICATION).read(use_threads=False).to_pylist()


CORPORA = pytest.mark.parametrize("corpus", [newsroom, syndication], ids=["newsroom", "real"])


def shuffled(articles: list[dict[str, Any]], seed: int) -> list[dict[str, Any]]:
    return random.Random(seed).sample(articles, len(articles))


def groups(places: dict[str, str]) -> set[frozenset[str]]:
    found = defaultdict(set)
    for name, place in places.items():
        found[place].add(name)
    return {frozenset(group) for group in found.values()}


def partitions(result: Any) -> tuple[set[frozenset[str]], set[frozenset[str]]]:
    rows = result.articles.to_pylist()
    clusters, stories = ({row["id"]: row[level] for row in rows} for level in ("cluster", "story"))
    return groups(clusters), groups(stories)


def stored(index: Index) -> dict[str, str]:
    columns = [batch.articles.select(["id", "text"]).to_pydict() for batch in index.batches()]
    ids = [name for part in columns for name in part["id"]]
    assert len(ids) == len(set(ids))
    return dict(zip(ids, (text for part in columns for text in part["text"]), strict=True))


def menu_pages(n: int) -> list[dict[str, Any]]:
    """Make n pages, each with a menu and a report of its own, `menu_report(i)`."""
    menu = "\n".join(newswriter.sentences(14, 91))
    return [
        article(f"p{i}", f"{menu}\n{menu_report(i)}", outlet="A", title=newswriter.subject(200 + i))
        for i in range(n)
    ]


def menu_report(i: int) -> str:
    return newswriter.titled(9, 200 + i)[1]
