"""Reading inputs one after the other, and what a library call gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from dedup.errors import InputError
from dedup.readers import formats, given, inputs, streams
from dedup.readers.batches import Collector, Place, describe
from dedup.readers.formats import Format
from dedup.readers.options import ReadOptions
from dedup.readers.streams import Stream
from dedup.records import Article, Batch

_DEFAULT = ReadOptions()
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"


def read(names: Sequence[str], options: ReadOptions = _DEFAULT) -> Iterator[Batch]:
    """Read files, folders, globs and "-" (stdin), in the order given.

    A folder's files are read in sorted order. What cannot be read is in `skipped`, with line 0
    if it is a whole file.

    Raises:
        InputError: At once, if a name matches nothing or nothing can be read.
    """
    sources = inputs.find(names, any_suffix=options.format != "auto")
    return _read(sources, options)


def from_records(
    records: Iterable[Article | Mapping[str, Any]], options: ReadOptions = _DEFAULT
) -> Iterator[Batch]:
    """Read articles and mappings of the caller; `line` is the record's number from 1."""
    return given.from_records(records, options)


class OneByOne:
    """Reads one record of the caller at a time; what fields it has is worked out once."""

    def __init__(self, options: ReadOptions = _DEFAULT) -> None:
        self._collector = Collector(options)

    def read_one(self, record: Article | Mapping[str, Any]) -> Batch:
        """Read one article or mapping; a batch of it, or of what was wrong with it."""
        self._collector.add(record, Place("", 1))
        return self._collector.flush()


def from_table(table: Any, options: ReadOptions = _DEFAULT) -> Iterator[Batch]:
    """Read an Arrow table, batch, reader or dataset, or a pandas or polars frame.

    Raises:
        InputError: The object is no table, or holds types that Arrow has not.
    """
    return given.from_table(table, options)


def texts_of(
    names: Sequence[str], dumps: Sequence[str] = (), options: ReadOptions = _DEFAULT
) -> dict[str, str]:
    """Give some texts by name: each a file with one article, or the id of an article in dumps.

    Raises:
        InputError: There is no such file or id, or a file has no article or several.
    """
    if not dumps:
        return {name: _only_text(name, options) for name in names}
    found: dict[str, str] = {}
    for batch in read(dumps, options):
        ids, texts = (batch.articles.column(column).to_pylist() for column in ("id", "text"))
        for article, text in zip(ids, texts, strict=True):
            if article in names and found.setdefault(article, text) != text:
                raise InputError(
                    f"{', '.join(dumps)}: two texts have the id {article}; give files instead"
                )
    missing = [name for name in names if name not in found]
    if missing:
        raise InputError(
            f"{', '.join(dumps)}: no article has the id {missing[0]}; give ids of its articles"
        )
    return found


def _only_text(name: str, options: ReadOptions) -> str:
    batches = list(read([name], options))
    texts = [text for batch in batches for text in batch.articles.column("text").to_pylist()]
    skipped = [record for batch in batches for record in batch.skipped]
    if not texts and skipped:
        raise InputError(describe(skipped[0]))
    if len(texts) != 1:
        raise InputError(
            f"{name} has {len(texts)} articles; give a file with one, or ids and --in {name}"
        )
    return str(texts[0])


def _read(sources: Sequence[inputs.Source], options: ReadOptions) -> Iterator[Batch]:
    collector = Collector(options)
    for source in sources:
        if source.problem:
            collector.skip(source.name, 0, source.problem)
            continue
        try:
            yield from _read_one(source, collector, options)
        except streams.StreamError as error:
            collector.skip(source.name, 0, str(error))
    yield from collector.rest()


def _read_one(source: inputs.Source, collector: Collector, options: ReadOptions) -> Iterator[Batch]:
    with streams.open_blocks(source.path) as blocks:
        # A named format needs no look ahead, which on a slow pipe would be a long wait.
        head, blocks = streams.peek(blocks, streams.BLOCK if options.format == "auto" else 4)
        kind = _detect(source.path, head, options.format)
        stream = Stream(source.path, source.name, kind.name, head, blocks, options)
        yield from kind.reader().read(stream, collector)


def _detect(path: str, head: bytes, chosen: str) -> Format:
    """Tell a stream's format by choice, or by its path's suffix and its first bytes.

    Raises:
        StreamError: The format cannot be told, or the text is UTF-16.
    """
    if head.startswith(_UTF16):
        raise streams.StreamError("UTF-16 text (by its byte order mark); save it as UTF-8")
    if chosen != "auto":
        return formats.by_name(chosen)
    text, named = head.removeprefix(_BOM).lstrip(), formats.by_suffix(path)
    for kind in formats.FORMATS:
        if kind.may_be(named) and kind.reader().tells(text, named):
            return kind
    raise streams.StreamError(
        f"the format cannot be told; name it with --input-format ({', '.join(formats.NAMES)})"
    )
