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
from dedup.stages import evidence
from dedup.text import tokenizer
from dedup.text.tokenizer import LineList

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.stages.headings import Headings
    from dedup.text.tokenizer import Blocks, Tokens

    Words = npt.NDArray[np.uint32]
    Bools = npt.NDArray[np.bool_]
    Numbers = npt.NDArray[np.int64]
    Hashes = npt.NDArray[np.uint64]
    Floats = npt.NDArray[np.float64]

_ENOUGH, _ENOUGH_PROSE, _MOSTLY = 1.5, 2.2, 0.5
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


def learn(tokens: Tokens, outlets: Numbers, headings: Headings, found: Words) -> Bools:
    """Say which blocks are furniture of the pages that hold them.

    A block that is furniture of some pages is furniture wherever it stands.

    Args:
        tokens: Of all texts, with their blocks.
        outlets: A number for each text's outlet, -1 where it is unknown.
        headings: Of the same texts.
        found: For each block, which words of its page's heading stand in it.
    """
    blocks = tokens.blocks
    asked = np.empty(len(blocks.hashes), dtype=np.bool_)
    kernels.is_telling(blocks.offsets, blocks.ends, blocks.marks, _SHORTEST, asked)
    rank = _rank(blocks, headings, outlets)
    anywhere = np.zeros(len(outlets), dtype=np.uint64)
    repeated = _repeated(blocks, anywhere, 2)
    common, places, texts = kernels.find_blocks(
        blocks.hashes, blocks.offsets, anywhere, repeated, asked
    )
    is_common = np.zeros(len(asked), dtype=np.bool_)
    is_first = rank[texts] >= 0
    common, places, texts = common[is_first], places[is_first], texts[is_first]
    n_pages = _count_pages(places, texts)
    is_wide = n_pages[places] >= 2
    common, places, texts = common[is_wide], places[is_wide], texts[is_wide]
    if len(common) == 0:
        return is_common
    pairs, of_block = _neighbours(places, texts, rank)
    is_common[common] = True
    edge = np.empty_like(is_common)
    kernels.is_at_edge(blocks.offsets, blocks.ends, is_common, _BULK, edge)
    sizes = _sizes(blocks, common, texts)
    is_prose = (blocks.marks[common] & kernels.SENTENCE > 0) & (sizes >= _SHORT_LINE)
    is_label = ~is_prose & (sizes <= _SHORT_LINE)
    differ, apart = _differ(pairs, tokens, headings, found, outlets)
    # Each page of a block counts with the mean of its pairs.
    n = len(n_pages)
    page_place = np.concatenate((of_block[:, 1], of_block[:, 2]))
    of_pair = np.where(is_prose[of_block[:, 1]], apart[of_block[:, 3]], differ[of_block[:, 3]])
    votes = np.concatenate((of_pair, of_pair))
    total = np.bincount(page_place, votes, minlength=len(common))
    count = np.bincount(page_place, minlength=len(common))
    mean = total / np.maximum(count, 1)
    weight = mean * np.where(edge[common] | is_label, 1.0, _AMID)
    first = _first_in_text(places, texts)
    sums = np.bincount(places[first], np.rint(weight[first] * 1e6), minlength=n) / 1e6
    share = np.bincount(places[first], np.rint(mean[first] * 1e6), minlength=n) / 1e6
    share /= np.maximum(n_pages[:n], 1)
    prose = np.zeros(n, dtype=np.bool_)
    prose[places] = is_prose
    enough = (sums >= np.where(prose, _ENOUGH_PROSE, _ENOUGH)) & (share >= _MOSTLY)
    wanted = pair_keys.distinct(repeated_hashes(blocks, common[enough[places]]))
    kernels.is_among(blocks.hashes, wanted, is_common)
    return is_common


def repeated_hashes(blocks: Blocks, chosen: Numbers) -> Hashes:
    return blocks.hashes[chosen]


