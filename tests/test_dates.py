from __future__ import annotations

import json
import re
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.text import dates
from dedup.text.dates import instant, order_key, order_keys, parse_date

HOUR = 3_600_000_000
DAY = 24 * HOUR


@pytest.mark.parametrize(
    ("written", "parsed"),
    [
        # ISO 8601 and what is nearly that
        ("2024-07-30T11:00:00Z", "2024-07-30T11:00:00+00:00"),
        ("2024-07-30T11:00:00+00:00", "2024-07-30T11:00:00+00:00"),
        ("2024-07-30T14:00:00.000+03:00", "2024-07-30T14:00:00+03:00"),
        ("2024-07-30T14:00:00.120-0330", "2024-07-30T14:00:00.12-03:30"),
        ("2024-07-30 11:00:00", "2024-07-30T11:00:00"),
        ("2024-07-30 11:00:00+00:00", "2024-07-30T11:00:00+00:00"),
        ("2024-07-30 11:00:00 -0500", "2024-07-30T11:00:00-05:00"),
        ("2024-07-30T11:00", "2024-07-30T11:00"),
        ("2024-07-30T11:00:00-00:00", "2024-07-30T11:00:00+00:00"),
        ("2024-07-30", "2024-07-30"),
        ("2024-01-01", "2024-01-01"),
        ("2024-02-29", "2024-02-29"),
        ("2024-07", "2024-07"),
        ("1999", "1999"),
        ("1789-08-21", "1789-08-21"),
        ("20240730", "2024-07-30"),
        ("20240730T110000Z", "2024-07-30T11:00:00+00:00"),
        ("20160614T101500Z", "2016-06-14T10:15:00+00:00"),
        ("20240730110000", "2024-07-30T11:00:00"),
        # Numbers
        ("1722337200", "2024-07-30T11:00:00+00:00"),
        (1722337200, "2024-07-30T11:00:00+00:00"),
        (1722337200.5, "2024-07-30T11:00:00.5+00:00"),
        ("1722337200.25", "2024-07-30T11:00:00.25+00:00"),
        (1722337200123, "2024-07-30T11:00:00.123+00:00"),
        (1722337200000000, "2024-07-30T11:00:00+00:00"),
        (1722337200000000000, "2024-07-30T11:00:00+00:00"),
        (-315619200, "1960-01-01T00:00:00+00:00"),
        (2016, "2016"),
        (20240730, "2024-07-30"),
        (20240730.0, "2024-07-30"),
        # Mail and feeds
        ("Tue, 30 Jul 2024 11:00:00 GMT", "2024-07-30T11:00:00+00:00"),
        ("Tue, 30 Jul 2024 11:00:00 -0400 (EDT)", "2024-07-30T11:00:00-04:00"),
        ("Tue, 30 Jul 2024 11:00:00 EDT", "2024-07-30T11:00:00-04:00"),
        ("Sat, 30 Jul 94 11:00 UT", "1994-07-30T11:00+00:00"),
        ("Tue Jul 30 11:00:00 +0000 2024", "2024-07-30T11:00:00+00:00"),
        ("Tue Jul 30 11:00:00 2024", "2024-07-30T11:00:00"),
        ("Tue Jul 30 11:00:00 CEST 2024", "2024-07-30T11:00:00+02:00"),
        # Pages
        ("December 31, 2017 ", "2017-12-31"),
        ("Jul 30, 2024", "2024-07-30"),
        ("Sept. 3rd, 2024", "2024-09-03"),
        ("30 Jul 2024", "2024-07-30"),
        ("30-July-2024", "2024-07-30"),
        ("30.07.2024", "2024-07-30"),
        ("05.06.2024", "2024-06-05"),
        ("2017/1/1", "2017-01-01"),
        ("May 2024", "2024-05"),
        ("Tue 30 Jul 2024 11.00 BST", "2024-07-30T11:00+01:00"),
        ("Sun 28 Jul 2024, 5:08 PM", "2024-07-28T17:08"),
        ("Jan 5, 2020 12:30 AM EST", "2020-01-05T00:30-05:00"),
        ("5 Jan 2020 at 4 p.m.", "2020-01-05T16:00"),
        ("July 30, 2024 at 4:30 p.m. ET", "2024-07-30T16:30"),
        ("26-FEB-1987 15:01:01.79", "1987-02-26T15:01:01.79"),
        ("26-FEB-1987 15:02:20.00", "1987-02-26T15:02:20"),
        ("7/30/2024, 11:05 PM", "2024-07-30T23:05"),
        ("9/28/16", "2016-09-28"),
        # Other languages
        ("30 juillet 2024", "2024-07-30"),
        ("le 1er août 2023 à 14h30", "2023-08-01T14:30"),
        ("30. Juli 2024", "2024-07-30"),
        ("1. März 2023, 14.30 Uhr", "2023-03-01T14:30"),
        ("3 de marzo de 2020", "2020-03-03"),
        ("7 de março de 2020", "2020-03-07"),
        ("12 dicembre 2019", "2019-12-12"),
        ("2024年7月30日", "2024-07-30"),
        ("２０２４年７月３０日 11:05", "2024-07-30T11:05"),
        ("2024年7月", "2024-07"),
        ("2024년 7월 30일", "2024-07-30"),
        ("2024年3月5日 下午3:10", "2024-03-05T15:10"),
        ("2024年3月5日 上午10:05", "2024-03-05T10:05"),
        ("2024年3月5日 下午15:10", "2024-03-05T15:10"),
        ("2024年3月5日 午後0時30分", "2024-03-05T12:30"),
        ("2024年3月5日 午前0:30", "2024-03-05T00:30"),
        ("2024년 3월 5일 오후 3:10", "2024-03-05T15:10"),
        ("2024년 3월 5일 오전 12시 10분", "2024-03-05T00:10"),
        # 00 is unknown
        ("2020-03-00", "2020-03"),
        ("2020-00-00", "2020"),
        ("2020-00-15", "2020"),
        ("2020-00", "2020"),
        ("2020-03-00 00:00:00", "2020-03"),
        ("20200300", "2020-03"),
        (20200300, "2020-03"),
        (20200000, "2020"),
    ],
)
def test_a_date_is_kept_as_precisely_as_it_is_written(written: object, parsed: str) -> None:
    assert parse_date(written) == parsed
    assert parse_date(parsed) == parsed


