"""The contract of the output is what is written, and what the docs say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import dedup
from dedup.results import contract
from tools import build_output_docs

ROOT = Path(__file__).parents[1]
NEWSROOM = ROOT / "fixtures/newsroom.jsonl"


def test_the_docs_show_the_contract() -> None:
    text = build_output_docs.DOCS.read_text(encoding="utf-8")
    shown = text.partition(build_output_docs.BEGIN + "\n")[2].partition(build_output_docs.END)[0]
    assert shown == build_output_docs.section(), "run: python tools/build_output_docs.py"


def test_the_readme_names_the_columns_of_the_contract_in_order() -> None:
    named: dict[str, list[str]] = {}
    for table, cells in re.findall(
        r"^\| `(\w+)` \|[^|]*\| (.*) \|$", (ROOT / "README.md").read_text(), re.MULTILINE
    ):
        named.setdefault(table, re.findall(r"\w+", "".join(re.findall("`[^`]*`", cells))))
    for table in (*contract.CLUSTERED, contract.SENTENCES, contract.OUTLETS):
        columns = [column.name for column in table.columns]
        assert [name for name in named[table.name] if name in columns] == columns


@pytest.mark.parametrize("command", ["cluster", "trace"])
def test_tables_have_the_columns_and_types_of_the_contract(command: str) -> None:
    articles = [json.loads(line) for line in NEWSROOM.read_bytes().splitlines()[:60]]
    result = getattr(dedup, command)([*articles, {"id": "no text"}])
    tables = contract.TRACED if command == "trace" else contract.CLUSTERED
    assert list(result.to_arrow()) == [table.name for table in tables]
    for table in tables:
        made = result.to_arrow()[table.name]
        assert made.num_rows
        assert made.schema == table.schema()
        for column in table.columns:
            assert column.nulls or made[column.name].null_count == 0, column.name


def test_sentences_can_be_left_out() -> None:
    articles = [json.loads(line) for line in NEWSROOM.read_bytes().splitlines()[:60]]
    result = dedup.trace(articles, keep_text=False)
    assert result.sentences.schema == contract.SENTENCES.schema(without=("text",))


def test_every_column_says_what_it_holds_and_has_one_type() -> None:
    for table in contract.TRACED:
        names = [column.name for column in table.columns]
        assert len(set(names)) == len(names)
        assert all(column.says for column in table.columns)
