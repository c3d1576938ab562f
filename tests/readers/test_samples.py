"""Real logs, as other projects and the project's own range recorded them."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from graphmap.readers import READERS, detect, find_sources, read_head
from tests.readers.reading import Reading, read_source

if TYPE_CHECKING:
    from pathlib import Path

_ASSERT = re.compile(r'results\["s01-parse"\]\["[^"]+"\]\[(\d+)\]\.Evt\.(Parsed|Meta)\["(\w+)"\] == "(.*)"')
_COLUMNS = {
    ("Meta", "source_ip"): "src_ip",
    ("Meta", "user"): "user",
    ("Meta", "target_user"): "user",
    ("Parsed", "pid"): "pid",
    ("Parsed", "sshd_client_port"): "src_port",
    ("Meta", "machine"): "dst_host",
}


def read_path(path: Path) -> Reading:
    (log,) = find_sources([str(path)])
    return read_source(log)


def asserted(path: Path) -> list[dict[str, Any]]:
    """What CrowdSec's parser says of each line that it understands, in the names of EVENTS."""
    lines: dict[int, dict[str, Any]] = {}
    for index, part, name, value in _ASSERT.findall(path.read_text()):
        if column := _COLUMNS.get((part, name)):
            lines.setdefault(int(index), {})[column] = int(value) if column in {"pid", "src_port"} else value
    return [lines[index] for index in sorted(lines) if "src_ip" in lines[index]]


@pytest.mark.parametrize(
    "folder",
    ["opnsense-sshd", "sshd-invalid-bf", "sshd-logs", "sshd-success-logs"],
)
def test_crowdsec_agrees(shared: Path, folder: str) -> None:
    log = next((shared / "crowdsec-hub" / folder).glob("*.log"))
    stated = asserted(log.parent / "parser.assert")
    events = read_path(log).events.with_columns(pl.col("pid").cast(pl.Int64)).to_dicts()
    assert stated
    rows = [{name: event[name] for name in expect} for event, expect in zip(events, stated, strict=False)]
    assert rows == stated


def test_both_formats_of_the_range_give_the_same_events(shared: Path) -> None:
    folders = sorted(path for path in (shared / "sshrange").iterdir() if path.is_dir())
    assert len(folders) == 9
    for folder in folders:
        old, new = read_path(folder / "auth.log"), read_path(folder / "auth-iso.log")
        assert not len(old.rejects)
        assert (old.lines, old.context, old.other) == (new.lines, new.context, new.other)
        shared_columns = pl.exclude("file", "time")
        assert old.events.select(shared_columns).equals(new.events.select(shared_columns))
        assert old.events["time"].equals(new.events["time"].dt.truncate("1s"))


def test_range_logons_are_those_that_happened(shared: Path) -> None:
    truth = json.loads((shared / "sshrange" / "truth.json").read_text())
    hops = Counter((hop["dst"], hop["user"], hop["method"]) for hop in truth["hops"])
    logons: Counter[tuple[str, str, str]] = Counter()
    failures = 0
    for log in find_sources([str(shared / "sshrange")]):
        if log.name.endswith("auth.log"):
            events = read_source(log).events.filter(pl.col("action") == "logon")
            logons.update(events.filter(outcome="success").select("dst_host", "user", "method").rows())
            failures += len(events.filter(outcome="failure"))
    assert logons == hops
    assert failures == 9


def test_syslog_is_detected(shared: Path) -> None:
    paths = [
        *(shared / "sshrange").glob("*/*.log"),
        *(path for path in (shared / "crowdsec-hub").glob("*sshd*/*.log")),
        *(shared / "plaso" / "syslog").glob("syslog*"),
    ]
    # These two are a network stream: messages are not parted by newlines.
    streams = {"syslog_rsyslog_ForwardFormat", "syslog_rsyslog_TraditionalForwardFormat"}
    missed = {path.name for path in paths if (found := detect_path(path)) is None or found != "sshd"}
    assert missed == streams


def test_other_formats_are_not_taken(shared: Path) -> None:
    paths = [
        path
        for path in (shared / "bloodhound-opengraph").rglob("*")
        if path.is_file() and path.suffix not in {".zip", ".md"}
    ]
    assert [str(path) for path in paths if detect_path(path) is not None] == []


def detect_path(path: Path) -> str | None:
    found = [detect(read_head(log)) for log in find_sources([str(path)])]
    return found[0].name if found and found[0] else None


def test_specific_readers_are_asked_before_general_ones() -> None:
    names = [reader.name for reader in READERS]
    for first, then in (
        ("journald", "sshd"),
        ("suricata", "flows-json"),
        ("argus", "flows-csv"),
        ("nfdump", "flows-csv"),
    ):
        assert names.index(first) < names.index(then)
