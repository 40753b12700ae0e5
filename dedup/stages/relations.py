"""What kind of match a pair is, from the passages its texts share.

How much two texts share says little: a reprint in other page furniture, an updated agency story and
two reports that quote one speech may all share half of their words. What decides is which words
those are. Rules, in this order:

- `furniture`, stub: both texts stand in place of articles whose titles differ (a notice).
- `template`: one form filled with other facts (`forms`); or most of both is shared in pieces, and
  the titles name other subjects, which stand in what is not; or set phrases are shared.
- `duplicate`: passages make up `_SAME` of the longer text, so neither has much of its own; or their
  sets of shingles are `_SAME_SETS` alike, as where a page holds its text twice.
- `furniture`: what they share stands around reports (`common_text`).
- `quote`, quotation: at least `_QUOTED` of the shared words are quoted, inside quotation marks or
  attributed by both texts in words of their own; at least half of the longer text is its own, and
  some of the shorter one too.
- `quote`, excerpt: the shorter text has taken whole paragraphs (`_PARAGRAPH` words a passage) that
  are a small part of the longer one, has words of its own around them, the two are of different
  outlets, and neither text names a news agency: so it is one outlet quoted by another, not two
  carriers of the same copy.
- `version`: all others; reporting is reused.

The thresholds lie in the middle of wide gaps between labelled pairs, see `docs/architecture.md`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from dedup import kernels
from dedup.text import tokenizer

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.records import Offsets, Pairs, TokenValues
    from dedup.stages.passages import Shared
    from dedup.stages.similarity import Overlaps
    from dedup.text.tokenizer import Tokens

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Rows = npt.NDArray[np.int64]

_SAME, _SAME_SETS, _QUOTED, _OWN = 0.75, 0.8, 0.45, 0.5
_EXCERPT_OF, _EXCERPT_IN, _PARAGRAPH = 1 / 3, (0.5, 0.8), 30
_PHRASE = 15
"""Words of a passage that is a set phrase or a piece of a form; furniture comes in longer ones."""

_OUTSIDE, _NAMED, _FILLED, _PIECE = -0.7, 0.15, 0.6, 25
"""Where a title stands that is not in the shared text (`evidence.of_titles`), and the share of it
that the other text may have all the same; share of the longer text, and words of a passage, of
two texts that are one form all the same."""

_STUB = 0.55
"""Jaccard from which on two texts in place of articles are one notice."""

_REUSED_WORDS, _ALL_BUT = 100, 0.85
"""A version tells the same story if so many words are shared, or all but a few of the shorter."""

RELATIONS = {
    "stub": "furniture",
    "common": "furniture",
    "form": "template",
    "same": "duplicate",
    "quotation": "quote",
    "excerpt": "quote",
    "reuse": "version",
}
"""The relation that each rule gives; the first rule that holds decides."""


class Compared(NamedTuple):
    """Pairs of texts, and what was found of each.

    Attributes:
        rows: The number of each text in `tokens`.
        outlets: A number for the outlet of each, -1 if unknown, -2 if there are several.
        tokens: Of all texts.
        are_stubs: Whether both stand in place of articles whose titles differ.
        is_form: From `forms.find`.
        is_common: From `common_text.find`.
    """

    rows: Pairs
    outlets: Pairs
    tokens: Tokens
    are_stubs: Bools
    is_form: Bools
    is_common: Bools


@dataclass(frozen=True, slots=True)
class Relations:
    """The relation of n pairs.

    Attributes:
        names: "duplicate", "version", "quote", "template" or "furniture".
        rules: The rule that decided, of `RELATIONS`.
        margins: How far the nearest border of a decision was, as a share; 0 is on it.
        one_report: Whether both tell one report: duplicates, and versions that share enough words.
        same_story: Whether the pair ties a story together: they also share enough of the shorter.
    """

    names: npt.NDArray[np.str_]
    rules: npt.NDArray[np.str_]
    margins: Floats
    one_report: Bools
    same_story: Bools


def is_reused(shared: Shared) -> Bools:
    """Say of each pair whether it shares enough words to tell one story."""
    found: Bools = (shared.total >= _REUSED_WORDS) | (shared.share_of_shorter() >= _ALL_BUT)
    return found


def judge(
    shared: Shared, overlaps: Overlaps, compared: Compared, story_containment: float
) -> Relations:
    """Say what kind of match each pair is.

    Args:
        shared: What the texts share.
        overlaps: The same pairs, with the containment of their shingles.
        compared: The same pairs.
        story_containment: See `Settings`.
    """
    longer, shorter = shared.share_of_longer(), shared.share_of_shorter()
    quoted, jaccard = shared.quoted_share(), overlaps.jaccard()
    has_own = (longer < _OWN) & (shorter < _ALL_BUT)
    is_phrases = compared.is_common & (shared.words_per_passage() < _PHRASE)
    is_filled = _have_other_subjects(shared) & (longer >= _FILLED)
    is_form = compared.is_form | is_phrases | is_filled
    holds = {
        "stub": compared.are_stubs & (jaccard >= _STUB),
        "form": is_form,
        "same": (longer >= _SAME) | (jaccard >= _SAME_SETS),
        "common": compared.is_common,
        "quotation": (quoted >= _QUOTED) & has_own,
        "excerpt": _is_excerpt(shared, compared),
    }
    rules = np.select(list(holds.values()), list(holds), "reuse")
    names = np.select([rules == rule for rule in RELATIONS], list(RELATIONS.values()), "version")
    is_duplicate = names == "duplicate"
    one_report = is_duplicate | ((names == "version") & is_reused(shared))
    same_story = one_report & (is_duplicate | (overlaps.containment() >= story_containment))
    return Relations(names, rules, _margins(shared, names), one_report, same_story)


def _have_other_subjects(shared: Shared) -> Bools:
    """Say of each pair whether the titles stand only in what is not shared, and differ."""
    elsewhere = shared.titles[:, :, 2].max(axis=1)
    is_outside = shared.title_sides().max(axis=1) <= _OUTSIDE
    found: Bools = is_outside & (elsewhere < _NAMED) & (shared.words_per_passage() < _PIECE)
    return found


def _is_excerpt(shared: Shared, compared: Compared) -> Bools:
    """Say of each pair whether one outlet seems to quote paragraphs of another."""
    longer, shorter = shared.share_of_longer(), shared.share_of_shorter()
    outlets = compared.outlets
    excerpt: Bools = (longer < _EXCERPT_OF) & (shared.words_per_passage() >= _PARAGRAPH)
    excerpt &= (shorter >= _EXCERPT_IN[0]) & (shorter < _EXCERPT_IN[1])
    excerpt &= (outlets[:, 0] != outlets[:, 1]) | (outlets[:, 0] < 0)
    asked = np.flatnonzero(excerpt)
    tokens = compared.tokens
    named = _names_agency(tokens.values, tokens.offsets, compared.rows[asked])
    excerpt[asked] = ~named.any(axis=1)
    return excerpt


def _margins(shared: Shared, names: npt.NDArray[np.str_]) -> Floats:
    """Say how far the nearest border of a decision was."""
    longer, quoted = shared.share_of_longer(), shared.quoted_share()
    margins = np.abs(longer - _SAME)
    paragraphs = (names != "duplicate") & (shared.words_per_passage() >= _PARAGRAPH)
    margins[paragraphs] = np.minimum(margins, np.abs(longer - _EXCERPT_OF))[paragraphs]
    open_to_quotes = longer < _OWN
    margins[open_to_quotes] = np.minimum(margins, np.abs(quoted - _QUOTED))[open_to_quotes]
    margins[np.isin(names, ("furniture", "template"))] = np.nan
    found: Floats = margins
    return found


def say(rule: str, shared: Shared) -> str:
    """Say in words what a rule of `judge` found in one pair."""
    longer, shorter = shared.share_of_longer()[0], shared.share_of_shorter()[0]
    quoted = shared.quoted_share()[0]
    return _SAID[rule].format(
        longer=f"{longer:.0%}",
        shorter=f"{shorter:.0%}",
        own=f"{1 - longer:.0%}",
        quoted=f"{quoted:.0%}",
        same=f"{_SAME:.0%}",
        words=f"{shared.words_per_passage()[0]:.0f}",
    )


_SAID = {
    "stub": "Both texts are short and have no word of their titles, which differ: a notice in "
    "place of two articles.",
    "form": "They share {shorter} in pieces of {words} words, with other facts between them: one "
    "form filled twice.",
    "same": "Shared passages make up {longer} of the longer text; from {same} on, or where "
    "nearly all distinct text is shared, it is one text version.",
    "common": "What they share is {longer} of the longer text and {shorter} of the shorter; their "
    "titles, and what they have beside it, say that it is the report of neither.",
    "quotation": "{quoted} of the shared words are quoted, inside quotation marks or attributed by "
    "both, and {own} of the longer text is not shared: two reports that quote the same.",
    "excerpt": "The shared paragraphs are {longer} of the longer text and {shorter} of the "
    "shorter, which has words of its own around them; neither names a news agency: one outlet "
    "quotes another.",
    "reuse": "Shared passages make up {shorter} of the shorter text and {longer} of the longer, "
    "and {quoted} of them is quotation: reporting is reused, and some of it differs.",
}


@cache
def _agencies() -> tuple[npt.NDArray[np.uint64], int]:
    """Give the hashes of agencies' names, and the words of the longest."""
    path = resources.files("dedup.data").joinpath("agencies.json")
    stored = json.loads(path.read_text(encoding="utf-8"))
    forms = {form for agency in stored["agencies"] for form in agency["short"] + agency["names"]}
    names = sorted(forms - set(stored["words"]))
    tokens = tokenizer.tokenise(pa.array(names, pa.large_string()))
    longest = int(np.diff(tokens.offsets).max(initial=0))
    return np.unique(tokenizer.hash_texts(tokens)), longest


def _names_agency(values: TokenValues, offsets: Offsets, pairs: Pairs) -> Bools:
    """Say of both texts of each pair whether they name a news agency."""
    rows, places = np.unique(pairs, return_inverse=True)
    found = np.empty(len(rows), dtype=np.bool_)
    kernels.name_places(values, offsets, rows, *_agencies(), found)
    named: Bools = found[places.reshape(pairs.shape)]
    return named
