"""Speed and quality of dedup and its peers on one synthetic corpus, side by side.

    python benchmarks/speed.py --articles 50000
    python benchmarks/speed.py --scaling
    python benchmarks/speed.py --quick

Every method is a process of its own that reads the same Parquet file and writes its clusters; its
start-up, imports, reading and writing count. All run on one core with one thread, one after the
other and in turns, so that a slow spell of the machine meets all of them; the table shows medians.
Each method runs once on a small corpus before anything is timed: dedup compiles its kernels then
(numba caches them on disk), and Python caches every package's bytecode.

Peers are installed into virtual environments below `--work`, at the versions pinned in
`peers/<name>/requirements.txt`; `peers/<name>/run.py` states their settings and where those come
from. Matches of peers become clusters by union-find. Scores are against the corpus's gold `cluster`
and `story` (see `corpus.py`); peers give one clustering, which is scored against both.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import corpus
import numpy as np
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dedup import evaluate

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
PEER_MODES = (
    "rensa:readme",
    "rensa:verified",
    "rensa:rho",
    "gaoya:words5",
    "gaoya:readme",
    "datasketch:t5",
    "datasketch:t7",
    "datasketch:t9",
)
SCALING_SIZES = (25_000, 50_000, 100_000, 200_000, 400_000)
WARM_ARTICLES = 300
QUICK_ARTICLES = 2_000

OURS = {"dedup": (), "dedup:t6": ("--threshold", "0.6")}
"""Options of each way to run dedup: as it comes, and set for reprints alone."""


class Cost(NamedTuple):
    """What one run of one method took."""

    cpu_seconds: float
    wall_seconds: float
    peak_megabytes: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a method found: labels in the order of the corpus, empty if it gives no clusters."""

    settings: str
    cluster: list[Any]
    story: list[Any]
    matches: int | None
    candidates: int | None
    note: str


class Bench:
    """Runs methods on corpora, and keeps both below one folder."""

    def __init__(self, work: Path, *, kilobytes: float, seed: int, timeout: float) -> None:
        self.work = work.resolve()
        self.kilobytes = kilobytes
        self.seed = seed
        self.timeout = timeout
        self.cores = sorted(os.sched_getaffinity(0))
        for folder in ("corpora", "venvs", "out"):
            (self.work / folder).mkdir(parents=True, exist_ok=True)

    def corpus(self, n_articles: int) -> Path:
        """Path of a corpus, written if this generator has not written it before."""
        generator = hashlib.sha256((HERE / "corpus.py").read_bytes()).hexdigest()[:8]
        name = f"{n_articles}x{self.kilobytes:g}kB-seed{self.seed}-{generator}.parquet"
        path = self.work / "corpora" / name
        if not path.exists():
            _log(f"writing {path.name}")
            part = path.with_name("part-" + name)
            corpus.write(part, articles_wanted=n_articles, kilobytes=self.kilobytes, seed=self.seed)
            part.with_suffix(".gold.parquet").rename(path.with_suffix(".gold.parquet"))
            part.rename(path)
        return path

    def run(self, method: str, path: Path, *, workers: int = 1) -> Cost | None:
        """Run one method on one corpus; None if it took longer than `timeout`."""
        _log(f"{method} on {path.name}")
        out, cost_file = self.output(method), self.work / "out" / "cost.json"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        cores = ",".join(map(str, self.cores[-workers:]))
        command = [sys.executable, str(HERE / "measure.py"), str(cost_file), "--cores", cores]
        command += ["--timeout", str(self.timeout), "--", *self._command(method, path, workers)]
        paths = os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH")]))
        environment = os.environ | {"PYTHONPATH": paths if method in OURS else ""}
        done = subprocess.run(
            command, cwd=HERE, env=environment, stdout=subprocess.DEVNULL, check=False
        )
        cost = json.loads(cost_file.read_text())
        if cost["timed_out"]:
            return None
        if done.returncode:
            raise SystemExit(f"{method} failed on {path}; its message is above")
        return Cost(cost["cpu_seconds"], cost["wall_seconds"], cost["peak_megabytes"])

    def output(self, method: str) -> Path:
        """Folder that a method writes to."""
        return self.work / "out" / method.replace(":", "-")

    def python(self, peer: str) -> Path:
        """Interpreter of a peer's environment, which may not be there yet."""
        pins = (HERE / "peers" / peer / "requirements.txt").read_bytes()
        name = f"{peer}-{hashlib.sha256(pins).hexdigest()[:8]}"
        return self.work / "venvs" / name / "bin" / "python"

    def install(self, peer: str) -> None:
        """Create a peer's environment with its pinned versions."""
        python = self.python(peer)
        done = python.parent.parent / "installed"
        if done.exists():
            return
        _log(f"installing {peer}")
        subprocess.run([sys.executable, "-m", "venv", python.parent.parent], check=True)
        pins = HERE / "peers" / peer / "requirements.txt"
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", pins], check=True)
        done.touch()

    def is_installed(self, peer: str) -> bool:
        """Whether `install` has finished before."""
        return (self.python(peer).parent.parent / "installed").exists()

    def _command(self, method: str, path: Path, workers: int) -> list[str]:
        out = self.output(method)
        if method in OURS:
            main = "from dedup.cli import main; main()"
            options = ["--format", "parquet", "--workers", str(workers), *OURS[method]]
            return [sys.executable, "-c", main, "cluster", str(path), "-o", f"{out}/d", *options]
        peer, mode = method.split(":")
        driver = ["-m", f"peers.{peer}.run", str(path), "-o", f"{out}/labels.json", "--mode", mode]
        return [str(self.python(peer)), *driver]

    def found(self, method: str) -> Found:
        """Read what the last run of a method wrote."""
        return _read_dedup(self, method) if method in OURS else _read_peer(self, method)


