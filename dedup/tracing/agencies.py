"""News agencies: their names, their sites, and which of them an outlet is.

The table is `data/agencies.json`. All forms of their names are found in a text in one pass by one
automaton (Aho and Corasick 1975; ahocorasick-rs).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib import resources
from typing import Any, NamedTuple

from dedup.text.outlets import host_of
from dedup.tracing.patterns import TRIGGERS

_WIRES = ("agency", "financial_wire", "press_release")
"""Kinds of agencies whose own pages are sources; syndicates of newspapers are not among them."""

_WITHOUT_SPACES = "\u3000"
"""From this character on scripts put no spaces between words, so that no name is inside another."""


class Form(NamedTuple):
    """A way to write an agency's name, or a trigger.

    Attributes:
        agency: Whose name it is; "" for a trigger, which marks a line without naming anybody.
        is_short: Whether it is an abbreviation.
        clashes: Whether it means something else as well: "ANSA", "Bloomberg".
    """

    agency: str
    is_short: bool
    clashes: bool


class _Table(NamedTuple):
    """The table of agencies, and the automaton of all forms.

    Attributes:
        automaton: Gives the places in `spelled` of what it finds.
        spelled: Each form as it is written.
        forms: What each means.
        domains: The agency of a site.
        outlets: Names by which an agency's own outlets begin.
        kinds: Of each agency.
    """

    automaton: Any
    spelled: tuple[str, ...]
    forms: tuple[Form, ...]
    domains: dict[str, str]
    outlets: dict[str, tuple[str, ...]]
    kinds: dict[str, str]


def find_forms(text: str) -> Iterator[tuple[Form, int, int]]:
    """Find agencies' names that are no parts of other words, and triggers, as spans of a text."""
    table = _table()
    for number, start, end in table.automaton.find_matches_as_indexes(text):
        form = table.forms[number]
        if not form.agency or not _is_inside_word(text, start, end):
            yield form, start, end


def agency_of(outlet: str, url: str = "") -> str:
    """Give the agency that an outlet or its site is, "" if it is none.

    Newspapers that sell their copy (syndicates) count as outlets.
    """
    table = _table()
    host = host_of(url)
    while "." in host:
        if table.kinds.get(table.domains.get(host, "")) in _WIRES:
            return table.domains[host]
        host = host.partition(".")[2]
    name = _agencies_by_bare_name().get(bare_name(outlet), "")
    return name if table.kinds.get(name) in _WIRES else ""


def is_own(agency: str, outlet: str, url: str = "") -> bool:
    """Say whether an agency is the outlet itself: its datelines are no credit to another."""
    return agency_of(outlet, url) == agency or is_called(own_names(outlet, url), agency, agency)


def is_agency(name: str) -> bool:
    """Say whether a name is one of the table of agencies, not of an outlet that is republished."""
    return name in _table().kinds


def is_often_republished(agency: str) -> bool:
    """Say whether it offers its articles to all, as newsrooms do that live on donations."""
    return _table().kinds.get(agency) == "nonprofit_republish"


def own_names(outlet: str, url: str) -> set[str]:
    """Give the words by which an outlet calls itself: its name, and the host without ending."""
    host = host_of(url)
    names = {bare_name(outlet), bare_name(host), bare_name(host.rpartition(".")[0])}
    if "." in outlet and " " not in outlet:
        names.add(bare_name(outlet.removeprefix("www.").rpartition(".")[0]))
    return names - {""}


def is_called(own: Iterable[str], form: str, agency: str) -> bool:
    """Say whether a name is that of the outlet: one of its `own_names` begins with it."""
    names = {bare_name(form), bare_name(agency), *_table().outlets.get(agency, ())}
    return any(name.startswith(other) for name in own for other in names if len(other) > 2)


@lru_cache(maxsize=1 << 14)
def bare_name(name: str) -> str:
    """Reduce a name to letters: "The Bracken Ledger" and "brackenledger" are one."""
    letters = re.sub(r"[\W_]+", "", name.casefold())
    return letters.removeprefix("the")


@cache
def _table() -> _Table:
    """Load the table of agencies, and build the automaton."""
    from ahocorasick_rs import AhoCorasick, MatchKind

    path = resources.files("dedup.data").joinpath("agencies.json")
    stored = json.loads(path.read_text(encoding="utf-8"))
    agencies = stored["agencies"]
    forms = _forms(agencies, frozenset(stored["clashes"]))
    return _Table(
        automaton=AhoCorasick(tuple(forms), matchkind=MatchKind.LeftmostLongest),
        spelled=tuple(forms),
        forms=tuple(forms.values()),
        domains={host: agency["name"] for agency in agencies for host in agency["domains"]},
        outlets={
            agency["name"]: tuple(map(bare_name, agency["outlets"]))
            for agency in agencies
            if "outlets" in agency
        },
        kinds={agency["name"]: agency["kind"] for agency in agencies},
    )


def _forms(agencies: list[dict[str, Any]], clashes: frozenset[str]) -> dict[str, Form]:
    """Give what each spelling means; the first of equal ones counts."""
    found = {trigger: Form("", False, trigger in clashes) for trigger in TRIGGERS}

    def add(spelled: str, agency: str, *, is_short: bool) -> None:
        found.setdefault(spelled, Form(agency, is_short, spelled in clashes))

    for agency in agencies:
        for name in agency["names"]:
            add(name, agency["name"], is_short=False)
            add(name.upper(), agency["name"], is_short=False)
        for name in agency["short"]:
            add(name, agency["name"], is_short=True)
            if name.upper() != name and name not in clashes:
                add(name.upper(), agency["name"], is_short=True)
    return found


@cache
def _agencies_by_bare_name() -> dict[str, str]:
    """Give the agency of each form of a name, as an outlet would be called."""
    table = _table()
    return {
        bare_name(spelled): form.agency
        for spelled, form in zip(table.spelled, table.forms, strict=True)
        if form.agency and len(bare_name(spelled)) > 2
    }


def _is_inside_word(text: str, start: int, end: int) -> bool:
    """Say whether letters go on before or behind."""
    if text[start] >= _WITHOUT_SPACES:
        return False
    before, behind = text[start - 1 : start], text[end : end + 1]
    return (before.isalnum() and before < _WITHOUT_SPACES) or (
        behind.isalnum() and behind < _WITHOUT_SPACES
    )
