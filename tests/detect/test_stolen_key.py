from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmap.detect.stolen_key import StolenKey
from graphmap.model import Finding, Severity
from tests.detect.signal_examples import CAME, EXAMPLES
from tests.detect.story import hop, hunted, lines, told

USED = "12:00:00.1 web1>app1 bob k"


def test_a_key_that_stayed_where_its_owner_was() -> None:
    estate = EXAMPLES["stolen-key"].estate()
    assert hunted(estate, StolenKey()) == [
        Finding(
            id="f-5a06c720e96e",
            detector="stolen-key",
            technique="T1552.004",
            severity=Severity.MEDIUM,
            score=2.0,
            title="key of bob is used on web1 after bob left: -> app1 as bob",
            why=(
                "SHA256:k came to web1 with bob from ws2, and was not used from there before",
                "the last session of that key on web1 ended 90 min before",
                "web1 -> app1 as bob (publickey SHA256:k): the chain starts here",
                "benign where its owner put the private key there: ask; else look for it in files on that host",
            ),
            hosts=("ws2", "web1", "app1"),
            users=("bob",),
            hops=(hop(estate, 1), hop(estate, 2)),
            lines=lines(1, 3, 2),
        )
    ]


@pytest.mark.parametrize(
    ("deeds", "severity"),
    [
        ((CAME, "12:00:00.1 web1>app1 eve k"), Severity.HIGH),
        ((CAME, "12:00:00.1 web1>db1 bob k"), Severity.HIGH),
        (("10:00:00.1 ws2>web1 bob k", USED), Severity.LOW),
    ],
    ids=["another account", "restricted", "no end is known"],
)
def test_severity(deeds: tuple[str, ...], severity: Severity) -> None:
    assert [one.severity for one in hunted(told(*deeds), StolenKey())] == [severity]


@pytest.mark.parametrize(
    "deeds",
    [
        pytest.param([CAME, "10:29:00.1 web1>app1 bob k"], id="forwarding: the session is open"),
        pytest.param([CAME, "12:00:00.1 web1>app1 bob j"], id="another key"),
        pytest.param([CAME, "12:00:00.1 ws1>app1 bob k"], id="from where it never came"),
        pytest.param(["09:00:00.1 web1>app1 bob k", CAME, USED], id="a home of the key before"),
        pytest.param(
            ["10:00:00 ws2>web1 bob k until 10:30:00", "10:00:00 web1>app1 bob k", "12:00:00 web1>app1 bob k"],
            id="used in the second in which it came",
        ),
        pytest.param(["10:00:00.1 ws2>web1 bob password until 10:30:00.1", USED], id="it came without the key"),
    ],
)
def test_silence(deeds: list[str]) -> None:
    assert hunted(told(*deeds), StolenKey()) == []


def test_a_logon_to_the_host_itself_hides_nothing() -> None:
    """Evasion: the session that the stolen key opens on the very host looks like one that forwards an agent."""
    deeds = [CAME, "12:00:00.1 web1>web1 bob k until 13:00:00.1", "12:00:05.1 web1>db1 bob k"]
    (found,) = hunted(told(*deeds), StolenKey())
    assert found.title == "key of bob is used on web1 after bob left: -> web1 as bob"


def test_later_uses_are_quoted_and_the_last_visit_counts() -> None:
    found = hunted(
        told(CAME, "10:40:00.1 ws1>web1 eve k until 10:50:00.1", USED, "13:00:00.1 web1>db1 bob k"), StolenKey()
    )
    assert [(one.title, one.why[1], one.why[3]) for one in found] == [
        (
            "key of eve is used on web1 after eve left: -> app1 as bob",
            "the last session of that key on web1 ended 70 min before",
            "2 logons from web1 with it so far",
        )
    ]


def twin(deeds: list[tuple[int, int, str, str, str]]) -> set[tuple[str, str]]:
    """The keys and hosts, told by looking at every pair of logons: start and length in minutes, source, host, key."""
    uses = sorted((start, start + length, src, dst, key) for start, length, src, dst, key in deeds)
    found = set()
    for start, _, src, _, key in uses:
        here = [one for one in uses if one[3] == src and one[4] == key and one[0] < start]
        came = [one for one in here if one[2] != src]
        if not came or any(start <= one[1] for one in here):
            continue
        first_left = min(one[0] for one in uses if one[2] == src and one[4] == key)
        if min(one[0] for one in came) < first_left:
            found.add((f"SHA256:{key}", src))
    return found


HOSTS = st.sampled_from(["ws1", "web1", "app1"])
MINUTES = st.integers(0, 59)


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(MINUTES, st.integers(1, 20), HOSTS, HOSTS, st.sampled_from("jk")),
        max_size=10,
        unique_by=lambda d: d[0],
    )
)
def test_every_pair_of_logons_says_the_same(deeds: list[tuple[int, int, str, str, str]]) -> None:
    said = [
        f"10:{start:02}:00.1 {src}>{dst} bob {key} until 1{0 if start + length < 60 else 1}:{(start + length) % 60:02}:00.1"
        for start, length, src, dst, key in deeds
    ]
    found = told(*said).hunt([StolenKey()])
    assert {(one.hops[1].key, one.hops[1].src) for one in found} == twin(deeds)
