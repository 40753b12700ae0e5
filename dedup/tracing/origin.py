"""Who was first, and on what evidence.

The strongest evidence is a text of the agency itself, or a wire story that was given. Then come, in
this order: a credit; a canonical URL on another host; how much of the article stands in the others;
and the time of publication, if the gap is larger than what is unknown of both times. Being earliest
proves nothing, and a copy that names its agency is still a copy. So where no copy holds all that
the others share, the origin is *virtual*: a wire story that is not among the articles.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from dedup.text import dates
from dedup.tracing import agencies
from dedup.tracing.agencies import bare_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dedup.tracing.credit_lines import Credit

_WORTH = {
    "dateline": 3.0,
    "copyright": 2.5,
    "byline": 2.0,
    "tail": 2.0,
    "contribution": -1.0,
    "republish": -3.0,
}
"""What a credit of each kind says for an article being the origin, or (negative) against it: who
prints the agency's dateline has its text, who thanks it or republishes has somebody else's."""

_CANONICAL_ELSEWHERE = -3.0
_CREDITED = 3.0
_WIRE_ADDRESS = _PUBLISHED_FIRST = 1.0
_DATELINE = 0.5
"""The same for other evidence: a canonical URL on another host; being credited by another article;
an address such as /wires/; the earliest time; a dateline that names no agency."""

_OWN_TEXT = 2.0
"""What is taken off for text that stands in no other article, times its share."""

_NOTHING_OWN = 0.05
"""Share of such text below which all of an article is said to stand in the others."""

_SHORTEST = 3
"""Letters of an outlet's name that are too few to look for it among the names credited."""

_CLEAR = 0.25
"""Evidence by which the best article must be ahead of the second."""

_GAP = 0.2
"""If two copies share so much more with each other than with the best one, that one lacks some of
the original."""

_WIRE_PAGE = re.compile(
    r"wire(?:story|news|s?/)|latest-news-wires|(?:^|[/_-])(?:ap|afp|reuters|dpa|efe|upi)(?:[/_-]|$)",
    re.IGNORECASE,
)


class Facts(NamedTuple):
    """What is known of an article beside its text.

    Attributes:
        id: Of the article.
        outlet: Its name, or the host of its URL.
        agency: The agency that the outlet is, "" if none.
        is_wire: Given as a wire story.
        published: ISO 8601, None if unknown.
        credits: Found in it.
        url: Its address.
        canonical: The address it calls its own, "" if it names none or the same host.
    """

    id: str
    outlet: str
    agency: str
    is_wire: bool
    published: str | None
    credits: Sequence[Credit]
    url: str
    canonical: str

    def is_source(self) -> bool:
        """Say whether it is the agency's own text."""
        return self.is_wire or bool(self.agency)

    def credited(self) -> dict[str, str]:
        """Give the agencies and outlets it credits, and the strongest kind of credit of each."""
        found: dict[str, str] = {}
        for credit in self.credits:
            if not credit.agency or credit.kind == "self_reference":
                continue
            known = found.get(credit.agency)
            if known is None or _WORTH[credit.kind] > _WORTH[known]:
                found[credit.agency] = credit.kind
        return found


class Origin(NamedTuple):
    """Where a story is from.

    Attributes:
        id: The article or wire story; "virtual:" and a story's name where none is at hand; None if
            unknown.
        agency: The agency whose copy it is, "" if no agency's.
        evidence: What says so, in words.
        confidence: 0 to 1.
    """

    id: str | None
    agency: str
    evidence: str
    confidence: float


def find(
    story: str,
    members: Sequence[Facts],
    shared: Mapping[tuple[str, str], float],
    own: Mapping[str, float],
) -> Origin:
    """Find the origin of a story that has no text of an agency itself among its articles.

    Args:
        story: Its name.
        members: Its articles, in input order.
        shared: Containment of pairs of them, by ids in the order of `members`.
        own: Share of each article that stands in no other.
    """
    agency, n_credits = _agency(members)
    by_whom = _credited_by(members)
    first = _surely_first(members)
    late = _surely_late(members, shared)
    scored = sorted(
        (
            (*_evidence(one, agency, own, by_whom.get(one.id, []), one.id == first), one)
            for one in members
            if one.id not in late
        ),
        key=lambda item: (-item[0], item[2].id),
    )
    best, reasons, chosen = scored[0]
    ahead = best - scored[1][0] if len(scored) > 1 else 1.0
    carries = _WORTH.get(chosen.credited().get(agency, ""), 0.0) > 0
    if agency and (not carries or ahead < _CLEAR or _is_incomplete(chosen, members, shared)):
        what = "no copy holds all they share" if carries else "none of them is its text"
        evidence = f"{n_credits} of {len(members)} name {agency}; {what}"
        return Origin(
            f"virtual:{story}", agency, evidence, round(min(0.5 + 0.1 * n_credits, 0.95), 2)
        )
    if ahead < _CLEAR or not reasons:
        return Origin(None, "", "nothing says who was first", 0.0)
    return Origin(chosen.id, agency, "; ".join(reasons), round(min(0.5 + ahead / 8, 0.95), 2))


