"""Ingest a large folder of many formats: is the rate steady, and the memory bounded?

Usage: ``python -m tests.bench.mixed [--gigabytes 1] [--folder FOLDER] [--home FOLDER]``. Six tenths of the bytes are
sshd's, a sixth of these compressed, the others Zeek's (TSV and JSON), the journal's and winlogbeat's. A base of each is
made line by line and copied with its stamps moved on, so that more gigabytes are more days of the same hosts, and no
event is there twice. The ingest runs as a process of its own; of each tenth of the bytes it says how fast it went.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import re
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.bench import logs, zeek
from tests.bench.ingest import ROOT
from tests.bench.readers import journal, logon
from tests.readers.windows import events as windows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOSTS = 50
MEGABYTE = 1_000_000
BASE_MEGABYTES = 200
"""Of sshd's logs, before they are copied; the other bases have a tenth."""
TENTHS = 10
DAY = timedelta(days=1)

_CHILD = """
import json, sys, time
from pathlib import Path
from graphmap.config import Settings
from graphmap.pipeline.ingest import ingest
def memory(name): return int(next(l for l in open("/proc/self/status") if l.startswith(name)).split()[1]) // 1024
def cpu(): return time.process_time()
sizes = json.loads(sys.stdin.read())
whole, done, last, marks = sum(sizes.values()), 0, ("", 0), []
start = time.perf_counter()
def progress(now):
    global done, last
    if now.stage in {"read", "write"}:
        done += now.position - (last[1] if last[0] == now.file else 0)
        last = now.file, now.position
        while len(marks) < 9 and done >= (len(marks) + 1) * whole / 10:
            marks.append((done, time.perf_counter() - start, cpu(), memory("VmRSS")))
report = ingest([sys.argv[1]], settings=Settings(home=Path(sys.argv[2]), debug=True), progress=progress)
marks.append((whole, time.perf_counter() - start, cpu(), memory("VmRSS")))
readers = [(one.reader, one.files, one.events, one.logons, one.rejects) for one in report.by_reader()]
print(json.dumps({"marks": marks, "peak": memory("VmHWM"), "readers": readers}))
"""


class Base(NamedTuple):
    """Logs that are copied until they are so large a share of the whole."""

    share: float
    name: str
    make: Callable[[Path], None]
    moved: Callable[[bytes, int], bytes]


def _dated(data: bytes, copy: int) -> bytes:
    """RFC 3339 stamps, two days on for each copy."""
    days = {str(logs.START.date() + n * DAY): str(logs.START.date() + (n + 2 * copy) * DAY) for n in range(3)}
    pattern = re.compile(rb"^" + rb"|^".join(re.escape(day.encode()) for day in days), re.MULTILINE)
    return pattern.sub(lambda found: days[found[0].decode()].encode(), data)


def _moved(before: bytes, prefix: int, step: int = 1) -> Callable[[bytes, int], bytes]:
    """Numbers of seconds or microseconds, by their first digits."""
    return lambda data, copy: data.replace(before + b"%d" % prefix, before + b"%d" % (prefix + step * copy))


def _write_zeek(name: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        with tempfile.TemporaryDirectory() as made:
            zeek.write_logs(Path(made), BASE_MEGABYTES // TENTHS)
            (Path(made) / name).rename(folder / name)

    return make


def _write_lines(name: str, line: Callable[[int], str]) -> Callable[[Path], None]:
    def lines() -> Iterator[str]:
        size = 0
        for number in range(sys.maxsize):
            yield (text := line(number) + "\n")
            size += len(text)
            if size >= BASE_MEGABYTES * MEGABYTE // TENTHS:
                return

    def make(folder: Path) -> None:
        with (folder / name).open("w") as file:
            file.writelines(lines())

    return make


def _journal(number: int) -> str:
    return journal(number * 10_000)


def _winlogbeat(number: int) -> str:
    text = windows.winlogbeat("Security", 4624 if number % 2 else 4907, logon(number))
    at = f"{logs.START.date()}T{number // 3_600_000 % 24:02}:{number // 60_000 % 60:02}:{number // 1000 % 60:02}.{number % 1000:03}"
    return re.sub(r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?", at, text)


def _redated(data: bytes, copy: int) -> bytes:
    first = logs.START.date()
    return data.replace(str(first).encode(), str(first + copy * DAY).encode())


BASES = (
    Base(0.6, "sshd", lambda folder: logs.write_logs(folder, HOSTS, BASE_MEGABYTES * MEGABYTE // HOSTS // 110), _dated),
    Base(0.15, "zeek-tsv", _write_zeek("conn.log"), _moved(b"\n", 176722)),
    Base(0.15, "zeek-json", _write_zeek("conn.ndjson"), _moved(b'"ts":', 176722)),
    Base(0.05, "journald", _write_lines("journal.json", _journal), _moved(b'P": "', 1700, 1)),
    Base(0.05, "winlogbeat", _write_lines("winlogbeat.json", _winlogbeat), _redated),
)


def write_folder(folder: Path, gigabytes: float) -> int:
    """Write logs of about so many gigabytes; give their bytes, decompressed."""
    written = 0
    for base in BASES:
        with tempfile.TemporaryDirectory() as made:
            base.make(Path(made))
            originals = [(path, path.read_bytes()) for path in sorted(Path(made).iterdir())]
        size, wanted, copy = sum(len(data) for _, data in originals), base.share * gigabytes * 1000 * MEGABYTE, 0
        while copy * size < wanted:
            place = folder / base.name / f"{copy:04}"
            place.mkdir(parents=True)
            for number, (path, data) in enumerate(originals):
                moved = base.moved(data, copy)
                written += len(moved)
                if base.name == "sshd" and number % 6 == 0:
                    (place / f"{path.name}.gz").write_bytes(gzip.compress(moved, 1))
                else:
                    (place / path.name).write_bytes(moved)
            copy += 1
    return written


def sizes_of(folder: Path) -> dict[str, int]:
    """Decompressed bytes of each file. A gzip member ends with them (RFC 1952, section 2.3.1)."""
    return {
        str(path): int.from_bytes(path.read_bytes()[-4:], "little") if path.suffix == ".gz" else path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file()
    }


def main() -> None:
    """Make the logs, ingest them, print what each tenth took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--home", type=Path)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        home = options.home or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if not folder.exists() or not any(folder.iterdir()):
            write_folder(folder, options.gigabytes)
        sizes = sizes_of(folder)
        command = [sys.executable, "-c", _CHILD, str(folder), str(home)]
        output = subprocess.run(
            command, check=True, input=json.dumps(sizes), stdout=subprocess.PIPE, text=True, cwd=ROOT
        ).stdout
        result = json.loads(output)
        before = (0, 0.0, 0.0, 0)
        print(f"{len(sizes):,} files, {sum(sizes.values()) / 1e9:.2f} GB; peak {result['peak']:,} MB")
        print(f"{'GB':>8} {'s':>8} {'MB/s':>8} {'MB/s of processor':>18} {'MB in memory':>13}")
        for mark in result["marks"]:
            size, wall, cpu = (mark[n] - before[n] for n in range(3))
            print(
                f"{mark[0] / 1e9:8.2f} {mark[1]:8.1f} {size / 1e6 / wall:8.1f} {size / 1e6 / cpu:18.1f} {mark[3]:13,}"
            )
            before = mark
        for name, files, events, logons, rejects in result["readers"]:
            print(f"{name:<12} {files:>6,} files {events:>13,} events {logons:>13,} logons {rejects:>7,} rejects")


if __name__ == "__main__":
    main()
