"""Keys, by which an index finds what an article may be a copy of.

An article's keys are its prints (see `stages.shingles`) and one hash of the text as a whole.
"""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup import kernels
from dedup.index import learning
from dedup.index.payloads import FIELDS
from dedup.stages import fingerprints, shingles
from dedup.text import dates

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    from dedup.index.learning import Knowledge
    from dedup.settings import Settings

    Keys = npt.NDArray[np.uint32]

_SPREAD = np.uint32(0x9E3779B1)
"""Winnowing keeps low hashes; times this odd number keys are spread evenly, and still distinct."""


class KeyedArticle(NamedTuple):
    """An article and its keys.

    Attributes:
        id: Its id.
        time: In seconds since 1970, None if unknown.
        fields: See `payloads.FIELDS`.
        keys: By which later articles find it: of the whole text, since what is furniture may not
            be known yet.
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


class KeyedBatch(NamedTuple):
    """Articles with their keys.

    Attributes:
        articles: As they came.
        keyed: The same with keys.
        stamp: Of the knowledge of furniture that was used.
    """

    articles: pa.RecordBatch
    keyed: list[KeyedArticle]
    stamp: bytes


def extract(articles: pa.RecordBatch, knowledge: Knowledge, settings: Settings) -> KeyedBatch:
    """Make the keys of articles; what was learned decides only which of them are looked up."""
    tokens = learning.tokenise(articles.column("text"), knowledge, settings)
    sets, outside = shingles.shingle_tokens(tokens.values, tokens.offsets, settings)
    prints = outside
    if (tokens.values & kernels.FURNITURE).any():
        unmarked = tokens.values & ~kernels.FURNITURE
        prints = shingles.shingle_tokens(unmarked, tokens.offsets, settings)[1]
    now, keyed = int(time.time()), []
    for i, values in enumerate(articles.to_pylist()):
        words = tokens.values[tokens.offsets[i] : tokens.offsets[i + 1]]
        own = prints.values[prints.offsets[i] : prints.offsets[i + 1]]
        left = outside.values[outside.offsets[i] : outside.offsets[i + 1]]
        whole = int(kernels.hash_tokens(words)) & 0xFFFFFFFF
        n_shingles = int(sets.offsets[i + 1] - sets.offsets[i])
        is_short = n_shingles < fingerprints.SHORT or sets.n_tokens[i] < settings.min_tokens
        asked = own if is_short else own[np.isin(own, left)]
        keyed.append(
            KeyedArticle(
                id=values["id"],
                time=_time(values["published"], now),
                fields=tuple(values[name] for name in FIELDS),
                keys=_keys(own, whole),
                asked=_keys(asked, whole),
                n_shingles=n_shingles,
                furniture_words=len(words) - int(sets.n_tokens[i]),
                is_short=bool(is_short),
            )
        )
    return KeyedBatch(articles, keyed, knowledge.stamp)


def locks(keyed: Sequence[KeyedArticle]) -> Keys:
    """Give what no other writer may touch while some articles are added: their keys and ids.

    An article may be kept as `<id>#2`, so ids that end in a number count without it.
    """
    ids = [zlib.crc32(re.sub(r"(#\d+)+$", "", article.id).encode()) for article in keyed]
    return np.concatenate([*(article.keys for article in keyed), np.array(ids, dtype=np.uint32)])


def _keys(prints: Keys, whole: int) -> Keys:
    """Make keys of prints and of a hash of the whole text: distinct, sorted."""
    keys = np.empty(len(prints) + 1, dtype=np.uint32)
    keys[:-1], keys[-1] = prints, whole
    keys *= _SPREAD
    keys.sort()
    is_first = np.empty(len(keys), dtype=np.bool_)
    is_first[0] = True
    np.not_equal(keys[1:], keys[:-1], out=is_first[1:])
    return keys[is_first]


def _time(published: str | None, now: int) -> int | None:
    """Give an article's time in seconds, None where it is unknown; none is in the future."""
    return None if published is None else min(now, dates.order_key(published) // 1_000_000)
