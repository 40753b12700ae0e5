"""The summary of a run, short enough to read and to quote from.

Titles and outlets come from strangers: control characters are taken out, and nothing in them is
read as markup.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from dedup.results.result import Result

_LARGEST = {"cluster": 6, "story": 4}
_REASONS = 6
_OUTLETS = 3


def print_summary(result: Result, place: str, console: Console | None = None) -> None:
    """Print what a run found and where it was written."""
    relations = pc.value_counts(result.pairs.column("relation")).to_pylist()
    pairs = {row["values"]: row["counts"] for row in relations}
    parts: list[RenderableType] = [_counts(result.run["counts"], pairs)]
    clusters = result.articles.filter(
        pc.and_(
            result.articles.column("representative"),
            pc.greater(result.articles.column("cluster_size"), 1),
        )
    )
    stories = result.articles.filter(
        pc.and_(
            pc.equal(result.articles.column("id"), result.articles.column("story")),
            pc.greater(
                result.articles.column("story_size"), result.articles.column("cluster_size")
            ),
        )
    )
    for level, named in (("cluster", clusters), ("story", stories)):
        if named.num_rows:
            plural = {"cluster": "clusters", "story": "stories of several clusters"}[level]
            parts += [
                Text(f"\nLargest {plural}", style="bold"),
                _largest(result.articles, named, level),
            ]
    if len(result.skipped):
        parts += [Text("\nSkipped", style="bold"), _skipped(result.skipped)]
    parts += [note(line) for line in result.run["warnings"]]
    parts.append(Text(f"\n{times(result.run)}"))
    parts.append(Text(f"Tables are in {place}"))
    (console or Console()).print(Group(*parts))


def clean(text: str) -> str:
    """Take control characters, line breaks and direction marks out of a stranger's text."""
    kept = (c if unicodedata.category(c)[0] not in "CZ" else " " for c in text)
    return " ".join("".join(kept).split())


def _counts(counts: dict[str, int], pairs: dict[str, int]) -> RenderableType:
    articles, held = counts["articles"], counts["in_clusters"]
    copies = held - counts["clusters"]
    identical = articles - counts["distinct_texts"]
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="bold", min_width=6)
    table.add_column()
    table.add_row(f"{articles:,}", _plural(articles, "article"))
    table.add_row(
        f"{counts['clusters']:,}",
        f"{_plural(counts['clusters'], 'cluster')} of near-duplicates, {held:,} articles in them",
    )
    table.add_row(
        f"{copies:,}",
        f"{_plural(copies, 'article')} that repeat another: {_percent(copies, articles)} of all "
        f"({identical:,} word for word)",
    )
    stories = counts["stories"]
    table.add_row(
        f"{stories:,}",
        f"{'story' if stories == 1 else 'stories'} with several articles, "
        f"{counts['in_stories']:,} articles in them",
    )
    kinds = {name: pairs.get(name, 0) for name in ("duplicate", "version", "quote")}
    named = ", ".join(f"{count:,} {_plural(count, name)}" for name, count in kinds.items() if count)
    found = sum(kinds.values())
    table.add_row(
        f"{found:,}", f"matching {_plural(found, 'pair')}" + (f": {named}" if named else "")
    )
    if furniture := pairs.get("furniture", 0):
        table.add_row(
            f"{furniture:,}", f"{_plural(furniture, 'pair')} that share page furniture only"
        )
    if forms := pairs.get("template", 0):
        table.add_row(f"{forms:,}", f"{_plural(forms, 'pair')} of one form with other facts")
    return table


def _largest(articles: pa.Table, named: pa.Table, level: str) -> RenderableType:
    """Show the largest groups of a level; `named` has an article of each."""
    sizes = named.column(f"{level}_size").to_numpy()
    rows = np.argsort(-sizes, kind="stable")[: _LARGEST[level]]
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    table.add_column("size", justify="right", min_width=6)
    table.add_column(level, ratio=1, overflow="ellipsis", no_wrap=True)
    table.add_column("title", ratio=2, overflow="ellipsis", no_wrap=True)
    table.add_column("outlets", ratio=2, overflow="ellipsis", no_wrap=True)
    for row in named.take(pa.array(rows)).to_pylist():
        table.add_row(
            f"{row[f'{level}_size']:,}",
            Text(clean(row[level])),
            Text(clean(row["title"])),
            Text(_outlets(articles, level, row[level])),
        )
    more = len(sizes) - len(rows)
    if more:
        return Group(table, Text(f"        and {more:,} more", style="dim"))
    return table


def _outlets(articles: pa.Table, level: str, name: str) -> str:
    members = articles.filter(pc.equal(articles.column(level), name))
    names = [clean(name) for name in members.column("outlet").to_pylist() if name]
    distinct = list(dict.fromkeys(names))
    more = len(distinct) - _OUTLETS
    return ", ".join(distinct[:_OUTLETS]) + (f" and {more} more" if more > 0 else "")


def _skipped(skipped: pa.Table) -> RenderableType:
    rows = skipped.to_pylist()
    by_reason: dict[str, list[str]] = {}
    for row in rows:
        place = f"{row['file'] or 'record'}:{row['line']}" if row["line"] else row["file"]
        by_reason.setdefault(clean(row["reason"]), []).append(clean(place))
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", min_width=6)
    table.add_column()
    ranked = sorted(by_reason.items(), key=lambda item: -len(item[1]))
    for reason, places in ranked[:_REASONS]:
        more = f" and {len(places) - 1:,} more" if len(places) > 1 else ""
        table.add_row(f"{len(places):,}", Text(f"{reason} ({places[0]}{more})"))
    if len(ranked) > _REASONS:
        rest = sum(len(places) for _, places in ranked[_REASONS:])
        table.add_row(f"{rest:,}", "for other reasons, see the table `skipped`")
    return table


def note(line: str) -> RenderableType:
    """Lay out one warning."""
    return Padding(Text(f"Note: {line}", style="yellow"), (1, 0, 0, 0))


def times(run: dict[str, Any]) -> str:
    """Say how long a run took, and its longest stages."""
    total = sum(run["seconds"].values())
    slowest = sorted(run["seconds"].items(), key=lambda item: -item[1])
    parts = ", ".join(f"{name} {value:.1f} s" for name, value in slowest if value >= 0.05)
    return f"{total:.1f} s" + (f" ({parts})" if parts else "")


def _plural(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"


def _percent(part: int, whole: int) -> str:
    share = part / whole if whole else 0.0
    return f"{share:.0%}" if share >= 0.1 or not part else f"{share:.1%}"
