"""Questions to the past over a small estate, against what looking back by hand says."""

from __future__ import annotations

from typing import Any

import pytest

from graphmap.detect.base import Evidence
from graphmap.detect.baselines import QUESTIONS, Baselines, Question
from graphmap.detect.events import EventTable
from tests.detect.scenes import CORE
from tests.detect.story import told

DEEDS = (
    "10:00:00.1 10.0.2.1>dc1 adm k",
    "10:01:00.1 10.0.2.1>dc1 adm k",
    "10:02:00.1 10.0.2.1>dc2 adm password",
    "10:03:00.1 10.0.1.1>dc1 eve k2",
    "10:04:00.1 10.0.1.1>dc2 adm k",
)


@pytest.fixture(scope="module")
def baselines() -> Baselines:
    of = told(*DEEDS, inventory=CORE)
    return Baselines(
        Evidence(
            hops=of.table,
            past=of.past,
            failures=of.scan_failures(),
            index=of.index,
            chains=[],
            identity=of.identity,
            sessions=of.scan_sessions(),
            events=EventTable(of.scan_events(), of.identity),
            rulings=of.rulings,
        )
    )


@pytest.mark.parametrize(
    ("question", "past", "row", "p"),
    [
        (Question("source", "account"), [0, 1, 2, 0, 3], 4, 1 / 4),  # never from there, of 3 logons
        (Question("segments", "account"), [0, 1, 2, 0, 3], 4, 1 / 4),
        (Question("method", "account"), [0, 1, 2, 0, 3], 2, 1 / 3),  # the first password, of 2
        (Question("account", "destination"), [0, 1, 0, 2, 1], 3, 1 / 3),  # the first stranger on dc1
        (Question("destination", "account"), [0, 1, 2, 0, 3], 3, 1),  # an account without a past
    ],
)
def test_where_logons_stand(baselines: Baselines, question: Question, past: list[int], row: int, p: float) -> None:
    found = baselines.standing(question)
    assert (found.past.tolist(), found.p[row]) == (past, pytest.approx(p))


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_every_question_has_an_answer_for_every_hop(baselines: Baselines, question: Question) -> None:
    bits: Any = baselines.bits(question)
    assert bits.shape == (len(DEEDS),)
    assert (bits >= 0).all()
    assert bits[0] == 0  # a first logon has no past that it could surprise
    found = baselines.standing(question)
    assert ((found.p > 0) & (found.p <= 1)).all()
