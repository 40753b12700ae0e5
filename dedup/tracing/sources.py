"""Whose copy each article is.

In this order: the agencies' own texts (and wire stories) that it shares reporting with; the origin
of its story; a credit. Articles are independent of each other here, so that threads can share them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from dedup.tracing import alignment, origin

if TYPE_CHECKING:
    from dedup.tracing.alignment import Alignment
    from dedup.tracing.dump import Dump
    from dedup.tracing.origin import Facts

MOST = 6
"""Texts that an article is aligned with, at most."""

NOWHERE, VIRTUAL = -1, -2
"""In place of the row of an origin: unknown; the agency's story that no article holds whole."""

_TIES = ("duplicate", "version")


class StoryOrigin(NamedTuple):
    """Where a story is from: see `origin.Origin`, with a row in place of the id."""

    row: int
    agency: str
    evidence: str
    confidence: float


class Derivation(NamedTuple):
    """Whose copy an article is.

    Attributes:
        origin: The row it is from, `NOWHERE` or `VIRTUAL`.
        agency: Whose copy it is or whom it credits, "" if no agency's.
        evidence: What says so, in words.
        confidence: 0 to 1.
        alignment: With its sources, None if there are none.
    """

    origin: int
    agency: str
    evidence: str
    confidence: float
    alignment: Alignment | None


def origin_of(story: int, dump: Dump) -> StoryOrigin | None:
    """Find the origin of a story of several articles that holds none of the agencies' own texts."""
    rows = dump.stories.members(story).tolist()
    if len(rows) < 2 or dump.is_source[rows].any():
        return None
    members = [dump.facts(row) for row in rows]
    shared: dict[tuple[str, str], float] = {}
    own = {facts.id: 1.0 for facts in members}
    names = {row: facts.id for row, facts in zip(rows, members, strict=True)}
    for row, name in names.items():
        for partner in dump.partners(row):
            if partner.row in names:
                shared[name, names[partner.row]] = partner.containment
                own[name] = min(own[name], 1.0 - partner.share)
    found = origin.find("", members, shared, own)
    places = {facts.id: row for row, facts in zip(rows, members, strict=True)}
    row = NOWHERE if found.id is None else places.get(found.id, VIRTUAL)
    return StoryOrigin(row, found.agency, found.evidence, found.confidence)


def derive(
    row: int, dump: Dump, origin_of_story: Callable[[int], StoryOrigin | None]
) -> Derivation:
    """Say whose copy one article is, by what it shares with agencies' texts or its story's."""
    facts = dump.facts(row)
    if facts.agency:
        return Derivation(NOWHERE, facts.agency, f"its outlet is {facts.agency}", 0.95, None)
    sources = _agency_texts(row, dump)
    found = by_alignment(row, sources, dump) if sources else None
    if found is not None:
        return found
    told = origin_of_story(int(dump.stories.of_row[row]))
    if told is None:
        return _by_credit(facts)
    others = _copies(row, dump)
    if told.row == row or not others:
        return _first_copy(row, told, others, dump)
    sources = [told.row] if told.row >= 0 else others[:MOST]
    aligned = align(row, sources, dump)
    return Derivation(told.row, told.agency, told.evidence, told.confidence, aligned)


def _first_copy(row: int, told: StoryOrigin, others: Sequence[int], dump: Dump) -> Derivation:
    """Judge the article that is itself the origin of its story, as far as the dump goes."""
    if not told.agency or told.agency not in dump.facts(row).credited():
        return Derivation(NOWHERE, "", told.evidence, told.confidence, None)
    found = align(row, others[:MOST], dump) if others else None
    return Derivation(NOWHERE, told.agency, f"credits {told.agency}", 0.8, found)


def _by_credit(facts: Facts) -> Derivation:
    """Judge an article without relatives."""
    credited = facts.credited()
    if not credited:
        return Derivation(NOWHERE, "", "", 0.0, None)
    agency = next(iter(credited))
    return Derivation(NOWHERE, agency, f"{credited[agency]} of {agency}", 0.5, None)


def _agency_texts(row: int, dump: Dump) -> list[int]:
    """Give the agencies' texts that an article shares reporting with, the nearest first."""
    near = {
        partner.row: partner.share
        for partner in dump.partners(row)
        if dump.is_source[partner.row] and partner.relation in _TIES
    }
    members = dump.stories.members(int(dump.stories.of_row[row]))
    for other in members[dump.is_source[members]].tolist():
        if other != row:
            near.setdefault(other, 0.0)
    return sorted(near, key=lambda other: (-near[other], *dump.order(other)))[:MOST]


def _copies(row: int, dump: Dump) -> list[int]:
    """Give the other outlets' articles of its story that share most with an article."""
    story, outlet = dump.stories.of_row[row], dump.outlets[row]
    found = {
        partner.row: partner.share
        for partner in dump.partners(row)
        if dump.stories.of_row[partner.row] == story
        and partner.relation in _TIES
        and (outlet < 0 or dump.outlets[partner.row] != outlet)
    }
    return sorted(found, key=lambda other: (-found[other], *dump.order(other)))


def align(row: int, sources: Iterable[int], dump: Dump) -> Alignment:
    """Align an article with others; they are named by their rows."""
    return alignment.align(dump.document(row), [dump.document(other) for other in sources])


def by_alignment(row: int, sources: Sequence[int], dump: Dump) -> Derivation | None:
    """Say which of several agencies' texts explains an article best."""
    facts = dump.facts(row)
    credited = facts.credited()
    single = {source: align(row, [source], dump) for source in sources}
    matched = {
        source: found.copied_share + found.rewritten_share for source, found in single.items()
    }

    def rank(source: int) -> tuple[float, bool, int, tuple[bool, str]]:
        is_credited = _agency(dump.facts(source)) in credited
        length = len(dump.document(source).text)
        return round(matched[source], 3), is_credited, -length, dump.order(source)

    best = max(sources, key=rank)
    if matched[best] == 0:
        return None
    others = [source for source in sources if matched[source] > 0 and source != best]
    found = align(row, [best, *others], dump) if others else single[best]
    agency = _agency(dump.facts(best))
    evidence = "; ".join(_evidence(facts, agency, matched[best], dump.id(best)))
    confidence = round(min(0.5 + matched[best] / 2, 0.99), 2)
    return Derivation(best, agency, evidence, confidence, found)


def _evidence(facts: Facts, agency: str, matched: float, source: str) -> list[str]:
    """Say what makes an article a copy of an agency's text."""
    evidence = [f"{matched:.0%} of it stands in {source}"]
    credited = facts.credited()
    if agency in credited:
        evidence.insert(0, f"{credited[agency]} of {agency}")
    elif any(c.kind == "self_reference" and c.agency == agency for c in facts.credits):
        evidence.append(f"it speaks of {agency} as only {agency} would")
    return evidence


def _agency(facts: Facts) -> str:
    """Give the agency of one of the agencies' texts."""
    return facts.agency or next(iter(facts.credited()), "")
