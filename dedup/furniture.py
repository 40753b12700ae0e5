"""Page furniture: the parts of a page text that are no part of the report.

Menus, calls to subscribe, captions and notices come again on page after page of one outlet. A
block (a sentence, or the rest of a line) that comes again in pages which otherwise have text of
their own is furniture; one that comes again in pages which share most of what they say belongs to a
report that the outlet ran several times. A block that other outlets carry in single pages is no
furniture either: that is how agency background and quotations look. Beside what is learned there is
a list of lines that are furniture anywhere (`data/furniture.json`).

The weight of a block in an outlet is the sum, over the distinct pages that hold it, of the square
of the share of the page that is its own (in no block that `_PAGES` pages or more hold), an eighth
of it where the block stands amid the report. The squares make three pages that are half their own
weigh as much as seven versions of a report that are each a third their own. Method and figures are
ours; they were chosen by reading what each choice removed (`docs/architecture.md`).
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from dedup import kernels, packing, text
from dedup.text import LineList

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.text import Blocks

    Bools = npt.NDArray[np.bool_]
    Numbers = npt.NDArray[np.int64]
    Hashes = npt.NDArray[np.uint64]
    Floats = npt.NDArray[np.float64]

_PAGES, _WEIGHT = 3, 0.75
"""Furniture of an outlet: on so many of its pages, and three of them half their own."""

_PAGES_ANYWHERE, _WEIGHT_ANYWHERE = 10, 5.0
"""The same for pages of unknown outlets, where three pages may well have one agency's paragraph."""

_ELSEWHERE = 0.2
"""In so many single pages of other outlets, for each page of the outlet, it is agency copy."""

_AMID = 0.125
"""What counts of a page in whose report, not at the edge of it, the block stands."""

_SHORTEST = 4
"""Tokens of a block that is not a whole line: shorter ones are often cut off at abbreviations."""

_SHORT_LINE = 8
_BULK = 100
"""Tokens of a row of common blocks that is a menu or a gallery wherever it stands."""

_OUTLET_KEY = np.uint64(0x9E3779B97F4A7C15)


@cache
def line_list() -> LineList:
    """Load the list of lines that are furniture anywhere."""
    stored = resources.files("dedup.data").joinpath("furniture.json").read_text(encoding="utf-8")
    entries = json.loads(stored)["lines"]
    lines = [entry["text"] for entry in entries if entry["match"] == "line"]
    prefixes = [entry for entry in entries if entry["match"] == "prefix"]
    starts = text.tokenise(pa.array([entry["text"] for entry in prefixes], pa.large_string()))
    hashes, first = np.unique(text.hash_texts(starts), return_index=True)
    return LineList(
        lines=np.unique(text.hash_texts(text.tokenise(pa.array(lines, pa.large_string())))),
        prefixes=hashes,
        limits=np.array([prefixes[i]["max_words"] for i in first], dtype=np.int64),
        longest=int(np.diff(starts.offsets).max(initial=0)),
    )


def learn(blocks: Blocks, outlets: Numbers) -> Bools:
    """Say which blocks come again on pages of their outlet that have text of their own.

    A block that is furniture of one outlet is furniture wherever it stands.

    Args:
        blocks: Of all texts.
        outlets: A number for each text's outlet, -1 where it is unknown.
    """
    texts, sizes, n = blocks.texts(), blocks.sizes(), len(outlets)
    fresh = _is_first_copy(blocks, outlets)
    keys = blocks.hashes ^ (outlets + 2).astype(np.uint64)[texts] * _OUTLET_KEY
    places = _repeated(keys, _PAGES)
    whole_line = (blocks.marks & kernels.WHOLE_LINE) > 0
    places[~whole_line & (sizes < _SHORTEST)] = -1
    common = np.flatnonzero(places >= 0)  # blocks that come often enough, if on as many pages
    pages = _count_pages(places[common], texts[common], fresh)
    is_common = np.zeros(len(keys), dtype=np.bool_)
    is_common[common[pages[places[common]] >= _PAGES]] = True
    common = np.flatnonzero(is_common)
    if len(common) == 0:
        return is_common
    total = np.bincount(texts, sizes, minlength=n)
    own = 1 - np.bincount(texts, sizes * is_common, minlength=n) / np.maximum(total, 1)
    edge = _is_at_edge(blocks, texts, is_common) | _is_in_bulk(blocks, sizes, is_common)
    edge |= whole_line & (sizes <= _SHORT_LINE)
    weight = _weigh(places[common], texts[common], own**2 * fresh, edge[common], len(pages))
    known = np.ones(len(pages), dtype=np.bool_)
    known[places[common]] = outlets[texts[common]] >= 0
    enough = (pages >= np.where(known, _PAGES, _PAGES_ANYWHERE)) & (
        weight >= np.where(known, _WEIGHT, _WEIGHT_ANYWHERE)
    )
    found = common[enough[places[common]]]
    elsewhere = _single_pages(blocks.hashes, found, is_common, texts, fresh)
    rare = elsewhere < _ELSEWHERE * pages[places[found]]
    wanted = packing.distinct(blocks.hashes[found[rare]])
    kernels.find_places(blocks.hashes, wanted, places)
    found_anywhere: Bools = places >= 0
    return found_anywhere


