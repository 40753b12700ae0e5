"""Scores against gold labels, and the sheet a person labels, as they are read and as JSON.

Titles and ids come from strangers: on the terminal control characters are taken out and nothing is
read as markup; in the sheet, which people open in spreadsheets, a cell that would be taken for a
formula gets an apostrophe before it.
"""

from __future__ import annotations

import csv
import dataclasses
import os
from typing import TYPE_CHECKING, Any

import orjson
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from dedup.errors import OutputError
from dedup.evaluation import ArticleReport
from dedup.evaluation.gold import RELATIONS
from dedup.evaluation.lookup import FORMULA_STARTS
from dedup.report.terminal import clean
from dedup.results.write import hidden_beside

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa
    from rich.console import RenderableType

    from dedup.evaluation import LevelScore, Mistake, PairReport, Share

    Report = ArticleReport | PairReport

_PLURALS = {"cluster": "clusters", "story": "stories"}
_PARTS = {"precision": "precision", "recall": "recall", "f1": "F1"}


def print_scores(reports: Sequence[Report], console: Console | None = None) -> None:
    """Print the scores and the worst mistakes of each gold file."""
    console = console or Console()
    for report in reports:
        if isinstance(report, ArticleReport):
            console.print(_of_articles(report))
        else:
            console.print(_of_pairs(report))


def as_json(
    directory: Path, reports: Sequence[Report], sheet: Path | None = None, n_pairs: int = 0
) -> str:
    """Give every figure as one JSON object, F1 and shares included.

    Args:
        directory: Of the result.
        reports: For `gold`, one object each, of kind "articles" or "pairs".
        sheet: Where a label sheet was written; `label_sheet` is null without one.
        n_pairs: Pairs in the sheet.
    """
    values = {
        "result": str(directory),
        "gold": [_plain(report) for report in reports],
        "label_sheet": {"file": str(sheet), "pairs": n_pairs} if sheet else None,
    }
    return orjson.dumps(values, option=orjson.OPT_INDENT_2).decode()


def _plain(report: Report) -> dict[str, Any]:
    values = dataclasses.asdict(report)
    if isinstance(report, ArticleReport):
        for level, score in report.levels.items():
            for measure in ("pairs", "b_cubed"):
                values["levels"][level][measure]["f1"] = getattr(score, measure).f1
        return {"kind": "articles", **values}
    for name in ("relation_right", "placed_right"):
        values[name]["share"] = getattr(report, name).share
    for label, share in report.placed.items():
        values["placed"][label]["share"] = share.share
    return {"kind": "pairs", **values}


def check_sheet(path: Path) -> None:
    """Refuse a place that a label sheet must not be written to: someone's labels may be there.

    Raises:
        OutputError: It exists, or its folder does not.
    """
    if path.exists() or path.is_symlink():
        raise OutputError(f"{path} exists and may hold labels; give another --sheet-output")
    if not path.absolute().parent.is_dir():
        raise OutputError(f"{path}: there is no folder {path.parent}; make it first")


