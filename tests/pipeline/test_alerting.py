"""Each output is told of a finding once and again on material change, whatever breaks meanwhile."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from graphmap.errors import InputError, QueryError
from graphmap.model import Finding, Severity, Story, Suppression, Triage, TriageState
from graphmap.pipeline.alerting import Delivered, Queued, deliver, load_outputs, queue, send_test, skip
from graphmap.pipeline.cases import Case
from graphmap.store.ledger import DeliveryState, Ledger, Opinion
from tests.alerts.entries import write
from tests.alerts.findings import FINDING
from tests.alerts.receivers import Reply, Web, web_server
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graphmap.config import Settings

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
OTHER = replace(FINDING, id="f-000000000009", severity=Severity.LOW, title="another")


@pytest.fixture
def web() -> Iterator[Web]:
    with web_server() as server:
        yield server


def case(finding: Finding = FINDING, state: TriageState = TriageState.OPEN, hidden_by: int | None = None) -> Case:
    return Case(finding, Triage(state), hidden_by)


def story(name: str, *parts: Finding) -> Story:
    return Story(name, Severity.HIGH, 1.0, 30, None, name, (), (), (), None, None, (), (), parts)


def outputs(tmp_path: Path, web: Web, **keys: Any) -> Settings:
    return write(tmp_path, soc={"kind": "webhook", "url": web.url, "evidence": False, **keys})


def later(**passed: float) -> datetime:
    return NOON + timedelta(**passed)


def counts(done: Delivered) -> dict[str, int]:
    names = ("sent", "held", "failed", "dead", "dropped", "waiting")
    return {name: getattr(done, name) for name in names if getattr(done, name)}


def told(web: Web) -> list[tuple[str, str]]:
    """Finding and change of each that was told."""
    documents = [json.loads(request.body) for request in web.requests]
    return [(one["finding"]["id"], one["change"]) for document in documents for one in document["findings"]]


def test_a_finding_is_told_once_and_again_on_material_change(tmp_path: Path, web: Web) -> None:
    settings = outputs(tmp_path, web)
    assert queue(settings, [case(), case(OTHER)], now=NOON) == Queued(2, 2)
    assert queue(settings, [case(), case(OTHER)], now=NOON) == Queued(0, 0)
    assert counts(deliver(settings, now=NOON)) == {"sent": 2}
    for same in (FINDING, replace(FINDING, score=FINDING.score + 1e-6), replace(FINDING, severity=Severity.LOW)):
        assert queue(settings, [case(same)], now=later(hours=1)) == Queued(0, 0)
    graver = replace(FINDING, severity=Severity.CRITICAL)
    assert queue(settings, [case(graver)], now=later(hours=2)) == Queued(1, 1)
    assert queue(settings, [case(FINDING)], now=later(hours=3)) == Queued(0, 0)
    assert queue(settings, [case(graver)], now=later(hours=4)) == Queued(0, 0)
    assert counts(deliver(settings, now=later(hours=5))) == {"sent": 1}
    assert counts(deliver(settings, now=later(hours=6))) == {}
    assert told(web) == [(FINDING.id, "new"), (OTHER.id, "new"), (FINDING.id, "changed")]
    assert len(set(web.keys())) == 3


def test_a_key_depends_on_the_news_alone(tmp_path: Path, web: Web) -> None:
    for home in (tmp_path / "a", tmp_path / "b"):
        settings = outputs(home, web)
        queue(settings, [case()], now=NOON if home.name == "a" else later(days=9))
        deliver(settings)
    assert web.keys()[0] == web.keys()[1]


def test_each_output_gets_what_it_wants(tmp_path: Path, web: Web) -> None:
    hook = {"kind": "webhook", "url": web.url, "evidence": False}
    file = {"kind": "file", "path": "out", "evidence": False}
    settings = write(tmp_path, high={**hook, "min_severity": "high"}, silence={**file, "detectors": ["silence"]})
    mute = replace(OTHER, detector="silence")
    assert queue(settings, [case(), case(mute)], now=NOON) == Queued(2, 2)
    assert counts(deliver(settings, now=NOON)) == {"sent": 2}
    assert told(web) == [(FINDING.id, "new")]
    (line,) = (tmp_path / "out").read_text().splitlines()
    assert json.loads(line)["findings"][0]["finding"]["id"] == mute.id


def test_a_job_tells_only_the_outputs_that_it_names(tmp_path: Path) -> None:
    file = {"kind": "file", "evidence": False}
    settings = write(tmp_path, one={**file, "path": "one"}, two={**file, "path": "two"})
    assert queue(settings, [case()], outputs=["two"], now=NOON) == Queued(1, 1)
    assert counts(deliver(settings, now=NOON)) == {"sent": 1}
    assert [(tmp_path / name).exists() for name in ("one", "two")] == [False, True]
    assert queue(settings, [case()], outputs=[], now=NOON) == Queued(0, 0)
    with pytest.raises(QueryError, match="no output 'three'"):
        queue(settings, [case()], outputs=["three"], now=NOON)


def test_what_is_below_the_severity_of_an_output_is_told_when_it_rises(tmp_path: Path, web: Web) -> None:
    settings = outputs(tmp_path, web, min_severity="high")
    assert queue(settings, [case(OTHER)], now=NOON) == Queued(0, 0)
    assert queue(settings, [case(replace(OTHER, severity=Severity.HIGH))], now=NOON) == Queued(1, 1)
    deliver(settings, now=NOON)
    assert told(web) == [(OTHER.id, "new")]


def test_findings_of_a_run_go_together_where_one_wants(tmp_path: Path, web: Web) -> None:
    settings = outputs(tmp_path, web, group=2)
    cases = [case(replace(FINDING, id=f"f-{n}")) for n in range(5)]
    assert queue(settings, cases, now=NOON) == Queued(3, 5)
    assert counts(deliver(settings, now=NOON)) == {"sent": 3}
    assert sorted(len(json.loads(request.body)["findings"]) for request in web.requests) == [1, 2, 2]
    assert sorted(told(web)) == [(f"f-{n}", "new") for n in range(5)]


def test_findings_of_a_story_go_together_where_one_wants(tmp_path: Path, web: Web) -> None:
    """At most `group` of them; those of no story among themselves."""
    settings = outputs(tmp_path, web, group=2, group_by="story")
    findings = [replace(FINDING, id=f"f-{n}") for n in range(6)]
    stories = [story("s-1", findings[0], findings[2], findings[4]), story("s-2", findings[3])]
    assert queue(settings, map(case, findings), stories=stories, now=NOON) == Queued(4, 6)
    deliver(settings, now=NOON)
    sent = [[one["finding"]["id"] for one in json.loads(request.body)["findings"]] for request in web.requests]
    assert sorted(sent) == [["f-0", "f-2"], ["f-1", "f-5"], ["f-3"], ["f-4"]]
    assert queue(settings, map(case, findings), now=NOON) == Queued(0, 0)


def test_what_nobody_needs_to_see_is_not_queued(tmp_path: Path, web: Web) -> None:
    settings = outputs(tmp_path, web)
    assert queue(settings, [case(state=TriageState.BENIGN), case(OTHER, hidden_by=3)], now=NOON) == Queued(0, 0)
    assert queue(settings, [case(state=TriageState.CONFIRMED), case(OTHER)], now=NOON) == Queued(2, 2)


def test_what_is_hidden_after_it_was_queued_is_not_sent_and_comes_back(tmp_path: Path, web: Web) -> None:
    settings = outputs(tmp_path, web, group=2)
    queue(settings, [case(), case(OTHER)], now=NOON)
    with Ledger(settings.ledger) as ledger:
        ledger.save_findings([FINDING, OTHER])
        ledger.suppress(Suppression(0, "ann", "drill", NOON, later(hours=1), finding=FINDING.id))
    assert counts(deliver(settings, now=NOON)) == {"sent": 1}
    assert told(web) == [(OTHER.id, "new")]
    assert queue(settings, [case(), case(OTHER)], now=later(hours=2)) == Queued(1, 1)
    with Ledger(settings.ledger) as ledger:
        ledger.judge(FINDING.id, Opinion(TriageState.BENIGN), author="ann")
    assert counts(deliver(settings, now=later(hours=2))) == {"dropped": 1}
    with Ledger(settings.ledger) as ledger:
        ledger.judge(FINDING.id, Opinion(TriageState.OPEN), author="ann")
    assert queue(settings, [case()], now=later(hours=3)) == Queued(1, 1)
    assert counts(deliver(settings, now=later(hours=3))) == {"sent": 1}
    assert told(web) == [(OTHER.id, "new"), (FINDING.id, "new")]


def test_quiet_hours_hold_and_then_let_go(tmp_path: Path, web: Web) -> None:
    settings = outputs(tmp_path, web, quiet="11:00-13:00")
    queue(settings, [case()], now=NOON)
    assert counts(deliver(settings, now=NOON)) == {"held": 1}
    assert web.requests == []
    assert counts(deliver(settings, now=later(hours=1))) == {"sent": 1}
    queue(settings, [case(OTHER)], now=NOON)
    assert counts(deliver(settings, now=NOON, early=True)) == {"sent": 1}


def test_a_failure_is_tried_again_later_with_the_same_key(tmp_path: Path, web: Web) -> None:
    settings = outputs(tmp_path, web)
    queue(settings, [case(), case(OTHER)], now=NOON)
    web.replies += [Reply(500)]
    done = deliver(settings, now=NOON)
    assert counts(done) == {"failed": 1, "waiting": 1}
    assert done.problems == (f"soc: {web.url.rpartition('/hook')[0]}: HTTP 500 ok",)
    assert counts(deliver(settings, now=later(seconds=14))) == {"waiting": 2}
    assert len(web.requests) == 1
    assert counts(deliver(settings, now=later(seconds=31))) == {"sent": 2}
    assert web.keys().count(web.keys()[0]) == 2
    assert len(set(web.keys())) == 2
    bodies = {request.body for request in web.requests if request.headers["Idempotency-Key"] == web.keys()[0]}
    assert len(bodies) == 1


def test_a_receiver_that_asks_for_time_gets_it(tmp_path: Path, web: Web) -> None:
    settings = outputs(tmp_path, web)
    queue(settings, [case()], now=NOON)
    web.replies += [Reply(429, headers=(("Retry-After", "600"),))]
    assert counts(deliver(settings, now=NOON)) == {"failed": 1}
    assert counts(deliver(settings, now=later(seconds=599))) == {"waiting": 1}
    assert counts(deliver(settings, now=later(seconds=600))) == {"sent": 1}


def test_after_enough_attempts_it_is_dead_until_somebody_asks(tmp_path: Path, web: Web) -> None:
    settings = outputs(tmp_path, web, attempts=3)
    queue(settings, [case()], now=NOON)
    web.replies += [Reply(500)] * 3
    done = [counts(deliver(settings, now=later(hours=n))) for n in range(4)]
    assert done == [{"failed": 1}, {"failed": 1}, {"dead": 1}, {}]
    assert queue(settings, [case()], now=later(hours=5)) == Queued(0, 0)
    with Ledger(settings.ledger) as ledger:
        (dead,) = ledger.deliveries(state=DeliveryState.DEAD)
        ledger.retry_deliveries([dead.id], now=later(hours=6))
    assert counts(deliver(settings, now=later(hours=6))) == {"sent": 1}
    assert len(set(web.keys())) == 1


def test_a_refused_message_is_dead_at_once_and_holds_up_no_other(tmp_path: Path, web: Web) -> None:
    settings = outputs(tmp_path, web)
    queue(settings, [case(), case(OTHER)], now=NOON)
    web.replies += [Reply(400)]
    assert counts(deliver(settings, now=NOON)) == {"sent": 1, "dead": 1}


def test_one_output_in_trouble_holds_up_no_other(tmp_path: Path, web: Web) -> None:
    hook = {"kind": "webhook", "evidence": False}
    settings = write(tmp_path, broken={**hook, "url": "http://127.0.0.1:1/"}, good={**hook, "url": web.url})
    queue(settings, [case()], now=NOON)
    assert counts(deliver(settings, now=NOON)) == {"sent": 1, "failed": 1}


def test_deliveries_of_an_output_that_is_gone_are_dead_and_said_to_be(tmp_path: Path, web: Web) -> None:
    queue(outputs(tmp_path, web), [case()], now=NOON)
    done = deliver(write(tmp_path), now=NOON)
    assert (counts(done), done.problems) == ({"dead": 1}, ("soc: there is no [alerts.soc] any more",))


def test_a_new_output_may_begin_with_what_comes_after(tmp_path: Path, web: Web) -> None:
    settings = outputs(tmp_path, web)
    assert skip(settings, load_outputs(settings)["soc"], [case()]) == 1
    assert queue(settings, [case(), case(OTHER)], now=NOON) == Queued(1, 1)
    deliver(settings, now=NOON)
    assert told(web) == [(OTHER.id, "new")]


def test_a_detector_that_there_is_not_is_named(tmp_path: Path, web: Web) -> None:
    with pytest.raises(InputError, match=r"graphmap.toml: alerts.soc.detectors: no 'nothing' in graphmap.detectors"):
        queue(outputs(tmp_path, web, detectors=["nothing"]), [])


def test_a_test_is_marked_and_stores_nothing(tmp_path: Path, web: Web) -> None:
    settings = outputs(tmp_path, web)
    assert send_test(load_outputs(settings)["soc"]) == "HTTP 200 ok"
    (request,) = web.requests
    document = json.loads(request.body)
    assert document["test"] is True
    assert document["findings"][0]["finding"]["title"] == "TEST of graphmap's alerts: nothing happened"
    assert not (settings.home / "ledger.sqlite").exists()


def sender(settings: Settings) -> subprocess.Popen[bytes]:
    """A process that sends what is due."""
    words = [sys.executable, "-m", "graphmap", "--home", str(settings.home), "alerts", "send"]
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_a_sender_that_is_killed_before_it_could_note_it_sends_the_same_again(tmp_path: Path, web: Web) -> None:
    settings = outputs(tmp_path, web)
    queue(settings, [case()])
    killed = threading.Event()
    process: list[subprocess.Popen[bytes]] = []

    def kill() -> None:
        wait_for(lambda: bool(process), "the sender")
        process[0].send_signal(signal.SIGKILL)
        process[0].wait()
        killed.set()

    web.replies.append(Reply(before=kill))
    process.append(sender(settings))
    assert killed.wait(60)
    assert process[0].returncode == -signal.SIGKILL
    now = datetime.now(UTC)
    assert counts(deliver(settings, now=now)) == {"sent": 1}
    first, second = web.requests
    assert first.body == second.body
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert counts(deliver(settings, now=now + timedelta(days=1))) == {}


def test_many_senders_send_nothing_twice(tmp_path: Path, web: Web) -> None:
    settings = outputs(tmp_path, web)
    queue(settings, [case(replace(FINDING, id=f"f-{n}")) for n in range(40)])
    done: list[Delivered] = []
    senders = [threading.Thread(target=lambda: done.append(deliver(settings))) for _ in range(4)]
    for one in senders:
        one.start()
    for one in senders:
        one.join()
    assert sum(one.sent for one in done) == 40
    assert len(web.requests) == len(set(web.keys())) == 40


def test_many_hunters_queue_nothing_twice(tmp_path: Path, web: Web) -> None:
    settings = outputs(tmp_path, web, group=7)
    cases = [case(replace(FINDING, id=f"f-{n}")) for n in range(30)]
    parts = [cases[:20], cases[10:], cases[5:25], cases]
    hunters = [threading.Thread(target=queue, args=(settings, part)) for part in parts]
    for one in hunters:
        one.start()
    for one in hunters:
        one.join()
    deliver(settings)
    assert sorted(told(web)) == sorted((one.finding.id, "new") for one in cases)


def test_a_sender_of_another_process_is_one_of_many(tmp_path: Path, web: Web) -> None:
    settings = outputs(tmp_path, web)
    queue(settings, [case(replace(FINDING, id=f"f-{n}")) for n in range(30)])
    senders = [sender(settings) for _ in range(2)]
    assert [one.wait(120) for one in senders] == [0, 0]
    assert len(web.requests) == len(set(web.keys())) == 30
