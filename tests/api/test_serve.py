"""The command: what it refuses, and how it stops."""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from graphmap.config import Settings
from graphmap.pipeline.readiness import Readiness
from tests.api.serving import Server

if TYPE_CHECKING:
    from pathlib import Path


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


def test_two_servers_have_two_tokens(server: Server) -> None:
    assert len(server.token) >= 40


def test_a_demo_leads_to_the_page(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "graphmap", "demo", "--serve", "--home", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            url = next(line.strip() for line in process.stdout if line.startswith("http://127.0.0.1:"))
            base, _, token = url.partition("/?token=")
            with Server(base, token, tmp_path / "demo").client() as client:
                assert client.get("/stories").json()["total"] > 0
            assert "<title>" in httpx.get(url, follow_redirects=True, timeout=60).text
        finally:
            process.terminate()
            assert process.wait(60) == 0


def test_it_says_whether_it_can_do_its_work(api: httpx.Client, server: Server) -> None:
    ready = httpx.get(f"{server.base}/api/v1/ready", timeout=60)
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})
    metrics = api.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")
    assert "\ngraphmap_up 1.0\n" in metrics.text


def test_what_keeps_it_from_its_work_is_said_without_places(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    assert Readiness(Settings(home)).lacking() == ()
    (home / "ledger.sqlite").write_bytes(b"nonsense" * 1_000)
    log = home / "lake" / "events" / "_delta_log"
    log.mkdir(parents=True)
    (log / f"{0:020}.json").write_text("nonsense")
    assert Readiness(Settings(home)).lacking() == (
        "the lake cannot be read",
        "the ledger cannot be read, or is of another version of graphmap",
    )
