"""Helpers for tests of stores: a PostgreSQL server, and what other processes do to an index."""

from __future__ import annotations

import contextlib
import getpass
import glob
import itertools
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import newswriter

import dedup
from dedup.index.ingest import Index

try:
    import psycopg
except ImportError:
    psycopg = None


def why_no_server() -> str | None:
    if psycopg is None:
        return "psycopg is not installed"
    if _binary("initdb") is None or _binary("pg_ctl") is None:
        return "no PostgreSQL server is installed (initdb, pg_ctl)"
    return None


def _binary(name: str) -> str | None:
    others = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
    return shutil.which(name) or (others[-1] if others else None)


class Server:
    """A PostgreSQL server on a free port of the loopback."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="dedup-postgres-", dir="/tmp"))
        self._folder.chmod(0o755)
        self._data = self._folder / "data"
        self._data.mkdir(mode=0o700)
        self._user = "postgres" if os.getuid() == 0 else getpass.getuser()
        if os.getuid() == 0:  # as whom PostgreSQL refuses to run
            for folder in (self._folder, self._data):
                shutil.chown(folder, self._user)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._databases = itertools.count(1)
        self._run("initdb", "-A", "trust", "-U", "dedup", "-E", "UTF8", "-N", "-D", self._data)
        self.start()

    def _run(self, name: str, *arguments: str | Path) -> None:
        binary = _binary(name)
        assert binary is not None
        became = {"user": self._user, "extra_groups": []} if os.getuid() == 0 else {}
        log = self._folder / f"{name}.out"
        with log.open("ab") as out:
            ended = subprocess.run(
                [binary, *map(str, arguments)], stdout=out, stderr=out, cwd="/", **became
            )
        if ended.returncode:
            logs = [
                path.read_text()[-2_000:]
                for path in (log, self._folder / "server.log")
                if path.exists()
            ]
            raise RuntimeError("\n".join((name, *logs)))

    def start(self) -> None:
        # Without fsync (-F): what the kernel has is not lost with a server that is killed.
        how = f"-F -p {self.port} -k {self._folder} -h 127.0.0.1"
        log = self._folder / "server.log"
        self._run("pg_ctl", "start", "-w", "-D", self._data, "-l", log, "-o", how)

    def kill(self) -> None:
        """Kill the postmaster and its children at once, as a loss of power would."""
        postmaster = int((self._data / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGSTOP)  # so that it starts no more of them
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        victims = [postmaster, *map(int, children)]
        for pid in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and any(map(_is_running, victims)):
            time.sleep(0.02)
        # Where process 1 reaps no orphans the next server would take the dead one for alive.
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        (self._folder / f".s.PGSQL.{self.port}.lock").unlink(missing_ok=True)

    def database(self) -> str:
        """Make a database; give its URL."""
        name = f"test_{next(self._databases)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as db:
            db.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, name: str) -> str:
        return f"postgresql://dedup@127.0.0.1:{self.port}/{name}"

    def close(self) -> None:
        try:
            self._run("pg_ctl", "stop", "-m", "immediate", "-D", self._data)
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def start(task: str, location: str, number: int) -> subprocess.Popen[str]:
    """Run a task of this module in a process of its own."""
    return subprocess.Popen(
        [sys.executable, __file__, task, location, str(number)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(dedup.__file__).parents[1])},
    )


def raced_texts() -> list[tuple[int, str]]:
    """Give texts with the number of the report each is: 100 of them, 50 with a near copy."""
    texts = [(i, newswriter.text(150, 5_000 + i)) for i in range(100)]
    return texts + [(i, newswriter.edited(text, 0.02, i)) for i, text in texts[:50]]


def numbered_text(number: int) -> str:
    return newswriter.text(80, 100_000 + number)


def _race(location: str, worker: int) -> None:
    """Add the same texts as others do, in an order of our own; tell which reports were new."""
    texts = list(enumerate(raced_texts()))
    random.Random(worker).shuffle(texts)
    new = []
    with Index.open(location) as index:
        index.query({"id": "warm-up", "text": newswriter.text(90, 4_999)})
        print("ready", flush=True)
        sys.stdin.readline()
        for i, (report, text) in texts:
            if index.add({"id": f"w{worker}-{i}", "text": text}).is_new:
                new.append(report)
    print(json.dumps(new), flush=True)


def _add_until_killed(location: str, first: int) -> None:
    with Index.open(location) as index:
        for number in itertools.count(first):
            index.add({"id": str(number), "text": numbered_text(number)})
            print(number, flush=True)


if __name__ == "__main__":
    {"race": _race, "add": _add_until_killed}[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
