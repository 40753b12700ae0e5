"""Common text of a family is no ground for a match."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import naive
import numpy as np

from dedup import families
from dedup.settings import Settings
from dedup.shingles import ShingleSets


def sets_of(*members: list[int]) -> ShingleSets:
    values = np.array([v for s in members for v in sorted(s)], dtype=np.uint32)
    offsets = np.cumsum([0] + [len(s) for s in members])
    n = len(members)
    return ShingleSets(values, offsets, np.zeros(n, np.int64), np.zeros(n, np.uint64))


def span(start: int, n: int) -> list[int]:
    return list(range(start, start + n))


MENU, NOTICE = span(0, 40), span(100, 40)


def judged(
    texts: list[list[int]], pairs: list[tuple[int, int]], outlets: list[int], **options: float
) -> list[bool]:
    arguments = (
        np.array(pairs, dtype=np.int64).reshape(-1, 2),
        np.array([naive.jaccard(set(texts[a]), set(texts[b])) for a, b in pairs]),
        np.arange(len(texts)),
        np.array(outlets),
        sets_of(*texts),
        Settings(**options),
    )
    alone = families.furniture_matches(*arguments)
    with ThreadPoolExecutor(3) as executor:
        assert families.furniture_matches(*arguments, executor).tolist() == alone.tolist()
    return alone.tolist()


def test_a_menu_that_three_pages_of_an_outlet_share_ties_none_of_them() -> None:
    pages = [MENU + span(1000 * i, 40) for i in range(1, 4)]
    assert judged(pages, [(0, 1), (1, 2)], [7, 7, 7]) == [True, True]


def test_two_pages_alone_are_not_enough_to_tell_a_menu() -> None:
    pages = [MENU + span(1000 * i, 40) for i in range(1, 3)]
    assert judged(pages, [(0, 1)], [7, 7]) == [False]


def test_pages_of_the_outlet_that_match_nothing_count_too() -> None:
    pages = [MENU + span(1000 * i, 40) for i in range(1, 3)] + [MENU + span(9000, 400)]
    assert judged(pages, [(0, 1)], [7, 7, 7]) == [True]


def test_other_outlets_and_unknown_ones_are_left_alone() -> None:
    pages = [MENU + span(1000 * i, 40) for i in range(1, 4)]
    assert judged(pages, [(0, 1), (1, 2)], [1, 2, 3]) == [False, False]
    assert judged(pages, [(0, 1), (1, 2)], [-1, -1, -1]) == [False, False]


def test_updates_of_one_report_hold_on_what_is_their_own() -> None:
    report = span(5000, 60)
    pages = [MENU + report + span(1000 * i, 3) for i in range(1, 3)] + [MENU + span(9000, 60)]
    assert judged(pages, [(0, 1)], [7, 7, 7]) == [False]


def test_versions_that_share_more_than_half_of_all_they_say_stand() -> None:
    report = span(5000, 300)
    pages = [report + span(10_000 * i, 100) for i in range(1, 5)]
    assert judged(pages, [(0, 1), (1, 2), (2, 3)], [7, 7, 7, 7]) == [False] * 3


def test_own_text_exactly_at_the_threshold_is_enough() -> None:
    both = span(200, 7)
    pages = [MENU + both + span(1000, 50), MENU + both + span(2000, 43), MENU + span(9000, 60)]
    assert judged(pages, [(0, 1)], [7, 7, 7], threshold=0.07) == [False]  # 7 of 100
    assert judged(pages, [(0, 1)], [7, 7, 7], threshold=0.0701) == [True]


def test_a_template_ties_nothing_and_a_story_that_many_carried_stays() -> None:
    template = [NOTICE + span(1000 * i, 60) for i in range(1, 6)]
    carried = [NOTICE + span(1000 * i, 6) for i in range(1, 6)]
    pairs = [(0, i) for i in range(1, 5)]
    unknown = [-1] * 5
    assert judged(template, pairs, unknown, max_family=4) == [True] * 4
    assert judged(carried, pairs, unknown, max_family=4) == [False] * 4
    assert judged(template, pairs, unknown, max_family=5) == [False] * 4


def test_no_matches_are_no_furniture() -> None:
    assert judged([MENU, NOTICE], [], [1, 1]) == []
