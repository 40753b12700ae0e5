"""MinHash signatures, bit for bit those of datasketch 2.

The permutations are datasketch's scheme "affine32" (its default): the MurmurHash3 finaliser, then
`a * x + b` modulo 2**32 with `a` odd, drawn from NumPy's `RandomState(seed)`. Signatures made here
and there from the same 32-bit shingle hashes are equal and can be mixed. MinHash: Broder, Charikar,
Frieze and Mitzenmacher, "Min-wise independent permutations", 1998.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from dedup import kernels
from dedup.errors import SettingsError

if TYPE_CHECKING:
    import datasketch
    import numpy.typing as npt

    from dedup.records import Signatures
    from dedup.settings import Settings
    from dedup.stages.shingles import ShingleSets

SCHEME = "affine32"


def sign(sets: ShingleSets, settings: Settings) -> Signatures:
    """Make the signature of each set, shape (n, num_perm); an empty set's is all ones."""
    signatures = np.empty((len(sets), settings.num_perm), dtype=np.uint32)
    a, b = permutations(settings.num_perm, settings.seed)
    kernels.sign_sets(sets.values, sets.offsets, a, b, signatures)
    return signatures


@cache
def permutations(num_perm: int, seed: int) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Draw the multipliers (odd) and addends of the permutations, as datasketch draws them."""
    generator = np.random.RandomState(seed)
    a = generator.randint(0, 1 << 31, num_perm, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    b = generator.randint(0, 1 << 32, num_perm, dtype=np.uint32)
    return a, b


def to_datasketch(signature: Signatures, settings: Settings) -> datasketch.MinHash:
    """Wrap one signature, shape (num_perm,), as a `datasketch.MinHash` (a copy).

    Updating it there with further values needs a `hashfunc` that gives our shingle hashes.
    """
    import datasketch

    return datasketch.MinHash(
        seed=settings.seed,
        hashvalues=np.array(signature, dtype=np.uint32),
        permutations=np.array(permutations(len(signature), settings.seed)),
        scheme=SCHEME,
    )


def from_datasketch(minhash: datasketch.MinHash | datasketch.LeanMinHash) -> Signatures:
    """Take the signature out of a datasketch MinHash, shape (num_perm,).

    Raises:
        SettingsError: It was made with another scheme than "affine32".
    """
    found: Any = getattr(minhash, "scheme", "legacy")
    if found != SCHEME:
        raise SettingsError(
            f"this MinHash has scheme {found!r}; only {SCHEME!r} compares with ours; make it again "
            "with datasketch 2 and its default scheme"
        )
    return np.array(minhash.hashvalues, dtype=np.uint32)


def estimate_jaccard(first: Signatures, second: Signatures) -> float:
    """Estimate the Jaccard similarity of two signatures: the share of equal values."""
    if first.shape != second.shape:
        raise SettingsError(
            f"signatures of {len(first)} and {len(second)} values cannot be compared; sign both "
            "with the same num_perm"
        )
    return float(np.mean(first == second))
