"""One login that several logs of a host report is one session, and as many logins as there were stay as many."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from graphmap.pipeline.estate import Estate
from graphmap.readers import Source
from graphmap.reports import attempts_of, standing
from graphmap.tables import TIME
from tests.readers.reading import read_source

if TYPE_CHECKING:
    from collections.abc import Sequence

LOGIN = int(datetime(2026, 3, 1, 10, 0, 0, tzinfo=UTC).timestamp())
SSHD = b"""\
2026-03-01T10:00:00.300000+00:00 web1 sshd[70]: Accepted publickey for bob from 10.0.0.9 port 50000 ssh2: ED25519 SHA256:k
2026-03-01T10:09:00.100000+00:00 web1 sshd[71]: Disconnected from user bob 10.0.0.9 port 50000
"""
AUDIT = (
    b"""\
node=web1 type=USER_LOGIN msg=audit(%d.412:9): pid=70 uid=0 auid=1000 ses=4 msg='op=login id=1000 exe="/usr/sbin/sshd" """.replace(
        b"%d", str(LOGIN).encode()
    )
    + b"""hostname=10.0.0.9 addr=10.0.0.9 terminal=ssh res=success' UID="root" AUID="bob" ID="bob"
"""
)
WTMP = struct.pack(
    "<h2xi32s4s32s256s4xiIi16s20x", 7, 72, b"pts/0", b"ts/0", b"bob", b"10.0.0.9", 0, LOGIN + 1, 0, bytes((10, 0, 0, 9))
)


def sessions(*logs: tuple[str, bytes]) -> list[dict[str, Any]]:
    events = [
        read_source(Source(f"{reader}.log", partial(BytesIO, data), host="web1"), reader=reader).events
        for reader, data in logs
    ]
    return Estate(pl.concat(events)).sessions.drop("last", "cert_id", "command").to_dicts()


def test_one_login_in_three_logs_is_one_session() -> None:
    (found,) = sessions(("utmp", WTMP), ("sshd", SSHD), ("auditd", AUDIT))
    (alone,) = sessions(("sshd", SSHD))
    lines = found.pop("lines")
    assert {line["file"] for line in lines} == {"sshd.log", "auditd.log", "utmp.log"}
    assert lines[:2] == alone.pop("lines")
    assert found == alone


def test_what_one_log_lacks_another_adds() -> None:
    (found,) = sessions(("auditd", AUDIT), ("utmp", WTMP))
    assert (found["user"], found["src_ip"], found["src_port"]) == ("bob", "10.0.0.9", None)


def test_another_account_address_or_time_is_another_login() -> None:
    for changed in (
        WTMP.replace(b"bob", b"ann"),
        WTMP.replace(b"10.0.0.9", b"10.0.0.8").replace(bytes((10, 0, 0, 9)), bytes((10, 0, 0, 8))),
    ):
        assert len(sessions(("sshd", SSHD), ("utmp", changed))) == 2
    later = bytearray(WTMP)
    struct.pack_into("<I", later, WTMP.index(struct.pack("<I", LOGIN + 1)), LOGIN + 60)
    assert len(sessions(("sshd", SSHD), ("utmp", bytes(later)))) == 2


def reports(rows: Sequence[tuple[int, str, int | None]], service: str = "ssh") -> pl.DataFrame:
    """Reports of one account from one address: milliseconds, reader, port."""
    start = datetime(2026, 3, 1, tzinfo=UTC)
    return pl.DataFrame(
        [
            {
                "time": start + timedelta(milliseconds=moment), "host": "web1", "account": "bob", "src_ip": "10.0.0.9",
                "src_port": port, "pid": None, "method": None, "session": None, "reader": reader, "kind": "x",
                "service": service,
            }
            for moment, reader, port in rows
        ],
        schema_overrides={"time": TIME, "src_port": pl.Int32, "pid": pl.Int64, "method": pl.String, "session": pl.String},
    ).with_columns(standing=standing(("reader", "kind")))  # fmt: skip


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(-1900, 1900), st.booleans()),
        min_size=1,
        max_size=8,
        unique_by=lambda drawn: drawn[0],
    ),
    st.randoms(use_true_random=False),
)
def test_as_many_logins_as_there_were(logins: list[tuple[int, int, bool]], random: Any) -> None:
    rows: list[tuple[int, str, int | None]] = [
        (second * 4000 + 2000, "sshd", 50_000 + second) for second, _, _ in logins
    ]
    rows += [(second * 4000 + 2000 + late, "utmp", None) for second, late, both in logins if both]
    random.shuffle(rows)
    heads = attempts_of(reports(rows), ("reader", "kind")).to_list()
    assert len(set(heads)) == len(logins)
    for row, head in enumerate(heads):
        assert rows[head][1] == "sshd"
        assert rows[row][1] == "utmp" or head == row
        assert abs(rows[row][0] - rows[head][0]) < 2000


def test_a_port_joins_what_was_written_late() -> None:
    rows = [(0, "sshd", 50_000), (1_000, "sshd", 50_001), (240_000, "zeek", 50_001)]
    assert attempts_of(reports(rows), ("reader", "kind")).to_list() == [0, 1, 1]


def test_two_tellers_of_two_logins_in_one_second() -> None:
    rows = [(0, "sshd", 1), (300, "sshd", 2), (0, "utmp", None), (0, "utmp", None)]
    assert sorted(attempts_of(reports(rows), ("reader", "kind")).to_list()) == [0, 0, 1, 1]


def test_a_desktop_of_one_account_from_one_address_is_one_logon_for_a_minute() -> None:
    rows = [(0, "security", None), (20_000, "session manager", None), (90_000, "session manager", None)]
    assert attempts_of(reports(rows, "rdp"), ("reader", "kind")).to_list() in ([0, 0, 2], [1, 1, 2])
    assert attempts_of(reports(rows), ("reader", "kind")).to_list() == [0, 1, 2]
