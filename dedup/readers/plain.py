"""A text file as one article: the whole content is the text, the path is the id."""

from __future__ import annotations

from collections.abc import Iterator

from dedup.readers import jsonl
from dedup.readers.batches import BadRecord, Found, too_long
from dedup.records import Article


def records(blocks: Iterator[bytes], limit: int, path: str) -> Iterator[Found]:
    """Read the one article of a text file."""
    content = bytearray()
    for block in blocks:
        content += block
        if len(content) > limit:
            yield 1, BadRecord(too_long(limit)), 0
            return
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        yield 1, BadRecord(jsonl.not_utf8(error)), 0
    else:
        yield 1, Article(id=path, text=text), len(content)
