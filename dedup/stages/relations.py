"""What kind of match a pair is, from the passages its texts share.

How much two texts share says little: a reprint in other page furniture, an updated agency story and
two reports that quote one speech may all share half of their words. What decides is which words
those are. Rules, in this order:

- `duplicate`: passages make up `_SAME` of the longer text, so neither has much of its own.
- `quote`, quotation: at least `_QUOTED` of the shared words stand inside quotation marks, at least
  half of the longer text is its own, and some of the shorter one too.
- `quote`, excerpt: the shorter text has taken whole paragraphs (`_PARAGRAPH` words a passage) that
  are a small part of the longer one, has words of its own around them, the two are of different
  outlets, and neither text names a news agency: so it is one outlet quoted by another, not two
  carriers of the same copy.
- `version`: all others; reporting is reused.

The thresholds lie in the middle of wide gaps between labelled pairs, see `docs/architecture.md`.
"""

from __future__ import annotations

import json
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from dedup import kernels
from dedup.stages import evidence
from dedup.text import tokenizer, weights

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.records import Offsets, Pairs, TokenValues
    from dedup.stages.headings import Headings
    from dedup.settings import Settings
    from dedup.stages.shingles import ShingleSets
    from dedup.stages.similarity import Overlaps

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Rows = npt.NDArray[np.int64]

SHORTEST = 5
"""Words of the shortest passage."""

_SAME, _QUOTED, _OWN = 0.75, 0.45, 0.5
_EXCERPT_OF, _EXCERPT_IN, _PARAGRAPH = 1 / 3, (0.5, 0.8), 30

_REUSED_WORDS, _ALL_BUT = 100, 0.85
"""A version tells the same story if so many words are shared, or all but a few of the shorter."""

_PARTNERS = 0.7
_FORM_SHARE = 1 / 3
_ABOUT_ONE = 0.2
_SAME_SETS = 0.8
_FORM, _MAYBE_FORM = 1.75, 1.0
_SURE, _SURE_SIDE, _ELSEWHERE, _MOST_AGAINST = 0.55, 1.5, 0.7, 16
_MEASURES = 13
_PAIRS_PER_TASK = 1_000


@dataclass(frozen=True, slots=True)
class Shared:
    """What the texts of n pairs share, in words outside furniture.

    Attributes:
        words_a: Words of the first text of each pair.
        words_b: Words of the second.
        covered_a: Words of the first text that stand in shared passages.
        covered_b: Words of the second.
        total: Words of the passages, one by one.
        quoted: Those of them that stand inside quotation marks in one of the texts.
        passages: How many passages there are.
    """

    words_a: Rows
    words_b: Rows
    covered_a: Rows
    covered_b: Rows
    total: Rows
    quoted: Rows
    passages: Rows
    opening: Rows
    between: Rows
    rare_shared: Rows
    rare: Rows
    jumps: Rows
    attributed: Rows
    titles: npt.NDArray[np.float32]

    def share_of_longer(self) -> Floats:
        """Share of the longer text's words in passages; of equally long ones, the lower share."""
        return self._share(longer=True)

    def share_of_shorter(self) -> Floats:
        """Share of the shorter text's words in passages; of equally long ones, the higher share."""
        return self._share(longer=False)

    def quoted_share(self) -> Floats:
        """Share of the passages' words that are quoted: inside marks, or attributed by both."""
        share: Floats = np.maximum(self.quoted, self.attributed) / np.maximum(self.total, 1)
        return share

    def words_per_passage(self) -> Floats:
        """Mean length of the passages."""
        mean: Floats = self.total / np.maximum(self.passages, 1)
        return mean

    def _share(self, *, longer: bool) -> Floats:
        a = self.covered_a / np.maximum(self.words_a, 1)
        b = self.covered_b / np.maximum(self.words_b, 1)
        of_a = (self.words_a > self.words_b) == longer
        chosen = np.where(of_a, a, b)
        equal = np.minimum(a, b) if longer else np.maximum(a, b)
        share: Floats = np.where(self.words_a == self.words_b, equal, chosen)
        return share


