"""The client asks a real server; the examples of docs/api.md run as they stand there."""

from __future__ import annotations

import re
import socket
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from graphmap.client import Client, ClientError
from tests.api.serving import HOSTILE, Server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

TOLD = "2026-11-21T02:56:50Z"
NOON = datetime.fromisoformat(TOLD)


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with Client(server.base, server.token) as client:
        yield client


def test_it_gives_what_the_api_gives(client: Client, api: httpx.Client) -> None:
    listed = api.get("/findings", params={"severity": "high", "limit": 1000}).json()
    assert list(client.findings(severity="high")) == listed["items"]
    first = listed["items"][0]["id"]
    assert client.finding(first)["id"] == first
    assert client.paths("ws2", "db1")[0]["hosts"] == ["ws2", "jump1", "db1"]
    assert "db1" in {one["name"] for one in client.reach("ws2")}
    assert "ws2" in {one["name"] for one in client.origins("db1")}
    assert client.search(f"user:{HOSTILE[0]}")[0]["name"] == HOSTILE[0]


def test_it_asks_for_stories_habits_and_segments(client: Client, api: httpx.Client) -> None:
    first = next(client.stories(state=["open", "investigating"]))
    assert first == api.get("/stories").json()["items"][0]
    assert client.story(first["id"])["words"]["way"]
    assert {one["name"] for one in client.segments()} >= {"restricted", "dmz"}
    assert client.profile("host:db1", until=NOON) == api.get("/profile", params={"id": "host:db1", "to": TOLD}).json()
    assert client.timeline("user:deploy", since=NOON)["count"] < client.timeline("user:deploy")["count"]
    assert client.difference(NOON)["links"]
    assert [one["dst"] for one in client.way("ws2", "db1")] == ["host:jump1", "host:db1"]
    assert client.way("ws2", "db1", to="2026-01-01T00:00:00Z") == []
    assert len(client.way("db1", "ws2")) == 3  # links, but no path in time
    assert client.paths("db1", "ws2") == []
    assert client.paths("ws2", ["db1", "jump1"], exclude_host=["hv1"])[0]["hosts"] == ["ws2", "jump1"]


def test_it_keeps_views_and_sees_runs(client: Client) -> None:
    assert client.keep_view("mine", {"page": "rare"})["id"] == client.link_view({"page": "rare"})
    assert client.view("mine")["state"] == {"page": "rare"}
    assert client.triage_all(["f-000"], marked=False)["unknown"] == 1
    assert client.runs("retention") == []
    with pytest.raises(ClientError, match="no job 'none'"):
        client.run("none")
    with pytest.raises(ClientError, match="no run 1"):
        client.cancel(1)


def test_pages_are_gone_through_one_by_one(client: Client, api: httpx.Client) -> None:
    found = list(client.every("/users", limit=2))
    assert len(found) == api.get("/users").json()["total"] > 2
    assert len({one["id"] for one in found}) == len(found)


def test_what_is_said_is_said_with_the_name_of_the_token(client: Client) -> None:
    found = next(client.findings())["id"]
    said = client.triage(found, note=HOSTILE[0])
    assert said["note"] == HOSTILE[0]
    assert client.triage(found, note="")["note"] is None
    assert client.finding(found)["judgements"][-1]["author"] == said["author"]


def test_a_refusal_says_what_the_server_says(client: Client, server: Server) -> None:
    with pytest.raises(ClientError, match="no host or source named 'nope'") as unknown:
        client.paths("ws2", "nope")
    assert unknown.value.status == 404
    with pytest.raises(ClientError, match="limit") as wrong:
        client.search("x", limit=0)
    assert wrong.value.status == 422
    with Client(server.base, "guess") as stranger, pytest.raises(ClientError, match="no token") as refused:
        list(stranger.findings())
    assert (refused.value.status, bool(refused.value.hint)) == (401, True)


def test_a_server_that_is_not_there_is_said_to_be() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with (
        Client(f"http://127.0.0.1:{port}/", "x") as client,
        pytest.raises(ClientError, match="does not answer") as gone,
    ):
        client.get("/version")
    assert (gone.value.status, gone.value.hint) == (None, "is graphmap serve running there?")


def test_the_examples_of_the_page_run(root: Path, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", (root / "docs/api.md").read_text(), re.MULTILINE | re.DOTALL)
    assert blocks
    for block in blocks:
        exec(
            compile(block.replace("http://127.0.0.1:8765", server.base), "docs/api.md", "exec"), {"token": server.token}
        )
    said = capsys.readouterr().out
    assert "ws2 -> jump1 -> db1" in said
