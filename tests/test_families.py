"""Common text of a family is no ground for a match."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.settings import Settings
from dedup.stages import common_text
from dedup.stages.shingles import ShingleSets


def sets_of(*members: list[int]) -> ShingleSets:
    values = np.array([v for s in members for v in sorted(s)], dtype=np.uint32)
    offsets = np.cumsum([0] + [len(s) for s in members])
    n = len(members)
    return ShingleSets(values, offsets, np.zeros(n, np.int64), *np.zeros((2, n), np.uint64))


def span(start: int, n: int) -> list[int]:
    return list(range(start, start + n))


MENU, NOTICE = span(0, 40), span(100, 40)


def judged(
    texts: list[list[int]],
    pairs: list[tuple[int, int]],
    outlets: list[int] | None = None,
    loose: Sequence[int] = (),
    **options: float,
) -> list[bool]:
    """Judge pairs of texts; of unknown outlets and close enough to tie unless said otherwise."""
    arguments = (
        np.array(pairs, dtype=np.int64).reshape(-1, 2),
        np.array([naive.jaccard(set(texts[a]), set(texts[b])) for a, b in pairs], np.float64),
        np.array([i not in loose for i in range(len(pairs))], dtype=np.bool_),
        np.arange(len(texts)),
        np.array([-1] * len(texts) if outlets is None else outlets, dtype=np.int64),
        sets_of(*texts),
        Settings(**options),
    )
    alone = common_text.furniture_matches(*arguments)
    with ThreadPoolExecutor(3) as executor:
        assert common_text.furniture_matches(*arguments, executor).tolist() == alone.tolist()
    return alone.tolist()


def star(n: int) -> list[tuple[int, int]]:
    return [(0, i) for i in range(1, n)]


def test_a_template_ties_nothing_and_a_story_that_many_carried_stays() -> None:
    template = [NOTICE + span(1000 * i, 60) for i in range(1, 6)]
    carried = [NOTICE + span(1000 * i, 6) for i in range(1, 6)]
    assert judged(template, star(5), max_family=4) == [True] * 4
    assert judged(carried, star(5), max_family=4) == [False] * 4
    assert judged(template, star(5), max_family=5) == [False] * 4


def test_a_text_is_its_own_from_half_of_it_on() -> None:
    half = [NOTICE + span(1000 * i, 40) for i in range(1, 6)]
    less = [NOTICE + span(1000 * i, 39) for i in range(1, 6)]
    assert judged(half, star(5), max_family=4) == [True] * 4
    assert judged(less, star(5), max_family=4) == [False] * 4


def test_one_text_of_its_own_is_enough_to_doubt_a_match() -> None:
    texts = [NOTICE + span(1000, 6), *(NOTICE + span(1000 * i, 60) for i in range(2, 6))]
    assert judged(texts, star(5), max_family=4) == [True] * 4


def test_a_copy_within_a_family_holds_on_what_is_its_own() -> None:
    both = span(500, 40)
    texts = [NOTICE + both + span(1000 * i, 30) for i in (1, 2)]
    texts += [NOTICE + span(1000 * i, 60) for i in range(3, 6)]
    assert judged(texts, star(5), max_family=4) == [False, True, True, True]


def test_own_text_exactly_at_a_threshold_is_enough() -> None:
    both = span(500, 7)
    texts = [NOTICE + both + span(1000, 50), NOTICE + both + span(2000, 43)]  # 7 of 100, 7 of 50
    texts += [NOTICE + span(1000 * i, 60) for i in range(3, 6)]
    few = {"max_family": 4, "story_containment": 0.9}
    assert judged(texts, star(5), threshold=0.07, **few)[0] is False
    assert judged(texts, star(5), threshold=0.0701, **few)[0] is True
    assert judged(texts, star(5), max_family=4, story_containment=0.14)[0] is False
    assert judged(texts, star(5), max_family=4, story_containment=0.1401)[0] is True


def test_texts_of_the_web_that_match_something_else_count_too() -> None:
    """The template is common because of all its carriers, not of those in one match."""
    texts = [NOTICE + span(1000 * i, 60) for i in range(1, 6)]
    chain = [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert judged(texts, chain, max_family=4) == [True] * 4


def test_what_few_of_a_large_web_share_is_evidence() -> None:
    texts = [
        [v for k in (i, i + 1) for v in span(1000 * k, 40)] + span(100_000 * (i + 1), 10)
        for i in range(8)
    ]
    chain = [(i, i + 1) for i in range(7)]
    assert judged(texts, chain, max_family=4) == [False] * 7


def test_text_of_exactly_max_family_texts_is_not_common_yet() -> None:
    carriers = [NOTICE + span(1000 * i, 60) for i in range(1, 6)]
    without = span(1000, 60) + span(9000, 60)  # of the same web, but it has no notice
    assert judged([*carriers[:4], without], star(5), max_family=4)[:3] == [False] * 3
    assert judged(carriers, star(5), max_family=4)[:3] == [True] * 3


def test_two_families_are_judged_apart() -> None:
    first = [NOTICE + span(1000 * i, 60) for i in range(1, 6)]
    other = [MENU + span(10_000 * i, 6) for i in range(1, 6)]
    pairs = star(5) + [(a + 5, b + 5) for a, b in star(5)]
    assert judged(first + other, pairs, max_family=4) == [True] * 4 + [False] * 4


def test_no_matches_are_no_furniture() -> None:
    assert judged([MENU, NOTICE], []) == []
    assert judged([], []) == []
    assert judged([MENU, NOTICE], [], [1, 1]) == []


def test_matches_that_could_tie_nothing_make_no_family() -> None:
    """A web is made of close matches, and only they are judged by it."""
    template = [NOTICE + span(1000 * i, 60) for i in range(1, 6)]
    assert judged(template, star(5), loose=range(4), max_family=4) == [False] * 4
    chain = [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert judged(template, chain, loose=[2], max_family=4) == [False] * 4
    every = [*star(5), (1, 2)]
    assert judged(template, every, loose=[4], max_family=4) == [True] * 4 + [False]


def gallery_pages(n: int, own: int = 40) -> list[list[int]]:
    return [MENU + span(1000 * i, own) for i in range(1, n + 1)]


def test_a_gallery_that_three_pages_of_an_outlet_share_ties_none_of_them() -> None:
    pages = gallery_pages(3)
    assert judged(pages, [(0, 1), (1, 2)], [7, 7, 7]) == [True, True]


def test_a_match_within_an_outlet_need_not_be_close_enough_to_tie() -> None:
    pages = gallery_pages(3)
    assert judged(pages, [(0, 1), (1, 2)], [7, 7, 7], loose=[0, 1]) == [True, True]


def test_two_pages_alone_are_not_enough_to_tell_a_gallery() -> None:
    assert judged(gallery_pages(2), [(0, 1)], [7, 7]) == [False]


def test_pages_of_the_outlet_that_match_nothing_count_too() -> None:
    pages = [*gallery_pages(2), MENU + span(9000, 400)]
    assert judged(pages, [(0, 1)], [7, 7, 7]) == [True]


def test_other_outlets_and_unknown_ones_are_left_alone() -> None:
    pages = gallery_pages(3)
    assert judged(pages, [(0, 1), (1, 2)], [1, 2, 3]) == [False, False]
    assert judged(pages, [(0, 1), (1, 2)], [-1, -1, -1]) == [False, False]


def test_a_match_across_outlets_is_left_alone_even_where_both_have_families() -> None:
    pages = gallery_pages(3) + [NOTICE + span(50_000 * i, 40) for i in range(1, 4)]
    pages[3] += span(1000, 40)  # of another outlet, with the first page's report
    pairs = [(0, 1), (3, 4), (0, 3)]
    assert judged(pages, pairs, [7, 7, 7, 8, 8, 8]) == [True, True, False]


@pytest.mark.parametrize("outlet", [8, -1])
def test_words_that_a_matching_text_of_another_outlet_has_too_are_no_furniture(
    outlet: int,
) -> None:
    """Versions of an agency's story in one outlet have the agency's words in common."""
    pages = [*gallery_pages(3), MENU + span(9000, 40)]
    outlets = [7, 7, 7, outlet]
    assert judged(pages, [(0, 1), (1, 2)], outlets) == [True, True]
    assert judged(pages, [(0, 1), (1, 2), (2, 3)], outlets) == [False] * 3
    assert judged(pages, [(0, 1), (1, 2), (3, 0)], outlets) == [False] * 3


def test_a_text_of_another_outlet_that_matches_with_something_else_saves_nothing() -> None:
    pages = [*gallery_pages(3), span(3000, 40) + span(9000, 30)]
    assert judged(pages, [(0, 1), (1, 2), (2, 3)], [7, 7, 7, 8]) == [True, True, False]
    pages = [*gallery_pages(3), NOTICE + MENU, NOTICE]  # it matches another page of the outlet
    assert judged(pages, [(0, 1), (1, 2), (4, 3)], [7, 7, 7, 8, 7]) == [True, True, False]


@pytest.mark.parametrize(("own", "is_own"), [(16, False), (17, True)])
def test_a_page_is_its_own_from_a_quarter_of_it_on(own: int, is_own: bool) -> None:
    """A page that is for more than three quarters what its outlet repeats is a copy of it."""
    half, other = span(0, 51), span(200, 50)
    pages = [half + other + span(1000, 33), half + span(2000, own)]  # 33 of 134; 17 of 68
    pages += [half + other + span(1000 * i, 60) for i in range(3, 6)]
    assert judged(pages, [(0, 1), (0, 2)], [7] * 5) == [is_own, True]


def test_updates_of_one_report_hold_on_what_is_their_own() -> None:
    report = span(5000, 30)
    pages = [MENU + report + span(1000 * i, 30) for i in range(1, 3)] + [MENU + span(9000, 60)]
    pairs = [(0, 1), (1, 2)]
    assert judged(pages, pairs, [7, 7, 7]) == [False, True]  # 70 of 130


def test_versions_that_share_more_than_half_of_all_they_say_stand() -> None:
    pages = [MENU + span(1000 * i, n) for i, n in ((1, 20), (2, 12), (3, 13), (4, 30))]
    assert judged(pages, [(0, 1), (0, 2)], [7] * 4) == [False, True]  # 40 of 72 and 40 of 73


def test_text_of_its_own_exactly_at_a_limit_is_enough() -> None:
    both = span(200, 7)
    pages = [MENU + both + span(1000, 50), MENU + both + span(2000, 43), MENU + span(9000, 60)]
    few = {"containment": 0.9, "story_containment": 0.95}
    outlets = [7, 7, 7]
    assert judged(pages, [(0, 1)], outlets, threshold=0.07, **few) == [False]  # 7 of 100
    assert judged(pages, [(0, 1)], outlets, threshold=0.0701, **few) == [True]
    assert judged(pages, [(0, 1)], outlets, containment=0.14) == [False]  # 7 of 50
    assert judged(pages, [(0, 1)], outlets, containment=0.1401) == [True]


def test_two_outlets_are_judged_apart() -> None:
    pages = [*gallery_pages(3), *(MENU + span(50_000 * i, 40) for i in range(1, 3))]
    outlets = [7, 7, 7, 8, 8]
    assert judged(pages, [(0, 1), (1, 2), (3, 4)], outlets) == [True, True, False]


def test_a_match_may_be_furniture_by_its_web_or_by_its_outlet() -> None:
    web = [NOTICE + span(1000 * i, 60) for i in range(1, 6)]
    pages = [MENU + span(50_000 * i, 40) for i in range(1, 4)]
    pairs = [*star(5), (5, 6), (6, 7)]
    outlets = [-1] * 5 + [7] * 3
    assert judged(web + pages, pairs, outlets, max_family=4) == [True] * 6
    assert judged(web + pages, pairs, max_family=4) == [True] * 4 + [False] * 2
    assert judged(web + pages, pairs, outlets) == [False] * 4 + [True] * 2


SETS = st.lists(
    st.lists(st.sampled_from([MENU, NOTICE, *(span(1000 * i, 30) for i in range(1, 6))]))
    .map(lambda parts: sorted({v for part in parts for v in part})),
    min_size=2,
    max_size=7,
)  # fmt: skip


@given(SETS, st.lists(st.integers(-1, 1), min_size=7, max_size=7), st.data())
@settings(deadline=None, max_examples=150)
def test_outlets_are_judged_as_in_the_module_text(
    texts: list[list[int]], outlets: list[int], data: st.DataObject
) -> None:
    n = len(texts)
    drawn = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda p: p[0] < p[1])
    pairs = sorted(set(data.draw(st.lists(drawn, max_size=8))))
    found = judged(texts, pairs, outlets[:n])
    sets = [set(text) for text in texts]
    doubtful = [
        (a, b)
        for a, b in pairs
        if outlets[a] == outlets[b] >= 0 and naive.jaccard(sets[a], sets[b]) < 0.55
    ]
    for (a, b), is_furniture in zip(pairs, found, strict=True):
        if (a, b) not in doubtful:
            assert not is_furniture
            continue
        outlet = outlets[a]
        inside = {end for pair in doubtful for end in pair if outlets[end] == outlet}
        abroad = [
            sets[there]
            for pair in pairs
            for here, there in (pair, pair[::-1])
            if here in inside and outlets[there] != outlet
        ]
        common = {
            value
            for value in set().union(*sets)
            if sum(value in sets[i] for i in range(n) if outlets[i] == outlet) > 2
            and sum(value in sets[i] for i in inside) > 1
            and not any(value in other for other in abroad)
        }
        own_a, own_b = sets[a] - common, sets[b] - common
        least = min(len(own_a), len(own_b))
        holds = naive.jaccard(own_a, own_b) >= 0.25 or (
            least > 0 and len(own_a & own_b) / least >= 0.2
        )
        has_own = any(
            len(own) >= 0.25 * max(len(whole), 1)
            for own, whole in ((own_a, sets[a]), (own_b, sets[b]))
        )
        assert is_furniture == (bool(common) and has_own and not holds)
