"""A server on an empty home folder: everything answers that there is nothing yet, and takes a log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from graphmap import resources
from tests.api.serving import YEAR, Server, serving
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

KNOWN = {"limit", "id", "from", "to", "host", "node", "name", "q", "chain", "start", "goal"}
"""Parameters that an operation may require, and `limit`."""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("empty") / "home") as running:
        yield running


@pytest.fixture(scope="module")
def client(empty: Server) -> Iterator[httpx.Client]:
    with empty.client() as client:
        yield client


def questions(root: Path) -> dict[str, dict[str, Any]]:
    """Every GET operation without a path parameter, with what it requires."""
    paths = json.loads((root / "docs/openapi.json").read_text())["paths"]
    return {
        path.removeprefix("/api/v1"): {
            one["name"]: "host:x" for one in methods["get"].get("parameters", []) if one.get("required")
        }
        for path, methods in paths.items()
        if "get" in methods and "{" not in path and not path.endswith("/updates")
    }


def test_every_resource_answers_that_there_is_nothing(root: Path, client: httpx.Client) -> None:
    asked = questions(root)
    assert {name for parameters in asked.values() for name in parameters} <= KNOWN
    statuses = {path: client.get(path, params=parameters).status_code for path, parameters in asked.items()}
    named = {path for path, parameters in asked.items() if parameters.keys() - {"q"}}
    assert {path: status for path, status in statuses.items() if status != 200} == {
        **dict.fromkeys(named, 404), "/figures/chain": 422, "/graph/diff": 422,
    }  # fmt: skip
    for path in ("/findings", "/stories", "/segments", "/sessions", "/chains", "/files"):
        assert client.get(path).json()["total"] == 0
    assert client.get("/coverage").json()["events"] == 0
    assert client.get("/figures/network").json()["empty"] == "no logon matches"


def test_what_is_dropped_on_it_is_there(client: httpx.Client) -> None:
    log = resources.sample() / "db1" / "auth-iso.log"
    sent = client.post("/ingest", params={"name": "auth.log", "host": "db1", "year": YEAR}, content=log.read_bytes())
    assert sent.status_code == 202
    job = sent.headers["location"].removeprefix("/api/v1")
    wait_for(lambda: client.get(job).json()["state"] == "done", "the log is in")
    assert client.get("/sessions").json()["total"] > 0
    assert "host:db1" in {one["id"] for one in client.get("/graph").json()["nodes"]}
