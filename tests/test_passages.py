from __future__ import annotations

import itertools

import newswriter

from dedup.tracing import alignment


def test_passages_of_one_source_do_not_overlap() -> None:
    report = newswriter.report(12, 3)
    parts = report.split("\n")
    local = "\n".join((*parts, *parts[1:3], parts[0], *parts))
    passages = alignment.align(local, f"{report}\n{parts[2]} {parts[1]}").passages
    assert all(a.end <= b.start for a, b in itertools.pairwise(passages))
