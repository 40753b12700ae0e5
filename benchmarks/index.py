"""What the ingest index costs as it grows, beside datasketch; and how it agrees with a batch run.

    python benchmarks/index.py --sizes 10000,100000,1000000
    python benchmarks/index.py --postgres postgresql://localhost/empty --redis localhost:6379
    python benchmarks/index.py --quick
    python benchmarks/index.py --data ../shared/data

Every store is a process of its own, one after the other. One index grows through all sizes: it is
filled with `add_many` in batches of 1,000, then --probes articles are added one at a time, and as
many more are only asked about. Articles come from `corpus.py`, written to Parquet beforehand and
read batch by batch; reading is not timed. dedup's kernels are compiled before anything is timed.

datasketch does what its user does for the same job: word 5-grams, a MinHash of 128 permutations
(`update_batch`), `query`, `insert`, threshold .5. Its answer is candidates; dedup's is a verdict,
and dedup keeps the articles themselves. CPU is that of the process, so without a server's. Peak
memory is that of the process since it started, about 150 MB of it libraries.

With --data: verdicts, given one by one in the order of the file, beside a batch run over all.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import json
import multiprocessing
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

import corpus
import numpy as np
import pyarrow.parquet as pq
from peers import common

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import dedup
from dedup import evaluation
from dedup.index.ingest import Index

REPOSITORY = Path(__file__).resolve().parent.parent
STORES = ("dedup memory", "dedup SQLite", "dedup PostgreSQL", "datasketch memory")
STORES += ("datasketch Redis",)
QUICK_STORES = ("dedup memory", "dedup SQLite", "datasketch memory")
QUICK_SIZES, QUICK_PROBES = [500, 2_000], 200
BATCH = 1_000
WARM_ARTICLES = 200
NUM_PERM, THRESHOLD = 128, 0.5
AGREEMENT_DATA = ("syndication_day", "allsides")
AGREEMENT_LIMIT = 20_000
COLUMNS = {"id": "id", "text": "text", "title": "title", "source": "outlet", "date": "published"}

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Task:
    """All that one store's process needs to know."""

    store: str
    corpus: Path
    work: Path
    sizes: tuple[int, ...]
    probes: int
    timeout: float
    postgres: str | None
    redis: str | None


class Subject(Protocol):
    """An index under measurement."""

    def add_many(self, records: list[Record]) -> object:
        """Add a batch."""

    def add(self, record: Record) -> object:
        """Say what an article is, and keep it."""

    def query(self, record: Record) -> object:
        """Say what an article is."""

    def sizes(self) -> dict[str, float]:
        """Say what is taken on disk, or in the server's memory, in bytes."""


class Ours:
    """dedup in memory, in a file or in PostgreSQL."""

    def __init__(self, location: str) -> None:
        self.index = Index.open(location)
        if self.index.info()["articles"]:
            raise SystemExit(f"{self.index.info()['location']}: holds articles; give an empty one")
        self.add_many = self.index.add_many
        self.add = self.index.add
        self.query = self.index.query

    def sizes(self) -> dict[str, float]:
        """What the index says; and its files, write-ahead log and all."""
        location = Path(self.index.location)
        sizes = {"info": float(self.index.info()["bytes_per_article"])}
        if self.index.location != ":memory:" and location.exists():
            files = location.parent.glob(location.name + "*")
            sizes["files"] = float(sum(file.stat().st_size for file in files))
        return sizes


class Datasketch:
    """MinHash LSH in memory or on Redis."""

    def __init__(self, redis: str | None) -> None:
        from datasketch import MinHash, MinHashLSH

        self.redis = redis
        config, self.before = None, 0.0
        if redis:
            host, port = redis.split(":")
            config = {
                "type": "redis",
                "basename": f"dedup-benchmark-{uuid.uuid4().hex}".encode(),
                "redis": {"host": host, "port": int(port)},
            }
            self.before = self._used()
        self.lsh = MinHashLSH(threshold=THRESHOLD, num_perm=NUM_PERM, storage_config=config)
        self.empty = MinHash(num_perm=NUM_PERM)  # a copy is cheaper than a new one

    def _signature(self, text: str) -> Any:
        signature = self.empty.copy()
        signature.update_batch([shingle.encode() for shingle in common.shingles(text)])
        return signature

    def add_many(self, records: list[Record]) -> None:
        """Add one by one: each is to be found by those after it."""
        for record in records:
            self.add(record)

    def add(self, record: Record) -> list[str]:
        """Sign, query, insert."""
        signature = self._signature(record["text"])
        found = self.lsh.query(signature)
        self.lsh.insert(record["id"], signature, check_duplication=False)
        return list(found)

    def query(self, record: Record) -> list[str]:
        """Sign and query."""
        return list(self.lsh.query(self._signature(record["text"])))

    def sizes(self) -> dict[str, float]:
        """Memory that Redis has taken since."""
        return {"server": self._used() - self.before} if self.redis else {}

    def _used(self) -> float:
        import redis

        host, port = str(self.redis).split(":")
        return float(redis.Redis(host, int(port)).info("memory")["used_memory"])


