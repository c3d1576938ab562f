"""docs/formats.md on the logs of Unix hosts: its tables of kinds, and its samples with the events they become."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from graphmap.readers.auditd.kinds import AUDITD_KINDS
from graphmap.readers.esxi.kinds import ESXI_KINDS
from graphmap.readers.macos.kinds import MACOS_KINDS
from graphmap.readers.sysmon_linux import SYSMON_KINDS
from graphmap.readers.utmp.kinds import UTMP_KINDS
from tests.conftest import ROOT
from tests.readers.reading import read_bytes

if TYPE_CHECKING:
    from graphmap.readers.kinds import Kind

PAGE = (ROOT / "docs" / "formats.md").read_text()
TABLES: dict[str, dict[str, Kind]] = {
    "auditd": AUDITD_KINDS,
    "utmp": UTMP_KINDS,
    "macos": MACOS_KINDS,
    "sysmon-linux": SYSMON_KINDS,
    "esxi": ESXI_KINDS,
}
SAMPLES = ["journald-export", *(reader for reader in TABLES if reader != "utmp")]


def section(reader: str) -> str:
    """What stands below the heading of a reader."""
    return PAGE.partition(f"### `{reader}`\n")[2].partition("\n##")[0]


def rows(text: str, header: str) -> list[list[str]]:
    """The rows of the table that begins with a header, cell by cell."""
    lines = text[text.index(header) :].split("\n\n", maxsplit=1)[0].splitlines()
    return [[cell.strip().strip("`") for cell in line.split(" | ")] for line in map(unframed, lines)][2:]


def unframed(line: str) -> str:
    return line.removeprefix("|").removesuffix("|")


@pytest.mark.parametrize("reader", TABLES)
def test_table_of_kinds(reader: str) -> None:
    found = {kind: (action, outcome, says) for kind, action, outcome, says in kind_rows(reader)}
    assert found == {name: (kind.action, kind.outcome, kind.says) for name, kind in TABLES[reader].items()}


def kind_rows(reader: str) -> list[tuple[str, str, str, str]]:
    pattern = r"^\| `([a-z-]+)` \| (\w+) \| (\w+) \| (.+) \|$"
    return [match.groups() for match in re.finditer(pattern, section(reader), re.MULTILINE)]  # type: ignore[misc]


@pytest.mark.parametrize("reader", SAMPLES)
def test_sample_becomes_the_events_below_it(reader: str) -> None:
    text = section(reader)
    sample = text.partition("```text\n")[2].partition("```")[0]
    header = text[text.index("| line | kind |") :].partition("\n")[0]
    columns = [name.strip() for name in unframed(header).split(" | ")]
    reading = read_bytes(sample.encode(), reader=reader)
    found = [["" if row[name] is None else str(row[name]) for name in columns] for row in reading.events.to_dicts()]
    assert found == rows(text, "| line | kind |")
    assert reading.reasons() == []
