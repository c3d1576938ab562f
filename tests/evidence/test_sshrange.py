"""The recorded servers, with a sensor and clients beside them whose clock is wrong: nothing is counted twice."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl
from polars.testing import assert_frame_equal

from graphmap.identity import parse_inventory
from graphmap.pipeline.estate import Estate
from tests.estates import read
from tests.sensors import zeek

if TYPE_CHECKING:
    from pathlib import Path

BEHIND = timedelta(seconds=37)


def test_a_sensor_beside_the_servers_adds_evidence_and_nothing_else(shared: Path) -> None:
    """The sensor's clock is 37 s behind; it stamps what sshd logs after its first line up to a few seconds later."""
    folder = shared / "sshrange"
    inventory = parse_inventory((folder / "inventory.yaml").read_text(), "inventory.yaml")
    logs = pl.concat([read(path.read_text(), file=path.parent.name) for path in sorted(folder.glob("*/auth-iso.log"))])
    alone = Estate(logs, inventory)
    addresses = {host.name: host.addresses[0].address for host in inventory.hosts if host.addresses}
    attempts = pl.concat([
        alone.sessions.select("src_ip", "src_port", "host", time="start", accepted=pl.lit(value=True)),
        alone.failures.join(logs.select(line=pl.struct("file", "line"), src_port="src_port"), on="line")
        .select("src_ip", "src_port", "host", "time", accepted=pl.lit(value=False)),
    ])  # fmt: skip
    seen = zeek("ssh", *(
        {"at": (time - BEHIND).isoformat()[:26].removesuffix("+00:00"), "src": ip, "port": port, "dst": addresses[host],
         "auth_success": accepted, "uid": f"C{ip}{port}"}
        for ip, port, host, time, accepted in attempts.sort("time").drop_nulls().iter_rows()
    ))  # fmt: skip
    both = Estate(pl.concat([logs, seen]), inventory)
    ways = ["host", "src", "src_port", "user", "start", "method", "key"]
    assert_frame_equal(both.sessions.select(ways), alone.sessions.select(ways))
    assert_frame_equal(both.failures, alone.failures)
    assert_frame_equal(both.edges, alone.edges)
    assert {tuple(sides) for sides in both.sessions["witnesses"]} == {("network", "server")}
    assert {tuple(sides) for sides in both.sessions["missing"]} == {()}
    assert both.clocks["difference"].is_between(30_000_000, 37_100_000).all()
    assert [finding.title for finding in both.hunt()] == [finding.title for finding in alone.hunt()]