def _agency(members: Sequence[Facts]) -> tuple[str, int]:
    """Give the agency that most of the articles name as their source, and how many do."""
    counts: dict[str, int] = {}
    for one in members:
        for agency in one.credited():
            if agencies.is_agency(agency):
                counts[agency] = counts.get(agency, 0) + 1
    if not counts:  # then agencies that most articles quote as only the agency would
        for one in members:
            for agency in {credit.agency for credit in one.credits} - {one.agency, ""}:
                counts[agency] = counts.get(agency, 0) + 1
        counts = {agency: n for agency, n in counts.items() if 2 * n > len(members)}
    if not counts:
        return "", 0
    agency = max(sorted(counts), key=lambda name: counts[name])
    return agency, counts[agency]


def _evidence(
    one: Facts, agency: str, own: Mapping[str, float], credited_by: Sequence[str], is_first: bool
) -> tuple[float, list[str]]:
    """Weigh what speaks for an article as the origin, and say it."""
    score, reasons = 0.0, []
    credited = one.credited()
    if agency in credited:
        kind = credited[agency]
        score += _WORTH[kind]
        if _WORTH[kind] > 0:
            reasons.append(f"{kind} of {agency}")
    elif credited:
        score += min(_WORTH[kind] for kind in credited.values())
    if any(not credit.agency and credit.kind == "dateline" for credit in one.credits):
        score += _DATELINE
        reasons.append("a dateline")
    if credited_by:
        score += _CREDITED
        reasons.append(f"credited by {credited_by[0]}")
    if _WIRE_PAGE.search(one.url):
        score += _WIRE_ADDRESS
        reasons.append("its address is that of wire copy")
    if one.canonical:
        score += _CANONICAL_ELSEWHERE
    score -= _OWN_TEXT * own.get(one.id, 0.0)
    if own.get(one.id, 1.0) < _NOTHING_OWN:
        reasons.append("all of it stands in the others")
    if is_first:
        score += _PUBLISHED_FIRST
        reasons.append("published first")
    return score, reasons


def names(other: Facts, one: Facts) -> bool:
    """Say whether an article credits the outlet of another, or calls its address its own."""
    outlet = bare_name(one.outlet)
    return (len(outlet) > _SHORTEST and outlet in map(bare_name, other.credited())) or (
        bool(one.url) and other.canonical == one.url
    )


def _credited_by(members: Sequence[Facts]) -> dict[str, list[str]]:
    """Find for each article those that credit its outlet or call its address their own."""
    called: dict[str, set[str]] = {}
    for one in members:
        for name in {*map(bare_name, one.credited()), one.canonical} - {""}:
            called.setdefault(name, set()).add(one.id)
    found = {}
    for one in members:
        outlet = bare_name(one.outlet)
        by_name = called.get(outlet, set()) if len(outlet) > _SHORTEST else set()
        found[one.id] = sorted((by_name | called.get(one.url or " ", set())) - {one.id})
    return found


def _surely_first(members: Sequence[Facts]) -> str:
    """Give the article that was out before all others, by more than is unknown of both times."""
    dated = sorted(
        (dates.instant(one.published), one.id) for one in members if one.published is not None
    )
    if len(dated) < 2:
        return ""
    latest, name = min((latest, name) for (_, latest), name in dated)
    others = [earliest for (earliest, _), other in dated if other != name]
    return name if latest < min(others) else ""


def _surely_late(members: Sequence[Facts], shared: Mapping[tuple[str, str], float]) -> set[str]:
    """Find the articles that came after another with which they share text."""
    when = {one.id: dates.instant(one.published) for one in members if one.published is not None}
    late = set()
    for a, b in shared:
        if a in when and b in when:
            late |= {b} if when[a][1] < when[b][0] else set()
            late |= {a} if when[b][1] < when[a][0] else set()
    return late


def _is_incomplete(
    chosen: Facts, members: Sequence[Facts], shared: Mapping[tuple[str, str], float]
) -> bool:
    """Say whether two others share clearly more with each other than either does with the best."""
    for (a, b), containment in shared.items():
        if chosen.id in (a, b):
            continue
        with_best = max(shared.get((x, chosen.id), shared.get((chosen.id, x), 0.0)) for x in (a, b))
        if containment > with_best + _GAP:
            return True
    return False
