from __future__ import annotations

import pytest

from graphmap.detect.staging import Staging
from graphmap.model import Finding, Line, Severity
from tests.detect.signal_examples import CAME, EXAMPLES
from tests.detect.signals import Story, deeds, moment, opened, said, sensed, started
from tests.detect.story import hop, hunted, lines

COPY = "10:05:00.1 web1>db1 bob k until 10:06:00.1"
SFTP = opened("10:05:00.2", "web1>db1", "bob", 50001, "subsystem 'sftp'")


def test_a_tool_is_copied_onwards_into_a_restricted_segment() -> None:
    estate = EXAMPLES["staging"].estate()
    assert hunted(estate, Staging()) == [
        Finding(
            id="f-72ee6d48273b",
            detector="staging",
            technique="T1570",
            severity=Severity.HIGH,
            score=3.0,
            title="files copied from web1 to db1 as bob",
            why=(
                "2026-03-01T10:04:59Z: scp tool.sh bob@db1:/tmp/ on web1",
                "2026-03-01T10:05:00.200000Z: sftp was started",
                "db1 lies in the restricted segment prod; policy: not covered",
                "somebody had come to web1, whose session was open",
                (
                    "web1 -> db1 as bob (publickey SHA256:k): a session on web1 was open (same key, certainty 1);"
                    " seen by client, server"
                ),
                "1 session by that way in which something was copied",
            ),
            hosts=("web1", "db1"),
            users=("bob",),
            hops=(hop(estate, 2),),
            lines=(*lines(2, 4), Line("audit.log", 2), *lines(5)),
            first=moment("10:04:59"),
            last=moment("10:06:00.1"),
        )
    ]


@pytest.mark.parametrize(
    ("told", "sftp", "severity"),
    [
        ([CAME, COPY.replace("db1", "app1")], SFTP.replace("db1", "app1"), Severity.LOW),
        (["10:00:00.1 ws2>app1 bob k", COPY], SFTP, Severity.MEDIUM),
    ],
    ids=["onwards, elsewhere", "restricted, not onwards"],
)
def test_severity(told: list[str], sftp: str, severity: Severity) -> None:
    assert [one.severity for one in hunted(Story([*deeds(*told), sftp]).estate(), Staging())] == [severity]


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("scp -t /tmp", 1),
        ("scp -f /etc/passwd", 0),
        ("rsync --server -logDtpre.iLsfx . /tmp", 1),
        ("rsync --server --sender -logDtpre . /tmp", 0),
    ],
)
def test_far_ends(command: str, found: int) -> None:
    story = Story(deeds(CAME, COPY), [started("10:05:01", "db1", "bob", command)])
    assert len(hunted(story.estate(), Staging())) == found


@pytest.mark.parametrize(
    ("told", "extra", "audit"),
    [
        pytest.param([CAME, COPY], [], [], id="nothing was copied"),
        pytest.param(["10:05:00.1 ws2>app1 bob k"], [opened("10:05:00.2", "ws2>app1", "bob", 50000, "subsystem 'sftp'")], [],
                     id="neither onwards nor restricted"),
        pytest.param(["10:05:00.1 db2>db1 bob k"], [opened("10:05:00.2", "db2>db1", "bob", 50000, "subsystem 'sftp'")], [],
                     id="within the segment"),
        pytest.param([CAME, COPY], [], [started("10:04:59", "web1", "bob", "scp db1:/etc/passwd .")], id="a download"),
        pytest.param([CAME, COPY], [], [started("10:00:59", "web1", "bob", "scp a db1:")], id="a client long before"),
    ],
)  # fmt: skip
def test_silence(told: list[str], extra: list[str], audit: list[str]) -> None:
    assert hunted(Story([*deeds(*told), *extra], audit).estate(), Staging()) == []


@pytest.mark.parametrize(
    ("sent", "back", "found"), [(10_000_000, 1_000_000, 1), (10_000_000, 1_000_001, 0), (9_999_999, 0, 0)]
)
def test_bytes_tell_of_a_copy(sent: int, back: int, found: int) -> None:
    """Evasion: `cat > tool` over a command is no sftp and no scp."""
    flow = sensed(
        "10:05:00", "ws2>db1", 50001, "conn", proto="tcp", service="ssh", conn_state="SF", duration=60, orig_bytes=sent,
        resp_bytes=back,
    )  # fmt: skip
    story = Story([said("10:05:00.1", "db1", "Accepted password for bob from 10.0.1.2 port 50001 ssh2")], zeek=[flow])
    assert [one.why[0] for one in hunted(story.estate(), Staging())] == found * [
        "2026-03-01T10:05:00.100000Z: 10 MB went there and 1 MB came back"
    ]
