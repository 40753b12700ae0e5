from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest
import zstandard
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dedup import readers
from dedup.commands.cli import cli
from dedup.errors import InputError, SettingsError
from dedup.readers import ReadOptions, formats
from dedup.readers.batches import BadRecord
from dedup.readers.streams import StreamError
from dedup.records import Article, Skipped, article_schema

Row = dict[str, Any]
COLUMNS = ("id", "text", "title", "outlet", "published", "url", "authors", "language", "extra")


def gather(batches: Any) -> tuple[list[Row], list[Skipped]]:
    """All rows and all skipped, after checking that every batch keeps the schema."""
    rows: list[Row] = []
    skipped: list[Skipped] = []
    for batch in batches:
        assert batch.articles.schema == article_schema()
        batch.articles.validate(full=True)
        rows += batch.articles.to_pylist()
        skipped += batch.skipped
    return rows, skipped


def read(*paths: Path | str, **options: Any) -> tuple[list[Row], list[Skipped]]:
    return gather(readers.read([str(path) for path in paths], ReadOptions(**options)))


def write(path: Path, data: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def one(record: Any, **options: Any) -> Row:
    """The row that one record becomes, the same by row and by column where Arrow can hold it."""
    (row,), skipped = gather(readers.from_records([record], ReadOptions(**options)))
    assert not skipped
    if "@graph" in record:
        return row
    try:
        table = pa.Table.from_pylist([record])
    except (pa.ArrowException, TypeError):
        return row
    (column,), skipped = gather(readers.from_table(table, ReadOptions(**options)))
    assert not skipped
    assert {**column, "extra": None} == {**row, "extra": None}
    assert extra(column) == extra(row)
    return row


def extra(row: Row) -> Any:
    return None if row["extra"] is None else orjson.loads(row["extra"])


def texts(rows: list[Row]) -> list[str]:
    return [row["text"] for row in rows]


def lines(records: list[Any]) -> bytes:
    return b"".join(orjson.dumps(record) + b"\n" for record in records)


# --- Fields


@pytest.mark.parametrize(
    ("record", "wanted", "left"),
    [
        pytest.param(
            {"id": "7", "text": "T", "source": "AP", "date": "2018-07-16", "lang": "en",
             "cluster": "c1", "story": "s1"},
            {"id": "7", "outlet": "AP", "published": "2018-07-16", "language": "en"},
            {"cluster": "c1", "story": "s1"},
            id="the labelled test data; labels are carried, not read",
        ),
        pytest.param(
            {"source": {"id": "bbc", "name": "BBC"}, "author": None, "title": "A", "url": "u",
             "publishedAt": "2024-07-30T11:00:00Z", "content": "T"},
            {"outlet": "BBC", "title": "A", "url": "u", "published": "2024-07-30T11:00:00+00:00"},
            {"source": {"id": "bbc", "name": "BBC"}},
            id="NewsAPI",
        ),
        pytest.param(
            {"uri": "8", "lang": "eng", "date": "2024-07-31", "dateTime": "2024-07-31T02:00:00Z",
             "dateTimePub": "2024-07-30T11:00:00Z", "body": "T", "source": {"title": "DW"},
             "authors": [{"name": "A B"}, {"name": "C"}]},
            {"id": "8", "language": "eng", "published": "2024-07-30T11:00:00+00:00",
             "outlet": "DW", "authors": "A B; C"},
            {"date": "2024-07-31", "dateTime": "2024-07-31T02:00:00Z", "source": {"title": "DW"},
             "authors": [{"name": "A B"}, {"name": "C"}]},
            id="Event Registry: when it was found is not when it was published",
        ),
        pytest.param(
            {"maintext": "T", "text": "other", "date_publish": "None", "source_domain": "www.x.de",
             "date_download": "2024-08-01 10:00:00", "authors": ["A", "B"], "filename": "f.json"},
            {"outlet": "x.de", "authors": "A; B", "published": None},
            {"text": "other", "source_domain": "www.x.de", "filename": "f.json",
             "date_download": "2024-08-01 10:00:00"},
            id="news-please: maintext before text; a crawl time is no publication time",
        ),
        pytest.param(
            {"source": "https://x.de/a", "source-hostname": "X", "hostname": "x.de", "text": "T",
             "author": "A; B", "date": "2024-07-30", "fingerprint": "ffe"},
            {"url": "https://x.de/a", "outlet": "X", "authors": "A; B", "published": "2024-07-30"},
            {"hostname": "x.de", "fingerprint": "ffe"},
            id="trafilatura: source is the URL, and a content hash is no id",
        ),
        pytest.param(
            {"url": "https://x.de/a", "source": "https://www.x.de/", "text": "T"},
            {"url": "https://x.de/a", "outlet": "x.de"},
            {"source": "https://www.x.de/"},
            id="source is the outlet's home page",
        ),
        pytest.param(
            {"title": "A", "publishing_date": "2024-07-30 11:00:00+00:00", "authors": [],
             "body": {"summary": ["S"],
                      "sections": [{"headline": [], "paragraphs": ["T", "U"]},
                                   {"headline": ["H"], "paragraphs": ["V"]}]}},
            {"text": "S\nT\nU\nH\nV", "published": "2024-07-30T11:00:00+00:00"},
            {"authors": []},
            id="fundus",
        ),
        pytest.param(
            {"@context": "https://schema.org",
             "@graph": [{"@type": "WebSite", "name": "X"},
                        {"@type": "NewsArticle", "@id": "#a", "headline": "A", "articleBody": "T",
                         "author": {"@type": "Organization", "name": "Reuters"},
                         "publisher": {"name": "X"}, "mainEntityOfPage": {"@id": "https://x.de/a"},
                         "datePublished": "2024-07-30", "inLanguage": "de"}]},
            {"id": "#a", "title": "A", "authors": "Reuters", "outlet": "X", "language": "de",
             "url": "https://x.de/a", "published": "2024-07-30"},
            {"@context": "https://schema.org", "@graph": [{"@type": "WebSite", "name": "X"}],
             "@type": "NewsArticle",
             "author": {"@type": "Organization", "name": "Reuters"}, "publisher": {"name": "X"},
             "mainEntityOfPage": {"@id": "https://x.de/a"}},
            id="JSON-LD graph",
        ),
        pytest.param(
            {"text": "T", "domain": "www.x.de", "date": "2017-01-05 10:00:00"},
            {"outlet": "x.de", "published": "2017-01-05T10:00:00"},
            {"domain": "www.x.de"},
            id="HF cc_news",
        ),
        pytest.param(
            {"text": "T", "language": "en", "meta_lang": "de", "publish_date": "03/04/2024"},
            {"language": "de", "published": "2024"},
            {"language": "en", "publish_date": "03/04/2024"},
            id="newspaper4k: the page's language; a date in doubt is kept as it was",
        ),
        pytest.param(
            {"ID": 12, "Title": "None", "Text": "T", "Date": "soon", "Author": float("nan"),
             "updated": "2024-07-30", "n": None, "e": "", "x": {"y": None}},
            {"id": "12", "title": "", "authors": "", "published": None},
            {"Date": "soon", "updated": "2024-07-30", "x": {"y": None}},
            id="other case, and values that say nothing",
        ),
        pytest.param(
            {"text": ["T", "U"], "published": {"$date": "2024-07-30T11:00:00Z"}},
            {"text": "T\nU", "published": "2024-07-30T11:00:00+00:00"},
            {"published": {"$date": "2024-07-30T11:00:00Z"}},
            id="paragraphs, and a date of MongoDB",
        ),
        pytest.param(
            {"text": "T", "published": {"$date": {"$numberLong": "1722337200000"}}},
            {"published": "2024-07-30T11:00:00+00:00"},
            {"published": {"$date": {"$numberLong": "1722337200000"}}},
            id="milliseconds of MongoDB",
        ),
        pytest.param({"id": 12.0, "text": "T"}, {"id": "12"}, None, id="a number as id"),
        pytest.param(
            {"_id": {"$oid": "5f"}, "text": "T"}, {"id": "5f"}, {"_id": {"$oid": "5f"}}, id="Mongo"
        ),
        pytest.param(
            {"Unnamed: 0": 3, "id": 4, "text": "T"}, {"id": "4"}, {"Unnamed: 0": 3}, id="index"
        ),
        pytest.param(
            {"text": "T\u0000", "title": 'q"\\\n', "k": 'q"\\\n\u0001', "b": True, "f": 0.5,
             "i": 3},
            {"text": "T\u0000", "title": 'q"\\\n'},
            {"k": 'q"\\\n\u0001', "b": True, "f": 0.5, "i": 3},
            id="control characters and plain values",
        ),
    ],
)  # fmt: skip
def test_known_fields_become_columns_and_the_rest_is_carried(
    record: Row, wanted: Row, left: Any
) -> None:
    row = one(record)
    assert {name: row[name] for name in wanted} == wanted
    assert row["text"].startswith(("T", "S"))
    got = extra(row) or {}
    assert {k: v for k, v in got.items() if v != []} == {
        k: v for k, v in (left or {}).items() if v != []
    }


A, B = {"text": "a", "title": "A"}, {"text": "b", "title": "B"}
GRAPH = [{"@type": "WebSite", "name": "X"}, {"@type": "NewsArticle", "articleBody": "a"}]


@pytest.mark.parametrize(
    ("value", "kept", "skipped"),
    [
        pytest.param([A, B], ["a", "b"], 0, id="a list"),
        pytest.param([[A], [[B]]], ["a", "b"], 0, id="lists of lists"),
        pytest.param([A, {"body2": "b"}], ["a"], 1, id="a record without a text is not lost"),
        pytest.param({"@graph": GRAPH}, ["a"], 0, id="a graph around one article"),
        pytest.param({"@graph": [*GRAPH, A]}, ["a", "a"], 1, id="a graph around several"),
        pytest.param({"status": "ok", "articles": [A, B]}, ["a", "b"], 0, id="an API's page"),
        pytest.param({"title": "Feed", "items": [A, B]}, ["a", "b"], 0, id="a feed with a title"),
        pytest.param(
            {"hits": {"total": {"value": 2}, "hits": [{"_id": "1", "_source": A}]}}, ["a"], 0,
            id="Elasticsearch's answer",
        ),
        pytest.param({"_id": "1", "_source": A}, ["a"], 0, id="Elasticsearch's record"),
        pytest.param(
            {"id": "1", "title": "A", "items": [{"text": "caption"}], "body": "a"}, ["a"], 0,
            id="an article around a list",
        ),
        pytest.param(
            {"id": "1", "comments": [{"text": "c"}, {"text": "d"}], "html": "a"}, [], 1,
            id="comments are no articles",
        ),
        pytest.param(
            {"comments": [{"text": "c"}], "html": "a"}, [], 1, id="nor with nothing else",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.jsonl", "a.json", ""])
def test_records_are_taken_out_of_what_wraps_them(
    tmp_path: Path, name: str, value: Any, kept: list[str], skipped: int
) -> None:
    if not name:
        rows, left_out = gather(readers.from_records([value]))
    else:
        rows, left_out = read(write(tmp_path / name, json.dumps(value)))
    if name != "a.json" or isinstance(value, dict):
        assert len(left_out) == skipped
    assert texts(rows) == kept
    assert len({row["id"] for row in rows}) == len(rows)


def test_a_list_nested_too_deep_is_skipped() -> None:
    value: Any = A
    for _ in range(900):
        value = [value]
    _, skipped = gather(readers.from_records([value]))
    assert [s.reason for s in skipped] == ["not an object with fields but a list"]


@pytest.mark.parametrize(
    "wrapped",
    [
        '{"meta":{"q":[{"text":"no"}],"n":1},"tags":["x"],"articles":[%s],"next":{"a":[]}}',
        '{"status":"ok","response":{"total":{"n":3},"results":[%s],"x":1},"y":2}',
    ],
)
def test_a_wrapper_of_any_size_is_read_record_by_record(tmp_path: Path, wrapped: str) -> None:
    records = ",".join(json.dumps({"id": i, "text": "x" * 1000}) for i in range(500))
    rows, skipped = read(write(tmp_path / "a.json", wrapped % records), max_record_bytes=100_000)
    assert (len(rows), skipped) == (500, [])


def test_fields_can_be_named_and_are_then_looked_for_nowhere_else() -> None:
    record = {"a": {"b": "T"}, "text": "other", "title": "A", "who": ["X", "Y"], "when": 1722337200}
    chosen = {"text": "a.b", "title": "head", "authors": "who", "published": "when", "id": "title"}
    row = one(record, fields=chosen)
    assert (row["id"], row["text"], row["title"], row["authors"]) == ("A", "T", "", "X; Y")
    assert row["published"] == "2024-07-30T11:00:00+00:00"
    assert extra(row) == {"a": {"b": "T"}, "text": "other"}


def test_a_dotted_name_may_be_a_flat_field() -> None:
    assert one({"source.name": "AP", "text": "T"})["outlet"] == "AP"


@pytest.mark.parametrize(
    ("record", "options", "reason"),
    [
        ({"body2": "long text", "id": "q"}, {},
         "no `text` field; found `body2`, `id`. Name it with --text-field body2"),
        ({"text": "T", "id": "q"}, {"fields": {"text": "body"}},
         "no `body` field; found `text`, `id`. Name it with --text-field text"),
        ({"a": {"c": 1}, "id": "q"}, {"fields": {"text": "a.b"}},
         "no `a.b` field; found `a`, `id`"),
        ({"text": 5, "id": "q"}, {}, "`text` is a number, not a string"),
        ({"text": [1], "id": "q"}, {}, "`text` is a list, not a string"),
        ({"text": " \n\u3000", "id": "q"}, {}, "empty text"),
        ({"text": "None", "id": "q"}, {}, "empty text"),
        ({"text": None, "id": "q"}, {}, "empty text"),
        ({"text": "x" * 101, "id": "q"}, {"max_record_bytes": 100},
         "record is longer than 100 bytes; raise max_record_bytes to keep it"),
    ],
)  # fmt: skip
def test_a_record_without_text_says_what_to_do(record: Row, options: Row, reason: str) -> None:
    chosen = ReadOptions(**options)
    wanted: Any = ([], [Skipped("", 1, "q", reason)])
    assert gather(readers.from_records([record], chosen)) == wanted
    assert gather(readers.from_table(pa.Table.from_pylist([record]), chosen)) == wanted


def test_one_reason_for_all_records_of_a_shape(tmp_path: Path) -> None:
    records = [{"a": "x" * i, "b": "y" * (9 - i)} for i in range(9)]
    _, skipped = read(write(tmp_path / "a.jsonl", lines(records)))
    assert len(skipped) == 9
    assert len({s.reason for s in skipped}) == 1


# --- Formats


def as_jsonl(records: list[Row]) -> bytes:
    return lines(records)


def as_json(records: list[Row]) -> bytes:
    return json.dumps(records).encode()


def as_pretty_json(records: list[Row]) -> bytes:
    return json.dumps({"status": "ok", "articles": records}, indent=1).encode()


def as_csv(records: list[Row]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, ["id", "text", "title", "source", "date", "topic"])
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue().encode()


def as_semicolons(records: list[Row]) -> bytes:
    out = io.StringIO(newline="")
    names = ["id", "text", "title", "source", "date", "topic"]
    writer = csv.DictWriter(out, names, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(records)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_parquet(records: list[Row]) -> bytes:
    out = io.BytesIO()
    schema = pa.schema(
        [(n, pa.string()) for n in ("id", "text", "title", "source", "date", "topic")]
    )
    pq.write_table(pa.Table.from_pylist(records, schema), out)
    return out.getvalue()


FORMATS: dict[str, Callable[[list[Row]], bytes]] = {
    "a.jsonl": as_jsonl, "b.json": as_jsonl, "c.json": as_json, "d.json": as_pretty_json,
    "e.csv": as_csv, "f.csv": as_semicolons, "g.parquet": as_parquet, "h.jsonl": as_json,
}  # fmt: skip
_WORDS = st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30
) | st.sampled_from(
    ['a "b", c', "x\ny", '"', ",", ";", "\r\n", "None", "https://x.de", "},{", "\\"]
)
_RECORDS = st.lists(
    st.fixed_dictionaries(
        {"text": _WORDS},
        optional={
            "id": _WORDS, "title": _WORDS, "source": _WORDS, "topic": _WORDS,
            "date": _WORDS | st.dates().map(str) | st.datetimes().map(str),
        },
    ),
    max_size=5,
)  # fmt: skip


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(_RECORDS, st.sampled_from(["", ".gz", ".zst"]))
def test_the_same_records_are_the_same_articles_in_every_format(
    tmp_path: Path, records: list[Row], packed: str
) -> None:
    pack: Callable[[bytes], bytes] = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress}[
        packed
    ]
    wanted: list[Row] | None = None
    for name, dump in FORMATS.items():
        rows, skipped = read(write(tmp_path / f"{name}{packed}", pack(dump(records))))
        assert len(rows) + len(skipped) == len(records), name
        for row in rows:
            if row["id"].startswith(str(tmp_path)):
                row["id"] = ""
        got = [{c: extra(row) if c == "extra" else row[c] for c in COLUMNS} for row in rows]
        if wanted is None:
            wanted = got
        assert got == wanted, name


def test_ids_and_places_of_records_without_an_id(tmp_path: Path) -> None:
    a = write(tmp_path / "a.jsonl", '\n{"text":"T"}\n\n{"text":"U","id":"u"}\n')
    b = write(tmp_path / "b.csv", 'text,x\n"T\nU",1\nV,2\n')
    c = write(tmp_path / "c.json", '[{"text":"T"},\n\n{"text":"U"}]')
    rows, skipped = read(a, b, c)
    assert not skipped
    places = [(row["id"], Path(row["file"]).name, row["line"]) for row in rows]
    assert places == [
        (f"{a}:2", "a.jsonl", 2), ("u", "a.jsonl", 4), (f"{b}:2", "b.csv", 2),
        (f"{b}:4", "b.csv", 4), (f"{c}:1", "c.json", 1), (f"{c}:2", "c.json", 2),
    ]  # fmt: skip


BAD = "not an object with fields but "


@pytest.mark.parametrize(
    ("name", "data", "kept", "skipped"),
    [
        pytest.param(
            "a.jsonl", b'{"text":"a"}\n{bad\n"s"\n[1]\n7\n{"text":"b"}\r\n{"text":"c"', ["a", "b"],
            [(2, "not JSON: unexpected character"), (3, BAD + "a string"), (4, BAD + "a list"),
             (5, BAD + "a number"), (7, "not JSON: unexpected end of data at column 12")],
            id="JSON Lines: a bad line costs that line",
        ),
        pytest.param(
            "a.jsonl", b'{"text":"a"}\n{"text":"\xe9t\xe9"}\n{"text":"b"}', ["a", "b"],
            [(2, "not UTF-8 at byte 10")], id="JSON Lines: one line in Latin-1",
        ),
        pytest.param(
            "a.jsonl", '\ufeff{"text":"\\ud800a\\udc00"}\n{"text":"\\ud83d\\ude00","x":NaN}\n',
            ["\ufffda\ufffd", "😀"], [], id="JSON Lines: byte order mark, lone surrogates, NaN",
        ),
        pytest.param("a.jsonl", b"\n \n", [], [], id="JSON Lines: blank lines are no records"),
        pytest.param(
            "a.json", '[{"text":"a"},{"text":"b" oops},{"text":"c"}, {"text":"d"}]',
            ["a", "c", "d"], [(2, "not JSON: 'oops}")],
            id="array: a broken element costs that element",
        ),
        pytest.param(
            "a.json", '[{"text":"a"}, 5, "s", [1], {"text":"d"}]', ["a", "d"],
            [(2, BAD + "a number"), (3, BAD + "a string"), (4, BAD + "a list")],
            id="array: an element that is no object costs that element",
        ),
        pytest.param(
            "a.json", '[{"id":1,"text":"abc}, {"id":2,"text":"def"}, {"id":3,"text":"ghi"}]',
            ["def", "ghi"], [(1, "not JSON: 'id")], id="array: a quote is missing",
        ),
        pytest.param(
            "a.json", '[{"text":"a"},{"text":"b","x":[{"text":"c"}],}, {"text":"d"}]', ["a", "d"],
            [(2, "not JSON:")], id="array: a comma too many",
        ),
        pytest.param(
            "a.json",
            '[{"id":1,"text":"a"},{"id":2,"text":"b" oops,"x":[{"by":"i","text":"c"},'
            '{"by":"j","text":"d"}]},{"id":3,"text":"e"}]',
            ["a", "e"], [(2, "not JSON: 'oops,")],
            id="array: comments of a broken element are no articles",
        ),
        pytest.param(
            "a.json", '[{"id":1,"text":"a" oops},{"key":2,"text":"b"}]', ["b"], [(1, "not JSON:")],
            id="array: records that start differently",
        ),
        pytest.param(
            "a.json", '[{"text":"a"},{"text":"b', ["a"], [(2, "not JSON: the file ends inside it")],
            id="array: cut off in a record",
        ),
        pytest.param(
            "a.json", '[{"text":"a"},', ["a"], [(0, "the JSON array is not closed")],
            id="array: cut off between records",
        ),
        pytest.param(
            "a.json", '[{"id":1,"text":"a", {"id":2,"text":"b"}, {"id":3,"text":"c"}]', ["b", "c"],
            [(1, "not JSON:")], id="array: a brace is missing",
        ),
        pytest.param("a.json", '[{"text":"a"}]\n[{"text":"b"}]', ["a", "b"], [], id="two arrays"),
        pytest.param("a.json", "[]", [], [], id="empty array"),
        pytest.param("a.json", '{"text":"a",\n"x":[{"y":1}]}', ["a"], [], id="a single record"),
        pytest.param("a.json", '{"text":"a"}{"text":"b"}\n\n{\n"text":"c"}', ["a", "b", "c"], [],
                     id="records in a row"),
        pytest.param("a.json", '{"n":2,"data":[{"text":"a"},{"text":"b"}],"m":{"text":"no"}}',
                     ["a", "b"], [], id="object around a list"),
        pytest.param("a.json", '{"m":{"x":[1]},"response":{"docs":[{"text":"a"},{"text":"b"}]}}',
                     ["a", "b"], [], id="object around an object around a list"),
        pytest.param(
            "a.csv",
            'id,text,source\n1,"a\nb",x\n2,"open,y\n3,"fine",z\n4,"so ""x"" y",w\n5,a,b,c\n6',
            ["a\nb", "fine", 'so "x" y'],
            [(4, "a quote opens here"), (7, "4 fields; the header has 3"),
             (8, "1 fields; the header has 3")],
            id="CSV: an open quote costs its record",
        ),
        pytest.param(
            "a.csv", 'id,text\n1,"open\n2,b\n3,c\n', ["b", "c"], [(2, "a quote opens here")],
            id="CSV: a quote that never closes",
        ),
        pytest.param(
            "a.csv", b'id,text\n1,a\n2,"b\n\xff"\n3,c\n', ["a", "c"], [(3, "not UTF-8 at byte 6")],
            id="CSV: a record in another encoding",
        ),
        pytest.param(
            "a.csv", ',text\r\n0,5" pipe\r\n1,"so-called" news\r\n2,"""x"""\r\n',
            ['5" pipe', "so-called news", '"x"'], [], id="CSV: sloppy quotes within a line",
        ),
        pytest.param("a.csv", 'id,text\r1,"a\nb"\r2,c\r', ["a\nb", "c"], [],
                     id="CSV: lines end as on old Macs"),
        pytest.param("a.tsv", "id\ttext\n1\ta, b; c\n", ["a, b; c"], [], id="TSV"),
        pytest.param("a.csv", "", [], [], id="CSV: empty file"),
        pytest.param("a.txt", "\ufefftitle\r\n\r\ntext\n", ["title\r\n\r\ntext\n"], [], id="text"),
        pytest.param("a.txt", b"\xe9t\xe9", [], [(1, "not UTF-8 at byte 1")], id="Latin-1 text"),
        pytest.param("a.txt", b" ", [], [(1, "empty text")], id="blank text"),
        pytest.param("a.jsonl", '{"text":"a"}'.encode("utf-16"), [], [(0, "UTF-16 text")],
                     id="UTF-16"),
        pytest.param("a.parquet", b"text", [], [(0, "not readable as Parquet")], id="no Parquet"),
        pytest.param("a.parquet", b"", [], [(0, "not readable as Parquet")], id="empty Parquet"),
        pytest.param("a.md", "prose", [], [(0, "the format cannot be told; name it with --input")],
                     id="unknown format"),
        pytest.param("a.dat", '{"text":"a"}\n{"text":"b"}\n', ["a", "b"], [], id="JSON by content"),
        pytest.param("a.dat", "url;text\nu;a\n", ["a"], [], id="CSV by content"),
        pytest.param("a.csv.gz", b"x", [], [(0, "named as compressed, but is not")], id="no gzip"),
    ],
)  # fmt: skip
def test_bad_input_costs_as_little_as_can_be(
    tmp_path: Path, name: str, data: str | bytes, kept: list[str], skipped: list[tuple[int, str]]
) -> None:
    path = write(tmp_path / name, data)
    rows, left_out = read(path)
    assert texts(rows) == kept
    assert [s.line for s in left_out] == [line for line, _ in skipped]
    for found, (_, reason) in zip(left_out, skipped, strict=True):
        assert found.reason.startswith(reason)
        assert found.file == str(path)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.fixed_dictionaries({"text": _WORDS, "x": st.none() | st.lists(_WORDS)}),
        min_size=1,
        max_size=4,
    ),
    st.lists(st.tuples(st.integers(0, 400), st.sampled_from(b'"{}[],:\\\n\xffa1')), max_size=3),
    st.integers(1, 40),
)
def test_how_a_stream_is_cut_into_blocks_changes_nothing(
    records: list[Row], damage: list[tuple[int, int]], size: int
) -> None:
    dumps = ((as_json, "json"), (as_pretty_json, "json"), (as_jsonl, "jsonl"))
    for dump, kind in dumps:
        data = bytearray(dump(records))
        for at, byte in damage:
            data[at % len(data) : at % len(data) + 1] = bytes([byte])
        found = []
        for step in (size, len(data)):
            blocks = (bytes(data[at : at + step]) for at in range(0, len(data), step))
            found.append([])
            with contextlib.suppress(StreamError):
                reader: Any = formats.by_name(kind).reader()
                for line, record, _ in reader.records(blocks, 1 << 20):
                    found[-1].append((line, None if isinstance(record, BadRecord) else record))
        assert found[0] == found[1]


def test_an_unnamed_csv_column_counts_rows_and_is_no_id(tmp_path: Path) -> None:
    paths = [write(tmp_path / name, ",title,text\n0,A,T\n") for name in ("a.csv", "b.csv")]
    rows, _ = read(*paths)
    assert [row["id"] for row in rows] == [f"{path}:2" for path in paths]
    assert extra(rows[0]) == {"Unnamed: 0": "0"}


def test_a_csv_field_may_be_longer_than_pythons_limit(tmp_path: Path) -> None:
    rows, _ = read(write(tmp_path / "a.csv", f'id,text\n1,"{"x" * 200_000}"\n'))
    assert len(rows[0]["text"]) == 200_000


LARGE_IDS = """[
 {"id": 12345678901234567890123, "text": "A"}, {"id": 12345678901234567890124, "text": "B"},
 {"id": -98765432109876543210, "text": "C"}, {"id": 18446744073709551615, "text": "D"},
 {"_source": {"text": "E"}, "_id": {"$oid": 12345678901234567890125}},
 {"id": 9007199254740993, "text": "F", "extra": [{"post": 12345678901234567890126}]}
]"""


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "wrapped.json", "lines.jsonl"])
def test_ids_over_64_bits_keep_all_their_digits(tmp_path: Path, name: str) -> None:
    content = LARGE_IDS if name != "wrapped.json" else f'{{"articles": {LARGE_IDS}}}'
    if name == "lines.jsonl":
        content = "\n".join(map(json.dumps, json.loads(LARGE_IDS)))
    (tmp_path / name).write_text(content)
    rows, skipped = gather(readers.read([str(tmp_path / name)]))
    assert [row["id"] for row in rows] == [
        "12345678901234567890123", "12345678901234567890124", "-98765432109876543210",
        "18446744073709551615", "12345678901234567890125", "9007199254740993",
    ]  # fmt: skip
    assert "12345678901234567890126" in rows[-1]["extra"]
    assert not skipped


