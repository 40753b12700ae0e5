"""One form filled with other facts, against one report with corrected facts."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import pytest

import dedup
from dedup import Article

NAMES = [
    ("Edna Marchbanks", "Low Harbour", "84", "seamstress", "Oliver", "Saint Brannoc"),
    ("Tobias Grieve", "Great Marrow", "91", "pilot", "Hester", "Holy Rood"),
    ("Lucinda Oduya", "Port Ansel", "67", "teacher", "Matthew", "All Souls"),
    ("Percival Stroud", "Elm Corner", "78", "baker", "Rosamund", "Saint Alban"),
    ("Wanda Kowalczyk", "Tarn Bridge", "73", "nurse", "Stefan", "Saint Hedwig"),
]
TICKERS = [
    ("Veridian Foods", "VRD", "12.40", "3.1", "Tuesday", "1.2"),
    ("Oakline Steel", "OKL", "87.15", "0.8", "Friday", "5.6"),
    ("Parrish Mining", "PRM", "4.02", "6.5", "Monday", "0.3"),
    ("Halcyon Rail", "HCR", "33.90", "1.7", "Thursday", "2.9"),
    ("Quillon Drugs", "QLD", "151.60", "2.2", "Wednesday", "8.4"),
]


def obituary(row: tuple[str, ...]) -> tuple[str, str]:
    name, town, age, trade, spouse, church = row
    return name, (
        f"{name} of {town} died peacefully at home surrounded by family. Aged {age}, the retired "
        f"{trade} is survived by {spouse}, and by many nieces and nephews. A service of "
        f"thanksgiving will be held at {church} church on Saturday at noon. The family asks for no "
        f"flowers; donations may be made to the {town} hospice in memory of {name}."
    )


def ticker(row: tuple[str, ...]) -> tuple[str, str]:
    name, code, price, share, day, volume = row
    return f"{name} shares move", (
        f"Shares of {name} ({code}) traded at ${price} at noon on {day}, up {share} per cent from "
        f"the close before. Volume was {volume} million shares. Analysts who follow {name} have an "
        f"average rating of hold on the stock. The {code} shares have a fifty day moving average "
        f"of ${price} and the company is to report earnings after the bell next {day}."
    )


def pile(kind: Any, rows: list[tuple[str, ...]]) -> list[Article]:
    return [
        Article(f"p{i}", text, title=title, outlet="Register")
        for i, (title, text) in enumerate(map(kind, rows))
    ]


def relations(result: dedup.Result) -> set[str]:
    return set(result.pairs.column("relation").to_pylist())


def groups(result: dedup.Result, level: str) -> int:
    return len(set(result.articles.column(level).to_pylist()))


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        pytest.param(obituary, NAMES, id="obituaries of other people"),
        pytest.param(ticker, TICKERS, id="share prices of other companies"),
    ],
)
@pytest.mark.parametrize("titled", [True, False], ids=["titled", "untitled"])
def test_fillings_of_a_form_stay_apart(
    kind: Any, rows: list[tuple[str, ...]], titled: bool
) -> None:
    articles = pile(kind, rows)
    if not titled:
        articles = [dataclasses.replace(one, title="") for one in articles]
    result = dedup.cluster(articles)
    assert relations(result) == {"template"}
    assert groups(result, "cluster") == groups(result, "story") == len(rows)


@pytest.mark.parametrize(
    ("kind", "rows"),
    [pytest.param(obituary, NAMES, id="obituaries"), pytest.param(ticker, TICKERS, id="tickers")],
)
def test_copies_of_one_filling_are_one_cluster_amid_the_form(
    kind: Any, rows: list[tuple[str, ...]]
) -> None:
    articles = pile(kind, rows)
    copy = Article("copy", articles[2].text, title=articles[2].title, outlet="Courier")
    rows_of = {r["id"]: r["cluster"] for r in dedup.cluster([*articles, copy]).articles.to_pylist()}
    assert rows_of["copy"] == rows_of["p2"]
    assert len(set(rows_of.values())) == len(articles)


REPORT = (
    "PORT ANSEL — A warehouse fire on the east quay killed {toll} people late on Sunday and drove "
    "two hundred families from their homes, the mayor, {mayor}, said. The blaze began in a store "
    "of paint and spread to the timber yard within {minutes} minutes, before the first engines "
    "had crossed the swing bridge. Crews from four towns pumped water from the basin until dawn. "
    "Schools on the quay will stay shut until {day}. The owner of the store, a paint merchant "
    "from Tarn Bridge, told the police that its sprinklers had been tested in the spring. An "
    "inquiry will ask why the alarm at the yard was not heard at the station, and why the bridge "
    "stood open for a barge with no lights while the engines waited on the other bank."
)
FACTS = {"toll": "nine", "mayor": "Irena Stahl", "minutes": "twenty", "day": "Thursday"}


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"toll": "eleven"}, id="a toll"),
        pytest.param({"mayor": "Irina Stahle"}, id="a name"),
        pytest.param({"day": "Friday", "minutes": "thirty"}, id="a day and a number"),
        pytest.param(
            {"toll": "fourteen", "mayor": "Irene Stahl", "minutes": "ten", "day": "Monday"},
            id="all of them",
        ),
    ],
)
@pytest.mark.parametrize("title", ["Fire on Port Ansel quay", ""], ids=["titled", "untitled"])
def test_a_corrected_report_stays_one_cluster(changed: dict[str, str], title: str) -> None:
    articles = [
        Article("a", REPORT.format(**FACTS), title=title, outlet="Register"),
        Article("b", REPORT.format(**{**FACTS, **changed}), title=title, outlet="Courier"),
    ]
    result = dedup.cluster(articles)
    assert relations(result) <= {"duplicate", "version"}
    assert groups(result, "cluster") == 1


def test_a_report_that_is_corrected_again_and_again_stays_one_cluster() -> None:
    tolls = ["nine", "eleven", "twelve", "fourteen", "seventeen", "nineteen"]
    articles = [
        Article(f"v{i}", REPORT.format(**{**FACTS, "toll": toll, "minutes": toll}),
                title=f"Fire kills {toll} on Port Ansel quay", outlet="Register")
        for i, toll in enumerate(tolls)
    ]  # fmt: skip
    assert groups(dedup.cluster(articles), "cluster") == 1


def test_the_order_of_fillings_makes_no_difference() -> None:
    articles = pile(obituary, NAMES[:4])
    found = set()
    for order in itertools.permutations(articles):
        rows = dedup.cluster(order).pairs.to_pylist()
        found.add(frozenset((frozenset((r["id_a"], r["id_b"])), r["relation"]) for r in rows))
    assert len(found) == 1


def test_the_summary_counts_the_pairs_of_forms() -> None:
    counts = dedup.cluster(pile(obituary, NAMES)).run["counts"]
    assert counts["template_matches"] + counts["furniture_matches"] > 0
