"""The same questions to every reader, those of other packages too."""

from __future__ import annotations

import inspect
import io
import json
import re
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.model import Action, Outcome
from graphmap.readers import READERS, Batch, Reader, ReadOptions, Source, detect
from graphmap.tables import EVENTS, REJECTS
from tests.readers.windows import events as windows
from tests.readers.windows.evtx_file import evtx_file

if TYPE_CHECKING:
    from pathlib import Path

MESSAGE = "Accepted password for bob from 1.2.3.4 port 5 ssh2"

# A line of each format that is one successful logon of bob from 1.2.3.4. A new reader adds its own.
SAMPLES: dict[str, bytes] = {
    "sshd": f"2026-03-01T10:00:00+00:00 srv sshd[7]: {MESSAGE}\n".encode(),
    "journald": json.dumps(
        {"__REALTIME_TIMESTAMP": "1700000001000000", "_HOSTNAME": "srv", "_PID": "7", "_UID": "0", "_COMM": "sshd",
         "SYSLOG_IDENTIFIER": "sshd", "MESSAGE": MESSAGE}
    ).encode() + b"\n",
    "evtx": evtx_file([windows.xml("Security", 4624, windows.LOGON)]),
    "windows-xml": windows.xml("Security", 4624, windows.LOGON).encode() + b"\n",
    "winlogbeat": windows.winlogbeat("Security", 4624, windows.LOGON).encode() + b"\n",
    "wazuh": windows.wazuh("Security", 4624, windows.LOGON).encode() + b"\n",
    "nxlog": windows.nxlog("Security", 4624, windows.LOGON).encode() + b"\n",
}  # fmt: skip

NEVER_NULL = ["time", "action", "outcome", "service", "kind", "repeat", "reader", "file", "line"]


def read(reader: Reader, data: bytes) -> list[Batch]:
    return list(reader.read(Source("x", lambda: io.BytesIO(data)), ReadOptions()))


def judge(reader: Reader, data: bytes) -> None:
    """Whatever the bytes: exact shapes, no null where none may be, and every line in one place."""
    batches = read(reader, data)
    for batch in batches:
        assert batch.events.schema == EVENTS
        assert batch.rejects.schema == REJECTS
        assert batch.events.select(NEVER_NULL).null_count().sum_horizontal().item() == 0
        assert batch.rejects.null_count().sum_horizontal().item() == 0
        assert set(batch.events["action"]) <= set(Action)
        assert set(batch.events["outcome"]) <= set(Outcome)
        assert set(batch.events["repeat"]) | set(batch.rejects["repeat"]) <= {0}
        assert set(batch.events["reader"]) | set(batch.rejects["reader"]) <= {reader.name}
        assert batch.rejects["text"].str.len_chars().max() in {None, *range(501)}
    lines = pl.concat(batch.events["line"] for batch in batches).n_unique()
    placed = lines + sum(len(batch.rejects) + batch.context + batch.other for batch in batches)
    assert placed == sum(batch.lines for batch in batches)
    assert [batch.position for batch in batches] == sorted(batch.position for batch in batches)
    assert batches[-1].position == len(data)


@pytest.fixture(params=list(READERS), ids=lambda reader: reader.name)
def reader(request: pytest.FixtureRequest) -> Reader:
    assert isinstance(request.param.name, str)
    found: Reader = request.param
    return found


def test_has_a_name_a_title_and_words_of_its_own(reader: Reader) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9-]*", reader.name)
    assert "\n" not in reader.title
    assert reader.title
    for documented in (type(reader), type(reader).sniff, type(reader).read):
        assert inspect.getdoc(documented)


def test_reads_its_sample(reader: Reader) -> None:
    data = SAMPLES[reader.name]
    judge(reader, data)
    (batch,) = read(reader, data)
    columns = ("action", "outcome", "user", "src_ip", "dst_host", "file", "line")
    assert batch.events.select(columns).rows() == [("logon", "success", "bob", "1.2.3.4", "srv", "x", 1)]


def test_only_it_knows_its_sample(reader: Reader) -> None:
    assert [other.name for other in READERS if other.sniff(SAMPLES[reader.name])] == [reader.name]
    assert detect(SAMPLES[reader.name]) is reader


def test_empty_log_is_one_empty_batch(reader: Reader) -> None:
    judge(reader, b"")
    assert not reader.sniff(b"")


def test_is_documented(reader: Reader, root: Path) -> None:
    assert f"### `{reader.name}`" in (root / "docs" / "formats.md").read_text()


@pytest.mark.parametrize("name", [reader.name for reader in READERS])
@given(data=st.data())
def test_any_bytes(name: str, data: st.DataObject) -> None:
    reader = READERS[name]
    noise = data.draw(st.binary(max_size=200))
    sample = bytearray(SAMPLES[name])
    for place in data.draw(st.lists(st.integers(0, len(sample) - 1), max_size=4)):
        sample[place] = data.draw(st.integers(0, 255))
    judge(reader, noise)
    judge(reader, bytes(sample) + noise + SAMPLES[name])
    reader.sniff(noise + bytes(sample))
