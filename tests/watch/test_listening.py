"""Real sockets, real packets, real certificates: what is sent is in the lake as if it had been a file."""

from __future__ import annotations

import json
import signal
import socket
import ssl
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.pipeline.logs import content, lines, table, take, write
from tests.waiting import wait_for
from tests.watch.watching import CODE, Process, command, running

if TYPE_CHECKING:
    from pathlib import Path

LINES = [f"<38>{line}" for line in lines(200, fine=False)]
RFC5424 = "<38>1 2026-03-01T10:00:00.5Z db9 sshd 7 - - Accepted password for bob from 10.0.0.1 port 5000 ssh2"
WORDS = ("--year", "2026", "--every", "1s")


def ports(watch: Process) -> list[int]:
    """Where it listens."""
    found = wait_for(lambda: watch.standing().get("listeners"), "it listens")
    return [int(listener["url"].rpartition(":")[2]) for listener in found]


def received(watch: Process, messages: int) -> bool:
    standing = watch.standing()
    total = sum(listener["messages"] for listener in standing["listeners"])
    return bool(standing["state"] == "following" and standing["lines"] == total == messages)


def equals_a_file(tmp_path: Path, *said: str) -> None:
    take(tmp_path / "plain", write(tmp_path / "plain.log", [f"{text.removesuffix(chr(10))}\n" for text in said]))
    assert content(tmp_path / "home") == content(tmp_path / "plain")


def test_udp_one_message_a_datagram(tmp_path: Path) -> None:
    """One with a newline in it is one line still: nobody forges another host's."""
    forged = f"{RFC5424}\n<38>Mar  1 10:00:01 dc1 sshd[7]: Accepted password for root from 10.6.6.6 port 66 ssh2"
    with running(tmp_path / "home", "--syslog", "udp://127.0.0.1:0", *WORDS) as watch:
        (port,) = ports(watch)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for text in [*LINES, RFC5424, "", forged]:
                sender.sendto(text.encode(), ("127.0.0.1", port))
        wait_for(lambda: received(watch, len(LINES) + 2), "all datagrams")
        assert watch.standing()["listeners"][0]["dropped"] in {0, None}
        assert watch.terminate() == 0
    equals_a_file(tmp_path, *LINES, RFC5424, forged.replace("\n", "#012"))
    assert ("dc1",) not in table(tmp_path / "home", "dst_host")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how many datagrams it dropped")
def test_what_the_system_dropped_is_counted(tmp_path: Path) -> None:
    """The process stands still while more comes than the system keeps for it."""
    padding = " " * 1000
    sent = 30_000
    with running(tmp_path / "home", "--syslog", "udp://127.0.0.1:0", *WORDS) as watch:
        (port,) = ports(watch)
        watch.process.send_signal(signal.SIGSTOP)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for _ in range(sent):
                sender.sendto(f"{RFC5424}{padding}".encode(), ("127.0.0.1", port))
        watch.process.send_signal(signal.SIGCONT)
        wait_for(lambda: _accounted(watch) == sent, "each was received or dropped")
        assert watch.standing()["listeners"][0]["dropped"] > 0
        assert watch.terminate() == 0
        assert "dropped" in watch.error()


def _accounted(watch: Process) -> int:
    (listener,) = watch.standing()["listeners"]
    return int(listener["messages"] + (listener["dropped"] or 0))


def test_tcp_counted_and_not_over_odd_packets(tmp_path: Path) -> None:
    texts = [text.removesuffix("\n").encode() for text in [*LINES, RFC5424]]
    counted = b"".join(b"%d %s" % (len(text), text) for text in texts[:100])
    plain = b"".join(text + b"\n" for text in texts[100:])
    with running(tmp_path / "home", "--syslog", "tcp://127.0.0.1:0", *WORDS) as watch:
        (port,) = ports(watch)
        with (
            socket.create_connection(("127.0.0.1", port)) as first,
            socket.create_connection(("127.0.0.1", port)) as second,
        ):
            for sender, stream in ((first, counted), (second, plain)):
                sender.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for begin in range(0, len(stream), 777):
                    sender.sendall(stream[begin : begin + 777])
        wait_for(lambda: received(watch, len(texts)), "all messages")
        with socket.create_connection(("127.0.0.1", port)) as third:
            third.sendall(b"99999999 x")
            assert third.recv(1) == b""
        wait_for(lambda: watch.standing()["listeners"][0]["broken"] == 1, "what is in no framing is counted")
        assert watch.terminate() == 0
    equals_a_file(tmp_path, *LINES, RFC5424)


def test_tls_with_and_without_a_certificate_of_the_client(tmp_path: Path) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    secure = ("--cert", cert, "--key", key, "--client-ca", cert)
    with running(tmp_path / "home", "--syslog", "tls://127.0.0.1:0", *secure, *WORDS) as watch:
        (port,) = ports(watch)
        stranger = ssl.create_default_context(cafile=cert)
        with suppress(ssl.SSLError, ConnectionError):  # TLS 1.3 lets a client talk before it learns that it is refused
            _send(stranger, port, "".join(LINES[:10]))
        friend = ssl.create_default_context(cafile=cert)
        friend.load_cert_chain(cert, key)
        _send(friend, port, "".join(LINES[10:]))
        wait_for(lambda: received(watch, len(LINES) - 10), "all messages of the friend")
        assert watch.terminate() == 0
        assert "Traceback" not in watch.error()
    equals_a_file(tmp_path, *LINES[10:])


def _send(context: ssl.SSLContext, port: int, text: str) -> None:
    with (
        socket.create_connection(("127.0.0.1", port)) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as sender,
    ):
        sender.sendall(text.encode())
        sender.unwrap()


def test_standard_input_to_its_end(tmp_path: Path) -> None:
    """Its last line needs no newline; the watch ends when all is written."""
    environ = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(CODE), "GRAPHMAP_HOME": str(tmp_path / "home")}
    text = "".join(LINES).removesuffix("\n")
    done = subprocess.run(
        command("-", *WORDS, "--json"), input=text.encode(), env=environ, capture_output=True, timeout=60, check=True
    )
    written = [json.loads(line) for line in done.stdout.splitlines()]
    assert sum(batch["lines"] for batch in written) == len(LINES)
    assert written[-1]["behind"] == 0
    assert done.stderr == b""
    equals_a_file(tmp_path, *LINES)


def test_evidence_of_what_was_received_can_be_quoted(tmp_path: Path) -> None:
    with running(tmp_path / "home", "--syslog", "udp://127.0.0.1:0", *WORDS) as watch:
        (port,) = ports(watch)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(RFC5424.encode(), ("127.0.0.1", port))
        wait_for(lambda: received(watch, 1), "the datagram")
        assert watch.terminate() == 0
    ((file, line),) = table(tmp_path / "home", "file", "line")
    assert (tmp_path / "home").joinpath(file).read_text().splitlines()[line - 1] == RFC5424


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with running(tmp_path / "home", "--syslog", url, *WORDS) as watch:
            assert watch.process.wait(60) == 1
            assert watch.error() == f"graphmap: {url}: Address already in use\n"
