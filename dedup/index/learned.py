"""What an index learns from its own articles: their page furniture, and how to compress them.

It is learned from the newest articles as the index grows, kept in the store, and taken over by
every process that has the index open.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson
import pyarrow as pa
import zstandard

from dedup import kernels
from dedup.engines.kept import outlet_of
from dedup.errors import StoreError
from dedup.stages import furniture, headings
from dedup.text import tokenizer
from dedup.text.tokenizer import Blocks

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.index.stores import Row, Session
    from dedup.settings import Settings
    from dedup.text.tokenizer import Tokens

    Hashes = npt.NDArray[np.uint64]
    Numbers = npt.NDArray[np.int64]

FIELDS = ("text", "title", "outlet", "published", "url", "authors", "language", "extra")
_NOTHING: tuple[str | None, ...] = ("", "", "", None, "", "", "", None)
_TITLE, _OUTLET, _URL = (FIELDS.index(name) for name in ("title", "outlet", "url"))

_FIRST, _FROM = 64, 20_000
"""Furniture is learned anew when as many articles again have come, from the newest of them."""

_DICTIONARY_FROM, _DICTIONARY_BYTES = 1_000, 256 << 10
_LEVEL = 5
"""Of Zstandard. Articles of 3 KB take 5 % less than at level 3, or with a dictionary of 112 KB."""

_SAMPLES, _SAMPLE_BYTES = 4_000, 8_192
_PAGE = 4_096


class Content(NamedTuple):
    """An article as it is kept: its `FIELDS`, and the verdict it got (`verdicts.to_values`)."""

    fields: tuple[str | None, ...]
    verdict: list[Any]


class Codec:
    """Articles as compressed JSON; with a dictionary learned from the index's own articles."""

    def __init__(self, dictionary: bytes | None) -> None:
        self._plain = zstandard.ZstdCompressor(level=_LEVEL), zstandard.ZstdDecompressor()
        self._trained = self._plain
        self._mark = b"\0"
        if dictionary is not None:
            known = zstandard.ZstdCompressionDict(dictionary)
            self._mark = b"\1"
            self._trained = (
                zstandard.ZstdCompressor(level=_LEVEL, dict_data=known),
                zstandard.ZstdDecompressor(dict_data=known),
            )

    def seal(self, content: Content) -> bytes:
        """Compress an article."""
        values = orjson.dumps((content.verdict, *_without_tail(content.fields)))
        return self._mark + self._trained[0].compress(values)

    def open(self, payload: bytes) -> Content:
        """Give an article.

        Raises:
            StoreError: The payload is damaged.
        """
        try:
            verdict, *fields = orjson.loads(self.unpack(payload))
        except orjson.JSONDecodeError as error:
            raise _damaged(error) from error
        return Content((*fields, *_NOTHING[len(fields) :]), verdict)

    def unpack(self, payload: bytes) -> bytes:
        """Give an article as JSON.

        Raises:
            StoreError: The payload is damaged.
        """
        _, decompressor = self._plain if payload[:1] == b"\0" else self._trained
        try:
            return decompressor.decompress(payload[1:])
        except zstandard.ZstdError as error:
            raise _damaged(error) from error


def _damaged(error: Exception) -> StoreError:
    return StoreError(
        f"an article in the index is damaged ({error}); restore the index from a copy"
    )


def _without_tail(fields: tuple[str | None, ...]) -> tuple[str | None, ...]:
    """Leave out fields at the end that say nothing."""
    n = len(fields)
    while n > 1 and fields[n - 1] == _NOTHING[n - 1]:
        n -= 1
    return fields[:n]


class Known(NamedTuple):
    """What an index has learned; `stamp` differs from all states before."""

    stamp: bytes
    furniture: Hashes
    codec: Codec

    def is_due(self, added: int) -> bool:
        """Say whether to learn again, after so many articles were ever added."""
        _, last = self._counts()
        return added >= max(_FIRST, last + min(last, _FROM))

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


def nothing() -> Known:
    """Give what a new index knows."""
    return Known(b"", np.empty(0, dtype=np.uint64), Codec(None))


