"""Passages that two texts share: what is counted of them, and that sources' do not overlap."""

from __future__ import annotations

import itertools

import newswriter
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.stages import headings, passages
from dedup.text import tokenizer
from dedup.tracing import alignment


def test_passages_of_one_source_do_not_overlap() -> None:
    report = newswriter.report(12, 3)
    parts = report.split("\n")
    local = "\n".join((*parts, *parts[1:3], parts[0], *parts))
    found = alignment.align(local, f"{report}\n{parts[2]} {parts[1]}").passages
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))


SPOKEN = (
    "the bridge was opened for a barge without lights and nobody on the quay had the telephone "
    "number of the keeper who had gone home an hour before because the tide was late"
)


def shared(a: str, b: str, titles: tuple[str, str] = ("", "")) -> passages.Shared:
    """Measure what two texts share."""
    tokens = tokenizer.tokenise(pa.array([a, b], pa.large_string()))
    said = headings.read(pa.array(titles, pa.large_string()), pa.array(["", ""], pa.large_string()))
    pair = np.array([[0, 1]])
    found, runs = passages.measure_one(tokens.values, tokens.offsets, pair, said)
    assert len(runs) == found.passages[0]
    return found


@pytest.mark.parametrize(
    ("before_a", "before_b", "is_attributed"),
    [
        pytest.param("The mayor said in a letter that", "According to a memo", True, id="both do"),
        pytest.param("Der Minister sagte gestern", "Le maire a dit hier", True,
                     id="in other languages"),
        pytest.param("The mayor said that", "Rain fell all day while", False, id="one does"),
        pytest.param("Rain fell on the quay", "Fog lay over town", False, id="none does"),
        pytest.param("The mayor said one two three four five six seven eight nine",
                     "According to a memo", False, id="too far from the words"),
    ],
)  # fmt: skip
def test_words_that_both_put_into_somebodys_mouth_are_attributed(
    before_a: str, before_b: str, is_attributed: bool
) -> None:
    found = shared(f"{before_a} {SPOKEN}", f"{before_b} {SPOKEN}. Nobody else was there.")
    n = len(SPOKEN.split())
    assert found.total.tolist() == [n]
    assert found.attributed.tolist() == [n * is_attributed]
    assert found.quoted_share().tolist() == [float(is_attributed)]


def test_a_word_of_speech_that_both_share_attributes_nothing() -> None:
    """It is part of the copied report then."""
    copied = f"the mayor said that {SPOKEN}"
    assert shared(f"One {copied}", f"Two {copied}").attributed.tolist() == [0]


FORM = "Shares of {} closed at {} on the main board as volume rose past its mean of {} days again"


@pytest.mark.parametrize(
    ("slots", "between"),
    [
        pytest.param(("Veridian", "twelve", "fifty"), 0, id="the same facts"),
        pytest.param(
            ("Oakline", "twelve", "fifty"), 0, id="the first passage is too short to count"
        ),
        pytest.param(("Veridian", "twelve", "thirty"), 1, id="one other fact"),
    ],
)
def test_words_in_place_of_other_words_stand_between_passages(
    slots: tuple[str, ...], between: int
) -> None:
    text, other = (
        f"{FORM.format(*facts)} and then once more for all who hold the {facts[0]} stock today"
        for facts in (("Veridian", "twelve", "fifty"), slots)
    )
    assert (shared(text, other).between[0] > 0) == (between > 0 or slots[0] != "Veridian")


def test_passages_in_another_order_are_jumps() -> None:
    first, second, third = (newswriter.text(12, seed) for seed in (1, 2, 3))
    a = f"{first} quark {second} walrus {third} zeppelin"
    assert shared(a, f"{first} {second} {third}").jumps.tolist() == [0]
    assert shared(a, f"{third} {second} {first}").jumps.tolist() == [2]


@pytest.mark.parametrize(
    ("title", "side"),
    [
        pytest.param("Barge without lights", 1.0, id="in what is shared"),
        pytest.param("Zeppelin walrus", -1.0, id="in the rest"),
        pytest.param("Quark", 0.0, id="nowhere"),
    ],
)
def test_a_title_stands_in_what_is_shared_or_in_the_rest(title: str, side: float) -> None:
    own = [newswriter.text(20, seed) for seed in (1, 2)]
    texts = (f"Zeppelin and walrus. {own[0]}. {SPOKEN}", f"Fog lay. {own[1]}. {SPOKEN}")
    found = shared(*texts, (title, "Fog"))
    assert found.title_sides()[0, 0] == pytest.approx(side, abs=0.35)


@given(
    st.lists(st.sampled_from([*newswriter.sentences(6, 5), SPOKEN, "He said."]), max_size=6),
    st.lists(st.sampled_from([*newswriter.sentences(6, 5), SPOKEN, "He said."]), max_size=6),
)
@settings(deadline=None, max_examples=60)
def test_what_is_counted_stays_within_the_texts(a: list[str], b: list[str]) -> None:
    found = shared(" ".join(a), " ".join(b))
    words = np.minimum(found.words_a, found.words_b)
    for name in ("total", "attributed", "quoted", "between"):
        assert (getattr(found, name) <= words).all()
    assert (found.rare_shared <= found.rare).all()
    assert (found.jumps <= np.maximum(found.passages - 1, 0)).all()
    assert (found.opening <= 8).all()
    for share in (found.share_of_longer(), found.share_of_shorter(), found.quoted_share()):
        assert ((share >= 0) & (share <= 1)).all()
