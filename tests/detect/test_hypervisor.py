from __future__ import annotations

from graphmap.detect.hypervisor import HypervisorAccess
from graphmap.model import Finding, Severity
from tests.detect.scenes import CORE, DAYS, SCENES
from tests.detect.story import chain, hunted, lines, told


def test_a_first_way_with_the_chain_that_led_there() -> None:
    deeds, options = SCENES["hypervisor-access"]
    estate = told(*deeds, **options)
    assert hunted(estate, HypervisorAccess()) == [
        Finding(
            id="f-a2e635c0d68f",
            detector="hypervisor-access",
            technique="T1021.004",
            severity=Severity.HIGH,
            score=3.0,
            title="root onto hypervisor esx1: pc1 -> adm1 -> esx1",
            why=(
                "first seen 2026-03-01T10:00:02.100000Z",
                "taken 1 time on 1 day; before it, root had 0 logons on esx1 from anywhere, and everybody 0 logons",
                "pc1 -> adm1 as bob (publickey SHA256:k): the chain starts here",
                "adm1 -> esx1 as root (publickey SHA256:k): 2.0 s later, while the session before was open (same key, certainty 1)",
            ),
            hosts=("pc1", "adm1", "esx1"),
            users=("bob", "root"),
            hops=chain(estate).hops,
            lines=lines(1, 3, 2, 4),
        )
    ]


DAILY = [f"{day} 09:00:00.1 10.0.2.1>esx1 root k" for day in DAYS]


def titles(*deeds: str, inventory: str = CORE) -> list[str]:
    return [one.title for one in hunted(told(*deeds, inventory=inventory), HypervisorAccess())]


def test_what_is_done_every_day_is_ordinary() -> None:
    assert titles(*DAILY) == []


def test_who_comes_later_stays_a_finding_however_often() -> None:
    """Evasion: to come back every day, and be routine."""
    later = [f"{day} 10:00:00.1 10.0.2.2>esx1 root k" for day in DAYS[8:]]
    assert titles(*DAILY, *later) == ["root onto hypervisor esx1: adm2 -> esx1"]


def test_only_hypervisors_and_only_from_elsewhere() -> None:
    assert titles("10:00:00.1 10.0.2.1>dc1 root k", "10:00:00.1 127.0.0.1>esx1 root k") == []
    assert titles("10:00:00.1 10.0.2.1>esx1 root !k") == []
    assert (
        titles("10:00:00.1 10.0.2.1>esx1 root k", inventory=CORE.replace("roles: [hypervisor]", "roles: [pet]")) == []
    )
    assert titles("10:00:00.1 10.0.2.1>esx1 root k", inventory=CORE.replace("[hypervisor]", "[VMware]")) != []
