"""Locality-sensitive hashing: which pairs are worth verifying.

A signature is cut into b bands of r rows; two articles whose values agree in all rows of some band
share that band's bucket and become a candidate. A pair of Jaccard similarity s becomes one with
probability 1 - (1 - s**r)**b (Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", 3.4).

Bands and rows are chosen so that this probability *at the threshold* is the recall asked for, with
as many rows as allow it; datasketch's own optimiser balances the areas of false positives and
negatives instead, and finds only 40 to 64 % of the pairs at the threshold.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedup import kernels
from dedup.errors import SettingsError
from dedup.kernels import pair_keys
from dedup.settings import NEAR

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.records import Pairs, Signatures
    from dedup.settings import Settings


_LOSS = 1e-6
"""Share of the pairs at the threshold that may be lost where signatures agree too little."""

_BANDS_AT_ONCE = 8
"""Bands whose keys are made in one pass over the signatures."""

_ROWS_AT_ONCE, _ITEMS_AT_ONCE = 50_000, 1 << 13
"""Signatures, and sorted keys, that one task of a thread works on."""


class Bands(NamedTuple):
    """`b` bands of `r` rows."""

    b: int
    r: int

    def probability(self, s: float) -> float:
        """Give the probability that a pair of Jaccard similarity s becomes a candidate."""
        return 1 - (1 - s**self.r) ** self.b


class Candidates(NamedTuple):
    """Pairs to verify.

    Attributes:
        pairs: Places in `rows` (see `candidate_pairs`), a < b, sorted, no repeats.
        crowded: Buckets of more than `max_bucket` members, of which not all pairs are listed.
        largest: Members of the largest bucket.
    """

    pairs: Pairs
    crowded: int
    largest: int


def choose_bands(threshold: float, recall: float, num_perm: int) -> Bands:
    """Choose the most rows, then the fewest bands, that reach a recall at the threshold.

    Raises:
        SettingsError: No division of `num_perm` values reaches it.
    """
    for r in range(num_perm, 0, -1):
        if threshold**r < 1e-300:  # so small that 1 less it is 1, whose logarithm is 0
            continue
        b = (
            1
            if threshold == 1
            else math.ceil(math.log(1 - recall) / math.log1p(-(threshold**r)) - 1e-9)
        )
        if b * r <= num_perm:
            return Bands(max(b, 1), r)
    best = 1 - (1 - threshold) ** num_perm
    needed = math.ceil(math.log(1 - recall) / math.log1p(-threshold))
    raise SettingsError(
        f"{num_perm} permutations reach a recall of {best:.3f} at Jaccard {threshold}, not "
        f"{recall}; set num_perm to {needed} or more"
    )


def bands_of(settings: Settings) -> Bands:
    """Give the bands the settings name, or choose them."""
    if settings.bands:
        return Bands(settings.bands, settings.rows)
    return choose_bands(lowest(settings), settings.recall, settings.num_perm)


def lowest(settings: Settings) -> float:
    """Give the Jaccard similarity from which on candidates are found with the recall asked for.

    Stories are made of pairs from `NEAR` on. A higher threshold makes clusters smaller and must not
    change stories, so it does not raise this.
    """
    return min(settings.threshold, NEAR)


def least_agreement(threshold: float, num_perm: int) -> int:
    """Give the fewest equal signature values that a pair at the threshold may have.

    The count is binomial, and fewer than this come with a probability of at most `_LOSS`.
    """
    log_odds = math.log(threshold) - math.log1p(-threshold) if threshold < 1 else math.inf
    if math.isinf(log_odds):
        return num_perm
    log_p = num_perm * math.log1p(-threshold)
    total = 0.0
    for k in range(num_perm + 1):
        total += math.exp(log_p)
        if total > _LOSS:
            return k
        log_p += log_odds + math.log((num_perm - k) / (k + 1)) if k < num_perm else 0.0
    return num_perm


def candidate_pairs(
    signatures: Signatures,
    rows: npt.NDArray[np.int64],
    settings: Settings,
    executor: Executor | None = None,
) -> Candidates:
    """Find the pairs that share a bucket in at least one band.

    Band by band, the key of each row's bucket and the row's place are packed in 64 bits and sorted,
    so that the members of a bucket lie side by side. In a bucket of more than `max_bucket` members
    each is paired with the next four and with four members spread over the bucket, so that its cost
    grows with its size and not with the square of it.

    A pair whose signatures agree in too few values to reach the threshold (see `least_agreement`)
    is dropped. Most pairs that share a bucket by chance, or by a line of page furniture, go so.

    Args:
        signatures: MinHash values, shape (n_articles, num_perm).
        rows: The signatures to compare, in an order that does not depend on the input's.
        settings: Supplies the bands and `max_bucket`.
        executor: Threads to share the work; the result is the same without.
    """
    b, r = bands_of(settings)
    if signatures.shape[1] < b * r:
        raise SettingsError(
            f"signatures have {signatures.shape[1]} values, but {b} bands of {r} rows need "
            f"{b * r}; sign the articles again with these settings"
        )
    search = _Search(signatures, rows, Bands(b, r), settings)
    mapper = map if executor is None else executor.map
    found = [np.empty(0, dtype=np.uint64)]
    for start in range(0, b, _BANDS_AT_ONCE):
        found += search.pairs_of(range(start, min(start + _BANDS_AT_ONCE, b)), mapper)
    pairs = pair_keys.unpack(pair_keys.distinct(np.concatenate(found)))
    return Candidates(pairs, len(search.crowded), search.largest)


class _Search:
    """The search for pairs, a group of bands after the other.

    Each band lists only the pairs that no band before it has found. For that it must know which
    buckets of earlier bands were crowded, because their pairs were not all listed.
    """

    def __init__(
        self,
        signatures: Signatures,
        rows: npt.NDArray[np.int64],
        bands: Bands,
        settings: Settings,
    ) -> None:
        self._signatures = signatures
        self._rows = rows
        self._width = bands.r
        self._max_bucket = settings.max_bucket
        self._least = least_agreement(lowest(settings), signatures.shape[1])
        self._places = np.full(len(signatures), -1, dtype=np.int64)
        self._places[rows] = np.arange(len(rows))
        # Used again for each group of bands: the first touch of fresh memory costs as much as
        # filling it.
        self._items, self._spare = np.empty((2, _BANDS_AT_ONCE, len(rows)), dtype=np.uint64)
        self._numbers = np.zeros((_BANDS_AT_ONCE + 1, len(rows)), dtype=np.uint32)
        self._crowded_offsets = np.zeros(bands.b + 1, dtype=np.int64)
        self.crowded = np.empty(0, dtype=np.uint32)
        self.largest = 0

    def pairs_of(
        self, group: range, mapper: Callable[..., Iterable[Any]]
    ) -> list[npt.NDArray[np.uint64]]:
        """List the pairs that each band of a group is the first to find, packed."""
        items = self._items[: len(group)]

        def make(start: int) -> None:
            end = min(start + _ROWS_AT_ONCE, len(self._signatures))
            kernels.band_items(
                self._signatures, self._places, start, end, group.start, self._width, items
            )

        for _ in mapper(make, range(0, len(self._signatures), _ROWS_AT_ONCE)):
            pass
        # Items are made in the order of places and the sort is stable, so it is enough to sort by
        # key: the members of a bucket stay in the order of places.
        buckets = list(mapper(kernels.sort_bits, items, self._spare, repeat(32), repeat(64)))
        self._numbers[0] = self._numbers[-1]  # of the last band of the group before
        for i, band in enumerate(group):
            keys = kernels.crowded_keys(buckets[i], self._max_bucket)
            self.crowded = np.concatenate((self.crowded, keys))
            self._crowded_offsets[band + 1 :] = len(self.crowded)
            size = kernels.number_buckets(buckets[i], self._max_bucket, self._numbers[i + 1])
            self.largest = max(self.largest, size)
        starts = range(0, len(self._rows), _ITEMS_AT_ONCE)
        bands = zip(group, buckets, self._numbers, strict=False)
        parts = [(*band, start) for band in bands for start in starts]
        return list(mapper(self._pairs_of_band, *zip(*parts, strict=True))) if parts else []

    def _pairs_of_band(
        self,
        band: int,
        items: npt.NDArray[np.uint64],
        before: npt.NDArray[np.uint32],
        start: int,
    ) -> npt.NDArray[np.uint64]:
        found: npt.NDArray[np.uint64] = kernels.bucket_pairs(
            items,
            self._signatures,
            self._rows,
            band,
            self._width,
            self._least,
            self._max_bucket,
            self.crowded,
            self._crowded_offsets,
            before,
            start,
            min(start + _ITEMS_AT_ONCE, len(items)),
        )
        return found
