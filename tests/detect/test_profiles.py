from __future__ import annotations

from datetime import timedelta

import pytest

from graphmap.detect.classes import CLASSES
from graphmap.detect.judged import Judged
from graphmap.detect.profiles import Profiles
from graphmap.model import Finding, Severity, TriageState
from tests.detect.scenes import AT_WORK, CORE, DAYS, INTRUDER, SCENES
from tests.detect.story import hop, hunted, lines, told


def test_a_stranger_on_a_domain_controller() -> None:
    deeds, options = SCENES["asset-profile"]
    estate = told(*deeds, **options)
    unknown = "in none of 12 earlier logons on dc1; 0 of 1 other domain controller had it (weight 1.00)"
    assert hunted(estate, Profiles()) == [
        Finding(
            id="f-d09b37551c6d",
            detector="asset-profile",
            technique="T1078",
            severity=Severity.HIGH,
            score=4.0,
            title="eve on domain controller dc1 from pc1: new account, source, segment, method",
            why=(
                f"account eve: {unknown}",
                f"source pc1: {unknown}",
                f"segment office: {unknown}",
                f"method password: {unknown}",
                "pc1 -> dc1 as eve (password): the chain starts here",
            ),
            hosts=("pc1", "dc1"),
            users=("eve",),
            hops=(hop(estate, 25),),
            lines=lines(25),
        )
    ]


def found(*deeds: str, detector: Profiles | None = None, inventory: str = CORE) -> list[tuple[str, float]]:
    estate = told(*AT_WORK, *deeds, inventory=inventory)
    return [(one.title.partition(": ")[2], one.score) for one in hunted(estate, detector or Profiles())]


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        ("10.0.2.1>dc1 adm k", []),  # as ever
        ("10.0.2.2>dc1 adm k", []),  # another machine of the administrators: 0.5
        ("10.0.2.1>dc1 adm k2", []),  # a new key of a known account: 0.5
        ("10.0.2.2>dc1 adm k2", [("new source, key", 1.0)]),  # both at once
        ("10.0.2.1>dc1 new k", [("new account", 1.0)]),
        ("10.0.2.1>dc1 adm password", [("new method", 1.0)]),
        ("10.0.2.1>pc1 eve password", []),  # a host of no class
        ("10.0.1.1>dc1 eve !k", []),  # refused
        ("127.0.0.1>dc1 eve k", []),  # the host itself
    ],
)
def test_what_weighs_how_much(deed: str, expected: list[tuple[str, float]]) -> None:
    assert found(f"03-13 10:00:00.1 {deed}") == expected


def test_what_is_ordinary_for_the_class_weighs_less() -> None:
    """A second administrator works on dc2 since long: on dc1 she is new, and no finding."""
    zoe = [f"{day} 11:00:00.1 10.0.2.1>dc2 zoe kz" for day in DAYS]
    assert found(*zoe[:-1], "03-13 12:00:00.1 10.0.2.1>dc1 zoe kz") == []
    assert found(*zoe[:-1], "03-13 12:00:00.1 10.0.1.1>dc1 zoe kz") == [("new source, segment", 2.0)]


def test_a_new_host_is_judged_by_its_class() -> None:
    assert found("03-13 10:00:00.1 10.0.2.1>dc3 adm k") == []
    assert found("03-13 10:00:00.1 10.0.2.1>dc3 eve k") == [("new account", 1.0)]


def test_a_profile_needs_logons_and_time() -> None:
    early = [deed for deed in AT_WORK if deed < "03-08"]
    stranger = "03-07 23:00:00.1 10.0.1.1>dc1 eve password"
    assert hunted(told(*early, stranger, inventory=CORE), Profiles()) == []
    shorter = Profiles(min_logons=7, history=timedelta(days=6))
    assert len(hunted(told(*early, stranger, inventory=CORE), shorter)) == 1
    assert hunted(told(*early, stranger, inventory=CORE), Profiles(min_logons=16, history=timedelta(days=6))) == []


def test_the_owner_of_a_host_is_no_stranger_there() -> None:
    mine = CORE.replace("[hypervisor]}", "[hypervisor], owner: bob}").replace("{name: dc1,", "{name: dc1, owner: bob,")
    assert found("03-13 10:00:00.1 10.0.2.1>dc1 adm-bob k", inventory=mine) == []
    assert found("03-13 10:00:00.1 10.0.2.1>dc1 adm-bob k") == [("new account", 1.0)]


def test_the_known_account_on_its_known_way_is_out_of_sight() -> None:
    """Evasion: to come as the administrator, from the administrator's machine, with the administrator's key."""
    assert found("03-13 03:00:00.1 10.0.2.1>dc1 adm k") == []


def test_what_is_done_once_is_known_afterwards() -> None:
    """One finding for what was new; the same again is none, since the profile has learned it."""
    again = INTRUDER.replace("10:00:00.1", "11:00:00.1")
    assert [title for title, _ in found(INTRUDER, again)] == ["new account, source, segment, method"]


def test_who_was_told_of_on_one_host_is_no_less_a_stranger_on_the_next() -> None:
    """Poisoning: who goes from host to host of a class does not become what is ordinary for the class by that."""
    one, next_ = "03-13 10:00:00.1 10.0.2.1>dc1 new k", "03-14 10:00:00.1 10.0.2.1>dc2 new k"
    forgetful = Profiles(guarded=timedelta(hours=1))
    assert found(one, next_) == [("new account", 1.0)] * 2
    assert found(one, next_.replace("03-14", "03-28")) == [("new account", 1.0)]
    assert found(one, next_, detector=forgetful) == [("new account", 1.0)]
    estate = told(*AT_WORK, one, next_, inventory=CORE)
    first = min(hunted(estate, Profiles()), key=lambda one: one.hops[0].start)
    by_state = {
        state: len(estate.hunt([detector], Judged.of([(first, state)])))
        for detector, state in (
            (Profiles(), TriageState.OPEN), (Profiles(), TriageState.BENIGN), (forgetful, TriageState.CONFIRMED),
            (forgetful, TriageState.INVESTIGATING),
        )
    }  # fmt: skip
    assert by_state == {
        TriageState.OPEN: 2, TriageState.BENIGN: 1, TriageState.CONFIRMED: 2, TriageState.INVESTIGATING: 1,
    }  # fmt: skip


def test_no_role_belongs_to_two_classes() -> None:
    roles = [role for asset in CLASSES for role in asset.roles]
    assert len(roles) == len(set(roles))


def test_a_class_may_look_at_one_service_only() -> None:
    unix = CORE.replace("[domain-controller]", "[unix-server]")
    assert found(INTRUDER, inventory=unix) == [("new account, source, segment, method", 4.0)]