@pytest.mark.parametrize(
    "unknown",
    [
        *("", " ", "None", "NaT", "nan", "0000-00-00", "0001-01-01", "yesterday", "3 hours ago"),
        *("1970-01-01", "1970-01-01T00:00:00Z", "1969-12-31T19:00:00-05:00", "1900-01-01 00:00:00"),
        *("1599-12-31", "2201-01-01", "2023-02-29", "2024-13-01", "2024-07-30T25:00:00"),
        *("30 Jul 2024 11:00:00 +2500", "12", "123456", "9/99/2024", "Jul 30 11:00", "1e5"),
        *("Updated 5 May 2020", "Aktualisiert am 05.05.2020", "2024-07-30 " * 30, "9" * 400),
        *(None, True, 0, 12, 44000, float("nan"), float("inf"), -1e300, 10**400, [], {}, b"2024"),
        *(pd.NaT, pd.NA, np.datetime64("NaT"), Decimal(1), object()),
    ],
)
def test_what_says_nothing_is_unknown(unknown: object) -> None:
    assert parse_date(unknown) is None


@pytest.mark.parametrize(
    ("written", "parsed"),
    [
        pytest.param("30/07/2024", "2024-07-30", id="no month 30, so the day comes first"),
        pytest.param("07/30/2024", "2024-07-30", id="no month 30, so the month comes first"),
        pytest.param("07/07/2024", "2024-07-07", id="both readings agree"),
        pytest.param("03/04/2024", "2024", id="March or April: the year is all they share"),
        pytest.param("03-04-2024 11:00", "2024", id="a time of an unknown day is no use"),
        pytest.param("03.04.2024", "2024-04-03", id="with dots the day comes first"),
    ],
)
def test_day_and_month_in_doubt(written: str, parsed: str) -> None:
    assert parse_date(written) == parsed


