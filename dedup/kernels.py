"""All loops over numbers: arrays in, arrays out, compiled by numba.

Every kernel releases the GIL and gives the same bytes on any number of threads. Kernels trust their
input; callers check it. `tests/test_kernels.py` holds each against a slow twin or an oracle.

Change `KERNEL_VERSION` with any change that alters a hash: stored signatures depend on it.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.records import Bytes, Offsets, Pairs, Shingles, Signatures

    U32 = npt.NDArray[np.uint32]
    U64 = npt.NDArray[np.uint64]
    I64 = npt.NDArray[np.int64]

KERNEL_VERSION = 1

_SEPARATOR, _WORD, _TOKEN, _EXPANDED = np.uint32(0), np.uint32(1), np.uint32(2), np.uint32(3)
_CLASS = np.uint32(3)
_REPLACEMENT = np.uint32(0xFFFD)

# Odd multipliers: the 64-bit golden ratio, and the two of MurmurHash3's finaliser.
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xFF51AFD7ED558CCD)
_MIX2 = np.uint64(0xC4CEB9FE1A85EC53)
_S33, _S32 = np.uint64(33), np.uint64(32)
_S5, _S59 = np.uint64(5), np.uint64(59)
_BYTE = np.uint32(255)
_LOW32 = np.uint64(0xFFFFFFFF)


@cache
def load_unicode() -> tuple[U32, U32]:
    """Load the tokeniser's table: `entries` per code point, and `expansions`.

    Their form is described in `dedup/data/build_unicode.py`.
    """
    with (
        resources.files("dedup.data").joinpath("unicode.npz").open("rb") as file,
        np.load(file, allow_pickle=False) as stored,
    ):
        entries = stored["entries"] ^ np.arange(0x110000, dtype=np.uint32) << np.uint32(2)
        return entries, stored["expansions"]


@njit(cache=True, nogil=True, inline="always")
def _mix(h):  # type: ignore[no-untyped-def]
    h ^= h >> _S33
    h *= _MIX1
    h ^= h >> _S33
    h *= _MIX2
    return h ^ (h >> _S33)


@njit(cache=True, nogil=True, inline="always")
def _decode(data, at, end):  # type: ignore[no-untyped-def]
    """Decode one multi-byte UTF-8 code point; a broken one is U+FFFD and one byte long."""
    first = np.uint32(data[at])
    if first >= np.uint32(0xF0):
        length, code = 4, first & np.uint32(0x07)
    elif first >= np.uint32(0xE0):
        length, code = 3, first & np.uint32(0x0F)
    else:
        length, code = 2, first & np.uint32(0x1F)
    if first < np.uint32(0xC0) or at + length > end:
        return _REPLACEMENT, 1
    for i in range(at + 1, at + length):
        code = (code << np.uint32(6)) | (np.uint32(data[i]) & np.uint32(0x3F))
    if code > np.uint32(0x10FFFF):
        return _REPLACEMENT, 1
    return code, length


@njit(cache=True, nogil=True, inline="always")
def _absorb(h, entry):  # type: ignore[no-untyped-def]
    """Take one folded character into a word's hash: rotate, and add the character's own hash.

    Adding carries, so characters 64 places apart do not cancel out as they would under XOR.
    """
    return ((h << _S5) | (h >> _S59)) + _mix(np.uint64(entry) * _GOLDEN)


@njit(cache=True, nogil=True)
def hash_tokens(data: Bytes, start: int, end: int, entries: U32, expansions: U32, out: U64) -> int:
    """Hash the folded tokens of one UTF-8 text into `out`, in order; return how many.

    A token is a maximal run of letters, marks and digits, or one character of a script without
    spaces. `out` needs room for two tokens per byte and two more.
    """
    ascii_keys = np.empty(128, dtype=np.uint64)
    for byte in range(128):
        entry = entries[byte]
        is_letter = (entry & _CLASS) == _WORD
        ascii_keys[byte] = _absorb(np.uint64(0), entry) if is_letter else np.uint64(0)
    h = np.uint64(0)
    in_word = False
    n = 0
    at = start
    while at < end:
        byte = data[at]
        if byte < 128:
            # No branch on what the character is: word ends come too irregularly to predict.
            key = ascii_keys[byte]
            is_letter = key != 0
            out[n] = h
            n += in_word & (not is_letter)
            h = (((h << _S5) | (h >> _S59)) + key) if is_letter else np.uint64(0)
            in_word = is_letter
            at += 1
            continue
        code, length = _decode(data, at, end)
        at += length
        entry = entries[code]
        first, last = np.uint32(0), np.uint32(1)
        expanded = (entry & _CLASS) == _EXPANDED
        if expanded:
            first = (entry >> np.uint32(2)) + np.uint32(1)
            last = first + expansions[first - np.uint32(1)]
        for i in range(first, last):
            if expanded:
                entry = expansions[i]
            if (entry & _CLASS) == _WORD:
                h = _absorb(h, entry)
                in_word = True
                continue
            out[n] = h
            n += in_word
            h = np.uint64(0)
            in_word = False
            if (entry & _CLASS) == _TOKEN:
                out[n] = _absorb(h, entry)
                n += 1
    out[n] = h
    n += in_word
    for i in range(n):
        out[i] = _mix(out[i])
    return n


@njit(cache=True, nogil=True)
def sort_distinct(values: U32, n: int, spare: U32, counts: I64) -> int:
    """Sort `values[:n]` and drop repeats, in place; return how many are left.

    Hashes are spread evenly, so one pass by their leading bits leaves about one value in each
    place and an insertion sort finishes; values made to crowd together (a hostile text) get a
    radix sort instead. `spare` is as long as `values`; `counts` has room for 65,537.
    """
    bits = 6
    while bits < 16 and (1 << bits) < n:
        bits += 1
    shift = np.uint32(32 - bits)
    places = 1 << bits
    counts[: places + 1] = 0
    for i in range(n):
        counts[(values[i] >> shift) + np.uint32(1)] += 1
    steps = 0  # twice what the insertion sort takes, at worst
    for place in range(places):
        steps += counts[place + 1] * counts[place + 1]
        counts[place + 1] += counts[place]
    if steps > 16 * n:
        _radix_sort(values, n, spare, counts)
    else:
        for i in range(n):
            place = values[i] >> shift
            spare[counts[place]] = values[i]
            counts[place] += 1
        for i in range(n):
            value = spare[i]
            j = i
            while j > 0 and values[j - 1] > value:
                values[j] = values[j - 1]
                j -= 1
            values[j] = value
    kept = 0
    previous = np.uint32(0)
    for i in range(n):
        value = values[i]
        values[kept] = value
        kept += (i == 0) | (value != previous)
        previous = value
    return kept


@njit(cache=True, nogil=True)
def _radix_sort(values: U32, n: int, spare: U32, counts: I64) -> None:
    """Sort `values[:n]` by its bytes, least significant first."""
    shift = np.uint32(0)
    source, target = values, spare
    for _ in range(4):
        counts[:257] = 0
        for i in range(n):
            counts[((source[i] >> shift) & _BYTE) + np.uint32(1)] += 1
        for digit in range(256):
            counts[digit + 1] += counts[digit]
        for i in range(n):
            digit_of = (source[i] >> shift) & _BYTE
            target[counts[digit_of]] = source[i]
            counts[digit_of] += 1
        source, target = target, source
        shift += np.uint32(8)


@njit(cache=True, nogil=True)
def shingle_texts(
    data: Bytes,
    offsets: Offsets,
    size: int,
    entries: U32,
    expansions: U32,
    out: Shingles,
    out_offsets: Offsets,
    n_tokens: I64,
    text_hashes: U64,
) -> None:
    """Make the distinct, sorted shingle hashes of each text, and a hash of its folded tokens.

    A shingle is a window of `size` tokens; its hash is the upper half of a mixed polynomial over
    the token hashes. Row i goes to `out[out_offsets[i] : out_offsets[i + 1]]`; `out` needs room
    for two values per byte and one more per text.
    """
    longest = 0
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    tokens = np.empty(2 * longest + 2, dtype=np.uint64)
    spare = np.empty(2 * longest + 2, dtype=np.uint32)
    counts = np.empty(65537, dtype=np.int64)
    drop = np.uint64(1)
    for _ in range(size):
        drop *= _GOLDEN
    used = 0
    for i in range(len(offsets) - 1):
        n = hash_tokens(data, offsets[i], offsets[i + 1], entries, expansions, tokens)
        n_tokens[i] = n
        whole = np.uint64(n)
        rolling = np.uint64(0)
        made = 0
        for j in range(n):
            whole = (whole ^ tokens[j]) * _GOLDEN
            whole ^= whole >> _S32
            rolling = rolling * _GOLDEN + tokens[j]
            if j >= size:
                rolling -= tokens[j - size] * drop
            if j >= size - 1:
                out[used + made] = np.uint32(_mix(rolling) >> _S32)
                made += 1
        text_hashes[i] = _mix(whole)
        out_offsets[i] = used
        used += sort_distinct(out[used : used + made], made, spare, counts)
    out_offsets[len(offsets) - 1] = used


@njit(cache=True, nogil=True)
def sign_sets(values: Shingles, offsets: Offsets, a: U32, b: U32, out: Signatures) -> None:
    """MinHash each set under the permutations `a * fmix32(x) + b` (mod 2**32) into `out`.

    This is datasketch's scheme "affine32": the MurmurHash3 finaliser, then an odd multiplier. An
    empty set signs as all ones, as there.
    """
    num_perm = len(a)
    x = np.empty(8, dtype=np.uint32)
    for i in range(len(offsets) - 1):
        row = out[i]
        row[:] = np.uint32(0xFFFFFFFF)
        start, end = offsets[i], offsets[i + 1]
        at = start
        while at < end:
            for j in range(8):
                # The last block repeats the last value; a minimum does not mind.
                v = values[min(at + j, end - 1)]
                v ^= v >> np.uint32(16)
                v = np.uint32(v * np.uint32(0x85EBCA6B))
                v ^= v >> np.uint32(13)
                v = np.uint32(v * np.uint32(0xC2B2AE35))
                x[j] = v ^ (v >> np.uint32(16))
            x0, x1, x2, x3, x4, x5, x6, x7 = x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]
            for k in range(num_perm):
                ak, bk = a[k], b[k]
                low = min(np.uint32(ak * x0 + bk), np.uint32(ak * x1 + bk))
                low = min(low, min(np.uint32(ak * x2 + bk), np.uint32(ak * x3 + bk)))
                low = min(low, min(np.uint32(ak * x4 + bk), np.uint32(ak * x5 + bk)))
                low = min(low, min(np.uint32(ak * x6 + bk), np.uint32(ak * x7 + bk)))
                row[k] = min(row[k], low)
            at += 8


@njit(cache=True, nogil=True)
def intersection_sizes(values: Shingles, offsets: Offsets, pairs: Pairs, out: I64) -> None:
    """Count what the sets of each pair share, exactly; the sets are sorted and distinct.

    A merge waits on its own last step, so each pair is cut at the middle of the value range and
    two merges run side by side: 1.8 times as fast as one; four were slower than two.
    """
    half = np.uint32(1 << 31)
    for p in range(len(pairs)):
        i, i_end = np.uintp(offsets[pairs[p, 0]]), np.uintp(offsets[pairs[p, 0] + 1])
        j, j_end = np.uintp(offsets[pairs[p, 1]]), np.uintp(offsets[pairs[p, 1] + 1])
        k_end, m_end = i_end, j_end
        k = i_end = _first_at_least(values, i, i_end, half)
        m = j_end = _first_at_least(values, j, j_end, half)
        shared = np.int64(0)
        while (i < i_end) & (j < j_end) & (k < k_end) & (m < m_end):
            # Without branches: which side advances is a coin toss no predictor can learn.
            x, y, u, v = values[i], values[j], values[k], values[m]
            shared += np.int64(x == y) + np.int64(u == v)
            i += np.uintp(x <= y)
            j += np.uintp(y <= x)
            k += np.uintp(u <= v)
            m += np.uintp(v <= u)
        out[p] = shared + _merge(values, i, i_end, j, j_end) + _merge(values, k, k_end, m, m_end)


@njit(cache=True, nogil=True, inline="always")
def _first_at_least(values, start, end, wanted):  # type: ignore[no-untyped-def]
    while start < end:
        middle = (start + end) >> np.uintp(1)
        if values[middle] < wanted:
            start = middle + np.uintp(1)
        else:
            end = middle
    return start


@njit(cache=True, nogil=True, inline="always")
def _merge(values, i, i_end, j, j_end):  # type: ignore[no-untyped-def]
    shared = np.int64(0)
    while (i < i_end) & (j < j_end):
        x, y = values[i], values[j]
        shared += np.int64(x == y)
        i += np.uintp(x <= y)
        j += np.uintp(y <= x)
    return shared


@njit(cache=True, nogil=True, inline="always")
def _band_key(signatures, row, band, width):  # type: ignore[no-untyped-def]
    """Hash the values of one band of one signature to 32 bits."""
    h = np.uint64(width)
    for k in range(band * width, (band + 1) * width):
        h = _mix((h ^ np.uint64(signatures[row, k])) * _GOLDEN)
    return h >> _S32


@njit(cache=True, nogil=True)
def band_items(signatures: Signatures, rows: I64, first: int, width: int, out: U64) -> None:
    """Pack (key, place in `rows`) of some bands in turn; sorting a band's items makes its buckets.

    Band i, counted from `first`, goes to `out[i]`; its key is a 32-bit hash of `width` values.
    Neighbouring bands lie together in memory, so several at once cost little more than one.
    """
    for place in range(len(rows)):
        for i in range(len(out)):
            key = _band_key(signatures, rows[place], first + i, width)
            out[i, place] = key << _S32 | np.uint64(place)


@njit(cache=True, nogil=True)
def crowded_keys(items: U64, max_bucket: int) -> U32:
    """List the keys of a band's sorted items that more than `max_bucket` of them share."""
    found = np.empty(len(items) // (max_bucket + 1) + 1, dtype=np.uint32)
    n = 0
    start = 0
    for end in range(1, len(items) + 1):
        if end == len(items) or items[end] >> _S32 != items[start] >> _S32:
            if end - start > max_bucket:
                found[n] = np.uint32(items[start] >> _S32)
                n += 1
            start = end
    return found[:n].copy()


@njit(cache=True, nogil=True)
def _is_crowded(signatures, row, band, width, crowded, start, end):  # type: ignore[no-untyped-def]
    """Say whether the row's bucket in one band is among that band's crowded keys."""
    key = np.uint32(_band_key(signatures, row, band, width))
    at = _first_at_least(crowded, start, end, key)
    return at < end and crowded[at] == key


@njit(cache=True, nogil=True)
def _is_new_pair(signatures, a, b, band, width, crowded, crowded_offsets):  # type: ignore[no-untyped-def]
    """Say whether two rows agree in this band and shared no uncrowded bucket before it."""
    first = band * width
    for k in range(first, first + width):
        if signatures[a, k] != signatures[b, k]:
            return False
    for earlier in range(band):
        first = earlier * width
        agree = True
        for k in range(first, first + width):
            agree &= signatures[a, k] == signatures[b, k]
        if agree:
            start, end = crowded_offsets[earlier], crowded_offsets[earlier + 1]
            if start == end:
                return False
            if not _is_crowded(
                signatures, a, earlier, width, crowded, np.uintp(start), np.uintp(end)
            ):
                return False
    return True


@njit(cache=True, nogil=True)
def _agree(signatures, a, b, least):  # type: ignore[no-untyped-def]
    """Say whether two rows have at least so many equal values."""
    equal = np.uint32(0)
    for k in range(signatures.shape[1]):
        equal += np.uint32(signatures[a, k] == signatures[b, k])
    return equal >= np.uint32(least)


@njit(cache=True, nogil=True)
def _is_link(i, j, size):  # type: ignore[no-untyped-def]
    """In a crowded bucket, link each member to the next four and to four members spread evenly."""
    quarter = (size + 3) // 4
    return j - i <= 4 or i % quarter == 0


@njit(cache=True, nogil=True)
def bucket_pairs(
    items: U64,
    signatures: Signatures,
    rows: I64,
    band: int,
    width: int,
    least: int,
    max_bucket: int,
    crowded: U32,
    crowded_offsets: I64,
) -> U64:
    """List the candidate pairs that this band finds first, as places packed `a << 32 | b`, a < b.

    A pair that an earlier band's uncrowded bucket holds is left to that band, so that pairs need
    not be made 60 times and thrown away 59 times. In a bucket of more than `max_bucket`, members
    are linked to some others only (these links may repeat between bands).

    Args:
        items: The band's items from `band_items`, sorted.
        signatures: All signatures.
        rows: The signature row of each place.
        band: This band's number.
        width: Rows of a band.
        least: Pairs with fewer equal signature values than this are left out.
        max_bucket: Above this many members a bucket is crowded.
        crowded: Crowded keys of the bands before this one, sorted within each band.
        crowded_offsets: Where each band's keys start in `crowded`.
    """
    out = np.empty(max(1024, len(items)), dtype=np.uint64)
    n = 0
    start = 0
    for end in range(1, len(items) + 1):
        if end < len(items) and items[end] >> _S32 == items[start] >> _S32:
            continue
        size = end - start
        for i in range(size - 1):
            a = items[start + i] & _LOW32
            j = i + 1
            while j < size:
                if size > max_bucket and not _is_link(i, j, size):
                    break
                b = items[start + j] & _LOW32
                j += 1
                if _is_new_pair(
                    signatures, rows[a], rows[b], band, width, crowded, crowded_offsets
                ) and _agree(signatures, rows[a], rows[b], least):
                    if n == len(out):
                        grown = np.empty(2 * n, dtype=np.uint64)
                        grown[:n] = out
                        out = grown
                    out[n] = a << _S32 | b
                    n += 1
        start = end
    return out[:n].copy()


@njit(cache=True, nogil=True)
def connect(n: int, pairs: Pairs) -> I64:
    """Give each of n nodes the smallest node its pairs connect it to, through any number."""
    root = np.arange(n)
    for p in range(len(pairs)):
        a, b = pairs[p, 0], pairs[p, 1]
        while root[a] != a:
            root[a] = root[root[a]]
            a = root[a]
        while root[b] != b:
            root[b] = root[root[b]]
            b = root[b]
        if a < b:
            root[b] = a
        else:
            root[a] = b
    for node in range(n):
        root[node] = root[root[node]]
    return root


@njit(cache=True, nogil=True)
def choose_anchors(order: I64, neighbours: I64, starts: I64, out: npt.NDArray[np.bool_]) -> None:
    """Go through nodes in `order`; one that no anchor so far is a neighbour of becomes one."""
    covered = np.zeros(len(order), dtype=np.bool_)
    for at in range(len(order)):
        node = order[at]
        if covered[node]:
            continue
        out[node] = True
        covered[node] = True
        for k in range(starts[node], starts[node + 1]):
            covered[neighbours[k]] = True


@njit(cache=True, nogil=True)
def nearest_anchor(
    neighbours: I64,
    similarity: npt.NDArray[np.float64],
    starts: I64,
    is_anchor: npt.NDArray[np.bool_],
    out: I64,
) -> None:
    """Give each node its most similar neighbour that is an anchor; the smaller of equals."""
    for node in range(len(out)):
        out[node] = node
        if is_anchor[node]:
            continue
        best = -1.0
        for k in range(starts[node], starts[node + 1]):
            other = neighbours[k]
            if is_anchor[other] and (
                similarity[k] > best or (similarity[k] == best and other < out[node])
            ):
                best = similarity[k]
                out[node] = other


@njit(cache=True, nogil=True)
def leave_out(
    values: Shingles, offsets: Offsets, rows: I64, marked: U32, out: Shingles, out_offsets: Offsets
) -> None:
    """Copy each row's set without the values in `marked` (sorted)."""
    used = 0
    index = _index(marked)
    for i in range(len(rows)):
        out_offsets[i] = used
        for k in range(offsets[rows[i]], offsets[rows[i] + 1]):
            if _place_of(values[k], marked, index) < 0:
                out[used] = values[k]
                used += 1
    out_offsets[len(rows)] = used


@njit(cache=True, nogil=True)
def largest_bucket(items: U64) -> int:
    """Count the members of a band's largest bucket; the items are sorted."""
    largest = 0
    start = 0
    for end in range(1, len(items) + 1):
        if end == len(items) or items[end] >> _S32 != items[start] >> _S32:
            largest = max(largest, end - start)
            start = end
    return largest


@njit(cache=True, nogil=True)
def expand_pairs(members: I64, starts: I64, pairs: Pairs, limit: int) -> tuple[I64, I64, I64]:
    """Turn pairs of groups, and groups themselves, into pairs of their members.

    A group of more than `limit` members gives pairs with its first member only; so does a pair of
    groups with more than `limit` pairs of members.

    Args:
        members: Members by group; group i is `members[starts[i] : starts[i + 1]]`.
        starts: See `members`.
        pairs: Pairs of groups.
        limit: See above.

    Returns:
        First and second members, and the number of the pair of groups each comes from, -1 for two
        members of one group.
    """
    total = 0
    for g in range(len(starts) - 1):
        m = starts[g + 1] - starts[g]
        total += m * (m - 1) // 2 if m <= limit else m - 1
    for p in range(len(pairs)):
        m = starts[pairs[p, 0] + 1] - starts[pairs[p, 0]]
        k = starts[pairs[p, 1] + 1] - starts[pairs[p, 1]]
        total += m * k if m * k <= limit else m + k - 1
    first = np.empty(total, dtype=np.int64)
    second = np.empty(total, dtype=np.int64)
    source = np.empty(total, dtype=np.int64)
    n = 0
    for g in range(len(starts) - 1):
        start, end = starts[g], starts[g + 1]
        for i in range(start, end if end - start <= limit else start + 1):
            for j in range(i + 1, end):
                first[n], second[n], source[n] = members[i], members[j], -1
                n += 1
    for p in range(len(pairs)):
        a, a_end = starts[pairs[p, 0]], starts[pairs[p, 0] + 1]
        b, b_end = starts[pairs[p, 1]], starts[pairs[p, 1] + 1]
        few = (a_end - a) * (b_end - b) <= limit
        for i in range(a, a_end):
            for j in range(b, b_end):
                if few or i == a or j == b:
                    first[n], second[n], source[n] = members[i], members[j], p
                    n += 1
                elif i != a:
                    break
    return first, second, source


@njit(cache=True, nogil=True)
def count_marked(values: Shingles, offsets: Offsets, rows: I64, marked: U32, out: I64) -> None:
    """Count in how many of the rows' sets each value of `marked` (sorted) is; adds to `out`."""
    index = _index(marked)
    for row in rows:
        for k in range(offsets[row], offsets[row + 1]):
            place = _place_of(values[k], marked, index)
            if place >= 0:
                out[place] += 1


@njit(cache=True, nogil=True)
def _index(marked):  # type: ignore[no-untyped-def]
    """Index values for `_place_of`: an open hash table, at most a quarter full, of their places.

    A binary search would guess wrong at every other step; this is three times as fast.
    """
    size = 64
    while size < 4 * len(marked):
        size *= 2
    table = np.full(size, -1, dtype=np.int32)
    for place in range(len(marked)):
        slot = np.uintp(marked[place]) & np.uintp(size - 1)
        while table[slot] >= 0:
            slot = (slot + np.uintp(1)) & np.uintp(size - 1)
        table[slot] = place
    return table


@njit(cache=True, nogil=True, inline="always")
def _place_of(value, marked, table):  # type: ignore[no-untyped-def]
    """Find the place of a value among the marked; -1 if it is not there."""
    slot = np.uintp(value) & np.uintp(len(table) - 1)
    while table[slot] >= 0 and marked[table[slot]] != value:
        slot = (slot + np.uintp(1)) & np.uintp(len(table) - 1)
    return table[slot]
