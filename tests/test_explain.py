"""`dedup explain`: the verdict of the run, with passages that really stand in both texts."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import naive
import newswriter
import pyarrow as pa
import pytest
from click.testing import CliRunner

import dedup
from dedup import api
from dedup.commands.cli import cli
from dedup.engines import local
from dedup.errors import InputError
from dedup.report import explanation as report
from dedup.results.result import Result
from dedup.settings import Settings
from dedup.stages import headings
from dedup.text import tokenizer
from dedup.tracing import explain, reasons
from dedup.tracing import pair as pairs

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
    return articles, local.cluster(api.batches_of(articles, Settings()), Settings())


def words(side: explain.Side, start: int, end: int) -> list[str]:
    """The words of a stretch of an article, without its furniture."""
    kept = list(side.text[:end])
    for span in side.furniture:
        kept[span.start : span.end] = " " * len(kept[span.start : span.end])
    return naive.tokens("".join(kept[start:]))


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
            in_a = words(found.a, passage.start_a, passage.end_a)
            assert in_a == words(found.b, passage.start_b, passage.end_b)
            assert len(in_a) == passage.words


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
        pytest.param(WIRE, "duplicate", "have the same words in the same order", id="identical"),
        pytest.param(
            WIRE.upper().replace(",", ";"), "duplicate", "have the same words", id="typography"
        ),
        pytest.param(WIRE + " Really.", "duplicate", "of the longer text", id="one word more"),
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


MENU = "\n".join(newswriter.sentences(4, 91))


def page(name: str, text: str, **said: str) -> dict[str, Any]:
    return {"id": name, "text": text, **said}


def menu_pages(n: int, menu: str = MENU, **said: str) -> list[dict[str, Any]]:
    return [
        page(f"m{i}", f"{menu}\n{report_of(i)}", title=newswriter.subject(100 + i), **said)
        for i in range(n)
    ]


def report_of(i: int) -> str:
    return newswriter.titled(9, 100 + i)[1]


def test_the_host_of_the_url_is_the_outlet_as_in_the_run() -> None:
    """Within one outlet paragraphs are reused; from another they are an excerpt."""
    base = newswriter.text(125, 1)
    texts = (f"{newswriter.text(100, 2)} {base}", f"{base} {newswriter.text(400, 3)}")
    for hosts, relation, says in (
        (("one.example", "www.one.example:8080"), "version", "reporting is reused"),
        (("one.example", "two.example"), "quote", "outlet quotes another"),
        (("", ""), "quote", "outlet quotes another"),
    ):
        urls = [f"https://{host}/x" if host else "" for host in hosts]
        articles = [page(n, t, url=u) for n, t, u in zip("ab", texts, urls, strict=True)]
        found = explained(articles, "a", "b")
        assert (found.relation, says in found.reasons[0]) == (relation, True)
        result = local.cluster(api.batches_of(articles, Settings()), Settings())
        assert result.pairs.column("relation").to_pylist() == [relation]


def test_the_given_outlet_counts_more_than_the_host() -> None:
    base = newswriter.text(125, 1)
    texts = (f"{newswriter.text(100, 2)} {base}", f"{base} {newswriter.text(400, 3)}")
    for outlets, relation in (((" One", "ONE "), "version"), (("One", "Two"), "quote")):
        articles = [
            page(name, text, outlet=outlet, url="https://one.example/x")
            for name, text, outlet in zip("ab", texts, outlets, strict=True)
        ]
        assert explained(articles, "a", "b").relation == relation


def test_a_pair_that_the_run_did_not_list_is_explained_by_what_it_shares() -> None:
    """With so many identical articles `pairs` has those with the first of them only."""
    articles = [page(f"same{i}", WIRE) for i in range(5)]
    articles += [page(f"more{i}", f"{WIRE} {OWN}") for i in range(5)]
    result = local.cluster(api.batches_of(articles, Settings()), Settings(max_bucket=2))
    listed = {frozenset((row["id_a"], row["id_b"])) for row in result.pairs.to_pylist()}
    for a, b, relation, says in (
        ("same2", "same3", "duplicate", "have the same words"),
        ("same2", "more3", "version", "reporting is reused"),
    ):
        assert frozenset((a, b)) not in listed
        found = explained(articles, a, b, max_bucket=2)
        assert found.relation == relation
        assert says in found.reasons[0]
        assert "did not list this pair" in found.reasons[0]
        assert found.same_cluster
        assert "did not list" not in explained(articles, a, b).reasons[0]
    first = explained(articles, "same0", "more3", max_bucket=2)
    assert (first.relation, "did not list" in first.reasons[0]) == ("version", False)


def test_a_listed_relation_is_the_one_of_the_table() -> None:
    """What the run found of a copy with quotation marks holds for the copy without, too."""
    speech = " ".join(newswriter.words(80, 5))
    texts = [newswriter.text(60, seed) for seed in (1, 2)]
    articles = [
        page("quoted", f"{texts[0]} “{speech}”"),
        page("stripped", f"{texts[0]} {speech}"),
        page("other", f"{texts[1]} {speech} {newswriter.text(60, 3)}"),
    ]
    result = local.cluster(api.batches_of(articles, Settings()), Settings())
    of = {frozenset((r["id_a"], r["id_b"])): r["relation"] for r in result.pairs.to_pylist()}
    says = []
    for name in ("quoted", "stripped"):
        found = explained(articles, name, "other")
        assert found.relation == of[frozenset((name, "other"))]
        says.append("judged a copy of one of these texts" in found.reasons[0])
    assert sorted(says) == [False, True]


def test_pages_that_share_their_menu_only_are_furniture() -> None:
    menu = "\n".join(newswriter.sentences(9, 91))
    found = explained(menu_pages(4, menu, outlet="A"), "m0", "m1")
    assert found.relation == "furniture"
    assert found.reasons == (
        "They match by page furniture; apart from it they share 0% of the shorter text's word "
        "sequences, too little.",
        "They are apart.",
    )
    assert [span.kind for span in found.a.furniture] == ["learned"]


def test_pages_that_share_a_gallery_amid_their_reports_are_furniture() -> None:
    gallery = newswriter.text(60, 9)
    articles = [
        page(f"g{i}", f"{newswriter.titled(9, 50 + i)[1]} {gallery} {newswriter.text(80, 70 + i)}",
             title=newswriter.subject(50 + i))
        for i in range(2)
    ]  # fmt: skip
    found = explained(articles, "g0", "g1")
    assert (found.relation, found.a.furniture) == ("furniture", ())
    assert found.reasons[0].endswith(
        "their titles, and what they have beside it, say that it is the report of neither."
    )
    untitled = [{"id": one["id"], "text": one["text"]} for one in articles]
    assert explained(untitled, "g0", "g1").relation == "version"


def test_copies_in_other_furniture_have_the_same_words_outside_of_it() -> None:
    articles = menu_pages(4, outlet="A")
    articles.append(page("bare", report_of(0), outlet="B"))
    found = explained(articles, "bare", "m0")
    assert found.relation == "duplicate"
    assert found.reasons == (
        "Outside page furniture both texts have the same words in the same order.",
        f"They are in one cluster, {found.a.cluster}.",
    )


def test_texts_without_any_word_are_not_said_to_be_the_same() -> None:
    articles = [page("a", "…"), page("b", "…"), page("c", WIRE)]
    for other in ("b", "c"):
        found = explained(articles, "a", other)
        assert found.relation == "unrelated"
        assert not found.same_cluster
        assert "the same words in the same order" not in found.reasons[0]


def test_a_stub_with_other_line_breaks_is_what_the_run_says_it_is() -> None:
    """One page's menu is furniture and leaves too little, the other's stands in one line."""
    stub = "More to follow at noon."
    articles = menu_pages(4, outlet="A")
    articles += [page("lines", f"{MENU}\n{stub}", outlet="A")]
    words = MENU.replace("\n", " ").replace(".", "")
    articles += [page("one line", f"{words} {stub}", outlet="A")]
    result = local.cluster(api.batches_of(articles, Settings()), Settings())
    of = {frozenset((r["id_a"], r["id_b"])): r["relation"] for r in result.pairs.to_pylist()}
    found = explained(articles, "lines", "one line")
    assert found.relation == of.get(frozenset(("lines", "one line")), "unrelated")


def test_members_of_a_story_in_several_clusters_say_why() -> None:
    reports = [newswriter.report(12, seed) for seed in range(1, 6)]
    articles = [page("a", reports[0]), page("b", "\n".join(reports))]
    found = explained(articles, "a", "b")
    assert (found.relation, found.same_story, found.same_cluster) == ("version", True, False)
    assert found.reasons[1].endswith("is below 0.25.")


def test_what_is_apart_is_said_to_be_apart() -> None:
    found = explained([{"id": "a", "text": WIRE}, {"id": "b", "text": OWN}], "a", "b")
    assert not found.same_cluster
    assert not found.same_story
    assert "apart" in found.reasons[1]
    assert found.passages == ()


def test_unknown_and_equal_ids_are_refused() -> None:
    articles = [{"id": "alpha", "text": WIRE}, {"id": "beta", "text": OWN}]
    with pytest.raises(InputError, match=r"no article has the id alpa among 2; near it: alpha$"):
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


def test_ids_may_be_numbers() -> None:
    rows = [{"id": 1, "text": WIRE}, {"id": 2, "text": WIRE + " " + OWN}]
    assert dedup.explain(rows, 1, 2).relation == "version"


def test_the_reason_belongs_to_the_relation_of_the_run() -> None:
    said = {"furniture": "report of neither", "template": "one form filled twice"}
    tokens = tokenizer.tokenise(pa.array([WIRE + " " + OWN, WIRE], pa.large_string()))
    pair = pairs.measure(tokens, ["", ""], headings.none(2), Settings())
    assert pair.relation == "version"
    for relation, words in said.items():
        assert words in reasons.of_relation(relation, pair, Settings())


def test_an_id_that_is_no_text_is_unknown() -> None:
    with pytest.raises(InputError, match="no article has the id"):
        explained([{"id": "a", "text": WIRE}], "a", "\udcff")
