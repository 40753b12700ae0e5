"""Which format a stream has, and its records."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dedup.readers import delimited, fields, inputs, json_values, jsonl, parquet, plain, streams
from dedup.readers.batches import BadRecord, Found

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"


def detect(path: str, head: bytes, chosen: str) -> str:
    """Name the format of a stream by choice, by its path's suffix, or by its first bytes.

    Raises:
        StreamError: The format cannot be told, or the text is UTF-16.
    """
    if head.startswith(_UTF16):
        raise streams.StreamError("UTF-16 text (by its byte order mark); save it as UTF-8")
    if chosen != "auto":
        return chosen
    named = inputs.format_of(path)
    text = head.removeprefix(_BOM).lstrip()
    if named in ("jsonl", "json") or (not named and text[:1] in (b"{", b"[")):
        return _which_json(text, named)
    named = named or _sniff(text)
    if named or not head:
        return named or "text"
    raise streams.StreamError(
        "the format cannot be told; name it with --input-format "
        "(jsonl, json, csv, tsv, parquet or text)"
    )


def records(blocks: Iterator[bytes], kind: str, *, limit: int, path: str) -> Iterator[Found]:
    """Read the records of any format but Parquet."""
    blocks = streams.without_bom(blocks)
    if kind == "jsonl":
        return jsonl.records(blocks, limit)
    if kind == "json":
        return json_values.records(blocks, limit)
    if kind == "text":
        return plain.records(blocks, limit, path)
    return delimited.records(blocks, limit, "\t" if kind == "tsv" else "")


def _which_json(text: bytes, named: str) -> str:
    """Tell lines of JSON from other JSON, whatever the file is called."""
    if named == "jsonl" and text[:1] != b"[":
        return named
    first, _, others = text.partition(b"\n")
    follows = others.lstrip()[:1]
    return (
        "jsonl"
        if follows and follows == text[:1] and not isinstance(jsonl.parse(first), BadRecord)
        else "json"
    )


def _sniff(text: bytes) -> str:
    if text.startswith(parquet.MAGIC):
        return "parquet"
    header = text.partition(b"\n")[0].decode("utf-8", "replace")
    names = re.split(re.escape(delimited.guess_delimiter(header)), header)
    is_table = len(names) > 1 and fields.has_text(dict.fromkeys(n.strip('" \r') for n in names))
    return "csv" if is_table else ""
