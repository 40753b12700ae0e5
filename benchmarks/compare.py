"""dedup beside its peers on labelled and on generated news: speed, memory and scores in one table.

    python benchmarks/compare.py --data ../shared/data --output docs
    python benchmarks/compare.py --only syndication_day --methods dedup rensa:words5
    python benchmarks/compare.py --quick

Every method is a process of its own on one core that reads the same Parquet file and writes its
clusters; its start-up, imports, reading and writing count (`measure.py`). Peers are installed into
virtual environments below `--work`, at the versions pinned in `peers/<name>/requirements.txt`;
`peers/<name>/run.py` says how each is used and where that comes from. A method runs at the
threshold recommended for it, and at the one of a sweep that gives the best pair F1 on the corpus at
hand; generated corpora of one length share the sweep of the smallest.

What a run found and cost is kept below `--work` under a name made of its method, threshold, sources
and corpus, and is not run again: the same command goes on where it was stopped, and after a change
of dedup only dedup's rows are run. A run that fails is a row that says why. `--finished` shows what
is kept and runs nothing.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import corpus
import numpy as np
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import labelled
import page

import dedup

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
LSH = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
FEW_ARTICLES, LOWEST = 2_000, 0.25
"""On more articles than these, a sweep leaves out thresholds below: most pairs are candidates."""
PINS = "requirements.txt"
WARM_ARTICLES = 300
QUICK_ARTICLES = 2_000
IMPORTS = {"datasketch": "datasketch", "rapidfuzz": "rapidfuzz", "sklearn": "sklearn"}
"""Peers that a quick run finds where dedup is installed, and the module that tells."""


@dataclass(frozen=True, slots=True)
class Method:
    """One way to find copies.

    Attributes:
        name: Of the folder in `peers` and, after a colon, of a mode of its `run.py`.
        recommended: The threshold its documentation names; None for a mode of ours, which is only
            run at its best.
        source: Where that is said.
        sweep: Thresholds among which its best is looked for, none for a method without clusters.
        most_articles: Its time grows with the square, so it is not run on more articles than this.
    """

    name: str
    recommended: float | None
    source: str
    sweep: tuple[float, ...] = LSH
    most_articles: int | None = None

    @property
    def peer(self) -> str:
        """Name of the folder."""
        return self.name.split(":")[0]

    @property
    def mode(self) -> str:
        """Name of the mode, empty if there is one only."""
        return self.name.partition(":")[2]


DEFAULT = dedup.Settings().threshold
METHODS = (
    Method("dedup", DEFAULT, "defaults", (*LSH[:7], DEFAULT, 0.2, 0.1)),
    Method(
        "dedup:story", None, "`--story-containment`, which decides stories", (0.6, 0.4, 0.2, 0.1)
    ),
    Method("dedup:jsonl", DEFAULT, "defaults, from JSON Lines", ()),
    Method("datasketch", 0.5, "example of its documentation, on word 5-grams"),
    Method("text_dedup", 0.7, "defaults of its command"),
    Method("rensa:readme", 0.8, "README, on `split()` words"),
    Method("rensa:rho", 0.8, "the README's speed comparison; flags only, no clusters", ()),
    Method("rensa:words5", None, "word 5-grams, verified exactly (ours)"),
    Method("gaoya:readme", 0.5, "README, on single words", LSH, 20_000),
    Method("gaoya:words5", None, "word 5-grams (ours)"),
    Method("datatrove", 0.72, "its example, 14 buckets of 8", (0.9, 0.8, 0.72, *LSH[3:])),
    Method("daft", 0.7, "recipe of its documentation"),
    Method("sklearn", 0.85, "TF-IDF cosine, NELA-GT", (0.95, 0.9, 0.85, *LSH[1:8])),
    Method("difflib", 0.6, "rule of thumb of its documentation", LSH[:7], 400),
    Method("rapidfuzz", 0.7, "`dedupe` of thefuzz", LSH[:7], 1_000),
)
BY_NAME = {method.name: method for method in METHODS}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run cost and found.

    Attributes:
        cost: As `measure.py` writes it, the date, and the `run.json` of dedup; empty if the method
            was not started.
        labels: One label for each article, by column of dedup's table or by a peer's threshold;
            empty after a failure, and for a method without clusters.
        failure: Why there is no result, empty if there is one.
    """

    cost: dict[str, Any]
    labels: dict[str, list[Any]] = field(default_factory=dict)
    failure: str = ""


