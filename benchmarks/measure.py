"""Run one command on given cores and write what it cost, as JSON.

    python benchmarks/measure.py cost.json --cores 1 -- COMMAND...

A process of its own, and a small one: a child starts with its parent's peak memory on Linux, so
it must not be started by a program that has read a corpus. CPU seconds are user and system time of
the command and of all the processes it waited for. Peak memory is what the kernel says of the
largest process or, where several ran at once, the largest sum of their shares (PSS), looked at five
times a second. Standard library only.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "RAYON_NUM_THREADS",
)
LOOK_EVERY = 0.2
PAGE_MEGABYTES = os.sysconf("SC_PAGE_SIZE") / (1 << 20)


class Watch:
    """Looks at the memory of a session of processes, and ends it when its time or memory is up."""

    def __init__(self, session: int, *, timeout_seconds: float, limit_megabytes: float) -> None:
        self.session = session
        self.end = time.perf_counter() + timeout_seconds
        self.limit = limit_megabytes
        self.peak = 0.0
        self.timed_out = self.out_of_memory = False

    def look(self, *_: object) -> None:
        """Add up the memory of all processes of the session; a signal handler."""
        found = processes(self.session)
        now = sum(map(shared_megabytes, found)) if len(found) > 1 else sum(map(megabytes, found))
        self.peak = max(self.peak, now)
        self.timed_out = self.timed_out or time.perf_counter() >= self.end
        self.out_of_memory = self.out_of_memory or self.peak > self.limit
        if self.timed_out or self.out_of_memory:
            os.killpg(self.session, signal.SIGKILL)


def processes(session: int) -> list[int]:
    """List the processes of a session, which a child keeps from its parent."""
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                stat = Path(entry.path, "stat").read_text()
            except OSError:  # it has ended
                continue
            if int(stat.rpartition(")")[2].split()[3]) == session:
                found.append(int(entry.name))
    return found


def megabytes(process: int) -> float:
    """Give a process's memory; 0 if it has ended."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE_MEGABYTES
    except OSError:
        return 0.0


def shared_megabytes(process: int) -> float:
    """Give the same with shared pages counted in part, which takes the kernel longer."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def measure(
    command: list[str], *, cores: set[int], timeout_seconds: float, limit_megabytes: float
) -> dict[str, float]:
    """Run the command to its end, or kill it when its time or memory is up."""
    threads = {name: str(len(cores)) for name in THREAD_VARIABLES}
    all_cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)  # which the command keeps
    start = time.perf_counter()
    process = subprocess.Popen(command, env=os.environ | threads, start_new_session=True)
    os.sched_setaffinity(0, all_cores)
    watch = Watch(process.pid, timeout_seconds=timeout_seconds, limit_megabytes=limit_megabytes)
    signal.signal(signal.SIGALRM, watch.look)
    signal.setitimer(signal.ITIMER_REAL, LOOK_EVERY, LOOK_EVERY)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    signal.setitimer(signal.ITIMER_REAL, 0)
    return {
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "wall_seconds": wall,
        "peak_megabytes": max(usage.ru_maxrss / 1024, watch.peak),
        "exit_code": os.waitstatus_to_exitcode(status),
        "timed_out": float(watch.timed_out),
        "out_of_memory": float(watch.out_of_memory),
    }


def main() -> int:
    """Read the options, run the command, write its cost."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("output", type=Path)
    parser.add_argument("--cores", default="0", help="core numbers, with commas")
    parser.add_argument("--timeout", type=float, default=3600, help="seconds")
    parser.add_argument("--memory", type=float, default=16_000, help="megabytes")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    cost = measure(
        options.command,
        cores={int(core) for core in options.cores.split(",")},
        timeout_seconds=options.timeout,
        limit_megabytes=options.memory,
    )
    options.output.write_text(json.dumps(cost) + "\n")
    return int(cost["exit_code"] != 0)


if __name__ == "__main__":
    sys.exit(main())
