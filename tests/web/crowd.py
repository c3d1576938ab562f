"""A home folder whose map is as large as a map can be drawn: 5,000 nodes, 20,000 links."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from graphmap.config import Settings
from graphmap.pipeline.estate import keep_inventory, read_inventory
from graphmap.pipeline.ingest import ingest

if TYPE_CHECKING:
    from pathlib import Path

HOSTS = 4_600
ACCOUNTS = 400
LINKS = 20_000
"""As many as are drawn one by one at most: half are of hosts, half of accounts."""

SEGMENTS = {"office": 3_000, "servers": 1_100, "dmz": 300, "mgmt": 150, "restricted": 50}
BEGIN = datetime(2026, 11, 2, tzinfo=UTC)


def crowd(home: Path, logs: Path) -> Settings:
    """Fill a home folder; the same every time."""
    settings = Settings(home)
    logs.mkdir(parents=True)
    rng = random.Random(8)
    hosts = [f"h{n:04}" for n in range(HOSTS)]
    address = {host: f"10.{n // 65_536}.{n // 256 % 256}.{n % 256}" for n, host in enumerate(hosts, 256)}
    pairs: dict[tuple[int, int], int] = {}  # who came from where to where; each host is reached, each account used
    moved: set[tuple[int, int]] = set()
    while len(pairs) < LINKS // 2:
        n = len(pairs)
        start = n % HOSTS if n < HOSTS else rng.randrange(HOSTS)
        end = (start * 7 + 1) % HOSTS if n < HOSTS else min(int(rng.paretovariate(0.6) * 10), HOSTS - 1)
        user = rng.randrange(ACCOUNTS)
        if start == end or (start, end) in pairs or (user, end) in moved:
            continue
        pairs[start, end] = user
        moved.add((user, end))
    lines = (
        f"{BEGIN + timedelta(seconds=90 * n):%Y-%m-%dT%H:%M:%S}+00:00 {hosts[end]} sshd[{n + 100}]: "
        f"{'Failed' if n % 9 == 0 else 'Accepted'} password for u{user:03} from {address[hosts[start]]} "
        f"port {n % 60_000 + 1_024} ssh2\n"
        for n, ((start, end), user) in enumerate(pairs.items())
    )
    (logs / "auth.log").write_text("".join(lines))
    names = [name for name, many in SEGMENTS.items() for _ in range(many)]
    entries = "".join(
        f"- {{name: {host}, addresses: [{address[host]}], segment: {name}}}\n"
        for host, name in zip(hosts, names, strict=True)
    )
    restricted = "".join(f"- {{name: {name}, restricted: {str(name == 'restricted').lower()}}}\n" for name in SEGMENTS)
    inventory = logs / "inventory.yaml"
    inventory.write_text(f"segments:\n{restricted}hosts:\n{entries}")
    ingest([logs / "auth.log"], settings=settings)
    keep_inventory(settings, read_inventory(inventory))
    return settings
