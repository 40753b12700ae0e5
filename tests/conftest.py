"""Places for an ingest index; and the code beside the tests for the commands that they start."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import stores_for_tests

from dedup.index.ingest import Index

_BEFORE = os.environ.get("PYTHONPATH")
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(Path(__file__).parents[1]), _BEFORE]))


@pytest.fixture(scope="session")
def server() -> Iterator[stores_for_tests.Server]:
    missing = stores_for_tests.why_no_server()
    if missing:
        pytest.skip(missing)
    running = stores_for_tests.Server()
    yield running
    running.close()


def _location(store: str, request: pytest.FixtureRequest) -> str:
    if store == "memory":
        return ":memory:"
    if store == "sqlite":
        return str(request.getfixturevalue("tmp_path") / "index.db")
    return request.getfixturevalue("server").database()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def location(request: pytest.FixtureRequest) -> str:
    return _location(request.param, request)


@pytest.fixture(params=["sqlite", "postgres"])
def lasting(request: pytest.FixtureRequest) -> str:
    """Give a place that can be opened again."""
    return _location(request.param, request)


@pytest.fixture
def index(location: str) -> Iterator[Index]:
    with Index.open(location) as opened:
        yield opened
