"""Signatures are datasketch's, bit for bit."""

from __future__ import annotations

import datasketch
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.errors import SettingsError
from dedup.settings import Settings
from dedup.stages import minhash
from dedup.stages.shingles import ShingleSets


def sets_of(*members: set[int]) -> ShingleSets:
    values = np.array([v for s in members for v in sorted(s)], dtype=np.uint32)
    offsets = np.cumsum([0] + [len(s) for s in members])
    n = len(members)
    return ShingleSets(values, offsets, np.zeros(n, np.int64), *np.zeros((2, n), np.uint64))


@given(
    st.lists(st.sets(st.integers(0, 2**32 - 1), max_size=40), max_size=4),
    st.sampled_from([1, 7, 16, 128, 200]),
    st.integers(0, 2**32 - 1),
)
@settings(deadline=None, max_examples=60)
def test_signatures_equal_those_of_datasketch(
    members: list[set[int]], num_perm: int, seed: int
) -> None:
    signatures = minhash.sign(sets_of(*members), Settings(num_perm=num_perm, seed=seed))
    for signature, values in zip(signatures, members, strict=True):
        theirs = datasketch.MinHash(num_perm=num_perm, seed=seed, hashfunc=int)
        theirs.update_batch(values)
        np.testing.assert_array_equal(signature, theirs.hashvalues)


def test_a_signature_goes_to_datasketch_and_back() -> None:
    ours = minhash.sign(sets_of({1, 2, 3}, {2, 3, 4}), Settings())
    first, second = (minhash.to_datasketch(row, Settings()) for row in ours)
    np.testing.assert_array_equal(minhash.from_datasketch(first), ours[0])
    assert first.jaccard(second) == minhash.estimate_jaccard(ours[0], ours[1])
    theirs = datasketch.MinHash(hashfunc=int)
    theirs.update_batch([1, 2, 3])
    assert theirs.jaccard(first) == 1.0


def test_a_wrapped_signature_can_be_updated_there() -> None:
    row = minhash.sign(sets_of({1, 2}, {1, 2, 3}), Settings())
    wrapped = minhash.to_datasketch(row[0], Settings())
    wrapped.hashfunc = int
    wrapped.update(3)
    np.testing.assert_array_equal(wrapped.hashvalues, row[1])


def test_another_scheme_is_refused() -> None:
    with pytest.raises(SettingsError, match="scheme 'legacy'"):
        minhash.from_datasketch(datasketch.MinHash(scheme="legacy"))


def test_signatures_of_different_length_are_not_compared() -> None:
    with pytest.raises(SettingsError, match="64 and 128"):
        minhash.estimate_jaccard(np.zeros(64, np.uint32), np.zeros(128, np.uint32))


def test_the_estimate_is_near_the_truth() -> None:
    generator = np.random.default_rng(5)
    base = generator.integers(0, 2**32, 3000).tolist()
    a, b = set(base[:2000]), set(base[1000:])
    row = minhash.sign(sets_of(a, b), Settings(num_perm=1024))
    assert minhash.estimate_jaccard(row[0], row[1]) == pytest.approx(1 / 3, abs=0.05)