@dataclass(frozen=True, slots=True)
class Relations:
    """The relation of n pairs.

    Attributes:
        names: "duplicate", "version" or "quote".
        rules: The rule that decided: "same", "quotation", "excerpt" or "reuse".
        margins: How far the nearest border of a decision was, as a share; 0 is on it.
        same_story: Whether the pair ties a story together.
    """

    names: npt.NDArray[np.str_]
    rules: npt.NDArray[np.str_]
    margins: Floats
    same_story: Bools


def measure(
    values: TokenValues,
    offsets: Offsets,
    pairs: Pairs,
    headings: Headings,
    executor: Executor | None = None,
) -> Shared:
    """Find the passages that the texts of each pair share, and measure them.

    Args:
        values: Token values of all texts, with their marks.
        offsets: Text i is `values[offsets[i] : offsets[i + 1]]`.
        pairs: Numbers of texts.
        executor: Threads to share the work; the result is the same without.
    """
    measures = np.zeros((len(pairs), _MEASURES), dtype=np.int64)
    titles = np.zeros((len(pairs), 2, 3), dtype=np.float32)
    lengths = np.diff(offsets)[pairs]
    longer = np.where(lengths[:, 0] >= lengths[:, 1], pairs[:, 0], pairs[:, 1])
    order = np.argsort(longer, kind="stable")  # a text is indexed once for all its pairs
    ordered = pairs[order]

    def count(start: int) -> None:
        part = slice(start, start + _PAIRS_PER_TASK)
        runs = np.empty((0, 5), dtype=np.int32)
        kernels.measure_passages(
            values,
            offsets,
            ordered[part],
            SHORTEST,
            kernels.FURNITURE,
            headings.words,
            headings.weights,
            headings.offsets,
            weights.common_words(),
            speech(),
            measures[part],
            titles[part],
            runs,
        )

    starts = range(0, len(pairs), _PAIRS_PER_TASK)
    for _ in map(count, starts) if executor is None else executor.map(count, starts):
        pass
    in_order = np.empty_like(measures)
    in_order[order] = measures
    titles_in_order = np.empty_like(titles)
    titles_in_order[order] = titles
    return Shared(*in_order.T, titles_in_order)


def is_reused(shared: Shared) -> Bools:
    """Say of each pair whether it shares enough words to tell one story."""
    found: Bools = (shared.total >= _REUSED_WORDS) | (shared.share_of_shorter() >= _ALL_BUT)
    return found


