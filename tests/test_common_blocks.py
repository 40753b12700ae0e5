"""`dedup furniture`: what many pages have in common, and what it was taken for."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import newswriter
import pytest
from click.testing import CliRunner

import dedup
from dedup import Article, Settings, api
from dedup.commands.cli import cli
from dedup.tracing import common_blocks

NEWSROOM = Path(__file__).parents[1] / "fixtures" / "newsroom.jsonl"
NOTICE = "Write to the desk by the old mill if you see a mistake in this or any other report."


def pages() -> list[Article]:
    """A notice under twelve reports, and one report that eleven outlets carry."""
    found = []
    for i in range(12):
        title, text = newswriter.titled(9, 4_000 + i)
        found.append(Article(f"n{i}", f"{text}\n{NOTICE}", title=title, outlet="Mill Gazette"))
    title, wire = newswriter.titled(14, 5_000)
    for i in range(11):
        text = f"{newswriter.report(3, 6_000 + i)}\n{wire}"
        found.append(Article(f"c{i}", text, title=title, outlet=f"Paper {i}"))
    return found


def groups(articles: list[Article], least: int = 10, workers: int = 1) -> list[common_blocks.Group]:
    settings = Settings()
    listing = common_blocks.find(
        api.batches_of(articles, settings), settings, least=least, workers=workers
    )
    assert (listing.articles, listing.skipped) == (len(articles), [])
    return listing.groups


def test_a_notice_is_furniture_and_a_report_that_many_carry_is_none() -> None:
    notice, wire = groups(pages())
    assert (notice.verdict, notice.pages, notice.outlets, notice.text) == (
        "furniture", 12, 1, NOTICE,
    )  # fmt: skip
    assert notice.said > 0.5 > wire.said
    assert (wire.verdict, wire.pages, wire.outlets, wire.blocks) == ("report", 11, 11, 14)
    assert set(wire.ids) == {"c0", "c1", "c2"}


def test_groups_are_the_blocks_that_the_same_pages_hold() -> None:
    held: defaultdict[str, set[str]] = defaultdict(set)
    for page in pages():
        for line in page.text.splitlines():
            held[line].add(page.id)
    wanted = sorted(len(ids) for ids in set(map(frozenset, held.values())) if len(ids) >= 10)
    assert sorted(group.pages for group in groups(pages())) == wanted
    assert groups(pages(), least=13) == []
    assert groups(pages(), workers=2) == groups(pages())


def test_it_says_what_the_run_left_out() -> None:
    articles = pages()
    left_out = {row["id"] for row in dedup.cluster(articles).furniture.to_pylist()}
    assert left_out == {page.id for page in articles if NOTICE in page.text}


@pytest.mark.parametrize("articles", [[], [Article("a", "One page alone.")]])
def test_a_pile_without_anything_in_common_has_no_groups(articles: list[Article]) -> None:
    assert groups(articles) == []


def test_the_command_writes_a_line_for_each_and_names_what_it_skipped() -> None:
    done = CliRunner().invoke(cli, ["furniture", str(NEWSROOM), "--least", "5"])
    assert done.exit_code == 0
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {row["verdict"] for row in rows} >= {"furniture", "report"}
    assert [row["pages"] for row in rows] == sorted((row["pages"] for row in rows), reverse=True)
    assert min(row["pages"] for row in rows) == 5
    assert "newsroom.jsonl:21: empty text" in done.stderr


def test_a_pile_of_which_nothing_could_be_read_is_an_error(tmp_path: Path) -> None:
    pile = tmp_path / "pile.jsonl"
    pile.write_text('{"id": "a", "text": ""}\n{"id": "b"}\n')
    done = CliRunner().invoke(cli, ["furniture", str(pile)])
    assert done.exit_code == 1
    assert "all 2 records were skipped" in str(done.exception)