def judged(labels: dict[str, list[Any]], column: str) -> list[Any]:
    """Choose dedup's column, or the only clustering of a peer."""
    return labels.get(column) or next(iter(labels.values()), [])


class Bench:
    """Runs methods on corpora, and keeps corpora, environments and outcomes below one folder."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.work = options.work.resolve()
        self.cores = sorted(os.sched_getaffinity(0))
        self.warm: set[str] = set()
        for folder in ("corpora", "venvs", "runs", "out"):
            (self.work / folder).mkdir(parents=True, exist_ok=True)

    def generated(self, n_articles: int, kilobytes: float) -> labelled.Labelled:
        """Give a generated corpus, written if this generator has not written it before."""
        seed = self.options.seed
        generator = hashlib.sha256((HERE / "corpus.py").read_bytes()).hexdigest()[:8]
        name = f"{n_articles}x{kilobytes:g}kB-seed{seed}-{generator}"
        path = self.work / "corpora" / f"{name}.parquet"
        gold = path.with_suffix(".gold.parquet")
        if not path.exists():
            log(f"writing {name}")
            part = path.with_name(f"part-{name}.parquet")
            corpus.write(part, articles_wanted=n_articles, kilobytes=kilobytes, seed=seed)
            part.with_suffix(".gold.parquet").rename(gold)
            part.rename(path)
        table = pq.read_table(gold)
        levels = {level: labelled.by_column(table, level) for level in ("cluster", "story")}
        name = f"{n_articles:,} of {kilobytes:g} kB"
        return labelled.corpus_of(name, path, levels, kilobytes=float(kilobytes))

    def outcome(self, method: Method, threshold: float, data: labelled.Labelled) -> Outcome | None:
        """Give the outcome of one run, kept or new; None if it is not to be run."""
        kept = self._kept(method, f"{threshold:g}", data)
        if not (kept / "outcome.json").exists() and not self.options.finished:
            self._warm_up(method)
            runs = [self._run(method, [threshold], data) for _ in range(self.options.repeats)]
            runs.sort(key=lambda run: run.cost.get("cpu_seconds", 0.0))
            keep(kept, runs[len(runs) // 2])
        return kept_outcome(kept)

    def sweep(self, method: Method, data: labelled.Labelled) -> dict[float, dict[str, list[Any]]]:
        """Give the labels found at each threshold of the method's sweep that ended in time."""
        thresholds = swept(method, data)
        if method.peer == "dedup":
            runs = {t: self.outcome(method, t, data) for t in thresholds}
            return {t: run.labels for t, run in runs.items() if run is not None and run.labels}
        kept = self._kept(method, sweep_name(method, data), data)
        if not (kept / "outcome.json").exists() and not self.options.finished:
            keep(kept, self._run(method, thresholds, data))
        run = kept_outcome(kept)
        return {float(t): {t: labels} for t, labels in run.labels.items()} if run else {}

    def best(self, method: Method, data: labelled.Labelled, level: str) -> float | None:
        """Give the threshold of the best pair F1, of equals the best B-cubed F1; None if none.

        Args:
            method: What is swept.
            data: What it is swept on.
            level: Which gold of the corpus decides.
        """
        if method.most_articles and data.articles > method.most_articles:
            return None
        gold = data.levels[level]
        ranks = []
        for threshold, labels in self.sweep(method, data).items():
            scores = gold.score(judged(labels, gold.column))
            usual = threshold == method.recommended
            ranks.append((scores["pair_f1"], scores.get("b_cubed_f1", 0.0), usual, threshold))
        return max(ranks)[-1] if ranks else None

    def sweep_failure(self, method: Method, data: labelled.Labelled) -> str:
        """Say why a sweep did not come to its end; its best is then of the higher thresholds."""
        if method.peer == "dedup":
            return ""
        run = kept_outcome(self._kept(method, sweep_name(method, data), data))
        return f"sweep {run.failure}" if run and run.failure else ""

    def attempt(
        self, method: Method, threshold: float, series: list[labelled.Labelled]
    ) -> Outcome | None:
        """Run on the last corpus of a series, unless the smaller ones show it would take too long.

        Args:
            method: What is run.
            threshold: Its setting.
            series: Corpora of one kind, growing; most kinds have one.
        """
        *smaller, data = series
        if method.most_articles and data.articles > method.most_articles:
            n_pairs = data.articles * (data.articles - 1) // 2
            return Outcome({}, failure=f"not run: quadratic, {n_pairs:,} pairs")
        if smaller:
            before, n_before = self.attempt(method, threshold, smaller), smaller[-1].articles
            if before is None:
                return None
            if before.failure:
                said = before.failure.removeprefix("not run: ")
                return Outcome({}, failure=f"not run: {said} ({n_before:,} articles)")
            if before.cost["wall_seconds"] * data.articles / n_before > self.options.timeout:
                seconds = before.cost["wall_seconds"]
                return Outcome({}, failure=f"not run: {seconds:.0f} s for {n_before:,} articles")
        return self.outcome(method, threshold, data)

    def rows(self, method: Method, series: list[labelled.Labelled]) -> Iterator[dict[str, Any]]:
        """Yield a method's rows on the last corpus of a series, for each of its levels."""
        data, n = series[-1], series[-1].articles
        for level in data.levels:
            settings = {"recommended": method.recommended}
            if method.sweep:
                settings["best"] = self.best(method, series[0], level)
            if settings.get("best", 0) is None and method.recommended is None:
                settings["best"] = method.sweep[0]  # to say why it fails
            for setting, threshold in settings.items():
                if threshold is None or (run := self.attempt(method, threshold, series)) is None:
                    continue
                cpu = run.cost.get("cpu_seconds") if not run.failure else None
                gold, failure = data.levels[level], run.failure
                if setting == "best" and not failure:
                    failure = self.sweep_failure(method, series[0])
                yield {
                    "corpus": data.name,
                    "level": level,
                    "kilobytes": data.kilobytes,
                    "articles": n,
                    "megabytes": round(data.megabytes, 1),
                    "method": method.name,
                    "version": version(method.peer),
                    "setting": setting,
                    "threshold": threshold,
                    **{name: run.cost.get(name) for name in page.COSTS},
                    "articles_per_cpu_second": n / cpu if cpu else None,
                    "megabytes_per_cpu_second": data.megabytes / cpu if cpu else None,
                    **(gold.score(judged(run.labels, gold.column)) if not run.failure else {}),
                    "failure": failure,
                    "date": run.cost.get("date"),
                }

    def _kept(self, method: Method, run: str, data: labelled.Labelled) -> Path:
        where = "here" if self.options.quick else "pinned"
        key = hashlib.sha256(f"{where}\n{sources(method.peer)}".encode())
        name = f"{method.name.replace(':', '-')}-{run}-{key.hexdigest()[:10]}"
        return self.work / "runs" / data.path.stem / name

    def _warm_up(self, method: Method) -> None:
        """Run once on a small corpus, which compiles kernels and bytecode before timing."""
        if method.peer not in self.warm:
            self.warm.add(method.peer)
            thresholds = [method.recommended or method.sweep[0]]
            self._run(method, thresholds, self.generated(WARM_ARTICLES, 1))

    def _run(self, method: Method, thresholds: list[float], data: labelled.Labelled) -> Outcome:
        log(f"{method.name} at {' '.join(map(str, thresholds))} on {data.name}")
        if failure := self.install(method.peer):
            return Outcome({}, failure=failure)
        with tempfile.TemporaryDirectory(dir=self.work / "out") as out:
            return self._measure(method, thresholds, data, Path(out))

    def _measure(
        self, method: Method, thresholds: list[float], data: labelled.Labelled, out: Path
    ) -> Outcome:
        (out / "run").mkdir()
        cost_file, out = out / "cost.json", out / "run"
        command = [sys.executable, str(HERE / "measure.py"), str(cost_file)]
        command += ["--cores", str(self.cores[-1]), "--timeout", str(self.options.timeout)]
        command += ["--memory", str(self.options.memory), "--"]
        command += self._command(method, thresholds, data, out)
        here = [str(REPOSITORY)] if method.peer == "dedup" else []
        paths = filter(None, [*here, os.environ.get("PYTHONPATH") if here else None])
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "TMPDIR": str(out)}
        with (out / "stderr").open("w+b") as stderr:
            done = subprocess.run(
                command, cwd=HERE, env=environment, stdout=stderr, stderr=stderr, check=False
            )
            lines = (out / "stderr").read_text(errors="replace").strip().splitlines()
        cost = json.loads(cost_file.read_text()) | {"date": f"{datetime.now(UTC):%Y-%m-%d}"}
        failure = ""
        if cost["timed_out"]:
            failure = f"stopped after {self.options.timeout:g} s"
        elif cost["out_of_memory"]:
            failure = f"stopped at {cost['peak_megabytes']:,.0f} MB"
        elif done.returncode:
            said = lines[-1].replace(str(self.work), "WORK") if lines else "without a message"
            failure = f"failed: {said[:200]}"
        if (account := out / "d" / "run.json").exists():
            cost["run"] = json.loads(account.read_text())
        return Outcome(cost, read_labels(method, out), failure)

    def _command(
        self, method: Method, thresholds: list[float], data: labelled.Labelled, out: Path
    ) -> list[str]:
        if method.peer != "dedup":
            mode = ["--mode", method.mode] if method.mode else []
            driver = ["-m", f"peers.{method.peer}.run", str(data.path), "-o", str(out), *mode]
            return [str(self.python(method.peer)), *driver, "--threshold", *map(str, thresholds)]
        main = "from dedup.commands.cli import main; main()"
        path = json_lines(data.path) if method.mode == "jsonl" else data.path
        (value,) = thresholds
        options = ["--format", "parquet", "--workers", "1"]
        if method.mode == "story":
            lowest = min(value, dedup.Settings().containment)
            options += ["--story-containment", str(value), "--containment", str(lowest)]
        else:
            options += ["--threshold", str(value)]
        return [sys.executable, "-c", main, "cluster", str(path), "-o", f"{out}/d", *options]

    def python(self, peer: str) -> Path:
        """Give a peer's interpreter, which may not be there yet."""
        if peer == "dedup" or self.options.quick:
            return Path(sys.executable)
        pins = requirements(peer).read_bytes()
        name = f"{peer}-{hashlib.sha256(pins).hexdigest()[:8]}"
        return self.work / "venvs" / name / "bin" / "python"

    def install(self, peer: str) -> str:
        """Create a peer's environment with its pinned versions; say why if that fails."""
        python = self.python(peer)
        done = python.parent.parent / "installed"
        if python == Path(sys.executable) or done.exists():
            return ""
        log(f"installing {peer}")
        pins = requirements(peer)
        for command in (
            [sys.executable, "-m", "venv", python.parent.parent],
            [python, "-m", "pip", "install", "-q", "-r", pins],
        ):
            ended = subprocess.run(command, capture_output=True, text=True, check=False)
            if ended.returncode:
                said = [line for line in ended.stderr.splitlines() if line.startswith("ERROR")]
                return f"not installed: {said[-1] if said else ended.stderr[-200:]}"
        done.touch()
        return ""


