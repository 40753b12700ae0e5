"""Run one command on given cores and write what it cost, as JSON.

    python benchmarks/measure.py cost.json --cores 1 -- COMMAND...

A process of its own, and a small one: a child starts with its parent's peak memory on Linux, so
it must not be started by a program that has read a corpus. CPU seconds are user and system time of
the command and of all the processes it waited for; peak memory is that of the largest of them.
Standard library only.
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


def measure(command: list[str], *, cores: set[int], timeout_seconds: float) -> dict[str, float]:
    """Run the command to its end, or kill it when its time is up (`timed_out` is then 1)."""
    threads = {name: str(len(cores)) for name in THREAD_VARIABLES}
    os.sched_setaffinity(0, cores)
    start = time.perf_counter()
    process = subprocess.Popen(command, env=os.environ | threads, start_new_session=True)
    signal.signal(signal.SIGALRM, lambda *_: os.killpg(process.pid, signal.SIGKILL))
    signal.setitimer(signal.ITIMER_REAL, timeout_seconds)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    signal.setitimer(signal.ITIMER_REAL, 0)
    return {
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "wall_seconds": wall,
        "peak_megabytes": usage.ru_maxrss / 1024,
        "exit_code": os.waitstatus_to_exitcode(status),
        "timed_out": float(wall >= timeout_seconds),
    }


def main() -> int:
    """Read the options, run the command, write its cost."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("output", type=Path)
    parser.add_argument("--cores", default="0", help="core numbers, with commas")
    parser.add_argument("--timeout", type=float, default=3600, help="seconds")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    cores = {int(core) for core in options.cores.split(",")}
    cost = measure(options.command, cores=cores, timeout_seconds=options.timeout)
    options.output.write_text(json.dumps(cost) + "\n")
    return int(cost["exit_code"] != 0)


if __name__ == "__main__":
    sys.exit(main())
