"""A real PostgreSQL server for the tests, in a folder of its own, on loopback."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

USER = "postgres"
"""The server refuses to run as root; Debian's package brings this user."""

SECONDS = 120


def folder_of_programs() -> Path | None:
    """Where initdb and pg_ctl are, of the newest version; None where there is no server."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    there = shutil.which("pg_ctl")
    return Path(there).resolve().parent if there else None


def missing() -> str | None:
    """Why no server can be had here; None where one can."""
    if folder_of_programs() is None:
        return "PostgreSQL is not installed (scripts/install-test-tools)"
    if os.getuid() == 0:
        try:
            pwd.getpwnam(USER)
        except KeyError:
            return f"there is no user {USER}, and PostgreSQL does not run as root"
    return None


@dataclass(frozen=True)
class Postgres:
    """A server with a password, and databases made as they are asked for."""

    folder: Path
    port: int
    password: str

    @classmethod
    def begin(cls) -> Postgres:
        """Make a cluster in a folder of its own, and start it. (Pytest's folders are closed to other users.)"""
        folder = Path(tempfile.mkdtemp(prefix="graphmap-postgres-"))
        password = uuid.uuid4().hex
        secret = folder / "password"
        secret.write_text(password)
        data = folder / "data"
        data.mkdir(mode=0o700)
        if os.getuid() == 0:
            for path in (folder, secret, data):
                shutil.chown(path, USER)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        server = cls(folder, port, password)
        server._run("initdb", "-D", data, "-U", USER, "-A", "scram-sha-256", "--pwfile", secret, "-E", "UTF8", "-N",
                    "--locale=C.UTF-8")  # fmt: skip
        server.start()
        return server

    def start(self) -> None:
        """Start it; it answers when this returns."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        self._run("pg_ctl", "-D", self.folder / "data", "-l", self.folder / "log", "-w", "-o", options, "start")

    def stop(self) -> None:
        """End it at once."""
        self._run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop")

    def end(self) -> None:
        """End it, and leave nothing behind."""
        self.stop()
        shutil.rmtree(self.folder)

    def address(self, database: str = "postgres", *, password: str | None = None) -> str:
        """The address of a database."""
        return f"postgresql://{USER}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def create(self) -> str:
        """A new empty database; its address."""
        import psycopg

        name = f"test_{uuid.uuid4().hex}"
        with psycopg.connect(self.address(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.address(name)

    def _run(self, program: str, *words: str | Path) -> None:
        programs = folder_of_programs()
        assert programs is not None
        command = [str(programs / program), *map(str, words)]
        as_user = {"user": USER, "group": USER, "extra_groups": []} if os.getuid() == 0 else {}
        output = self.folder / f"{program}.out"  # not a pipe, which the server would inherit and keep open
        with output.open("w") as out:
            done = subprocess.run(  # type: ignore[call-overload] # the names of the user are Any to it
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=SECONDS, check=False,
                cwd=self.folder, env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}, **as_user,
            )  # fmt: skip
        assert done.returncode == 0, output.read_text()
