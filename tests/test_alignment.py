"""Sentence alignment: laws, cases a newsroom knows, and floors on labelled data."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import newswriter
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import dedup
from dedup.commands.cli import cli
from dedup.errors import InputError
from dedup.tracing import alignment

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"

WIRE = (
    "PORT ELSA (AP) — A fire on a car ferry off the northern coast killed 12 people on Monday, the "
    "coast guard said. The blaze broke out in the engine room shortly after midnight. Helicopters "
    "lifted 140 passengers from the upper deck in high winds. “We heard an explosion and then the "
    "lights went out,” said Oksana Shevchenko, a nurse who was travelling with her son. The ship's "
    "owner, Norvik Lines, said it would cooperate with investigators."
)


def labels(local: str, *sources: str) -> list[str]:
    return [row.label for row in alignment.align(local, list(sources)).sentences]


@pytest.mark.parametrize(
    ("sentence", "label"),
    [
        pytest.param(
            "The blaze broke out in the engine room shortly after midnight.",
            "copied",
            id="verbatim",
        ),
        pytest.param(
            "The blaze started in the engine room shortly after midnight.",
            "copied",
            id="one word changed",
        ),
        pytest.param(
            "Helicopters lifted 140 passengers from the upper deck.", "copied", id="a cut clause"
        ),
        pytest.param(
            '"We heard an explosion and then the lights went out," said Oksana Shevchenko.',
            "copied",
            id="other quotation marks",
        ),
        pytest.param(
            "Norvik Lines, which owns the ship, promised to cooperate with investigators.",
            "rewritten",
            id="reworded",
        ),
        pytest.param(
            "A fire on a car ferry off the northern coast killed 31 people on Friday, police said.",
            "rewritten",
            id="the same frame with other facts",
        ),
        pytest.param(
            "The town's bakery will open a second shop near the station in spring.",
            "added",
            id="unrelated",
        ),
        pytest.param("The Associated Press contributed to this report.", "credit", id="credit"),
        pytest.param("Copyright 2018 The Associated Press.", "credit", id="copyright"),
        pytest.param("Share this article", "furniture", id="furniture"),
    ],
)
def test_sentences_beside_a_wire_story(sentence: str, label: str) -> None:
    assert labels(sentence, WIRE) == [label]


def test_spans_are_those_of_both_texts() -> None:
    local = "Local lead about the harbour.\n" + WIRE
    found = alignment.align(local, WIRE)
    for row in found.sentences[1:]:
        assert row.label == "copied"
        assert row.source_start is not None
        assert local[row.start : row.end] == WIRE[row.source_start : row.source_end]
    (passage,) = found.passages
    assert local[passage.start : passage.end] == WIRE[passage.source_start : passage.source_end]
    assert found.verdict == "partially_derived"
    assert found.copied_share + found.rewritten_share + found.added_share == pytest.approx(1)


def test_a_moved_sentence_and_merged_ones_are_found() -> None:
    parts = [WIRE[row.start : row.end] for row in alignment.align(WIRE, WIRE).sentences]
    assert set(labels(" ".join(reversed(parts)), WIRE)) == {"copied"}
    merged = parts[1].rstrip(".") + ", and " + parts[2][0].lower() + parts[2][1:]
    assert labels(merged, WIRE) == ["copied"]


def test_merged_sentences_are_linked_to_both() -> None:
    parts = [WIRE[row.start : row.end] for row in alignment.align(WIRE, WIRE).sentences]
    (row,) = alignment.align(f"{parts[1][:-1]}, and {parts[2]}\nBye.", WIRE).sentences[:1]
    assert WIRE[row.source_start : row.source_end] == f"{parts[1]} {parts[2]}"


ABROAD = (
    "Fighters ambushed an army convoy near Tin Zaouatine in the far north on Thursday, the general "
    "staff said. Colonel Andriy Shevchenko, who led the column, was among those killed. The troops "
    "had left Kidal two days earlier to search for smugglers along the border. Survivors walked "
    "through the night to a well, where a patrol found them at dawn. Parliament is to debate the "
    "mission next week."
)
REWORDED = (
    "An army column was attacked in the desert close to Tinzaouaten, its commanders say.\n"
    "Its chief, Col. Andrij Chevtchenko, died.\n"
    "They were looking for smuggling gangs at the frontier and had set out from Kidal.\n"
    "A patrol came upon the survivors by a well in the morning.\n"
    "Lawmakers will discuss the mission within days."
)


def test_sentences_reworded_throughout_are_found_by_names_and_order() -> None:
    found = alignment.align(REWORDED, ABROAD).sentences
    wire = alignment.align(ABROAD, ABROAD).sentences
    assert [row.label for row in found] == ["rewritten"] * 5
    assert [row.source_start for row in found] == [row.start for row in wire]
    shuffled = "\n".join(reversed(REWORDED.split("\n")))
    assert labels(shuffled, ABROAD).count("added") > 1  # order made the weak ones count


def test_numbers_that_contradict_break_a_chain() -> None:
    wire = "The mine at Orrey closed in March. Some 40 miners lost their work. Unions protested."
    local = "Orrey's pit shut in March.\nWork was lost by {} miners.\nThere were union protests."
    near = alignment.align(local.format(40), wire).sentences[1].similarity
    assert alignment.align(local.format(75), wire).sentences[1].similarity < near


def naive_copying(local: list[str], source: list[str]) -> float:
    size = min(3, len(local))
    runs = {tuple(source[j : j + size]) for j in range(len(source) - size + 1)}
    marked = {
        i + k
        for i in range(len(local) - size + 1)
        if tuple(local[i : i + size]) in runs
        for k in range(size)
    }
    table = [[0] * (len(source) + 1) for _ in range(len(local) + 1)]
    for i, a in enumerate(local):
        for j, b in enumerate(source):
            longest = max(table[i][j + 1], table[i + 1][j])
            table[i + 1][j + 1] = table[i][j] + 1 if a == b else longest
    return (len(marked) + table[-1][-1]) / (2 * len(local))


WORDS = st.sampled_from(
    ["harbour", "ferry", "captain", "engine", "burned", "smoke", "rescue", "winter"]
)


@given(st.lists(WORDS, min_size=4, max_size=145), st.lists(WORDS, min_size=4, max_size=145))
@settings(deadline=None, max_examples=150)
def test_copying_equals_its_naive_twin(local: list[str], source: list[str]) -> None:
    (row,) = alignment.align(" ".join(local), " ".join(source)).sentences
    copying = naive_copying(local, source)
    assert (row.label == "copied") == (copying >= 0.65)
    if row.label == "copied":
        assert row.similarity == pytest.approx(copying)


def test_the_best_of_several_sources_wins_and_ties_are_said() -> None:
    other = newswriter.report(8, 5)
    local = f"{WIRE}\n{other}"
    found = alignment.align(local, [dedup.Article("wire", WIRE), dedup.Article("own", other)])
    n = len(alignment.align(WIRE, WIRE).sentences)
    assert {row.source_id for row in found.sentences[:n]} == {"wire"}
    assert {row.source_id for row in found.sentences[n:]} == {"own"}
    twice = alignment.align(WIRE, [dedup.Article("a", WIRE), dedup.Article("b", WIRE)])
    assert {(row.source_id, row.also) for row in twice.sentences} == {("a", ("b",))}


@given(st.integers(0, 300), st.integers(1, 12))
@settings(deadline=None, max_examples=30)
def test_a_text_beside_itself_is_copied_in_place(seed: int, n: int) -> None:
    text = newswriter.report(n, seed)
    found = dedup.align(text, text)
    assert {row.label for row in found.sentences} == {"copied"}
    assert found.verdict == "wholly_derived"
    assert found.copied_share == 1
    for row in found.sentences:
        assert text[row.start : row.end] == text[row.source_start : row.source_end]


@given(st.integers(0, 100), st.integers(200, 300))
@settings(deadline=None, max_examples=30)
def test_appending_a_paragraph_changes_no_other_sentence(seed: int, other: int) -> None:
    text = newswriter.report(6, seed)
    before = alignment.align(text, WIRE).sentences
    longer = alignment.align(f"{text}\n\n{newswriter.report(3, other)}", WIRE).sentences
    assert [(row.start, row.end) for row in longer[: len(before)]] == [
        (row.start, row.end) for row in before
    ]
    assert [row.label for row in longer[: len(before) - 1]] == [row.label for row in before[:-1]]


@pytest.mark.parametrize("seed", range(5))
def test_the_kind_of_input_and_a_repeated_source_make_no_difference(seed: int) -> None:
    local, wire = f"{newswriter.report(4, seed)} {WIRE}", WIRE
    plain = alignment.align(local, wire).sentences
    article = alignment.align(dedup.Article("x", local), dedup.Article("0", wire)).sentences
    twice = alignment.align(local, [dedup.Article("0", wire), dedup.Article("0", wire)]).sentences
    assert plain == article == twice
    batch = list(alignment.align_many([(local, [wire]), (wire, [local]), (local, [wire])]))
    assert batch[0] == batch[2] == alignment.align(local, wire)


@pytest.mark.parametrize(("local", "source"), [("", WIRE), (WIRE, ""), ("", ""), ("…", "!")])
def test_empty_texts_are_no_error(local: str, source: str) -> None:
    found = alignment.align(local, source)
    assert found.verdict == "non_derived"
    assert found.passages == ()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("word and other " * 20_000, id="no stop at all"),
        pytest.param("Share\n" * 20_000, id="lines of furniture"),
        pytest.param("So it is.\n" * 3_000, id="one sentence again and again"),
        pytest.param("a\n" * 60_000, id="one word again and again"),
        pytest.param("12 13 14. " * 15_000, id="numbers again and again"),
        pytest.param("\n".join(f"Xa{i}b" for i in range(20_000)), id="a directory of names"),
        pytest.param("㌖\ud800\x00é\u0301 ﷺ. " * 50, id="odd characters"),
    ],
)
def test_hostile_texts_take_no_square_of_their_length(text: str) -> None:
    found = alignment.align(text, text)
    assert {row.label for row in found.sentences} <= {"copied", "furniture"}
    assert all(0 <= row.start < row.end <= len(text) for row in found.sentences)


def test_a_batch_names_plain_texts_by_their_place() -> None:
    one, two, three = (newswriter.report(5, seed) for seed in (1, 2, 3))
    pairs = [(three, [one, two]), (two, [two, one]), (one, [two, one]), (three, [one, three])]
    for (local, sources), found in zip(pairs, alignment.align_many(pairs), strict=True):
        assert found == alignment.align(local, sources)
    with pytest.raises(InputError, match="needs a list of its sources"):
        list(alignment.align_many([(one, [])]))


def test_the_very_sentence_is_preferred() -> None:
    (_, headline) = alignment.align(
        "Home » Home again\n\nHome again", "Home » Home again\n\nHome again"
    ).sentences
    assert (headline.source_start, headline.label) == (headline.start, "copied")
    assert set(labels("No no no.\nNo.\n", "No no no.\nNo.\n")) == {"copied"}


def test_wrong_input_is_refused() -> None:
    with pytest.raises(InputError, match="no source to align with"):
        alignment.align(WIRE, [])
    same = [dedup.Article("x", WIRE), dedup.Article("x", "Something else.")]
    with pytest.raises(InputError, match="different texts have the id x; give each its own"):
        alignment.align(WIRE, same)
    with pytest.raises(InputError, match="cannot align a int; give a str"):
        alignment.align(WIRE, 3)  # type: ignore[arg-type]  # the error is the test


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no labelled data at {DATA}")
def test_floors_on_labelled_data() -> None:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    import alignment as benchmark

    lines = list(benchmark.wire_alignment(DATA / "wire_alignment"))[:3]
    overall, read, source = (float(line.split("|")[3]) for line in lines)
    assert overall >= 0.90
    assert read >= 0.85
    assert source >= 0.97
    (line, _) = benchmark.pan13(DATA / "pan13_verbatim")
    assert float(line.split("|")[3].split("/")[0]) >= 0.95


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["align", *arguments])
    return done.exit_code, done.output


def test_the_command_shows_files_and_articles_of_a_dump(tmp_path: Path) -> None:
    local, wire = tmp_path / "local.txt", tmp_path / "wire.txt"
    local.write_text(f"Own lead from the harbour.\n{WIRE.replace('broke out', 'started')}")
    wire.write_text(WIRE)
    code, out = run(str(local), "--source", str(wire))
    assert code == 0
    assert "partially derived" in out
    assert "{+started+}" in out
    assert "[-broke" in out
    code, out = run(str(local), "--source", str(wire), "--json")
    values: dict[str, Any] = json.loads(out)
    assert [row["label"] for row in values["sentences"]][:2] == ["added", "copied"]
    dump = tmp_path / "dump.jsonl"
    rows = [{"id": "l", "text": local.read_text()}, {"id": "w", "text": WIRE}]
    dump.write_text("".join(json.dumps(row) + "\n" for row in rows))
    code, in_dump = run("l", "--source", "w", "--in", str(dump), "--json")
    assert code == 0
    found = json.loads(in_dump)["sentences"]
    assert [row["label"] for row in found] == [row["label"] for row in values["sentences"]]


def test_command_errors_are_one_line(tmp_path: Path) -> None:
    many = tmp_path / "many.jsonl"
    many.write_text('{"id": "a", "text": "One text."}\n{"id": "b", "text": "Another text."}\n')
    for arguments, says in (
        ((str(many), "--source", str(many)), "has 2 articles; give a file with one"),
        (("a", "--source", "z", "--in", str(many)), "no article has the id z"),
        ((str(tmp_path / "gone"), "--source", str(many)), "no such file"),
    ):
        done = CliRunner().invoke(cli, ["align", *arguments])
        assert isinstance(done.exception, InputError)
        assert says in str(done.exception)
