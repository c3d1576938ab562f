from __future__ import annotations

from datetime import timedelta

from graphmap.detect.key_source import KeySource
from graphmap.model import Finding, Severity
from tests.detect.scenes import KEY_AT_HOME, SCENES
from tests.detect.story import hop, hunted, lines, told

STRANGE = "03-09 10:00:00.1 web1>db1 bob k"


def test_a_key_leaves_its_only_home() -> None:
    deeds, options = SCENES["key-new-source"]
    estate = told(*deeds, **options)
    assert hunted(estate, KeySource()) == [
        Finding(
            id="f-fa37c0811786",
            detector="key-new-source",
            technique="T1552.004",
            severity=Severity.HIGH,
            score=1.584963,  # log2 of 1 and 8 logons from one source, halved
            title="the key of bob comes from web1 for the first time, to db1",
            why=(
                "SHA256:k: 8 earlier logons from ws1, none from web1",
                "no session with this key was open there, so that agent forwarding does not explain it",
                "web1 -> db1 as bob (publickey SHA256:k): the chain starts here",
            ),
            hosts=("web1", "db1"),
            users=("bob",),
            hops=(hop(estate, 9),),
            lines=lines(9),
        )
    ]


def titles(*deeds: str, detector: KeySource | None = None) -> list[str]:
    return [one.title for one in hunted(told(*deeds), detector or KeySource())]


def test_agent_forwarding_explains_it() -> None:
    forwarded = ("03-09 09:59:00.1 ws1>web1 bob k until 11:00:00.1", STRANGE)
    assert titles(*KEY_AT_HOME, *forwarded) == []


def test_known_sources_and_other_keys_are_silent() -> None:
    assert titles(*KEY_AT_HOME, "03-09 10:00:00.1 ws1>db2 bob k", "03-09 10:00:00.1 web1>db1 bob other") == []
    assert titles(*KEY_AT_HOME, "03-09 10:00:00.1 web1>db1 bob password") == []


def test_a_key_must_be_known_before_it_can_be_missed() -> None:
    assert titles(*KEY_AT_HOME[:5], "03-06 10:00:00.1 web1>db1 bob k") == []
    assert (
        len(titles(*KEY_AT_HOME[:5], "03-06 10:00:00.1 web1>db1 bob k", detector=KeySource(history=timedelta(days=5))))
        == 1
    )
    assert titles(*KEY_AT_HOME, STRANGE, detector=KeySource(min_logons=9)) == []
    assert len(titles(*KEY_AT_HOME, STRANGE, detector=KeySource(min_logons=8))) == 1


def test_each_new_source_is_told_once_and_with_many_homes_less_severe() -> None:
    found = hunted(
        told(*KEY_AT_HOME, STRANGE, STRANGE.replace("10:", "11:"), STRANGE.replace("web1", "app1")), KeySource()
    )
    assert {(one.severity, one.hosts[0]) for one in found} == {(Severity.HIGH, "web1"), (Severity.HIGH, "app1")}
    assert len(found) == 2
    later = hunted(told(*KEY_AT_HOME, STRANGE, "03-10 10:00:00.1 ws2>db1 bob k"), KeySource())
    assert {(one.severity, one.hosts[0]) for one in later} == {(Severity.HIGH, "web1"), (Severity.MEDIUM, "ws2")}


def test_a_thief_at_the_keys_home_is_out_of_sight() -> None:
    """Evasion: to use the key from the machine that it was stolen from."""
    assert titles(*KEY_AT_HOME, "03-09 10:00:00.1 ws1>db1 bob k") == []
