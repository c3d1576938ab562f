"""Logs that are sent: read once, in a job, with nothing lost and nothing left of what did not arrive."""

from __future__ import annotations

import asyncio
import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest

from graphmap.errors import InputError
from graphmap.model import Role
from graphmap.store.ledger import Ledger
from graphmap_api.jobs import KEPT, Job, Jobs, State
from graphmap_api.uploads import TooLargeError, plain_name, receive
from tests.api.serving import HOSTILE, Server, fill, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    import httpx

ACCEPTED = (
    "2026-11-22T03:0{n}:00.5+00:00 {host} sshd[7{n}]: Accepted password for {user} from 203.0.113.{n} port 40 ssh2\n"
)
WRONG = "2026-11-22T03:09:00.5+00:00 new1 sshd[9]: Accepted password for\n"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of this module's own, and the token of a machine that ships logs."""
    folder = tmp_path_factory.mktemp("sent")
    settings = fill(folder / "home", folder / "logs")
    with Ledger(settings.ledger) as ledger:
        ledger.add_token("other", Role.INGEST, author="ann", expires=None)
        token = ledger.add_token("shipper", Role.INGEST, author="ann", expires=None).text
    with serving(settings.home) as running:
        yield running._replace(token=token)


@pytest.fixture(scope="module")
def hunter(own: Server) -> Iterator[httpx.Client]:
    with Ledger(own.home / "ledger.sqlite") as ledger:
        token = ledger.add_token("ann", Role.ADMIN, author="ann", expires=None).text
    with own.client(token) as client:
        while client.get("/me").status_code != 200:
            pass
        yield client


def send(own: Server, body: bytes, **asked: Any) -> dict[str, Any]:
    """Send a log and wait until the job is over."""
    with own.client() as client:
        begun = client.post("/ingest", content=body, params=asked)
        assert begun.status_code == 202, begun.text
        place = begun.headers["location"].removeprefix("/api/v1")
        end = datetime.now(UTC) + timedelta(seconds=300)
        while (job := client.get(place).json())["state"] in {"waiting", "running"}:
            assert datetime.now(UTC) < end
    return dict(job)


def test_a_log_that_is_sent_is_in_the_next_answers_once(own: Server, hunter: httpx.Client) -> None:
    log = (ACCEPTED.format(n=1, host="new1", user="eve") + WRONG).encode()
    job = send(own, gzip.compress(log), name="../../etc/auth.log.gz", hunt=True)
    assert (job["state"], job["by"], job["problem"]) == ("done", "shipper", None)
    (file,) = job["files"]
    assert {name: file[name] for name in ("status", "lines", "events", "added", "rejects")} == {
        "status": "added", "lines": 2, "events": 1, "added": 1, "rejects": 1,
    }  # fmt: skip
    assert job["hunted"]["new"] >= 0
    session = hunter.get("/sessions", params={"host": "new1", "user": "eve"}).json()["items"][0]
    line = hunter.get("/events", params={"at": f"{session['lines'][0]['file']}:1"}).json()["items"][0]
    assert line["text"] + "\n" == ACCEPTED.format(n=1, host="new1", user="eve")
    again = send(own, gzip.compress(log), name="renamed.log")
    assert again["files"][0]["status"] == "already"
    assert [path.name for path in sorted((own.home / "uploads").glob("*/*"))].count("auth.log.gz") == 1


def test_what_was_read_and_what_was_not_understood_is_listed(own: Server, hunter: httpx.Client) -> None:
    send(
        own, (ACCEPTED.format(n=2, host="new2", user="eve") + WRONG.replace("new1", HOSTILE[0])).encode(), name="x.log"
    )
    names = {one["name"].rpartition("/")[2] for one in hunter.get("/files", params={"limit": 1000}).json()["items"]}
    assert "x.log" in names
    first = hunter.get("/rejects", params={"limit": 1}).json()
    assert first["shown"] == 1
    every, cursor = list(first["items"]), first["next"]
    while cursor:
        page = hunter.get("/rejects", params={"limit": 1, "cursor": cursor}).json()
        every += page["items"]
        cursor = page["next"]
    assert len(every) == first["total"] == hunter.get("/coverage").json()["rejects"]
    assert all(one["reason"] and one["line"] for one in every)


def test_an_archive_is_the_logs_in_it_and_host_names_whose_they_are(own: Server, hunter: httpx.Client) -> None:
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        for n, host in ((3, "zip1"), (4, "zip2")):
            archive.writestr(f"{host}/auth.log", ACCEPTED.format(n=n, host=host, user="zed"))
    job = send(own, packed.getvalue(), name="logs.zip")
    assert (job["all_files"], [one["added"] for one in job["files"]]) == (2, [1, 1])
    assert hunter.get("/node", params={"id": "host:zip2"}).status_code == 200


def test_what_is_no_log_is_said_to_be_none(own: Server) -> None:
    job = send(own, b"\0\1\2 nothing that anybody wrote", name="noise")
    assert (job["state"], job["files"][0]["status"]) == ("done", "unrecognised")
    assert job["files"][0]["problem"]


