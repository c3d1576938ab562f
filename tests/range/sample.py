"""A recording as a realistic mixed estate: one format a host, and one log rotated and compressed."""

from __future__ import annotations

import gzip
import shutil
import tempfile
from pathlib import Path

from tests.range import topology
from tests.range.record import record as record_all

FILES = {"rfc3164": "auth.log", "rfc3339": "auth-iso.log"}


def record(seed: int, out: Path, *, rounds: int) -> None:
    """Record a seed into `out`: the log of each host in its preferred format, the longest one rotated once.

    No line is changed, left out or added.
    """
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder, "recording")
        record_all(seed, whole, rounds=rounds)
        out.mkdir(parents=True, exist_ok=True)
        for name in ("inventory.yaml", "truth.json"):
            shutil.copyfile(whole / name, out / name)
        for host in topology.build(seed).hosts:
            (out / host.name).mkdir()
            shutil.copyfile(whole / host.name / FILES[host.header], out / host.name / FILES[host.header])
    rotate(max(out.glob("*/auth.log"), key=lambda path: path.stat().st_size))


def rotate(log: Path) -> None:
    """Split a log in the middle, the older half to `<log>.1.gz`, as logrotate(8) does."""
    lines = log.read_bytes().splitlines(keepends=True)
    middle = len(lines) // 2
    log.with_name(f"{log.name}.1.gz").write_bytes(gzip.compress(b"".join(lines[:middle]), mtime=0))
    log.write_bytes(b"".join(lines[middle:]))
