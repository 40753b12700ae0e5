"""What a field's value says: text, a name, a host, a date; None where it says nothing.

Each function takes any value a reader can meet (JSON, CSV, Arrow, Python objects) and returns
a string or None. Dumps write "None", "nan" or "NaT" where they mean nothing.
"""

from __future__ import annotations

from typing import Any

from dedup.text import dates, outlets

URL_STARTS = ("http://", "https://", "//")
_MISSING_TYPES = {"NAType", "NaTType", "NoneType"}


_TYPE_NAMES: dict[type, str] = {
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "a list",
    dict: "an object",
    type(None): "null",
}
MISSING: frozenset[str] = frozenset(("", "None", "NaN", "nan", "null", "NULL", "NaT", "<NA>"))


def text(value: object) -> str | None:
    """Read a text: a string, its paragraphs, a fundus `body` or feedparser's `content`."""
    if isinstance(value, str):
        return None if value in MISSING or value.isspace() else value
    if isinstance(value, dict) and ("sections" in value or "summary" in value):
        return text("\n".join(_paragraphs(value)))
    if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
        return text("\n".join(value))
    if isinstance(value, list) and value and all(_is_feed_content(part) for part in value):
        return text("\n".join(part["value"] for part in value))
    return None


def type_name(value: object) -> str:
    """Name a value's type as JSON users would."""
    return _TYPE_NAMES.get(type(value), f"a {type(value).__name__}")


def _is_feed_content(part: object) -> bool:
    """Whether feedparser's `content` or a JSON-LD value object is meant."""
    return isinstance(part, dict) and isinstance(part.get("value"), str)


def _paragraphs(body: dict[str, Any]) -> list[str]:
    """List the paragraphs of a fundus `body`: summary, then each section's headline and text."""
    parts = _strings(body.get("summary"))
    sections = body.get("sections")
    for section in sections if isinstance(sections, list) else []:
        if isinstance(section, dict):
            parts += _strings(section.get("headline")) + _strings(section.get("paragraphs"))
    return parts


def _strings(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [part for part in values if isinstance(part, str) and part]


def string(value: object) -> str | None:
    """Read one word or line: text as it is, 12.0 as "12"; no lists or objects."""
    if isinstance(value, str):
        return None if value in MISSING or value.isspace() else value
    if isinstance(value, bool | dict | list | tuple | set | bytes) or is_missing(value):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return string(str(value))


def says_nothing(value: object) -> bool:
    """Whether a value stands for "unknown": blank, "None", NaN and the like."""
    if isinstance(value, str):
        return value in MISSING or value.isspace()
    return is_missing(value)


def holds(value: object) -> bool:
    """Whether there is anything to carry on in `extra`; only null, NaN and "" are not."""
    return value != "" if type(value) is str else not is_missing(value)


def is_missing(value: object) -> bool:
    """Whether a value is None, NaN, NaT or pandas' NA."""
    if type(value).__name__ in _MISSING_TYPES:
        return True
    return isinstance(value, float) and value != value  # NaN alone does not equal itself


def names(value: object) -> str | None:
    """Read one or several names, from text, {"name": …} or a list of these, joined with "; "."""
    if isinstance(value, dict):
        return string(value.get("name"))
    if isinstance(value, list | tuple):
        return "; ".join(name for name in map(names, value) if name) or None
    return string(value)


def name(value: object) -> str | None:
    """Read an outlet's name; a URL is none."""
    found = string(value)
    return None if found and is_url(found) else found


def host(value: object) -> str | None:
    """Read a host from a URL or a field that holds hosts, where a bare name will do too."""
    found = string(value)
    if found is None:
        return None
    return outlets.host_of(found) or (None if is_url(found) else found.strip().lower())


def url(value: object) -> str | None:
    """Read a string that is a URL for sure."""
    return value if isinstance(value, str) and is_url(value) else None


def is_url(value: str) -> bool:
    """Whether a string starts like a web address."""
    return value.startswith(URL_STARTS)


def date(value: object) -> str | None:
    """Read a date; see `dates.parse_date`. MongoDB's are {"$date": …}."""
    if type(value) is dict:
        value = value.get("$date")
        if isinstance(value, dict):
            return dates.parse_date(string(value.get("$numberLong")))
    return dates.parse_date(value)


def says_more(value: object, column: str, read: str) -> bool:
    """Whether a value holds more than what was read from it, so that it must stay in `extra`."""
    if isinstance(value, dict):
        return column != "text"
    if isinstance(value, list | tuple):
        return column != "text" and any(not isinstance(part, str) for part in value)
    if isinstance(value, str) and column == "published":
        # Coarser than written (03/04/2024), or more than one date ("PUBLISHED … | UPDATED …").
        return len(read) < len("2024-07-30") <= len(value) or len(value) > 40
    return isinstance(value, str) and value != read


def escaped(text: str) -> str:
    r"""Write lone surrogates as "\\ud800", so that what differs still does."""
    return text.encode("utf-8", "backslashreplace").decode()
