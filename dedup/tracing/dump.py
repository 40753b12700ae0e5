"""What is known of each article of a trace, by row, and how they hang together.

Rows are those of the clustering: the articles of the input, then the wire stories given with it.
Texts and what was found in them lie where the workspace keeps them, and are read when they are
asked for; documents made ready to be aligned are kept while there is room.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson
import pyarrow as pa

from dedup.results import tables
from dedup.text.outlets import host_of, outlet_names
from dedup.tracing import alignment, credit_lines, origin, repeated_lines
from dedup.tracing.credit_lines import Credit
from dedup.tracing.lookup import Lookup
from dedup.tracing.neighbours import Partners, Stories
from dedup.tracing.recent import Recent
from dedup.tracing.repeated_lines import Lines

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.engines.context import Context
    from dedup.engines.outcome import Outcome
    from dedup.tracing.alignment import Document
    from dedup.tracing.origin import Facts

    Bools = npt.NDArray[np.bool_]
    Rows = npt.NDArray[np.int64]

_ROWS_AT_ONCE = 1_024
_ROOM = 500_000
"""Characters of the documents that are kept, of some 35 bytes each. With eight times as many, 1 %
fewer documents had to be made again (40,000 generated articles)."""

_FACTS = 4_096
"""Articles whose facts are kept."""

_LINE = re.compile(r"[^\n]*\S[^\n]*")
_SHORT_LINE = 80
_STOPS = (
    *(".", "!", "?", "…", "。", "！", "？", ".”", '."', "?”", "!”", ".)"),
    *("。」", "».", ". »", ".»"),
)

_CANONICAL = (
    "canonical_url",
    "canonical",
    "canonicalUrl",
    "isBasedOn",
    "is_based_on",
    "source_url",
)
_FOUND = pa.schema(
    {name: pa.large_string() for name in ("outlet", "agency", "credits", "canonical")}
)


class Dump:
    """All articles of a trace, by row.

    Attributes:
        n_own: Articles of the input; wire stories come after them.
        outlets: A number for the outlet of each, -1 if unknown.
        is_source: Whether each is an agency's own text.
        stories: How they hang together.
        partners: Which match.
        ids: Of each.
        repeated: Lines that one outlet alone prints in several stories, with the outlet's number.
    """

    def __init__(self, outcome: Outcome, context: Context) -> None:
        articles = outcome.articles
        self.n_own = articles.n_own
        self.stories = Stories(outcome.stories())
        self.partners = Partners(outcome)
        self._blocks, self._kinds = articles.tokens().blocks, outcome.kinds
        self.ids = articles.metadata().column("id").combine_chunks()
        self._metadata = Lookup(articles.metadata().select(["title", "url", "published"]))
        self._texts = Lookup(pa.table({"text": articles.texts()}))
        found = _find(outcome, context)
        self._found = Lookup(found.table)
        self.outlets, self.is_source = found.outlets, found.is_source
        self.repeated = repeated_lines.find(
            found.lines,
            repeated_lines.Outlets(self.outlets, self.stories.of_row, self._is_wire()),
            self.partners.have_any(),
            self.text,
        )
        self.facts = Recent(self._facts, lambda facts: 1, _FACTS)
        self.document = Recent(self._document, lambda found: len(found.text), _ROOM)
        self._plain = Recent(lambda row: _plain(self.text(row)), len, _ROOM)

    def _is_wire(self) -> Bools:
        return np.arange(len(self.stories.of_row)) >= self.n_own

    def is_wire(self, row: int) -> bool:
        """Say whether a text was given as a wire story."""
        return row >= self.n_own

    def id(self, row: int) -> str:
        """Give the id of an article or wire story."""
        found: str = self.ids[row].as_py()
        return found

    def order(self, row: int) -> tuple[bool, str]:
        """Order texts where nothing else does: wire stories first, then by id."""
        return not self.is_wire(row), self.id(row)

    def text(self, row: int) -> str:
        """Give a text as it came in."""
        found: str = self._texts(row)["text"]
        return found

    def _facts(self, row: int) -> Facts:
        known, found = self._metadata(row), self._found(row)
        return origin.Facts(
            id=self.id(row),
            outlet=found["outlet"],
            agency=found["agency"],
            is_wire=self.is_wire(row),
            published=known["published"],
            credits=[Credit(*credit) for credit in orjson.loads(found["credits"])],
            url=known["url"],
            canonical=found["canonical"],
        )

    def _document(self, row: int) -> Document:
        """Make a text ready to be aligned; documents are named by their rows."""
        value = self.text(row)
        outside = self._furniture(row)
        outside += _page_lines(value, self._metadata(row)["title"])
        outside += self._repeated_lines(row, value)
        return alignment.prepare(value, str(row), outside=outside)

    def _furniture(self, row: int) -> list[tuple[int, int]]:
        if not self._kinds[slice(*self._blocks.offsets[row : row + 2])].any():
            return []
        found = tables.stretches(self._blocks, self._kinds, row, row + 1)
        return list(zip(found.starts.tolist(), found.ends.tolist(), strict=True))

    def _repeated_lines(self, row: int, value: str) -> Iterator[tuple[int, int]]:
        """Find lines that only its outlet prints, and that no match of another outlet holds."""
        outlet = int(self.outlets[row])
        spans = [match.span() for match in _LINE.finditer(value)] if outlet >= 0 else []
        spans = [span for span in spans if (outlet, value[slice(*span)].strip()) in self.repeated]
        if not spans:
            return
        near = [
            self._plain(partner.row)
            for partner in self.partners(row)
            if self.outlets[partner.row] != outlet
        ]
        for start, end in spans:
            line = _plain(value[start:end])
            if not any(line in other for other in near):
                yield start, end


def _plain(value: str) -> str:
    """Reduce white space and composed characters, in which outlets differ."""
    return " ".join(unicodedata.normalize("NFC", value).split())


def _page_lines(value: str, title: str) -> Iterator[tuple[int, int]]:
    """Find the headline, and the short lines without a stop before and behind the report."""
    lines = [match.span() for match in _LINE.finditer(value)]
    title = title.strip()
    if title:
        yield from (span for span in lines if value[slice(*span)].strip() == title)
    for ordered in (lines, lines[::-1]):
        for start, end in ordered:
            line = value[start:end].strip()
            if len(line) >= _SHORT_LINE or line.endswith(_STOPS):
                break
            yield start, end


class _Found(NamedTuple):
    """What was found in the texts: a row of `_FOUND` each, and arrays over all."""

    table: pa.Table
    lines: Lines
    outlets: Rows
    is_source: Bools


class _FoundInSome(NamedTuple):
    """What was found in some of the texts."""

    batch: pa.RecordBatch
    hashes: npt.NDArray[np.uint64]
    n_lines: Rows


def _find(outcome: Outcome, context: Context) -> _Found:
    """Look for credits and the like in all texts, in threads, and keep what is found."""
    articles, space = outcome.articles, context.space
    found = space.records("found", _FOUND)
    lines = Lines(space.column("line_hashes", np.uint64), space.offsets("line_offsets"))
    table = articles.metadata().append_column("text", articles.texts())
    numbers: dict[str, int] = {"": -1}
    outlets: list[npt.NDArray[np.int64]] = [np.empty(0, dtype=np.int64)]
    agencies: list[Bools] = [np.empty(0, dtype=np.bool_)]
    for some in context.threads.in_order(_find_in, table.to_batches(max_chunksize=_ROWS_AT_ONCE)):
        found.extend(some.batch)
        lines.add(some.hashes, some.n_lines)
        names = some.batch.column("outlet").to_pylist()
        outlets.append(np.array([numbers.setdefault(name, len(numbers)) for name in names]))
        agencies.append(np.array([bool(name) for name in some.batch.column("agency").to_pylist()]))
        space.trim()
    is_source = np.concatenate(agencies)
    is_source[outcome.n_own :] = True
    return _Found(found.table(), lines, np.concatenate(outlets), is_source)


def _find_in(batch: pa.RecordBatch) -> _FoundInSome:
    hosts = outlet_names(pa.Table.from_batches([batch])).to_pylist()
    rows = [_found(row, host) for row, host in zip(batch.to_pylist(), hosts, strict=True)]
    hashes, n_lines = repeated_lines.hash_lines(batch.column("text"))
    return _FoundInSome(pa.RecordBatch.from_pylist(rows, _FOUND), hashes, n_lines)


def _found(row: Mapping[str, Any], host: str) -> dict[str, Any]:
    """Find what an article says of its source; credits of itself are none."""
    outlet, url = row["outlet"], row["url"]
    found = credit_lines.credits(row["text"], row["title"], row["authors"], outlet, url)
    agencies = {credit.agency for credit in found} - {""}
    own = {agency for agency in agencies if credit_lines.is_own(agency, outlet, url)}
    return {
        "outlet": outlet or host,
        "agency": credit_lines.agency_of(outlet, url),
        "credits": orjson.dumps([tuple(c) for c in found if c.agency not in own]).decode(),
        "canonical": _canonical(row),
    }


def _canonical(row: Mapping[str, Any]) -> str:
    """Give the address that an article calls its own, if it is on another host."""
    extra = orjson.loads(row["extra"]) if row["extra"] else {}
    for name in _CANONICAL:
        address = extra.get(name)
        if isinstance(address, str) and host_of(address) not in (
            "",
            host_of(row["url"]),
        ):
            return address
    return ""
