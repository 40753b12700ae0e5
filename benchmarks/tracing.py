"""How well credits and origins are found, and what a trace costs beside clustering.

    python benchmarks/tracing.py --data ../shared/data

1. The lines of `domain/credit_examples.json` beside the data: told from traps.
2. `allsides`: articles whose author field names an agency, and how many of them carry a credit in
   their text; credits by kind; MB/s of the detection, one thread.
3. `news_agency_mentions`: recall and precision of agencies' marks in old print (OCR, German and
   French), by agency: a mark is found if a credit overlaps it.
4. `wire_alignment`: the wire side of 15 pairs named as origin, all in one dump, without dates.
5. The fixtures beside their gold, with their wire stories.
6. CPU of `trace` on `allsides` as a multiple of `cluster`, same run, one worker; peak memory.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import dedup
from dedup import readers

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
AGENCIES = re.compile(r"\b(?:Associated Press|Reuters|AFP|Agence France|Bloomberg|UPI)\b")
OLD = {
    "AFP": "Agence France-Presse",
    "AP": "The Associated Press",
    "ATS-SDA": "Keystone-SDA",
    "DNB": "Deutsches Nachrichtenbüro",
    "Extel": "Exchange Telegraph",
    "Europapress": "Europa Press",
    "Stefani": "Agenzia Stefani",
    "UP-UPI": "United Press International",
    "Wolff": "Wolffs Telegraphisches Bureau",
}


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    """Read one table of a data set."""
    return pq.read_table(folder / f"{name}.parquet").to_pylist()


def named(text: str, **known: str) -> list[dedup.Credit]:
    """Credits that name an agency."""
    found = dedup.credits(text, **known)
    return [one for one in found if one.agency and one.kind != "self_reference"]


def examples(domain: Path) -> Iterator[str]:
    """Lines of real articles, labelled."""
    stored = json.loads((domain / "credit_examples.json").read_text(encoding="utf-8"))["examples"]
    right = 0
    for row in stored:
        found = [one for one in dedup.credits(row["line"]) if one.kind != "self_reference"]
        right += bool(found) == row["syndication_credit"]
    yield f"| credit examples | told from traps | {right} of {len(stored)} |"


def allsides(folder: Path) -> Iterator[str]:
    """Credits in whole articles."""
    articles = rows(folder, "articles")
    dedup.credits("warm")
    start = time.process_time()
    found = [
        named(row["text"], title=row["title"] or "", outlet=row["source"] or "") for row in articles
    ]
    seconds = time.process_time() - start
    size = sum(len(row["text"].encode()) for row in articles) / 1e6
    yield f"| allsides | MB/s of {size:.0f} MB | {size / seconds:.1f} |"
    kinds = Counter(one.kind for some in found for one in some)
    credited = sum(bool(some) for some in found)
    told = ", ".join(f"{kind} {n}" for kind, n in kinds.most_common())
    yield f"| allsides | articles with a credit in the text ({told}) | {credited} |"
    by_agency = [
        some
        for row, some in zip(articles, found, strict=True)
        if AGENCIES.search(row["authors"] or "")
    ]
    in_text = sum(bool(some) for some in by_agency)
    yield (
        "| allsides | author field names an agency: credit in the text | "
        f"{in_text} of {len(by_agency)} |"
    )


def old_print(folder: Path) -> Iterator[str]:
    """Marks of agencies in old newspapers."""
    marks: dict[str, list[dict[str, Any]]] = {}
    for row in rows(folder, "mentions"):
        if row["label"].startswith("org."):
            marks.setdefault(row["id"], []).append(row)
    total: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    found: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for row in rows(folder, "articles"):
        marked = [one for one in named(row["text"]) if one.start is not None]
        mine = marks.get(row["id"], [])
        for mark in mine:
            label = mark["label"].rpartition(".")[2]
            name = OLD.get(label, label)
            total[name] += 1
            hits[name] += any(_meet(one, mark) for one in marked)
        for one in marked:
            found[one.agency] += 1
            right[one.agency] += any(_meet(one, mark) for mark in mine)
    for name, n in total.most_common():
        yield (
            f"| old print | {name}: recall, precision | {hits[name]} of {n}, "
            f"{right[name]} of {found[name]} |"
        )
    yield (
        f"| old print | all: recall, precision | {sum(hits.values())} of {sum(total.values())}, "
        f"{sum(right.values())} of {sum(found.values())} |"
    )


def _meet(credit: dedup.Credit, mark: dict[str, Any]) -> bool:
    return (
        credit.start is not None
        and credit.end is not None
        and credit.start < mark["end"]
        and mark["start"] < credit.end
    )


def wire_origins(folder: Path) -> tuple[int, int]:
    """Count the pairs of (wire, local) whose wire side is named as the local one's origin."""
    table = pq.read_table(folder / "articles.parquet")
    table = table.drop_columns([name for name in ("date", "role") if name in table.column_names])
    origins = {row["id"]: row["origin_id"] for row in dedup.trace(table).articles.to_pylist()}
    pairs = {(row["source_id"], row["local_id"]) for row in rows(folder, "sentences")}
    return sum(origins[local] == wire for wire, local in pairs), len(pairs)


def fixtures() -> Iterator[str]:
    """Our newsroom, with its wire stories."""
    parts = []
    for name in ("newsroom", "wire"):
        found: dict[str, dict[str, Any]] = {}
        for batch in readers.read([str(FIXTURES / f"{name}.jsonl")], readers.ReadOptions()):
            for row in batch.articles.to_pylist():
                row["extra"] = json.loads(row["extra"]) if row["extra"] else {}
                found.setdefault(row["id"], row)
        parts.append(list(found.values()))
    ours = {row["id"]: row for row in dedup.trace(*parts).articles.to_pylist()}
    gold = [
        json.loads(line)
        for line in (FIXTURES / "gold" / "articles.jsonl").read_text("utf-8").splitlines()
    ]
    for column in ("credited", "agency", "origin_id", "verdict"):
        right = sum(ours[row["id"]][column] == row[column] for row in gold)
        yield f"| fixtures | {column} as in the gold | {right} of {len(gold)} |"


def cost(folder: Path) -> Iterator[str]:
    """CPU of a trace as a multiple of clustering."""
    table = pq.read_table(folder / "articles.parquet")
    dedup.trace(table.slice(0, 300), workers=1)
    seconds = []
    for call in (dedup.cluster, dedup.trace):
        start = time.process_time()
        call(table, workers=1)
        seconds.append(time.process_time() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    yield (
        f"| allsides, {table.num_rows:,} articles | CPU s of trace, of cluster, ratio | "
        f"{seconds[1]:.1f}, {seconds[0]:.1f}, {seconds[1] / seconds[0]:.1f} |"
    )
    yield f"| allsides | peak memory of this process | {peak:.1f} GB |"


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    data = parser.parse_args().data
    print("| data | measure | result |\n|---|---|---|")
    for lines in (
        cost(data / "allsides"),
        examples(data.parent / "domain"),
        allsides(data / "allsides"),
        old_print(data / "news_agency_mentions"),
        fixtures(),
    ):
        for line in lines:
            print(line, flush=True)
    right, n = wire_origins(data / "wire_alignment")
    print(f"| wire_alignment | wire side named as origin, no dates | {right} of {n} |")


if __name__ == "__main__":
    main()
