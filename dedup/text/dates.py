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

import json
import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

FIRST_YEAR, LAST_YEAR = 1600, 2200
ZONE_UNCERTAINTY_HOURS = 14
UNKNOWN_TIME = 2**63 - 1  # sorts after every known time

_DAY = 86_400_000_000
_EPOCH = datetime(1970, 1, 1)
_EPOCH_DAY = _EPOCH.toordinal()
_LONGEST = 200
_DEFAULTS = {(1970, 1, 1), (1900, 1, 1)}

# Written as parse_date writes it and surely right, in a syntax that RE2 (Arrow) knows too.
# 29 February, the turn of the year (1970!) and the hour after midnight go the long way.
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


class _Parts(NamedTuple):
    """A date taken apart; None where the source says nothing, `offset` in minutes east of UTC."""

    year: int
    month: int | None = None
    day: int | None = None
    hour: int | None = None
    minute: int = 0
    second: int | None = None
    fraction: str = ""
    offset: int | None = None


class _Names(NamedTuple):
    """The words of `data/dates.json`, and the patterns made of them."""

    months: dict[str, int]
    zones: dict[str, int]
    published: re.Pattern[str]
    updated: re.Pattern[str]
    dates: tuple[re.Pattern[str], ...]


def parse_date(value: object) -> str | None:
    """Write a date as ISO 8601, as precisely as it is known; None if it is unknown or unreadable.

    Takes text in the forms listed in `tests/test_dates.py`, numbers, dates, datetimes and their
    NumPy and pandas kin. Never raises; a second pass changes nothing.
    """
    if type(value) is str:
        if _plain(value):
            return value
        # Two habits of half the world's dumps, ten times faster than the general way.
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
        return _write(_from_groups(match.groups()))
    folded = _fold(text)
    written = _spelled(folded.upper())
    if written:
        return written
    if _number(folded):
        return _parse_number(float(folded) if "." in folded else int(folded))
    return _parse_words(folded)


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
    # Composed again, else Hangul stays in pieces.
    return " ".join(unicodedata.normalize("NFC", bare).casefold().split())


def _from_groups(groups: tuple[str | None, ...]) -> _Parts:
    year, month, day, hour, minute, second = map(_integer, groups[:6])
    fraction, zone = groups[6:]
    offset = None if not zone else 0 if zone in "Zz" else _offset_minutes(zone)
    return _Parts(year or 0, month, day, hour, minute or 0, second, fraction or "", offset)


def _integer(digits: str | None) -> int | None:
    return int(digits) if digits else None


def _offset_minutes(zone: str) -> int:
    digits = zone[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    return -minutes if zone[0] == "-" else minutes


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
        return _write(_Parts(int(digits)))
    match = _compact(digits)
    return _write(_from_groups(match.groups())) if match else None


def _from_unix(number: float, unit: int) -> str | None:
    is_whole = isinstance(number, int)
    microseconds = number * 10**6 // unit if is_whole else round(number * (10**6 / unit))
    try:
        return _from_datetime(_EPOCH.replace(tzinfo=UTC) + timedelta(microseconds=microseconds))
    except OverflowError:
        return None


def _parse_object(value: object) -> str | None:
    """Read a datetime, a date, or an object that turns into one (NumPy scalars)."""
    try:
        if isinstance(value, datetime):
            # NaT is a datetime whose fields are NaN, and the one that does not equal itself.
            return _from_datetime(value) if value == value else None
        if isinstance(value, date):
            return _write(_Parts(value.year, value.month, value.day))
        if type(value).__name__ == "datetime64":
            return _parse_object(value.astype("datetime64[us]").item())  # type: ignore[attr-defined]
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
    return _write(_Parts(*fields, f"{moment.microsecond:06d}", minutes))


def _parse_words(text: str) -> str | None:
    """Find a date, then a time, then a zone; digits that nothing explains make it unreadable."""
    names = _names()
    text = _published_part(text, names)
    found = _find_date(text, names)
    if found is None:
        return None
    parts, rest = found
    clock = _CLOCK.search(rest)
    if clock is None or (clock["minute"] is None and clock["half"] is None):
        return None if re.search(r"\d", rest) else _write(parts)
    tail = rest[clock.end() :]
    offset, tail = _find_zone(tail, names)
    if re.search(r"\d", rest[: clock.start()] + tail):
        return None
    return _write(_with_clock(parts, clock, offset))


def _published_part(text: str, names: _Names) -> str:
    """Drop what follows "updated"; a date that is only an update is no publication date."""
    label = names.published.search(text)
    if label:
        text = text[label.end() :]
    update = names.updated.search(text)
    return (text[: update.start()] if update else text).split("|")[0]


def _find_date(text: str, names: _Names) -> tuple[_Parts, str] | None:
    for pattern in names.dates:
        match = pattern.search(text)
        if match:
            groups = match.groupdict()
            rest = f"{text[: match.start()]} {groups.get('between') or ''} {text[match.end() :]}"
            return _date_parts(groups, names), rest
    return None


def _date_parts(groups: dict[str, str], names: _Names) -> _Parts:
    year = int(groups["year"])
    if len(groups["year"]) == 2:
        year += 2000 if year < 50 else 1900
    if "first" in groups:
        return _settle_order(int(groups["first"]), int(groups["second"]), year, groups["mark"])
    month = groups.get("month") or ""
    return _Parts(year, names.months.get(month) or _integer(month), _integer(groups.get("day")))


def _settle_order(first: int, second: int, year: int, mark: str) -> _Parts:
    if mark == "." or first == second or first > 12:
        return _Parts(year, second, first)
    return _Parts(year, first, second) if second > 12 else _Parts(year)


def _find_zone(tail: str, names: _Names) -> tuple[int | None, str]:
    match = _OFFSET.search(tail)
    if match:
        minutes = int(match["hours"]) * 60 + int(match["minutes"] or 0)
        return (minutes if match["sign"] == "+" else -minutes), tail[match.end() :]
    for word in _WORD.finditer(tail):
        if word[0] in names.zones:
            return names.zones[word[0]], tail
    return None, tail


def _with_clock(parts: _Parts, clock: re.Match[str], offset: int | None) -> _Parts:
    hour, half = int(clock["hour"]), clock["half"]
    if half:
        hour = hour % 12 + (12 if half[0] == "p" else 0) if 1 <= hour <= 12 else 99
    elif (clock["am"] or clock["pm"]) and hour <= 12:
        hour = hour % 12 + (12 if clock["pm"] else 0)
    minute, second = int(clock["minute"] or 0), _integer(clock["second"])
    return _Parts(*parts[:3], hour, minute, second, clock["fraction"] or "", offset)


def _write(parts: _Parts) -> str | None:
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
    if offset is not None and moment - timedelta(minutes=offset) == _EPOCH:
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
    shift = _offset_minutes(zone) if zone else 0
    first = (start - _EPOCH_DAY) * _DAY + ((int(hour) * 60 + int(minute)) - shift) * 60_000_000
    first += int(second or 0) * 1_000_000 + int((fraction or "").ljust(6, "0"))
    length = 60_000_000 if second is None else 10 ** (6 - len(fraction or ""))
    return first, first + length - 1, zone is not None


def _after(year: int, month: int) -> int:
    """Ordinal of the first day after a month."""
    return date(year + month // 12, month % 12 + 1, 1).toordinal()


@cache
def _names() -> _Names:
    data = json.loads(
        (Path(__file__).parents[1] / "data" / "dates.json").read_text(encoding="utf-8")
    )
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
