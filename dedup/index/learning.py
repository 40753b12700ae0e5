"""What an index learns from its own articles: furniture, words of titles, how to compress.

It is learned from the newest articles as the index grows, kept in the store, and taken over by
every process that has the index open.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import orjson
import pyarrow as pa
import zstandard

from dedup import kernels
from dedup.index.payloads import FIELDS, Codec
from dedup.stages import furniture, headings
from dedup.text import tokenizer
from dedup.text.outlets import outlet_of
from dedup.text.tokenizer import Blocks, Tokens

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.index.stores import Row, Session
    from dedup.settings import Settings

    Hashes = npt.NDArray[np.uint64]
    Numbers = npt.NDArray[np.int64]

_TITLE, _OUTLET, _URL = (FIELDS.index(name) for name in ("title", "outlet", "url"))

_FIRST, _MOST_LEARNED = 64, 20_000
"""Furniture is learned after so many articles, then whenever as many again have come, or at least
every `_MOST_LEARNED`; from the newest `_MOST_LEARNED`."""

_DICTIONARY_FROM, _DICTIONARY_BYTES = 1_000, 256 << 10
"""A compression dictionary of so many bytes is made once there are so many articles."""

_SAMPLES, _SAMPLE_BYTES = 4_000, 8_192
"""It is made from the beginnings of the newest articles."""

_PAGE = 4_096
"""Rows read from the store at a time."""


class Knowledge(NamedTuple):
    """What an index has learned.

    Attributes:
        stamp: Differs from that of all knowledge before.
        furniture: Hashes of blocks, sorted.
        codec: Compresses articles.
        titles: How often words stand in titles; None until that was counted.
    """

    stamp: bytes
    furniture: Hashes
    codec: Codec
    titles: headings.Titles | None

    def is_due(self, added: int) -> bool:
        """Say whether to learn again, after so many articles were ever added."""
        _, last = self._counts()
        return added >= max(_FIRST, last + min(last, _MOST_LEARNED))

    def _counts(self) -> tuple[int, int]:
        """Give how often it was learned, and after how many articles last."""
        times, last = orjson.loads(self.stamp or b"[0,0]")
        return times, last

    def next_stamp(self, added: int) -> bytes:
        """Make the stamp of what is learned after this."""
        return orjson.dumps((self._counts()[0] + 1, added))

    def mark(self, tokens: Tokens) -> None:
        """Mark the furniture in some texts' tokens."""
        blocks = tokens.blocks
        found = (blocks.marks & kernels.LISTED) > 0
        if len(self.furniture):
            places = np.searchsorted(self.furniture, blocks.hashes)
            found |= self.furniture[np.minimum(places, len(self.furniture) - 1)] == blocks.hashes
        kernels.mark_furniture(tokens.values, tokens.offsets, blocks.offsets, blocks.ends, found)


def nothing() -> Knowledge:
    """Give what a new index knows."""
    return Knowledge(b"", np.empty(0, dtype=np.uint64), Codec(None), None)


def load(session: Session, knowledge: Knowledge) -> Knowledge:
    """Give what any process has learned by now; the same object if that is nothing new."""
    stamp = session.meta("learned") or b""
    if stamp == knowledge.stamp:
        return knowledge
    hashes = np.frombuffer(session.meta("furniture") or b"", dtype=np.uint64)
    titles = session.meta("titles")
    return Knowledge(
        stamp,
        hashes,
        Codec(session.meta("dictionary")),
        headings.titles_from_bytes(titles) if titles else None,
    )


def tokenise(texts: pa.Array, knowledge: Knowledge, settings: Settings) -> Tokens:
    """Cut texts into tokens, with the furniture known marked."""
    if settings.keep_furniture:
        return tokenizer.tokenise(texts)
    tokens = tokenizer.tokenise(texts, furniture.line_list())
    knowledge.mark(tokens)
    return tokens


class NewKnowledge(NamedTuple):
    """What was learned and is not in the store yet.

    Attributes:
        previous: Stamp of the knowledge that it builds on.
        values: To be stored, by name.
    """

    previous: bytes
    values: dict[str, bytes]


