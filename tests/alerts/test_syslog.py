"""Syslog over real sockets, and into rsyslogd where there is one."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from graphmap.alerts import Item
from graphmap.alerts.syslog import syslog_frame
from graphmap.errors import DeliveryError
from tests.alerts.entries import output
from tests.alerts.findings import FINDING, HOSTILE, MESSAGE, with_text
from tests.alerts.receivers import Certificates, stream_server
from tests.waiting import wait_for

if TYPE_CHECKING:
    from pathlib import Path

FRAME = syslog_frame(MESSAGE, "cef", 16)
COUNTED = b"%d %s" % (len(FRAME), FRAME)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def test_udp_is_one_datagram(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(10)
        made = output(tmp_path, kind="syslog", url=f"udp://127.0.0.1:{receiver.getsockname()[1]}")
        assert made.send(MESSAGE) == f"{len(FRAME):,} bytes sent; over UDP nobody answers"
        assert receiver.recv(65536) == FRAME


def test_what_is_too_long_for_a_datagram_is_refused_for_good(tmp_path: Path) -> None:
    long = replace(MESSAGE, items=(Item(replace(FINDING, why=("x" * 70_000,))),))
    with pytest.raises(DeliveryError, match="do not fit into a datagram: use tcp") as caught:
        output(tmp_path, kind="syslog", url="udp://127.0.0.1:9", format="json").send(long)
    assert caught.value.lasting


@pytest.mark.parametrize(
    ("form", "facility", "number"), [("cef", "local0", 16), ("json", "auth", 4), ("ecs", "audit", 13)]
)
def test_tcp_counts_octets(tmp_path: Path, form: str, facility: str, number: int) -> None:
    with stream_server() as (port, got):
        output(tmp_path, kind="syslog", url=f"tcp://127.0.0.1:{port}", format=form, facility=facility).send(MESSAGE)
        wait_for(lambda: bool(got), "the message")
    frame = syslog_frame(MESSAGE, form, number)
    assert got == [b"%d %s" % (len(frame), frame)]


def test_tls_is_verified_and_shows_our_certificate(tmp_path: Path, certificates: Certificates) -> None:
    ours = {"certificate_file": str(certificates.certificate), "key_file": str(certificates.key)}
    with stream_server(certificates.server(clients=True)) as (port, got):
        keys = {"kind": "syslog", "url": f"tls://localhost:{port}"}
        output(tmp_path, **keys, ca_file=str(certificates.ca), **ours).send(MESSAGE)
        wait_for(lambda: bool(got), "the message")
        with pytest.raises(DeliveryError, match="certificate verify failed"):
            output(tmp_path, **keys, **ours).send(MESSAGE)
        with pytest.raises(DeliveryError, match=r"(?i)certificate required"):
            output(tmp_path, **keys, ca_file=str(certificates.ca)).send(MESSAGE)
    assert got == [COUNTED]


def test_nobody_there(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match=r"^tcp://127.0.0.1:\d+: Connection refused$") as caught:
        output(tmp_path, kind="syslog", url=f"tcp://127.0.0.1:{free_port()}").send(MESSAGE)
    assert not caught.value.lasting


def test_a_receiver_that_never_closes_has_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as receiver:
        made = output(tmp_path, kind="syslog", url=f"tcp://127.0.0.1:{receiver.getsockname()[1]}")
        assert made.send(MESSAGE) == f"{len(COUNTED):,} bytes sent"
        connection, _ = receiver.accept()
        with connection:
            assert connection.recv(65536) == COUNTED


CONFIGURATION = """
global(workDirectory="{folder}")
module(load="imudp") module(load="imtcp")
input(type="imudp" address="127.0.0.1" port="{port}")
input(type="imtcp" address="127.0.0.1" port="{port}")
template(name="parts" type="string" string="%pri%|%protocol-version%|%timestamp:::date-rfc3339%|%app-name%|%msgid%|%msg%\\n")
action(type="omfile" file="{folder}/out" template="parts")
"""


@pytest.mark.skipif(shutil.which("rsyslogd") is None, reason="no rsyslogd on this machine")
@pytest.mark.parametrize("scheme", ["udp", "tcp"])
def test_rsyslog_reads_every_part(tmp_path: Path, scheme: str) -> None:
    port, out = free_port(), tmp_path / "out"
    (tmp_path / "conf").write_text(CONFIGURATION.format(folder=tmp_path, port=port))
    command = ["rsyslogd", "-n", "-f", str(tmp_path / "conf"), "-i", str(tmp_path / "pid")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=dict(os.environ)) as server:
        try:
            wait_for(lambda: _listens(port) or server.poll() is not None, "rsyslogd")
            made = output(tmp_path, kind="syslog", url=f"{scheme}://127.0.0.1:{port}")
            for message in (MESSAGE, with_text(HOSTILE)):
                made.send(message)
            wait_for(lambda: out.exists() and out.read_bytes().count(b"\n") >= 2, "two messages")
        finally:
            server.terminate()
    texts = [frame.partition(b" alert - ")[2].decode() for frame in map(_frame, (MESSAGE, with_text(HOSTILE)))]
    expected = [f"131|1|2026-03-10T09:00:00.250000Z|graphmap|alert|{text}" for text in texts]
    assert out.read_text().splitlines() == expected


def _frame(message: object) -> bytes:
    return syslog_frame(message, "cef", 16)  # type: ignore[arg-type]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