def subject_of(task: Task) -> Subject:
    """Make a task's empty index."""
    if task.store.startswith("datasketch"):
        return Datasketch(task.redis if task.store.endswith("Redis") else None)
    if task.store.endswith("SQLite"):
        for file in task.work.glob("index.sqlite*"):
            file.unlink()
        return Ours(str(task.work / "index.sqlite"))
    return Ours(str(task.postgres) if task.store.endswith("PostgreSQL") else ":memory:")


def records_of(path: Path) -> Iterator[Record]:
    """Read the articles of a corpus as a stream."""
    for batch in pq.ParquetFile(path).iter_batches(BATCH):
        yield from batch.to_pylist()


def measure(task: Task) -> list[dict[str, Any]]:
    """Grow one index through all sizes; one row for each."""
    warm_up(task)
    subject = subject_of(task)
    stream = records_of(task.corpus)
    rows: list[dict[str, Any]] = []
    held, probes = 0, task.probes
    for size in task.sizes:
        row: dict[str, Any] = {"store": task.store, "articles": size}
        fill = filled(subject, itertools.islice(stream, size - held), size - held, task)
        if "stopped" in fill:
            return [*rows, row | fill]
        row |= fill | {"peak_megabytes": peak_megabytes()}
        row |= {f"{name}_bytes": n for name, n in subject.sizes().items()}
        row |= latencies("add", subject.add, list(itertools.islice(stream, probes)))
        following = list(itertools.islice(stream, probes))
        row |= latencies("query", subject.query, following)
        stream, held = itertools.chain(following, stream), size + probes
        log(f"{task.store}, {size:,}: add p50 {row['add_p50']:.2f} ms")
        rows.append(row)
    return rows


def warm_up(task: Task) -> None:
    """Compile or load what is compiled, in an index of its own."""
    if task.store.startswith("datasketch"):
        return
    records = list(itertools.islice(records_of(task.corpus), WARM_ARTICLES))
    with Index() as index:
        index.add_many(records[:-1])
        index.query(records[-1])
        index.add(records[-1])


def filled(subject: Subject, stream: Iterator[Record], n: int, task: Task) -> dict[str, Any]:
    """Add n articles; stop datasketch where it would take longer than the timeout."""
    wall = cpu = 0.0
    done = 0
    for records in iter(lambda: list(itertools.islice(stream, BATCH)), []):
        start, start_cpu = time.perf_counter(), time.process_time()
        subject.add_many(records)
        wall += time.perf_counter() - start
        cpu += time.process_time() - start_cpu
        done += len(records)
        if task.store.startswith("datasketch") and wall / done * n > task.timeout:
            return {"stopped": f"the fill would take {wall / done * n:,.0f} s"}
    return {
        "filled": done,
        "fill_seconds": wall,
        "fill_cpu_seconds": cpu,
        "articles_per_second": done / wall,
        "cpu_ms_per_article": 1_000 * cpu / done,
    }


def latencies(name: str, call: Callable[[Record], object], records: list[Record]) -> dict[str, Any]:
    """Time calls one by one, in milliseconds."""
    times = []
    for record in records:
        start = time.perf_counter()
        call(record)
        times.append(1_000 * (time.perf_counter() - start))
    p50, p99 = np.percentile(times, (50, 99)).tolist()
    return {f"{name}_p50": p50, f"{name}_p99": p99}


