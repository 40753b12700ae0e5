"""The tables of a result, stated once: their columns in order, with type and meaning.

Tables are built with these schemas, and written and read by them. The section "Output" of
docs/architecture.md is made from them: `python tools/build_output_docs.py`.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

import pyarrow as pa

_TEXT = pa.large_string()
_WORD = pa.string()
"""Text too, of columns that hold few or short values."""

_FLAG, _COUNT, _NUMBER = pa.bool_(), pa.int64(), pa.float64()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        name: Its name, in every format.
        kind: Its Arrow type.
        says: What it holds.
        nulls: Whether it may be null. CSV has an empty cell for that, JSON Lines has {} where
            `is_json`.
        is_json: Whether its text is a JSON object, which JSON Lines holds as one.
        is_needed: Whether a table without it is refused when a result is read.
    """

    name: str
    kind: pa.DataType
    says: str
    nulls: bool = False
    is_json: bool = False
    is_needed: bool = True

    @property
    def is_text(self) -> bool:
        """Whether it holds text."""
        return self.kind in (_TEXT, _WORD)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a result.

    Attributes:
        name: Its name, and that of its file.
        row: What a row is.
        columns: In order.
        is_needed: Whether a result without it is refused when it is read.
    """

    name: str
    row: str
    columns: tuple[Column, ...]
    is_needed: bool = True

    def schema(self, *, without: Container[str] = ()) -> pa.Schema:
        """Give the Arrow schema, without some of the columns."""
        return pa.schema([(c.name, c.kind) for c in self.columns if c.name not in without])


_GROUPS = (
    Column("id", _TEXT, "The article's id"),
    Column("cluster", _TEXT, "Id of the earliest article of its cluster"),
    Column("story", _TEXT, "Id of the earliest article of its story"),
    Column("representative", _FLAG, "Whether it stands for its cluster"),
    Column("cluster_size", _COUNT, "Articles in its cluster"),
    Column("story_size", _COUNT, "Articles in its story"),
    Column(
        "relation",
        _WORD,
        "To the representative of its cluster; null for the representative itself",
        nulls=True,
        is_needed=False,
    ),
)
_ORIGIN = (
    Column(
        "event",
        _TEXT,
        "Id of the first article of the stories that reword each other",
        is_needed=False,
    ),
    Column(
        "verdict",
        _TEXT,
        "`wholly_derived`, `partially_derived` or `non_derived`; null where nothing says whose "
        "copy it is, or a source that it credits is not at hand",
        nulls=True,
        is_needed=False,
    ),
    Column("agency", _TEXT, "Whose copy it is, or whom it credits", is_needed=False),
    Column("credited", _FLAG, "Whether the article names whose copy it is", is_needed=False),
    Column(
        "origin_id",
        _TEXT,
        'The article or wire story it is from; "virtual:" and the story where no copy holds all of '
        "it; null if unknown",
        nulls=True,
        is_needed=False,
    ),
    Column("evidence", _TEXT, "What `agency` and `origin_id` rest on", is_needed=False),
    Column("confidence", _NUMBER, "How sure that is, 0 to 1", is_needed=False),
    Column("copied_share", _NUMBER, "Share of its words in copied sentences", is_needed=False),
    Column("rewritten_share", _NUMBER, "Share in reworded sentences", is_needed=False),
    Column("added_share", _NUMBER, "Share in sentences of its own", is_needed=False),
)
_SAID = (
    Column(
        "title",
        _TEXT,
        "Headline; this and what follows is what the input said of the article",
        is_needed=False,
    ),
    Column("outlet", _TEXT, "Who published it", is_needed=False),
    Column(
        "published",
        _TEXT,
        "ISO 8601, as precise as it is known; null if unknown",
        nulls=True,
        is_needed=False,
    ),
    Column("url", _TEXT, "Where it was published", is_needed=False),
    Column("authors", _TEXT, "Byline", is_needed=False),
    Column("language", _TEXT, "As the source states it", is_needed=False),
    Column(
        "extra",
        _TEXT,
        "JSON object of the input's other fields; null if there are none",
        nulls=True,
        is_json=True,
        is_needed=False,
    ),
)

ARTICLES = Table(
    "articles", "every input article, singletons too, in input order", (*_GROUPS, *_SAID)
)
TRACED_ARTICLES = Table(ARTICLES.name, ARTICLES.row, (*_GROUPS, *_ORIGIN, *_SAID))

PAIRS = Table(
    "pairs",
    "every match, in input order; shingles are those outside furniture, but for rows whose "
    "relation is `furniture`, where those of the furniture count too",
    (
        Column("id_a", _TEXT, "The article that came first in the input"),
        Column("id_b", _TEXT, "The other"),
        Column("relation", _WORD, "`duplicate`, `version`, `quote`, `template` or `furniture`"),
        Column("jaccard", _NUMBER, "Shared shingles by those of both"),
        Column("containment", _NUMBER, "Shared shingles by those of the smaller side"),
        Column("containment_a", _NUMBER, "Share of a found in b"),
        Column("containment_b", _NUMBER, "Share of b found in a"),
        Column("shared", _COUNT, "Shared shingles"),
        Column(
            "margin",
            _NUMBER,
            "Distance to the nearest threshold of its relation; null where there is none",
            nulls=True,
            is_needed=False,
        ),
    ),
)

FURNITURE = Table(
    "furniture",
    "every stretch of page furniture",
    (
        Column("id", _TEXT, "The article's id"),
        Column("start", _COUNT, "First code point in the article's text"),
        Column("end", _COUNT, "Code point behind the last"),
        Column("kind", _WORD, "`learned` from this input, or `listed`"),
    ),
    is_needed=False,
)

SKIPPED = Table(
    "skipped",
    "every record left out",
    (
        Column("file", _WORD, "Where it stood; empty for records given by a library call"),
        Column("line", _COUNT, "Line or number of the record; 0 where the whole file is meant"),
        Column("id", _WORD, "Its id; empty where it was not readable"),
        Column("reason", _WORD, "What was found and what was needed"),
    ),
    is_needed=False,
)

SENTENCES = Table(
    "sentences",
    "every sentence of each article with a source",
    (
        Column("id", _TEXT, "The article's id"),
        Column("sentence", _COUNT, "Its number in the article, from 0"),
        Column("start", _COUNT, "First code point in the article's text"),
        Column("end", _COUNT, "Code point behind the last"),
        Column("label", _TEXT, "`copied`, `rewritten`, `added`, `credit` or `furniture`"),
        Column(
            "source_id", _TEXT, "The article or wire story it is from; null for none", nulls=True
        ),
        Column(
            "source_start",
            _COUNT,
            "First code point in the text of its source; null for none",
            nulls=True,
            is_needed=False,
        ),
        Column(
            "source_end",
            _COUNT,
            "Code point behind the last; null for none",
            nulls=True,
            is_needed=False,
        ),
        Column("similarity", _NUMBER, "To the nearest sentence of the sources, 0 to 1"),
        Column(
            "note",
            _TEXT,
            "Which independent report holds a quotation of it too; null for none",
            nulls=True,
            is_needed=False,
        ),
        Column("text", _TEXT, "The sentence itself, unless left out", is_needed=False),
    ),
)

OUTLETS = Table(
    "outlets",
    "every outlet, agency and day",
    (
        Column("outlet", _TEXT, "Name, or the host of its pages"),
        Column("agency", _TEXT, "Whose copies they are; empty for none"),
        Column("day", _TEXT, "Of publication, as the articles state it; empty if unknown"),
        Column("articles", _COUNT, "How many there are"),
        Column("wholly_derived", _COUNT, "How many of them are copies", is_needed=False),
        Column("partially_derived", _COUNT, "How many are copies in part", is_needed=False),
        Column("uncredited", _COUNT, "How many of both do not name their source", is_needed=False),
        Column("copied_share", _NUMBER, "Mean of the articles' `copied_share`"),
    ),
)

CLUSTERED = (ARTICLES, PAIRS, FURNITURE, SKIPPED)
"""Tables of `dedup cluster`."""

TRACED = (TRACED_ARTICLES, PAIRS, FURNITURE, SKIPPED, SENTENCES, OUTLETS)
"""Tables of `dedup trace`."""

JSON_COLUMNS = frozenset(c.name for table in TRACED for c in table.columns if c.is_json)
