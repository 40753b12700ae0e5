"""Which news agencies an article credits, and where.

What makes the name of an agency a credit is its place and the words around it: the shapes of
datelines, bylines, tails, contribution, copyright and republication lines are a few patterns for
all agencies, in nine languages (`patterns`). A name in running text, under a picture, or of the
outlet itself is none. Abbreviations count in datelines, bylines and tails only and in exact case,
because most of them mean other things too ("(AP)" is Andhra Pradesh as well).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from dedup.records import without_surrogates
from dedup.tracing import agencies, datelines, names, notices, patterns, signatures
from dedup.tracing.agencies import agency_of, bare_name, is_agency, is_own
from dedup.tracing.names import Found, Name

__all__ = [
    "KINDS",
    "Credit",
    "agency_of",
    "bare_name",
    "credits",
    "is_agency",
    "is_own",
]

KINDS = (
    "dateline",
    "byline",
    "tail",
    "contribution",
    "copyright",
    "republish",
    "self_reference",
)
"""`self_reference` is no credit: a mention that only the agency itself would make, so that the
sentence is likely its copy ("could not independently verify")."""

_HEAD = 3_000
"""Code points in which datelines stand; signatures stand in as many at the end."""

_NEAR = 120
"""Code points of a line before the agency of its dateline, at most."""

_WITHIN = 130
"""Code points of a long line before a name in it that may begin or end a report there."""

_SHORT_LINE = 200
"""Code points of a line that is searched as a whole for words about pictures; in longer ones only
what stands near the name is."""


class Credit(NamedTuple):
    """A credit of an article.

    Attributes:
        agency: Its name in the table of agencies; "" if the line says only that the text is from
            elsewhere; a republished outlet by the name the line gives.
        kind: One of `KINDS`.
        start: In code points of the text; None for a credit in the author field.
        end: See `start`.
    """

    agency: str
    kind: str
    start: int | None
    end: int | None


def credits(  # noqa: A001, the field's word
    text: str, title: str = "", authors: str = "", outlet: str = "", url: str = ""
) -> list[Credit]:
    """Find which agencies an article credits.

    Args:
        text: The article's text.
        title: Its headline; the same line in the text is passed over.
        authors: Byline as printed.
        outlet: Who published it: its own name in copyright, staff and republication lines is no
            credit.
        url: Where; its host counts as the outlet's.

    Returns:
        Credits in order of the text, those of the author field first; one for each line and agency.
    """
    own = agencies.own_names(outlet, url)
    text, title, authors = map(without_surrogates, (text, title, authors))
    found = list(_in_authors(authors))
    seen = {(credit.agency, credit.kind, credit.start) for credit in found}
    for credit in _in_text(text, title, own):
        key = (credit.agency, credit.kind, credit.start)
        if key not in seen:
            seen.add(key)
            found.append(credit)
    return found


def _in_authors(authors: str) -> Iterator[Credit]:
    """Find agencies in the author field: alone, behind a name, or as those whose material it is."""
    for part in patterns.AUTHORS.split(authors):
        if patterns.PICTURE.search(part):
            continue
        for name in names.find(part, around=len(part)):
            if signatures.is_byline(name) or patterns.CONTRIBUTED.search(name.masked()):
                yield Credit(name.agency, "byline", None, None)


def _in_text(text: str, title: str, own: set[str]) -> list[Credit]:
    """Find the credits of a text, in its order."""
    found: list[Credit] = []
    lines: dict[tuple[int, int], list[Name]] = {}
    with_trigger: dict[tuple[int, int], None] = {}  # in order, each once
    for name in names.find(text):
        line = (name.line_start, name.line_end)
        if name.agency:
            lines.setdefault(line, []).append(name)
        else:
            with_trigger[line] = None
    title = title.strip()
    for line, in_line in lines.items():
        if not title or text[slice(*line)].strip() != title:
            found += _in_line(in_line, own, has_trigger=line in with_trigger)
    found += _without_name(text, found, own, with_trigger)
    return sorted(found, key=lambda credit: (credit.start or 0, credit.end or 0, credit.agency))


def _in_line(in_line: list[Name], own: set[str], *, has_trigger: bool) -> Iterator[Credit]:
    """Find the credits of one line."""
    for name in in_line:
        is_own = agencies.is_called(own, name.form, name.agency)
        found = _found(name, is_own=is_own, has_trigger=has_trigger)
        if found is None:
            continue
        kind, first, last = found
        while first < last and name.text[first] in " \t\u00a0•*|>–—-":
            first += 1
        yield Credit(name.agency, kind, first, last)


def _found(name: Name, *, is_own: bool, has_trigger: bool) -> Found | None:
    """Say what a name in a line is: kind and span of the credit, None for a mere mention."""
    found = _at_head(name)
    if found is not None:
        return found
    if is_own or _is_picture(name):
        return None
    return (
        notices.find(name, has_trigger=has_trigger)
        or signatures.byline(name)
        or _within_line(name)
        or signatures.tail(name)
        or _self_reference(name)
    )


def _at_head(name: Name) -> Found | None:
    """Find a dateline where datelines stand, or "(avec AFP) -" there."""
    if name.line_start >= _HEAD or name.place > _NEAR:
        return None
    end = datelines.end_of(name)
    if end is None:
        return None
    if patterns.CONTRIBUTED.search(name.before + patterns.NAME):
        return Found("contribution", name.line_start, name.end)
    return Found("dateline", name.line_start, end)


def _within_line(name: Name) -> Found | None:
    """Find datelines and tails within lines, where reports run on without line breaks."""
    before, behind = name.before, name.behind
    span = (name.start - 1, name.end + 1)
    if datelines.is_old(name):
        return Found("dateline", *span)
    runs_on = name.length > notices.LONGEST and name.place > _WITHIN
    if not runs_on or datelines.is_definition(before.rstrip(" ("), name.form):
        return None
    for kind, (ahead, rest) in (
        ("dateline", patterns.RUN_ON_DATELINE),
        ("tail", patterns.RUN_ON_TAIL),
    ):
        if ahead.search(before) and rest.match(behind):
            return Found(kind, *span)
    return None


def _self_reference(name: Name) -> Found | None:
    """Find a mention that only the agency itself would make."""
    is_its_own = (
        patterns.NOT_VERIFIED.search(name.behind)
        or patterns.TOLD_TO.search(name.before)
        or patterns.ITS_STAFF.search(name.behind)
    )
    if not is_its_own or (name.is_short and name.form.islower()):
        return None
    return Found("self_reference", name.start, name.end)


def _is_picture(name: Name) -> bool:
    """Say whether a name belongs to a picture."""
    before, behind = name.before, name.behind
    if patterns.PICTURE_BEHIND.match(behind):
        return True
    if patterns.PICTURE_BEFORE.search(before) and not before.rstrip().endswith(" /"):
        return not patterns.JOINT_WIRE.search(before) or name.length < 40
    near = before[-90:] + behind[:30] if name.length > _SHORT_LINE else before + " " + behind
    return bool(patterns.PICTURE.search(near))


def _without_name(
    text: str, found: list[Credit], own: set[str], with_trigger: Iterable[tuple[int, int]]
) -> Iterator[Credit]:
    """Find credits that name no agency of the table: signatures, feeds, other outlets, places."""
    known = [(credit.start or 0, credit.end or 0) for credit in found]
    for start, end in with_trigger:
        for signed in signatures.of_reuters(text, start, end):
            if all(signed.end <= first or last <= signed.start for first, last in known):
                yield Credit("Reuters", *signed)
        for fed in notices.of_feeds(text, start, end):
            yield Credit("", *fed)
        for outlet, published in notices.of_outlet(text, start, end, own, known):
            yield Credit(outlet, *published)
    for signed in signatures.of_afp(text, _HEAD):
        yield Credit("Agence France-Presse", *signed)
    if not any(credit.kind == "dateline" for credit in found):
        for place in datelines.without_agency(text):
            yield Credit("", *place)
