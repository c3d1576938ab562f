"""The compiled pass gives what the careful reader gives, takes most lines, and reads no byte that is not its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from graphmap.readers import blocks
from graphmap.readers.blocks import padded
from graphmap.readers.kernels import line_ends
from graphmap.readers.ndjson.kernels import ABSENT, NULL, scan_lines, wanted
from graphmap.readers.zeek import ZeekReader, kernels, scanner
from graphmap.readers.zeek.logs import LOGS
from tests.readers.reading import Reading, read_bytes
from tests.readers.zeek.test_rows import SSH, plain, tsv

if TYPE_CHECKING:
    from pathlib import Path

FAST, CAREFUL = ZeekReader(compiled=True), ZeekReader(compiled=False)
NUMBERS = [
    "0", "1", "22", "65535", "65536", "99999999", "100000000", "9999999999999999", "123456789012345678", "99999999999999999999", "007", "-1",
    "1.5", "1e3", "", "-", "x", "0.0000005", "0.0000004999", "1.9999999", "12345678901.5", "123456789012", "9.5367431640625e-07", "1.", ".5",
    "\u0663", "1_0", " 1",
]  # fmt: skip
TIMES = [
    *NUMBERS, "1700000000.123456", "1700000000.1234565", "1700000000", "1700000000123", "2023-11-14T22:13:20.123456Z", "2024-02-29T00:00:00Z",
    "2023-02-29T00:00:00Z", "1969-12-31T23:59:59.5Z", "2023-11-14T22:13:60Z", "2023-11-14 22:13:20Z", "2023-11-14T22:13:20.Z",
    "9999-12-31T23:59:59.9999999Z", "2023-11-14T22:13:20+02:00",
]  # fmt: skip
TEXTS = [
    "", "-", "(empty)", "?", "(unknown)", "10.0.0.1", "::1", "fe80::1%eth0", "::ffff:1.2.3.4", "10.0.0.01", "ssh", "gssapi,smb", "krb_tcp", "tcp",
    "icmp", "S0", "SF", "OTH", "T", "F", "true", "null", "CORP\\ann", "ann/CORP", "é", "\x00", "\x7f", "a\tb", "\ud800", "x" * 129, "C" * 25, "C" * 9,
    "CHhAvVGS1DHFjwGM9", '"', "{", "\U0001f680", "AS", "AP", "KDC_ERR_PREAUTH_REQUIRED", "conn", "kerberos", "dns",
]  # fmt: skip
NAMES = sorted(
    {name for log in LOGS.values() for name in log.fields}
    | {"_path", "@stream", "query", "id_orig_h", "id_resp_p", "id"}
)
values = st.sampled_from(NUMBERS) | st.sampled_from(TIMES) | st.sampled_from(TEXTS)
json_values = (
    values | st.sampled_from([1, 0, True, False, None, 1700000000.5, -1, 10**30, 1e-7, [], ["a"], {}, {"orig_h": "10.0.0.1"}, [[1]]]) | st.text(max_size=4)
)  # fmt: skip


@pytest.fixture(params=[1 << 20, 300], ids=lambda size: f"blocks of {size}")
def block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    size: int = request.param
    monkeypatch.setattr(blocks, "BLOCK_BYTES", size)
    return size


def agreed(data: bytes) -> Reading:
    """What both ways say of a log, which has to be the same."""
    fast, careful = (read_bytes(data, reader=reader) for reader in (FAST, CAREFUL))
    assert_frame_equal(fast.events, careful.events)
    assert_frame_equal(fast.rejects, careful.rejects)
    assert (fast.lines, fast.context, fast.other) == (careful.lines, careful.context, careful.other)
    assert fast.accounted() == fast.lines
    return fast


def text(data: str) -> bytes:
    return data.encode("utf-8", "surrogatepass")


@given(
    st.sampled_from(sorted(LOGS)),
    st.lists(st.lists(values, min_size=16, max_size=16), min_size=1, max_size=6),
    st.sampled_from("\t|,"),
)
def test_rows(log: str, rows: list[list[str]], separator: str) -> None:
    names = ["ts", *sorted(LOGS[log].fields - {"ts"})]
    header = tsv(dict.fromkeys(names, ""), path=log, separator=separator)[: -len(names)]
    times = ["1700000000.5" if row[0] in TEXTS else row[0] for row in rows]
    lines = [
        separator.join([time, *row[1:], *["-"] * len(names)][: len(names)])
        for time, row in zip(times, rows, strict=True)
    ]
    agreed(text(header + "".join(f"{line}\n" for line in lines)))


@given(
    st.lists(st.dictionaries(st.sampled_from(NAMES), json_values, max_size=8), max_size=6), st.booleans(), st.booleans()
)
@example(
    [
        {"ts": 1, "_path": "conn", "uid": None},
        {"ts": 1, "conn_state": None},
        {"ts": 1, "id": {"orig_h": "::1"}, "conn_state": ""},
    ],
    True,
    True,
)
def test_objects(lines: list[dict[str, object]], compact: bool, ascii_only: bool) -> None:
    separators = (",", ":") if compact else None
    made = [json.dumps(line, separators=separators, ensure_ascii=ascii_only) for line in lines]
    agreed(b"\n".join(map(text, made)))


LINES = [
    plain().strip(), tsv(SSH).strip(), '{"ts":1,"ts":2,"conn_state":"SF"}', '{"ts":1,"id.orig_h":"10.0.0.1","id_orig_h":"10.0.0.2","conn_state":"x"}',
    '{"ts":1,"conn_state":"SF","x":[1,"a",null, true],"y":"\\u00e9\\"","z":"\\x"}', '{"ts":01,"conn_state":"SF"}', '{"ts":1,"conn_state":"SF"} ',
    '{"ts":1,"conn_state":"SF"}x', '{ "ts" : 1, "conn_state" : "SF" }', '{"ts":1,"conn_state":"S\\u0046"}', "#close\tx", "#path\tconn", "#unset_field\tx",
    "### remark", "", "  ", "\t", '{"_path":"dns","ts":1}', '{"_path":"conn","ts":"2023-11-14T22:13:20Z","proto":"icmp","id.resp_p":3}', "{}", "[]",
    '{"ts":1,"uid":"CHhAvVGS1DHFjwGM9CHhAvVG","conn_state":"SF"}', '{"ts":nul,"conn_state":"SF"}', '{"ts":1,"conn_state":"SF","duration":-0.0}',
    "ts\tuid\tid.orig_h\tauth_success", "1700000000.5\tCHhAvVGS1DHFjwGM9\t10.0.0.1\tT", "qseparator |", "1separator |",
]  # fmt: skip


@given(st.lists(st.sampled_from(LINES), max_size=12), st.data())
def test_mutated_bytes(chosen: list[str], data: st.DataObject) -> None:
    log = bytearray("\n".join(chosen).encode())
    for _ in range(data.draw(st.integers(0, 4))):
        if log:
            place = data.draw(st.integers(0, len(log) - 1))
            log[place] = data.draw(st.sampled_from(list(b'\n\r\t\0"\\{}[],: -0\xff\xc3')) | st.integers(0, 255))
    agreed(bytes(log))


def test_blocks_of_any_size(block: int) -> None:
    other = tsv({"ts": "1700000001.5", "uid": "CHhAvVGS1DHFjwGM9", "auth_success": "F"}, separator="|")
    log = "\ufeff" + tsv(*[SSH] * 50) + other * 3 + tsv({"ts": "1.5", "query": "x"}, path="dns") + plain() * 20
    assert agreed(log.encode()).events["kind"].value_counts(sort=True).rows() == [("ssh-logon", 70), ("ssh-refused", 3)]
    assert block


def test_mixed_logs_of_one_file() -> None:
    lines = [
        plain(_path=path, conn_state="SF", request_type="AS", client=f"u{n}/R")
        for n, path in enumerate([*LOGS, "dns"] * 40)
    ]
    assert agreed("".join(lines).encode()).other == 40


def test_more_texts_than_the_tables_hold() -> None:
    lines = [plain(**{"id.orig_h": f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}"}) for n in range(kernels.TEXTS + 3000)]
    reading = read_bytes("".join(lines).encode(), reader=FAST)
    assert reading.events["src_ip"].n_unique() == len(lines)


def test_long_lines_and_cut_ends() -> None:
    long = '{"ts":1,"conn_state":"SF","history":"' + "x" * (1 << 20) + '"}'
    assert agreed(f"{plain()}{long}\n{plain()}{long}".encode()).reasons() == ["line is longer than 1 MiB"] * 2
    assert len(agreed(plain().encode().rstrip(b"\n")).events) == 1


@pytest.mark.parametrize(
    "log", [tsv(*[SSH] * 30), plain() * 30, tsv(*[SSH] * 30).replace("\n", "\r\n")], ids=["tsv", "json", "CRLF"]
)
def test_plain_lines_are_not_left_over(log: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    monkeypatch.setattr(scanner._Piece, "read_lines", lambda _, lines: read.extend(lines[:, 0].tolist()))
    read_bytes(log.encode(), reader=FAST)
    assert read == []


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from("abcd"), st.none() | st.integers() | st.text('xy\\"é\n', max_size=9), max_size=4
        ),
        max_size=5,
    )
)
def test_values_of_any_ndjson(objects: list[dict[str, object]]) -> None:
    data = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in objects).encode()
    ends = line_ends(padded(data), 0, len(data))
    bits, found = np.zeros(len(ends), np.int64), np.zeros((len(ends), 4), np.int64)
    scan_lines(padded(data), ends, wanted({"a": (0, 1), "b": (1, 2)}), bits, found, np.zeros((64, 3), np.int64))
    for line, seen, row in zip(objects, bits.tolist(), found.tolist(), strict=True):
        if seen < 0:
            assert not line or any("\\" in json.dumps(line.get(name)) for name in "ab")
            continue
        for slot, name in enumerate("ab"):
            begin, end = row[2 * slot : 2 * slot + 2]
            value = line.get(name)
            assert (begin == ABSENT) == (name not in line)
            assert (begin == NULL) == (name in line and value is None)
            assert begin < 0 or data[begin:end].decode() == (value if isinstance(value, str) else json.dumps(value))


FUZZ = """
import random
import numba
assert numba.config.BOUNDSCHECK == 1
from tests.readers.zeek.test_scanner import FAST, LINES
from tests.readers.reading import read_bytes
random.seed(7)
for _ in range(400):
    data = bytearray("\\n".join(random.choices(LINES, k=random.randrange(1, 8))).encode())
    for _ in range(random.randrange(6) if data else 0):
        data[random.randrange(len(data))] = random.choice((10, 13, 0, 32, 255, 34, 92, 123, 9, 48, random.randrange(256)))
    read_bytes(bytes(data[random.randrange(40) :]), reader=FAST)
print("inside")
"""


@pytest.mark.slow
def test_no_byte_outside_of_the_buffer_is_read(root: Path, tmp_path: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-c", FUZZ], cwd=root, capture_output=True, text=True, check=False,
        env={**os.environ, "NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": f"{root}:{root / 'api'}"},
    )  # fmt: skip
    assert found.stdout == "inside\n", found.stderr