def requirements(peer: str) -> Path:
    """Give the file that pins a peer's versions, or those of the charts."""
    return HERE / "requirements.txt" if peer == "charts" else HERE / "peers" / peer / PINS


def swept(method: Method, data: labelled.Labelled) -> list[float]:
    """Give the thresholds of a method's sweep, without the lowest on many articles."""
    few = data.articles <= FEW_ARTICLES
    return [threshold for threshold in method.sweep if few or threshold >= LOWEST]


def sweep_name(method: Method, data: labelled.Labelled) -> str:
    """Name a sweep by its thresholds."""
    return f"sweep-{'-'.join(map(str, swept(method, data)))}"


@cache
def sources(peer: str) -> str:
    """Give all that a run's outcome depends on besides its corpus, as text."""
    files = [HERE / "measure.py"]
    if peer == "dedup":
        files += sorted(path for path in (REPOSITORY / "dedup").rglob("*") if path.is_file())
        files = [path for path in files if "__pycache__" not in path.parts]
    else:
        files += [HERE / "peers" / "common.py", *sorted((HERE / "peers" / peer).glob("*.*"))]
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    return "\n".join([platform.python_version(), *digests])


def json_lines(path: Path) -> Path:
    """Give the same articles as JSON Lines, written if they are not there."""
    lines = path.with_suffix(".jsonl")
    if not lines.exists():
        part = lines.with_suffix(".part")
        with part.open("w", encoding="utf-8") as file:
            for batch in pq.ParquetFile(path).iter_batches(2_000):
                for row in batch.to_pylist():
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
        part.rename(lines)
    return lines


