"""The same questions to every detector, those of other packages too."""

from __future__ import annotations

import inspect
import re
from dataclasses import FrozenInstanceError, fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmap.detect import DETECTORS, Detector
from graphmap.documents import finding_document, finding_from_document
from graphmap.graph.explain import hop_at
from graphmap.identity import parse_inventory
from graphmap.model import Finding, Severity
from graphmap.pipeline.estate import Estate, read_inventory
from graphmap.pipeline.reading import parse
from graphmap.readers import ReadOptions
from tests.estates import read

if TYPE_CHECKING:
    from pathlib import Path

EVERY = pytest.mark.parametrize("detector", list(DETECTORS), ids=lambda one: one.name)

INVENTORY = parse_inventory(
    """
    segments: [{name: open}, {name: closed, restricted: true, allowed_from: [closed]}, {name: quiet, restricted: true}]
    hosts:
      - {name: a, addresses: [10.0.0.1], segment: open, owner: ann}
      - {name: b, addresses: [10.0.0.2], segment: closed}
      - {name: c, addresses: [10.0.0.3], segment: quiet, roles: [hypervisor]}
    accounts: [{name: ann, aliases: [root]}, {name: eve, service: true}]
    """,
    "inventory.yaml",
)
SAYINGS = (
    "Accepted password for {user} from {source} port {port} ssh2",
    "Accepted publickey for {user} from {source} port {port} ssh2: ED25519 SHA256:k",
    "Failed password for {user} from {source} port {port} ssh2",
    "Failed publickey for {user} from {source} port {port} ssh2: ED25519 SHA256:j",
    "Disconnected from user {user} {source} port {port}",
    "Starting session: shell on pts/0 for {user} from {source} port {port} id 0",
    "Starting session: subsystem 'sftp' for {user} from {source} port {port} id 0",
    "Received request from {source} port {port} to connect to host 10.0.0.9 port 22, but the request was denied.",
    "connect_to 10.0.0.9 port 5432: failed.",
)


@st.composite
def estates(draw: st.DrawFn) -> Estate:
    """A crowded estate: few hosts, moments, names; with an inventory or without. A connection has its own port."""
    lines = []
    for number in range(draw(st.integers(0, 14))):
        stamp = draw(st.sampled_from(["10:00:00", "10:00:00.5", "10:00:01", "10:00:02.5", "10:30:00"]))
        saying = draw(st.sampled_from(SAYINGS))
        message = saying.format(
            user=draw(st.sampled_from(["ann", "root", "eve", "<b>;"])),
            source=draw(
                st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.3", "127.0.0.1", "198.51.100.9", "x.example"])
            ),
            port=50000 + (number if saying.startswith("Accepted") else draw(st.integers(0, 14))),
        )
        lines.append(
            f"2026-03-0{draw(st.integers(1, 2))}T{stamp}+00:00 {draw(st.sampled_from('abc'))} sshd[{number}]: {message}\n"
        )
    return Estate(read("".join(lines)), INVENTORY if draw(st.booleans()) else parse_inventory("", "none.yaml"))


def judge(estate: Estate, *detectors: Detector) -> list[Finding]:
    """What must hold of everything that detectors find, whatever the evidence."""
    found = estate.hunt(detectors)
    assert estate.hunt(detectors) == found
    shuffled = Estate(estate.events.sample(fraction=1, shuffle=True, seed=1), estate.inventory)
    assert shuffled.hunt(detectors) == found
    assert len({one.id for one in found}) == len(found)
    proof = {(row["file"], row["line"]) for row in estate.events.select("file", "line").iter_rows(named=True)}
    hops = estate.table.take(range(len(estate.table)))
    real = {hop_at(hops, row).lines for row in hops}
    by_name = {detector.name: detector for detector in detectors}
    for one in found:
        judge_finding(one, by_name[one.detector])
        assert {(line.file, line.line) for line in one.lines} <= proof
        assert {hop.lines for hop in one.hops} <= real
    return found