def _is_first_copy(blocks: Blocks, outlets: Numbers) -> Floats:
    """Give 1 for the first text of those in one outlet with the same blocks, 0 for the others."""
    place = np.arange(len(blocks.hashes)) - np.repeat(blocks.offsets[:-1], np.diff(blocks.offsets))
    in_order = (blocks.hashes ^ blocks.marks) * (2 * place + 1).astype(np.uint64)
    sums = np.concatenate((np.zeros(1, np.uint64), np.cumsum(in_order)))
    of_text = sums[blocks.offsets[1:]] - sums[blocks.offsets[:-1]]
    _, first = np.unique(of_text ^ (outlets + 2).astype(np.uint64) * _OUTLET_KEY, return_index=True)
    fresh = np.zeros(len(outlets))
    fresh[first] = 1
    return fresh


def _repeated(keys: Hashes, least: int) -> Numbers:
    """Number the keys that come at least so often; give each key's number, -1 for the others."""
    ordered = kernels.sort_bits(keys.copy(), np.empty_like(keys), 0, 64)
    repeated = ordered[least - 1 :][ordered[least - 1 :] == ordered[: 1 - least]]
    repeated = repeated[: kernels.drop_repeats(repeated)]
    places = np.empty(len(keys), dtype=np.int64)
    kernels.find_places(keys, repeated, places)
    return places


def _count_pages(places: Numbers, texts: Numbers, fresh: Floats) -> Numbers:
    """Count the distinct first copies that hold each place; `texts` is ascending."""
    first = _first_in_text(places, texts)
    counts = np.bincount(places[first], fresh[texts[first]], minlength=places.max(initial=-1) + 1)
    return counts.astype(np.int64)


def _first_in_text(places: Numbers, texts: Numbers) -> Numbers:
    """List where a place stands in a text for the first time; `texts` is ascending."""
    is_first = np.empty(len(places), dtype=np.bool_)
    kernels.is_first_in_text(places, texts, int(places.max(initial=-1)) + 1, is_first)
    return np.flatnonzero(is_first)


def _weigh(places: Numbers, texts: Numbers, weights: Floats, edge: Bools, n: int) -> Floats:
    """Sum the weights of the texts that hold each place, less where it stands amid the report.

    Weights are rounded to millionths, whose sums are exact: the order of the texts cannot matter.
    """
    first = _first_in_text(places, texts)
    of_text = np.rint(weights[texts[first]] * np.where(edge[first], 1.0, _AMID) * 1e6)
    sums: Floats = np.bincount(places[first], of_text, minlength=n) / 1e6
    return sums


def _is_at_edge(blocks: Blocks, texts: Numbers, is_common: Bools) -> Bools:
    """Say which blocks have at most one block of their page's own on one side."""
    own = np.concatenate(([0], np.cumsum(~is_common)))
    before = own[:-1] - own[blocks.offsets[texts]]
    after = own[blocks.offsets[texts + 1]] - own[1:]
    edge: Bools = np.minimum(before, after) <= 1
    return edge


def _is_in_bulk(blocks: Blocks, sizes: Numbers, is_common: Bools) -> Bools:
    """Say which blocks stand in a row of common blocks of `_BULK` tokens or more."""
    breaks = np.zeros(len(sizes) + 1, dtype=np.bool_)
    breaks[blocks.offsets] = True
    breaks[1:-1] |= is_common[1:] != is_common[:-1]
    row = np.cumsum(breaks[:-1]) - 1
    in_bulk: Bools = np.bincount(row, sizes)[row] >= _BULK
    return in_bulk & is_common


def _single_pages(
    hashes: Hashes,
    found: Numbers,
    is_common: Bools,
    texts: Numbers,
    fresh: Floats,
) -> Numbers:
    """Count, for each found block, the pages of outlets in which it does not come often."""
    wanted = packing.distinct(hashes[found])
    places = np.empty(len(hashes), dtype=np.int64)
    kernels.find_places(hashes, wanted, places)
    single = np.flatnonzero((places >= 0) & ~is_common)
    counts = np.zeros(len(wanted), dtype=np.int64)
    if len(single):
        pages = _count_pages(places[single], texts[single], fresh)
        counts[: len(pages)] = pages
    return counts[places[found]]
