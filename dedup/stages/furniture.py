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

from dedup import kernels
from dedup.kernels import pair_keys
from dedup.text import tokenizer
from dedup.text.tokenizer import LineList

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.text.tokenizer import Blocks

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
_KEYS_AT_ONCE = 1 << 22


@cache
def line_list() -> LineList:
    """Load the list of lines that are furniture anywhere."""
    stored = resources.files("dedup.data").joinpath("furniture.json").read_text(encoding="utf-8")
    entries = json.loads(stored)["lines"]
    lines = [entry["text"] for entry in entries if entry["match"] == "line"]
    prefixes = [entry for entry in entries if entry["match"] == "prefix"]
    starts = tokenizer.tokenise(pa.array([entry["text"] for entry in prefixes], pa.large_string()))
    hashes, first = np.unique(tokenizer.hash_texts(starts), return_index=True)
    return LineList(
        lines=np.unique(
            tokenizer.hash_texts(tokenizer.tokenise(pa.array(lines, pa.large_string())))
        ),
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
    n = len(outlets)
    fresh = _is_first_copy(blocks, outlets)
    of_text = (outlets + 2).astype(np.uint64) * _OUTLET_KEY
    asked = np.empty(len(blocks.hashes), dtype=np.bool_)
    kernels.is_telling(blocks.offsets, blocks.ends, blocks.marks, _SHORTEST, asked)
    repeated = _repeated(blocks, of_text, _PAGES)
    common, places, texts = kernels.find_blocks(
        blocks.hashes, blocks.offsets, of_text, repeated, asked
    )
    pages = _count_pages(places, texts, fresh)
    is_wide = pages[places] >= _PAGES  # they come often enough, and on as many pages
    common, places, texts = common[is_wide], places[is_wide], texts[is_wide]
    is_common = np.zeros(len(asked), dtype=np.bool_)
    is_common[common] = True
    if len(common) == 0:
        return is_common
    sizes = _sizes(blocks, common, texts)
    own = 1 - np.bincount(texts, sizes, minlength=n) / np.maximum(_totals(blocks), 1)
    edge = np.empty_like(is_common)
    kernels.is_at_edge(blocks.offsets, blocks.ends, is_common, _BULK, edge)
    is_short_line = ((blocks.marks[common] & kernels.WHOLE_LINE) > 0) & (sizes <= _SHORT_LINE)
    weight = _weigh(places, texts, own**2 * fresh, edge[common] | is_short_line, len(pages))
    known = np.ones(len(pages), dtype=np.bool_)
    known[places] = outlets[texts] >= 0
    enough = (pages >= np.where(known, _PAGES, _PAGES_ANYWHERE)) & (
        weight >= np.where(known, _WEIGHT, _WEIGHT_ANYWHERE)
    )
    is_found = enough[places]
    found = blocks.hashes[common[is_found]]
    elsewhere = _single_pages(blocks, found, is_common, fresh)
    wanted = pair_keys.distinct(found[elsewhere < _ELSEWHERE * pages[places[is_found]]])
    kernels.is_among(blocks.hashes, wanted, is_common)
    return is_common


def _is_first_copy(blocks: Blocks, outlets: Numbers) -> Floats:
    """Give 1 for the first text of those in one outlet with the same blocks, 0 for the others."""
    of_text = np.empty(len(outlets), dtype=np.uint64)
    kernels.hash_pages(blocks.hashes, blocks.marks, blocks.offsets, of_text)
    _, first = np.unique(of_text ^ (outlets + 2).astype(np.uint64) * _OUTLET_KEY, return_index=True)
    fresh = np.zeros(len(outlets))
    fresh[first] = 1
    return fresh


def _repeated(blocks: Blocks, of_text: Hashes, least: int) -> Hashes:
    """List the keys, of block and outlet, that come at least so often; part by part."""
    bits = max(1, int(len(blocks.hashes) // _KEYS_AT_ONCE).bit_length())
    found = [np.empty(0, dtype=np.uint64)]
    for part in range(1 << bits):
        keys = kernels.take_keys(blocks.hashes, blocks.offsets, of_text, 64 - bits, part)
        ordered = kernels.sort_bits(keys, np.empty_like(keys), 0, 64 - bits)
        often = ordered[least - 1 :][ordered[least - 1 :] == ordered[: 1 - least]]
        found.append(often[: kernels.drop_repeats(often)])
    return np.concatenate(found)


def _sizes(blocks: Blocks, chosen: Numbers, texts: Numbers) -> Numbers:
    """Count the tokens of some blocks."""
    before = np.where(chosen > blocks.offsets[texts], blocks.ends[chosen - 1], 0)
    sizes: Numbers = blocks.ends[chosen].astype(np.int64) - before
    return sizes


def _totals(blocks: Blocks) -> Numbers:
    """Count the tokens in the blocks of each text."""
    has_any = blocks.offsets[1:] > blocks.offsets[:-1]
    totals = np.zeros(len(has_any), dtype=np.int64)
    totals[has_any] = blocks.ends[blocks.offsets[1:][has_any] - 1]
    return totals


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


def _single_pages(blocks: Blocks, found: Hashes, is_common: Bools, fresh: Floats) -> Numbers:
    """Count, for each found block, the pages of outlets in which it does not come often."""
    wanted = pair_keys.distinct(found.copy())
    anywhere = np.zeros(len(fresh), dtype=np.uint64)
    _, places, texts = kernels.find_blocks(
        blocks.hashes, blocks.offsets, anywhere, wanted, ~is_common
    )
    counts = np.zeros(len(wanted), dtype=np.int64)
    if len(places):
        pages = _count_pages(places, texts, fresh)
        counts[: len(pages)] = pages
    return counts[np.searchsorted(wanted, found)]
