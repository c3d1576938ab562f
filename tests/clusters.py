"""A real Spark cluster for the tests: a master and two workers, each a process of its own, on loopback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "spark-cluster"
SECONDS = 300

_QUICK = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
QUICK = {
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": _QUICK,
    "spark.executor.extraJavaOptions": _QUICK,
    "spark.executor.memory": "512m",
    "spark.sql.shuffle.partitions": "4",
}
"""Java that starts soon and stays small: what tests ask of it is small, too."""


@dataclass(frozen=True)
class Cluster:
    """A cluster that was started in a folder."""

    address: str
    home: Path

    @property
    def environ(self) -> dict[str, str]:
        """What makes the program ask for no more of it than tests need."""
        return {"GRAPHMAP_SPARK": " ".join(f"'{name}={value}'" for name, value in QUICK.items())}

    def executors(self) -> list[int]:
        """The processes that do the work."""
        return [
            int(folder.name)
            for folder in Path("/proc").iterdir()
            if folder.name.isdigit() and self._is_executor(_command(folder))
        ]

    def kill_an_executor(self) -> None:
        """End one as a lack of memory would; its worker may start another."""
        os.kill(self.executors()[0], signal.SIGKILL)

    def kill_a_worker(self) -> None:
        """End one as a power cut would: what it runs ends as well, and it does not come back."""
        os.kill(int((self.home / "worker-1.pid").read_text()), signal.SIGKILL)

    def stop(self) -> None:
        """End it."""
        _script("stop", self.home)

    def _is_executor(self, command: bytes) -> bool:
        return b"CoarseGrainedExecutorBackend" in command and str(self.home).encode() in command


def missing() -> str | None:
    """Why no cluster can be had here; None where one can."""
    done = subprocess.run(
        [SCRIPT, "status"], capture_output=True, text=True, timeout=SECONDS, check=False, env=_environ()
    )
    return None if done.returncode == 0 else done.stderr.strip()


def begin(home: Path) -> Cluster:
    """A cluster whose workers are there."""
    return Cluster(_script("start", home), home)


def _script(word: str, home: Path) -> str:
    output = home.parent / f"{word}.out"  # not a pipe, which the cluster would inherit and keep open
    with output.open("w+") as out:
        subprocess.run(
            [SCRIPT, word, home], stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=_environ(), timeout=SECONDS,
            check=False,
        )  # fmt: skip
        out.seek(0)
        said = out.read().strip()
    assert word != "start" or said.startswith("spark://"), said
    return said


def _environ() -> dict[str, str]:
    return os.environ | {"GRAPHMAP_PYTHON": sys.executable}


def _command(folder: Path) -> bytes:
    try:
        return (folder / "cmdline").read_bytes()
    except OSError:  # it has ended meanwhile
        return b""
