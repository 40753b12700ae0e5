"""What text that two pages share is: their report, or something that stands around reports.

One weighing for blocks (`furniture`) and for passages (`common_text`). For each page there speak:

- where the telling words of its title and address stand: in what is shared, then that is what the
  page is about; only in the rest, then it is not;
- how much of the page's own prose is shared;
- where titles say nothing, the place: a report stands amid a page, furniture around it.

Each gives 1 to -1, the first twice that. A page that has nothing beside the shared text and no word
of its title in it says nothing: a notice in place of an article looks like that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

_TITLE, _SHARE = 2.0, 2.0
"""What the title says, and what the share says: alike, so that a page of which two thirds are
shared is no report only where its title says so."""

_ONE_WORD = 0.7
"""Weight of found heading words from which on they are sure: that of one rare word."""

_NOTHING = 15
"""Words of prose that are too few to be a report."""


def of_titles(inside: Floats, outside: Floats) -> Floats:
    """Say where titles stand: 1 in the shared text, -1 elsewhere, 0 nowhere; less if unsure."""
    found = inside + outside
    balance = np.where(found > 0, (inside - outside) / np.maximum(found, 1e-9), 0.0)
    said: Floats = balance * np.minimum(1.0, found / _ONE_WORD)
    return said


def of_pages(shared: Floats, own: Floats, title: Floats, place: Floats | float = 0.0) -> Floats:
    """Say how much speaks for the shared text being each page's report; negative: against it.

    Args:
        shared: Words of prose of each page that are shared.
        own: Those that are not.
        title: From `of_titles`.
        place: What the place of the shared text on the page says, -1 to 1; where titles say
            nothing.
    """
    prose = shared + own
    share = np.where(prose > 0, shared / np.maximum(prose, 1), 0.0)
    said = _TITLE * title + _SHARE * (share - 0.5) + (1 - np.abs(title)) * place
    says_nothing = (own < _NOTHING) & (title <= 0)
    speaks: Floats = np.where(says_nothing, 0.0, said)
    return speaks
