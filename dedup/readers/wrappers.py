"""Objects and lists that hold records, and are none themselves.

An API's answer wraps its articles ({"status": "ok", "articles": […]}), Elasticsearch each of them
({"_source": {…}}), a JSON-LD graph the one article there is among nodes of other types. Articles
hold lists of objects too, as comments and captions: a list is a list of records only if the object
around it has no field that marks an article, or if its items have a title and a text of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dedup.readers import fields

_SOURCE = "_source"
_DEPTH = 2
_STRING = rb'"(?:[^"\\\x00-\x1f]++|\\.)*+"'
_SCALAR = re.compile(rb"[-+0-9.eE]++|true|false|null|NaN|Infinity|" + _STRING)
_NO_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|' + _STRING + rb")*+")
_NAME = re.compile(rb"[\s,]*(" + _STRING + rb")\s*:\s*")
_LIST = re.compile(rb"\[\s*[\{\]]")


def unwrap(record: object, depth: int = 4) -> list[Any]:
    """Give the records that a parsed value holds: most often itself alone."""
    inner = _inner(record) if depth else None
    if inner is None:
        return [record]
    return [found for member in inner for found in unwrap(member, depth - 1)]


def _inner(record: object) -> Iterable[object] | None:
    if isinstance(record, list):
        return _members(record)
    if not isinstance(record, Mapping) or fields.has_text(record):
        return None
    source, graph = record.get(_SOURCE), record.get("@graph")
    if isinstance(source, dict):
        return ({**record, _SOURCE: None, **source},)
    if isinstance(graph, list):
        return _of_graph(record, graph)
    return _inner_list(record, _DEPTH)


def _members(records: list[Any]) -> Iterable[object] | None:
    if any(isinstance(record, dict) and "@type" in record for record in records):
        return _of_graph({"@graph": records}, records)
    return records if any(isinstance(record, dict | list) for record in records) else None


def _of_graph(record: Mapping[str, Any], nodes: list[Any]) -> Iterable[object] | None:
    """Find the article in a JSON-LD graph, with its other nodes beside it; all nodes if several."""
    texts = [node for node in nodes if isinstance(node, dict) and fields.has_text(node)]
    if len(texts) != 1:
        return nodes if texts else None
    others = [node for node in nodes if node is not texts[0]]
    return ({**record, **texts[0], "@graph": others or None},)


def _inner_list(record: Mapping[str, Any], depth: int) -> list[Any] | None:
    """Find the one list of records in an object that is no article itself."""
    if not depth or fields.has_text(record):
        return None
    found = [
        value
        for name, value in record.items()
        if isinstance(value, list) and value and isinstance(value[0], dict)
        if fields.holds_records(name)
        if not fields.marks_article(record) or _is_article(value[0])
    ]
    below = (_inner_list(v, depth - 1) for v in record.values() if isinstance(v, dict))
    found += [inner for inner in below if inner is not None]
    return found[0] if len(found) == 1 else None


def _is_article(record: Mapping[str, Any]) -> bool:
    inner = record.get(_SOURCE)
    record = inner if isinstance(inner, dict) else record
    return fields.has_text(record) and fields.has_title(record)


def find_list(data: bytes, at: int) -> tuple[int, int] | None:
    """Find the list of records in an object whose beginning is all that is known yet.

    Returns:
        Where the list starts, and how many objects are around it; None if there is no list, or
        if only the whole object can tell.
    """
    return _find_list(data, at, _DEPTH)


def _find_list(data: bytes, at: int, depth: int) -> tuple[int, int] | None:
    names: dict[str, None] = {}
    at += 1
    while member := _NAME.match(data, at):
        at = member.end()
        name = _name(member[1])
        names[name] = None
        if fields.marks_article(names) or fields.has_text(names):
            return None
        if fields.holds_records(name) and _LIST.match(data, at):
            return at, 1
        end = _end_of_value(data, at)
        if end is None:
            below = depth > 1 and data[at : at + 1] == b"{" and _find_list(data, at, depth - 1)
            return (below[0], below[1] + 1) if below else None
        at = end
    return None


def _name(quoted: bytes) -> str:
    return quoted[1:-1].decode("utf-8", "replace")


def _end_of_value(data: bytes, at: int) -> int | None:
    """Find where a value ends; None if that is beyond the data."""
    if data[at : at + 1] not in (b"{", b"["):
        scalar = _SCALAR.match(data, at)
        return scalar.end() if scalar else None
    return next(_ends(data, at), None)


def _ends(data: bytes, at: int) -> Iterator[int]:
    depth = 0
    while True:
        match = _NO_BRACKET.match(data, at)
        at = match.end() if match else at
        bracket = data[at : at + 1]
        if not bracket or bracket == b'"':
            return
        depth += 1 if bracket in b"{[" else -1
        at += 1
        if not depth:
            yield at
