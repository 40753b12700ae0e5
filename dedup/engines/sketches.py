"""What texts are compared by: shingle sets, prints and signatures.

Per article 4 bytes for each distinct shingle, each print and each value of its signature, and 40
for counts and hashes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.stages.shingles import Prints, ShingleSets

if TYPE_CHECKING:
    from dedup.engines.workspace import Workspace
    from dedup.records import Signatures


class Sketches:
    """The shingle sets, prints and signatures of articles, in their order."""

    def __init__(self, space: Workspace, num_perm: int) -> None:
        self._values = space.column("shingles", np.uint32)
        self._offsets = space.offsets("shingle_offsets")
        self._n_tokens = space.column("n_tokens", np.int64)
        self._text_hashes = space.column("text_hashes", np.uint64)
        self._page_hashes = space.column("page_hashes", np.uint64)
        self._prints = space.column("prints", np.uint32)
        self._print_offsets = space.offsets("print_offsets")
        self._signatures = space.column("signatures", np.uint32, num_perm)

    def __len__(self) -> int:
        return len(self._n_tokens)

    def add(self, sets: ShingleSets, prints: Prints, signatures: Signatures) -> None:
        """Append those of some articles."""
        self._offsets.extend(sets.offsets[1:] + len(self._values))
        self._values.extend(sets.values)
        self._n_tokens.extend(sets.n_tokens)
        self._text_hashes.extend(sets.text_hashes)
        self._page_hashes.extend(sets.page_hashes)
        self._print_offsets.extend(prints.offsets[1:] + len(self._prints))
        self._prints.extend(prints.values)
        self._signatures.extend(signatures)

    def sets(self) -> ShingleSets:
        """Give the shingle sets of all articles."""
        return ShingleSets(
            self._values.values(),
            self._offsets.values(),
            self._n_tokens.values(),
            self._text_hashes.values(),
            self._page_hashes.values(),
        )

    def prints(self) -> Prints:
        """Give the prints of all articles."""
        return Prints(self._prints.values(), self._print_offsets.values())

    def signatures(self) -> Signatures:
        """Give the signatures of all articles, shape (n, num_perm)."""
        return self._signatures.values()

    def sizes_in_bytes(self) -> dict[str, int]:
        """Say what is held, by kind."""
        hashes = (self._text_hashes, self._page_hashes)
        counts = (self._offsets, self._print_offsets, self._n_tokens, *hashes)
        return {
            "shingle_sets": self._values.nbytes,
            "prints": self._prints.nbytes,
            "signatures": self._signatures.nbytes,
            "counts_and_hashes": sum(part.nbytes for part in counts),
        }
