"""Credits: lines of every shape and language, traps, spans, and the fixtures' gold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import dedup
from dedup.commands.cli import cli
from dedup.tracing import credit_lines

ROOT = Path(__file__).parents[1]
DOMAIN = ROOT.parent / "shared" / "domain"
LINES: list[dict[str, Any]] = json.loads(
    (ROOT / "tests" / "credit_lines.json").read_text(encoding="utf-8")
)
BODY = "\n\n".join(
    [
        "The council met on Tuesday evening and heard from residents of the quarter. Officials "
        "promised an answer within two weeks, and the mayor thanked everybody who came."
    ]
    * 4
)


def credited(text: str, **known: str) -> list[dedup.Credit]:
    """What names an agency as the source; not mentions, and not datelines without a name."""
    return [
        credit
        for credit in dedup.credits(text, **known)
        if credit.kind != "self_reference" and (credit.agency or credit.kind != "dateline")
    ]


def in_place(row: dict[str, Any]) -> list[dedup.Credit]:
    line = row["line"]
    texts = {
        "start": f"{line}\n\n{BODY}",
        "end": f"{BODY}\n\n{line}",
        "middle": f"{BODY}\n\n{line}\n\n{BODY}",
        "authors": BODY,
    }
    return credited(texts[row["at"]], authors=line if row["at"] == "authors" else "")


def test_lines_of_our_own_in_many_languages_and_places() -> None:
    lines = [row for row in LINES if row["agency"]]
    traps = [row for row in LINES if not row["agency"]]
    assert len(lines) >= 100
    assert len(traps) >= 100
    right = [any(one.agency == row["agency"] for one in in_place(row)) for row in lines]
    fallen = [row["line"] for row in traps if in_place(row)]
    assert sum(right) / len(lines) >= 0.95, [
        row["line"] for row, yes in zip(lines, right, strict=True) if not yes
    ]
    assert len(fallen) / len(traps) <= 0.02, fallen


@pytest.mark.skipif(not DOMAIN.is_dir(), reason=f"no example lines at {DOMAIN}")
def test_real_lines_are_told_from_traps() -> None:
    stored = json.loads((DOMAIN / "credit_examples.json").read_text(encoding="utf-8"))
    forms = {
        form: agency["name"]
        for agency in reversed(
            json.loads((DOMAIN / "agencies.json").read_text(encoding="utf-8"))["agencies"]
        )
        for form in (*agency["abbr"], *agency["aliases"], agency["name"])
    }
    wrong, other_agency, n_credits = [], 0, 0
    for row in stored["examples"]:
        found = [one for one in dedup.credits(row["line"]) if one.kind != "self_reference"]
        if bool(found) != row["syndication_credit"]:
            wrong.append(row["line"])
        if row["syndication_credit"] and row["agency"] in forms:
            n_credits += 1
            other_agency += forms[row["agency"]] not in {one.agency for one in found}
    assert len(wrong) / len(stored["examples"]) <= 0.03, wrong
    assert other_agency / n_credits <= 0.05


@pytest.mark.parametrize(
    ("text", "agency", "kind", "span"),
    [
        pytest.param(
            "PORT ELSA, Maine (AP) — A ferry burned.",
            "The Associated Press",
            "dateline",
            "PORT ELSA, Maine (AP)",
            id="dateline",
        ),
        pytest.param(
            "A ferry burned.\n\n(Reporting by Ana Prat; Editing by Leo Stern)",
            "Reuters",
            "tail",
            "(Reporting by Ana Prat; Editing by Leo Stern)",
            id="signature without a name",
        ),
        pytest.param(
            "By Ana Prat, Associated Press\n\nA ferry burned on Monday.",
            "The Associated Press",
            "byline",
            "By Ana Prat, Associated Press",
            id="byline",
        ),
        pytest.param(
            "【東湊共同】列車が止まった。", "Kyodo News", "dateline", "【東湊共同】", id="ja"
        ),
        pytest.param(
            "A ferry burned, officials told Reuters.",
            "Reuters",
            "self_reference",
            "Reuters",
            id="told",
        ),
        pytest.param(
            "This story was originally published by the Harbor Light.",
            "Harbor Light",
            "republish",
            "This story was originally published by the Harbor Light.",
            id="another outlet",
        ),
    ],
)
def test_kinds_and_spans(text: str, agency: str, kind: str, span: str) -> None:
    (found,) = dedup.credits(text)
    assert (found.agency, found.kind) == (agency, kind)
    assert text[found.start : found.end] == span


@pytest.mark.parametrize(
    ("outlet", "url"),
    [
        ("The Harbor Light", ""),
        ("", "https://www.harborlight.example/a"),
        ("harborlight.example", ""),
    ],
)
def test_an_outlet_is_not_credited_by_its_own_pages(outlet: str, url: str) -> None:
    line = "This article originally appeared on Harbor Light: Ferry burns"
    assert dedup.credits(line) != []
    assert dedup.credits(line, outlet=outlet, url=url) == []


def test_the_author_field_has_no_span() -> None:
    (found,) = dedup.credits("A ferry burned.", authors="Ana Prat, mit Material der dpa")
    assert found == ("Deutsche Presse-Agentur", "byline", None, None)


def test_the_headline_in_the_text_is_passed_over() -> None:
    assert credited("Reuters\n\nA company was sold.", title="Reuters") == []


@given(st.text(st.sampled_from("AP dpa(Reuters)—. \nBy©/Photo共同】【"), max_size=60) | st.text())
@settings(deadline=None, max_examples=300)
def test_spans_lie_in_the_text(text: str) -> None:
    for one in dedup.credits(text, title=text[:5], authors=text[-9:], outlet=text[3:9]):
        assert one.kind in credit_lines.KINDS
        if one.start is not None:
            assert one.end is not None
            assert 0 <= one.start < one.end <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        "PRESIDENT TRUMP AND PRESIDENT PUTIN MEET IN HELSINKI; (AP) - More text follows here.",
        "SEE HTTP://NEWS.EXAMPLE.COM/ABCDEFGHIJKLM?X (AP)",
        "中国外交部发言人在北京举行的例行记者会上表示中方坚决反对！(AP) 记者",
        "共同" + "社" * 200 + "共同社! (AP)",
        "A" * 40 + "! (AP) — More.",
        "Z" * 290 + "! Reuters and more " * 20,
        "AA-" * 40 + "! More of it.",
        "A, " * 45 + "! AP",
        "By " + "A,," * 40 + "; AP",
        "AP and staff reports " * 6 + "; x",
        "AP " + "and staff reports " * 7 + ";",
        "\ud800 (AP) — hello",
        "AP " * 10_000,
        "(" * 100_000,
        "By A, AP\n" * 20_000,
        "originally published by " * 5_000,
        "Reporting by " * 5_000,
        " feed" * 20_000,
    ],
)
def test_hostile_texts_end_soon(text: str) -> None:
    dedup.credits(text, title=text[-50:], authors=text[:1000], outlet=text[:30])


def test_agencies_are_known_by_name_and_site() -> None:
    table = json.loads((ROOT / "dedup" / "data" / "agencies.json").read_text(encoding="utf-8"))
    assert len(table["agencies"]) >= 150
    assert credit_lines.agency_of("", "https://www.apnews.com/article/x") == "The Associated Press"
    assert credit_lines.agency_of("Associated Press") == "The Associated Press"
    assert credit_lines.agency_of("Reuters", "") == "Reuters"
    assert credit_lines.agency_of("The Harbor Light", "https://harborlight.example") == ""
    assert credit_lines.agency_of("CNN", "https://cnn.com") == ""  # sells copy, but is an outlet


def test_the_fixtures_credits_are_found() -> None:
    articles: dict[str, Any] = {}
    wires = set()
    for name in ("newsroom", "wire"):
        for line in (ROOT / "fixtures" / f"{name}.jsonl").read_bytes().splitlines():
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if isinstance(row, dict) and row.get("text"):
                articles.setdefault(row.get("id"), row)
                wires |= {row.get("id")} if name == "wire" else set()
    gold: dict[str, list[dict[str, Any]]] = {}
    for line in (ROOT / "fixtures" / "gold" / "credits.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        gold.setdefault(row["id"], []).append(row)
    missed = []
    for name, rows in gold.items():
        article = articles[name]
        found = credited(article["text"], title=article["title"], outlet=article["outlet"])
        missed += [
            (name, row["agency"], row["kind"])
            for row in rows
            if not any(
                one.agency == row["agency"]
                and one.start is not None
                and one.end is not None
                and one.start < row["end"]
                and row["start"] < one.end
                for one in found
            )
        ]
    assert missed == [("valley-turtles-1", "The Associated Press", "tail")]  # thanks for funding
    silent = [
        (name, one)
        for name, article in articles.items()
        if name not in gold and name not in wires
        for one in credited(article["text"], title=article["title"], outlet=article["outlet"])
        if one.agency
    ]
    assert silent == []


def test_the_command_writes_a_line_for_each(tmp_path: Path) -> None:
    dump = tmp_path / "dump.jsonl"
    rows = [{"id": "a", "text": "OSLO (AP) — A ferry burned."}, {"id": "b", "text": "It rained."}]
    dump.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = CliRunner().invoke(cli, ["credits", str(dump)])
    assert done.exit_code == 0
    (line,) = done.output.splitlines()
    assert json.loads(line) == {
        "id": "a",
        "agency": "The Associated Press",
        "kind": "dateline",
        "start": 0,
        "end": 9,
    }