def write_sheet(sheet: pa.Table, path: Path) -> None:
    """Write a label sheet as CSV that appears complete or not at all.

    Raises:
        OutputError: The file exists, or cannot be written.
    """
    check_sheet(path)
    partial = hidden_beside(path.absolute())
    try:
        with partial.open("x", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(sheet.column_names)
            for row in sheet.to_pylist():
                writer.writerow([_cell(name, value) for name, value in row.items()])
        os.replace(partial, path)
    except OSError as error:
        raise OutputError(f"{path}: cannot write: {error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)


def _cell(name: str, value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value if name.startswith("id_") else clean(value)  # ids must find their article again
    return f"'{text}" if text.startswith((*FORMULA_STARTS, "\t", "\r")) else text


def _of_articles(report: ArticleReport) -> RenderableType:
    left_out = [
        _count(
            report.only_gold,
            "gold article that the result lacks",
            "gold articles that the result lacks",
        ),
        _count(
            report.only_found,
            "article of the result without gold",
            "articles of the result without gold",
        ),
        _count(
            report.aggregators,
            "aggregator page",
            "aggregator pages",
        ),
    ]
    parts = [_heading(report.name, f"{report.scored:,} articles scored", left_out)]
    parts.append(_scores(report.levels))
    for level, score in report.levels.items():
        parts.append(_worst(score.worst, f"Worst of the {_PLURALS[level]}"))
    return Group(*parts)


def _scores(levels: Mapping[str, LevelScore]) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("", min_width=26)
    for level in levels:
        table.add_column(level, justify="right", min_width=8)
    for name, measure in (("pairs", "pairs"), ("B-cubed", "b_cubed")):
        for part, says in _PARTS.items():
            values = [getattr(getattr(score, measure), part) for score in levels.values()]
            table.add_row(f"{name}, {says}", *map(_number, values))
    table.add_row(
        "adjusted Rand index", *(_number(score.adjusted_rand) for score in levels.values())
    )
    for name in ("found", "gold"):
        sizes = [getattr(score, f"largest_{name}") for score in levels.values()]
        table.add_row(f"articles in largest {name}", *(f"{size:,}" for size in sizes))
    return table


def _of_pairs(report: PairReport) -> RenderableType:
    left_out = [
        _count(
            report.only_gold,
            "gold pair with an article that the result lacks",
            "gold pairs with an article that the result lacks",
        ),
        _count(report.unlabelled, "row without a label", "rows without a label"),
    ]
    parts = [_heading(report.name, f"{report.scored:,} pairs scored", left_out)]
    relation, placed = report.relation_right, report.placed_right
    if relation.of:
        parts.append(Text(f"relation right  {_number(relation.share)}  {_of(relation)}"))
    parts.append(Text(f"placed right    {_number(placed.share)}  {_of(placed)}"))
    parts += [Text("\nGold relations by row, found ones by column", style="bold")]
    parts += [_confusion(report), _worst(report.worst, "Worst pairs")]
    return Group(*parts)


def _confusion(report: PairReport) -> RenderableType:
    others = {found for counts in report.confusion.values() for found in counts} - set(RELATIONS)
    columns = (*RELATIONS, *sorted(others))
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("")
    for name in columns:
        table.add_column(Text(clean(name)), justify="right")
    table.add_column("placed\nright", justify="right")
    for label, counts in report.confusion.items():
        cells = [f"{counts[name]:,}" if name in counts else "·" for name in columns]
        table.add_row(label, *cells, _number(report.placed[label].share))
    return table


def _worst(mistakes: Sequence[Mistake], heading: str) -> RenderableType:
    if not mistakes:
        return Text("")
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right", min_width=3)
    table.add_column(overflow="fold")
    for number, mistake in enumerate(mistakes, start=1):
        lines = [Text(_what(mistake))]
        for name, title in ((mistake.id_a, mistake.title_a), (mistake.id_b, mistake.title_b)):
            lines.append(Text(f"  {clean(name)}"))
            lines[-1].append(f"  {clean(title) or '(no title)'}", style="dim")
        table.add_row(f"{number}", Text("\n").join(lines))
    return Group(Text(f"\n{heading}", style="bold"), table)


def _what(mistake: Mistake) -> str:
    """Say what is wrong on one line: gold, then found, then the figures."""
    score = ""
    if mistake.b_cubed is not None:
        of = "precision" if mistake.kind == "false merge" else "recall"
        score = f" ({of} {_number(mistake.b_cubed)})"
    figures = "not in pairs"
    if mistake.jaccard is not None and mistake.containment is not None:
        figures = f"J {_number(mistake.jaccard)}, containment {_number(mistake.containment)}"
    gold = "" if mistake.kind == "false merge" and score else f"gold {mistake.gold}, "
    found = f"found {clean(mistake.found)}, {mistake.placed}"
    return f"{mistake.kind}{score}: {gold}{found}; {figures}"


def _heading(name: str, scored: str, left_out: Sequence[str]) -> RenderableType:
    notes = [note for note in left_out if note]
    lines = [Text(f"\n{clean(name)}", style="bold"), Text(scored)]
    lines += [Text(f"not scored: {note}", style="yellow") for note in notes]
    return Group(*lines, Text(""))


def _count(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}" if count else ""


def _number(value: float) -> str:
    return f"{value:.3f}"


def _of(share: Share) -> str:
    return f"({share.right:,} of {share.of:,})"
