"""Page furniture: the parts of a page text that are no part of the report.

What many pages have in common is a report that many carry, or furniture (menus, calls to
subscribe, notices) around different reports. A block, which is a sentence or the rest of a line, is
judged by pairs of the pages that hold it. For each pair all that the two share is weighed
(`evidence`): do the telling words of their titles stand in it or in the rest, how much of their own
prose is it, does it stand amid each page or around it. A block is furniture when its pages speak
clearly enough for it, and most of them do.

No number of pages decides by itself. Pages that were fetched again count once; a page is compared
with the next three that hold the block, in an order that their content decides, so that the work
grows with the pages. Beside what is learned there is a list of lines that are furniture anywhere
(`data/furniture.json`).
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from dedup import kernels
from dedup.kernels import pair_keys
from dedup.stages import evidence
from dedup.text import tokenizer
from dedup.text.tokenizer import LineList

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.records import Pairs
    from dedup.stages.headings import Headings
    from dedup.text.tokenizer import Blocks, Tokens

    Words = npt.NDArray[np.uint32]
    Bools = npt.NDArray[np.bool_]
    Numbers = npt.NDArray[np.int64]
    Hashes = npt.NDArray[np.uint64]
    Floats = npt.NDArray[np.float64]

_ENOUGH, _ENOUGH_PROSE = 1.5, 2.2
"""Sum of what pages say that makes a block furniture: two clear pages for a label, three for a
sentence, which may be agency background in two reports."""

_MOSTLY, _MOSTLY_OF_MANY, _MANY = 0.5, 0.4, 50
"""Mean of what pages say that makes a block furniture; less will do where many pages agree."""

_AMID = 0.125
"""What counts of a page in whose report, not at the edge of it, the block stands."""

_NEIGHBOURS = 3
"""Pages with which each page that holds a block is compared."""

_ONE_OUTLET, _TWO_OUTLETS = 0.5, 0.2
"""What speaks for furniture where two pages are of one outlet; and against where they are not,
which is less, because sister sites have outlets of their own."""

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


class Common(NamedTuple):
    """Blocks that stand on two pages or more, each once a page, pages in ascending order.

    `places` numbers the distinct blocks; `is_prose` says which are sentences.
    """

    blocks: Numbers
    places: Numbers
    pages: Numbers
    sizes: Numbers
    is_prose: Bools

    def take(self, kept: Numbers) -> Common:
        """Take some of them."""
        return Common(
            self.blocks[kept],
            self.places[kept],
            self.pages[kept],
            self.sizes[kept],
            self.is_prose[kept],
        )


class Judged(NamedTuple):
    """What was found of the blocks that pages have in common.

    Attributes:
        is_furniture: Of every block of all pages.
        common: Those that several pages have.
        said: How clearly each page says, 0 to 1, that the block is furniture there.
    """

    is_furniture: Bools
    common: Common
    said: Floats


def judge(tokens: Tokens, outlets: Numbers, headings: Headings, found: Words) -> Judged:
    """Say which blocks are furniture of the pages that hold them.

    A block that is furniture of some pages is furniture wherever it stands.

    Args:
        tokens: Of all texts, with their blocks.
        outlets: A number for each text's outlet, -1 where it is unknown.
        headings: Of the same texts.
        found: For each block, which words of its page's heading stand in it.
    """
    blocks = tokens.blocks
    is_common = np.zeros(len(blocks.hashes), dtype=np.bool_)
    rank = _rank(blocks, headings, outlets)
    common = _find_common(blocks, rank)
    said = np.zeros(len(common.blocks))
    if len(common.blocks) == 0:
        return Judged(is_common, common, said)
    is_common[common.blocks] = True
    weights = _where_it_counts(blocks, common, is_common)
    is_known = np.zeros(len(blocks.hashes), dtype=np.bool_)
    # Where no title speaks the place does, and a menu or footer is no page's own text around it:
    # so pages without titles are asked again when those are known.
    for asks in (np.ones(len(rank), dtype=np.bool_), np.diff(headings.offsets) == 0):
        asked = np.flatnonzero(asks[common.pages] & ~is_known[common.blocks])
        if len(asked) == 0:
            break
        some = common.take(asked)
        said[asked] = _ask_pages(tokens, is_known, some, rank, outlets, headings, found)
        learned = _furniture_hashes(blocks, some, said[asked], weights[asked])
        kernels.is_among(blocks.hashes, learned, is_common)
        is_known |= is_common
    return Judged(is_known, common, said)


def _rank(blocks: Blocks, headings: Headings, outlets: Numbers) -> Numbers:
    """Order the pages by a hash of what they hold; -1 for pages that were fetched again.

    Pages of one outlet with one title are one page, and so are those with the same sentences.
    """
    n = len(outlets)
    pages, prose = np.empty((2, n), dtype=np.uint64)
    kernels.hash_pages(blocks.hashes, blocks.marks, blocks.offsets, pages)
    kernels.hash_prose(blocks.hashes, blocks.marks, blocks.offsets, prose)
    order = np.lexsort((outlets, headings.keys, pages))
    rank = np.empty(n, dtype=np.int64)
    rank[order] = np.arange(n)
    titles = headings.keys ^ (outlets + 2).astype(np.uint64) * _OUTLET_KEY
    for keys, is_known in ((prose, prose != 0), (titles, headings.keys != 0)):
        asked = order[is_known[order] & (rank[order] >= 0)]
        _, first = np.unique(keys[asked], return_index=True)
        again = np.ones(len(asked), dtype=np.bool_)
        again[first] = False
        rank[asked[again]] = -1
    return rank


def _find_common(blocks: Blocks, rank: Numbers) -> Common:
    """Find the blocks that stand on two pages or more, without pages that were fetched again."""
    asked = np.empty(len(blocks.hashes), dtype=np.bool_)
    kernels.is_telling(blocks.offsets, blocks.ends, blocks.marks, _SHORTEST, asked)
    anywhere = np.zeros(len(rank), dtype=np.uint64)
    found, places, pages = kernels.find_blocks(
        blocks.hashes, blocks.offsets, anywhere, _repeated(blocks, anywhere, 2), asked
    )
    kept = np.flatnonzero(rank[pages] >= 0)
    kept = kept[_is_first_on_page(places[kept], pages[kept])]
    kept = kept[np.bincount(places[kept])[places[kept]] >= 2] if len(kept) else kept
    found, places, pages = found[kept], places[kept], pages[kept]
    sizes = _sizes(blocks, found, pages)
    is_prose = ((blocks.marks[found] & kernels.SENTENCE) > 0) & (sizes >= _SHORT_LINE)
    if len(found):
        is_prose = np.bincount(places, is_prose)[places] > 0  # a page may lack the stop
    return Common(found, places, pages, sizes, is_prose)


def _where_it_counts(blocks: Blocks, common: Common, is_common: Bools) -> Floats:
    """Say how much each page counts: fully where the block is a label or at an edge of it."""
    at_edge = np.empty_like(is_common)
    kernels.is_at_edge(blocks.offsets, blocks.ends, is_common, _BULK, at_edge)
    is_label = ~common.is_prose & (common.sizes <= _SHORT_LINE)
    return np.where(at_edge[common.blocks] | is_label, 1.0, _AMID)


def _ask_pages(
    tokens: Tokens,
    is_known: Bools,
    common: Common,
    rank: Numbers,
    outlets: Numbers,
    headings: Headings,
    found: Words,
) -> Floats:
    """Let each page that holds a block say, 0 to 1, how clearly it is furniture there.

    That is the mean over the pages it is compared with. What is said of a sentence counts less
    where the two pages are about the same thing, because reports share background.
    """
    one, other = _neighbours(common, rank)
    ends = np.sort(common.pages[np.stack((one, other), axis=1)], axis=1)
    keys, pair = np.unique(pair_keys.pack(ends), return_inverse=True)
    differ, same_subject = _compare(
        tokens, is_known, pair_keys.unpack(keys), outlets, headings, found
    )
    said = differ[pair] * np.where(common.is_prose[one], 1 - same_subject[pair], 1.0)
    n = len(common.blocks)
    total = np.bincount(one, said, minlength=n) + np.bincount(other, said, minlength=n)
    count = np.bincount(one, minlength=n) + np.bincount(other, minlength=n)
    votes: Floats = total / np.maximum(count, 1)
    return votes


def _neighbours(common: Common, rank: Numbers) -> tuple[Numbers, Numbers]:
    """Pair each page that holds a block with the next ones that do, in a ring by their rank."""
    order = np.lexsort((rank[common.pages], common.places))
    of_place = common.places[order]
    starts = np.searchsorted(of_place, of_place)
    counts = np.bincount(of_place)[of_place]
    places_in_ring = np.arange(len(order)) - starts
    one, other = [], []
    for step in range(1, _NEIGHBOURS + 1):
        asked = np.flatnonzero(counts > step)
        next_ones = starts[asked] + (places_in_ring[asked] + step) % counts[asked]
        one.append(order[asked])
        other.append(order[next_ones])
    return np.concatenate(one), np.concatenate(other)


def _compare(
    tokens: Tokens,
    is_known: Bools,
    pairs: Pairs,
    outlets: Numbers,
    headings: Headings,
    found: Words,
) -> tuple[Floats, Floats]:
    """Weigh what pairs of pages share, apart from blocks that are known to be furniture.

    Returns:
        How clear it is, 0 to 1, that it is the report of neither; and how sure, 0 to 1, that both
        are about the same thing.
    """
    blocks = tokens.blocks
    measured = np.empty((2 * len(pairs), kernels.PAGE_MEASURES))
    kernels.compare_pages(
        pairs,
        blocks.hashes,
        blocks.offsets,
        blocks.ends,
        blocks.marks | is_known * kernels.LISTED,
        found,
        headings.words,
        headings.weights,
        headings.offsets,
        tokens.values,
        tokens.offsets,
        measured,
    )
    by_pair = measured.reshape(-1, 2, kernels.PAGE_MEASURES)
    shared, own, place, inside, outside, elsewhere = by_pair.transpose(2, 0, 1)
    sides = evidence.of_pages(shared, own, evidence.of_titles(inside, outside), place)
    of_pairs = outlets[pairs]
    known = (of_pairs >= 0).all(axis=1)
    is_one = of_pairs[:, 0] == of_pairs[:, 1]
    against = -(
        sides.sum(axis=1) + np.where(known, np.where(is_one, -_ONE_OUTLET, _TWO_OUTLETS), 0.0)
    )
    clear = np.clip(against / 2, 0, 1) * np.clip(1 - sides.max(axis=1), 0, 1)
    return clear, np.clip(3 * (elsewhere.mean(axis=1) - 0.1), 0, 1)


def _furniture_hashes(blocks: Blocks, common: Common, votes: Floats, weights: Floats) -> Hashes:
    """List the blocks of which enough is said; sums are of millionths, exact in any order."""
    n = int(common.places.max()) + 1
    sums = np.bincount(common.places, np.rint(votes * weights * 1e6), minlength=n) / 1e6
    means = np.bincount(common.places, np.rint(votes * 1e6), minlength=n) / 1e6
    counts = np.maximum(np.bincount(common.places, minlength=n), 1)
    means /= counts
    is_prose = np.zeros(n, dtype=np.bool_)
    is_prose[common.places] = common.is_prose
    enough = (sums >= np.where(is_prose, _ENOUGH_PROSE, _ENOUGH)) & (
        means >= np.where(counts >= _MANY, _MOSTLY_OF_MANY, _MOSTLY)
    )
    return pair_keys.distinct(blocks.hashes[common.blocks[enough[common.places]]])


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


def _is_first_on_page(places: Numbers, pages: Numbers) -> Bools:
    """Say where a place stands on a page for the first time; `pages` is ascending."""
    is_first = np.empty(len(places), dtype=np.bool_)
    kernels.is_first_in_text(places, pages, int(places.max(initial=-1)) + 1, is_first)
    return is_first
