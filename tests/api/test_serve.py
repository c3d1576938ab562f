"""The command: what it refuses, and how it stops."""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

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


def test_two_servers_have_two_tokens(server: Server) -> None:
    assert len(server.token) >= 40