def test_a_number_that_python_does_not_read_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(f'{{"id": "a", "text": "T", "n": {"9" * 5000}.0}}')
    ((row,), _) = gather(readers.read([str(tmp_path / "a.jsonl")]))
    assert row["id"] == "a"


# --- Compression and size

PLAIN = lines([{"id": i, "text": f"text {i} " + os.urandom(30).hex()} for i in range(5000)])


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_streams_of_several_members_are_read_whole(tmp_path: Path, suffix: str) -> None:
    pack: Any = gzip.compress if suffix == ".gz" else zstandard.compress
    cut = len(PLAIN) // 3
    data = pack(PLAIN[:cut]) + pack(b"") + pack(PLAIN[cut:])
    if suffix == ".zst":
        data = b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc" + data  # a skippable frame
    else:
        data += b"\0" * 100  # padding
    rows, skipped = read(write(tmp_path / f"a.jsonl{suffix}", data))
    assert (len(rows), skipped) == (5000, [])


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("damage", ["cut", "flipped", "junk"])
def test_a_damaged_stream_keeps_what_came_before(tmp_path: Path, suffix: str, damage: str) -> None:
    if suffix == ".gz":
        data = gzip.compress(PLAIN, 1)
    else:
        data = zstandard.ZstdCompressor(write_checksum=True).compress(PLAIN)
    at = len(data) * 3 // 4
    if damage == "cut":
        data = data[:at]
    elif damage == "flipped":
        data = data[:at] + bytes(b ^ 0x5A for b in data[at : at + 400]) + data[at + 400 :]
    else:
        data += b"junk after the end"
    rows, skipped = read(write(tmp_path / f"a.jsonl{suffix}", data))
    good = [json.loads(line)["text"] for line in PLAIN.splitlines()]
    assert len(rows) >= (5000 if damage == "junk" else 1500)
    assert sum(a == b for a, b in zip(texts(rows), good, strict=False)) >= min(len(rows), 1500)
    assert [s for s in skipped if s.line == 0 and ("damaged" in s.reason or "early" in s.reason)]
    if damage != "flipped":
        assert len(skipped) == 1