def _rank(blocks: Blocks, headings: Headings, outlets: Numbers) -> Numbers:
    """Order the pages by a hash of what they hold; -1 for pages that were fetched again.

    Pages of one outlet with one title are one page, and so are those with the same sentences.
    """
    n = len(outlets)
    pages = np.empty(n, dtype=np.uint64)
    kernels.hash_pages(blocks.hashes, blocks.marks, blocks.offsets, pages)
    prose = np.empty(n, dtype=np.uint64)
    kernels.hash_prose(blocks.hashes, blocks.marks, blocks.offsets, prose)
    order = np.argsort(pages, kind="stable")
    rank = np.empty(n, dtype=np.int64)
    rank[order] = np.arange(n)
    titled = headings.keys != 0
    for keys, usable in (
        (prose, prose != 0),
        (headings.keys ^ (outlets + 2).astype(np.uint64) * _OUTLET_KEY, titled),
    ):
        candidates = order[usable[order] & (rank[order] >= 0)]
        _, first = np.unique(keys[candidates], return_index=True)
        again = np.ones(len(candidates), dtype=np.bool_)
        again[first] = False
        rank[candidates[again]] = -1
    return rank


def _neighbours(places: Numbers, texts: Numbers, rank: Numbers):
    """Pair each page that holds a block with the next ones that do, in the order of their hashes.

    Returns:
        Distinct pairs of texts, and rows (place, number of the one block, of the other, pair).
    """
    first = _first_in_text(places, texts)
    order = first[np.lexsort((rank[texts[first]], places[first]))]
    of_place = places[order]
    found = []
    starts = np.searchsorted(of_place, of_place)
    counts = np.bincount(of_place)[of_place]
    at = np.arange(len(order))
    for step in (1, 2, 3):
        local = at - starts
        is_pair = counts > step
        # A ring: the last ones are paired with the first; two pages are paired once.
        is_pair &= ~((counts < 2 * step + 1) & (local + step >= counts) & (counts == 2 * step))
        other = starts + (local + step) % np.maximum(counts, 1)
        found.append(np.stack((order[is_pair], order[other[is_pair]]), axis=1))
    rows = np.concatenate(found)
    ends = np.sort(texts[rows], axis=1)
    packed = pair_keys.pack(ends)
    keys, place = np.unique(packed, return_inverse=True)
    pairs = pair_keys.unpack(keys)
    return pairs, np.stack((places[rows[:, 0]], rows[:, 0], rows[:, 1], place.reshape(-1)), axis=1)


def _differ(pairs, tokens, headings, found, outlets):
    """Say how sure it is, 0 to 1, that what two pages share is the report of neither."""
    blocks = tokens.blocks
    measured = np.empty((len(pairs), 2, 6))
    kernels.compare_pages(
        pairs,
        blocks.hashes,
        blocks.offsets,
        blocks.ends,
        blocks.marks,
        found,
        headings.words,
        headings.weights,
        headings.offsets,
        tokens.values,
        tokens.offsets,
        measured,
    )
    differ = _weigh(measured, outlets[pairs])
    same_subject = measured[:, :, 5].max(axis=1)
    return differ, differ * np.clip(1 - 2 * same_subject, 0, 1)


def _weigh(measured, outlets) -> Floats:
    """Weigh what was measured."""
    shared, own, place, inside, outside, _ = np.moveaxis(measured, 2, 0)
    side = evidence.of_pages(shared, own, evidence.of_titles(inside, outside), place)
    same = (outlets[:, 0] == outlets[:, 1]) & (outlets[:, 0] >= 0)
    apart = (outlets[:, 0] != outlets[:, 1]) & (outlets >= 0).all(axis=1)
    both = side.sum(axis=1) - 0.5 * same + 0.5 * apart
    return np.clip(-both / 2, 0, 1) * np.clip(1 - side.max(axis=1), 0, 1)


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


def _count_pages(places: Numbers, texts: Numbers) -> Numbers:
    """Count the distinct pages that hold each place; `texts` is ascending."""
    first = _first_in_text(places, texts)
    return np.bincount(places[first], minlength=int(places.max(initial=-1)) + 1)


def _first_in_text(places: Numbers, texts: Numbers) -> Numbers:
    """List where a place stands in a text for the first time; `texts` is ascending."""
    is_first = np.empty(len(places), dtype=np.bool_)
    kernels.is_first_in_text(places, texts, int(places.max(initial=-1)) + 1, is_first)
    return np.flatnonzero(is_first)
