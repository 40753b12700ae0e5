"""Common text of a family is no ground for a match."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from dedup import families
from dedup.settings import Settings
from dedup.shingles import ShingleSets


def sets_of(*members: list[int]) -> ShingleSets:
    values = np.array([v for s in members for v in sorted(s)], dtype=np.uint32)
    offsets = np.cumsum([0] + [len(s) for s in members])
    n = len(members)
    return ShingleSets(values, offsets, np.zeros(n, np.int64), *np.zeros((2, n), np.uint64))


def span(start: int, n: int) -> list[int]:
    return list(range(start, start + n))


MENU, NOTICE = span(0, 40), span(100, 40)


def judged(texts: list[list[int]], pairs: list[tuple[int, int]], **options: float) -> list[bool]:
    arguments = (
        np.array(pairs, dtype=np.int64).reshape(-1, 2),
        np.arange(len(texts)),
        sets_of(*texts),
        Settings(**options),
    )
    alone = families.furniture_matches(*arguments)
    with ThreadPoolExecutor(3) as executor:
        assert families.furniture_matches(*arguments, executor).tolist() == alone.tolist()
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
