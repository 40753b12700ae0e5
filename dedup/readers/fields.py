"""Which field of a record is which of ours.

The names that formats use are listed in `data/fields.json`, per column, most telling first: the
first field that says anything wins (news-please: `maintext` before `text`). A record's fields
are looked up once per distinct tuple of keys. What no column takes whole stays in `extra`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from dedup.readers import values
from dedup.records import READ_FIELDS

Read = Callable[[object], str | None]

_PLANS_KEPT = 1024  # more shapes than that is a dump whose keys are data
_NAMES_SHOWN = 12
_OUTLET, _PUBLISHED = READ_FIELDS.index("outlet"), READ_FIELDS.index("published")
_AS_IT_IS = (values.string, values.text, values.names, values.name, values.date)
_READS: dict[str, Read] = {
    "text": values.text,
    "published": values.date,
    "authors": values.names,
    "outlet": values.name,
}


class Candidate(NamedTuple):
    """A field that may hold a column's value, and how to read it."""

    key: str
    path: tuple[str, ...]
    read: Read

    def find(self, record: Mapping[str, Any]) -> object:
        """Get the field's value; None where a nested field is absent."""
        value: object = record[self.key]
        for part in self.path:
            value = value.get(part) if isinstance(value, dict) else None
        return value


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the columns of records with certain keys come from.

    Attributes:
        columns: Candidates per column, in the order of `READ_FIELDS`.
        keys: The records' fields.
        wanted: The field that was asked for as text, "" if any known name will do.
        first: Number of a column and the field it takes as it is, if a shortcut is possible.
        maybe: Fields that upset the shortcut if they hold a URL.
        rest: Fields that are left for `extra` by the shortcut.
    """

    columns: tuple[tuple[Candidate, ...], ...]
    keys: tuple[str, ...]
    wanted: str
    first: tuple[tuple[int, str], ...]
    maybe: tuple[str, ...]
    rest: tuple[str, ...]

    @property
    def text(self) -> tuple[Candidate, ...]:
        """Candidates of the text."""
        return self.columns[READ_FIELDS.index("text")]

    def no_text(self, record: Mapping[str, Any]) -> str:
        """Say why a record has no text, in words that its like will share."""
        found = [(candidate, candidate.find(record)) for candidate in self.text]
        for candidate, value in found:
            if not values.says_nothing(value):
                return f"`{candidate.key}` is {values.type_name(value)}, not a string"
        if any(isinstance(value, str) or not candidate.path for candidate, value in found):
            return "empty text"
        shown = [f"`{key}`" for key in self.keys[:_NAMES_SHOWN]]
        more = len(self.keys) - len(shown)
        listed = ", ".join(shown) + (f" and {more} more" if more > 0 else "")
        text = READ_FIELDS.index("text")
        others = {c.key for i, taken in enumerate(self.columns) if i != text for c in taken}
        guess = _longest_string({k: value for k, value in record.items() if k not in others})
        hint = f". Name it with --text-field {guess}" if guess else ""
        return f"no `{self.wanted or 'text'}` field; found {listed or 'nothing'}{hint}"


class FieldMap:
    """Finds columns in records, by known names or by the names the user gave."""

    def __init__(self, chosen: Mapping[str, str]) -> None:
        self._chosen = dict(chosen)
        self._plans: dict[tuple[str, ...], Plan] = {}
        self._reasons: dict[tuple[str, ...], str] = {}

    def plan(self, keys: tuple[str, ...]) -> Plan:
        """Give the plan for records with these keys."""
        plan = self._plans.get(keys)
        if plan is None:
            if len(self._plans) >= _PLANS_KEPT:
                self._plans.clear()
            plan = self._plans[keys] = self._make(keys)
        return plan

    def no_text(self, plan: Plan, record: Mapping[str, Any]) -> str:
        """Say why a record has no text; one reason for all records of a shape."""
        reason = plan.no_text(record)
        if not reason.startswith("no "):
            return reason
        if len(self._reasons) >= _PLANS_KEPT:
            self._reasons.clear()
        return self._reasons.setdefault(plan.keys, reason)

    def _make(self, keys: tuple[str, ...]) -> Plan:
        present = _present(keys)
        columns = []
        for column in READ_FIELDS:
            if column in self._chosen:
                candidates = _locate(self._chosen[column], present, read_of(column), fold=False)
            else:
                candidates = [
                    candidate
                    for name, read in _candidates(column)
                    for candidate in _locate(name, present, read)
                ]
            columns.append(tuple(dict.fromkeys(candidates)))
        shortcut = _shortcut(columns)
        used = {key for _, key in shortcut[0]}
        rest = tuple(key for key in keys if key not in used)
        return Plan(tuple(columns), keys, self._chosen.get("text", ""), *shortcut, rest)


def _shortcut(
    columns: list[tuple[Candidate, ...]],
) -> tuple[tuple[tuple[int, str], ...], tuple[str, ...]]:
    """Find the fields that columns take as they are; nothing, if a column needs a closer look."""
    first: list[tuple[int, str]] = []
    maybe: list[str] = []
    for number, candidates in enumerate(columns):
        if not candidates:
            continue
        if all(candidate.read is values.url for candidate in candidates):
            maybe += [candidate.key for candidate in candidates]
        elif candidates[0].path or candidates[0].read not in _AS_IT_IS:
            return (), ()
        else:
            first.append((number, candidates[0].key))
    return tuple(first), tuple(maybe)


def has_text(record: Mapping[str, Any]) -> bool:
    """Whether a record has a text field by one of the known names."""
    present = _present(tuple(record))
    return any(_locate(name, present, read) for name, read in _candidates("text"))


def has_title(record: Mapping[str, Any]) -> bool:
    """Whether a record has a title field by one of the known names."""
    present = _present(tuple(record))
    return any(_locate(name, present, read) for name, read in _candidates("title"))


def marks_article(names: Iterable[str]) -> bool:
    """Whether a field is one that articles have and the objects around them do not."""
    return not _marks().isdisjoint(names)


def holds_records(name: str) -> bool:
    """Whether a field usually holds the list of records in an object that wraps one."""
    return name in _known()["lists"]


def take_row(record: Mapping[str, Any], plan: Plan) -> tuple[list[str | None], Iterable[str]]:
    """Read all columns, and name the fields that no column used up."""
    row = _take_first(record, plan) if plan.first else None
    if row is not None:
        return row, plan.rest
    used: set[str] = set()
    row = [
        _take(record, candidates, column, used)
        for column, candidates in zip(READ_FIELDS, plan.columns, strict=True)
    ]
    return row, [key for key in record if key not in used]


def _take_first(record: Mapping[str, Any], plan: Plan) -> list[str | None] | None:
    """Read a record whose first candidates are all good strings: most are, at half the time."""
    row: list[str | None] = [None] * len(READ_FIELDS)
    for number, key in plan.first:
        value = record[key]
        if type(value) is not str or value in values.MISSING or value.isspace():
            return None
        row[number] = value
    if any(values.url(record[key]) for key in plan.maybe):
        return None
    date, outlet = row[_PUBLISHED], row[_OUTLET]
    if outlet is not None and values.is_url(outlet):
        return None
    if date is not None:
        row[_PUBLISHED] = read = values.date(date)
        if read is None or (read is not date and values.says_more(date, "published", read)):
            return None
    return row


def _take(
    record: Mapping[str, Any], candidates: tuple[Candidate, ...], column: str, used: set[str]
) -> str | None:
    """Read a column from the first candidate that says anything; `used` gains what is used up."""
    for candidate in candidates:
        key, path, read = candidate
        value = candidate.find(record) if path else record[key]
        found = read(value)
        if found is not None:
            if not path and (found is value or not values.says_more(value, column, found)):
                used.add(key)
            return found
        if not path and values.says_nothing(value):
            used.add(key)
    return None


def _present(keys: Iterable[object]) -> dict[str, str]:
    """Map each key, and each key as `_fold` writes it, to the first key meant."""
    strings = [key for key in keys if isinstance(key, str)]
    present = {key: key for key in strings}
    for key in strings:
        if key not in _known()["not_published"]:
            present.setdefault(f"~{_fold(key)}", key)
    return present


def _fold(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def _locate(
    name: str, present: Mapping[str, str], read: Read, *, fold: bool = True
) -> list[Candidate]:
    """Find a name among the keys: as it is, then nested, then in other case or punctuation."""
    if name in present:
        return [Candidate(name, (), read)]
    root, *path = name.split(".")
    if path and root in present:
        return [Candidate(root, tuple(path), read)]
    other = present.get(f"~{_fold(name)}") if fold else None
    return [Candidate(other, (), read)] if other else []


def read_of(column: str) -> Read:
    """Give the reading of a column whose field is known for sure."""
    return values.names if column == "outlet" else _READS.get(column, values.string)


@cache
def _candidates(column: str) -> tuple[tuple[str, Read], ...]:
    known = _known()
    read = _READS.get(column, values.string)
    found = [(name, read) for name in known["columns"][column]]
    if column == "url":
        found = [(name, values.url if name in known["maybe_url"] else read) for name, read in found]
    if column == "outlet":
        found += [(name, values.host) for name in known["outlet_hosts"]]
    return tuple(found)


@cache
def _marks() -> frozenset[str]:
    return frozenset(_known()["article_marks"])


@cache
def _known() -> dict[str, Any]:
    path = Path(__file__).parents[1] / "data" / "fields.json"
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return known


def _longest_string(record: Mapping[str, Any]) -> str:
    """The field that most looks like a text, "" if none is a string."""
    lengths = {key: len(value) for key, value in record.items() if isinstance(value, str)}
    return max(lengths, key=lengths.__getitem__, default="")
