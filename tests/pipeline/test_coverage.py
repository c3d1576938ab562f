"""What the logs of each host can answer, and where detectors therefore could not look."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest

from graphmap.detect import DETECTORS
from graphmap.detect.fan_out import FanOut
from graphmap.detect.key_source import KeySource
from graphmap.detect.needs import ASKS, WHY, Learns, Question, Whose, can_look, needs_of
from graphmap.detect.profiles import Profiles
from graphmap.detect.proxy_jump import ProxyJump
from graphmap.detect.rare_edge import RareEdge
from graphmap.detect.silence import Silence
from graphmap.detect.stolen_key import StolenKey
from graphmap.detect.tampering import Tampering
from graphmap.detect.unusual_movement import UnusualMovement
from graphmap.pipeline.coverage import ANSWERS, Answer, HostCoverage, Unseen, Young, coverage, unseen, young
from tests.detect.signal_examples import CAME, EXAMPLES
from tests.detect.signals import Story, connected, deeds, logins, moment, opened, said, sensed, started, wrote

if TYPE_CHECKING:
    from graphmap.detect import Detector


def of(story: Story) -> dict[str, HostCoverage]:
    """What is covered, by host."""
    found = coverage(story.estate())
    assert [one.host for one in found] == sorted(one.host for one in found)
    return {one.host: one for one in found}


def test_what_was_seen_when() -> None:
    story = Story([*deeds(CAME, "03-02 10:00:00.1 ws2>web1 bob k"), opened("10:00:00.2", "ws2>web1", "bob", 50000)])
    assert of(story)["web1"] == HostCoverage(
        host="web1",
        first=moment("10:00:00.1"),
        last=moment("03-02 10:00:00.1"),
        days=2,
        events=4,
        answers=(
            Answer(Question.LOGONS, moment("10:00:00.1"), moment("03-02 10:00:00.1"), 2, 2),
            Answer(Question.ENDS, moment("10:30:00.1"), moment("10:30:00.1"), 1, 1),
            Answer(Question.KEYS, moment("10:00:00.1"), moment("03-02 10:00:00.1"), 2, 2),
            Answer(Question.SESSIONS, moment("10:00:00.2"), moment("10:00:00.2"), 1, 1),
        ),
    )


def test_a_host_of_the_inventory_without_a_log_answers_nothing() -> None:
    found = of(Story(deeds(CAME)))["db2"]
    assert found == HostCoverage("db2", None, None, 0, 0, ())
    assert found.blind == tuple(Question)


@pytest.mark.parametrize(
    ("story", "host", "question"),
    [
        (Story(audit=[started("10:00:00", "web1", "bob", "ssh db1")]), "web1", Question.PROGRAMS),
        (Story(audit=[started("10:00:00", "web1", "bob", "scp -t /tmp")]), "web1", Question.SESSIONS),
        (Story(audit=[connected("10:00:00", "web1", "bob", "10.0.4.1", 22, "ssh")]), "web1", Question.CONNECTIONS),
        (Story(audit=[wrote("10:00:00", "web1", "bob", "/root/.ssh/authorized_keys", "vi")]), "web1", Question.KEY_FILES),
        (Story(audit=[wrote("10:00:00", "web1", "bob", "/var/log/wtmp", "vi")]), "web1", Question.LOG_FILES),
        (Story(others=[logins("web1", ("10:00:00", "bob", "10.0.1.2"))]), "web1", Question.RECORDS),
        (Story(zeek=[sensed("10:00:00", "ws2>web1", 5, auth_success=True)]), "web1", Question.SENSOR),
        (Story(zeek=[sensed("10:00:00", "ws2>web1", 5, client="x", auth_success=True)]), "web1", Question.SOFTWARE),
    ],
)  # fmt: skip
def test_each_question_has_an_answer(story: Story, host: str, question: Question) -> None:
    assert question in of(story)[host].answered
    assert question not in of(Story([said("10:00:00", host, "User child is on pid 17")]))[host].answered


def test_a_line_under_an_address_is_of_its_host() -> None:
    lines = [line.replace(" web1 ", " 10.0.2.1 ") for line in deeds("10:00:00.1 ws2>web1 bob k")]
    assert of(Story([*lines, *deeds(CAME)]))["web1"].events == 3


def test_every_question_is_put_into_words_and_asked_of_events() -> None:
    assert set(ASKS) == set(WHY) == set(ANSWERS) == set(Question)


def test_detectors_say_where_they_could_not_look() -> None:
    story = Story(
        [*deeds(CAME, "10:00:01.1 ws1>app1 ann k until 10:01:00.1"), opened("10:00:00.2", "ws2>web1", "bob", 50000)]
    )
    found = coverage(story.estate())
    detectors: list[Detector] = [ProxyJump(), StolenKey(), Tampering()]
    assert unseen(found, detectors) == [
        Unseen(("tampering",), ("app1", "web1"), 2),
        Unseen(("proxy-jump",), ("app1",), 2),
    ]


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_a_detector_can_look_where_it_found_something(name: str) -> None:
    """Otherwise a hunt would report a finding and say that it could not be."""
    estate = EXAMPLES[name].estate()
    places = {one.host: one.answered for one in coverage(estate)}
    (found,) = estate.hunt([DETECTORS[name]])
    assert any(can_look(DETECTORS[name], places[host]) for host in found.hosts if host in places)


def test_needs_name_questions() -> None:
    assert all(one <= set(Question) and one for detector in DETECTORS for one in needs_of(detector))


def test_nothing_in_nothing_covered() -> None:
    assert of(Story())["web1"].events == 0
    assert isinstance(Story().estate().events, pl.DataFrame)


def test_detectors_say_what_past_they_lack() -> None:
    """The logs begin a month before; web1 is new, and so is what its own past could say."""
    old = [f"03-{day:02} 10:00:00.1 ws1>app1 ann k" for day in range(1, 31)]
    found = coverage(Story(deeds(*old, "03-28 10:00:00.1 ws2>web1 bob k")).estate())
    detectors: list[Detector] = [Profiles(), UnusualMovement(), RareEdge(), KeySource(), FanOut(), Silence()]
    assert young(found, detectors) == [
        Young("asset-profile", Learns(Whose.HOST, timedelta(days=7), 10), ("web1",), 2),
        Young("rare-edge", Learns(Whose.EVERYBODY, logons=1000), ("app1", "web1"), 2),
    ]
    assert young(found, [UnusualMovement(history=29), UnusualMovement(history=28), Profiles(min_logons=32)]) == [
        Young("unusual-movement", Learns(Whose.EVERYBODY, timedelta(days=30)), ("app1", "web1"), 2),
        Young("asset-profile", Learns(Whose.HOST, timedelta(days=7), 32), ("app1", "web1"), 2),
    ]
    assert young([], DETECTORS) == []
    assert young(coverage(Story().estate()), DETECTORS) == []


def test_a_past_is_put_into_words() -> None:
    assert str(Learns(Whose.ACCOUNT, timedelta(days=7), 10)) == "7 days and 10 logons of an account"
    assert str(Learns(Whose.EVERYBODY, logons=1000)) == "1,000 logons of everybody"
    assert str(Learns(Whose.HOST, timedelta(days=1))) == "1 day of a host"


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_where_a_detector_has_no_past_it_finds_nothing_new(name: str) -> None:
    """What is said to have too little past speaks of nothing that needs one."""
    estate = EXAMPLES[name].estate()
    lacking = {one.detector for one in young(coverage(estate), DETECTORS) if one.learns.whose is Whose.EVERYBODY}
    assert not {found.detector for found in estate.hunt([DETECTORS[one] for one in sorted(lacking)])}