_BOUNDED = """
import resource, sys
from dedup import readers
from dedup.readers import ReadOptions, reading
loaded = [kind.reader() for kind in readers.FORMATS]
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in sys.argv[1:]:
    batches = list(readers.read([path], ReadOptions(max_record_bytes=4 << 20)))
    kept = sum(batch.articles.num_rows for batch in batches)
    skipped = [s for batch in batches for s in batch.skipped]
    assert len(skipped) == 1 and "longer than 4194304 bytes" in skipped[0].reason, skipped
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base
    assert grown < 120_000, f"{path}: {grown} KB more"
"""


def test_a_bomb_is_skipped_and_never_held_in_memory(tmp_path: Path) -> None:
    megabyte, paths = b"x" * (1 << 20), []
    # A record of 300 MB; zstd makes blocks of 128 KB out of 4 bytes.
    for name, head, tail in (
        ("a.jsonl", b'{"text":"', b'"}\n'), ("b.json", b'[{"text":"', b'"}]'), ("c.txt", b"", b""),
    ):  # fmt: skip
        for suffix in (".gz", ".zst"):
            paths.append(tmp_path / f"{name}{suffix}")
            with paths[-1].open("wb") as raw:
                packer: Any = (
                    gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=1)
                    if suffix == ".gz"
                    else zstandard.ZstdCompressor().stream_writer(raw, closefd=False)
                )
                with packer:
                    packer.write(head)
                    for _ in range(300):
                        packer.write(megabyte)
                    packer.write(tail)
    subprocess.run([sys.executable, "-c", _BOUNDED, *map(str, paths)], check=True, timeout=60)


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.parquet"])
def test_a_record_over_the_limit_is_named_and_the_next_is_read(tmp_path: Path, name: str) -> None:
    records = [{"id": str(i), "text": "x" * (5_000_000 if i == 1 else 10)} for i in range(3)]
    rows, skipped = read(write(tmp_path / name, FORMATS_BY_SUFFIX[name[1:]](records)),
                         max_record_bytes=100_000)  # fmt: skip
    assert [row["id"] for row in rows] == ["0", "2"]
    assert [s.line for s in skipped] == [3 if name == "a.csv" else 2]
    assert (
        skipped[0].reason == "record is longer than 100000 bytes; raise max_record_bytes to keep it"
    )


