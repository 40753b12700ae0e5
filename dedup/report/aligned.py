"""An alignment as a person reads it: sentences beside those they are from; or as JSON."""

from __future__ import annotations

import dataclasses
import difflib
import re
from typing import TYPE_CHECKING, Any

import orjson
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from dedup.report.terminal import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedup.tracing.alignment import AlignedSentence, Alignment

_MARKS = {
    "copied": ("=", "green"),
    "rewritten": ("~", "yellow"),
    "added": ("+", "cyan"),
    "credit": ("©", "dim"),
    "furniture": ("·", "dim"),
}
_LEGEND = "= copied  ~ reworded  + added  © credit  · furniture  [-cut-]  {+put in+}"
_LONGEST = 300
"""Words of a sentence whose edits are shown."""

_NOT_WORD = re.compile(r"[\W_]+")
_VERDICTS = {
    "wholly_derived": "wholly derived from the sources",
    "partially_derived": "partially derived from the sources",
    "non_derived": "not derived from the sources",
}


def as_json(alignment: Alignment) -> bytes:
    """Give an alignment as JSON; spans count code points of each text."""
    values: dict[str, Any] = dataclasses.asdict(alignment)
    values["sentences"] = [row._asdict() for row in alignment.sentences]
    values["passages"] = [row._asdict() for row in alignment.passages]
    for row in (*values["sentences"], *values["passages"]):  # a file's name need not be UTF-8
        row["source_id"] = row["source_id"] and _written(row["source_id"])
        if "also" in row:
            row["also"] = [_written(name) for name in row["also"]]
    return orjson.dumps(values, option=orjson.OPT_INDENT_2)


def _written(name: str) -> str:
    return name.encode("utf-8", "replace").decode("utf-8")


def print_alignment(
    alignment: Alignment,
    local: str,
    sources: Mapping[str, str],
    console: Console | None = None,
) -> None:
    """Print the verdict, and the sentences in two columns.

    Args:
        alignment: From `alignment.align`.
        local: The article's text.
        sources: Text of each source.
        console: Where to; standard output if not given.
    """
    shares = (
        f"{alignment.copied_share:.0%} of the words copied, {alignment.rewritten_share:.0%} in "
        f"reworded sentences, {alignment.added_share:.0%} added"
    )
    table = Table(box=None, padding=(0, 1, 1, 0), header_style="dim", expand=True)
    table.add_column("", no_wrap=True, width=1)
    table.add_column("article", ratio=1)
    table.add_column("source", ratio=1)
    for row in alignment.sentences:
        mark, colour = _MARKS[row.label]
        mine, theirs = _sides(row, local, sources)
        table.add_row(Text(mark, style=colour), mine, theirs)
    (console or Console()).print(
        Group(
            Text(_VERDICTS[alignment.verdict], style="bold"),
            Text(shares),
            Text(f"{_LEGEND}\n", style="dim"),
            table,
        )
    )


def _sides(row: AlignedSentence, local: str, sources: Mapping[str, str]) -> tuple[Text, Text]:
    """Give a sentence and its source, with the words that differ marked in copied ones."""
    mine = clean(local[row.start : row.end])
    if row.source_id is None:
        return Text(mine), Text("")
    theirs = clean(sources[row.source_id][row.source_start : row.source_end])
    named = Text(f"{clean(row.source_id)} {row.similarity:.2f}", style="dim")
    for other in row.also:
        named.append(f", as near in {clean(other)}")
    if row.label != "copied":
        return Text(mine), Text(f"{theirs}\n").append_text(named)
    words, others = mine.split(), theirs.split()
    if max(len(words), len(others)) > _LONGEST:  # the time to compare is squared, or worse
        return Text(mine), Text(f"{theirs}\n").append_text(named)
    ours, cut = _edits(words, others)
    return ours, cut.append("\n").append_text(named)


def _edits(mine: list[str], theirs: list[str]) -> tuple[Text, Text]:
    """Mark what was put into the article, and what was cut from the source."""
    added, cut = Text(), Text()
    old_keys, new_keys = (
        [_NOT_WORD.sub("", word).casefold() for word in words] for words in (theirs, mine)
    )
    matcher = difflib.SequenceMatcher(None, old_keys, new_keys, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        old, new = " ".join(theirs[a:b]), " ".join(mine[c:d])
        if kind == "equal":
            added.append(f"{new} ")
            cut.append(f"{old} ")
            continue
        if new:
            added.append(f"{{+{new}+}} ", style="bold")
        if old:
            cut.append(f"[-{old}-] ", style="bold")
    return added, cut
