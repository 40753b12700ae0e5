"""Notices: lines that say who contributed, who has the rights, or who published the text first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from dedup.tracing import agencies, patterns
from dedup.tracing.names import Found

if TYPE_CHECKING:
    from dedup.tracing.names import Name

    Spans = Iterable[tuple[int, int]]

LONGEST = 600
"""Code points of the longest line that is a notice."""

_LONGEST_OF_OUTLET = 260
"""Of the longest that names another outlet than those of the table."""

_LONGEST_CONTRIBUTION, _LONGEST_RIGHTS = 300, 400
_LONGEST_BARE = 24
"""Of a line such as "con AP": longer ones are sentences."""

_RIGHTS_WITHIN = 90
"""Code points before a name in which the sign of copyright stands."""


def find(name: Name, *, has_trigger: bool) -> Found | None:
    """Say which notice a line with a name is, if it is one.

    Args:
        name: In its line.
        has_trigger: Whether one of `patterns.TRIGGERS` stands in the line too.
    """
    line = name.line
    if name.length > LONGEST or patterns.OFFER.search(line):
        return None
    masked = name.masked()
    whole = name.line_start, name.line_start + len(line.rstrip())
    if _is_republished(name, masked, has_trigger=has_trigger):
        return Found("republish", *whole)
    if _is_copyright(name, line):
        return Found("copyright", *whole)
    is_speech = " said" in line or " told " in line or " says" in line
    if len(line) > _LONGEST_CONTRIBUTION or is_speech:
        return None
    if patterns.FUNDED.match(masked):
        return Found("tail", *whole)
    return Found("contribution", *whole) if _is_contribution(masked) else None


def _is_republished(name: Name, masked: str, *, has_trigger: bool) -> bool:
    """Say whether a line says that the agency published the article first."""
    published = patterns.REPUBLISHED.search(masked) if has_trigger else None
    if (
        published
        and patterns.OF_THIS.search(masked[: published.end()])
        and -1 <= name.place - published.end() < 4
    ):
        return True
    if patterns.FIRST_PUBLISHED.match(masked):
        return True
    describes_itself = name.place < 5 and patterns.TAGLINE.match(masked[name.place + 1 :])
    return agencies.is_often_republished(name.agency) and bool(describes_itself)


def _is_copyright(name: Name, line: str) -> bool:
    """Say whether a line claims the rights for the agency, in this article alone."""
    if len(line) >= _LONGEST_RIGHTS or patterns.SITE_WIDE.search(line):
        return False
    if name.place >= _RIGHTS_WITHIN or not patterns.COPYRIGHT.search(line):
        return False
    is_before = patterns.COPYRIGHT.search(line[: name.place]) is not None
    return is_before and (not name.is_short or patterns.RIGHTS.search(line) is not None)


def _is_contribution(masked: str) -> bool:
    """Say whether a line says that material of the agency was used."""
    contributed = patterns.CONTRIBUTED.search(masked)
    if contributed is None:
        return False
    lead = contributed.group().lower().strip(" «\"'")
    is_bare = lead in ("con", "com", "mit", "avec", "avec l'", "avec l’")
    return not is_bare or len(masked.strip(" ()（）.[]")) <= _LONGEST_BARE


def of_feeds(text: str, start: int, end: int) -> Iterator[Found]:
    """Find notices, in one line, that the text came from a feed as it is."""
    if text.find(" feed", start, end) >= 0:
        for match in patterns.FEED.finditer(text, start, end):
            yield Found("republish", *match.span())


def of_outlet(
    text: str, start: int, end: int, own: set[str], known: Spans
) -> Iterator[tuple[str, Found]]:
    """Find who published the article first where it is no agency of the table.

    Args:
        text: Of the article.
        start: Of the line.
        end: Of the line.
        own: Names of the outlet itself.
        known: Spans of credits that were found already.
    """
    if end - start > _LONGEST_OF_OUTLET:
        return
    match = patterns.REPUBLISHED.search(text, start, end)
    if match is None or any(first <= match.start() < last for first, last in known):
        return
    said = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
    if len(said) > 120 or not patterns.OF_THIS.search(said) or patterns.OFFER.search(said):
        return
    name = patterns.OUTLET_NAME.match(text[match.end() : match.end() + 80])
    if name is None or patterns.DATE_FIRST.match(name.group(1)):
        return
    if any(agencies.bare_name(name.group(1)).startswith(one) for one in own):
        return
    yield name.group(1).rstrip(".,"), _to_the_stop(text, match, match.end() + name.end())


def _to_the_stop(text: str, match: re.Match[str], end_of_name: int) -> Found:
    """Give the span from the start of the line to the end of the sentence."""
    start = text.rfind("\n", 0, match.start()) + 1
    end = text.find("\n", match.end())
    stop = patterns.STOP.search(text[match.end() : end if end >= 0 else len(text)])
    return Found("republish", start, match.end() + stop.end() if stop else end_of_name)
