from __future__ import annotations

from graphmap.detect.certificate import Certificate
from graphmap.model import Finding, Severity
from tests.detect.signal_examples import EXAMPLES
from tests.detect.signals import Story, certified
from tests.detect.story import hop, hunted, lines

USUAL = [certified(f"03-0{day} 10:00:00.1", "ws2>web1", "bob", 50000 + day) for day in range(1, 4)]


def test_a_certificate_opens_another_account() -> None:
    estate = EXAMPLES["certificate"].estate()
    assert hunted(estate, Certificate()) == [
        Finding(
            id="f-79525e3f21bf",
            detector="certificate",
            technique="T1649",
            severity=Severity.MEDIUM,
            score=2.0,
            title="certificate bob@corp opens root on db1, which it never did",
            why=("on 3 days before it opened bob", "ws2 -> db1 as root (publickey SHA256:c): the chain starts here"),
            hosts=("ws2", "db1"),
            users=("root",),
            hops=(hop(estate, 4),),
            lines=lines(4),
        )
    ]


def test_another_certificate_for_an_account() -> None:
    story = Story([*USUAL, certified("03-04 10:00:00.1", "ws2>web1", "bob", 50009, "x", "eve@corp")])
    assert [(one.title, one.severity) for one in hunted(story.estate(), Certificate())] == [
        ("bob comes to web1 with another certificate: eve@corp", Severity.LOW)
    ]


def test_one_story_is_one_finding() -> None:
    """Both pairs are new for the account and for the certificate: the certificate's story is told."""
    other = [certified(f"03-0{day} 10:30:00.1", "ws1>web1", "ann", 51000 + day, "a", "ann@corp") for day in range(1, 4)]
    story = Story([*USUAL, *other, certified("03-04 10:00:00.1", "ws2>web1", "ann", 50009)])
    assert [one.title for one in hunted(story.estate(), Certificate())] == [
        "certificate bob@corp opens ann on web1, which it never did"
    ]


def test_min_days_at_its_edge() -> None:
    story = EXAMPLES["certificate"]
    assert hunted(story.estate(), Certificate(min_days=4)) == []
    assert hunted(Story([USUAL[0], *story.sshd[3:]]).estate(), Certificate()) == []


def test_two_certificates_under_one_key_id() -> None:
    keys = ["c", "d", "c", "d"]
    twice = [certified(f"1{n}:00:00.1", "ws2>web1", "bob", 50000 + n, key) for n, key in enumerate(keys)]
    assert [one.title for one in hunted(Story(twice).estate(), Certificate())] == 2 * [
        "two certificates with the key id bob@corp are in use: ws2 -> web1 as bob"
    ]
    assert hunted(Story(twice[:2]).estate(), Certificate()) == []  # issued anew
