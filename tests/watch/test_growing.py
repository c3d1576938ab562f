"""However a log grows and is rotated, and whenever the watch stops: the lake is that of one ingest of the whole log."""

from __future__ import annotations

import gzip
import itertools
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmap.watch.pace import Pace
from tests.pipeline.logs import content, lines, reject_table, table, take, write
from tests.watch.watching import AT_ONCE, Rotation, Watch, append

LINES = lines(60, fine=False)
"""Without years; every seventh line is one that is not understood."""


def same(home: Path, plain: Path, *logs: Path) -> None:
    """Compare a home with that of an ingest."""
    take(plain, *logs)
    assert content(home) == content(plain)
    assert [row[:2] for row in reject_table(home)] == [row[:2] for row in reject_table(plain)]


@settings(max_examples=25)
@given(cuts=st.lists(st.integers(0, sum(map(len, LINES))), max_size=12), rows=st.sampled_from([1, 7, 1000]))
def test_a_log_that_grows_by_any_bytes(cuts: list[int], rows: int) -> None:
    """Even where a line, or a character, is written in parts: file and line number are as in an ingest, too."""
    whole = "".join(LINES).replace("nonsense", "nönsense").encode()
    with tempfile.TemporaryDirectory() as folder:
        log, home, plain = Path(folder, "a.log"), Path(folder, "home"), Path(folder, "plain")
        watch = Watch(home, log, pace=Pace(every=0, search=0, rows=rows))
        for begin, end in itertools.pairwise([0, *sorted(cuts), len(whole)]):
            append(log, whole[begin:end])
            watch.step()
        watch.settle()
        watch.stop()
        take(plain, log)
        assert table(home) == table(plain)
        assert reject_table(home) == reject_table(plain)


_EVENTS = st.one_of(
    st.integers(1, 12),
    st.sampled_from(["step", "settle", "rename", "copytruncate", "compress", "stop", "kill"]),
)


@settings(max_examples=40)
@given(events=st.lists(_EVENTS, max_size=25))
def test_rotations_restarts_and_kills_in_any_order(events: list[int | str]) -> None:
    """A number writes so many lines. Rotated logs stay in the folder, so nothing is lost whenever the watch looks."""
    with tempfile.TemporaryDirectory() as folder:
        logs, home, plain = Path(folder, "logs"), Path(folder, "home"), Path(folder, "plain")
        log = logs / "auth.log"
        logs.mkdir()
        rotation, left = Rotation(log), list(LINES)
        watch = Watch(home, logs)
        for event in events:
            if isinstance(event, int):
                append(log, "".join(left[:event]))
                del left[:event]
            elif event in {"step", "settle"}:
                getattr(watch, event)()
            elif event in {"stop", "kill"}:
                getattr(watch, event)()
                watch = Watch(home, logs)
            else:
                getattr(rotation, event)()
        append(log, "".join(left))
        watch.settle()
        watch.stop()
        same(home, plain, write(Path(folder, "whole.log"), LINES))


@pytest.mark.parametrize("way", ["rename", "copytruncate", "compress"])
def test_a_log_that_is_named_itself_is_followed_to_what_it_was_rotated_to(tmp_path: Path, way: str) -> None:
    """Nobody named the folder, and lines were written after the watch had looked last."""
    log = tmp_path / "auth.log"
    append(log, "".join(LINES[:20]))
    watch = Watch(tmp_path / "home", log)
    watch.settle()
    append(log, "".join(LINES[20:40]))
    getattr(Rotation(log), way)()
    append(log, "".join(LINES[40:]))
    watch.settle()
    watch.stop()
    same(tmp_path / "home", tmp_path / "plain", write(tmp_path / "whole.log", LINES))


@pytest.mark.parametrize("way", ["rename", "copytruncate", "compress"])
def test_a_log_that_was_rotated_while_no_watch_ran(tmp_path: Path, way: str) -> None:
    log = tmp_path / "auth.log"
    append(log, "".join(LINES[:20]))
    first = Watch(tmp_path / "home", log)
    first.settle()
    first.kill()
    append(log, "".join(LINES[20:40]))
    getattr(Rotation(log), way)()
    append(log, "".join(LINES[40:]))
    second = Watch(tmp_path / "home", log, rotated_since=0)
    second.settle()
    second.stop()
    same(tmp_path / "home", tmp_path / "plain", write(tmp_path / "whole.log", LINES))


def test_what_was_rotated_long_ago_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "auth.log.1", LINES[:20])
    write(tmp_path / "auth.log", LINES[20:])
    watch = Watch(tmp_path / "home", tmp_path / "auth.log")
    watch.settle()
    watch.stop()
    same(tmp_path / "home", tmp_path / "plain", write(tmp_path / "whole.log", LINES[20:]))


def test_a_log_that_is_cut_and_has_grown_beyond_its_former_size_is_read_anew(tmp_path: Path) -> None:
    log = write(tmp_path / "auth.log", LINES[:20])
    watch = Watch(tmp_path / "home", log)
    watch.settle()
    log.write_text("".join(LINES[20:60]))
    watch.settle()
    watch.stop()
    same(tmp_path / "home", tmp_path / "plain", write(tmp_path / "whole.log", LINES))


def test_half_a_line_waits_for_its_end(tmp_path: Path) -> None:
    """Its first half would be read as another event: from port 10, where it is 1024."""
    log = tmp_path / "auth.log"
    half = LINES[0].index("1024") + 2
    append(log, LINES[0][:half])
    watch = Watch(tmp_path / "home", log)
    watch.settle()
    assert table(tmp_path / "home") == []
    append(log, LINES[0][half:])
    watch.settle()
    assert table(tmp_path / "home", "src_port") == [(1024,)]
    watch.stop()


