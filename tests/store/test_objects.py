"""A lake in an object store: who may not, what is not there, writers that race or die. The rest is in test_lake.py."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import polars as pl
import pytest

from graphmap.errors import StoreError
from graphmap.store import location
from graphmap.store.additions import write_pieces
from graphmap.store.lake import Lake
from graphmap.store.layout import EVENT_LAYOUT
from tests.objects import BUCKET, READER, Objects
from tests.store.frames import events, rows
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOWHERE = "http://127.0.0.1:9"
"""Nobody listens at the port of "discard"."""


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of somebody who listens and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def asked(url: str) -> StoreError:
    """What the program says when it is to read there, and to write."""
    with pytest.raises(StoreError) as reading:
        Lake(url).summary()
    with pytest.raises(StoreError) as writing:
        Lake(url).append_events(events({}))
    assert reading.value.message == writing.value.message
    return reading.value


@pytest.mark.parametrize(
    ("environ", "message", "hint"),
    [
        ({"AWS_ACCESS_KEY_ID": "nobody"}, "the object store does not know these credentials", "check the key"),
        ({"AWS_SECRET_ACCESS_KEY": "hunter2"}, "the object store does not know these credentials", "check the key"),
        ({"AWS_ENDPOINT_URL": NOWHERE}, "the object store does not answer", "AWS_ENDPOINT_URL"),
        ({"AWS_ALLOW_HTTP": "false"}, "the address of the object store is http, without encryption", "AWS_ALLOW_HTTP"),
    ],
)
def test_it_is_said_why_the_store_cannot_be_used(
    lake_url: str, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], message: str, hint: str
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    error = asked(lake_url)
    assert error.message == f"{lake_url}/events: {message}"
    assert hint in (error.hint or "")


def test_no_credentials(lake_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", NOWHERE)  # where a machine of Amazon's would find some
    error = asked(lake_url)
    assert error.message == f"{lake_url}/events: no credentials for the object store were found"
    assert "AWS_ACCESS_KEY_ID" in (error.hint or "")


def test_no_such_bucket(lake_url: str) -> None:
    error = asked(lake_url.replace(BUCKET, "nothere"))
    assert error.message.endswith("/events: there is no such bucket")


def test_who_does_not_answer_is_not_waited_for_long(
    lake_url: str, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", silent)
    monkeypatch.setattr(location, "REQUEST_SECONDS", 1)
    monkeypatch.setattr(location, "RETRY_SECONDS", 1)
    assert asked(lake_url).message == f"{lake_url}/events: the object store does not answer"


def test_who_may_only_read_reads(lake_url: str, object_store: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    Lake(lake_url).append_events(events({}))
    for name, value in object_store.environ(READER).items():
        monkeypatch.setenv(name, value)
    lake = Lake(lake_url)
    assert rows(lake.scan()) == rows(events({}))
    with pytest.raises(StoreError) as caught:
        lake.append_rejects(
            pl.DataFrame([{"reason": "r", "text": "t", "repeat": 0, "reader": "x", "file": "f", "line": 1}])
        )
    assert caught.value.message == f"{lake_url}/rejects: the object store does not permit this"
    assert rows(lake.scan()) == rows(events({}))


def test_it_cannot_be_copied_file_by_file(lake_url: str) -> None:
    Lake(lake_url).append_events(events({}))
    with pytest.raises(StoreError, match="is in an object store") as caught:
        Lake(lake_url).parts()
    assert caught.value.hint == "copy it by that store's own means"


def test_files_that_no_commit_names_are_seen_by_nobody_and_vacuumed(lake_place: Path | str) -> None:
    """What a driver that was killed leaves. Files that may yet be named stay."""
    lake = Lake(lake_place)
    lake.append_events(events({}))
    held = lake.prepare("events")
    pieces = list(write_pieces(events({"pid": 1}, {"pid": 2}), held.location, held.files, EVENT_LAYOUT))
    assert rows(Lake(lake_place).scan()) == rows(events({}))
    assert lake.vacuum() == 0
    assert [held.location.size(piece.path) for piece in pieces] == [piece.size for piece in pieces]
    assert lake.vacuum(timedelta(0)) == len(pieces) == 1
    assert rows(Lake(lake_place).scan()) == rows(events({}))


ROUNDS = 6


def test_of_writers_at_once_each_row_stays_once(lake_url: str) -> None:
    """Each adds rows of its own and one that all have; who is late looks again."""
    frames = [
        [events({"pid": writer * 100 + number}, {"pid": 1000 + number, "user": "all"}) for number in range(ROUNDS)]
        for writer in range(4)
    ]
    lakes = [Lake(lake_url) for _ in frames]
    begin = threading.Barrier(len(frames))
    added: list[int] = []

    def write(lake: Lake, mine: list[pl.DataFrame]) -> None:
        for frame in mine:
            begin.wait()
            added.append(lake.append_events(frame).added)

    writers = [threading.Thread(target=write, args=pair) for pair in zip(lakes, frames, strict=True)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    expected = pl.concat(frame for mine in frames for frame in mine).unique(["pid", "user"])
    assert sum(added) == expected.height == ROUNDS * 5
    assert rows(Lake(lake_url).scan(["pid", "user"])) == rows(expected.select("pid", "user"))


def test_only_one_of_two_adoptions_wins(lake_url: str) -> None:
    lakes = [Lake(lake_url) for _ in range(2)]
    held = [lake.prepare("events") for lake in lakes]
    mine = [
        list(write_pieces(events({"pid": number}), one.location, one.files, EVENT_LAYOUT))
        for number, one in enumerate(held)
    ]
    won: list[bool] = []
    begin = threading.Barrier(2)

    def adopt(lake: Lake, number: int) -> None:
        begin.wait()
        won.append(lake.adopt("events", mine[number], held[number].version))

    writers = [threading.Thread(target=adopt, args=(lake, number)) for number, lake in enumerate(lakes)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(won) == [False, True]
    assert Lake(lake_url).snapshot().events == 1


WRITER = """
import sys
from graphmap.store.lake import Lake
from tests.store.frames import events
lake = Lake(sys.argv[1])
for number in range(10_000):
    lake.append_events(events(*({"pid": number * 100 + n} for n in range(100))))
    print(number, flush=True)
"""


def is_after(url: str, version: int) -> bool:
    return (Lake(url).version() or 0) > version + 1


def test_a_writer_killed_anywhere_leaves_whole_batches(root: Path, lake_url: str) -> None:
    for _ in range(3):
        command = [sys.executable, "-c", WRITER, lake_url]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(root)}, cwd=root
        ) as process:
            assert process.stdout is not None
            done = int(process.stdout.readline())
            wait_for(partial(is_after, lake_url, Lake(lake_url).version() or 0), "commits")
            process.send_signal(signal.SIGKILL)
        held = Lake(lake_url).scan(["pid"]).collect()["pid"].sort()
        assert done == 0
        assert held.to_list() == list(range(len(held)))
        assert len(held) % 100 == 0
