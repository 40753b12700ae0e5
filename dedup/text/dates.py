"""Publication dates as news metadata writes them, and what they say about order.

A date is kept as ISO 8601, exactly as precise as the source: a year, a month, a day, a minute, a
second or a fraction of one, and a zone only where one was given. Five rules settle what the
source leaves open:

- Midnight sharp without a zone means that the time is unknown, so only the day is kept.
- 03/04/2024 may be March or April: only what both readings share, the year, is kept. One
  impossible reading leaves the other; with dots the day comes first, nobody writes 07.30.2024.
- 1970-01-01 and 1900-01-01 are what software writes for "unknown".
- Of two-digit years, 00 to 49 are 2000 to 2049 (RFC 2822, section 4.3).
- A number is a Unix time (s, ms, µs or ns), unless its digits spell a year, a day or a second.

A time without a zone may be local to any outlet, so its instant is uncertain by 14 hours.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from dedup.text import date_words
from dedup.text.date_parts import (
    EPOCH,
    FIRST_YEAR,
    LAST_YEAR,
    Parts,
    integer,
    offset_minutes,
    write,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

__all__ = [
    "FIRST_YEAR",
    "LAST_YEAR",
    "PLAIN",
    "UNKNOWN_TIME",
    "ZONE_UNCERTAINTY_HOURS",
    "instant",
    "order_key",
    "order_keys",
    "parse_date",
]

ZONE_UNCERTAINTY_HOURS = 14
"""Farthest zone from UTC (Kiribati)."""

UNKNOWN_TIME = 2**63 - 1
"""Sorts after every known time."""

_DAY = 86_400_000_000  # microseconds
_EPOCH_DAY = EPOCH.toordinal()
_LONGEST = 200
"""Characters of a text that may be a date; any longer one is something else."""


# Dates that need no change, in a syntax that Arrow's regular expressions (RE2) know too. Those that
# need a closer look do not match: 29 February, 1 January (1970-01-01 means "unknown") and the hour
# after midnight (00:00 means that the time is unknown).
PLAIN = (
    r"^(?:1[6-9]\d\d|2[01]\d\d)-(?:01-(?:0[2-9]|[12]\d|3[01])|02-(?:0[1-9]|1\d|2[0-8])"
    r"|(?:0[3578]|10)-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|1[12])-(?:0[1-9]|[12]\d|30))"
    r"(?:T(?:0[1-9]|1\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{0,5}[1-9])?)?"
    r"(?:\+00:00|[+-](?:0[1-9]|1[0-3]):[0-5]\d)?)?$"
)
_plain = re.compile(PLAIN[1:-1], re.ASCII).fullmatch
_iso = re.compile(
    r"(\d{4})-(\d\d?)(?:-(\d\d?)(?:[T ]\s?(\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?"
    r"\s?(Z|z|[+-]\d\d(?::?\d\d)?)?)?)?",
    re.ASCII,
).fullmatch
_written = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?"
    r"([+-]\d\d:\d\d)?)?)?)?",
    re.ASCII,
).fullmatch
_TO_THE_SECOND = r"T\d\d:\d\d:\d\d[+-]\d\d:\d\d$"  # for Arrow; with a zone, so that it can tell
_compact = re.compile(
    r"(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?()(Z|[+-]\d{4})?)?", re.ASCII
).fullmatch
_number = re.compile(r"-?\d{4,19}(?:\.\d{1,9})?", re.ASCII).fullmatch


def parse_date(value: object) -> str | None:
    """Write a date as ISO 8601, as precisely as it is known; None if it is unknown or unreadable.

    Takes text in the forms listed in `tests/test_dates.py`, numbers, dates, datetimes and their
    NumPy and pandas kin. Never raises; a second pass changes nothing.
    """
    if type(value) is str:
        if _plain(value):
            return value
        # A blank for the T and a Z for the zone are so common that they are read here, ten times
        # faster than below.
        usual = f"{value[:10]}T{value[11:]}" if value[10:11] == " " else value
        usual = f"{usual[:-1]}+00:00" if usual[-1:] == "Z" else usual
        if _plain(usual):
            return usual
        return _parse_text(value) if len(value) <= _LONGEST else None
    if isinstance(value, int | float):
        return None if isinstance(value, bool) else _parse_number(value)
    return None if value is None else _parse_object(value)


def instant(iso: str) -> tuple[int, int]:
    """Give the first and last UTC microsecond since 1970 that a parsed date can mean.

    A day spans its 24 hours, a second its million microseconds; without a zone both ends move out
    by 14 hours.

    Raises:
        ValueError: The text was not written by `parse_date`.
    """
    first, last, zoned = _span(iso)
    margin = 0 if zoned else ZONE_UNCERTAINTY_HOURS * 3_600_000_000
    return first - margin, last + margin


def order_key(iso: str | None) -> int:
    """Sort key of a parsed date, in microseconds: its end, as UTC where no zone is given.

    So a rough date ("2024", "2024-07-30") never comes before an exact one that lies within it.
    Unknown dates come last.
    """
    return UNKNOWN_TIME if iso is None else _span(iso)[1]


def order_keys(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Give the sort keys of a column of parsed dates, see `order_key`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    to_the_second = pc.fill_null(pc.match_substring_regex(column, _TO_THE_SECOND), False)
    kind = pa.timestamp("us", "UTC")
    moments = pc.if_else(to_the_second, column, pa.scalar(None, column.type)).cast(kind)
    keys: npt.NDArray[np.int64] = pc.fill_null(moments.cast(pa.int64()), 0).to_numpy() + 999_999
    others = pc.indices_nonzero(pc.invert(to_the_second)).to_numpy()
    if len(others):
        keys[others] = [order_key(value) for value in column.take(pa.array(others)).to_pylist()]
    return keys


@lru_cache(maxsize=1 << 16)
def _parse_text(text: str) -> str | None:
    match = _iso(text.strip())
    if match:
        return write(_from_groups(match.groups()))
    folded = _fold(text)
    written = _spelled(folded.upper())
    if written:
        return written
    if _number(folded):
        return _parse_number(float(folded) if "." in folded else int(folded))
    parts = date_words.parse(folded)
    return write(parts) if parts else None


def _fold(text: str) -> str:
    """Lower case, no accents, ASCII digits and spaces: "Août" is "aout"."""
    if text.isascii():
        return " ".join(text.lower().split())
    split = unicodedata.normalize("NFKD", text)
    bare = "".join(
        str(unicodedata.digit(c)) if c.isdigit() else c
        for c in split
        if not unicodedata.combining(c)
    )
    # Composed again, because NFKD takes the syllables of Hangul apart.
    return " ".join(unicodedata.normalize("NFC", bare).casefold().split())


def _from_groups(groups: tuple[str | None, ...]) -> Parts:
    year, month, day, hour, minute, second = map(integer, groups[:6])
    fraction, zone = groups[6:]
    offset = None if not zone else 0 if zone in "Zz" else offset_minutes(zone)
    return Parts(year or 0, month, day, hour, minute or 0, second, fraction or "", offset)


def _parse_number(number: float) -> str | None:
    """Read a Unix time, or digits that spell a year, day or second (2016, 20240730)."""
    size = abs(number)
    if not size < 10**20:  # nor NaN
        return None
    if number == int(number) and 0 < number < 10**14:
        spelled = _spelled(str(int(number)))
        if spelled or size < 10**8:
            return spelled
    # Below 1e8 s (1973) a number is more likely a count or an Excel day than a time.
    for unit, limit in ((1, 10**11), (10**3, 10**14), (10**6, 10**17), (10**9, 10**20)):
        if 10**8 <= size < limit:
            return _from_unix(number, unit)
    return None


def _spelled(digits: str) -> str | None:
    if len(digits) == 4 and digits.isdecimal():
        return write(Parts(int(digits)))
    match = _compact(digits)
    return write(_from_groups(match.groups())) if match else None


def _from_unix(number: float, unit: int) -> str | None:
    is_whole = isinstance(number, int)
    microseconds = number * 10**6 // unit if is_whole else round(number * (10**6 / unit))
    try:
        return _from_datetime(EPOCH.replace(tzinfo=UTC) + timedelta(microseconds=microseconds))
    except OverflowError:
        return None


def _parse_object(value: object) -> str | None:
    """Read a datetime, a date, or an object that turns into one (NumPy scalars)."""
    try:
        if isinstance(value, datetime):
            # NaT is a datetime whose fields are NaN, and the one that does not equal itself.
            return _from_datetime(value) if value == value else None
        if isinstance(value, date):
            return write(Parts(value.year, value.month, value.day))
        if type(value).__name__ == "datetime64":
            return _parse_object(value.astype("datetime64[us]").item())  # type: ignore[attr-defined]  # NumPy is not imported for it
        item = getattr(value, "item", None)
        return parse_date(item()) if callable(item) and type(item()) is not type(value) else None
    except Exception:  # a foreign object may fail in any way
        return None


def _from_datetime(moment: datetime) -> str | None:
    offset = moment.utcoffset()
    if offset is not None and offset % timedelta(minutes=1):
        moment, offset = moment.astimezone(UTC), timedelta(0)
    minutes = None if offset is None else offset // timedelta(minutes=1)
    fields = moment.timetuple()[:6]
    return write(Parts(*fields, f"{moment.microsecond:06d}", minutes))


def _span(iso: str) -> tuple[int, int, bool]:
    """First and last microsecond since 1970 as written, and whether a zone was applied."""
    match = _written(iso)
    if match is None:
        raise ValueError(f"{iso!r} is no date that parse_date writes")
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    start = date(int(year), int(month or 1), int(day or 1)).toordinal()
    if hour is None:
        end = start + 1 if day else _after(int(year), int(month or 12))
        return (start - _EPOCH_DAY) * _DAY, (end - _EPOCH_DAY) * _DAY - 1, False
    shift = offset_minutes(zone) if zone else 0
    first = (start - _EPOCH_DAY) * _DAY + ((int(hour) * 60 + int(minute)) - shift) * 60_000_000
    first += int(second or 0) * 1_000_000 + int((fraction or "").ljust(6, "0"))
    length = 60_000_000 if second is None else 10 ** (6 - len(fraction or ""))
    return first, first + length - 1, zone is not None


def _after(year: int, month: int) -> int:
    """Ordinal of the first day after a month."""
    return date(year + month // 12, month % 12 + 1, 1).toordinal()
