"""Settings that an index was made with, and whether those that it is opened with fit them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson

from dedup import kernels
from dedup.errors import StoreError
from dedup.settings import Settings
from dedup.version import __version__

if TYPE_CHECKING:
    from dedup.index.stores import Session

_NAME = "header"
"""Of the value in the store."""

_MEMBERS = {"version", "kernel_version", "settings", "window"}
_HOW_TO_READ = ("fields", "max_record_bytes", "representative")
"""Settings that concern neither keys nor verdicts, and so may differ from call to call."""


def read(session: Session) -> bytes | None:
    """Read what an index was made with, None if it is new."""
    return session.meta(_NAME)


def make(
    session: Session, window: int | None, settings: Settings | Mapping[str, Any] | None
) -> bytes:
    """Write what an index is made with, unless another process has; give what stands there."""
    stored = read(session)
    if stored is None:
        header = {
            "version": __version__,
            "kernel_version": kernels.KERNEL_VERSION,
            "settings": Settings.from_dict(_given(settings)).as_dict(),
            "window": window,
        }
        stored = orjson.dumps(header)
        session.set_meta(_NAME, stored)
    return stored


def check(
    location: str,
    stored: bytes,
    window: int | None,
    settings: Settings | Mapping[str, Any] | None,
) -> tuple[Settings, int | None]:
    """Give the settings and the window in seconds of an index.

    Args:
        location: To be named in errors.
        stored: From `read` or `make`.
        window: As the caller gives it; None for that of the index.
        settings: The same.

    Raises:
        StoreError: What is stored is damaged; or the index was made otherwise, with the field, both
            values and what to do.
    """
    header = _parse(location, stored)
    _check_versions(location, header)
    if window is not None and window != header["window"]:
        raise StoreError(
            f"{location}: window is {_length(header['window'])} there, {_length(window)} here; "
            "leave it out, or add the articles to a new index"
        )
    made_with = Settings.from_dict(header["settings"])
    given = _given(settings)
    for name, value in given.items():
        there = header["settings"].get(name)
        if name not in _HOW_TO_READ and value != there:
            raise StoreError(
                f"{location}: {name} is {there!r} there, {value!r} here; leave it out, or add the "
                "articles to a new index"
            )
    how = {name: given[name] for name in _HOW_TO_READ if name in given}
    return replace(made_with, **how), header["window"]


def window_seconds(window: timedelta | None) -> int | None:
    """Give the seconds of a window.

    Raises:
        StoreError: It is no length of time, or under a minute.
    """
    if window is None:
        return None
    if not isinstance(window, timedelta) or window < timedelta(minutes=1):
        raise StoreError(f"window is {window!r}; give a timedelta of a minute or more")
    return int(window.total_seconds())


def _given(settings: Settings | Mapping[str, Any] | None) -> dict[str, Any]:
    return settings.as_dict() if isinstance(settings, Settings) else dict(settings or {})


def _parse(location: str, stored: bytes) -> dict[str, Any]:
    try:
        header = orjson.loads(stored)
    except orjson.JSONDecodeError:
        header = None
    if not isinstance(header, dict) or not header.keys() >= _MEMBERS:
        raise StoreError(f"{location}: its header is damaged; restore the index from a copy")
    return header


def _check_versions(location: str, header: Mapping[str, Any]) -> None:
    if header["kernel_version"] != kernels.KERNEL_VERSION:
        raise StoreError(
            f"{location}: kernel_version is {header['kernel_version']} there (dedup "
            f"{header['version']}), {kernels.KERNEL_VERSION} here (dedup {__version__}); use that "
            "version, or add the articles to a new index"
        )


def _length(seconds: int | None) -> str:
    return "none" if seconds is None else str(timedelta(seconds=seconds))