@pytest.mark.parametrize(("body", "asked"), [(b"", {}), (b"x", {"year": "1"}), (b"x", {"timezone": "Nowhere/At_All"})])
def test_nonsense_is_refused_and_nothing_is_left_of_it(own: Server, body: bytes, asked: dict[str, str]) -> None:
    uploads = own.home / "uploads"
    before = sorted(uploads.iterdir()) if uploads.exists() else []
    with own.client() as client:
        assert client.post("/ingest", content=body, params=asked).status_code == 422
    assert (sorted(uploads.iterdir()) if uploads.exists() else []) == before


def test_a_machine_that_ships_logs_sees_its_own_jobs_only(own: Server, hunter: httpx.Client) -> None:
    mine = send(own, ACCEPTED.format(n=5, host="new5", user="x").encode())
    theirs = hunter.post("/ingest", content=b"nothing").json()
    with own.client() as client:
        seen = {job["id"] for job in client.get("/jobs").json()["items"]}
        assert mine["id"] in seen
        assert theirs["id"] not in seen
        assert client.get(f"/jobs/{theirs['id']}").status_code == 404
        assert client.get("/files").status_code == 403
    assert {mine["id"], theirs["id"]} <= {job["id"] for job in hunter.get("/jobs").json()["items"]}


def test_what_changes_is_told_to_who_listens(own: Server, hunter: httpx.Client) -> None:
    with hunter.stream("GET", "/updates") as stream, ThreadPoolExecutor(1) as pool:
        assert stream.headers["content-type"].startswith("text/event-stream")
        versions: list[str] = []
        jobs: dict[str, Any] = {}
        before: set[str] = set()
        done: set[str] = set()
        sent = None
        for name, data in read_events(stream):
            if name == "data":
                versions.append(data["version"])
            else:
                jobs[data["id"]] = data
            if sent is None and versions:
                before = set(jobs)
                sent = pool.submit(send, own, ACCEPTED.format(n=6, host="new6", user="y").encode())
            done = {job for job, told in jobs.items() if told["state"] == "done"} - before if sent else set()
            if len(versions) > 1 and done:
                break
        assert sent
        assert {sent.result()["id"]} == done
        assert len(set(versions)) == len(versions)


def read_events(stream: httpx.Response) -> Iterator[tuple[str, Any]]:
    name, end = "", datetime.now(UTC) + timedelta(seconds=60)
    for line in stream.iter_lines():
        assert datetime.now(UTC) < end
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


@pytest.mark.parametrize(
    ("told", "plain"),
    [
        ("auth.log", "auth.log"),
        ("../../etc/passwd", "passwd"),
        ("C:\\logs\\a b.evtx", "a_b.evtx"),
        (".hidden", "hidden"),
        ("..", "log"),
        ("", "log"),
        ("a\0b\n<x>", "a_b_x_"),
        ("-rf", "rf"),
        ("x" * 300 + ".gz", "x" * 97 + ".gz"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}gol.txt", "_gol.txt"),
    ],
)
def test_a_name_is_made_harmless(told: str, plain: str) -> None:
    assert plain_name(told) == plain


def test_an_upload_that_does_not_end_well_leaves_nothing(tmp_path: Path) -> None:
    async def parts(*given: bytes | Exception) -> AsyncIterator[bytes]:
        for one in given:
            if isinstance(one, Exception):
                raise one
            yield one

    def get(*given: bytes | Exception) -> tuple[Path, int]:
        with ThreadPoolExecutor(1) as pool:  # the driver of the browser's tests leaves a loop in this thread
            return pool.submit(lambda: asyncio.run(receive(parts(*given), tmp_path / "new", "log", most=10))).result()

    with pytest.raises(TooLargeError, match="more than 10 bytes"):
        get(b"123456", b"123456")
    with pytest.raises(ConnectionError):
        get(b"123456", ConnectionError())
    with pytest.raises(InputError, match="empty"):
        get()
    assert list(tmp_path.iterdir()) == []
    file, size = get(b"12345", b"67890")
    assert (file.read_bytes(), size) == (b"1234567890", 10)


def test_jobs_are_done_in_their_order_and_the_oldest_are_forgotten() -> None:
    jobs, order = Jobs(), []

    def work(_tell: Any, job: Job) -> Job:
        order.append(job.id)
        if job.id == "j-1":
            raise ValueError("a bug")
        return job

    names = [f"j-{n}" for n in range(KEPT + 10)]
    for name in names:
        jobs.begin(Job(name, "ann", name, datetime.now(UTC)), work)
        while jobs.is_full():
            pass
    end = datetime.now(UTC) + timedelta(seconds=60)
    while (last := jobs.job(names[-1])) is None or last.state != State.DONE:
        assert datetime.now(UTC) < end
    assert order == names
    assert len(jobs.since(0)) == KEPT
    assert jobs.job("j-0") is None