@pytest.mark.parametrize(
    ("end", "kept", "reason"),
    [
        ('",z', ["a", "e"], "record is longer than 50000 bytes"),
        ('" oops', ["a", *map(str, range(1, 10_000)), "e"], "a quote opens here"),
        ("", ["a", *map(str, range(1, 10_000)), "e"], "a quote opens here"),
    ],
)
def test_a_csv_record_over_the_limit_that_spans_lines(
    tmp_path: Path, end: str, kept: list[str], reason: str
) -> None:
    body = "".join(f"{n},x,y\n" for n in range(10_000))
    data = f'id,text,z\na,b,c\nd,"{body}{end}\ne,f,g\n'
    rows, skipped = read(write(tmp_path / "a.csv", data), max_record_bytes=50_000)
    assert [row["id"] for row in rows] == kept
    assert skipped[0].reason.startswith(reason)
    assert len(skipped) == (1 if end == '",z' else 1 + bool(end))


FORMATS_BY_SUFFIX = {".jsonl": as_jsonl, ".json": as_json, ".csv": as_csv, ".parquet": as_parquet}


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet"])
def test_batches_keep_their_bounds(tmp_path: Path, name: str) -> None:
    records = [{"id": str(i), "text": "x" * 1000} for i in range(1000)]
    path = write(tmp_path / name, FORMATS_BY_SUFFIX[name[1:]](records))
    batches = list(readers.read([str(path)], ReadOptions(batch_rows=100, batch_bytes=50_000)))
    assert sum(batch.articles.num_rows for batch in batches) == 1000
    assert max(batch.articles.num_rows for batch in batches) <= 55
    batches = list(readers.read([str(path)], ReadOptions(batch_rows=100)))
    assert {batch.articles.num_rows for batch in batches} == {100}


