"""Writes the output tables of `docs/architecture.md` from `dedup.results.contract`.

python tools/build_output_docs.py
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from dedup.results import contract

DOCS = Path(__file__).parents[1] / "docs/architecture.md"
BEGIN = "<!-- made by tools/build_output_docs.py from dedup/results/contract.py: begin -->"
END = "<!-- end -->"
TYPES = {
    pa.large_string(): "text",
    pa.string(): "text",
    pa.bool_(): "true or false",
    pa.int64(): "whole number",
    pa.float64(): "number",
}


def section() -> str:
    """Give the tables of the contract in Markdown."""
    parts = [
        _table(
            contract.ARTICLES,
            contract.TRACED_ARTICLES.columns,
            {c.name for c in contract.TRACED_ARTICLES.columns}
            - {c.name for c in contract.ARTICLES.columns},
        )
    ]
    for table in contract.TRACED[1:]:
        is_trace = table not in contract.CLUSTERED
        parts.append(_table(table, table.columns, set(), " (`dedup trace`)" if is_trace else ""))
    return "\n".join(parts)


def _table(
    table: contract.Table,
    columns: tuple[contract.Column, ...],
    traced: set[str],
    mark: str = "",
) -> str:
    lines = [f"**`{table.name}`**{mark}: {table.row}.", "", "| column | type | what it holds |"]
    lines.append("|---|---|---|")
    for column in columns:
        kind = "JSON" if column.is_json else TYPES[column.kind]
        says = f"{column.says} (`dedup trace`)" if column.name in traced else column.says
        lines.append(f"| `{column.name}` | {kind} | {says} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Put the section between its marks."""
    text = DOCS.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCS.write_text(f"{before}{BEGIN}\n{section()}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
