"""A date taken apart, and written as ISO 8601 as far as its parts are known."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

FIRST_YEAR, LAST_YEAR = 1600, 2200
"""Years of which there may be news; others are misread."""

EPOCH = datetime(1970, 1, 1)
_DEFAULTS = {(1970, 1, 1), (1900, 1, 1)}
"""Days that software writes for "unknown"."""


class Parts(NamedTuple):
    """A date taken apart; None where the source says nothing, `offset` in minutes east of UTC."""

    year: int
    month: int | None = None
    day: int | None = None
    hour: int | None = None
    minute: int = 0
    second: int | None = None
    fraction: str = ""
    offset: int | None = None


def write(parts: Parts) -> str | None:
    """Write the parts that are known; None if they are no date, or one that means "unknown"."""
    year, month, day, hour, minute, second, fraction, offset = parts
    month = month or None  # databases write 00 where they do not know: "2020-03-00"
    day = day or None if month else None
    if not FIRST_YEAR <= year <= LAST_YEAR or (year, month, day) in _DEFAULTS:
        return None
    if month is None or day is None or hour is None:
        return _write_day(year, month, day)
    try:
        second = 59 if second == 60 else second  # a leap second is written as the one before
        moment = datetime(year, month, day, hour, minute, second or 0)
    except ValueError:
        return None
    fraction = fraction[:6].rstrip("0")
    if offset is None and not (hour or minute or second or fraction):
        return _write_day(year, month, day)
    if offset is not None and moment - timedelta(minutes=offset) == EPOCH:
        return None
    seconds = "" if second is None else f":{second:02d}" + (fraction and f".{fraction}")
    zone = "" if offset is None else _write_zone(offset)
    return None if zone is None else f"{moment:%Y-%m-%dT%H:%M}{seconds}{zone}"


def _write_day(year: int, month: int | None, day: int | None) -> str | None:
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        return None
    return "-".join([f"{year:04d}", *(f"{part:02d}" for part in (month, day) if part)])


def _write_zone(offset: int) -> str | None:
    hours, minutes = divmod(abs(offset), 60)
    sign = "-" if offset < 0 else "+"
    return f"{sign}{hours:02d}:{minutes:02d}" if hours * 60 + minutes <= 14 * 60 else None


def integer(digits: str | None) -> int | None:
    """Read digits, None for nothing."""
    return int(digits) if digits else None


def offset_minutes(zone: str) -> int:
    """Read "+01:00", "-0530" or "+02" as minutes east of UTC."""
    digits = zone[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    return -minutes if zone[0] == "-" else minutes
