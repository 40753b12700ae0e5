"""Small results and gold labels for the tests of `dedup.evaluation`."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import strategies as st

from dedup.evaluation import ArticleGold
from dedup.results.result import Result

labelled = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=40)
"""Articles, each with a found and a gold label."""


def result_of(articles, matches=(), threshold=0.25, margins=None):
    """Make a result of {id: (cluster, story)} and (id_a, id_b, relation, jaccard, containment)."""
    matches = [(*match, match[4], match[4], 7) for match in matches]
    names = ["id_a", "id_b", "relation", "jaccard", "containment", "containment_a",
             "containment_b", "shared"]  # fmt: skip
    pairs = pa.table([list(column) for column in zip(*matches, strict=True)], names=names) \
        if matches else pa.table({
            name: pa.array([], pa.string() if place < 3 else pa.float64())
            for place, name in enumerate(names)})  # fmt: skip
    if margins is not None:
        pairs = pairs.append_column("margin", pa.array(margins, pa.float64()))
    clusters, stories = zip(*articles.values(), strict=True)
    ids = list(articles)
    titles = [f"title of {name}" for name in ids]
    return Result(
        articles=pa.table({"id": ids, "cluster": clusters, "story": stories, "title": titles,
                           "outlet": [f"outlet of {name}" for name in ids]}),
        pairs=pairs,
        furniture=pa.table({}),
        skipped=pa.table({"file": []}),
        run={"settings": {"threshold": threshold}},
    )  # fmt: skip


def gold_articles(labels, level="cluster"):
    return ArticleGold("gold", tuple(labels), {level: tuple(labels.values())})


WIRE = result_of(
    {"a": ("a", "a"), "b": ("a", "a"), "c": ("c", "a"), "d": ("d", "d"), "e": ("e", "d")},
    [("a", "b", "duplicate", 0.8, 0.9), ("a", "c", "version", 0.3, 0.6),
     ("b", "d", "quote", 0.26, 0.5), ("d", "e", "furniture", 0.4, 0.7)],
)  # fmt: skip
