"""Two texts laid side by side, and judged by the functions that judge them in a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.engines import matching
from dedup.stages import headings, passages, shingles, similarity

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.settings import Settings
    from dedup.stages.passages import Shared
    from dedup.stages.shingles import ShingleSets
    from dedup.stages.similarity import Overlaps
    from dedup.text.tokenizer import Tokens


class Pair(NamedTuple):
    """What was counted and decided of the one pair.

    Attributes:
        relation: What these very texts would get; "unrelated" if they are no match.
        rule: What decided between the kinds of match.
        is_same: Whether both have the same words.
        is_short: Whether one has too few words to be compared.
        overlap: Of the shingle sets.
        shared: Of the passages.
        runs: The passages in places of tokens; see `passages.measure_one`.
        n_tokens: Words of each text outside furniture.
        is_flipped: Whether `overlap` and `shared` have the second text first.
    """

    relation: str
    rule: str
    is_same: bool
    is_short: bool
    overlap: Overlaps
    shared: Shared
    runs: npt.NDArray[np.int32]
    n_tokens: npt.NDArray[np.int64]
    is_flipped: bool

    @property
    def jaccard(self) -> float:
        """Of the shingle sets."""
        return float(self.overlap.jaccard()[0])

    @property
    def containment(self) -> float:
        """Of the smaller shingle set."""
        return float(self.overlap.containment()[0])

    def counts_of(self, row: int) -> tuple[int, int]:
        """Give how many words one of the texts has, and how many of them stand in passages."""
        is_first = (row == 0) != self.is_flipped
        covered = self.shared.covered_a if is_first else self.shared.covered_b
        return int(self.n_tokens[row]), int(covered[0])


def measure(
    tokens: Tokens, outlets: list[str], said: headings.Headings, settings: Settings
) -> Pair:
    """Decide of two texts as the run does, by the same functions."""
    sets, _ = shingles.shingle_tokens(tokens.values, tokens.offsets, settings)
    # The batch run orders texts by their hashes; the same order here gives the same passages.
    is_flipped = bool(sets.text_hashes[0] > sets.text_hashes[1])
    pair = np.array([[1, 0]] if is_flipped else [[0, 1]], dtype=np.int64)
    said = headings.mark_untold(said, tokens, headings.find(said, tokens))
    nodes = matching.Nodes(np.arange(2), np.array(_numbers_of(outlets)), tokens, sets, said)
    overlap = similarity.verify(pair, sets)
    shared, runs = passages.measure_one(tokens.values, tokens.offsets, pair, said)
    kind = matching.judge(nodes, overlap, settings)
    is_same = bool((sets.text_hashes[0] == sets.text_hashes[1]) and np.ptp(sets.n_tokens) == 0)
    is_same &= len(tokens.values) > 0
    is_short = not matching.are_comparable(sets, settings).all()
    is_match = is_same or (not is_short and _is_match(overlap, sets, settings))
    return Pair(
        relation=str(kind.names[0]) if is_match else "unrelated",
        rule=str(kind.rules[0]),
        is_same=is_same,
        is_short=is_short,
        overlap=overlap,
        shared=shared,
        runs=runs[:, [1, 0, 3, 2, 4]] if is_flipped else runs,
        n_tokens=sets.n_tokens,
        is_flipped=is_flipped,
    )


def _is_match(overlap: Overlaps, sets: ShingleSets, settings: Settings) -> bool:
    short = matching.are_short(sets, overlap.pairs, settings)
    return bool(matching.is_match(overlap, short, settings)[0])


def _numbers_of(outlets: list[str]) -> list[int]:
    """Number two outlets as `matching.Nodes` wants them."""
    same = outlets[0] == outlets[1]
    return [0 if outlets[0] else -1, (0 if same else 1) if outlets[1] else -1]