def test_a_file_of_bad_records_fills_batches_too(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", "[]\n" * 1000)
    batches = list(readers.read([str(path)], ReadOptions(batch_rows=100)))
    assert max(len(batch.skipped) for batch in batches) <= 100


# --- Inputs


def test_every_format_is_one_row_that_options_errors_and_help_come_from(tmp_path: Path) -> None:
    for kind in readers.FORMATS:
        assert callable(kind.reader().tells)
        assert callable(kind.reader().read)
        assert ReadOptions(format=kind.name).format == kind.name
    assert len(formats.SUFFIXES) == sum(len(kind.suffixes) for kind in readers.FORMATS)
    _, ((_, _, _, reason),) = read(write(tmp_path / "a.dat", "neither\nnor"))
    assert f"({', '.join(formats.NAMES)})" in reason
    out = CliRunner().invoke(cli, ["cluster", "--help"]).output
    assert all(kind.title in " ".join(out.split()) for kind in readers.FORMATS)
    assert f"[auto|{'|'.join(formats.NAMES)}]" in "".join(out.split())


def test_the_table_of_formats_loads_nothing_heavy() -> None:
    code = "import sys, dedup.readers; print('pyarrow' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"


def test_a_folder_is_read_in_order_without_hidden_and_unknown_files(tmp_path: Path) -> None:
    for name in ("b.txt", "a/2.txt", "a/10.txt", ".hidden.txt", ".git/x.txt", "c.pdf", "_SUCCESS"):
        write(tmp_path / "in" / name, name)
    os.mkfifo(tmp_path / "in" / "pipe.jsonl")
    rows, skipped = read(tmp_path / "in")
    assert [row["id"] for row in rows] == [
        f"{tmp_path}/in/b.txt", f"{tmp_path}/in/a/10.txt", f"{tmp_path}/in/a/2.txt",
    ]  # fmt: skip
    assert {s.line for s in skipped} == {0}
    assert skipped[0].reason == "not a regular file (a pipe, socket or device)"
    assert skipped[1].reason.startswith("files with other suffixes left out (1 .pdf); read are")


def test_a_path_stands_as_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "in" / "a.txt", "T")
    for name in ("in/a.txt", "in", "in/", "i?/*.txt"):
        assert read(name)[0][0]["id"] == "in/a.txt"
    assert read("./in/a.txt")[0][0]["id"] == "./in/a.txt"


