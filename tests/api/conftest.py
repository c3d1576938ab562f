"""One server for all tests of a process; they only read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.serving import Server, fill, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`graphmap serve` on the bundled sample and a log of attackers' text."""
    folder = tmp_path_factory.mktemp("served")
    with serving(fill(folder / "home", folder / "logs").home) as running:
        yield running


@pytest.fixture(scope="session")
def api(server: Server) -> Iterator[httpx.Client]:
    """A program that has the token."""
    with server.client() as client:
        yield client
