"""What a choice of bands and rows does, as a person weighs it: numbers, and the collision curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedup.stages import lsh

if TYPE_CHECKING:
    from dedup.settings import Settings
    from dedup.stages.lsh import Bands

_WIDTH, _HEIGHT = 50, 10
_EIGHTHS = " ▁▂▃▄▅▆▇█"


def describe(settings: Settings) -> list[str]:
    """Say which bands and rows are chosen, draw their curve, and compare datasketch's choice."""
    import datasketch

    threshold, recall = settings.threshold, settings.recall
    ours = lsh.choose_bands(threshold, recall, settings.num_perm)
    # It refuses a single permutation, which cannot be divided differently anyway.
    peer = datasketch.MinHashLSH(threshold=threshold, num_perm=max(2, settings.num_perm))
    theirs = lsh.Bands(peer.b, peer.r)
    below = (threshold * part for part in (0.25, 0.5, 0.75))
    above = (s for s in ((1 + threshold) / 2, 0.9) if s > threshold)
    marks = sorted({round(s, 3) for s in (*below, *above)} | {threshold})
    lines = [
        f"{ours.b} bands of {ours.r} {'row' if ours.r == 1 else 'rows'}: the most rows that still "
        f"find {recall:.1%} of the pairs with Jaccard {threshold:g}",
        "",
        *draw(ours, threshold),
        "",
        "  jaccard   P(candidate)   datasketch's choice",
        f"            {ours.b:>4} × {ours.r:<5}   {theirs.b:>4} × {theirs.r}",
    ]
    for s in marks:
        here = "  <- threshold" if s == threshold else ""
        lines.append(
            f"  {s:>7.3f}   {ours.probability(s):>12.4f}   {theirs.probability(s):>12.4f}{here}"
        )
    return lines


def draw(bands: Bands, threshold: float) -> list[str]:
    """Draw P(candidate) over Jaccard similarity, with the threshold marked below the axis."""
    heights = [bands.probability((column + 0.5) / _WIDTH) * _HEIGHT * 8 for column in range(_WIDTH)]
    lines = []
    for row in range(_HEIGHT - 1, -1, -1):
        cells = (min(8, max(0, round(height - 8 * row))) for height in heights)
        label = {_HEIGHT - 1: "1.0", _HEIGHT // 2 - 1: "0.5"}.get(row, "   ")
        lines.append(f"{label} │" + "".join(_EIGHTHS[cell] for cell in cells))
    mark = min(_WIDTH - 1, int(threshold * _WIDTH))
    axis = "".join("┴" if column == mark else "─" for column in range(_WIDTH))
    lines.append("  0 └" + axis)
    lines.append(
        "     0" + f"{threshold:g}".center(2 * mark - 1)[: _WIDTH - 2].ljust(_WIDTH - 2) + "1"
    )
    return lines
