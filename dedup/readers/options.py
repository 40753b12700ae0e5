"""How inputs are to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dedup.errors import SettingsError
from dedup.readers.formats import NAMES
from dedup.records import READ_FIELDS

FORMAT_CHOICES = ("auto", *NAMES)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How inputs are to be read.

    Attributes:
        format: Name of every input's format in `formats.FORMATS`; "auto" goes by file name, then by
            content.
        fields: Our field to the input's, dotted where nested ({"text": "body.plain"}); a field
            named here is looked for nowhere else.
        max_record_bytes: A longer record is skipped, and never held in memory.
        batch_rows: Most articles in a batch.
        batch_bytes: Rough bound on the text of a batch; one longer article is a batch of its own.
        needs_id: Skip records without an id, which otherwise get their place for one.

    Raises:
        SettingsError: A value is out of range or unknown.
    """

    format: str = "auto"
    fields: Mapping[str, str] = field(default_factory=dict)
    max_record_bytes: int = 32 << 20
    batch_rows: int = 4096
    batch_bytes: int = 8 << 20
    needs_id: bool = False

    def __post_init__(self) -> None:
        if self.format not in FORMAT_CHOICES:
            known = ", ".join(FORMAT_CHOICES)
            raise SettingsError(f"format is {self.format!r}; known are {known}")
        for name in self.fields:
            if name not in READ_FIELDS:
                raise SettingsError(f"fields names {name!r}; known are {', '.join(READ_FIELDS)}")
        for name in ("max_record_bytes", "batch_rows", "batch_bytes"):
            if getattr(self, name) < 1:
                raise SettingsError(f"{name} is {getattr(self, name)}; it must be at least 1")