def _read_dedup(bench: Bench, method: str) -> Found:
    out = bench.output(method)
    table = pq.read_table(out / "d" / "articles.parquet")
    counts = json.loads((out / "d" / "run.json").read_text()).get("counts", {})
    return Found(
        settings=" ".join(OURS[method]) or "defaults",
        cluster=table["cluster"].to_pylist(),
        story=table["story"].to_pylist(),
        matches=pq.read_metadata(out / "d" / "pairs.parquet").num_rows,
        candidates=counts.get("candidates"),
        note="",
    )


def _read_peer(bench: Bench, method: str) -> Found:
    record = json.loads((bench.output(method) / "labels.json").read_text())
    return Found(
        settings=f"{record['version']}: {record['settings']}",
        cluster=record["labels"],
        story=record["labels"],
        matches=record["matches"],
        candidates=record["candidates"],
        note=record["note"],
    )


def compare(bench: Bench, methods: list[str], *, n_articles: int, repeats: int) -> list[dict]:
    """Run every method `repeats` times, in turns, and score what each found."""
    path = bench.corpus(n_articles)
    warm_up(bench, methods)
    costs: dict[str, list[Cost | None]] = {method: [] for method in methods}
    for _ in range(repeats):
        for method in methods:
            if None not in costs[method]:
                costs[method].append(bench.run(method, path))
    gold = pq.read_table(path.with_suffix(".gold.parquet")).to_pydict()
    dedup_cpu = _median(costs["dedup"], "cpu_seconds") if None not in costs["dedup"] else None
    return [_row(bench, m, costs[m], gold, dedup_cpu, n_articles) for m in methods]


def warm_up(bench: Bench, methods: list[str]) -> None:
    """Run every method once on a small corpus, so that compiling is done before timing."""
    small = bench.corpus(WARM_ARTICLES)
    for method in methods:
        bench.run(method, small)


def _median(costs: list[Cost | None], name: str) -> float:
    return statistics.median(getattr(cost, name) for cost in costs if cost is not None)


