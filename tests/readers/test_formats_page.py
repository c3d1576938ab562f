"""docs/formats.md says what the readers do: its table of kinds is read by them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graphmap.readers.kinds import KINDS
from tests.conftest import ROOT
from tests.readers.reading import read_messages

_ROW = re.compile(r"\| `([a-z-]+)` \| (\w+) \| (\w+) \| (.+?) \| ([\w, ]*) \| `(.+)` \|")
PAGE = Path(ROOT / "docs" / "formats.md").read_text()
ROWS = _ROW.findall(PAGE.partition("\n## SSH events\n")[2].partition("\n## ")[0])


def test_every_kind_has_its_row() -> None:
    documented = {kind: (action, outcome, says) for kind, action, outcome, says, *_ in ROWS}
    assert documented == {name: (kind.action, kind.outcome, kind.says) for name, kind in KINDS.items()}


@pytest.mark.parametrize("row", [row for row in ROWS if row[0] != "failed-echo"], ids=lambda row: row[0])
def test_sample_fills_columns_of_its_row_alone(row: tuple[str, ...]) -> None:
    kind, _, _, _, columns, sample = row
    (event,) = read_messages(sample).rows()
    assert event["kind"] == kind
    everywhere = {
        "time",
        "action",
        "outcome",
        "service",
        "kind",
        "dst_host",
        "pid",
        "repeat",
        "reader",
        "file",
        "line",
        "witness",
    }
    source = "src_ip, src_port, src_host, session"
    allowed = {name for column in columns.split(", ") for name in (source if column == "src" else column).split(", ")}
    assert set(event) - everywhere <= allowed
