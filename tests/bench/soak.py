"""Follow logs that grow for a given time, and print memory and lag as they go: both should stay flat.

Usage: ``python -m tests.bench.soak [--minutes 12] [--hosts 200] [--rate 100] [--faster 10] [--every 15] [--home FOLDER]``.

Each host logs `rate` lines a minute of its own time, which runs `faster` times as fast as ours; its log is rotated every
hour of that. `graphmap watch` follows the folder in a process of its own, and at the end it is asked whether each line
was read once.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_TICK = 0.5
_PATIENCE = 120.0


class Load:
    """The hosts and their logs."""

    def __init__(self, folder: Path, hosts: int, rate: float, faster: float) -> None:
        self.lines = 0
        self._folder, self._hosts, self._rate, self._faster = folder, hosts, rate, faster
        self._begin = time.monotonic()
        self._origin = datetime.now(UTC)
        self._hour = 0

    def grow(self) -> None:
        """Write what the hosts have logged by now."""
        passed = (time.monotonic() - self._begin) * self._faster
        hour = int(passed // 3600)
        if hour != self._hour:
            self._hour = hour
            for path in sorted(self._folder.glob("*.log")):
                path.rename(path.with_name(f"{path.name}.{hour}"))
        each = int(passed / 60 * self._rate) - self.lines // self._hosts
        first = self.lines // self._hosts
        for host in range(self._hosts):
            with (self._folder / f"h{host}.log").open("a", encoding="utf-8") as log:
                log.writelines(self._line(host, number) for number in range(first, first + each))
        self.lines += each * self._hosts

    def _line(self, host: int, number: int) -> str:
        stamp = self._origin + timedelta(seconds=number * 60 / self._rate, microseconds=host)
        said = "Accepted publickey" if number % 2 else "Failed password"
        peer = f"10.{host % 7}.{number % 11}.{host % 251}"
        text = f"{said} for user{number % 40} from {peer} port {1024 + number % 60000} ssh2"
        return f"{stamp.isoformat()} h{host} sshd[{100 + number % 30000}]: {text}\n"


def memory(pid: int) -> tuple[int, int]:
    """Resident memory of a process and its peak, MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = dict(line.split(":", 1) for line in status.splitlines())
    return tuple(int(found[name].split()[0]) // 1024 for name in ("VmRSS", "VmHWM"))  # type: ignore[return-value]


def standing(home: Path) -> dict[str, Any]:
    """What the watch says of itself; empty before it does."""
    try:
        return dict(json.loads((home / "watch" / "watch.json").read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):
        return {}


def soak(load: Load, home: Path, process: subprocess.Popen[bytes], *, seconds: float, every: float) -> None:
    """Let the logs grow, and print where the watch stands now and then."""
    print("minutes  lines written   in the lake  lines/s   lag s  behind MB  memory MB  peak MB  lake files")
    begin = time.monotonic()
    printed = 0.0
    end: float | None = None
    while True:
        now = time.monotonic() - begin
        if process.poll() is not None:
            raise SystemExit(f"the watch ended with {process.returncode}")
        if now < seconds:
            load.grow()
        said = standing(home)
        done = said.get("lines") == load.lines and said.get("state") == "following"
        if now - printed >= every or (now >= seconds and done):
            printed = now
            files = sum(1 for _ in (home / "lake" / "events").rglob("*.parquet")) if said else 0
            print(
                f"{now / 60:7.2f} {load.lines:14,} {said.get('lines', 0):13,} {said.get('rate', 0):8,.0f}"
                f" {said.get('lag', 0):7.2f} {said.get('behind', 0) / 1e6:10.2f} {memory(process.pid)[0]:10,}"
                f" {memory(process.pid)[1]:8,} {files:11,}",
                flush=True,
            )
        if now >= seconds:
            end = now if end is None else end
            if done or now - end > _PATIENCE:
                return
        time.sleep(_TICK)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=12)
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--rate", type=float, default=100, help="lines a minute and host, in the time of the hosts")
    parser.add_argument("--faster", type=float, default=10)
    parser.add_argument("--every", type=float, default=15, help="seconds between the rows that are printed")
    parser.add_argument("--home", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        logs, home = Path(folder, "logs"), options.home or Path(folder, "home")
        logs.mkdir()
        command = [sys.executable, "-m", "graphmap", "watch", str(logs)]
        environ = os.environ | {"GRAPHMAP_HOME": str(home)}
        with subprocess.Popen(command, cwd=ROOT, env=environ) as process:
            load = Load(logs, options.hosts, options.rate, options.faster)
            soak(load, home, process, seconds=60 * options.minutes, every=options.every)
            process.terminate()
            process.wait()
        said = standing(home)
        print(
            f"{load.lines:,} lines written; {said['lines']:,} read, {said['added']:,} new, {said['duplicates']:,} known"
        )


if __name__ == "__main__":
    main()
