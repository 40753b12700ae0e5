"""Tokens to what texts are compared by: page furniture is marked, the rest shingled and signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup import kernels
from dedup.engines.sketches import Sketches
from dedup.stages import furniture, headings, minhash, shingles

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.engines.articles import Articles
    from dedup.engines.context import Context
    from dedup.records import Signatures
    from dedup.stages.headings import Headings
    from dedup.stages.shingles import Prints, ShingleSets
    from dedup.text.tokenizer import Tokens

    Rows = npt.NDArray[np.int64]
    Kinds = npt.NDArray[np.uint8]

_TOKENS_PER_TASK = 2_000_000


class FoundHeadings(NamedTuple):
    """What pages say they are about, and for each block which words of it stand there."""

    of_pages: Headings
    in_blocks: npt.NDArray[np.uint32]


def read_headings(articles: Articles, context: Context) -> FoundHeadings:
    """Read what pages say they are about, and find it in them."""
    with context.stage("headings"):
        metadata, tokens = articles.metadata(), articles.tokens()
        found = headings.read(metadata.column("title"), metadata.column("url"))
        in_blocks = headings.find(found, tokens)
        return FoundHeadings(headings.mark_untold(found, tokens, in_blocks), in_blocks)


def find_furniture(articles: Articles, said: FoundHeadings, context: Context) -> Kinds:
    """Mark the page furniture in the articles' tokens.

    Returns:
        The kind of each block, as a place in `tables.KINDS`.
    """
    is_done = context.resumes("furniture", {})
    kinds = context.space.column("furniture", np.uint8)
    if is_done:
        return kinds.values()
    tokens = articles.tokens()
    context.account.counts |= {"tokens": len(tokens.values), "furniture_tokens": 0}
    if context.settings.keep_furniture:
        kinds.extend(np.zeros(len(tokens.blocks.hashes), dtype=np.uint8))
    else:
        with context.stage("furniture"):
            outlets = articles.outlets()
            kinds.extend(_kinds_of(tokens, outlets, said))
            context.account.counts["furniture_tokens"] = _mark(tokens, kinds.values() > 0, context)
    context.finish("furniture", {})
    return kinds.values()


def _kinds_of(tokens: Tokens, outlets: Rows, said: FoundHeadings) -> Kinds:
    """Say what kind of furniture each block is."""
    learned = furniture.judge(tokens, outlets, said.of_pages, said.in_blocks).is_furniture
    listed = (tokens.blocks.marks & kernels.LISTED) > 0
    return np.where(learned, 1, np.where(listed, 2, 0)).astype(np.uint8)


def _mark(tokens: Tokens, is_found: npt.NDArray[np.bool_], context: Context) -> int:
    """Mark the tokens of the blocks that are furniture, and count them."""
    blocks = tokens.blocks

    def mark(rows: tuple[int, int]) -> int:
        part = slice(rows[0], rows[1] + 1)
        n: int = kernels.mark_furniture(
            tokens.values, tokens.offsets[part], blocks.offsets[part], blocks.ends, is_found
        )
        return n

    return sum(context.threads.map(mark, _slices(tokens.offsets)))


def sketch(articles: Articles, context: Context) -> Sketches:
    """Shingle and sign what is left of the articles, in threads, in order."""
    settings = context.settings
    depends_on = context.settings_named("shingle_size", "num_perm", "seed", "min_tokens")
    is_done = context.resumes("sketch", depends_on)
    sketches = Sketches(context.space, settings.num_perm)
    if is_done:
        return sketches
    tokens = articles.tokens()

    def sketch_some(rows: tuple[int, int]) -> tuple[ShingleSets, Prints, Signatures]:
        offsets = tokens.offsets[rows[0] : rows[1] + 1]
        values = tokens.values[offsets[0] : offsets[-1]]
        sets, prints = shingles.shingle_tokens(values, offsets - offsets[0], settings)
        return sets, prints, minhash.sign(sets, settings)

    with context.stage("sketch"):
        for parts in context.threads.in_order(sketch_some, _slices(tokens.offsets)):
            sketches.add(*parts)
            context.account.progress("sketch", len(sketches))
    context.account.bytes |= sketches.sizes_in_bytes()
    context.finish("sketch", depends_on)
    return sketches


def _slices(offsets: Rows) -> list[tuple[int, int]]:
    """Cut texts into runs of about `_TOKENS_PER_TASK` tokens: first row and the row behind it."""
    ends = np.searchsorted(offsets, np.arange(_TOKENS_PER_TASK, offsets[-1], _TOKENS_PER_TASK))
    bounds = np.unique(np.concatenate(([0], ends, [len(offsets) - 1])))
    return list(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True))