def measure_one(
    values: TokenValues, offsets: Offsets, pair: Pairs, headings: Headings
) -> tuple[Shared, npt.NDArray[np.int32]]:
    """Measure one pair, and give its passages.

    Returns:
        The measures, and a row for each passage: where it starts in the first and in the second
        text, where it ends in them (in tokens, furniture counted), and its words.
    """
    measures = np.zeros((1, _MEASURES), dtype=np.int64)
    titles = np.zeros((1, 2, 3), dtype=np.float32)
    longest = int(np.diff(offsets)[pair].max(initial=0))
    runs = np.empty((longest // SHORTEST + 1, 5), dtype=np.int32)
    n = kernels.measure_passages(
        values,
        offsets,
        pair,
        SHORTEST,
        kernels.FURNITURE,
        headings.words,
        headings.weights,
        headings.offsets,
        weights.common_words(),
            speech(),
        measures,
        titles,
        runs,
    )
    return Shared(*measures.T, titles), runs[:n]


def say(rule: str, shared: Shared) -> str:
    """Say in words what a rule of `judge` found in one pair."""
    longer, shorter = shared.share_of_longer()[0], shared.share_of_shorter()[0]
    if rule == "same":
        return (
            f"Shared passages make up {longer:.0%} of the longer text; from {_SAME:.0%} on it is "
            "one text version."
        )
    if rule == "quotation":
        return (
            f"{shared.quoted_share()[0]:.0%} of the shared words stand inside quotation marks, "
            f"and {1 - longer:.0%} of the longer text is not shared: two reports that quote the "
            "same."
        )
    if rule == "excerpt":
        return (
            f"The shared paragraphs are {longer:.0%} of the longer text and {shorter:.0%} of the "
            "shorter, which has words of its own around them; neither names a news agency: one "
            "outlet quotes another."
        )
    return (
        f"Shared passages make up {shorter:.0%} of the shorter text and {longer:.0%} of the "
        f"longer, and {shared.quoted_share()[0]:.0%} of them is quotation: reporting is reused, "
        "and some of it differs."
    )


def judge(
    shared: Shared,
    overlaps: Overlaps,
    values: TokenValues,
    offsets: Offsets,
    rows: Pairs,
    outlets: Pairs,
    sets: ShingleSets,
    stubs: Bools,
    settings: Settings,
) -> Relations:
    """Say what kind of match each pair is.

    Args:
        shared: From `measure`.
        overlaps: The same pairs, with the containment of their shingles.
        values: See `measure`; `offsets` likewise.
        offsets: See `values`.
        rows: The numbers of the texts of each pair, as given to `measure`.
        outlets: A number for the outlet of each text, -1 where it is unknown or several.
        story_containment: See `Settings`.
    """
    longer, shorter, quoted = (
        shared.share_of_longer(),
        shared.share_of_shorter(),
        shared.quoted_share(),
    )
    sides = _sides(shared)
    form = form_score(shared, np.zeros(len(longer))) >= _MAYBE_FORM
    form = is_form(shared, partners(form, overlaps.pairs))
    stub = stubs & (overlaps.jaccard() >= _SURE)
    form &= ~stub
    same = ~form & ~stub & ((longer >= _SAME) | (overlaps.jaccard() >= _SAME_SETS))
    common = ~form & ~same & ~stub & (not settings.keep_furniture) & _is_common(shared, sides, overlaps, outlets, sets, rows)
    common |= stub
    known = form | same | common
    quotation = ~known & (quoted >= _QUOTED) & (longer < _OWN) & (shorter < _ALL_BUT)
    excerpt = ~known & ~quotation & (longer < _EXCERPT_OF)
    excerpt &= (shorter >= _EXCERPT_IN[0]) & (shorter < _EXCERPT_IN[1])
    excerpt &= shared.words_per_passage() >= _PARAGRAPH
    excerpt &= (outlets[:, 0] != outlets[:, 1]) | (outlets[:, 0] < 0)
    in_doubt = np.flatnonzero(excerpt)
    excerpt[in_doubt] = ~_names_agency(values, offsets, rows[in_doubt]).any(axis=1)
    rules = np.select(
        [stub, form, same, common, quotation, excerpt],
        ["stub", "form", "same", "common", "quotation", "excerpt"],
        "reuse",
    )
    names = np.select(
        [form, same, common, quotation | excerpt],
        ["template", "duplicate", "furniture", "quote"],
        "version",
    )
    reused = (overlaps.containment() >= settings.story_containment) & is_reused(shared)
    margins = np.abs(longer - _SAME)
    paragraphs = (names != "duplicate") & (shared.words_per_passage() >= _PARAGRAPH)
    margins[paragraphs] = np.minimum(margins, np.abs(longer - _EXCERPT_OF))[paragraphs]
    open_to_quotes = longer < _OWN
    margins[open_to_quotes] = np.minimum(margins, np.abs(quoted - _QUOTED))[open_to_quotes]
    return Relations(names, rules, margins, same | ((names == "version") & reused))


def _sides(shared: Shared) -> Floats:
    """Say for each text of each pair how much speaks for the shared text being its report."""
    covered = np.stack((shared.covered_a, shared.covered_b), axis=1)
    words = np.stack((shared.words_a, shared.words_b), axis=1)
    title = evidence.of_titles(shared.titles[:, :, 0], shared.titles[:, :, 1])
    return evidence.of_pages(covered, words - covered, title)


def is_form(shared: Shared, partners: Floats) -> Bools:
    """Say of each pair whether it is one form filled with other facts."""
    return form_score(shared, partners) >= _FORM


def form_score(shared: Shared, partners: Floats) -> Floats:
    short = np.minimum(shared.words_a, shared.words_b)
    long = np.maximum(shared.words_a, shared.words_b)
    length = shared.words_per_passage()
    own = 1 - shared.share_of_shorter()
    between = np.minimum(shared.between / np.maximum(short, 1), 1)
    pieces = np.clip((25 - length) / 15, 0, 1) * np.clip(between / 0.3, 0, 1)
    title = evidence.of_titles(shared.titles[:, :, 0], shared.titles[:, :, 1]).mean(axis=1)
    facts = shared.rare_shared / np.maximum(shared.rare, 1)
    score = 3 * (pieces - 0.5) - 1.5 * title
    score += 3 * (0.6 - facts) * (shared.rare > 0)
    score += 0.25 * (4 - shared.opening)
    score += _PARTNERS * np.minimum(5, np.log2(1 + partners))
    score += 2 * shared.jumps / np.maximum(shared.passages - 1, 1)
    score -= 2.5 * (long - short) / np.maximum(long, 1)
    return np.where((pieces > 0) & (shared.share_of_longer() >= _FORM_SHARE), score, -9.0)


def partners(form: Bools, pairs: Pairs) -> Floats:
    """Count, for each pair, the pages that are fillings of one form with the one and the other."""
    n = int(pairs.max(initial=-1)) + 1
    degree = np.bincount(pairs[form].reshape(-1), minlength=n)
    return np.minimum(degree[pairs[:, 0]], degree[pairs[:, 1]]) - form.astype(float)


def _is_common(
    shared: Shared,
    sides: Floats,
    overlaps: Overlaps,
    outlets: Pairs,
    sets: ShingleSets,
    rows: Pairs,
) -> Bools:
    """Say of each pair whether what it shares is furniture of both."""
    best = sides.max(axis=1)
    titled = (shared.titles[:, :, :2].sum(axis=2) > 0).any(axis=1)
    known = (outlets >= 0).all(axis=1)
    within = (outlets[:, 0] == outlets[:, 1]) & known
    apart = (outlets[:, 0] != outlets[:, 1]) & known
    strength = sides.sum(axis=1) - 0.5 * within + 0.5 * apart
    about_one = shared.titles[:, :, 2].mean(axis=1) >= _ABOUT_ONE
    clear = ~about_one & (best < 0) & np.where(titled, strength < -0.5, strength < -1.5)
    clear &= np.where(apart, (strength < -2) & (shared.passages <= 3), True)
    doubt = ~clear & ~about_one & within & (best < _SURE_SIDE) & (overlaps.jaccard() < _SURE)
    asked = np.flatnonzero(doubt)
    found = clear.copy()
    if len(asked) and clear.any():
        shares = _shares_elsewhere(overlaps.pairs, asked, clear, rows, sets)
        found[asked] = shares >= _ELSEWHERE
    return found


def _shares_elsewhere(
    pairs: Pairs, asked: Rows, clear: Bools, rows: Pairs, sets: ShingleSets
) -> Floats:
    """Give the share of what each pair has in common that a third text has too, whose report is
    clearly another."""
    ends = np.concatenate((pairs[clear], pairs[clear][:, ::-1]))
    texts = np.concatenate((rows[clear], rows[clear][:, ::-1]))
    order = np.lexsort((ends[:, 1], ends[:, 0]))
    starts = np.concatenate(([0], np.cumsum(np.bincount(ends[:, 0], minlength=int(pairs.max()) + 1))))
    shares = np.empty(len(asked))
    kernels.share_elsewhere(
        sets.values,
        sets.offsets,
        rows[asked],
        pairs[asked],
        starts,
        texts[order, 1],
        _MOST_AGAINST,
        shares,
    )
    return shares


@cache
def speech() -> npt.NDArray[np.uint64]:
    """Give the hashes of the words that say whose words stand beside them."""
    stored = resources.files("dedup.data").joinpath("speech.json").read_text(encoding="utf-8")
    words = sorted({word for words in json.loads(stored)["words"].values() for word in words})
    tokens = tokenizer.tokenise(pa.array(words, pa.large_string()))
    return np.unique(tokens.values >> np.uint32(2)).astype(np.uint64)


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
