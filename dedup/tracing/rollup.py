"""Who leans on whom: articles summed up by outlet, agency and day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from dedup.results import contract
from dedup.text.outlets import outlet_names

_ROWS_AT_ONCE = 4_096
_READ = ("published", "agency", "verdict", "credited", "copied_share")
_DERIVED = ("wholly_derived", "partially_derived")


def outlets(articles: pa.Table) -> pa.Table:
    """Make the table `outlets`; days are as the articles state them, "" if unknown."""
    sums: dict[tuple[str, str, str], list[float]] = defaultdict(lambda: [0.0] * 5)
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for outlet, spelling, published, agency, verdict, is_credited, copied in _rows(articles):
        spellings[outlet][spelling or outlet] += 1
        found = sums[outlet, agency, (published or "")[:10]]
        found[0] += 1
        found[1] += verdict == "wholly_derived"
        found[2] += verdict == "partially_derived"
        found[3] += verdict in _DERIVED and not is_credited
        found[4] += copied
    named = {outlet: _most_frequent(counts) for outlet, counts in spellings.items()}
    return _table(sorted(((named[key[0]], *key[1:]), found) for key, found in sums.items()))


def _rows(articles: pa.Table) -> Iterator[tuple[Any, ...]]:
    """Give the outlet of each article, how it is written, and what is summed up."""
    for start in range(0, len(articles), _ROWS_AT_ONCE):
        some = articles.slice(start, _ROWS_AT_ONCE)
        columns = (some.column(name).to_pylist() for name in ("outlet", *_READ))
        yield from zip(outlet_names(some).to_pylist(), *columns, strict=True)


def _most_frequent(counts: Counter[str]) -> str:
    """Give the spelling that most articles of an outlet have."""
    return min(counts, key=lambda spelling: (-counts[spelling], spelling))


def _table(rows: Sequence[tuple[tuple[str, str, str], Sequence[float]]]) -> pa.Table:
    schema = contract.OUTLETS.schema()
    summed = ((*key, *map(int, found[:4]), found[4] / found[0]) for key, found in rows)
    lines = [dict(zip(schema.names, values, strict=True)) for values in summed]
    return pa.Table.from_pylist(lines, schema)
