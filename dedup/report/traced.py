"""The summary of `dedup trace`: what was carried, by whom, how much of it, and who said so."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from dedup.engines.articles import outlet_names
from dedup.report.terminal import clean, note, times
from dedup.text import dates

if TYPE_CHECKING:
    from rich.console import RenderableType

    from dedup.results.result import Trace

_STORIES, _OUTLETS, _FEW = 8, 10, 3
"""Rows of the tables; outlets with fewer articles are not ranked."""

_DERIVED = ("wholly_derived", "partially_derived")
_HOUR = 3_600_000_000


def print_trace(
    result: Trace, place: str, *, titles: bool = True, console: Console | None = None
) -> None:
    """Print what a trace found and where it was written.

    Args:
        result: From `tracing.trace`.
        place: Where its tables are.
        titles: Show headlines; without them the summary holds no text of others.
        console: Where to; standard output if not given.
    """
    columns = ("id", "story", "published", "verdict", "agency", "credited", "origin_id", "title")
    rows = [
        dict(zip(columns, values, strict=True))
        for values in zip(
            *(result.articles.column(name).to_pylist() for name in columns), strict=True
        )
    ]
    for row, outlet in zip(rows, outlet_names(result.articles).to_pylist(), strict=True):
        row["outlet"] = outlet
    parts: list[RenderableType] = [_counts(result.run["counts"], rows)]
    parts += _titled("Most carried stories", _stories(rows, titles=titles))
    parts += _titled("Outlets by share of copies", _outlets(rows))
    parts += _titled(
        "Sentences of an agency's text that stand in its copies, by fifth of the text",
        _survival(result.run["survival"]),
    )
    parts += [note(line) for line in result.run["warnings"]]
    parts.append(Text(f"\n{times(result.run)}"))
    parts.append(Text(f"Tables are in {place}"))
    (console or Console()).print(Group(*parts))


def _titled(title: str, table: Table) -> list[RenderableType]:
    return [Text(f"\n{title}", style="bold"), table] if table.row_count else []


def _counts(counts: dict[str, int], rows: list[dict[str, Any]]) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="bold", min_width=6)
    table.add_column()
    open_ends = [bool(row["agency"]) for row in rows if row["verdict"] is None]
    for number, says in (
        (counts["articles"], "articles"),
        (counts["wholly_derived"], "are copies: hardly a word of their own"),
        (counts["partially_derived"], "are copies in part"),
        (counts["uncredited"], "of these do not name their source"),
        (sum(open_ends), "name a source that is not here to compare with"),
        (len(open_ends) - sum(open_ends), "share a report, and nothing says whose it is"),
    ):
        table.add_row(f"{number:,}", says)
    return table


def _stories(rows: list[dict[str, Any]], *, titles: bool) -> Table:
    """List the stories in most outlets, with who was first and last."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["story"]].append(row)
    carried = [
        (len({row["outlet"] for row in group}), story, group)
        for story, group in groups.items()
        if any(row["verdict"] in _DERIVED for row in group)
    ]
    carried.sort(key=lambda item: (-item[0], item[1]))
    table = _table("outlets", "uncredited", "hours", "agency", "story")
    for n_outlets, story, group in carried[:_STORIES]:
        agencies = Counter(row["agency"] for row in group if row["agency"])
        agency = min(agencies, key=lambda name: (-agencies[name], name)) if agencies else "unknown"
        first, last, hours = _span(group)
        headline = next((row["title"] for row in group if row["id"] == story), "")
        silent = sum(row["verdict"] in _DERIVED and not row["credited"] for row in group)
        told = Text(clean(headline if titles and headline else story))
        if first:
            told.append(f"\n{clean(first)} first, {clean(last)} last", style="dim")
        table.add_row(str(n_outlets), str(silent), hours, clean(agency), told)
    return table


def _span(group: list[dict[str, Any]]) -> tuple[str, str, str]:
    """Give the first and the last outlet of those with a date, and the hours between."""
    dated = sorted(
        (dates.instant(row["published"])[0], row["outlet"], row["published"])
        for row in group
        if row["published"]
    )
    if len(dated) < 2:
        return "", "", ""
    hours = (dated[-1][0] - dated[0][0]) / _HOUR
    exact = all("T" in published for _, _, published in dated)
    return dated[0][1], dated[-1][1], f"{hours:.0f}" if exact else f"~{hours:.0f}"


def _outlets(rows: list[dict[str, Any]]) -> Table:
    """List the outlets that lean most on others."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["outlet"]:
            groups[row["outlet"]].append(row)
    ranked = []
    for outlet, group in groups.items():
        copies = [row for row in group if row["verdict"] in _DERIVED]
        if copies and len(group) >= _FEW:
            ranked.append((len(copies) / len(group), outlet, group, copies))
    ranked.sort(key=lambda item: (-item[0], item[1]))
    table = _table("outlet", "articles", "copies", "share", "uncredited", "from")
    for share, outlet, group, copies in ranked[:_OUTLETS]:
        agencies = Counter(row["agency"] or "others" for row in copies)
        named = sorted(agencies, key=lambda name: (-agencies[name], name))[:3]
        table.add_row(
            clean(outlet),
            str(len(group)),
            str(len(copies)),
            f"{share:.0%}",
            str(sum(not row["credited"] for row in copies)),
            clean(", ".join(f"{name} {agencies[name]}" for name in named)),
        )
    return table


def _survival(survival: dict[str, list[float]]) -> Table:
    table = _table("agency", "first", "second", "third", "fourth", "last")
    for agency, fifths in survival.items():
        table.add_row(clean(agency), *(f"{share:.0%}" for share in fifths))
    return table


_TEXTS = ("agency", "outlet", "from", "story")


def _table(*names: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in names:
        is_text = name in _TEXTS
        table.add_column(name, justify="left" if is_text else "right", no_wrap=not is_text)
    return table
