"""Sentences: whole, in order, and where a reader would end them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.text import sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("One. Two.", ["One.", "Two."], id="two"),
        pytest.param("", [], id="empty"),
        pytest.param(" \n\t ", [], id="white space"),
        pytest.param("A headline\nThe text. ", ["A headline", "The text."], id="no full stop"),
        pytest.param(
            "WASHINGTON (AP) — Sen. J. R. Smith met Dr. Lee. He left.",
            ["WASHINGTON (AP) — Sen. J. R. Smith met Dr. Lee.", "He left."],
            id="dateline, titles, initials",
        ),
        pytest.param(
            "“We won.” He left.", ["“We won.”", "He left."], id="quotation that ends inside"
        ),
        pytest.param(
            "It rose 3.5 percent. It fell.", ["It rose 3.5 percent.", "It fell."], id="3.5"
        ),
        pytest.param(
            f"{'_' * 50} One. Two. {'-' * 50} Three.",
            [f"{'_' * 50} One.", f"Two. {'-' * 50}", "Three."],
            id="rows of signs",
        ),
        pytest.param("列車が止まった。乗客は無事。", ["列車が止まった。", "乗客は無事。"], id="ja"),
        pytest.param(
            "「止まった。」彼は言った。", ["「止まった。」", "彼は言った。"], id="ja, quoted"
        ),
        pytest.param("Un.\r\nDeux.\u2028Trois", ["Un.", "Deux.", "Trois"], id="line ends"),
    ],
)
def test_cases(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in sentences.split(text)] == expected


@given(st.text(st.sampled_from("aB1 .!?。！\n\r\t\"'”’)—…\u00a0U.S.é中"), max_size=80) | st.text())
@settings(deadline=None, max_examples=400)
def test_pieces_and_gaps_give_back_the_text(text: str) -> None:
    end = 0
    for first, last in sentences.split(text):
        assert end <= first < last
        assert not text[end:first].strip()
        assert text[first:last] == text[first:last].strip()
        end = last
    assert not text[end:].strip()


@pytest.mark.parametrize("text", ['."' * 100_000, "- " * 100_000, "… " * 100_000 + "End."])
def test_rows_of_stops_take_no_square_of_their_length(text: str) -> None:
    assert len(sentences.split(text)) <= 2
