"""A real Neo4j server for the tests: the one that the environment names, else one that is started and ended here."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from neo4j import GraphDatabase
from neo4j.exceptions import DriverError, Neo4jError

from graphmap.store.connection import PASSWORD, URI, Connection, find_connection

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "neo4j-server"
SECONDS = 300


@dataclass(frozen=True)
class Server:
    """A server that was started in a folder, or (no folder) somebody else's."""

    connection: Connection
    home: Path | None = None

    @property
    def environ(self) -> dict[str, str]:
        """What the program needs to find it."""
        return {URI: self.connection.uri, PASSWORD: self.connection.password or ""}

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.home is not None
        os.kill(int((self.home / "pid").read_text()), signal.SIGKILL)

    def stop(self) -> None:
        """End it."""
        if self.home is not None:
            _script("stop", self.home)

    def start(self, **environ: str) -> None:
        """Start it again, at the same port and with the same data."""
        assert self.home is not None
        _script("start", self.home, **environ)
        self._wait()

    def _wait(self) -> None:
        """Wait for the database, which comes some time after the port where the one before was killed."""
        auth = (self.connection.user or "", self.connection.password or "")
        end = time.monotonic() + SECONDS
        with GraphDatabase.driver(self.connection.uri, auth=auth) as driver:
            while True:
                try:
                    driver.execute_query("RETURN 1")
                except (DriverError, Neo4jError):
                    assert time.monotonic() < end, "the database did not come"
                    time.sleep(0.1)
                else:
                    return


def missing() -> str | None:
    """Why no server can be had here; None where one can."""
    if os.environ.get(URI):
        return None
    done = subprocess.run([SCRIPT, "status", "/"], capture_output=True, text=True, timeout=SECONDS, check=False)
    return None if done.returncode != 3 else done.stderr.strip()


def begin(home: Path, **environ: str) -> Server:
    """A server with an empty database."""
    if os.environ.get(URI):
        return Server(find_connection())
    password = secrets.token_urlsafe()
    uri = _script("start", home, NEO4J_PASSWORD=password, **environ)
    return Server(Connection(uri, "neo4j", password), home)


def _script(word: str, home: Path, **environ: str) -> str:
    output = home.parent / f"{word}.out"  # not a pipe, which the server would inherit and keep open
    with output.open("w+") as out:
        subprocess.run(
            [SCRIPT, word, home], stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=os.environ | environ,
            timeout=SECONDS, check=False,
        )  # fmt: skip
        out.seek(0)
        said = out.read().strip()
    assert word != "start" or said.startswith("bolt://"), said
    return said
