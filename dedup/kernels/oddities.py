"""Which texts may not be what they seem: at a glance, since nearly all are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.kernels.characters import is_ascii_letter
from dedup.kernels.compiling import kernel, part

if TYPE_CHECKING:
    from dedup.kernels.arrays import Bools, Out
    from dedup.records import Bytes, Offsets


@kernel
def find_odd(data: Bytes, offsets: Offsets, out: Out[Bools]) -> None:
    """Mark the texts whose bytes may have been misread, or whose words may mix alphabets.

    The signs are a letter from U+00C2 to U+00F4 before another character beyond ASCII, and a letter
    of Greek, Cyrillic or Armenian before one of ASCII; `mend` and `undisguise` look closer. Looking
    for them while the text is tokenised would make Russian take a tenth longer; this loop runs on
    many bytes at a time.
    """
    for i in range(len(offsets) - 1):
        out[i] = _is_odd(data, offsets[i], offsets[i + 1])


@part
def _is_odd(data, start, end):
    found = False
    for at in range(np.uintp(start), np.uintp(max(end - 2, start))):
        first, second, after = data[at], data[at + np.uintp(1)], data[at + np.uintp(2)]
        found |= (first == 0xC3) & (second >= 0x82) & (second <= 0xB4) & (after >= 0xC2)
        found |= (first >= 0xCD) & (first <= 0xD6) & is_ascii_letter(after)
    return found
