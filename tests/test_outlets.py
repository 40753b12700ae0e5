"""Whose host a URL is: one rule for readers, runs, index and tracing."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.readers import values
from dedup.text.outlets import host_of, outlet_names, outlet_of
from dedup.tracing import credit_lines

HOSTS = [
    ("https://www.bbc.co.uk/news/1", "bbc.co.uk"),
    ("HTTPS://WWW.BBC.co.uk", "bbc.co.uk"),
    ("https://m.bbc.co.uk/news/1", "bbc.co.uk"),
    ("https://mobile.nytimes.com/2024/", "nytimes.com"),
    ("https://amp.cnn.com/cnn/2024", "cnn.com"),
    ("http://www2.x.de/a", "x.de"),
    ("https://user:pw@www.x.de/a?b=c@d", "x.de"),
    ("user:pw@www.x.de", "x.de"),
    ("https://x.de:8080/a", "x.de"),
    ("x.de:8080/a", "x.de"),
    ("//cdn.x.de/a", "cdn.x.de"),
    ("bbc.co.uk/news/1", "bbc.co.uk"),
    ("www.x.de", "x.de"),
    ("https://x.de./a", "x.de"),
    ("https://x.de?a=//y.de", "x.de"),
    ("https://x.de#//y.de", "x.de"),
    ("x.de/a//y.de", "x.de"),
    ("http://localhost/a", "localhost"),
    ("http://[2001:db8::1]:80/a", "[2001:db8::1]"),
    ("https://münchen.de/a", "münchen.de"),
    (" https://x.de/a\n", "x.de"),
    ("https://m.de/a", "m.de"),
    ("https://www.com", "www.com"),
    ("", ""),
    ("https://", ""),
    ("https:///a", ""),
    ("/2024/story.html", ""),
    ("2024/story.html", ""),
    ("story.html", ""),
    ("v1.2/story", ""),
    ("urn:uuid:0f4c", ""),
    ("tag:x.de,2024:1", ""),
    ("Reuters News", ""),
]


@pytest.mark.parametrize(("address", "host"), HOSTS)
def test_the_host_of_an_address(address: str, host: str) -> None:
    assert host_of(address) == host
    assert outlet_of(" ", address) == host
    assert outlet_names(pa.table({"outlet": [""], "url": [address]})).to_pylist() == [host]


def test_readers_credits_and_runs_mean_the_same_host() -> None:
    for address in ("https://m.apnews.com/a", "https://user:pw@www.apnews.com/a", "apnews.com/a"):
        assert values.host(address) == "apnews.com"
        assert outlet_of("", address) == "apnews.com"
        assert credit_lines.agency_of("", address) == "The Associated Press"


@pytest.mark.parametrize(
    ("value", "host"),
    [("bbc", "bbc"), ("www.X.de", "x.de"), ("x.de:80", "x.de"), ("https://", None), ("nan", None)],
)
def test_a_field_that_holds_hosts_may_hold_bare_names(value: str, host: str | None) -> None:
    assert values.host(value) == host


def test_a_named_outlet_counts_more_than_the_host() -> None:
    assert outlet_of(" The Ledger ", "https://x.de/a") == "the ledger"


SCHEMES = ["https://", "//", "user:pw@", ":80", "/", "?", "#", "@", ".", " ", "\n", "\0", "\u2003"]
HOST_PARTS = ["www.", "m.", "x.de", "X.de", "İ.de", "ΟΔΟΣ", "ß", "[", "]", "a", "story.html"]
ADDRESSES = st.lists(st.sampled_from(SCHEMES + HOST_PARTS), max_size=6).map("".join)


@given(
    st.lists(
        st.tuples(ADDRESSES | st.text(max_size=9) | st.just(""), ADDRESSES | st.text(max_size=9)),
        max_size=6,
    )
)
@settings(deadline=None)
def test_whole_columns_are_read_as_one_article_is(rows: list[tuple[str, str]]) -> None:
    outlets, urls = zip(*rows, strict=True) if rows else ((), ())
    said = pa.table(
        {"outlet": pa.array(outlets, pa.large_string()), "url": pa.array(urls, pa.large_string())}
    )
    assert outlet_names(said).to_pylist() == [outlet_of(*row) for row in rows]