@pytest.mark.parametrize(
    ("written", "parsed"),
    [
        ("2021-06-24 00:00:00", "2021-06-24"),
        ("2021-06-24T00:00", "2021-06-24"),
        ("2021-06-24T00:00:00Z", "2021-06-24T00:00:00+00:00"),
        ("2021-06-24T00:00:01", "2021-06-24T00:00:01"),
    ],
)
def test_midnight_without_a_zone_means_the_day(written: str, parsed: str) -> None:
    assert parse_date(written) == parsed


@pytest.mark.parametrize(
    "written",
    [
        "PUBLISHED: January 16, 2023 at 4:30 p.m. | UPDATED: January 17, 2023 at 3:58 a.m.",
        "UPDATED: January 17, 2023 at 3:58 a.m. | PUBLISHED: January 16, 2023 at 4:30 p.m.",
        "January 16, 2023 4:30 pm | January 17, 2023",
        "Jan. 16, 2023 at 4:30 p.m. Last updated Jan. 17, 2023",
    ],
)
def test_an_update_is_not_the_publication(written: str) -> None:
    assert parse_date(written) == "2023-01-16T16:30"


@pytest.mark.parametrize(
    ("value", "parsed"),
    [
        (date(2024, 7, 30), "2024-07-30"),
        (datetime(2024, 7, 30), "2024-07-30"),
        (datetime(2024, 7, 30, 11, 0, 0, 500_000), "2024-07-30T11:00:00.5"),
        (datetime(2024, 7, 30, 11, tzinfo=UTC), "2024-07-30T11:00:00+00:00"),
        (
            datetime(2024, 7, 30, 11, tzinfo=timezone(timedelta(hours=-3.5))),
            "2024-07-30T11:00:00-03:30",
        ),
        (
            datetime(1890, 7, 30, 11, tzinfo=timezone(timedelta(minutes=9, seconds=21))),
            "1890-07-30T10:50:39+00:00",
        ),
        (pd.Timestamp("2024-07-30 11:00", tz="Europe/Paris"), "2024-07-30T11:00:00+02:00"),
        (np.datetime64("2024-07-30T11:00:00", "ns"), "2024-07-30T11:00:00"),
        (np.int64(1722337200), "2024-07-30T11:00:00+00:00"),
    ],
)
def test_objects_that_are_dates(value: object, parsed: str) -> None:
    assert parse_date(value) == parsed


@pytest.mark.parametrize(
    ("iso", "first", "last"),
    [
        pytest.param("1970-01-02T00:00:00+00:00", DAY, DAY + 999_999, id="a second"),
        pytest.param("1970-01-02T01:00+01:00", DAY, DAY + 59_999_999, id="a minute in a zone"),
        pytest.param("1970-01-02T00:00:00.5-01:00", DAY + HOUR + 500_000, DAY + HOUR + 599_999,
                     id="a tenth of a second"),
        pytest.param("1970-01-02T12:00:00", DAY - 2 * HOUR, DAY + 26 * HOUR + 999_999,
                     id="14 hours either way without a zone"),
        pytest.param("1970-01-02", DAY - 14 * HOUR, 2 * DAY + 14 * HOUR - 1, id="a day"),
        pytest.param("1972-02", 761 * DAY - 14 * HOUR, 790 * DAY + 14 * HOUR - 1, id="a month"),
        pytest.param("1971", 365 * DAY - 14 * HOUR, 730 * DAY + 14 * HOUR - 1, id="a year"),
        pytest.param("1970-12", 334 * DAY - 14 * HOUR, 365 * DAY + 14 * HOUR - 1, id="December"),
    ],
)  # fmt: skip
def test_instant_spans_all_that_a_date_can_mean(iso: str, first: int, last: int) -> None:
    assert instant(iso) == (first, last)


def test_instant_refuses_what_parse_date_does_not_write() -> None:
    with pytest.raises(ValueError, match="is no date that parse_date writes"):
        instant("30 Jul 2024")


def test_order_key_sorts_exact_dates_before_rough_ones_around_them_and_unknown_last() -> None:
    wanted = ["1789", "2024-07-30T10:59:59+00:00", "2024-07-30T11:00:00",
              "2024-07-30T08:00:01-03:00", "2024-07-30", "2024", None]  # fmt: skip
    backwards = wanted[::-1]
    assert sorted(backwards, key=order_key) == wanted


