"""All loops over numbers: arrays in, arrays out, compiled by numba.

Every kernel releases the GIL and gives the same bytes on any number of threads. Kernels trust their
input; callers check it. `tests/test_kernels.py` holds each against a slow twin or an oracle.

Change `KERNEL_VERSION` with any change that alters a hash: stored signatures depend on it.
"""

from __future__ import annotations

from dedup.kernels.alignment import align_sentences
from dedup.kernels.bands import band_items, bucket_pairs, crowded_keys, number_buckets
from dedup.kernels.blocks import (
    find_blocks,
    hash_pages,
    hash_prose,
    is_among,
    is_at_edge,
    is_telling,
    take_keys,
)
from dedup.kernels.characters import list_stops, load_unicode
from dedup.kernels.compiling import prepare_all
from dedup.kernels.disguise import undisguise
from dedup.kernels.graph import choose_anchors, connect, expand_pairs, nearest_anchor
from dedup.kernels.hashing import hash_tokens
from dedup.kernels.ids import add_ids, hash_strings
from dedup.kernels.labels import ADDED, COPIED, REWRITTEN
from dedup.kernels.mojibake import mend
from dedup.kernels.oddities import find_odd
from dedup.kernels.pages import MOST_WORDS, PAGE_MEASURES, compare_pages, find_headings
from dedup.kernels.passages import PASSAGE_MEASURES, measure_passages, name_places
from dedup.kernels.postings import (
    collect_packed,
    collect_postings,
    keep_newest,
    merge_sorted,
    pack_postings,
    unpack_postings,
)
from dedup.kernels.prints import by_place, drop_lone, pack_prints, sharing_pairs
from dedup.kernels.sentences import RUN, Sentences, Terms, cut_grams
from dedup.kernels.sets import (
    PAGE_PRINT,
    intersection_sizes,
    share_elsewhere,
    shingle_tokens,
    sign_sets,
)
from dedup.kernels.sorting import drop_repeats, is_first_in_text, sort_bits
from dedup.kernels.words import (
    FURNITURE,
    LISTED,
    QUOTED,
    SENTENCE,
    WHOLE_LINE,
    locate_tokens,
    mark_furniture,
    take_furniture,
    tokenise_texts,
)

__all__ = [
    "ADDED",
    "COPIED",
    "FURNITURE",
    "KERNEL_VERSION",
    "LISTED",
    "MOST_WORDS",
    "PAGE_MEASURES",
    "PAGE_PRINT",
    "PASSAGE_MEASURES",
    "QUOTED",
    "REWRITTEN",
    "RUN",
    "SENTENCE",
    "WHOLE_LINE",
    "Sentences",
    "Terms",
    "add_ids",
    "align_sentences",
    "band_items",
    "bucket_pairs",
    "by_place",
    "choose_anchors",
    "collect_packed",
    "collect_postings",
    "compare_pages",
    "connect",
    "crowded_keys",
    "cut_grams",
    "drop_lone",
    "drop_repeats",
    "expand_pairs",
    "find_blocks",
    "find_headings",
    "find_odd",
    "hash_pages",
    "hash_prose",
    "hash_strings",
    "hash_tokens",
    "intersection_sizes",
    "is_among",
    "is_at_edge",
    "is_first_in_text",
    "is_telling",
    "keep_newest",
    "list_stops",
    "load_unicode",
    "locate_tokens",
    "mark_furniture",
    "measure_passages",
    "mend",
    "merge_sorted",
    "name_places",
    "nearest_anchor",
    "number_buckets",
    "pack_postings",
    "pack_prints",
    "prepare_all",
    "share_elsewhere",
    "sharing_pairs",
    "shingle_tokens",
    "sign_sets",
    "sort_bits",
    "take_furniture",
    "take_keys",
    "tokenise_texts",
    "undisguise",
    "unpack_postings",
]

KERNEL_VERSION = 4