def peak_megabytes() -> float | None:
    """Peak memory of this process; unlike `ru_maxrss` never that of the one that started it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    lines = status.read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def choose_stores(options: argparse.Namespace) -> Iterator[str]:
    """Give the stores that can be had; say which cannot."""
    for store in options.stores:
        if store.endswith("PostgreSQL") and not options.postgres:
            log(f"{store}: skipped, no --postgres URL given")
        elif store.endswith("Redis") and not options.redis:
            log(f"{store}: skipped, no --redis HOST:PORT given")
        elif store.endswith("Redis") and not importlib.util.find_spec("redis"):
            log(f"{store}: skipped, the Python package redis is not installed")
        elif store.startswith("datasketch") and not importlib.util.find_spec("datasketch"):
            log(f"{store}: skipped, datasketch is not installed")
        else:
            yield store


def compare(options: argparse.Namespace, work: Path) -> list[dict[str, Any]]:
    """Measure the stores one after the other, each in a new process."""
    stores = list(choose_stores(options))
    if not stores:
        return []
    path = options.corpus or work / "corpus.parquet"
    wanted = options.sizes[-1] + 2 * options.probes
    if not path.exists():
        log(f"writing {wanted:,} articles")
        corpus.write(path, articles_wanted=wanted, kilobytes=options.kilobytes, seed=options.seed)
    rows = []
    for store in stores:
        log(store)
        task = Task(
            store=store,
            corpus=path,
            work=work,
            sizes=tuple(options.sizes),
            probes=options.probes,
            timeout=options.timeout,
            postgres=options.postgres,
            redis=options.redis,
        )
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            rows += pool.submit(measure, task).result()
    return rows


_CELLS = (
    ("articles_per_second", 0),
    ("cpu_ms_per_article", 3),
    ("add_p50", 2),
    ("add_p99", 2),
    ("query_p50", 2),
    ("info_bytes", 0),
    ("files_per_article", 0),
    ("server_per_article", 0),
    ("peak_megabytes", 0),
)


def speed_table(rows: list[dict[str, Any]]) -> str:
    """Show stores and sizes as a Markdown table, and how the latency grew below it."""
    head = (
        "store | articles | fill, articles/s | fill, CPU ms/article | add p50, ms | add p99, ms | "
        "query p50, ms | bytes/article (info) | bytes/article (files) | bytes/article (server) | "
        "peak MB"
    )
    lines = [f"| {head} |", "|---|" + "---:|" * 10]
    for row in rows:
        if "stopped" in row:
            lines.append(f"| {row['store']} | {row['articles']:,} | {row['stopped']} |" + " |" * 8)
            continue
        for kind in ("files", "server"):
            if f"{kind}_bytes" in row:
                row[f"{kind}_per_article"] = row[f"{kind}_bytes"] / row["articles"]
        cells = [_number(row.get(name), places) for name, places in _CELLS]
        lines.append(f"| {row['store']} | {row['articles']:,} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", growth(rows)])


def growth(rows: list[dict[str, Any]]) -> str:
    """Say by how much the median latency of `add` grew from the smallest to the largest size."""
    said = []
    for store, group in itertools.groupby(rows, key=lambda row: row["store"]):
        done = [row for row in group if "stopped" not in row]
        if len(done) > 1:
            ratio = done[-1]["add_p50"] / done[0]["add_p50"]
            sizes = f"{done[0]['articles']:,} to {done[-1]['articles']:,}"
            said.append(f"{store} {ratio:.2f} ({sizes})")
    return f"Growth of add p50: {'; '.join(said) or 'one size only'}."


def _number(value: float | None, places: int) -> str:
    return "–" if value is None else f"{value:,.{places}f}"


def agreement(folder: Path, name: str) -> dict[str, Any]:
    """Give a data set's articles to an index, and all at once to a batch run; compare."""
    table = pq.read_table(folder / name / "articles.parquet").slice(0, AGREEMENT_LIMIT)
    renamed = {old: new for old, new in COLUMNS.items() if old in table.column_names}
    found = table.select(list(renamed)).rename_columns(list(renamed.values())).to_pylist()
    records = [record for record in found if (record["text"] or "").strip()]
    batch = dedup.cluster(records)
    with Index() as index:
        verdicts = index.add_many(records)
        whole = index.result()
    ids = [record["id"] for record in records]
    row: dict[str, Any] = {"data": name, "articles": len(ids)}
    row |= missed(batch, {one: v.relation for one, v in zip(ids, verdicts, strict=True)})
    for level in ("cluster", "story"):
        gold = dict(
            zip(*(batch.articles.column(c).to_pylist() for c in ("id", level)), strict=True)
        )
        late = dict(
            zip(*(whole.articles.column(c).to_pylist() for c in ("id", level)), strict=True)
        )
        said = [getattr(verdict, level) for verdict in verdicts]
        expected = [gold[one] for one in ids]
        score = evaluation.pairwise(said, expected)
        row |= {f"{level}_precision": score.precision, f"{level}_recall": score.recall}
        row[f"{level}_equal"] = is_same_partition([late[one] for one in ids], expected)
    return row


