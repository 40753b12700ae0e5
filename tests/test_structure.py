"""The limits that keep the house readable; each failure lists what is over."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import structure

ROOT = Path(__file__).parents[1]


def lines(found: list[structure.Place] | list[str]) -> str:
    return "\n" + "\n".join(map(str, found))


def test_no_file_of_the_package_is_longer_than_400_lines() -> None:
    found = structure.long_files(ROOT, "dedup")
    assert not found, lines(found)


def test_no_function_is_longer_than_50_lines_nor_a_kernel_than_100() -> None:
    found = structure.long_functions(ROOT)
    assert not found, lines(found)


def test_whoever_silences_a_tool_says_why() -> None:
    found = structure.without_reason(ROOT)
    assert not found, lines(found)


def test_every_module_says_what_it_is_for() -> None:
    found = structure.without_docstring(ROOT)
    assert not found, lines(found)


@pytest.mark.parametrize(
    ("line", "has_reason"),
    [
        ("x = f()  # type: ignore[arg-type]", False),
        ("x = f()  # type: ignore[call-overload, no-any-return]", False),
        ("x = f()  # type: ignore[arg-type]  # the error is the test", True),
        ("def f(id): ...  # noqa: A002", False),
        ("def f(id): ...  # noqa: A002, the contract's word", True),
        ("def f(id): ...  # noqa: B018 - the misspelling is the test", True),
        ("pass  # noqa: BLE001, RUF100", False),
        ("x = f()  # type: ignore[arg-type]  # noqa: S101", False),
    ],
)
def test_a_reason_is_words_behind_the_code(tmp_path: Path, line: str, has_reason: bool) -> None:
    (tmp_path / "dedup").mkdir()
    (tmp_path / "dedup/module.py").write_text(line, encoding="utf-8")
    assert (not structure.without_reason(tmp_path)) == has_reason


def test_the_walk_of_a_text_enters_the_rooms_in_its_way() -> None:
    entered = structure.walk(ROOT, "cluster")
    assert {"engines/local.py", "stages/lsh.py", "text/tokenizer.py"} <= entered.modules()
    assert ("stages/minhash.py", "sign") in entered.names