def test_a_file_name_that_is_not_utf8_is_read(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xe9.txt"
    with open(path, "wb") as file:
        file.write(b"T")
    rows, _ = read(tmp_path)
    assert rows[0]["id"].endswith("/\\udce9.txt")
    assert rows[0]["file"].endswith("/\ufffd.txt")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["no.jsonl"], r"no.jsonl: no such file or folder; give a file"),
        (["a.jsonl", "no.jsonl"], r"no.jsonl: no such file"),
        (["*.csv"], r"\*.csv: nothing matches"),
        (["empty"], r"empty: the folder holds no files"),
        (["other"], r"other: files with other suffixes left out \(1 .pdf\)"),
        ([], r"no input given; name a file, a folder or -"),
        (["broken.jsonl"], r"broken.jsonl: cannot be read: No such file"),
    ],
)
def test_an_input_that_is_not_there_is_an_error_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a.jsonl", '{"text":"T"}')
    write(tmp_path / "other/x.pdf", "")
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.jsonl").symlink_to("nowhere")
    with pytest.raises(InputError, match=message):
        readers.read(names)


def test_one_unreadable_file_of_many_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = write(tmp_path / "a.txt", "A"), write(tmp_path / "b.txt", "B")
    monkeypatch.setattr(os, "access", lambda path, mode: path != str(a))  # root may read anything
    rows, skipped = read(a, b)
    assert texts(rows) == ["B"]
    assert skipped == [Skipped(str(a), 0, "", "cannot be read: Permission denied")]
    with pytest.raises(InputError, match=r"a\.txt: cannot be read: Permission denied"):
        read(a)


@pytest.mark.parametrize("dump", [as_jsonl, as_json, as_csv, as_parquet])
def test_stdin_is_told_by_its_content(
    monkeypatch: pytest.MonkeyPatch, dump: Callable[[list[Row]], bytes]
) -> None:
    records = [{"id": "1", "text": "T"}, {"text": "U"}]
    for data in (dump(records), gzip.compress(dump(records))):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        rows, skipped = read("-")
        assert (texts(rows), skipped) == (["T", "U"], [])
        assert rows[0]["file"] == "-"
        assert rows[1]["id"].startswith("-:")


