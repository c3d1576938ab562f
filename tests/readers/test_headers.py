"""Headers of syslog lines."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.readers import ReadOptions, syslog
from tests.readers.reading import read_lines

MESSAGE = "Invalid user admin from 1.2.3.4 port 5"

HEADERS = [
    # stamp as UTC, host, pid, header
    ("2026-02-01T21:01:21", "app1", 15770, "Feb  1 21:01:21 app1 sshd[15770]: "),
    ("2026-02-09T21:01:21", "app1", 15770, "Feb 9 21:01:21 app1 sshd[15770]: "),
    ("2026-02-12T21:01:21", "app1", 15770, "Feb 12 21:01:21 app1 sshd[15770]: "),
    ("2026-02-12T21:01:21", None, 15770, "Feb 12 21:01:21 sshd[15770]: "),
    ("2026-02-12T21:01:21", None, 15770, "<38>Feb 12 21:01:21 sshd[15770]: "),
    ("2026-02-12T21:01:21.500000", "app1", 7, "Feb 12 21:01:21.5 app1 sshd-session[7]: "),
    ("2025-02-12T21:01:21", "app1", 7, "Feb 12 2025 21:01:21 app1 sshd-auth[7]: "),
    ("2026-02-12T21:01:21", "app1.example.org", None, "Feb 12 21:01:21 app1.example.org sshd: "),
    ("2026-02-12T21:01:21", "10.0.0.9", 7, "Feb 12 21:01:21 10.0.0.9 sshd[7]: "),
    ("2026-02-12T21:01:21", "2001:db8::", 7, "Feb 12 21:01:21 2001:db8:: sshd[7]: "),
    ("2026-02-12T21:01:21", "vps", 7, "Feb 12 21:01:21 vps auth.info sshd[7]: "),
    ("2026-02-12T21:01:21", None, 7, "Feb 12 21:01:21 auth.info sshd[7]: "),
    ("2026-02-12T21:01:21", "foxtrot", 7, "Feb 12 21:01:21 <10.5> foxtrot sshd[7]: "),
    ("2026-02-12T21:01:21", "foxtrot", 7, "Feb 12 21:01:21 <auth.info> foxtrot sshd[7]: "),
    ("2026-02-12T21:01:21", "sol", 7, "Feb 12 21:01:21 sol sshd[7]: [ID 800047 auth.info] "),
    ("2026-02-12T21:01:21", "mac", 7, "Feb 12 21:01:21 mac sshd[7] <Info>: "),
    ("2026-02-12T21:01:21", "app1", 7, "Feb 12 21:01:21 app1 /usr/sbin/sshd[7]: "),
    ("2026-03-01T21:01:21", "app1", 7, "Mär  1 21:01:21 app1 sshd[7]: "),
    ("2026-02-12T21:01:21", "app1", 7, "févr. 12 21:01:21 app1 sshd[7]: "),
    ("2026-01-12T21:01:21", "app1", 7, "ene 12 21:01:21 app1 sshd[7]: "),
    ("2026-01-12T21:01:21", "app1", 7, "gen 12 21:01:21 app1 sshd[7]: "),
    ("2026-02-12T21:01:21", "app1", 7, "fev 12 21:01:21 app1 sshd[7]: "),
    ("2026-02-12T21:01:21", "app1", 7, "фев 12 21:01:21 app1 sshd[7]: "),
    ("2026-11-20T21:01:21.505210", "app1", 7, "2026-11-20T21:01:21.505210+00:00 app1 sshd[7]: "),
    ("2026-11-20T19:01:21.505210", "app1", 7, "2026-11-20T21:01:21.505210+02:00 app1 sshd[7]: "),
    ("2026-11-20T21:01:21.505210", "app1", 7, "2026-11-20T21:01:21.505210123Z app1 sshd[7]: "),
    ("2026-11-20T21:01:21", "app1", 7, "2026-11-20T21:01:21 app1 sshd[7]: "),
    ("2026-11-20T21:01:21", "app1", 7, "2026-11-20 21:01:21  app1 sshd[7]: "),
    ("2018-12-20T10:09:05.180218", "localhost", 7, "2018-12-20 10:09:05.180218+0000 localhost sshd[7]: "),
    ("2018-12-20T18:09:05.180218", "localhost", 7, "2018-12-20 10:09:05.180218-0800  localhost sshd[7]: "),
    ("2020-05-29T09:28:56.058908", "bastion", 7, "2020-05-29T11:28:56.058908+02:00 bastion sshd[7] error: "),
    ("2020-01-03T16:57:14.257387", "1.2.3.4", 7, "<35>1 2020-01-03T11:57:14.257387-05:00 1.2.3.4 sshd 7 - - "),
    ("2022-01-19T14:23:55", "opn", 7, '<38>1 2022-01-19T14:23:55+00:00 opn sshd 7 - [meta sequenceId="1"] '),
    ("2022-01-19T14:23:55", "opn", 7,
     r'<38>1 2022-01-19T14:23:55Z opn sshd 7 ID1 [a@1 b="c \] \" d: [x] "][e@2 f=""] ' + "\ufeff"),
    ("2022-01-19T14:23:55", None, None, "<38>1 2022-01-19T14:23:55Z - sshd - - - "),
    ("2022-02-24T21:00:42.021457", "evse", 6052, "2022-02-24T21:00:42.021457+00:00 evse sshd 6052 - - "),
    ("2016-10-25T19:37:23.297265", None, 7, "2016-10-25T12:37:23.297265-07:00 INFO sshd[7]: "),
    ("2015-05-27T04:31:28.100400", None, 7, "2015-05-27T04:31:28.10040 auth.info: May 27 04:31:28 sshd[7]: "),
    ("2015-05-27T04:31:28.100400", None, 7, "2015-05-27T04:31:28.10040 auth.info: sshd[7]:  "),
    ("2015-05-27T04:31:27.466670", None, None, "2015-05-27T04:31:27.46667 auth.info: "),
    ("2018-06-26T13:22:02.108781", None, None, "2018-06-26 13:22:02.108781500 "),
    ("2026-11-21T00:00:00", "app1", 7, "2026-11-20T23:59:60Z app1 sshd[7]: "),
]  # fmt: skip


@pytest.mark.parametrize(("time", "host", "pid", "header"), HEADERS, ids=[header for *_, header in HEADERS])
def test_header(time: str, host: str | None, pid: int | None, header: str) -> None:
    modified = datetime(2026, 12, 31, tzinfo=UTC)
    (event,) = read_lines(header + MESSAGE, modified=modified).rows("time", "dst_host", "pid", "user", "src_ip", "kind")
    assert event == {
        "time": datetime.fromisoformat(time).replace(tzinfo=UTC),
        "dst_host": host,
        "pid": pid,
        "user": "admin",
        "src_ip": "1.2.3.4",
        "kind": "invalid-user",
    }


def test_old_pam_header_names_the_module() -> None:
    line = "Feb 12 21:01:21 app1 sshd(pam_unix)[7]: session opened for user bob by (uid=0)"
    assert read_lines(line).rows("kind", "user", "pid") == [{"kind": "pam-open", "user": "bob", "pid": 7}]


def test_host_of_the_source_stands_in_for_one_that_is_missing() -> None:
    lines = ("Feb 12 21:01:21 sshd[7]: " + MESSAGE, "Feb 12 21:01:21 app1 sshd[7]: " + MESSAGE)
    assert read_lines(*lines, host="folder").events["dst_host"].to_list() == ["folder", "app1"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"Feb 30 21:01:21 app1 sshd[7]: {MESSAGE}", "time stamp does not exist"),
        (f"2026-02-29T21:01:21Z app1 sshd[7]: {MESSAGE}", "time stamp does not exist"),
        (f"2026-02-28T24:01:21Z app1 sshd[7]: {MESSAGE}", "time stamp does not exist"),
        (f"0000-02-28T23:01:21Z app1 sshd[7]: {MESSAGE}", "time stamp does not exist"),
        (f"2026-02-28T23:01:61Z app1 sshd[7]: {MESSAGE}", "time stamp does not exist"),
        (f"Foo 12 21:01:21 app1 sshd[7]: {MESSAGE}", "time stamp does not exist"),
        (f"2026-02-28T23:01:21+25:00 app1 sshd[7]: {MESSAGE}", "no syslog header"),
        (f"app1 sshd[7]: {MESSAGE}", "no syslog header"),
        (MESSAGE, "no syslog header"),
        ("Feb 12 21:01:21 app1 sshd[7]: frobnicated", "sshd message not understood"),
    ],
)
def test_lines_that_cannot_be_read_are_rejects(line: str, reason: str) -> None:
    reading = read_lines(line)
    assert reading.reasons() == [reason]
    assert reading.rejects["text"].to_list() == [line]


@pytest.mark.parametrize(
    "line",
    [
        "Feb 12 21:01:21 app1 CRON[7]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)",
        f"Feb 12 21:01:21 app1 notsshd[7]: {MESSAGE}",
        f"Feb 12 21:01:21 app1 {MESSAGE}",
        f"2026-02-12T21:01:21Z app1 logger {MESSAGE}",
        f"Feb 12 21:01:21 app1 su: sshd[7]: {MESSAGE}",
        "   ",
    ],
)
def test_lines_of_other_programs_are_left_alone(line: str) -> None:
    reading = read_lines(line)
    assert (len(reading.events), len(reading.rejects), reading.other) == (0, 0, 1)


def test_zone_is_that_of_stamps_without_offset() -> None:
    zone = ReadOptions(zone=ZoneInfo("Europe/Berlin"))
    lines = [
        f"2026-03-29 01:30:00 app1 sshd[7]: {MESSAGE}",
        f"2026-03-29 02:30:00 app1 sshd[7]: {MESSAGE}",  # skipped: the clocks go from 2 to 3
        f"2026-10-25 02:30:00 app1 sshd[7]: {MESSAGE}",  # twice: the first pass is meant
        f"2026-10-25T02:30:00Z app1 sshd[7]: {MESSAGE}",
    ]
    times = read_lines(*lines, options=zone).events["time"].dt.strftime("%m-%d %H:%M").to_list()
    assert times == ["03-29 00:30", "03-29 01:30", "10-25 00:30", "10-25 02:30"]


STAMPS = st.sampled_from(["Feb 12 21:01:21", "Feb  1 21:01:21", "2026-11-20T21:01:21.5+00:00", "2026-11-20T21:01:21Z"])
WORDS = st.sampled_from(["app1", "auth.info", "auth.info:", "sshd[7]:", "sshd:", "sshd[7]", "a:b", "x", "", "[7]:", "sshd[]:",
                         "last message repeated 2 times", "INFO", "h.example.org", "10.0.0.1", "sshd(pam)[7]:"])  # fmt: skip


@given(STAMPS, st.lists(WORDS, max_size=5).map(" ".join))
def test_quick_way_gives_what_the_slow_way_gives(stamp: str, rest: str) -> None:
    line = f"{stamp} {rest}"
    if quick := syslog._split_common(line):
        slow = syslog._split_any(line)
        assert slow is not None
        if "last message" not in rest:
            assert quick == slow


@pytest.mark.parametrize(
    "stamp", ["Feb 12 21:01:21 app1", "2026-02-12T21:01:21+00:00 app1", "2026-02-12T21:01:21Z Invalid"]
)
@pytest.mark.parametrize("program", ["(systemd)", "(sshd)", "(sd-pam)"])
def test_a_program_in_parentheses_is_another_one(stamp: str, program: str) -> None:
    header = syslog.split_header(f"{stamp} {program}[7]: {MESSAGE}")
    assert header is not None
    assert (header.host, header.program, header.pid, header.message) == (
        stamp.rsplit(maxsplit=1)[-1],
        program,
        "7",
        MESSAGE,
    )
    reading = read_lines(f"{stamp} {program}[7]: {MESSAGE}")
    assert (reading.events.height, reading.rejects.height, reading.other) == (0, 0, 1)
