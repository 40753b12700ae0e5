"""Signatures: bylines at the top, and names or initials at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dedup.tracing import patterns
from dedup.tracing.names import Found

if TYPE_CHECKING:
    from dedup.tracing.names import Name

_TOP, END = 800, 500
"""Code points at the top where an abbreviation alone is a byline, and at the end where it signs."""

_LONGEST_BYLINE = 140
_BRACKETS = ("(", "（", "[")


def byline(name: Name) -> Found | None:
    """Find bylines, and names that stand alone at the end."""
    before, behind, text = name.before, name.behind, name.text
    is_sentence = patterns.ENDED.search(before.rstrip("\"'”) ") or "x")
    if name.length > _LONGEST_BYLINE or is_sentence:
        return None
    start = name.line_start
    is_late = start > len(text) * 0.5 and start > 300
    if patterns.SOURCE.match(before) and patterns.STAFF.match(behind):
        return Found("byline" if not is_late and start else "tail", start, name.end)
    if patterns.SECTION_BEHIND.match(behind) and not before.strip():
        return Found("tail", start, name.end)
    if not is_byline(name) or before.rstrip().endswith("("):
        return None
    if patterns.ARTICLE_IN_BRACKET.fullmatch(before) and behind.strip() == ")":
        return None
    if "-" in name.form and not before.strip() and not behind.strip():
        return Found("tail", start, name.end)
    if _is_of_something_else(name, is_late=is_late):
        return None
    return Found("tail" if is_late else "byline", start, name.end + len(behind.rstrip()))


def _is_of_something_else(name: Name, *, is_late: bool) -> bool:
    """Say whether a byline signs a quotation or a picture, or is but a word."""
    is_last = len(name.text) - name.line_end < END
    is_parted = patterns.PARTED.search(name.before) is not None
    if is_parted and name.text[: name.line_start].rstrip().endswith(("”", "»", '"')):
        return True  # whose quotation it was
    if is_late and not is_last and (name.is_short or is_parted):
        return True  # under a picture, or a quotation's source
    return name.clashes and not name.before.strip() and name.line_start > _TOP and not is_last


def is_byline(name: Name) -> bool:
    """Say whether a line is a name alone, behind "By", or behind persons."""
    before, behind = name.before, name.behind
    if not patterns.STAFF.match(behind) and not patterns.PLACE_BEHIND.match(behind):
        return False
    if name.clashes and before.strip() and not patterns.BY.match(before):
        return patterns.PERSON_AND_SIGN.fullmatch(before) is not None
    return (
        not before.strip(" \t\u00a0•*|–—-(")
        or patterns.BY.fullmatch(before) is not None
        or patterns.ARTICLE.fullmatch(before) is not None
        or (patterns.PERSONS.match(before) and patterns.PARTED.search(before)) is not None
        or patterns.PERSON_OF.fullmatch(before) is not None
    )


def tail(name: Name) -> Found | None:
    """Find a name that signs the text or, in brackets, a paragraph of it."""
    opens = name.before.rstrip().endswith(_BRACKETS)
    is_last = len(name.text) - name.line_end < END
    is_signed = is_last or (name.is_short and name.before.rstrip().endswith(("(", "（")))
    if not is_signed or not (_signs_in_bracket(name) if opens else _signs_bare(name)):
        return None
    behind = len(name.behind.rstrip()) if opens else 0
    return Found("tail", name.start - opens, name.end + behind)


def _signs_in_bracket(name: Name) -> bool:
    """Say whether a name in brackets stands behind the last stop of a line."""
    if not name.before.strip(" (（[") and name.end - name.start > 15:
        return False  # the full name in brackets alone stands under pictures
    lead = name.before.rstrip()[:-1].rstrip()
    is_closed = patterns.SIGNED_IN_BRACKETS.match(name.behind) is not None
    return is_closed and (not lead or patterns.ENDED.search(lead) is not None)


def _signs_bare(name: Name) -> bool:
    """Say whether a name stands behind the last stop of a line."""
    before, behind = name.before, name.behind
    lead = patterns.DASH_AT_END.sub(" ", before)
    is_alone = not lead.strip() and bool(behind.strip())
    if not patterns.SIGNED_BARE.match(behind) or not (is_alone or patterns.ENDED.search(lead)):
        return False
    if not name.form.isupper() and lead == before and not behind.strip(" ."):
        return False  # "... founded by Mr. Bloomberg"
    return bool(lead[-1:].isspace()) and (name.length > 20 or bool(behind.strip()))


def of_reuters(text: str, start: int, end: int) -> Iterator[Found]:
    """Find, in one line, "Reporting by …; editing by …"."""
    signed = (
        patterns.SIGNED.search(text, start, end) if text.find("ing by", start, end) >= 0 else None
    )
    if signed:
        yield Found("tail", *signed.span())


def of_afp(text: str, within: int) -> Iterator[Found]:
    """Find lines of initials in so many code points at the end."""
    if "/" in text[-within:]:
        for match in patterns.INITIALS.finditer(text, max(len(text) - within, 0)):
            yield Found("tail", *match.span(1))
