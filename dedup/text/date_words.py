"""Dates in words, in many languages: "30 juillet 2024 à 14h05", "Published Jul 30, 2024 | 2 min".

The names of months, zones and labels are `data/dates.json`. Text comes folded: lower case, without
accents, with ASCII digits.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from typing import NamedTuple

from dedup.text.date_parts import Parts, integer

_YEAR = r"(?P<year>\d{4})(?!\d)"
_SHORT_YEAR = r"(?P<year>\d{4}|\d\d)(?![\d:.h])"
_DAY_OF_MONTH = r"(?<!\d)(?P<day>\d{1,2})(?!\d)"
_CLOCK = re.compile(
    r"(?:(?P<am>上午|午前|오전)|(?P<pm>下午|午後|오후))?\s*(?<![\d.:])"
    r"(?P<hour>\d{1,2})(?:(?:[:.]|\s?[h時时点點시]\s?)(?P<minute>\d\d)(?!\d)"
    r"(?:[:.](?P<second>\d\d)(?!\d)(?:[.,](?P<fraction>\d+))?)?)?"
    r"\s*(?P<half>[ap]\.?m\b\.?)?"
)
_OFFSET = re.compile(r"(?:utc|gmt)?\s*(?P<sign>[+-])(?P<hours>\d\d?)(?::?(?P<minutes>\d\d))?(?!\d)")
_WORD = re.compile(r"[a-z]+")


class _Names(NamedTuple):
    """The words of `data/dates.json`, and the patterns made of them."""

    months: dict[str, int]
    zones: dict[str, int]
    published: re.Pattern[str]
    updated: re.Pattern[str]
    dates: tuple[re.Pattern[str], ...]


def parse(text: str) -> Parts | None:
    """Find a date, then a time, then a zone; digits that nothing explains make it unreadable."""
    names = _names()
    text = _published_part(text, names)
    found = _find_date(text, names)
    if found is None:
        return None
    parts, rest = found
    clock = _CLOCK.search(rest)
    if clock is None or (clock["minute"] is None and clock["half"] is None):
        return None if re.search(r"\d", rest) else parts
    tail = rest[clock.end() :]
    offset, tail = _find_zone(tail, names)
    if re.search(r"\d", rest[: clock.start()] + tail):
        return None
    return _with_clock(parts, clock, offset)


def _published_part(text: str, names: _Names) -> str:
    """Drop what follows "updated"; a date that is only an update is no publication date."""
    label = names.published.search(text)
    if label:
        text = text[label.end() :]
    update = names.updated.search(text)
    return (text[: update.start()] if update else text).split("|")[0]


def _find_date(text: str, names: _Names) -> tuple[Parts, str] | None:
    for pattern in names.dates:
        match = pattern.search(text)
        if match:
            groups = match.groupdict()
            rest = f"{text[: match.start()]} {groups.get('between') or ''} {text[match.end() :]}"
            return _date_parts(groups, names), rest
    return None


def _date_parts(groups: dict[str, str], names: _Names) -> Parts:
    year = int(groups["year"])
    if len(groups["year"]) == 2:
        year += 2000 if year < 50 else 1900
    if "first" in groups:
        return _settle_order(int(groups["first"]), int(groups["second"]), year, groups["mark"])
    month = groups.get("month") or ""
    return Parts(year, names.months.get(month) or integer(month), integer(groups.get("day")))


def _settle_order(first: int, second: int, year: int, mark: str) -> Parts:
    if mark == "." or first == second or first > 12:
        return Parts(year, second, first)
    return Parts(year, first, second) if second > 12 else Parts(year)


def _find_zone(tail: str, names: _Names) -> tuple[int | None, str]:
    match = _OFFSET.search(tail)
    if match:
        minutes = int(match["hours"]) * 60 + int(match["minutes"] or 0)
        return (minutes if match["sign"] == "+" else -minutes), tail[match.end() :]
    for word in _WORD.finditer(tail):
        if word[0] in names.zones:
            return names.zones[word[0]], tail
    return None, tail


def _with_clock(parts: Parts, clock: re.Match[str], offset: int | None) -> Parts:
    hour, half = int(clock["hour"]), clock["half"]
    if half:
        hour = hour % 12 + (12 if half[0] == "p" else 0) if 1 <= hour <= 12 else 99
    elif (clock["am"] or clock["pm"]) and hour <= 12:
        hour = hour % 12 + (12 if clock["pm"] else 0)
    minute, second = int(clock["minute"] or 0), integer(clock["second"])
    return Parts(*parts[:3], hour, minute, second, clock["fraction"] or "", offset)


@cache
def _names() -> _Names:
    path = resources.files("dedup.data").joinpath("dates.json")
    data = json.loads(path.read_text(encoding="utf-8"))
    months = {name: n for n, names in enumerate(data["months"], 1) for name in names}
    return _Names(
        months,
        data["zones"],
        re.compile(rf"\b(?:{'|'.join(data['published'])})\b"),
        re.compile(rf"\b(?:{'|'.join(data['updated'])})\b"),
        tuple(re.compile(pattern) for pattern in _date_patterns(months)),
    )


def _date_patterns(months: dict[str, int]) -> tuple[str, ...]:
    """Forms of a date, most telling first."""
    longest_first = sorted(months, key=len, reverse=True)
    month = rf"(?<![a-z])(?P<month>{'|'.join(longest_first)})(?![a-z])\.?"
    ending, gap = r"(?:st|nd|rd|th|er|o|a)?\b\.?", r"[\s,./-]*"
    return (
        r"(?<!\d)(?P<year>\d{4})\s?(?:年|년)\s?(?P<month>\d{1,2})\s?(?:月|월)(?:\s?(?P<day>\d{1,2})\s?(?:日|일))?",
        r"(?<!\d)(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?!\d)",
        rf"(?<!\d)(?P<first>\d{{1,2}})(?P<mark>[-/.])\s?(?P<second>\d{{1,2}})(?P=mark)\s?{_SHORT_YEAR}",
        rf"{_DAY_OF_MONTH}{ending}{gap}(?:de |of |d')?{month}{gap}(?:del? )?{_SHORT_YEAR}",
        rf"{month}[\s.-]*{_DAY_OF_MONTH}{ending},?[\s-]+{_YEAR}",
        rf"{month}\s+{_DAY_OF_MONTH}\s+(?P<between>\d\d?:\d\d\S*(?:\s+[a-z+-][a-z\d:+-]*)?)\s+{_YEAR}",
        rf"{month}{gap}(?:del? |of )?{_YEAR}",
    )