def missed(batch: dedup.Result, relations: dict[str, str]) -> dict[str, Any]:
    """Count the articles with an earlier match in the batch, and those that the index missed."""
    best: dict[str, tuple[float, str]] = {}
    columns = ("id_a", "id_b", "relation", "jaccard")
    for _, later, relation, jaccard in zip(
        *(batch.pairs.column(name).to_pylist() for name in columns), strict=True
    ):
        if relation != "furniture":
            best[later] = max(best.get(later, (-1.0, "")), (jaccard, relation))
    lost = [one for one in best if relations[one] in ("unrelated", "furniture")]
    by_relation = Counter(best[one][1] for one in lost)
    return {"matched": len(best), "missed": len(lost), "missed_by_relation": dict(by_relation)}


def is_same_partition(found: Iterable[str], expected: Iterable[str]) -> bool:
    """Whether two labellings group alike, whatever their labels are."""
    pairs = set(zip(found, expected, strict=True))
    return len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


def agreement_table(rows: list[dict[str, Any]]) -> str:
    """Show how verdicts agree with batches as a Markdown table."""
    head = (
        "data | articles | with an earlier match in the batch | missed by the verdict | "
        "clusters: pair P / R | stories: pair P / R | result() equals the batch"
    )
    lines = [f"| {head} |", "|---|" + "---:|" * 6]
    for row in rows:
        kinds = ", ".join(f"{n} {name}" for name, n in row["missed_by_relation"].items())
        cells = [row["data"], f"{row['articles']:,}", f"{row['matched']:,}"]
        cells.append(f"{row['missed']:,}" + (f" ({kinds})" if kinds else ""))
        cells += [
            f"{row[f'{level}_precision']:.4f} / {row[f'{level}_recall']:.4f}"
            for level in ("cluster", "story")
        ]
        equal = [level for level in ("cluster", "story") if row[f"{level}_equal"]]
        cells.append({0: "no", 1: f"{''.join(equal)} only", 2: "yes"}[len(equal)])
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def header(options: argparse.Namespace) -> str:
    """Name machine, versions and corpus, as every speed claim must."""
    git = ["git", "-C", str(REPOSITORY), "describe", "--always", "--dirty"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip()
    names = ("datasketch", "psycopg", "redis", "numpy")
    known = ", ".join(f"{name} {_version(name)}" for name in names)
    return (
        f"Machine: {_processor()}, {os.cpu_count()} cores, {platform.system()}; Python "
        f"{platform.python_version()}; SQLite {sqlite3.sqlite_version}, {known}; dedup at "
        f"{commit or 'no commit'}.\n"
        f"Corpus: articles of about {options.kilobytes:g} kB, seed {options.seed} "
        f"(`benchmarks/corpus.py`); {options.probes} probes.\n"
        f"Command: `python benchmarks/index.py {' '.join(sys.argv[1:])}`\n"
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def log(message: str) -> None:
    """Say how far we are."""
    print(message, file=sys.stderr, flush=True)


def read_options(arguments: list[str] | None = None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--sizes", type=_sizes, default=[10_000, 100_000], help="as 10000,100000")
    parser.add_argument("--stores", nargs="*", choices=STORES, default=list(STORES))
    parser.add_argument("--probes", type=int, default=500)
    parser.add_argument("--kilobytes", type=float, default=3.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=900, help="seconds for datasketch's fill")
    parser.add_argument("--quick", action="store_true", help="2,000 articles, no servers; for CI")
    parser.add_argument("--postgres", metavar="URL", help="of an empty database")
    parser.add_argument("--redis", metavar="HOST:PORT")
    parser.add_argument("--work", type=Path, help="folder for corpus and index; a temporary one")
    parser.add_argument("--corpus", type=Path, help="file to keep the articles in; used if there")
    parser.add_argument("--data", type=Path, help="also compare with batch runs on this data")
    parser.add_argument("--json", type=Path, help="also write the numbers here")
    options = parser.parse_args(arguments)
    if options.quick:
        options.sizes, options.probes = QUICK_SIZES, QUICK_PROBES
        options.stores = list(QUICK_STORES)
    steps = itertools.pairwise(options.sizes)
    if any(larger - smaller <= options.probes for smaller, larger in steps):
        parser.error("--sizes must rise by more than --probes")
    return options


def _sizes(text: str) -> list[int]:
    return sorted({int(size) for size in text.split(",")})


def main() -> None:
    """Run what was asked for and print the tables."""
    options = read_options()
    print(header(options), flush=True)
    if options.work:
        Path(options.work).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        rows = compare(options, Path(folder))
    print(speed_table(rows), flush=True)
    agreed = [agreement(options.data, name) for name in AGREEMENT_DATA] if options.data else []
    if agreed:
        print("\n" + agreement_table(agreed))
    if options.json:
        result = {"speed": rows, "agreement": agreed}
        options.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
