"""What a run gives back: tables, and the record of how they came about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from dedup.results import contract

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Result:
    """Clusters of a collection of articles.

    The columns of the tables stand in `dedup.results.contract`, with what each holds.

    Attributes:
        articles: One row per article, in input order: its cluster, its story, whether it is the
            representative, and what the input said of it.
        pairs: One row per match, in input order: what kind it is, and how much is shared.
        furniture: One row per stretch of page furniture.
        skipped: One row per record left out, and why.
        run: Version, settings, counts, seconds and bytes per stage, warnings; plain values.
    """

    articles: pa.Table
    pairs: pa.Table
    furniture: pa.Table
    skipped: pa.Table
    run: dict[str, Any]

    def to_arrow(self) -> dict[str, pa.Table]:
        """Give the tables by name."""
        return {table.name: getattr(self, table.name) for table in contract.CLUSTERED}

    def to_pandas(self) -> dict[str, pd.DataFrame]:
        """Give the tables by name, as pandas data frames (pandas must be installed)."""
        return {name: table.to_pandas() for name, table in self.to_arrow().items()}

    def write(
        self,
        directory: str | Path,
        *,
        format: str = "jsonl",  # noqa: A002, the word of the command line
        force: bool = False,
        between: Callable[[], None] = lambda: None,
    ) -> None:
        """Write the tables and `run.json` to a directory that appears complete or not at all.

        Args:
            directory: Must not exist yet, unless `force`.
            format: "jsonl", "parquet" or "csv".
            force: Replace what is there once the new result is complete. Only a directory that
                holds an earlier result and nothing else is replaced.
            between: Called after each few thousand rows, to let go of memory.

        Raises:
            OutputError: The directory exists, is no earlier result, or cannot be written.
        """
        from dedup.results import write

        write.write_directory(
            self.to_arrow(), self.run, Path(directory), format, force=force, between=between
        )

    @classmethod
    def read(cls, directory: str | Path) -> Result:
        """Read a directory that `write` or `dedup cluster` made, in whichever format it is.

        Columns that the contract does not name come back as text from JSON Lines and CSV. A
        missing table `skipped` is taken for an empty one. One of `dedup trace` gives a `Trace`.

        Raises:
            InputError: It is no such directory, or a file in it is damaged.
        """
        from dedup.results import read

        return read.read_directory(Path(directory))


@dataclass(frozen=True, slots=True)
class Trace(Result):
    """Clusters, and whose copy each article is.

    Attributes:
        articles: As in `Result`, and of each article whose copy it is, on what evidence, whether it
            says so, and how much of it is copied, reworded and added.
        sentences: One row per sentence of each article with a source: what became of it, and where
            it is from.
        outlets: One row per outlet, agency and day: how many articles are copies.
    """

    sentences: pa.Table
    outlets: pa.Table

    def to_arrow(self) -> dict[str, pa.Table]:
        """Give the tables by name."""
        return {table.name: getattr(self, table.name) for table in contract.TRACED}