def read_labels(method: Method, out: Path) -> dict[str, list[Any]]:
    """Read what a run wrote: dedup's columns, or a peer's labels by threshold."""
    if method.peer == "dedup":
        path = out / "d" / "articles.parquet"
        columns = ["cluster", "story"]
        return pq.read_table(path, columns=columns).to_pydict() if path.exists() else {}
    found = {path.stem: json.loads(path.read_text()) for path in sorted(out.glob("*.json"))}
    return {threshold: labels for threshold, labels in found.items() if labels}


def keep(folder: Path, run: Outcome) -> None:
    """Write an outcome; the file that is looked for comes last."""
    folder.mkdir(parents=True, exist_ok=True)
    codes = {name: np.unique(labels, return_inverse=True)[1] for name, labels in run.labels.items()}
    np.savez_compressed(
        folder / "labels.npz", **{name: code.astype(np.int32) for name, code in codes.items()}
    )
    part = folder / "part"
    part.write_text(json.dumps({"cost": run.cost, "failure": run.failure}, indent=2) + "\n")
    part.rename(folder / "outcome.json")


def kept_outcome(folder: Path) -> Outcome | None:
    """Read an outcome that was kept."""
    if not (folder / "outcome.json").exists():
        return None
    record = json.loads((folder / "outcome.json").read_text())
    with np.load(folder / "labels.npz") as labels:
        found = {name: labels[name].tolist() for name in labels.files}
    return Outcome(record["cost"], found, record["failure"])


