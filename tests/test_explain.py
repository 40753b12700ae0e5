"""`dedup explain`: the verdict of the run, with passages that really stand in both texts."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import naive
import pytest
from click.testing import CliRunner

from dedup import api, explain, pipeline
from dedup.cli import cli
from dedup.errors import InputError
from dedup.report import explanation as report
from dedup.results import Result
from dedup.settings import Settings

NEWSROOM = Path(__file__).parents[1] / "fixtures" / "newsroom.jsonl"

WIRE = (
    "The harbour board voted on Tuesday to close the old swing bridge to lorries from the first of "
    "May, after engineers found cracks in two of its main girders. Cars and buses may still cross, "
    "one at a time, until the new span opens next year. The board said repairs would cost nine "
    "million crowns and take eleven weeks. Hauliers called the decision a heavy blow to the port."
)
OWN = (
    "Ferry timetables will change for the summer season as well. The operator promised two more "
    "sailings a day and a later boat on Fridays, which shopkeepers had asked for since autumn."
)


def explained(articles: list[dict[str, Any]], a: str, b: str, **settings: Any):
    batches = api.batches_of(articles, Settings(**settings))
    return explain.explain(batches, a, b, Settings(**settings))


def newsroom() -> tuple[list[dict[str, Any]], Result]:
    articles = []
    for line in NEWSROOM.read_bytes().splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        articles.append(row)
    return articles, pipeline.cluster(api.batches_of(articles, Settings()), Settings())


def test_it_says_what_the_run_says_and_its_passages_stand_in_both_texts() -> None:
    articles, result = newsroom()
    together = {row["id"]: (row["cluster"], row["story"]) for row in result.articles.to_pylist()}
    pairs = random.Random(5).sample(result.pairs.to_pylist(), 25)
    for row in pairs:
        a, b = row["id_a"], row["id_b"]
        found = explained(articles, a, b)
        assert found.relation == row["relation"]
        assert found.same_cluster == (together[a][0] == together[b][0])
        assert found.same_story == (together[a][1] == together[b][1])
        if row["relation"] != "furniture":
            assert found.jaccard == pytest.approx(row["jaccard"])
            assert found.containment == pytest.approx(row["containment"])
        for passage in found.passages:
            in_a = naive.tokens(found.a.text[passage.start_a : passage.end_a])
            in_b = naive.tokens(found.b.text[passage.start_b : passage.end_b])
            assert len(in_a) >= passage.words
            assert in_a == in_b or len(in_a) != passage.words or len(in_b) != passage.words


def test_the_order_of_the_two_makes_no_difference() -> None:
    articles, result = newsroom()
    row = next(row for row in result.pairs.to_pylist() if row["relation"] == "version")
    one, other = (
        explained(articles, *ids)
        for ids in ((row["id_a"], row["id_b"]), (row["id_b"], row["id_a"]))
    )
    assert one.relation == other.relation
    assert one.reasons == other.reasons
    assert sorted(p.words for p in one.passages) == sorted(p.words for p in other.passages)
    assert (one.a, one.b) == (other.b, other.a)


@pytest.mark.parametrize(
    ("other", "relation", "says"),
    [
        pytest.param(WIRE, "duplicate", "one text version", id="identical"),
        pytest.param(WIRE + " " + OWN, "version", "reporting is reused", id="with an addition"),
        pytest.param(OWN, "unrelated", "a match needs 20%", id="nothing shared"),
        pytest.param("Short.", "unrelated", "too short to judge", id="too short"),
    ],
)
def test_the_reason_names_what_decided(other: str, relation: str, says: str) -> None:
    articles = [{"id": "a", "text": WIRE}, {"id": "b", "text": other}]
    found = explained(articles, "a", "b")
    assert found.relation == relation
    assert says in found.reasons[0]


def test_what_is_apart_is_said_to_be_apart() -> None:
    found = explained([{"id": "a", "text": WIRE}, {"id": "b", "text": OWN}], "a", "b")
    assert not found.same_cluster
    assert not found.same_story
    assert "apart" in found.reasons[1]
    assert found.passages == ()


def test_unknown_and_equal_ids_are_refused() -> None:
    articles = [{"id": "alpha", "text": WIRE}, {"id": "beta", "text": OWN}]
    with pytest.raises(InputError, match="no article has the id alpa among 2; near it: alpha"):
        explained(articles, "alpa", "beta")
    with pytest.raises(InputError, match="both ids are beta; give two different"):
        explained(articles, "beta", "beta")


def test_json_holds_everything_and_titles_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    rows = [
        {"id": "a", "text": WIRE, "title": "[red]\x1b[31mBridge\x1b[0m[/red]"},
        {"id": "b", "text": WIRE + " " + OWN, "title": "Bridge"},
    ]
    dump = tmp_path / "dump.jsonl"
    dump.write_text("".join(json.dumps(row) + "\n" for row in rows))
    shown = CliRunner().invoke(cli, ["explain", str(dump), "a", "b"])
    assert shown.exit_code == 0
    assert "\x1b" not in shown.output
    assert "[red]" in shown.output
    done = CliRunner().invoke(cli, ["explain", str(dump), "a", "b", "--json"])
    values = json.loads(done.stdout)
    assert values["relation"] == "version"
    assert values["same_story"] is True
    (passage,) = values["passages"]
    assert WIRE[passage["start_a"] : passage["end_a"]] == WIRE.rstrip(".")
    assert json.loads(report.as_json(explained(rows, "a", "b")))["a"]["words"] > 50