def test_a_skipped_record_is_described_by_its_place(tmp_path: Path) -> None:
    _, skipped = read(write(tmp_path / "a.jsonl", '{"text":"T"}\n{"text":5}\n'))
    wanted = f"{tmp_path}/a.jsonl:2: `text` is a number, not a string"
    assert readers.describe(skipped[0]) == wanted
    _, skipped = gather(readers.from_records([{"text": ""}]))
    assert readers.describe(skipped[0]) == "record 1: empty text"


def test_a_closed_stdin_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError, match="-: stdin is closed"):
        readers.read(["-"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "xml"}, "format is 'xml'; known are auto, jsonl"),
        ({"fields": {"body": "x"}}, "fields names 'body'; known are id, text"),
        ({"batch_rows": 0}, "batch_rows is 0; it must be at least 1"),
    ],
)
def test_options_are_checked(options: Any, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        ReadOptions(**options)


# --- Records and tables


def test_articles_and_mappings_of_the_caller() -> None:
    article = Article(
        "a", "T", published=date(2024, 7, 30), extra={"date": "x", "when": date(2024, 1, 2)}
    )
    wrong: Any = Article(id="b", text=None)  # type: ignore[arg-type]  # what callers do
    rows, skipped = gather(
        readers.from_records(
            [article, {"text": "U"}, 5, wrong, Article("", "V\ud800", title="\udfff")]
        )
    )
    assert [(r["id"], r["text"], r["line"], r["file"]) for r in rows] == [
        ("a", "T", 1, ""), ("record:2", "U", 2, ""), ("record:5", "V\ufffd", 5, ""),
    ]  # fmt: skip
    assert rows[0]["published"] == "2024-07-30"
    assert extra(rows[0]) == {"date": "x", "when": "2024-01-02"}
    assert skipped == [
        Skipped("", 3, "", "not an object with fields but a number"),
        Skipped("", 4, "b", "`text` is null, not a string"),
    ]


FRAME = {
    "id": [1, 2, 3],
    "text": ["T", None, "V"],
    "source": ["AP", "None", None],
    "date": [datetime(2024, 7, 30, 11), None, datetime(2024, 7, 31)],
    "authors": [["A", "B"], None, []],
    "n": [1.5, float("nan"), None],
}


def _ns(table: pa.Table) -> pa.Table:
    return table.set_column(3, "date", table["date"].cast(pa.timestamp("ns")))


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(pa.table, id="Arrow table"),
        pytest.param(pa.record_batch, id="Arrow record batch"),
        pytest.param(lambda data: pa.table(data).to_reader(), id="Arrow reader"),
        pytest.param(lambda data: pyarrow.dataset.dataset(pa.table(data)), id="Arrow dataset"),
        pytest.param(lambda data: _ns(pa.table(data)), id="nanoseconds"),
        pytest.param(lambda data: pa.concat_tables([pa.table(data)] * 2).slice(3), id="a slice"),
        pytest.param(lambda data: pd.DataFrame(data), id="pandas"),
        pytest.param(lambda data: pl.DataFrame(data, strict=False), id="polars"),
    ],
)
def test_tables_of_every_make(make: Callable[[Any], Any]) -> None:
    rows, skipped = gather(readers.from_table(make(FRAME)))
    assert [(r["id"], r["text"], r["outlet"], r["authors"], r["line"]) for r in rows] == [
        ("1", "T", "AP", "A; B", 1), ("3", "V", "", "", 3),
    ]  # fmt: skip
    assert [r["published"] for r in rows] == ["2024-07-30T11:00:00", "2024-07-31"]
    assert extra(rows[0]) == {"n": 1.5}
    assert skipped == [Skipped("", 2, "2", "empty text")]


@pytest.mark.parametrize(
    "kind",
    [pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(),
     pa.dictionary(pa.int8(), pa.string())],
    ids=str,
)  # fmt: skip
def test_strings_of_every_kind(kind: pa.DataType) -> None:
    column = pa.array(["skip me", "T", None, "Ü"]).cast(kind)
    table = pa.table({"id": pa.array(["0", "a", "b", "c"]).cast(kind), "text": column, "k": column})
    rows, skipped = gather(readers.from_table(table.slice(1)))
    assert [(r["id"], r["text"], extra(r)) for r in rows] == [
        ("a", "T", {"k": "T"}), ("c", "Ü", {"k": "Ü"}),
    ]  # fmt: skip
    assert [s.id for s in skipped] == ["b"]


def test_strings_that_are_no_utf8_do_not_get_in() -> None:
    column = pa.array([b"T", b"\xe9t\xe9", b"U"]).view(pa.string())
    rows, skipped = gather(readers.from_table(pa.table({"text": column, "k": column.slice(0)})))
    assert texts(rows) == ["T", "U"]
    assert skipped == [Skipped("", 2, "", "not UTF-8 at byte 1")]
    title = pa.table({"text": ["T"] * 3, "title": column})
    assert gather(readers.from_table(title))[0][1]["title"] == "\ufffdt\ufffd"


def test_times_with_a_zone_are_given_in_utc() -> None:
    times = pa.array([1722337200123, None], pa.timestamp("ms", "America/New_York"))
    rows, _ = gather(readers.from_table(pa.table({"text": ["T", "U"], "published": times})))
    assert [r["published"] for r in rows] == ["2024-07-30T11:00:00.123+00:00", None]


def test_text_passes_through_a_table_without_a_copy() -> None:
    table = pa.table({"id": ["a", "b"], "text": pa.array(["T", "U"], pa.large_string())})
    (batch,) = readers.from_table(table)
    text = batch.articles.column("text")
    assert text.buffers()[2].address == table["text"].chunk(0).buffers()[2].address


def test_a_pandas_index_without_a_name_is_no_id() -> None:
    frame = pd.DataFrame({"text": ["T", "U"]}, index=[7, 9])
    rows, _ = gather(readers.from_table(frame))
    assert [row["id"] for row in rows] == ["record:1", "record:2"]
    assert extra(rows[0]) == {"__index_level_0__": 7}
    rows, _ = gather(readers.from_table(frame.rename_axis("id")))
    assert [row["id"] for row in rows] == ["7", "9"]


def test_what_is_no_table_is_an_error() -> None:
    with pytest.raises(InputError, match="cannot read a dict as a table"):
        gather(readers.from_table({"text": ["T"]}))


def test_mixed_types_in_pandas_are_read_row_by_row() -> None:
    frame = pd.DataFrame({"id": [1, "a"], "text": ["T", "U"]}, dtype=object)
    rows, _ = gather(readers.from_table(frame))
    assert [(row["id"], row["text"]) for row in rows] == [("1", "T"), ("a", "U")]