def _row(
    bench: Bench,
    method: str,
    costs: list[Cost | None],
    gold: dict[str, list[str]],
    dedup_cpu: float | None,
    n_articles: int,
) -> dict[str, Any]:
    if None in costs:
        return {"method": method, "settings": f"stopped after {bench.timeout:g} s"}
    found, cpu = bench.found(method), _median(costs, "cpu_seconds")
    row = {
        "method": method,
        "settings": found.settings,
        "cpu_seconds": cpu,
        "wall_seconds": _median(costs, "wall_seconds"),
        "articles_per_cpu_second": n_articles / cpu,
        "cpu_over_dedup": cpu / dedup_cpu if dedup_cpu else None,
        "peak_megabytes": _median(costs, "peak_megabytes"),
        "matches": found.matches,
        "candidates": found.candidates,
        "note": found.note,
    }
    for label in ("cluster", "story"):
        if getattr(found, label):
            row |= _scores(label, getattr(found, label), gold[label])
    return row


def _scores(label: str, found: list[Any], gold: list[str]) -> dict[str, float]:
    pairs, b_cubed = evaluate.pairwise(found, gold), evaluate.b_cubed(found, gold)
    return {
        f"{label}_precision": pairs.precision,
        f"{label}_recall": pairs.recall,
        f"{label}_f1": pairs.f1,
        f"{label}_b_cubed_f1": b_cubed.f1,
    }


def scale(bench: Bench, sizes: list[int]) -> dict[str, Any]:
    """Run dedup on growing corpora and on two cores; fit CPU seconds = c * articles ** exponent."""
    warm_up(bench, ["dedup"])
    costs = {size: bench.run("dedup", bench.corpus(size)) for size in sizes}
    done = {size: cost for size, cost in costs.items() if cost is not None}
    exponent = float("nan")
    if len(done) > 1:
        cpu = [cost.cpu_seconds for cost in done.values()]
        exponent = float(np.polyfit(np.log(list(done)), np.log(cpu), 1)[0])
    return {
        "rows": [{"articles": size, **cost._asdict()} for size, cost in done.items()],
        "exponent": exponent,
        "two_workers": _two_workers(bench, done),
    }


def _two_workers(bench: Bench, done: dict[int, Cost]) -> dict[str, float] | None:
    """Wall time with one worker over wall time with two, where two cores are to be had."""
    if len(bench.cores) < 2 or not done:
        return None
    size = max(done)
    two = bench.run("dedup", bench.corpus(size), workers=2)
    if two is None:
        return None
    return {"articles": size, "throughput_ratio": done[size].wall_seconds / two.wall_seconds}


def comparison_table(rows: list[dict[str, Any]]) -> str:
    """Show the methods as a Markdown table."""
    head = (
        "method | settings | CPU s | wall s | articles per CPU s | CPU, times dedup's | peak MB | "
        "gold cluster: pair P / R / F1 | B-cubed F1 | gold story: pair P / R / F1 | B-cubed F1 | "
        "matches | candidates"
    )
    lines = [f"| {head} |", "|---|---|" + "---:|" * 11]
    for row in rows:
        cells = [row["method"], " ".join(filter(None, [row["settings"], row.get("note")]))]
        cells += [_number(row.get(name), places) for name, places in _COST_COLUMNS]
        for label in ("cluster", "story"):
            parts = [_number(row.get(f"{label}_{m}"), 3) for m in ("precision", "recall", "f1")]
            cells += [" / ".join(parts), _number(row.get(f"{label}_b_cubed_f1"), 3)]
        cells += [_number(row.get(name), 0) for name in ("matches", "candidates")]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


_COST_COLUMNS = (
    ("cpu_seconds", 2),
    ("wall_seconds", 2),
    ("articles_per_cpu_second", 0),
    ("cpu_over_dedup", 2),
    ("peak_megabytes", 0),
)