def load(session: Session, known: Known) -> Known:
    """Give what any process has learned by now; the same object if that is nothing new."""
    stamp = session.meta("learned") or b""
    if stamp == known.stamp:
        return known
    hashes = np.frombuffer(session.meta("furniture") or b"", dtype=np.uint64)
    return Known(stamp, hashes, Codec(session.meta("dictionary")))


def tokenise(texts: pa.Array, known: Known, settings: Settings) -> Tokens:
    """Cut texts into tokens, with the furniture known marked."""
    if settings.keep_furniture:
        return tokenizer.tokenise(texts)
    tokens = tokenizer.tokenise(texts, furniture.line_list())
    known.mark(tokens)
    return tokens


class Lesson(NamedTuple):
    """What was learned on top of a state: values to keep in the store by name."""

    after: bytes
    values: dict[str, bytes]


def learn(session: Session, known: Known, settings: Settings, *, whole: bool = False) -> Lesson:
    """Learn from the newest articles, or from all; this only reads, so that writers need not wait.

    Args:
        session: Of the index.
        known: What it has learned so far.
        settings: Supplies `keep_furniture`.
        whole: From all articles, and forget furniture that is none any more.
    """
    blocks, outlets = [], [np.empty(0, dtype=np.int64)]
    heads: list[headings.Headings] = []
    hits: list[npt.NDArray[np.uint32]] = []
    names: dict[str, int] = {}
    samples: list[bytes] = []
    newest, n = 0, 0
    for rows in _newest(session, None if whole else _FROM):
        newest, n = max(newest, rows[0].number), n + len(rows)
        packed = [known.codec.unpack(row.payload) for row in rows]
        samples += [one[:_SAMPLE_BYTES] for one in packed[: _SAMPLES - len(samples)]]
        if not settings.keep_furniture:
            contents = [known.codec.open(row.payload).fields for row in rows]
            column = pa.array([fields[0] for fields in contents], pa.large_string())
            tokens = tokenizer.tokenise(column, furniture.line_list())
            heads.append(headings_of(contents))
            blocks.append(tokens.blocks)
            hits.append(headings.find(heads[-1], tokens))
            outlets.append(number_outlets(contents, names))
    hashes = known.furniture
    if blocks:
        joined = _join(blocks)
        is_furniture = furniture.learn(
            joined, np.concatenate(outlets), headings.join(heads), np.concatenate(hits)
        )
        found = np.unique(joined.hashes[is_furniture])
        hashes = found if whole or n < _FROM else np.union1d(hashes, found)
    values = {"furniture": hashes.tobytes(), "learned": known.next_stamp(newest >> 1)}
    if session.meta("dictionary") is None and n >= _DICTIONARY_FROM:
        values["dictionary"] = _dictionary(samples[::-1])
    return Lesson(known.stamp, values)


def keep(session: Session, lesson: Lesson) -> None:
    """Put what was learned into the store, unless another process was first."""
    if (session.meta("learned") or b"") == lesson.after:
        for name, value in lesson.values.items():
            session.set_meta(name, value)


def headings_of(contents: Sequence[tuple[str | None, ...]]) -> headings.Headings:
    """Read what some articles say they are about."""
    titles, urls = (
        pa.array([fields[place] or "" for fields in contents], pa.large_string())
        for place in (_TITLE, _URL)
    )
    return headings.read(titles, urls)


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


def _join(parts: Sequence[Blocks]) -> Blocks:
    """Put the blocks of several batches of texts end to end."""
    counts = [np.diff(part.offsets) for part in parts]
    return Blocks(
        np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(np.concatenate(counts)))),
        np.concatenate([part.hashes for part in parts]),
        np.concatenate([part.ends for part in parts]),
        np.concatenate([part.spans for part in parts]),
        np.concatenate([part.marks for part in parts]),
    )


def _dictionary(samples: Sequence[bytes]) -> bytes:
    """Train a compression dictionary; the same articles give the same one."""
    try:
        return zstandard.train_dictionary(_DICTIONARY_BYTES, list(samples)).as_bytes()
    except zstandard.ZstdError:  # too little, or all the same
        return zstandard.ZstdCompressionDict(b"".join(samples)[:_DICTIONARY_BYTES]).as_bytes()