@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_name_is_read(month: int) -> None:
    path = Path(dates.__file__).parents[1] / "data" / "dates.json"
    for name in json.loads(path.read_text(encoding="utf-8"))["months"][month - 1]:
        assert parse_date(f"3 {name} 2020") == f"2020-{month:02d}-03"
        assert parse_date(f"{name} 13, 2020") == f"2020-{month:02d}-13"


def test_the_plain_pattern_passes_only_what_needs_no_change() -> None:
    day = date(1999, 12, 1)
    while day < date(2001, 3, 5):
        for clock in ("", "T00:00:00", "T09:30", "T23:59:59.5", "T10:00:00+02:00", "T10:00:00.50"):
            text = f"{day}{clock}"
            if re.match(dates.PLAIN, text):
                assert dates._parse_text(text) == text
        day += timedelta(days=1)


_DIGITS = st.integers(0, 99).map("{:02d}".format)
_NEARLY = st.tuples(st.sampled_from(["1999", "2020"]), _DIGITS, _DIGITS)


@settings(deadline=None)
@given(_NEARLY, st.sampled_from(["-", "/", "", "."]), st.booleans())
def test_what_is_nearly_a_date_has_an_order(
    parts: tuple[str, str, str], mark: str, backwards: bool
) -> None:
    written = mark.join(parts[::-1] if backwards else parts)
    parsed = parse_date(written)
    first, last = instant(parsed) if parsed else (0, order_key(None))
    assert first <= order_key(parsed) <= last


@settings(deadline=None)
@given(st.text() | st.text("0123456789-/:.,T Z+apmJul年月日|") | st.floats() | st.integers())
def test_anything_is_read_or_unknown_and_twice_is_once(value: object) -> None:
    parsed = parse_date(value)
    if parsed is not None:
        assert parse_date(parsed) == parsed
        first, last = instant(parsed)
        assert first <= order_key(parsed) <= last


_MOMENTS = st.datetimes(
    datetime(1600, 1, 3), datetime(2200, 12, 28),
    timezones=st.none() | st.integers(-840, 840).map(lambda n: timezone(timedelta(minutes=n))),
)  # fmt: skip


@settings(deadline=None)
@given(_MOMENTS)
def test_a_moment_is_within_its_instant(moment: datetime) -> None:
    for value in (moment, moment.isoformat(), moment.isoformat(" ")):
        parsed = parse_date(value)
        if parsed is None:
            assert moment.date() in {date(1900, 1, 1), date(1970, 1, 1)} or "1970-01-01" in str(
                moment.astimezone(UTC)
            )
            continue
        first, last = instant(parsed)
        exact = moment.replace(tzinfo=moment.tzinfo or UTC) - datetime(1970, 1, 1, tzinfo=UTC)
        assert first <= exact // timedelta(microseconds=1) <= last


def test_dates_import_nothing_heavy() -> None:
    source = Path(dates.__file__).read_text(encoding="utf-8")
    assert not re.findall(r"^(?:import|from) (?:numpy|pyarrow|pandas|orjson)", source, re.MULTILINE)
    assert sys.modules["dedup.text.dates"] is dates


@given(
    st.lists(
        st.none()
        | st.datetimes(datetime(1600, 1, 2), datetime(2199, 12, 30)).flatmap(
            lambda moment: st.sampled_from(
                [
                    f"{moment:%Y-%m-%dT%H:%M:%S}+05:30",
                    f"{moment:%Y-%m-%dT%H:%M:%S}-14:00",
                    f"{moment:%Y-%m-%dT%H:%M:%S}+00:00",
                    f"{moment:%Y-%m-%dT%H:%M:%S}.25+00:00",
                    f"{moment:%Y-%m-%dT%H:%M:%S}",
                    f"{moment:%Y-%m-%dT%H:%M}+01:00",
                    f"{moment:%Y-%m-%d}",
                    f"{moment:%Y-%m}",
                    f"{moment:%Y}",
                ]
            )
        )
    )
)
@settings(deadline=None)
def test_the_keys_of_a_column_are_those_of_its_dates(written: list[str | None]) -> None:
    column = pa.chunked_array([pa.array(written, pa.large_string())])
    assert order_keys(column).tolist() == [order_key(value) for value in written]
