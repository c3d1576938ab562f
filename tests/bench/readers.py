"""How fast each reader makes events of its format: ``python -m tests.bench.readers [--records 200000] [NAME ...]``.

Each reader reads records of its own that are made here, in memory, so that neither disk nor decompression counts; the
figure is the best of some rounds, by processor time, which a busy machine hardly changes. The last column says how many
times as long it took as to count the newlines in the same bytes, in the same rounds. Half of the records of SAMPLES
report an event, half are of another program or of no interest, as in most logs. For all other readers the record of the
contract suite is repeated, with another account, address and serial number in each.
"""

from __future__ import annotations

import argparse
import io
import json
import time
from typing import TYPE_CHECKING, NamedTuple

from graphmap.readers import READERS, ReadOptions, Source
from graphmap.readers.speed import METERS
from tests.contracts.test_readers import SAMPLES as ONE_OF_EACH
from tests.readers.windows import events as windows
from tests.readers.windows.evtx_file import CHUNK_BYTES, chunk, file_header, record

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 3
_MESSAGE = "Accepted password for user{} from 10.0.0.{} port 50000 ssh2"


class Figure(NamedTuple):
    """What one reader did. `events` is how many of the records became one."""

    records: int
    events: int
    size: int
    seconds: float
    counted: float
    """Seconds in which the newlines were counted."""

    def __str__(self) -> str:
        rate, speed = self.records / self.seconds, self.size / self.seconds / 1e6
        return f"{rate:>12,.0f} {speed:>8,.1f} {self.events / self.records:>8.0%} {self.seconds / self.counted:>16,.0f}"


def lines(interesting: Callable[[int], str], other: str) -> Callable[[int], bytes]:
    """A log of lines, every second one of which is of interest."""

    def make(count: int) -> bytes:
        return "".join((interesting(n) if n % 2 else other) + "\n" for n in range(count)).encode()

    return make


def logon(n: int) -> dict[str, str]:
    return windows.LOGON | {"TargetUserName": f"user{n % 1000}", "IpAddress": f"10.0.0.{n % 250 + 1}"}


def journal(n: int) -> str:
    message = _MESSAGE.format(n % 1000, n % 250 + 1)
    return json.dumps(
        {"__REALTIME_TIMESTAMP": str(1_700_000_000_000_000 + n), "_HOSTNAME": "srv", "_PID": "7", "_UID": "0",
         "_COMM": "sshd", "SYSLOG_IDENTIFIER": "sshd", "MESSAGE": message}
    )  # fmt: skip


def syslog(n: int) -> str:
    return f"2026-03-01T10:00:00+00:00 srv sshd[7]: {_MESSAGE.format(n % 1000, n % 250 + 1)}"


def evtx(count: int) -> bytes:
    """One chunk, repeated: made record by record it would take longer than the reading."""
    records, n = b"", 0
    while len(records) < CHUNK_BYTES - 4096:
        event = windows.xml("Security", 4624 if n % 2 else 4907, logon(n))
        n += 1
        records += record(n, event, 512 + len(records))
    return file_header() + chunk(records, 1, n) * (count // n)


SAMPLES: dict[str, Callable[[int], bytes]] = {
    "evtx": evtx,
    "windows-xml": lines(
        lambda n: windows.xml("Security", 4624, logon(n)), windows.xml("Security", 4907, windows.LOGON)
    ),
    "winlogbeat": lines(
        lambda n: windows.winlogbeat("Security", 4624, logon(n)), windows.winlogbeat("Security", 4907, windows.LOGON)
    ),
    "wazuh": lines(lambda n: windows.wazuh("Security", 4624, logon(n)), windows.wazuh("Security", 4907, windows.LOGON)),
    "nxlog": lines(lambda n: windows.nxlog("Security", 4624, logon(n)), windows.nxlog("Security", 4907, windows.LOGON)),
    "journald": lines(journal, '{"__REALTIME_TIMESTAMP": "1700000000000000", "_COMM": "cron", "MESSAGE": "job"}'),
    "sshd": lines(
        syslog, "2026-03-01T10:00:00+00:00 srv CRON[7]: pam_unix(cron:session): session closed for user root"
    ),
}
"""By name of the reader: makes a log of about so many records."""

HEADINGS = {"nfdump": 1, "argus": 1, "flows-csv": 1, "masstin": 1}
"""Lines that stand once, at the top."""


def repeated(name: str) -> Callable[[int], bytes]:
    """A log of the record that the contract suite has of a format."""

    def make(count: int) -> bytes:
        lines = ONE_OF_EACH[name].splitlines(keepends=True)
        first = HEADINGS.get(name, 0)
        heading, record = b"".join(lines[:first]), b"".join(lines[first:])
        if name == "utmp":
            return record * count  # records of one length
        return heading + b"".join(
            record.replace(b"bob", b"user%d" % (n % 1000))
            .replace(b"1.2.3.4", b"10.0.%d.%d" % (n // 250 % 250, n % 250 + 1))
            .replace(b":7)", b":%d)" % n)
            .replace(b"pid=7 ", b"pid=%d " % n)
            for n in range(count)
        )

    return make


def measure(name: str, data: bytes, rounds: int = ROUNDS) -> Figure:
    """Read a log some times; the fastest counts."""
    best: Figure | None = None
    counted = min(_counting(data) for _ in range(rounds))
    for _ in range(rounds):
        begun = time.process_time()
        batches = list(READERS[name].read(Source("x", lambda: io.BytesIO(data)), ReadOptions()))
        seconds = time.process_time() - begun
        records, events = sum(batch.lines for batch in batches), sum(len(batch.events) for batch in batches)
        if best is None or seconds < best.seconds:
            best = Figure(records, events, len(data), seconds, counted)
    assert best is not None
    return best


def _counting(data: bytes) -> float:
    begun = time.process_time()
    data.count(b"\n")
    return max(time.process_time() - begun, 1e-6)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("names", nargs="*", default=[reader.name for reader in READERS])
    options = parser.parse_args()
    for meter in METERS:
        meter.load()
    print(f"{'reader':<16} {'records/s':>12} {'MB/s':>8} {'events':>8} {'times newlines':>16}")
    for name in options.names:
        make = SAMPLES.get(name) or repeated(name)
        print(f"{name:<16} {measure(name, make(options.records))}", flush=True)


if __name__ == "__main__":
    main()