def test_two_columns_of_one_name_in_pandas_are_refused() -> None:
    frame = pd.DataFrame([["1", "T", "U"]], columns=["id", "text", "text"])
    with pytest.raises(InputError, match="cannot read the DataFrame as a table"):
        gather(readers.from_table(frame))


def test_damage_inside_a_parquet_file_is_reported(tmp_path: Path) -> None:
    data = bytearray(as_parquet([{"text": os.urandom(500).hex()} for _ in range(2000)]))
    data[len(data) // 3 : len(data) // 3 + 50_000] = os.urandom(50_000)
    _, skipped = read(write(tmp_path / "a.parquet", bytes(data)))
    assert any(s.line == 0 and "Parquet" in s.reason for s in skipped) or len(skipped) > 10


NOT_IN_PYTHON = {
    "far": pa.array([2**60, 0], pa.timestamp("s")),
    "far ns": pa.array([-(2**63) + 1, 1722337200 * 10**9], pa.timestamp("ns")),
    "no such zone": pa.array([0, 1722337200], pa.timestamp("s", "Mars/Base")),
    "day": pa.array([2**31 - 1, 19934], pa.date32()),
    "day with a time": pa.array([2**62, 19934 * 86_400_000 + 1], pa.date64()),
    "long": pa.array([2**62, 1], pa.duration("s")),
    "nested": pa.array([[2**60], [0]], pa.list_(pa.timestamp("s"))),
    "nanoseconds": pa.array([1, 2], pa.time64("ns")),
}


@pytest.mark.parametrize("name", NOT_IN_PYTHON)
@pytest.mark.parametrize("column", ["published", "date", "other", "id", "url"])
def test_times_that_python_cannot_hold(name: str, column: str) -> None:
    table = pa.table({"text": ["T", "U"], column: NOT_IN_PYTHON[name]})
    rows, skipped = gather(readers.from_table(table))
    assert (texts(rows), skipped) == (["T", "U"], [])
    if column == "published":
        assert (rows[0]["published"] is None) == (name != "far ns")
        is_known = name in ("far ns", "no such zone", "day", "day with a time")
        assert (rows[1]["published"] or "").startswith("2024-07-30" if is_known else "")
    if column == "published" and name not in ("no such zone", "far ns"):
        assert rows[0]["extra"] is not None


def _view_dictionary(values: list[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(
        pa.array(range(len(values)), pa.uint32()), pa.array(values, pa.string_view())
    )


ODD = {
    "run ends": pc.run_end_encode(pa.array(["a", "b"])),
    "views in a dictionary": _view_dictionary(["a", "b"]),
    "JSON": pa.ExtensionArray.from_storage(pa.json_(), pa.array(['"a"', '"b"'])),
    "UUID": pa.ExtensionArray.from_storage(
        pa.uuid(), pa.array([b"\xff" * 16, b"\xfe" * 16], pa.binary(16))
    ),
    "period": pa.Table.from_pandas(
        pd.DataFrame({"p": pd.period_range("2024-07", periods=2, freq="M")})
    )["p"].combine_chunks(),
    "numbers in a dictionary": pa.array([1, 2]).dictionary_encode(),
    "lists of views": pa.array([["a"], ["b"]], pa.list_(pa.string_view())),
    "union": pa.UnionArray.from_sparse(
        pa.array([0, 1], pa.int8()), [pa.array(["a", "b"]), pa.array([1, 2])]
    ),
    "binary": pa.array([b"\xff", b"\xfe"]),
    "decimal": pa.array([1, 2]).cast(pa.decimal128(30, 2)),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("column", ["id", "title", "published", "other", "source"])
def test_columns_of_odd_types(name: str, column: str) -> None:
    odd = ODD[name]
    other = pa.array(["x", None])
    table = pa.table({"text": ["T", "U"], "uid": other, "head": other, column: odd})
    rows, skipped = gather(readers.from_table(table))
    assert (texts(rows), skipped) == (["T", "U"], [])
    assert len({row["id"] for row in rows}) == 2
    if name == "UUID" and column == "id":
        assert rows[0]["id"] == "ffffffff-ffff-ffff-ffff-ffffffffffff"


def test_polars_categories_are_texts_like_others() -> None:
    frame = pl.DataFrame({"text": ["T", "U", "T"], "source": ["AP", "AP", "dpa"]})
    for kind in (pl.Categorical, pl.Enum(["T", "U", "AP", "dpa"])):
        rows, _ = gather(readers.from_table(frame.with_columns(pl.all().cast(kind))))
        assert [(row["text"], row["outlet"]) for row in rows] == [
            ("T", "AP"), ("U", "AP"), ("T", "dpa"),
        ]  # fmt: skip


def test_ids_that_differ_beyond_utf8_still_differ() -> None:
    table = pa.table({"text": ["T", "U"], "id": pa.array([b"\xff\x00", b"\xfe\x00"])})
    assert [row["id"] for row in gather(readers.from_table(table))[0]] == ["ff00", "fe00"]
    records = [{"text": "T", "id": "a\ud800"}, {"text": "T", "id": "a\ud801"}]
    ids = [row["id"] for row in gather(readers.from_records(records))[0]]
    assert ids == ["a\\ud800", "a\\ud801"]


def test_a_frame_with_lone_surrogates_is_read() -> None:
    frame = pd.DataFrame({"text": ["x\ud800"], "id": ["a"]}, dtype=object)
    rows, _ = gather(readers.from_table(frame))
    assert [(row["id"], row["text"]) for row in rows] == [("a", "x\ufffd")]


def test_a_dictionary_is_cut_before_it_is_decoded(tmp_path: Path) -> None:
    text = pa.array(["x" * 10_000] * 4000).dictionary_encode()
    table = pa.table({"text": text})
    pq.write_table(table.cast(pa.schema({"text": pa.string()})), tmp_path / "a.parquet")
    options = ReadOptions(batch_bytes=1_000_000)
    for batches in (
        readers.from_table(table, options),
        readers.read([str(tmp_path / "a.parquet")], options),
    ):
        sizes = [batch.articles.num_rows for batch in batches]
        assert sum(sizes) == 4000
        assert 30 < max(sizes) <= 100


def test_a_folder_of_earlier_results_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "a", "text": "one two three"}\n')
    (tmp_path / "out").mkdir()
    for name in ("run.json", "articles.jsonl", "pairs.jsonl"):
        (tmp_path / "out" / name).write_text("{}")
    batches = list(readers.read([str(tmp_path)]))
    assert [len(batch.articles) for batch in batches if len(batch.articles)] == [1]
    assert [s.reason for batch in batches for s in batch.skipped] == [
        "left out: a folder that dedup wrote"
    ]
