"""The command: what it refuses, and how it stops."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from graphmap_api.patience import Patience

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.serving import Server


def serve(home: Path, *options: str) -> tuple[int, str]:
    """Exit code and what was said on standard error."""
    command = [sys.executable, "-m", "graphmap", "serve", "--home", str(home), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == ""
    return done.returncode, done.stderr


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.1"])
def test_it_listens_on_this_machine_only_and_says_what_to_do(tmp_path: Path, address: str) -> None:
    code, said = serve(tmp_path, "--bind", address)
    assert code == 1
    assert "listens on this machine only" in said
    assert "ssh -L" in said


def test_a_port_that_is_taken_is_said_to_be(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, said = serve(tmp_path, "--port", str(port))
    assert code == 1
    assert f"port {port} is taken" in said
    assert "--port 0" in said


def test_an_empty_home_is_said_to_be(tmp_path: Path) -> None:
    code, said = serve(tmp_path / "home", "--port", "0")
    assert code == 1
    assert "holds no events" in said
    assert "graphmap ingest" in said


def test_two_servers_have_two_tokens(server: Server) -> None:
    assert len(server.token) >= 40


def test_an_answer_that_takes_too_long_is_given_up() -> None:
    sent: list[Any] = []
    stop = asyncio.Event()

    async def slow(_scope: Any, _receive: Any, send: Any) -> None:
        await stop.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def ask() -> None:
        async def keep(message: Any) -> None:
            sent.append(message)

        await Patience(slow, 0.01)({"type": "http"}, None, keep)  # type: ignore[arg-type]
        stop.set()
        await asyncio.sleep(0)

    with ThreadPoolExecutor(1) as pool:  # the driver of the browser's tests leaves a loop in this thread
        pool.submit(lambda: asyncio.run(ask())).result()
    assert [message.get("status") for message in sent if message["type"] == "http.response.start"] == [504]
