"""Why two articles are together or not, as a person reads it, or as JSON."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import orjson
from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from dedup.report.terminal import clean

if TYPE_CHECKING:
    from rich.console import RenderableType

    from dedup.tracing.explain import Explanation, Passage, Side

_LONGEST = 400
_MEANS = {
    "duplicate": "one text version",
    "version": "two versions of one report",
    "quote": "two reports that share quoted matter",
    "furniture": "they share page furniture only",
    "unrelated": "they share too little to match",
}


def as_json(explanation: Explanation) -> bytes:
    """Give an explanation as JSON; spans count code points of each text."""
    values: dict[str, Any] = dataclasses.asdict(explanation)
    values["same_cluster"] = explanation.same_cluster
    values["same_story"] = explanation.same_story
    values["passages"] = [passage._asdict() for passage in explanation.passages]
    for name, side in (("a", explanation.a), ("b", explanation.b)):
        values[name]["furniture"] = [span._asdict() for span in side.furniture]
    return orjson.dumps(values, option=orjson.OPT_INDENT_2)


def print_explanation(explanation: Explanation, console: Console | None = None) -> None:
    """Print an explanation: the verdict, the reasons, the numbers, and the shared passages."""
    a, b = explanation.a, explanation.b
    parts: list[RenderableType] = [
        Text.assemble((explanation.relation, "bold"), f": {_MEANS[explanation.relation]}"),
        *(Text(clean(reason)) for reason in explanation.reasons),
        Text(),
        _numbers(explanation),
    ]
    if explanation.passages:
        parts += [
            Text("\nShared passages, in the order of the first text", style="bold"),
            _passages(explanation),
        ]
    in_both = _stretches(a) & _stretches(b)
    for label, side in (("first", a), ("second", b)):
        if side.furniture:
            parts += [
                Text(f"\nPage furniture left out of the {label}", style="bold"),
                _furniture(side, in_both),
            ]
    (console or Console()).print(Group(*parts))


def _numbers(explanation: Explanation) -> RenderableType:
    a, b = explanation.a, explanation.b
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    table.add_column()
    rows = [
        ("article", clean(a.id), clean(b.id)),
        ("title", clean(a.title), clean(b.title)),
        ("outlet", clean(a.outlet), clean(b.outlet)),
        ("published", clean(a.published or ""), clean(b.published or "")),
        ("words", f"{a.words:,}", f"{b.words:,}"),
        ("of them shared", _share(a), _share(b)),
    ]
    for name, of_a, of_b in rows:
        if of_a or of_b:
            table.add_row(name, Text(of_a), Text(of_b))
    total = sum(passage.words for passage in explanation.passages)
    quoted = f"{explanation.quoted / total:.0%} of the shared words" if total else "nothing shared"
    table.add_row("in quotations", quoted)
    table.add_row("Jaccard", f"{explanation.jaccard:.2f}")
    table.add_row("containment", f"{explanation.containment:.2f} of the shorter")
    return table


def _share(side: Side) -> str:
    return f"{side.covered:,} ({side.covered / side.words:.0%})" if side.words else "0"


def _passages(explanation: Explanation) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("words", "from char.", "in 2nd"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("text")
    for passage in explanation.passages:
        table.add_row(
            f"{passage.words:,}",
            f"{passage.start_a:,}",
            f"{passage.start_b:,}",
            Text(_clip(_text_of(explanation, passage))),
        )
    return table


def _text_of(explanation: Explanation, passage: Passage) -> str:
    return clean(explanation.a.text[passage.start_a : passage.end_a])


def _stretches(side: Side) -> set[str]:
    return {clean(side.text[span.start : span.end]) for span in side.furniture}


def _furniture(side: Side, in_both: set[str]) -> RenderableType:
    kinds = {clean(side.text[span.start : span.end]): span.kind for span in side.furniture}
    lines = [
        Text(f"{kind}{', in both' if shown in in_both else ''}: {_clip(shown)}")
        for shown, kind in kinds.items()
    ]
    return Padding(Group(*lines), (0, 0, 0, 2))


def _clip(value: str) -> str:
    if len(value) <= _LONGEST:
        return value
    start, end = value[: _LONGEST // 2], value[-_LONGEST // 2 :]
    return f"{start.rpartition(' ')[0] or start} … {end.partition(' ')[2] or end}"
