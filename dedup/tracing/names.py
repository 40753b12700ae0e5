"""Agencies' names in a text, each with the line it stands in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from dedup.tracing import agencies
from dedup.tracing.patterns import NAME

AROUND = 300
"""Code points of its line that are looked at before and behind a name."""


class Found(NamedTuple):
    """What a name or a line is: a kind of credit, and its span in the text."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Name:
    """A name of an agency, `text[start:end]`, in the line `text[line_start:line_end]`.

    Attributes:
        agency: Whose name it is; "" for a trigger.
        text: All of the text.
        start: In code points of the text, as the next three.
        end: See `start`.
        line_start: See `start`.
        line_end: See `start`.
        before: What stands in the line before the name, as far as one looks.
        behind: What stands in the line behind it, likewise.
        is_short: Whether it is an abbreviation.
        clashes: Whether it means something else as well.
    """

    agency: str
    text: str
    start: int
    end: int
    line_start: int
    line_end: int
    before: str
    behind: str
    is_short: bool
    clashes: bool

    @property
    def form(self) -> str:
        """The name as it is written."""
        return self.text[self.start : self.end]

    @property
    def line(self) -> str:
        """The line it stands in."""
        return self.text[self.line_start : self.line_end]

    @property
    def length(self) -> int:
        """Code points of its line."""
        return self.line_end - self.line_start

    @property
    def place(self) -> int:
        """Code points of the line before it."""
        return self.start - self.line_start

    def masked(self) -> str:
        """Give the line with `patterns.NAME` in the place of the name."""
        before = self.text[self.line_start : self.start]
        return f"{before}{NAME}{self.text[self.end : self.line_end]}"


def find(text: str, around: int = AROUND) -> Iterator[Name]:
    """Find names and triggers in the order of the text."""
    for form, start, end in agencies.find_forms(text):
        line_start = text.rfind("\n", 0, start) + 1
        line_end = text.find("\n", end)
        line_end = len(text) if line_end < 0 else line_end
        yield Name(
            agency=form.agency,
            text=text,
            start=start,
            end=end,
            line_start=line_start,
            line_end=line_end,
            before=text[max(line_start, start - around) : start],
            behind=text[end : min(line_end, end + around)],
            is_short=form.is_short,
            clashes=form.clashes,
        )
