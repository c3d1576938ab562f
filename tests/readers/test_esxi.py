"""ESXi: the words of sshd, hostd, vobd, the shell and the console, in the forms of versions 5 to 8."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.readers import detect
from tests.readers.reading import Reading, read_lines

NEW = "2026-11-20T21:01:21.505Z In(38) {}: "
FORMS = [
    NEW,
    "2026-11-20T21:01:21.505Z {}: ",
    "2026-11-20T21:01:21Z esx1.example {}: ",
    "<166>2026-11-20T21:01:21.505Z esx1.example {}: ",
    "Nov 20 21:01:21 esx1 {}: ",
]
HOSTD = "[Originator@6876 sub=Vimsvc.ha-eventmgr opID=x] "
VOB = "[UserLevelCorrelator] 101us: "


def read(*lines: str) -> Reading:
    return read_lines(*lines, reader="esxi")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("program", "message", "expected"),
    [
        ("sshd[7]", "Accepted password for root from 10.0.0.1 port 50000 ssh2", ("accepted", "root", "10.0.0.1", None)),
        ("sshd[7]", "Session closed for 'root' on /dev/char/pty/t0", ("terminal-closed", "root", None, None)),
        ("login[7]", "root login on 'char/tty/1'", ("console-login", "root", None, None)),
        ("Hostd[7]", f"{HOSTD}Accepted password for user root from 10.0.0.1", ("api-accepted", "root", "10.0.0.1", None)),
        ("hostd[7]", f"{HOSTD}Rejected password for user a b from 10.0.0.1", ("api-rejected", "a b", "10.0.0.1", None)),
        ("Hostd", f"info hostd[7] {HOSTD}Event 9 : User CORP\\ann@10.0.0.1 logged in as Mozilla", ("api-session", "ann", "10.0.0.1", None)),
        ("Hostd[7]", f"{HOSTD}Event 9 : User root@10.0.0.1 logged out (login time: x, user agent: y)", ("api-logout", "root", "10.0.0.1", None)),
        ("Hostd[7]", f"{HOSTD}Event 130 : SSH for the host esx1 has been enabled", ("ssh-enabled", None, None, None)),
        ("Hostd[7]", f"{HOSTD}Event 130 : SSH access has been disabled.", ("ssh-disabled", None, None, None)),
        ("SSH[7]", "SSH login enabled", ("ssh-enabled", None, None, None)),
        ("vobd[7]", f"{VOB}[vob.user.ssh.session.opened] SSH session was opened for 'root@10.0.0.1'.", ("ssh-session", "root", "10.0.0.1", None)),
        ("vobd", f"{VOB}[vob.user.ssh.session.closed] SSH session was closed for 'a@corp.example@10.0.0.1'.", ("ssh-session-closed", "a@corp.example", "10.0.0.1", None)),
        ("vobd", f"{VOB}[vob.user.ssh.session.failed] SSH login has failed for 'root@10.0.0.1'.", ("ssh-session-failed", "root", "10.0.0.1", None)),
        ("vobd", f"{VOB}[esx.audit.ssh.enabled] SSH access has been enabled.", ("ssh-enabled", None, None, None)),
        ("shell[7]", "[root]: vim-cmd vmsvc/getallvms", ("shell-command", "root", None, "vim-cmd vmsvc/getallvms")),
        ("shell[7]", "[root]: /bin/scp x root@esx2:", ("client-started", "root", None, "/bin/scp x root@esx2:")),
    ],
)  # fmt: skip
def test_messages(form: str, program: str, message: str, expected: tuple[str | None, ...]) -> None:
    reading = read(form.format(program) + message)
    assert reading.events.select("kind", "user", "src_ip", "command").rows() == [expected]
    assert reading.events["dst_host"].to_list() == [
        next((name for name in ("esx1.example", "esx1") if name in form), None)
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            f"2026-11-20T21:01:21.5Z: {VOB}[vob.user.ssh.session.opened] SSH session was opened for 'root@10.0.0.1'.",
            "ssh-session",
        ),
        (
            f"2026-11-20T21:01:21.5Z warning hostd[2101004] {HOSTD}Rejected password for user root from 10.0.0.1",
            "api-rejected",
        ),
    ],
)
def test_old_lines_without_a_program(line: str, expected: str) -> None:
    found = detect(line.encode())
    assert found is not None
    assert found.name == "esxi"
    assert read(line).events["kind"].to_list() == [expected]


def test_one_session_is_one_logon() -> None:
    accepted = "Accepted password for root from 10.0.0.1 port 50000 ssh2"
    opened = f"{VOB}[vob.user.ssh.session.opened] SSH session was opened for 'root@10.0.0.1'."
    audit = f"{VOB}[esx.audit.ssh.session.opened] SSH session was opened for 'root@10.0.0.1'."
    later = NEW.replace("21:01:21", "21:02:21")
    reading = read(
        NEW.format("sshd[7]") + accepted, NEW.format("vobd[8]") + opened, NEW.format("vobd[8]") + audit, later.format("vobd[8]") + opened
    )  # fmt: skip
    assert reading.events.select("kind", "outcome").rows() == [
        ("accepted", "success"), ("ssh-session-echo", "unknown"), ("ssh-session", "success"),
    ]  # fmt: skip
    assert reading.other == 1


def test_the_end_of_a_session_names_its_connection_where_it_is_the_only_one() -> None:
    accepted = [
        NEW.format("sshd[7]") + f"Accepted password for root from 10.0.0.1 port {port} ssh2" for port in (1, 2, 3)
    ]
    closed = NEW.format("vobd[8]") + f"{VOB}[vob.user.ssh.session.closed] SSH session was closed for 'root@10.0.0.1'."
    one = read(accepted[0], closed, closed).events["session"].to_list()
    several = read(*accepted[1:], closed, closed).events["session"].to_list()
    assert one == ["10.0.0.1:1", "10.0.0.1:1", None]
    assert several == ["10.0.0.1:2", "10.0.0.1:3", None, "10.0.0.1:3"]


def test_a_session_of_the_api_is_known_by_its_number() -> None:
    facts = "[Originator@6876 sub=Vimsvc opID=sid=bad sid=52f0e556 user=root] "
    reading = read(
        NEW.format("Hostd[7]") + "[Originator@6876 sub=x] Accepted password for user root from 10.0.0.1 - session=52f0e556-5be4-83d4",
        NEW.format("Hostd[7]") + f"{facts}Event 9 : User root@10.0.0.1 logged out (login time: x)",
    )  # fmt: skip
    assert reading.events["session"].to_list() == ["sid:52f0e556"] * 2


@pytest.mark.parametrize(
    "message",
    [
        "[Originator@6876 sub=Default opID=x] Accepted password for user root from 6.6.6.6 y] Task created",
        "[Originator@6876 sub=Default opID=x] Event 9 : User a b@6.6.6.6 logged in as x",
        "[Originator@6876 sub=Default opID=x] Event 9 : nothing of interest",
    ],
)
def test_what_is_no_logon(message: str) -> None:
    reading = read(NEW.format("Hostd[7]") + message)
    assert (len(reading.events), reading.other) == (0, 1)


def test_a_clients_name_for_itself_changes_nothing_else() -> None:
    message = f"{HOSTD}Event 9 : User root@10.0.0.1 logged in as x@6.6.6.6 logged in as y"
    (event,) = read(NEW.format("Hostd[7]") + message).rows("user", "src_ip", "client")
    assert event == {"user": "root", "src_ip": "10.0.0.1", "client": "x@6.6.6.6 logged in as y"}


def test_what_is_no_line() -> None:
    reading = read(
        "", "--> further text of hostd's", "no stamp", NEW.format("vpxa[7]") + "x", NEW.format("sshd[7]") + "Accepted x",
        NEW.format("sshd[7]") + "Session opened for 'root' on /dev/char/pty/t0", NEW.format("sshd[7]") + "FIPS mode initialized",
        "2026-13-20T21:01:21Z In(14) shell[7]: [root]: ls", NEW.format("sshd[7]") + "pam_per_user: create_subrequest_handle(): x",
    )  # fmt: skip
    assert reading.reasons() == ["no syslog header", "sshd message not understood", "time stamp does not exist"]
    assert (reading.other, reading.context, reading.lines) == (3, 3, 9)


SSHD = "{} sshd[7]: Accepted password for root from 10.0.0.1 port 50000 ssh2\n"


@pytest.mark.parametrize(
    ("text", "reader"),
    [
        (SSHD.format("2026-11-20T21:01:21.5Z In(38)"), "esxi"),
        (SSHD.format("2026-11-20T21:01:21Z") + "2026-11-20T21:01:21Z sshd[7]: Session opened for 'root' on /dev/char/pty/t0\n" + SSHD.format("2026-11-20T21:01:22Z"), "esxi"),
        (SSHD.format("2026-11-20T21:01:21Z"), "sshd"),
        (SSHD.format("2026-11-20T21:01:21Z web1") * 9 + SSHD.format("2026-11-20T21:01:21.5Z In(38)"), "sshd"),
    ],
)  # fmt: skip
def test_detection(text: str, reader: str) -> None:
    found = detect(text.encode())
    assert found is not None
    assert found.name == reader


@given(st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=60))
def test_a_refused_name_changes_nothing_else(name: str) -> None:
    message = f"{HOSTD}Rejected password for user {name} from 10.0.0.1"
    (event,) = read(NEW.format("Hostd[7]") + message).rows("kind", "src_ip", "method")
    assert event == {"kind": "api-rejected", "src_ip": "10.0.0.1", "method": "password"}
