"""Datelines: a place, perhaps a day, and an agency before the report begins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dedup.tracing import patterns
from dedup.tracing.names import Found

if TYPE_CHECKING:
    from dedup.tracing.names import Name

_LINES, _BEGINNING = 40, 20
"""Lines looked at for a dateline without an agency, and the least text that follows it."""

_NEAR = 80
"""Code points before an old dateline's bracket in which its place stands."""

_LONGEST_PLACE = 60


def end_of(name: Name) -> int | None:
    """Say where the dateline that names the agency ends in the text, None if there is none."""
    behind = _length_behind(name)
    return None if behind is None else name.end + behind


def _length_behind(name: Name) -> int | None:
    """Say how far behind the name a dateline ends, None if it is none."""
    before, behind = name.before, name.behind
    bracket = patterns.OPEN_BRACKET.search(before)
    if bracket and (name.form[0] >= "\u3000" or bracket.group().startswith("【")):
        return _in_wide_bracket(bracket.group(), behind)
    if not name.is_short and behind and behind[0] >= "\u3000":
        sent = patterns.ASIAN_DATELINE.match(behind)
        return sent.end() if sent and not before.strip("（( 　") else None
    if before.endswith("("):
        return _in_bracket(name)
    if patterns.WITH_IN_BRACKET.match(before):
        return 1 if patterns.BRACKET_AND_DASH.match(behind) else None
    if before.endswith("/") and behind.startswith("/"):
        return 1 if is_place(before[:-1]) and patterns.SLASH_AND_DASH.match(behind) else None
    if patterns.DASH_BEFORE.search(before) and patterns.DASH_BEHIND.match(behind):
        is_dated = patterns.DATED.search(before) is not None
        return 0 if (is_dated or _is_loud(before)) and is_place(before) else None
    return None


def _in_wide_bracket(bracket: str, behind: str) -> int | None:
    """Read a dateline of Chinese or Japanese, or one in their brackets."""
    closing = patterns.CLOSING_BRACKET.match(behind)
    is_dateline = bracket[0] not in "([" or bracket.endswith("=")
    return closing.end() if closing and is_dateline else None


def _in_bracket(name: Name) -> int | None:
    """Read a dateline with the agency in brackets: "PARIS (AP) -"."""
    place, behind = name.before[:-1], name.behind
    suffix = patterns.SUFFIX.match(behind)
    rest = behind[suffix.end() if suffix else 0 :]
    if name.is_short and is_definition(place, name.form):
        return None
    if not rest.lstrip(".").startswith(")") or not is_place(place):
        return None
    skipped = len(behind) - len(rest)
    closing = rest.index(")") + 1
    if patterns.BRACKET_AND_STOP.match(rest) or (_is_loud(place) and rest[closing:].strip()):
        return skipped + closing
    is_plain = not name.clashes and (not name.is_short or not place.strip())
    return skipped + 1 if is_plain and patterns.BRACKET_AND_CAPITAL.match(rest) else None


def is_old(name: Name) -> bool:
    """Say whether a name in brackets stands behind a place and a day, anywhere in a line.

    Old print runs its reports on, and OCR loses line breaks and puts blanks around signs.
    """
    before = name.before
    if not before.rstrip().endswith("(") or not patterns.OLD_PLACE.search(before[-_NEAR:]):
        return False
    is_dated = patterns.DAY_AND_BRACKET.search(before)
    closing = patterns.OLD_CLOSING if is_dated else patterns.OLD_CLOSING_AND_DASH
    return closing.match(name.behind) is not None


def is_place(place: str) -> bool:
    """Say whether words may be a place, with a date in any language."""
    if patterns.PLACE.match(place):
        return True
    undated = patterns.DATE_IN_PLACE.sub("1", place)
    return len(place) < _LONGEST_PLACE and patterns.PLACE.match(undated) is not None


def is_definition(before: str, form: str) -> bool:
    """Say whether an abbreviation in brackets is that of the words before it."""
    initials = "".join(patterns.INITIAL.findall(before[-100:]))
    return len(form) > 1 and initials.endswith(form.upper().replace(".", ""))


def _is_loud(place: str) -> bool:
    """Say whether a place is written in capitals, or dated."""
    is_in_capitals = patterns.NO_SMALL_LETTERS.search(place) and patterns.FOUR_CAPITALS.search(
        place
    )
    return bool(is_in_capitals) or patterns.DATED.search(place) is not None


def without_agency(text: str) -> Iterator[Found]:
    """Find a dateline that names a place in capitals and no agency, at the head of the text."""
    at = 0
    for _ in range(_LINES):
        match = patterns.PLACE_ONLY.match(text, at)
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        if match is not None and patterns.RUBRIC.match(match.group(1)) is None:
            if end - match.end() >= _BEGINNING:
                yield Found("dateline", *match.span(1))
            return
        if end >= len(text):
            return
        at = end + 1