def judge_finding(one: Finding, detector: Detector) -> None:
    assert (one.detector, one.technique) == (detector.name, detector.technique)
    assert re.fullmatch(r"f-[0-9a-f]{12}", one.id)
    assert isinstance(one.severity, Severity)
    assert one.score >= 0
    assert one.title
    assert all(one.why)
    assert one.lines
    assert one.first is not None
    assert one.last is not None
    assert one.first <= one.last
    assert {host for hop in one.hops for host in (hop.src, hop.dst)} <= set(one.hosts)
    assert {hop.user for hop in one.hops} <= set(one.users)
    assert not one.users or any(user in text for user in one.users for text in (one.title, *one.why))
    assert any(host in one.title for host in one.hosts)
    assert finding_from_document(finding_document(one)) == one


@EVERY
def test_it_says_what_it_is(detector: Detector) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9-]*", detector.name)
    assert re.fullmatch(r"T\d{4}(\.\d{3})?", detector.technique)
    assert detector.title[0].isupper()
    assert not detector.title.endswith(".")
    assert (inspect.getdoc(type(detector)) or "").splitlines()[0].endswith(".")


@EVERY
def test_thresholds_are_fields_that_nobody_changes(detector: Detector) -> None:
    kind: Any = type(detector)
    assert is_dataclass(kind)
    for one in fields(kind):
        with pytest.raises(FrozenInstanceError):
            setattr(detector, one.name, None)
    assert type(detector)() == detector


@EVERY
def test_nothing_in_nothing_found(detector: Detector) -> None:
    assert judge(Estate(read("")), detector) == []


@settings(max_examples=30)
@given(estate=estates())
def test_crowded_estates(estate: Estate) -> None:
    judge(estate, *DETECTORS)


@cache
def recorded(folder: Path, name: str) -> Estate:
    logs = sorted(folder.glob(f"*/{name}"))
    events = pl.concat([part.batch.events for part in parse(logs, options=ReadOptions(year=2026))])
    return Estate(events, read_inventory(folder / "inventory.yaml"))


FOUND = {
    "multi-hop-chain": {
        "ws1 -> web1 -> app2 -> esx1 as labdeploy, labalice, labbob",
        "ws2 -> web1 -> app1 -> db1 as labbob",
        "ws1 -> jump1 -> db1 as labalice",
    },
    "credential-switch": {"credentials change along ws1 -> web1 -> app2 -> esx1: labdeploy -> labalice -> labbob"},
    "restricted-segment": {
        "labbob into segment restricted: ws1 -> web1 -> app2 -> esx1",
        "labbob into segment restricted: ws2 -> web1 -> app1 -> db1",
        "labalice into segment restricted: ws1 -> jump1 -> db1",
        "labdeploy into segment restricted: app1 -> db1",
        "labdeploy into segment restricted: app1 -> esx1",
    },
    "brute-force-success": {"9 refused logons, then labdeploy got in: ws1 -> web1"},
    "fan-out": {"app1 logs on to 8 hosts in 53 s as labdeploy, labbob"},
    "hypervisor-access": {
        "labbob onto hypervisor esx1: ws1 -> web1 -> app2 -> esx1",
        "labdeploy onto hypervisor esx1: app1 -> esx1",
    },
    "proxy-jump": {"ws1 jumps over jump1 to db1 as labalice"},
}
"""What was done on the recorded range, and nothing else: its work is in the same logs."""


@EVERY
@pytest.mark.parametrize("name", ["auth.log", "auth-iso.log"])
def test_a_recorded_range(detector: Detector, name: str, shared: Path) -> None:
    found = judge(recorded(shared / "sshrange", name), detector)
    assert {one.title for one in found} == FOUND.get(detector.name, set())


@EVERY
def test_both_formats_give_the_same_ids(detector: Detector, shared: Path) -> None:
    ids = [{one.id for one in recorded(shared / "sshrange", f).hunt([detector])} for f in ("auth.log", "auth-iso.log")]
    assert ids[0] == ids[1]