def log(message: str) -> None:
    """Say on stderr what is being done."""
    print(f"{datetime.now(UTC):%H:%M:%S} {message}", file=sys.stderr, flush=True)


@cache
def version(peer: str) -> str:
    """Name the version of a peer that is pinned, or dedup's own."""
    if peer == "dedup":
        return dedup.__version__
    if peer == "difflib":
        return platform.python_version()
    return requirements(peer).read_text().split()[0].partition("==")[2]


def corpora(bench: Bench, options: argparse.Namespace) -> Iterator[list[labelled.Labelled]]:
    """Yield each corpus asked for, after the smaller ones of its kind; the largest come last."""
    for name in labelled.DATA_SETS if options.data else ():
        if wanted(name, options.only):
            yield [labelled.read(options.data, name, bench.work / "corpora")]
    sizes = {1.0: sorted(options.short), 5.0: sorted(options.long)}
    series: dict[float, list[labelled.Labelled]] = {kilobytes: [] for kilobytes in sizes}
    for n_articles, kilobytes in sorted((n, kb) for kb, of in sizes.items() for n in of):
        if wanted("generated", options.only):
            series[kilobytes].append(bench.generated(n_articles, kilobytes))
            yield list(series[kilobytes])


def wanted(name: str, only: list[str] | None) -> bool:
    """Tell whether a corpus was asked for."""
    return only is None or name in only


