"""The errors that dedup raises, as one tree.

DedupError
├── SettingsError     a setting is out of range, unknown, or does not fit another
├── InputError        an input cannot be read at all, or a record is bad and `strict` is on
├── OutputError       a result cannot be written where it was asked for
├── StoreError        an index cannot be opened, read or written, or does not fit
└── WorkError         a work folder cannot be used, is full, or does not fit
"""

from __future__ import annotations


class DedupError(Exception):
    """Base of every error raised on purpose; its message is one line a user can act on."""


class SettingsError(DedupError, ValueError):
    """A setting is out of range, unknown, or does not fit another."""


class InputError(DedupError, ValueError):
    """An input cannot be read at all, or a record is bad and `strict` is on."""


class OutputError(DedupError, OSError):
    """A result cannot be written where it was asked for."""


class StoreError(DedupError, OSError):
    """An index cannot be opened, read or written, or does not fit."""


class WorkError(DedupError, OSError):
    """A work folder cannot be used, is full, or does not fit."""


class DedupWarning(UserWarning):
    """Something that makes runs slower or less useful, and that a user can act on."""
