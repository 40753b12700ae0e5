"""A text file as one article: the whole content is the text, the path is the id."""

from __future__ import annotations

from collections.abc import Iterator

from dedup.readers import jsonl
from dedup.readers.batches import BadRecord, Collector, Found, too_long
from dedup.readers.streams import Stream
from dedup.records import Article, Batch


def tells(text: bytes, named: str) -> bool:
    """Whether it is text by its name; of other streams only an empty one is."""
    return bool(named) or not text


def read(stream: Stream, collector: Collector) -> Iterator[Batch]:
    """Read the one article of a text file."""
    yield from collector.collect(_records(stream), stream.name)


def _records(stream: Stream) -> Iterator[Found]:
    content = bytearray()
    for block in stream.text():
        content += block
        if len(content) > stream.limit:
            yield 1, BadRecord(too_long(stream.limit)), 0
            return
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        yield 1, BadRecord(jsonl.not_utf8(error)), 0
    else:
        yield 1, Article(id=stream.name, text=text), len(content)
