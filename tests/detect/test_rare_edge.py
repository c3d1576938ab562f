from __future__ import annotations

from graphmap.detect.rare_edge import RareEdge
from graphmap.model import Finding, Severity
from tests.detect.scenes import CORE, INTRUDER, ROUTINE, SCENES
from tests.detect.story import hop, hunted, lines, told


def test_the_first_stranger_in_a_thousand_logons() -> None:
    deeds, options = SCENES["rare-edge"]
    estate = told(*deeds, **options)
    assert hunted(estate, RareEdge()) == [
        Finding(
            id="f-72dca9fb4fef",
            detector="rare-edge",
            technique="T1021",
            severity=Severity.MEDIUM,
            score=3.041787,  # -log10 of 1 in 1,101
            title="first seen: pc1 -> dc1 as eve (p 0.00091)",
            why=(
                "p 0.00091: 0 of 1,100 earlier logons of everybody were at least as surprising",
                "account for the destination: 0 of 550 earlier logons of that destination were (p 0.0018)",
                "pc1 -> dc1 as eve (password): the chain starts here",
            ),
            hosts=("pc1", "dc1"),
            users=("eve",),
            hops=(hop(estate, 1101),),
            lines=lines(1101),
            p_value=1 / 1101,
        )
    ]


FEW = ROUTINE[:60]


def titles(*deeds: str, detector: RareEdge | None = None) -> list[str]:
    return [one.title for one in hunted(told(*deeds, inventory=CORE), detector or RareEdge(max_p=0.02))]


def test_what_everybody_does_is_not_surprising() -> None:
    assert titles(*FEW, "03-13 10:00:00.1 10.0.2.1>dc1 adm k") == []


def test_a_thousand_logons_must_be_known_before_one_in_a_thousand_can_be_told() -> None:
    assert titles(*FEW, INTRUDER, detector=RareEdge()) == []
    assert titles(*FEW, INTRUDER) == ["first seen: pc1 -> dc1 as eve (p 0.016)"]


def test_each_way_is_one_finding_and_later_logons_change_nothing() -> None:
    again = INTRUDER.replace("10:00", "11:00")
    assert titles(*FEW, INTRUDER, again) == titles(*FEW, INTRUDER)


def test_a_way_that_was_taken_before_needs_max_before() -> None:
    other = [f"03-13 10:0{n}:00.1 10.0.2.2>dc1 adm k" for n in range(3)]
    assert titles(*FEW, *other, detector=RareEdge(max_p=0.2, max_before=0)) == [
        "first seen: adm2 -> dc1 as adm (p 0.033)"
    ]


def test_two_of_one_moment_are_equally_surprising() -> None:
    twice = ["03-13 10:00:00 10.0.1.1>dc1 eve password", "03-13 10:00:00 10.0.1.1>dc2 eve password"]
    found = hunted(told(*FEW, *twice, inventory=CORE), RareEdge(max_p=0.02))
    assert sorted(one.title for one in found) == [
        "first seen: pc1 -> dc1 as eve (p 0.016)",
        "first seen: pc1 -> dc2 as eve (p 0.016)",
    ]


def test_among_many_strangers_one_more_is_not_rare() -> None:
    """Evasion: where every day brings new ways, another is as good as any."""
    crowd = [f"03-12 {n // 60:02}:{n % 60:02}:00.1 10.0.1.{n + 10}>h{n} u{n} k" for n in range(100)]
    assert "eve" not in "".join(titles(*FEW, *crowd, INTRUDER))


def test_logons_from_a_host_to_itself_are_left_out() -> None:
    assert titles(*FEW, "03-13 10:00:00.1 127.0.0.1>dc3 eve k") == []
