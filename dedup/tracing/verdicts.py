"""What a trace says of each article, and of each sentence of those that have a source.

Findings come in any order and are told in input order. Sentences are kept as numbers, in arrays of
the workspace: their labels, spans and the rows they are from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from dedup.results import contract
from dedup.tracing import origin, sources
from dedup.tracing.sources import NOWHERE

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.engines.context import Context
    from dedup.tracing.alignment import Alignment
    from dedup.tracing.dump import Dump
    from dedup.tracing.sources import Derivation

    Floats = npt.NDArray[np.float64]
    Numbers = npt.NDArray[np.int32]
    Rows = npt.NDArray[np.int64]

_LABELS = ("copied", "rewritten", "added", "credit", "furniture")
_VERDICTS = ("non_derived", "partially_derived", "wholly_derived")
_UNKNOWN = -1
_FIFTHS = 5
_ROWS_AT_ONCE = 512

_START, _END, _LABEL, _SOURCE, _SOURCE_START, _SOURCE_END, _QUOTED_IN = range(7)
"""Columns of `Finding.sentences`."""


class Finding(NamedTuple):
    """What is told of an article.

    Attributes:
        row: Of the article.
        derivation: Whose copy it is; without the alignment, which is told by the rest.
        verdict: See `Alignment.verdict`; None where nothing says whose copy it is.
        is_credited: Whether it names the one whose copy it is.
        is_aligned: Whether it was aligned with sources.
        shares: Copied, rewritten and added share.
        sentences: Start, end, label, row of the source, start and end there, and the row of a
            report in which a quotation stands too, of each; `_UNKNOWN` where there is none.
        similarities: Of each sentence.
        survival: How many sentences of its source survive in it, and how many there are, by fifth
            of the source.
    """

    row: int
    derivation: Derivation
    verdict: str | None
    is_credited: bool
    is_aligned: bool
    shares: tuple[float, float, float]
    sentences: Numbers
    similarities: Floats
    survival: Rows


def find(row: int, derivation: Derivation, dump: Dump) -> Finding:
    """Say what is told of an article, given whose copy it is."""
    is_credited, aligned = _is_credited(row, derivation, dump), derivation.alignment
    if aligned is None:
        sentences, similarities = np.empty((0, 7), dtype=np.int32), np.empty(0)
        shares = (0.0, 0.0, 1.0)
        survival = np.zeros((_FIFTHS, 2), dtype=np.int64)
    else:
        sentences = _sentences(row, aligned, dump)
        similarities = np.array([sentence.similarity for sentence in aligned.sentences])
        shares = (aligned.copied_share, aligned.rewritten_share, aligned.added_share)
        survival = _survival(derivation, sentences, dump)
    return Finding(
        row=row,
        derivation=derivation._replace(alignment=None),
        verdict=_verdict(row, derivation, dump),
        is_credited=is_credited,
        is_aligned=aligned is not None,
        shares=shares,
        sentences=sentences,
        similarities=similarities,
        survival=survival,
    )


def _verdict(row: int, derivation: Derivation, dump: Dump) -> str | None:
    facts = dump.facts(row)
    if derivation.alignment is not None:
        is_known = derivation.origin != NOWHERE or derivation.agency
        return derivation.alignment.verdict if is_known else None
    return None if facts.credited() and not facts.agency else "non_derived"


def _is_credited(row: int, derivation: Derivation, dump: Dump) -> bool:
    """Say whether an article names the one whose copy it is."""
    facts = dump.facts(row)
    if derivation.agency:
        return derivation.agency in facts.credited() and not facts.agency
    if derivation.origin < 0:
        return False
    return origin.names(facts, dump.facts(derivation.origin))


def _sentences(row: int, found: Alignment, dump: Dump) -> Numbers:
    """Give the sentences of an article as numbers."""
    quoted_in = _quoted_in(row, found, dump)
    rows = [
        (
            *(one.start, one.end, _LABELS.index(one.label)),
            *(_known(one.source_id), _known(one.source_start), _known(one.source_end)),
            quoted,
        )
        for one, quoted in zip(found.sentences, quoted_in, strict=True)
    ]
    return np.array(rows, dtype=np.int32).reshape(-1, 7)


def _known(value: str | int | None) -> int:
    return _UNKNOWN if value is None else int(value)


def _quoted_in(row: int, found: Alignment, dump: Dump) -> list[int]:
    """Give for added sentences the independent report in which their quotation stands too."""
    independent = [partner.row for partner in dump.partners(row) if partner.relation == "quote"]
    if not independent:
        return [_UNKNOWN] * len(found.sentences)
    nearest = sorted(independent, key=dump.order)[: sources.MOST]
    quoted = sources.align(row, nearest, dump)
    return [
        int(other.source_id) if one.label == "added" and other.source_id is not None else _UNKNOWN
        for one, other in zip(found.sentences, quoted.sentences, strict=True)
    ]


def _survival(derivation: Derivation, sentences: Numbers, dump: Dump) -> Rows:
    """Count the sentences of an agency's text, and those that stand in a copy, by fifth of it.

    A sentence of the source survives in a copy if a sentence of the copy is copied or reworded
    from it.
    """
    counts = np.zeros((_FIFTHS, 2), dtype=np.int64)
    if derivation.origin < 0 or not derivation.agency:
        return counts
    source = dump.document(derivation.origin)
    used = sentences[sentences[:, _SOURCE] == derivation.origin]
    report = source.spans[[not beside for beside in source.beside]]
    starts, ends = used[:, _SOURCE_START], used[:, _SOURCE_END]
    survives = ((starts < report[:, 1:]) & (report[:, :1] < ends)).any(axis=1)
    fifths = np.arange(len(report)) * _FIFTHS // max(len(report), 1)
    np.add.at(counts, fifths, np.stack((survives, np.ones_like(survives)), axis=1))
    return counts


class Verdicts:
    """What is told of all articles, in input order."""

    def __init__(self, n: int, context: Context) -> None:
        self._context = context
        self.origins = np.full(n, NOWHERE, dtype=np.int64)
        self._agencies = np.zeros(n, dtype=np.int32)
        self._agency_names = {"": 0}
        self._evidence = [""] * n
        self._confidence = np.zeros(n)
        self._verdicts = np.full(n, _UNKNOWN, dtype=np.int8)
        self._is_credited = np.zeros(n, dtype=np.bool_)
        self._shares = np.zeros((n, 3))
        self._first = np.zeros(n, dtype=np.int64)
        self._n_sentences = np.zeros(n, dtype=np.int64)
        self._is_aligned = np.zeros(n, dtype=np.bool_)
        self._sentences = context.space.column("sentence_places", np.int32, 7)
        self._similarities = context.space.column("sentence_similarities", np.float64)
        self._survival: dict[str, Rows] = defaultdict(
            lambda: np.zeros((_FIFTHS, 2), dtype=np.int64)
        )

    def add(self, found: Finding) -> None:
        """Take down a finding; a later one of the same article counts."""
        row, derivation = found.row, found.derivation
        self.origins[row] = derivation.origin
        names = self._agency_names
        self._agencies[row] = names.setdefault(derivation.agency, len(names))
        self._evidence[row] = derivation.evidence
        self._confidence[row] = derivation.confidence
        self._verdicts[row] = _UNKNOWN if found.verdict is None else _VERDICTS.index(found.verdict)
        self._is_credited[row] = found.is_credited
        self._shares[row] = found.shares
        self._is_aligned[row] = found.is_aligned
        self._first[row] = len(self._sentences)
        self._n_sentences[row] = len(found.sentences)
        self._sentences.extend(found.sentences)
        self._similarities.extend(found.similarities)
        if found.survival.any():
            self._survival[derivation.agency] += found.survival

    def without_sources(self) -> Rows:
        """Give the articles that were aligned with nothing."""
        return np.flatnonzero(~self._is_aligned)

    def survival(self) -> dict[str, list[float]]:
        """Give for each agency the share of its sentences that stand in copies, by fifth."""
        return {
            agency: [round(n / max(total, 1), 3) for n, total in counts.tolist()]
            for agency, counts in sorted(self._survival.items())
        }

    def columns(self, ids: pa.Array, stories: pa.Array) -> dict[str, pa.Array]:
        """Give what is told of each article, by column.

        Args:
            ids: Of all articles and wire stories.
            stories: The story of each article, by its first one.
        """
        verdicts = pa.array(_VERDICTS, pa.large_string())
        agencies = pa.array(list(self._agency_names), pa.large_string())
        shares = ("copied_share", "rewritten_share", "added_share")
        return {
            "verdict": verdicts.take(_or_null(self._verdicts.astype(np.int64))),
            "agency": agencies.take(pa.array(self._agencies)),
            "credited": pa.array(self._is_credited),
            "origin_id": self._origin_ids(ids, stories),
            "evidence": pa.array(self._evidence, pa.large_string()),
            "confidence": pa.array(self._confidence),
            **{
                name: pa.array(np.ascontiguousarray(self._shares[:, place]))
                for place, name in enumerate(shares)
            },
        }

    def _origin_ids(self, ids: pa.Array, stories: pa.Array) -> pa.Array:
        """Name the origins; virtual ones by the story that they are of."""
        known = ids.take(_or_null(self.origins))
        virtual = np.flatnonzero(self.origins == sources.VIRTUAL)
        if len(virtual) == 0:
            return known
        of_story = [f"virtual:{name}" for name in stories.take(pa.array(virtual)).to_pylist()]
        both = pa.concat_arrays([known, pa.array(of_story, pa.large_string())])
        place = np.arange(len(known))
        place[virtual] = np.arange(len(known), len(both))
        return both.take(pa.array(place))

    def sentences(self, dump: Dump, *, keep_text: bool) -> pa.Table:
        """Make the table `sentences`, in input order."""
        schema = contract.SENTENCES.schema(without=() if keep_text else ("text",))
        records = self._context.space.records("sentences", schema)
        for batch in self._batches(dump, schema):
            records.extend(batch)
            self._context.space.trim()
        return records.table()

    def _batches(self, dump: Dump, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        everything, similarities = self._sentences.values(), self._similarities.values()
        rows = np.flatnonzero(self._n_sentences)
        for first in range(0, len(rows), _ROWS_AT_ONCE):
            some = rows[first : first + _ROWS_AT_ONCE]
            counts = self._n_sentences[some]
            number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
            places = np.repeat(self._first[some], counts) + number
            told = everything[places].astype(np.int64)
            columns = {
                "id": dump.ids.take(pa.array(np.repeat(some, counts))),
                "sentence": pa.array(number),
                "start": pa.array(np.ascontiguousarray(told[:, _START])),
                "end": pa.array(np.ascontiguousarray(told[:, _END])),
                "label": pa.array(_LABELS, pa.large_string()).take(pa.array(told[:, _LABEL])),
                "source_id": dump.ids.take(_or_null(told[:, _SOURCE])),
                "source_start": _or_null(told[:, _SOURCE_START]),
                "source_end": _or_null(told[:, _SOURCE_END]),
                "similarity": pa.array(similarities[places]),
                "note": _notes(told[:, _QUOTED_IN], dump),
            }
            if "text" in schema.names:
                columns["text"] = _texts(some, counts, told, dump)
            yield pa.RecordBatch.from_arrays(list(columns.values()), schema=schema)


def _or_null(values: Rows) -> pa.Array:
    """Make an array with nulls for what is unknown."""
    return pa.array(values, mask=values < 0)


def _notes(quoted_in: Rows, dump: Dump) -> pa.Array:
    notes: list[str | None] = [None] * len(quoted_in)
    for place in np.flatnonzero(quoted_in >= 0).tolist():
        notes[place] = f"quotation also in {dump.id(int(quoted_in[place]))}"
    return pa.array(notes, pa.large_string())


def _texts(rows: Rows, counts: Rows, told: Rows, dump: Dump) -> pa.Array:
    """Cut the sentences out of the texts."""
    spans = iter(told[:, (_START, _END)].tolist())
    texts: list[str] = []
    for row, count in zip(rows.tolist(), counts.tolist(), strict=True):
        text = dump.text(row)
        texts += [text[start:end] for start, end in (next(spans) for _ in range(count))]
    return pa.array(texts, pa.large_string())