def scaling_table(result: dict[str, Any]) -> str:
    """Show growing corpora as a Markdown table, with the fit below it."""
    lines = ["| articles | CPU s | wall s | articles per CPU s | peak MB |", "|---:" * 5 + "|"]
    for row in result["rows"]:
        cells = [row["articles"], row["cpu_seconds"], row["wall_seconds"]]
        cells += [row["articles"] / row["cpu_seconds"], row["peak_megabytes"]]
        places = zip(cells, (0, 2, 2, 0, 0), strict=True)
        lines.append(f"| {' | '.join(_number(cell, p) for cell, p in places)} |")
    lines += ["", f"CPU seconds grow as articles ^ {result['exponent']:.3f} (least squares, logs)."]
    if two := result["two_workers"]:
        lines.append(
            f"Two workers on two cores: {two['throughput_ratio']:.2f} times the articles per wall "
            f"second of one worker on one core ({two['articles']:,} articles)."
        )
    return "\n".join(lines)


def _number(value: float | None, places: int) -> str:
    return "–" if value is None else f"{value:,.{places}f}"


def header(options: argparse.Namespace, n_articles: str) -> str:
    """Name machine, versions, corpus and method, as every speed claim must."""
    git = ["git", "-C", str(REPOSITORY), "describe", "--always", "--dirty"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip()
    return (
        f"Machine: {_processor()}, {os.cpu_count()} cores, {platform.system()}; Python "
        f"{platform.python_version()}; dedup at {commit or 'no commit'}.\n"
        f"Corpus: {n_articles} articles of about {options.kilobytes:g} kB, seed {options.seed} "
        f"(`benchmarks/corpus.py`). One core, one thread, whole process from the same Parquet "
        f"file; every method ran once on {WARM_ARTICLES} articles first (dedup's kernels are "
        f"compiled then).\nCommand: `python benchmarks/speed.py {' '.join(sys.argv[1:])}`\n"
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _log(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def choose_methods(bench: Bench, options: argparse.Namespace) -> list[str]:
    """Dedup and the peers asked for; in a quick run only peers that are installed, unless asked."""
    asked = options.peers
    if asked is None:
        asked = PEER_MODES
        if options.quick:
            asked = tuple(mode for mode in asked if bench.is_installed(mode.split(":")[0]))
    for peer in sorted({mode.split(":")[0] for mode in asked}):
        bench.install(peer)
    return [*OURS, *asked]


def read_options(arguments: list[str] | None = None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--work", type=Path, default=Path(".benchmarks"), help="cache folder")
    parser.add_argument("--articles", type=int, default=50_000)
    parser.add_argument("--kilobytes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--timeout", type=float, default=1800, help="seconds for one run")
    parser.add_argument("--peers", nargs="*", choices=PEER_MODES, metavar="PEER:MODE", default=None)
    parser.add_argument("--quick", action="store_true", help="2,000 articles, once; for CI")
    parser.add_argument("--scaling", action="store_true", help="dedup only, growing corpora")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SCALING_SIZES))
    parser.add_argument("--json", type=Path, help="also write the numbers here")
    options = parser.parse_args(arguments)
    if options.quick:
        options.articles, options.repeats, options.sizes = QUICK_ARTICLES, 1, [500, 1_000, 2_000]
    return options


def main() -> None:
    """Run what was asked for and print one table."""
    options = read_options()
    bench = Bench(
        options.work, kilobytes=options.kilobytes, seed=options.seed, timeout=options.timeout
    )
    if options.scaling:
        result: Any = scale(bench, options.sizes)
        print(header(options, f"{min(options.sizes):,} to {max(options.sizes):,}"))
        print(scaling_table(result))
    else:
        methods = choose_methods(bench, options)
        result = compare(bench, methods, n_articles=options.articles, repeats=options.repeats)
        print(header(options, f"{options.articles:,}"))
        print(comparison_table(result))
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
