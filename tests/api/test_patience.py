"""A request has a time, and is not worked for when nobody waits: over real connections, with work that goes on."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import anyio.to_thread
import httpx
import pytest
import uvicorn

from graphmap.config import Settings
from graphmap_api.access import Access
from graphmap_api.app import create_app
from graphmap_api.rights import READ
from graphmap_api.routing import Router
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GENEROUS = 60.0
"""Seconds that nothing here takes."""


class Work:
    """What requests are at: each waits until it is let go."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.go = threading.Event()

    def do(self, name: str) -> str:
        self.begun.append(name)
        assert self.go.wait(GENEROUS)
        return name


class Running:
    """A server in a thread of this process, with the operation /api/v1/work beside all others."""

    def __init__(self, home: Path, *, patience: float, threads: int) -> None:
        self.work = Work()
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        self.access = Access.on(self.port)
        app = create_app(Settings(home), self.access, patience=patience)
        router = Router()
        router.get("/api/v1/work", dependencies=[READ])(self.work.do)
        app.router.routes.insert(0, router.routes[0])
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none"))

        async def serve() -> None:
            anyio.to_thread.current_default_thread_limiter().total_tokens = threads
            await self._server.serve([listener])

        self._thread = threading.Thread(target=lambda: asyncio.run(serve()))
        self._thread.start()

    def stop(self) -> None:
        self.work.go.set()
        self._server.should_exit = True
        self._thread.join(GENEROUS)
        assert not self._thread.is_alive()

    def client(self) -> httpx.Client:
        headers = {"authorization": f"Bearer {self.access.token}"}
        return httpx.Client(base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=GENEROUS)

    def ask_and_leave(self, name: str) -> socket.socket:
        """A connection on which something was asked; closing it is leaving."""
        asked = socket.create_connection(("127.0.0.1", self.port), timeout=GENEROUS)
        asked.sendall(
            f"GET /api/v1/work?name={name} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Authorization: Bearer {self.access.token}\r\n\r\n".encode()
        )
        return asked


@contextmanager
def running(home: Path, *, patience: float, threads: int = 40) -> Iterator[Running]:
    server = Running(home, patience=patience, threads=threads)
    try:
        yield server
    finally:
        server.stop()


def trail(home: Path) -> list[tuple[str, int]]:
    """What the audit trail has of /work, the first first."""
    file = home / "audit" / "known.jsonl"
    lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    return [
        (address.partition("name=")[2], status) for *_, address, status in lines if address.startswith("/api/v1/work")
    ]


def test_an_answer_that_takes_too_long_is_given_up_and_what_waits_never_begins(tmp_path: Path) -> None:
    with running(tmp_path, patience=2.0, threads=1) as server, server.client() as client:
        wait_for(lambda: client.get("/api/v1/me").status_code == 200, "it answers")
        late = client.get("/api/v1/work", params={"name": "first"})
        assert (late.status_code, late.headers["content-type"]) == (504, "application/problem+json")
        assert late.json()["detail"] == "no answer within 2 seconds"
        waits = client.get("/api/v1/work", params={"name": "second"})
        assert waits.status_code == 504  # the only thread is still at the first
        server.work.go.set()
        wait_for(lambda: client.get("/api/v1/work", params={"name": "third"}).status_code == 200, "the thread is free")
        assert server.work.begun[:2] == ["first", "third"]
    assert trail(tmp_path)[:2] == [("first", 504), ("second", 504)]


def test_who_leaves_is_not_worked_for(tmp_path: Path) -> None:
    with running(tmp_path, patience=GENEROUS, threads=1) as server, server.client() as client:
        wait_for(lambda: client.get("/api/v1/me").status_code == 200, "it answers")
        with server.ask_and_leave("first"):
            wait_for(lambda: server.work.begun == ["first"], "it begins")
            waits = server.ask_and_leave("second")
            waits.close()
            wait_for(lambda: ("second", 499) in trail(tmp_path), "it is noted")
        wait_for(lambda: ("first", 499) in trail(tmp_path), "it is noted")
        server.work.go.set()
        assert client.get("/api/v1/work", params={"name": "third"}).json() == "third"
        assert server.work.begun == ["first", "third"]


@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_a_large_answer_is_compressed_where_the_client_takes_it(api: httpx.Client, coding: str) -> None:
    answer = api.get("/graph", headers={"accept-encoding": coding})
    assert answer.headers.get("content-encoding", "identity") == coding
    assert answer.json()["nodes"]
