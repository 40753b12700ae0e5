"""Articles on their way into the ingest index: their keys, and what else does not depend on it.

Keys are the article's prints (see `shingles`), of the whole text, and one of the text as a whole.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup import kernels
from dedup.index import learned
from dedup.stages import shingles
from dedup.text import dates

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    from dedup.index.learned import Known
    from dedup.settings import Settings

    Keys = npt.NDArray[np.uint32]

_SHORT = 32
"""An article of fewer shingles may share one print only, as in `fingerprints`."""

_SPREAD = np.uint32(0x9E3779B1)
"""Winnowing keeps low hashes; times this odd number keys are spread evenly, and still distinct."""


class Entry(NamedTuple):
    """An article on its way in.

    Attributes:
        id: Its id.
        time: In seconds since 1970, None if unknown.
        fields: See `learned.FIELDS`.
        keys: What it leaves in the index: prints of the whole text, since what is furniture may
            not be known yet, and a key of the text as a whole.
        asked: Those of them that are looked up: without prints of the furniture known, which lead
            to every page of the outlet; all of a text that is short without it.
        n_shingles: Of its text without the furniture known.
        furniture_words: Words left out.
        is_short: One key in common makes a candidate.
    """

    id: str
    time: int | None
    fields: tuple[str | None, ...]
    keys: Keys
    asked: Keys
    n_shingles: int
    furniture_words: int
    is_short: bool


class Part(NamedTuple):
    """Some articles on their way in, and the stamp of what was known of furniture."""

    articles: pa.RecordBatch
    entries: list[Entry]
    stamp: bytes


def sketch(articles: pa.RecordBatch, known: Known, settings: Settings) -> Part:
    """Give each article with its keys; only those asked depend on what was learned."""
    tokens = learned.tokenise(articles.column("text"), known, settings)
    sets, outside = shingles.shingle_tokens(tokens.values, tokens.offsets, settings)
    prints = outside
    if (tokens.values & kernels.FURNITURE).any():
        unmarked = tokens.values & ~kernels.FURNITURE
        prints = shingles.shingle_tokens(unmarked, tokens.offsets, settings)[1]
    now, entries = int(time.time()), []
    for i, values in enumerate(articles.to_pylist()):
        words = tokens.values[tokens.offsets[i] : tokens.offsets[i + 1]]
        own = prints.values[prints.offsets[i] : prints.offsets[i + 1]]
        same_text = int(kernels.hash_tokens(words)) & 0xFFFFFFFF
        n_shingles = int(sets.offsets[i + 1] - sets.offsets[i])
        is_short = n_shingles < _SHORT or sets.n_tokens[i] < settings.min_tokens
        left = outside.values[outside.offsets[i] : outside.offsets[i + 1]]
        asked = own if is_short else own[np.isin(own, left)]
        entries.append(
            Entry(
                id=values["id"],
                time=_time(values["published"], now),
                fields=tuple(values[name] for name in learned.FIELDS),
                keys=_keys(own, same_text),
                asked=_keys(asked, same_text),
                n_shingles=n_shingles,
                furniture_words=len(words) - int(sets.n_tokens[i]),
                is_short=bool(is_short),
            )
        )
    return Part(articles, entries, known.stamp)


def locks(entries: Sequence[Entry]) -> Keys:
    """Give what no other writer may touch while some articles are added."""
    ids = [zlib.crc32(entry.id.encode()) for entry in entries]
    return np.concatenate([*(entry.keys for entry in entries), np.array(ids, dtype=np.uint32)])


def _keys(prints: Keys, same_text: int) -> Keys:
    """Make keys of prints and of a text as a whole: distinct, sorted."""
    keys = np.empty(len(prints) + 1, dtype=np.uint32)
    keys[:-1], keys[-1] = prints, same_text
    keys *= _SPREAD
    keys.sort()
    is_first = np.empty(len(keys), dtype=np.bool_)
    is_first[0] = True
    np.not_equal(keys[1:], keys[:-1], out=is_first[1:])
    return keys[is_first]


def _time(published: str | None, now: int) -> int | None:
    """Give an article's time in seconds, None where it is unknown; none is in the future."""
    return None if published is None else min(now, dates.order_key(published) // 1_000_000)
