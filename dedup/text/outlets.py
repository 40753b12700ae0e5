"""Who published an article: the outlet it names, else the host of its address.

Articles of `m.bbc.co.uk` and of `www.bbc.co.uk` are of one outlet: what stands before the name of a
site for phones, for quick pages or by habit is no part of it. Whole columns are read by the rule
that reads one article: each distinct name and host goes through it once.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

_HEAD = r"^(?P<head>(?:[^/?#]*//)?[^/?#]*)"
"""An address up to its path; Arrow's regular expressions (RE2) and Python's both read it so."""

_ADDRESS = re.compile(
    r"(?P<scheme>(?:[a-z][a-z0-9+.-]*:)?//)?"
    r"(?:[^/?#]*@)?"  # user and password
    r"(?P<host>\[[0-9a-f:.]+\]|[^\s/?#@:\[\]]+?)"
    r"\.?(?::[0-9]*)?"
)
_BARE_HOST = re.compile(r"(?:[^.]+\.)+[^\W\d_]{2,}")
_PAGE = re.compile(r".*\.(?:html?|php|aspx?|jsp|pdf|txt|xml|json)")
_PREFIX = re.compile(r"^(?:www[0-9]?|m|mobile|amp)\.(?=[^.]+\.)")
_STRING = pa.large_string()


def host_of(address: str) -> str:
    """Give the host of a URL, or of an address without a scheme, in lower case.

    Without user, password, port, and what a site puts before its name ("www.", "m."); "" where
    there is no host.
    """
    head = re.match(_HEAD, address)
    found = _ADDRESS.fullmatch(head["head"].strip().lower()) if head else None
    if found is None:
        return ""
    host = found["host"]
    if not found["scheme"] and (not _BARE_HOST.fullmatch(host) or _PAGE.fullmatch(host)):
        return ""  # a path, a name or an id
    return _PREFIX.sub("", host)


def outlet_of(outlet: str, url: str) -> str:
    """Give an article's outlet in lower case, or the host of its URL, or ""."""
    return outlet.strip().lower() or host_of(url)


def outlet_names(articles: pa.Table | pa.RecordBatch) -> pa.Array:
    """Give the outlet of each article as `outlet_of` does, from columns `outlet` and `url`."""
    outlets, urls = (_column(articles, name) for name in ("outlet", "url"))
    names = _each_distinct(outlets, lambda outlet: outlet_of(outlet, ""))
    is_named = pc.not_equal(names, "")
    if pc.all(is_named).as_py():
        return names
    heads = pc.struct_field(pc.extract_regex(urls, _HEAD), "head")
    heads = pc.if_else(is_named, pa.scalar("", _STRING), heads)
    return pc.if_else(is_named, names, _each_distinct(heads, host_of))


def _column(articles: pa.Table | pa.RecordBatch, name: str) -> pa.Array:
    column = articles.column(name)
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return pc.fill_null(column.cast(_STRING), "")


def _each_distinct(column: pa.Array, read: Callable[[str], str]) -> pa.Array:
    """Read each distinct string once."""
    encoded = column.dictionary_encode()
    found = [read(value) for value in encoded.dictionary.to_pylist()]
    return pa.array(found, _STRING).take(encoded.indices)
