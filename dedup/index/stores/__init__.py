"""Where an ingest index keeps its articles: one protocol, tested by one body of tests.

A store knows nothing of texts. It holds rows (an article's id, time, place and sealed content) and
postings (which articles hold a key), and lets one writer at a time see and change those that share
keys. `sqlite` is the embedded one, on a file or in memory; `postgres` is for several machines.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from dedup.errors import StoreError
from dedup.stages import fingerprints

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Keys = npt.NDArray[np.uint32]
    Numbers = npt.NDArray[np.int64]

T = TypeVar("T")

FORMAT = 2
"""Of what stores hold; raised with any change to it."""

CROWDED, NEWEST_OF_CROWDED = fingerprints.MOST_TEXTS, 8
"""A key that so many articles have leads to the newest few of them only: a phrase that thousands
use says little, and of a story that thousands carry a few are enough."""

SLICES = 4
"""A window is cut into so many slices; a slice is dropped when all of it is past."""


class Row(NamedTuple):
    """One article in a store.

    Attributes:
        number: Rises with each article added; odd for texts so short that one common key will do.
        id: Its id.
        time: Seconds since 1970.
        cluster: Id of the article that its cluster is named after; `story` likewise.
        story: See `cluster`.
        n_keys: How many keys it has.
        payload: The article and its verdict, compressed.
    """

    number: int
    id: str
    time: int
    cluster: str
    story: str
    n_keys: int
    payload: bytes


class Session(Protocol):
    """What can be done within one transaction."""

    def meta(self, name: str) -> bytes | None:
        """Read a named value of the index."""

    def set_meta(self, name: str, value: bytes) -> None:
        """Write a named value of the index."""

    def find(self, id: str) -> Row | None:
        """Give the article with an id."""

    def rows(self, numbers: Sequence[int]) -> list[Row]:
        """Give articles by number, those that are still there, in ascending order."""

    def sharing(self, keys: Keys, since: int, until: int) -> tuple[Numbers, Numbers]:
        """Find articles that hold some of the keys.

        Args:
            keys: Distinct keys, sorted.
            since: Articles of another time than from `since` to `until` may be left out.
            until: See `since`.

        Returns:
            Their numbers, ascending, and how many of the keys each holds. Of a key that
            `CROWDED` or more hold only the newest `NEWEST_OF_CROWDED` count.
        """

    def put(self, row: Row, keys: Keys) -> int:
        """Add an article (its `number` says odd or even only); give its number."""

    def delete(self, number: int, keys: Keys) -> None:
        """Take an article and its keys out."""

    def rename(self, id: str) -> None:
        """Name the cluster and the story of an article after the earliest of their others."""

    def place(self, places: Iterable[tuple[str, str, int]]) -> None:
        """Set cluster and story of articles by number."""

    def before(self, number: int, most: int) -> list[Row]:
        """Give the next articles with lower numbers, the newest first."""

    def after(self, number: int, most: int) -> list[Row]:
        """Give the next articles with higher numbers, in the order in which they came."""

    def expire(self, before: int) -> int:
        """Drop slices of which all is older; give how many articles went."""

    def count(self) -> int:
        """Count the articles."""


class Store(Protocol):
    """A place for an index; safe to use from several threads.

    Attributes:
        location: Where it is, to be shown: without user and password.
    """

    location: str

    def write(self, work: Callable[[Session], T], keys: Keys | None = None) -> T:
        """Do work in a transaction, all of it or nothing.

        While it runs no other writer that has one of the keys runs, nor, with None, any at all;
        keys come in any order, repeated or not. The work is done again where the connection was
        lost, so it must bear that.
        """

    def read(self, work: Callable[[Session], T]) -> T:
        """Do work that changes nothing, on one state of the index."""

    def set_slices(self, seconds: int | None) -> None:
        """Say how long a slice of time is, None for one that holds all; before any work."""

    def size_in_bytes(self) -> int:
        """Say what the index takes on disk, or in memory."""

    def close(self) -> None:
        """Let go of the connection."""


def check_format(shown: str, found: str) -> None:
    """Refuse an index of another format.

    Raises:
        StoreError: So it is.
    """
    if found != str(FORMAT):
        raise StoreError(
            f"{shown}: an index of format {found}, this version reads {FORMAT}; use the version of "
            "dedup that wrote it, or add the articles to a new index"
        )


def check_process(shown: str, opened_by: int) -> None:
    """Refuse to use a connection that another process opened.

    Raises:
        StoreError: This process is its fork.
    """
    if os.getpid() != opened_by:
        raise StoreError(
            f"{shown}: opened by process {opened_by}, used in {os.getpid()}; open the index in "
            "each process, after the fork"
        )


def closed(shown: str) -> StoreError:
    """Make the error of using an index that was closed."""
    return StoreError(f"{shown}: the index is closed; open it again")


def slice_name(k: int) -> str:
    """Name a slice of time by its number, as part of a table's name."""
    return str(k) if k >= 0 else f"before_{-k}"


def is_file(location: str) -> bool:
    """Say whether a location is a path, and no URL or other text that may hold a password."""
    return not (location == ":memory:" or _scheme(location) or _is_conninfo(location))


def _scheme(location: str) -> str:
    found = re.match(r"[A-Za-z][\w+.-]*://", location)
    return found[0] if found else ""


def _is_conninfo(location: str) -> bool:
    """Say whether a location is PostgreSQL's keywords and values: "host=db dbname=news"."""
    return re.search(r"(^|\s)(host|hostaddr|dbname|service|password)\s*=", location) is not None


def open_store(location: str) -> Store:
    """Open a store: ":memory:", a path, or a PostgreSQL database by its URL or its keywords.

    Raises:
        StoreError: It cannot be opened, or is something else.
    """
    scheme = _scheme(location)
    if scheme in ("postgresql://", "postgres://") or _is_conninfo(location):
        from dedup.index.stores.postgres import PostgresStore

        return PostgresStore(location)
    if scheme:
        raise StoreError(f"{scheme}: not known here; give a file or a postgresql:// URL")
    from dedup.index.stores.sqlite import SqliteStore

    return SqliteStore(location)
