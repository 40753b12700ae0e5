"""How what two pages share is weighed: the report of a page, or something around it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.stages import evidence


@pytest.mark.parametrize(
    ("inside", "outside", "says"),
    [
        pytest.param(2.0, 0.0, 1.0, id="the title stands in what is shared"),
        pytest.param(0.0, 2.0, -1.0, id="the title stands in the rest"),
        pytest.param(1.0, 1.0, 0.0, id="in both alike"),
        pytest.param(0.0, 0.0, 0.0, id="nowhere"),
        pytest.param(0.35, 0.0, 0.5, id="one weak word is half as sure"),
    ],
)
def test_where_a_title_stands(inside: float, outside: float, says: float) -> None:
    assert evidence.of_titles(np.array([inside]), np.array([outside])).tolist() == [says]


@pytest.mark.parametrize(
    ("shared", "own", "title", "place", "speaks"),
    [
        pytest.param(200, 20, 1.0, 0.0, 1, id="a report with a line of the page's own"),
        pytest.param(40, 300, -1.0, 0.0, -1, id="a notice beside a report that the title names"),
        pytest.param(200, 100, -1.0, 0.0, -1, id="a long gallery beside a short report"),
        pytest.param(40, 300, 1.0, 0.0, 1, id="a brief that the title names in a long page"),
        pytest.param(150, 150, 0.0, -1.0, -1, id="no title: a frame around a report"),
        pytest.param(150, 150, 0.0, 1.0, 1, id="no title: a report amid a page"),
        pytest.param(150, 150, 0.0, 0.0, 0, id="no title, a half: nothing speaks"),
        pytest.param(200, 10, 0.0, 0.0, 0, id="hardly anything beside it, no title: nothing"),
        pytest.param(200, 10, -1.0, 0.0, 0, id="nor if the title stands elsewhere"),
        pytest.param(0, 0, 0.0, 0.0, 0, id="no prose at all"),
    ],
)
def test_what_speaks_for_a_report(
    shared: float, own: float, title: float, place: float, speaks: int
) -> None:
    columns = (np.array([value], dtype=np.float64) for value in (shared, own, title, place))
    assert np.sign(evidence.of_pages(*columns)[0]) == speaks


SHARES = st.floats(15, 1000)


@given(SHARES, SHARES, st.floats(-1, 1), st.floats(-1, 1), st.floats(0, 500))
@settings(max_examples=200)
def test_more_of_the_page_speaks_no_less_for_its_report(
    shared: float, own: float, title: float, place: float, more: float
) -> None:
    columns = [np.array([value, value]) for value in (shared, own, title, place)]
    columns[0][1] += more
    first, second = evidence.of_pages(*columns).tolist()
    assert second >= first - 1e-9


@given(st.floats(0, 5), st.floats(0, 5), st.floats(0, 5))
@settings(max_examples=200)
def test_more_of_the_title_in_what_is_shared_speaks_no_less_for_it(
    inside: float, outside: float, more: float
) -> None:
    found = evidence.of_titles(np.array([inside, inside + more]), np.array([outside, outside]))
    assert -1 <= found[0] <= 1
    if inside >= outside:  # where the title stands elsewhere, being surer speaks against
        assert found[1] >= found[0] - 1e-9
    turned = evidence.of_titles(np.array([outside]), np.array([inside]))
    assert turned.tolist() == [-found[0]]