def learn(
    session: Session, knowledge: Knowledge, settings: Settings, *, whole: bool = False
) -> NewKnowledge:
    """Learn from the newest articles, or from all; this only reads, so that writers need not wait.

    Args:
        session: Of the index.
        knowledge: What it has learned so far.
        settings: Supplies `keep_furniture`.
        whole: From all articles, and forget furniture that is none any more.
    """
    tokens: list[Tokens] = []
    said: list[tuple[str | None, ...]] = []
    outlets = [np.empty(0, dtype=np.int64)]
    names: dict[str, int] = {}
    samples: list[bytes] = []
    newest, n = 0, 0
    for rows in _newest(session, None if whole else _MOST_LEARNED):
        newest, n = max(newest, rows[0].number), n + len(rows)
        packed = [knowledge.codec.unpack(row.payload) for row in rows]
        samples += [one[:_SAMPLE_BYTES] for one in packed[: _SAMPLES - len(samples)]]
        if not settings.keep_furniture:
            contents = [knowledge.codec.open(row.payload).fields for row in rows]
            column = pa.array([fields[0] for fields in contents], pa.large_string())
            tokens.append(tokenizer.tokenise(column, furniture.line_list()))
            said += [(fields[_TITLE], fields[_URL]) for fields in contents]
            outlets.append(number_outlets(contents, names))
    hashes = knowledge.furniture
    values = {"learned": knowledge.next_stamp(newest >> 1)}
    if tokens:
        # All at once: a word's weight depends on how many titles have it.
        titles = headings.count(*_columns(said))
        of_pages = headings.read(*_columns(said), titles)
        found = _furniture(_join(tokens), of_pages, np.concatenate(outlets))
        hashes = found if whole or n < _MOST_LEARNED else np.union1d(hashes, found)
        values["titles"] = titles.to_bytes()
    values["furniture"] = hashes.tobytes()
    if session.meta("dictionary") is None and n >= _DICTIONARY_FROM:
        values["dictionary"] = _dictionary(samples[::-1])
    return NewKnowledge(knowledge.stamp, values)


def keep(session: Session, new: NewKnowledge) -> None:
    """Put what was learned into the store, unless another process was first."""
    if (session.meta("learned") or b"") == new.previous:
        for name, value in new.values.items():
            session.set_meta(name, value)


def headings_of(
    contents: Sequence[tuple[str | None, ...]], knowledge: Knowledge
) -> headings.Headings:
    """Read what some articles say they are about."""
    said = [(fields[_TITLE], fields[_URL]) for fields in contents]
    return headings.read(*_columns(said), knowledge.titles)


def _columns(said: Sequence[tuple[str | None, ...]]) -> tuple[pa.Array, pa.Array]:
    """Put titles and addresses into columns."""
    titles, urls = (
        pa.array([fields[place] or "" for fields in said], pa.large_string()) for place in (0, 1)
    )
    return titles, urls


def _furniture(tokens: Tokens, said: headings.Headings, outlets: Numbers) -> Hashes:
    """List the blocks that are furniture."""
    judged = furniture.judge(tokens, outlets, said, headings.find(said, tokens))
    return np.unique(tokens.blocks.hashes[judged.is_furniture])


def number_outlets(
    contents: Sequence[tuple[str | None, ...]], names: dict[str, int] | None = None
) -> Numbers:
    """Number the outlets of some articles' fields, -1 where they are unknown.

    Args:
        contents: The `FIELDS` of each.
        names: Numbers given before; gets those given now.
    """
    names = {} if names is None else names
    outlets = [outlet_of(fields[_OUTLET] or "", fields[_URL] or "") for fields in contents]
    return np.array(
        [names.setdefault(outlet, len(names)) if outlet else -1 for outlet in outlets],
        dtype=np.int64,
    )


def _newest(session: Session, most: int | None) -> Iterator[list[Row]]:
    """Give the newest articles, or all, newest first, in pages."""
    number, left = 1 << 62, most
    while left is None or left > 0:
        rows = session.before(number, _PAGE if left is None else min(left, _PAGE))
        if not rows:
            return
        yield rows
        number, left = rows[-1].number, None if left is None else left - len(rows)


def _join(parts: Sequence[Tokens]) -> Tokens:
    """Put several batches of texts end to end."""
    blocks = [part.blocks for part in parts]
    return Tokens(
        np.concatenate([part.values for part in parts]),
        _join_offsets([part.offsets for part in parts]),
        Blocks(
            _join_offsets([part.offsets for part in blocks]),
            np.concatenate([part.hashes for part in blocks]),
            np.concatenate([part.ends for part in blocks]),
            np.concatenate([part.spans for part in blocks]),
            np.concatenate([part.marks for part in blocks]),
        ),
    )


def _join_offsets(parts: Sequence[Numbers]) -> Numbers:
    counts = np.concatenate([np.diff(part) for part in parts])
    return np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(counts)))


def _dictionary(samples: Sequence[bytes]) -> bytes:
    """Train a compression dictionary; the same articles give the same one."""
    try:
        return zstandard.train_dictionary(_DICTIONARY_BYTES, list(samples)).as_bytes()
    except zstandard.ZstdError:  # too little, or all the same
        return zstandard.ZstdCompressionDict(b"".join(samples)[:_DICTIONARY_BYTES]).as_bytes()
