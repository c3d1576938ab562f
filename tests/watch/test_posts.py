"""Lines by requests, over real sockets: what was answered with 204 is in the lake, as if it had been a file."""

from __future__ import annotations

import gzip
import http.client
import socket
from typing import TYPE_CHECKING

import pytest

from graphmap.watch.framing import MOST, Newlines
from tests.pipeline.logs import content, lines, take, write
from tests.waiting import wait_for
from tests.watch.watching import Process, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINES = lines(60, fine=True)
WORDS = ("--http", "http://127.0.0.1:0", "--every", "1s")
CONTEXT = "2026-03-01T10:00:00.5+00:00 web1 sshd[7]: Server listening on 0.0.0.0 port 22.\n"


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """One that takes what has the token."""
    folder = tmp_path_factory.mktemp("posts")
    token = folder / "token"
    token.write_text("secret-of-the-senders\n")
    with running(folder / "home", *WORDS, "--token-file", token) as process:
        yield process


def port(watch: Process) -> int:
    found = wait_for(lambda: watch.standing().get("listeners"), "it listens")
    return int(found[0]["url"].rpartition(":")[2])


def post(
    port: int,
    body: bytes | list[bytes],
    *,
    token: str | None = "secret-of-the-senders",
    method: str = "POST",
    **headers: str,
) -> int:
    """Send a request of its own, in chunks where the body is a list."""
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    if token is not None:
        said["Authorization"] = f"Bearer {token}"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, "/", body if isinstance(body, bytes) else iter(body), said)
        return connection.getresponse().status
    finally:
        connection.close()


def test_whole_bodies_chunks_gzip_and_one_connection_for_several(tmp_path: Path) -> None:
    texts = [line.encode() for line in LINES]
    zipped = gzip.compress(b"".join(texts[30:40])) + gzip.compress(b"".join(texts[40:50]))
    with running(tmp_path / "home", *WORDS) as watch:
        place = port(watch)
        assert post(place, b"".join(texts[:10]), token=None) == 204
        assert post(place, [texts[10][:7], texts[10][7:] + texts[11], b"".join(texts[12:30])], token=None) == 204
        assert post(place, zipped, token=None, Content_Encoding="gzip") == 204
        connection = http.client.HTTPConnection("127.0.0.1", place, timeout=60)
        for begin in (50, 55):
            connection.request("POST", "/any/path?source=web1", b"".join(texts[begin : begin + 5]).removesuffix(b"\n"))
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (204, b"")
        connection.close()
        wait_for(lambda: watch.standing()["lines"] == len(texts), "all lines")
        assert watch.terminate() == 0
    take(tmp_path / "plain", write(tmp_path / "plain.log", LINES))
    assert content(tmp_path / "home") == content(tmp_path / "plain")


def test_what_is_answered_is_on_disk_and_sent_again_is_there_once(tmp_path: Path) -> None:
    """The sender that did not hear the answer sends all again, after a kill."""
    body = "".join(LINES).encode()
    for _ in range(2):
        with running(tmp_path / "home", *WORDS) as watch:
            assert post(port(watch), body, token=None) == 204
            watch.process.kill()
            watch.process.wait()
    with running(tmp_path / "home", *WORDS) as watch:
        wait_for(lambda: watch.standing().get("lines") == 2 * len(LINES), "both are read")
        assert watch.terminate() == 0
    take(tmp_path / "plain", write(tmp_path / "plain.log", LINES))
    assert content(tmp_path / "home") == content(tmp_path / "plain")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"token": None}, 401),
        ({"token": "secret-of-the-sender"}, 401),
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"method": "PUT"}, 405),
        ({"Content_Encoding": "br"}, 415),
        ({"Content_Encoding": "gzip"}, 400),
    ],
)
def test_what_is_refused_is_not_taken(watch: Process, asked: dict[str, str], status: int) -> None:
    """Also a body far larger than what is read of it: the answer still arrives."""
    before = watch.standing().get("listeners", [{}])[0].get("messages", 0)
    for body in (CONTEXT.encode(), CONTEXT.encode() * 5_000):
        assert post(port(watch), body, **asked) == status
    assert post(port(watch), CONTEXT.encode()) == 204
    wait_for(lambda: watch.standing()["listeners"][0]["messages"] == before + 1, "the good one alone is taken")


def test_what_is_no_request_is_counted_and_answered(watch: Process) -> None:
    before = wait_for(lambda: watch.standing().get("listeners"), "it listens")[0]["broken"]
    for said in (
        b"<38>Mar  1 10:00:00 web1 sshd[7]: hello\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 20_000,
    ):
        with socket.create_connection(("127.0.0.1", port(watch)), timeout=60) as sender:
            sender.sendall(said)
            assert sender.recv(13) in {b"HTTP/1.1 400 ", b"HTTP/1.1 431 "}
    wait_for(lambda: watch.standing()["listeners"][0]["broken"] == before + 2, "both are counted")


def test_a_small_body_that_unpacks_to_much_takes_no_memory(watch: Process) -> None:
    """300 MB of one line that never ends, and a good line behind it."""
    packed = gzip.compress(b"x" * (300 << 20) + b"\n" + CONTEXT.encode(), 1)
    assert post(port(watch), packed, Content_Encoding="gzip") == 204
    status = f"/proc/{watch.process.pid}/status"
    with open(status, encoding="ascii") as file:  # noqa: PTH123 - no file of ours
        (peak,) = [int(line.split()[1]) for line in file if line.startswith("VmHWM")]
    assert peak < 250 << 10
    assert f"{CONTEXT}" in "".join(path.read_text() for path in (watch.home / "received").rglob("*.log"))


def test_lines_however_they_are_cut() -> None:
    text = b"one\n" + b"y" * (MOST + 5) + b"\n\nlast"
    for step in (1 << 20, 70_001, 4_099):
        cut = Newlines()
        found = [line for at in range(0, len(text), step) for line in cut.feed(text[at : at + step])]
        assert [*found, *cut.end()][0::3] == [b"one", b"last"]
        assert len(found) == 3
        assert found[1][:MOST] == b"y" * MOST
