from __future__ import annotations

import pytest

from graphmap.detect.client_software import ClientSoftware, family_of
from graphmap.model import Finding, Line, Severity
from tests.detect.signal_examples import EXAMPLES
from tests.detect.signals import Story, said, sensed
from tests.detect.story import hop, hunted, lines

OPENSSH, PARAMIKO = "SSH-2.0-OpenSSH_9.2p1", "SSH-2.0-paramiko_3.4.0"


def visits(*clients: str, way: str = "ws2>web1", user: str = "bob", hassh: str | None = None, hour: int = 10) -> Story:
    """A logon a day, each with another client."""
    source = {"ws1": "10.0.1.1", "ws2": "10.0.1.2"}[way.partition(">")[0]]
    days = list(enumerate(clients, 1))
    return Story(
        [
            said(f"03-0{day} {hour:02}:00:00.1", way.partition(">")[2], f"Accepted password for {user} from {source} port {hour * 1000 + day} ssh2")
            for day, _ in days
        ],
        zeek=[
            sensed(f"03-0{day} {hour:02}:00:00", way, hour * 1000 + day, auth_success=True, client=client, **({"hassh": hassh} if hassh else {}))
            for day, client in days
        ],
    )  # fmt: skip


def test_a_library_where_a_person_came_with_openssh() -> None:
    estate = EXAMPLES["client-software"].estate()
    assert hunted(estate, ClientSoftware()) == [
        Finding(
            id="f-f1ef74fbca16",
            detector="client-software",
            technique="T1021.004",
            severity=Severity.MEDIUM,
            score=2.0,
            title="paramiko is new for bob: ws2 -> web1 as bob",
            why=(
                "the client calls itself SSH-2.0-paramiko_3.4.0",
                "before, bob was seen with OpenSSH on 3 days",
                "ws2 -> web1 as bob (publickey SHA256:k): the chain starts here; seen by network, server",
                "paramiko is a library: a program did this, not a person at a terminal",
            ),
            hosts=("ws2", "web1"),
            users=("bob",),
            hops=(hop(estate, 4),),
            lines=(*lines(4), Line("zeek.log", 4)),
        )
    ]


@pytest.mark.parametrize(
    ("clients", "titles"),
    [
        ([OPENSSH] * 3 + ["SSH-2.0-PuTTY_Release_0.80"], ["PuTTY is new for bob: ws2 -> web1 as bob"]),
        ([OPENSSH] * 2 + [PARAMIKO], []),
        ([OPENSSH] * 3 + ["SSH-2.0-OpenSSH_9.8"], []),
        ([PARAMIKO] * 5, []),
    ],
    ids=["a person's other program", "too little is known", "an update", "automation"],
)
def test_accounts(clients: list[str], titles: list[str]) -> None:
    assert [one.title for one in hunted(visits(*clients).estate(), ClientSoftware())] == titles


def test_a_library_that_is_new_for_a_host() -> None:
    """The account is new, so nothing is new for it; the host knows better."""
    known, fresh = visits(OPENSSH, OPENSSH, OPENSSH), visits(*[PARAMIKO] * 4, way="ws1>web1", user="eve", hour=11)
    story = Story([*known.sshd, fresh.sshd[3]], zeek=[*known.zeek, fresh.zeek[3]])
    assert [one.title for one in hunted(story.estate(), ClientSoftware())] == [
        "paramiko is new for web1: ws1 -> web1 as eve"
    ]


def test_a_name_that_does_not_fit_the_key_exchange() -> None:
    """Evasion: the tool gives itself the name of the usual client."""
    tool, lie = visits(PARAMIKO, way="ws1>app1", user="eve", hassh="aa", hour=9), visits(OPENSSH, hassh="aa")
    story = Story([*tool.sshd, *lie.sshd], zeek=[*tool.zeek, *lie.zeek])
    assert hunted(story.estate(), ClientSoftware()) == [
        Finding(
            id="f-40ed90c2bd04",
            detector="client-software",
            technique="T1021.004",
            severity=Severity.MEDIUM,
            score=2.0,
            title="a client from ws2 to web1 says it is OpenSSH, and exchanges keys like paramiko",
            why=(
                "2026-03-01T10:00:00Z: it calls itself SSH-2.0-OpenSSH_9.2p1",
                "its key exchange aa was that of paramiko since 2026-03-01T09:00:00Z",
                "1 connection like that",
            ),
            hosts=("ws2", "web1"),
            users=(),
            hops=(),
            lines=(Line("zeek.log", 2),),
            first=hop(story.estate(), 2).start.replace(microsecond=0),
            last=hop(story.estate(), 2).start.replace(microsecond=0),
        )
    ]


@pytest.mark.parametrize(
    ("client", "family"),
    [
        ("SSH-2.0-OpenSSH_for_Windows_9.5", "OpenSSH for Windows"),
        ("SSH-2.0-libssh2_1.10.0", "libssh2"),
        ("SSH-2.0-libssh_0.10.6", "libssh"),
        ("SSH-2.0-Go", "Go"),
        ("SSH-2.0-GoAnywhere", ""),
        ("SSH-2.0-AsyncSSH_2.14", "AsyncSSH"),
        ("SSH-2.0-WinSCP_release_6.3", "WinSCP"),
        ("plink.exe", "PuTTY"),
        ("/usr/bin/pscp", "PuTTY"),
        ("SSH-2.0-dropbear_2022.83", "Dropbear"),
        ("", ""),
    ],
)
def test_families(client: str, family: str) -> None:
    assert family_of(client) == family
