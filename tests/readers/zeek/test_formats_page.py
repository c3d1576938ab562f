"""docs/formats.md says what the Zeek reader does: its table of kinds is read by it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from graphmap.readers.zeek.kinds import KINDS
from graphmap.readers.zeek.logs import LOGS
from tests.conftest import ROOT
from tests.readers.reading import read_bytes

ROWS = re.findall(
    r"\| `([a-z-]+)` \| `(\w+)` \| (\w+) \| (\w+) \| (.+?) \| `(\{.+\})` \|",
    Path(ROOT / "docs" / "formats.md").read_text(),
)


def test_every_kind_has_its_row_and_every_log_a_kind() -> None:
    documented = {kind: (action, outcome, says) for kind, _, action, outcome, says, _ in ROWS}
    assert documented == {name: (kind.action, kind.outcome, kind.says) for name, kind in KINDS.items()}
    assert {log for _, log, *_ in ROWS} == set(LOGS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_sample_is_of_its_kind_with_and_without_the_name_of_its_log(row: tuple[str, ...]) -> None:
    kind, log, *_, sample = row
    fields = {"ts": 1700000000.5, "uid": "CHhAvVGS1DHFjwGM9", "id.orig_h": "10.0.0.1", **json.loads(sample)}
    lines = [json.dumps({"_path": log, **fields}), json.dumps(fields)]
    assert read_bytes("\n".join(lines).encode(), reader="zeek").events["kind"].to_list() == [kind, kind]
