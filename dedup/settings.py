"""One validated set of settings for every command and call, saved with every result.

Defaults were chosen on the labelled data named in `docs/architecture.md`; the measurements stand
there.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from dedup.errors import SettingsError
from dedup.records import READ_FIELDS

LEAST_MEMORY = 300_000_000
"""Bytes: dedup itself needs 270 MB."""

NEAR = 0.25
"""Stories are made of clusters of this Jaccard: a higher threshold splits clusters, not stories."""

REPRESENTATIVES = ("earliest", "longest", "central")
FORMATS = ("jsonl", "parquet", "csv")


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides a result; the same input and settings give the same bytes.

    Attributes:
        shingle_size: Tokens in a shingle, 1 to 50.
        threshold: Lowest Jaccard similarity to the centre of a cluster, above 0 and at most 1.
        containment: Lowest share of the shorter text's shingles found in the longer one that makes
            a match of any Jaccard similarity, above 0 and at most 1.
        story_containment: The same for two texts that tell one story.
        recall: Wanted probability that a pair exactly at the threshold becomes a candidate.
        num_perm: MinHash values in a signature, 1 to 4096.
        seed: Of the MinHash permutations, as in `datasketch.MinHash(seed=…)`; 0 to 2**32 - 1.
        bands: LSH bands; 0 chooses bands and rows from `threshold`, `recall` and `num_perm`.
        rows: MinHash values in a band; 0 as for `bands`. Give both or neither.
        min_tokens: Texts of fewer tokens outside furniture match only what is nearly the same.
        max_bucket: A bucket (or a group of identical texts) with more articles than this is
            linked through some of its members instead of pair by pair, and reported.
        keep_furniture: Compare whole page texts, menus and notices too.
        representative: Which article of a cluster stands for it: "earliest" published,
            "longest" text, or "central" (its text matches most other texts).
        fields: Input field for any of id, text, title, outlet, published, url, authors and
            language, where the usual names do not fit; dots reach into nested records.
        max_record_bytes: A longer input record is skipped and named.
    """

    shingle_size: int = 5
    threshold: float = 0.25
    containment: float = 0.2
    story_containment: float = 0.4
    recall: float = 0.98
    num_perm: int = 128
    seed: int = 1
    bands: int = 0
    rows: int = 0
    min_tokens: int = 20
    keep_furniture: bool = False
    max_bucket: int = 256
    representative: str = "earliest"
    fields: Mapping[str, str] = field(default_factory=dict, hash=False)  # a dict has no hash
    max_record_bytes: int = 32 << 20

    def __post_init__(self) -> None:
        for name, lowest, highest in _RANGES:
            _check_whole(name, getattr(self, name), lowest, highest)
        for name in ("threshold", "containment", "story_containment"):
            _check_share(name, getattr(self, name), up_to_one=True)
        _check_share("recall", self.recall, up_to_one=False)
        if not isinstance(self.keep_furniture, bool):
            raise SettingsError(f"keep_furniture is {self.keep_furniture!r}; give true or false")
        if (self.bands == 0) != (self.rows == 0):
            raise SettingsError(
                f"bands is {self.bands} and rows is {self.rows}; give both, or neither to have "
                "them chosen"
            )
        if self.bands * self.rows > self.num_perm:
            raise SettingsError(
                f"{self.bands} bands of {self.rows} rows need num_perm = {self.bands * self.rows}; "
                f"it is {self.num_perm}"
            )
        if self.representative not in REPRESENTATIVES:
            raise SettingsError(
                f"representative is {self.representative!r}; choose one of "
                + ", ".join(REPRESENTATIVES)
            )
        _check_fields(self.fields)

    def as_dict(self) -> dict[str, Any]:
        """Give the settings as plain values, as they stand in `run.json`."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {**values, "fields": dict(self.fields)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Settings:
        """Make settings from plain values.

        Raises:
            SettingsError: A name is unknown or a value is out of range.
        """
        known = [item.name for item in fields(cls)]
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise SettingsError(
                f"no setting is called {', '.join(unknown)}; there are {', '.join(known)}"
            )
        return cls(**values)

    @classmethod
    def from_file(cls, path: str | Path) -> Settings:
        """Read settings from a TOML file, or from the `run.json` of an earlier run.

        Raises:
            SettingsError: The file cannot be read, or holds something else.
        """
        path = Path(path)
        is_run = path.suffix == ".json"
        try:
            text = path.read_text(encoding="utf-8")
            values = json.loads(text)["settings"] if is_run else tomllib.loads(text)
        except OSError as error:
            raise SettingsError(f"{path}: cannot read settings: {error.strerror}") from error
        except (KeyError, TypeError) as error:
            raise SettingsError(f"{path}: no `settings` in it; give a run.json or TOML") from error
        except ValueError as error:
            raise SettingsError(
                f"{path}: not valid {'JSON' if is_run else 'TOML'}: {error}"
            ) from error
        if not isinstance(values, dict):
            raise SettingsError(f"{path}: settings must be a table of names and values")
        return cls.from_dict(values)


_RANGES = (
    ("shingle_size", 1, 50),
    ("num_perm", 1, 4096),
    ("seed", 0, (1 << 32) - 1),
    ("bands", 0, 4096),
    ("rows", 0, 4096),
    ("min_tokens", 1, 1 << 31),
    ("max_bucket", 2, 1 << 31),
    ("max_record_bytes", 1, 1 << 40),
)


def _check_whole(name: str, value: object, lowest: int, highest: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise SettingsError(
            f"{name} is {value!r}; it must be a whole number, {lowest} to {highest}"
        )


def _check_share(name: str, value: object, *, up_to_one: bool) -> None:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not 0 < value <= 1
        or (value == 1 and not up_to_one)
    ):
        end = "at most" if up_to_one else "below"
        raise SettingsError(f"{name} is {value!r}; it must be a number above 0 and {end} 1")


def _check_fields(mapping: object) -> None:
    if not isinstance(mapping, Mapping):
        raise SettingsError(
            f"fields is {mapping!r}; it must map names such as text to input fields"
        )
    for name, source in mapping.items():
        if name not in READ_FIELDS:
            raise SettingsError(f"fields names {name!r}; an article has {', '.join(READ_FIELDS)}")
        if not isinstance(source, str) or not source:
            raise SettingsError(f"fields.{name} is {source!r}; it must name an input field")


def size_in_bytes(size: int | str) -> int:
    """Read a limit of memory: bytes, or a number with a unit such as "1GB", "800MB" or "2GiB".

    Raises:
        SettingsError: It is no size, or less than dedup itself needs.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", str(size).strip().lower())
    if match is None:
        raise SettingsError(f"{size!r} is no size; give for example 1GB, 800MB or 2GiB")
    number, unit, binary = match.groups()
    found = int(float(number) * (1024 if binary else 1000) ** " kmgt".index(unit or " "))
    if found < LEAST_MEMORY:
        raise SettingsError(f"{size} is too little; dedup itself needs 270 MB: give 300MB or more")
    return found