def facts(options: argparse.Namespace) -> page.Facts:
    """Name machine, versions and command, as every speed claim must."""
    commit, changed = (
        subprocess.run(
            ["git", "-C", str(REPOSITORY), *command, "--", "dedup"],
            capture_output=True,
            text=True,
            check=False,
        ).stdout.strip()
        for command in (["log", "-1", "--format=%h"], ["status", "--porcelain"])
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return page.Facts(
        machine=f"{processor()}, {os.cpu_count()} cores, {memory:.0f} GB of memory",
        system=f"{platform.system()}, Python {platform.python_version()}",
        dedup=f"{dedup.__version__}, commit {commit or 'unknown'}{', changed' if changed else ''}",
        timeout=options.timeout,
        memory=options.memory,
        seed=options.seed,
        repeats=options.repeats,
    )


def processor() -> str:
    """Name the processor."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def write(rows: list[dict[str, Any]], bench: Bench, options: argparse.Namespace) -> None:
    """Write page, table and charts, or print the page where there is no folder for them."""
    text = page.markdown(rows, facts(options), {m.name: m.source for m in METHODS})
    if options.output is None:
        print(text)
        return
    folder = options.output / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    results = folder / "results.csv"
    with results.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, page.COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: page.plain(row.get(name)) for name in page.COLUMNS} for row in rows)
    (options.output / "benchmarks.md").write_text(text, encoding="utf-8")
    if failure := bench.install("charts"):
        log(f"no charts: {failure}")
        return
    draw = [str(bench.python("charts")), str(HERE / "charts.py"), str(results), str(folder)]
    subprocess.run(draw, check=True)


def read_options(arguments: list[str] | None = None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, help="folder of the labelled data sets")
    parser.add_argument("--output", type=Path, help="folder for benchmarks.md; else it is printed")
    parser.add_argument("--work", type=Path, default=Path(".benchmarks"), help="what is kept")
    parser.add_argument("--short", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--long", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=1, help="runs; the median in CPU counts")
    parser.add_argument("--timeout", type=float, default=900, help="seconds for one run")
    parser.add_argument("--memory", type=float, default=16_000, help="megabytes for one run")
    parser.add_argument("--methods", nargs="+", choices=BY_NAME, default=list(BY_NAME))
    parser.add_argument("--only", nargs="+", choices=[*labelled.DATA_SETS, "generated"])
    parser.add_argument("--finished", action="store_true", help="show what is kept, run nothing")
    parser.add_argument("--quick", action="store_true", help="2,000 articles, peers installed here")
    options = parser.parse_args(arguments)
    if options.quick:
        options.short, options.long = [QUICK_ARTICLES], []
        found = {peer for peer, module in IMPORTS.items() if importlib.util.find_spec(module)}
        here = {"dedup", "difflib", *found}
        options.methods = [name for name in options.methods if BY_NAME[name].peer in here]
    return options


def main() -> None:
    """Run what was asked for and is not kept, and show all of it."""
    options = read_options()
    bench = Bench(options)
    rows: list[dict[str, Any]] = []
    for series in corpora(bench, options):
        for method in (BY_NAME[name] for name in options.methods):
            if options.quick:
                method = replace(method, sweep=method.sweep[::3])
            if series[-1].kilobytes or method.mode != "jsonl":
                rows += bench.rows(method, series)
    write(rows, bench, options)


if __name__ == "__main__":
    main()
