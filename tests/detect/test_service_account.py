from __future__ import annotations

import pytest

from graphmap.detect.daemons import DAEMONS, DEBIAN, RED_HAT
from graphmap.detect.service_account import ServiceAccount
from graphmap.model import Finding, Severity
from tests.detect.scenes import AUTOMATION, CORE, SCENES
from tests.detect.story import hop, hunted, lines, told
from tests.estates import estate


def test_somebody_types_the_password_of_the_automation() -> None:
    deeds, options = SCENES["service-account"]
    of = told(*deeds, **options)
    assert hunted(of, ServiceAccount()) == [
        Finding(
            id="f-9fcdd381bd7a",
            detector="service-account",
            technique="T1078",
            severity=Severity.HIGH,
            score=3.0,
            title="service account ansible logs in: pc1 -> dc1",
            why=(
                "ansible never gave a password before; now by password",
                "ansible never came from pc1 before",
                "pc1 -> dc1 as ansible (password): the chain starts here",
            ),
            hosts=("pc1", "dc1"),
            users=("ansible",),
            hops=(hop(of, 13),),
            lines=lines(13),
        )
    ]


def why(*deeds: str, inventory: str = CORE) -> list[tuple[Severity, tuple[str, ...]]]:
    return [(one.severity, one.why[:-1]) for one in hunted(told(*deeds, inventory=inventory), ServiceAccount())]


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        ("10.0.2.1>dc2 ansible k", []),  # a new destination is its work
        ("10.0.1.1>dc1 ansible k", [(Severity.MEDIUM, ("ansible never came from pc1 before",))]),
        ("10.0.1.1>dc1 bob password", []),  # a person
        ("10.0.1.1>dc1 ansible !password", []),  # refused
        ("127.0.0.1>dc1 ansible k", []),  # the host itself
    ],
)
def test_after_twelve_nights(deed: str, expected: list[tuple[Severity, tuple[str, ...]]]) -> None:
    assert why(*AUTOMATION, f"03-13 10:00:00.1 {deed}") == expected


def test_sources_are_learned_first() -> None:
    assert why(*AUTOMATION[:6], "03-07 10:00:00.1 10.0.1.1>dc1 ansible k") == []


def test_a_daemon_that_the_inventory_does_not_know() -> None:
    (found,) = why("10:00:00.1 10.0.1.1>dc1 www-data k", "11:00:00.1 10.0.1.1>dc1 www-data k")
    said = "www-data is an account that systems make for a daemon, and the inventory does not mark it"
    assert found == (Severity.HIGH, (said,))


def test_a_name_that_is_somebodys_by_the_inventory_is_no_daemon() -> None:
    assert why("10:00:00.1 10.0.1.1>dc1 games k") == []


def test_typing_is_told_once_however_often_it_is_done() -> None:
    typed = [f"10:0{n}:00.1 10.0.2.1>dc{n} ansible password" for n in (1, 2, 3)]
    assert len(why(*typed)) == 1


def test_a_shell_is_told_where_sshd_logs_it() -> None:
    text = "".join(
        f"2026-03-{day:02}T02:00:00.100000+00:00 dc1 sshd[7{day}]: {saying} for ansible from 10.0.2.1 port 50{day:03}{end}\n"
        for day, said in ((1, "command"), (2, "shell on pts/0"))
        for saying, end in (
            ("Accepted publickey", " ssh2: ED25519 SHA256:k"),
            (f"Starting session: {said}", " id 0"),
        )
    )
    (found,) = hunted(estate(text, inventory=CORE), ServiceAccount())
    assert (found.why[0], found.hops[0].start.day) == ("ansible never had a shell before", 2)


def test_a_stolen_key_on_the_machine_that_uses_it_is_out_of_sight() -> None:
    """Evasion: to run what one wants from the automation's own host, with its key."""
    assert why(*AUTOMATION, "03-13 10:00:00.1 10.0.2.1>dc1 ansible k") == []


def test_the_lists_name_no_person() -> None:
    assert {"www-data", "backup", "nobody"} <= DEBIAN
    assert {"apache", "postgres", "named", "nobody"} <= RED_HAT
    assert not {"root", "admin", "operator1", "ubuntu"} & DAEMONS
