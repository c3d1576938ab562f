"""What docs/formats.md says of JSON logs and tables is what their readers do: the samples of the page are read."""

from __future__ import annotations

import re

import pytest

from graphmap.readers import detect, ecs, ocsf, osquery, suricata, teleport
from graphmap.readers.mapping import BUILT_IN
from tests.conftest import ROOT
from tests.readers.reading import read_lines

MODULES = {"suricata": suricata, "teleport": teleport, "osquery": osquery, "ocsf": ocsf, "ecs": ecs}
_ROW = re.compile(r"^\| `([a-z-]+)` \| (\w+) \| (\w+) \| (.+?) \| `(\{.+\})` \|$", re.MULTILINE)
_PARTS = re.split(r"^### `([a-z-]+)`$", (ROOT / "docs" / "formats.md").read_text(), flags=re.MULTILINE)
SECTIONS = dict(zip(_PARTS[1::2], _PARTS[2::2], strict=True))
ROWS = [(name, *row) for name in MODULES for row in _ROW.findall(SECTIONS[name])]


@pytest.mark.parametrize("name", MODULES)
def test_every_kind_has_its_row(name: str) -> None:
    rows = {kind: (action, outcome, says) for kind, action, outcome, says, _ in _ROW.findall(SECTIONS[name])}
    kinds = MODULES[name].KINDS.items()
    assert rows == {kind: (means.action, means.outcome, means.says) for kind, means in kinds}


@pytest.mark.parametrize(("name", "kind", "action", "outcome", "_says", "sample"), ROWS, ids=lambda value: value[:20])
def test_sample_is_of_its_row(name: str, kind: str, action: str, outcome: str, _says: str, sample: str) -> None:
    reader = detect(f"{sample}\n".encode())
    assert reader is not None
    assert reader.name == name
    (event,) = read_lines(sample, reader=name, host="folder").rows()
    assert (event["kind"], event["action"], event["outcome"]) == (kind, action, outcome)
    itself = event["witness"] not in {"network", "directory"} or kind.startswith("ticket")
    outgoing = kind.startswith("connect")
    assert ("dst_host" in event, event["witness"] == "client") == (
        itself and not outgoing,
        outgoing or kind == "client-start",
    )


@pytest.mark.parametrize("name", BUILT_IN)
def test_table_of_the_page_is_read(name: str) -> None:
    sample = re.findall(r"^```text\n(.*?)^```$", SECTIONS[name], re.MULTILINE | re.DOTALL)[0]
    reader = detect(sample.encode())
    assert reader is not None
    assert reader.name == name
    found = read_lines(*sample.splitlines(), reader=name, host="folder")
    assert found.reasons() == []
    assert len(found.events)
    assert found.accounted() == found.lines
    flows = found.events.filter(found.events["witness"] == "network")
    assert flows["dst_host"].null_count() == len(flows)