def test_half_a_line_of_a_log_that_is_gone_is_its_last(tmp_path: Path) -> None:
    log = tmp_path / "auth.log"
    append(log, LINES[0].removesuffix("\n"))
    watch = Watch(tmp_path / "home", log)
    watch.settle()
    log.unlink()
    watch.settle()
    assert table(tmp_path / "home", "src_port") == [(1024,)]
    watch.stop()


def test_a_growing_log_is_not_read_again_from_its_start(tmp_path: Path) -> None:
    log = tmp_path / "auth.log"
    watch = Watch(tmp_path / "home", log)
    for line in LINES:
        append(log, line)
        watch.step()
    watch.stop()
    assert sum(batch.lines for batch in watch.written) == len(LINES)
    assert sum(batch.duplicates for batch in watch.written) == 0


def test_what_was_read_before_a_clean_stop_is_not_read_again(tmp_path: Path) -> None:
    log = write(tmp_path / "auth.log", LINES)
    os.utime(log, (0, 0))
    for lines_read in (len(LINES), 0):
        watch = Watch(tmp_path / "home", log)
        watch.settle()
        watch.stop()
        assert watch.standing.lines == lines_read


def test_new_files_folders_and_patterns_are_taken_up(tmp_path: Path) -> None:
    """What a pattern names need not be there yet; the folder names the host."""
    watch = Watch(tmp_path / "home", tmp_path / "logs", tmp_path / "later" / "*.log")
    watch.settle()
    bare = "2026-03-01T10:00:0{} sshd[7]: Accepted password for bob from 10.0.0.1 port 5000 ssh2\n"
    write(tmp_path / "logs" / "db7" / "auth.log", [bare.format(1).replace(" sshd", " db7 sshd")])
    write(tmp_path / "later" / "x.log", [bare.format(2).replace(" sshd", " db8 sshd")])
    write(tmp_path / "later" / "x.txt", [bare.format(3).replace(" sshd", " db9 sshd")])
    watch.settle()
    watch.stop()
    assert table(tmp_path / "home", "dst_host") == [("db7",), ("db8",)]


def test_the_first_lines_may_have_named_another_reader(tmp_path: Path) -> None:
    """One line of syslog, and then what shows that it stood before a log of Zeek's."""
    log = tmp_path / "x.log"
    zeek = (
        "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tssh\n"
        "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tauth_success\n"
        "#types\ttime\tstring\taddr\tport\taddr\tport\tbool\n"
        "1772359200.5\tC1\t10.0.0.1\t5000\t10.0.0.2\t22\tT\n"
    )
    append(log, "Mar  1 10:00:00 db1 CRON[7]: x\n")
    watch = Watch(tmp_path / "home", log)
    watch.settle()
    append(log, zeek)
    watch.settle()
    watch.stop()
    take(tmp_path / "plain", log)
    assert table(tmp_path / "home") == table(tmp_path / "plain") != []


def test_the_clock_of_the_day_may_jump(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "auth.log"
    watch = Watch(tmp_path / "home", log)
    for part, moment in enumerate([1e9, 2e9, 0.0]):
        append(log, "".join(LINES[20 * part : 20 * part + 20]))
        monkeypatch.setattr("time.time", lambda moment=moment: moment)
        watch.step()
    watch.settle()
    watch.stop()
    same(tmp_path / "home", tmp_path / "plain", log)


def test_more_logs_than_may_be_open(tmp_path: Path) -> None:
    """Those that were let go are read again from their start when they grow; nothing doubles."""
    hosts = [f"h{number}" for number in range(6)]
    text = {host: lines(6, host=host) for host in hosts}
    watch = Watch(tmp_path / "home", tmp_path / "logs", pace=Pace(every=0, search=0, open_files=2))
    for number in range(6):
        for host in hosts:
            (tmp_path / "logs").mkdir(exist_ok=True)
            append(tmp_path / "logs" / f"{host}.log", text[host][number])
        watch.settle()
    assert sum(file["status"] == "followed" for file in watch.standing.files) == 2
    watch.stop()
    same(tmp_path / "home", tmp_path / "plain", tmp_path / "logs")


def test_old_and_packed_files_are_read_as_a_whole(tmp_path: Path) -> None:
    old = write(tmp_path / "logs" / "old.log", lines(20, host="old"))
    os.utime(old, (0, 0))
    packed = tmp_path / "logs" / "packed.log.gz"
    packed.write_bytes(gzip.compress("".join(lines(20, host="packed")).encode()))
    watch = Watch(tmp_path / "home", tmp_path / "logs", pace=AT_ONCE)
    watch.settle()
    assert {file["status"] for file in watch.standing.files} == {"whole"}
    append(old, "".join(lines(30, host="old")[20:]))
    watch.settle()
    watch.stop()
    same(tmp_path / "home", tmp_path / "plain", tmp_path / "logs")


def test_a_file_that_nobody_knows_is_taken_up_when_it_becomes_a_log(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    append(log, "hello\n")
    watch = Watch(tmp_path / "home", log)
    watch.settle()
    assert [(file["status"], file["problem"]) for file in watch.standing.files] == [
        ("unrecognised", "no reader knows this format")
    ]
    append(log, "".join(LINES))
    watch.settle()
    watch.stop()
    same(tmp_path / "home", tmp_path / "plain", log)
