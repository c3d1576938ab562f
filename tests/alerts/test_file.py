from __future__ import annotations

import os
import stat
import threading
from typing import TYPE_CHECKING

import pytest

from graphmap.alerts.forms import line_of
from graphmap.errors import DeliveryError
from tests.alerts.entries import output
from tests.alerts.findings import HOSTILE, MESSAGE, with_text

if TYPE_CHECKING:
    from pathlib import Path


def test_a_message_is_a_line_of_a_private_file(tmp_path: Path) -> None:
    made = output(tmp_path, kind="file", path="alerts.ndjson")
    file = tmp_path / "alerts.ndjson"
    for message in (MESSAGE, with_text(HOSTILE)):
        made.send(message)
    assert file.read_text().split("\n") == [line_of("json", MESSAGE), line_of("json", with_text(HOSTILE)), ""]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert made.target.where == str(file)


@pytest.mark.parametrize("form", ["cef", "ecs", "ocsf"])
def test_other_shapes_are_lines_too(tmp_path: Path, form: str) -> None:
    output(tmp_path, kind="file", path="out", format=form).send(MESSAGE)
    assert (tmp_path / "out").read_text() == line_of(form, MESSAGE) + "\n"


def test_half_a_line_of_a_killed_writer_is_ended_first(tmp_path: Path) -> None:
    (tmp_path / "out").write_text('{"half')
    output(tmp_path, kind="file", path="out").send(MESSAGE)
    assert (tmp_path / "out").read_text() == '{"half\n' + line_of("json", MESSAGE) + "\n"


def test_many_writers_mix_no_lines(tmp_path: Path) -> None:
    made = output(tmp_path, kind="file", path="out")
    writers = [threading.Thread(target=made.send, args=(MESSAGE,)) for _ in range(20)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert (tmp_path / "out").read_text() == (line_of("json", MESSAGE) + "\n") * 20


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for path, problem in [("none/out", "No such file or directory"), ("folder", "Is a directory")]:
        with pytest.raises(DeliveryError) as caught:
            output(tmp_path, kind="file", path=path).send(MESSAGE)
        assert caught.value.message == f"{tmp_path / path}: {problem}"


def test_a_pipe_that_nobody_reads_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DeliveryError):
        output(tmp_path, kind="file", path="pipe").send(MESSAGE)
