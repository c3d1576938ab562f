"""Recordings for tests: made once a session, all seeds at one time, since a range mostly waits."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.range import namespaces
from tests.range.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SEEDS = (4, 13, 47)
"""What the tests record. test_topology says what these seeds must have between them."""

CHOSEN = tuple(map(int, os.environ.get("GRAPHMAP_RANGE_SEEDS", "").split())) or SEEDS
"""The same, or what the environment names in their place: numbers, with spaces between."""

AT_ONCE = 3


@pytest.fixture(scope="session")
def able() -> None:
    """Skip where no range can run; fail where GRAPHMAP_REQUIRE says that one must."""
    lacking = namespaces.missing()
    if lacking and "range" in os.environ.get("GRAPHMAP_REQUIRE", "").split(","):
        pytest.fail(f"GRAPHMAP_REQUIRE asks for a range, which lacks: {', '.join(lacking)}")
    if lacking:
        pytest.skip(f"no SSH range here, it lacks: {', '.join(lacking)}")


@pytest.fixture(scope="session")
def recorded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[int], Path]]:
    """`recorded(seed)`: the folder of a recording."""
    request.getfixturevalue("able")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running: dict[int, Future[Path]] = {}

        def make(seed: int) -> Path:
            folder = tmp_path_factory.mktemp(f"range-{seed}-")
            record(seed, folder)
            return folder

        def get(seed: int) -> Path:
            for each in (seed, *CHOSEN):
                if each not in running:
                    running[each] = pool.submit(make, each)
            return running[seed].result()

        yield get
