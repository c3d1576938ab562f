"""What the ledger keeps of deliveries: each is queued once, claimed by one, and ends once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from graphmap.errors import QueryError
from graphmap.store.ledger import Delivery, DeliveryState, Ledger, NewDelivery
from tests.store.frames import at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ONE = NewDelivery("a-1", "one", "[1]", {"f1": "g1"})
TWO = NewDelivery("a-2", "two", "[2]", {"f2": "g2", "f3": "g3"})
LEASE = timedelta(seconds=60)


@pytest.fixture
def ledger(ledger_place: Path | str) -> Iterator[Ledger]:
    with Ledger(ledger_place) as opened:
        yield opened


def queued(ledger: Ledger) -> None:
    assert ledger.queue_deliveries("soc", {}, [ONE], now=at(0)) == 1
    assert ledger.queue_deliveries("soc", {}, [TWO], now=at(1)) == 1


def claim(ledger: Ledger, by: str, now: datetime, *, early: bool = False) -> str | None:
    taken = ledger.claim_delivery("soc", by=by, now=now, until=now + LEASE, early=early)
    return None if taken is None else taken.id


def states(ledger: Ledger) -> dict[str, str]:
    return {one.id: one.state.value for one in ledger.deliveries()}


def test_what_is_queued_is_told(ledger: Ledger) -> None:
    assert (ledger.deliveries(), ledger.told("soc"), ledger.waiting_outputs()) == ([], {}, [])
    queued(ledger)
    assert ledger.told("soc") == {"f1": "g1", "f2": "g2", "f3": "g3"}
    assert (ledger.told("other"), ledger.waiting_outputs(), ledger.pending_deliveries("soc")) == ({}, ["soc"], 2)
    first = Delivery("a-1", "soc", DeliveryState.PENDING, "one", "[1]", at(0), at(0), 0, None, None)
    assert ledger.deliveries()[1] == ledger.delivery("a-1") == first


def test_what_another_process_told_meanwhile_is_looked_at_anew(ledger: Ledger) -> None:
    before = ledger.told("soc")
    queued(ledger)
    late = NewDelivery("a-3", "late", "[]", {"f2": "g9", "f4": "g4"})
    assert ledger.queue_deliveries("soc", before, [late], now=at(2)) is None
    assert ledger.told("soc") == {"f1": "g1", "f2": "g2", "f3": "g3"}
    assert ledger.queue_deliveries("soc", ledger.told("soc"), [late], now=at(2)) == 1
    assert ledger.queue_deliveries("other", {}, [late._replace(id="a-4")], now=at(2)) == 1


def test_an_id_is_queued_once_but_where_it_was_dropped(ledger: Ledger) -> None:
    queued(ledger)
    assert ledger.queue_deliveries("soc", ledger.told("soc"), [ONE], now=at(5)) == 0
    assert ledger.delivery("a-1").created == at(0)
    ledger.untell("a-1", ["f1"])
    ledger.end_delivery("a-1", DeliveryState.DROPPED, answer="suppressed", now=at(6))
    assert ledger.told("soc").keys() == {"f2", "f3"}
    assert ledger.delivery("a-1").attempts == 0
    assert ledger.queue_deliveries("soc", ledger.told("soc"), [ONE], now=at(7)) == 1
    assert ledger.delivery("a-1") == Delivery(
        "a-1", "soc", DeliveryState.PENDING, "one", "[1]", at(7), at(7), 0, None, None
    )


def test_a_claim_is_of_one_process_until_it_ends(ledger: Ledger) -> None:
    queued(ledger)
    assert [claim(ledger, by, at(10)) for by in ("p", "q", "r")] == ["a-1", "a-2", None]
    assert claim(ledger, "r", at(69)) is None
    assert claim(ledger, "r", at(70)) == "a-1"
    ledger.fail_delivery("a-1", by="p", answer="late word of the first", due=at(500))
    assert ledger.delivery("a-1").attempts == 0
    ledger.end_delivery("a-1", DeliveryState.SENT, answer="ok", now=at(71))
    assert states(ledger) == {"a-1": "sent", "a-2": "pending"}


def test_what_was_sent_keeps_no_content_and_ends_once(ledger: Ledger) -> None:
    queued(ledger)
    claim(ledger, "p", at(10))
    ledger.end_delivery("a-1", DeliveryState.SENT, answer="ok", now=at(11))
    ledger.end_delivery("a-1", DeliveryState.DEAD, answer="no", now=at(12))
    assert ledger.delivery("a-1") == Delivery(
        "a-1", "soc", DeliveryState.SENT, "one", "", at(0), at(0), 1, "ok", at(11)
    )


def test_a_failure_holds_up_the_others_of_its_output_and_then_goes_last(ledger: Ledger) -> None:
    queued(ledger)
    ledger.queue_deliveries("other", {}, [ONE._replace(id="b-1")], now=at(0))
    claim(ledger, "p", at(10))
    ledger.fail_delivery("a-1", by="p", answer="503", due=at(40))
    assert [ledger.delivery(name).due for name in ("a-1", "a-2", "b-1")] == [at(40), at(40), at(0)]
    assert (ledger.delivery("a-1").attempts, ledger.delivery("a-1").answer) == (1, "503")
    assert claim(ledger, "p", at(39)) is None
    assert [claim(ledger, "p", at(40)), claim(ledger, "p", at(40))] == ["a-2", "a-1"]


def test_early_takes_what_is_not_due_but_not_what_another_has(ledger: Ledger) -> None:
    queued(ledger)
    claim(ledger, "p", at(10))
    ledger.fail_delivery("a-1", by="p", answer="503", due=at(1000))
    assert [claim(ledger, "q", at(11), early=True) for _ in range(3)] == ["a-2", "a-1", None]


def test_the_dead_come_back_where_somebody_asks(ledger: Ledger) -> None:
    queued(ledger)
    ledger.end_delivery("a-1", DeliveryState.DEAD, answer="400", now=at(5))
    assert [one.id for one in ledger.deliveries(state=DeliveryState.DEAD)] == ["a-1"]
    assert ledger.bury_deliveries("soc", answer="gone", now=at(6)) == 1
    assert ledger.waiting_outputs() == []
    assert ledger.retry_deliveries(["a-1", "a-2", "a-9"], now=at(7)) == 2
    assert [(one.content, one.attempts, one.due, one.ended) for one in ledger.deliveries()] == [
        ("[2]", 0, at(7), None),
        ("[1]", 0, at(7), None),
    ]


def test_a_delivery_is_named_by_the_beginning_of_its_id(ledger: Ledger) -> None:
    queued(ledger)
    assert ledger.delivery("a-2").summary == "two"
    for prefix, message in [("a-", "2 deliveries start with 'a-'"), ("x", "no delivery 'x'"), ("%", "no delivery '%'")]:
        with pytest.raises(QueryError, match=message):
            ledger.delivery(prefix)
    assert [one.id for one in ledger.deliveries(output="none")] == []


def test_an_output_may_be_told_of_nothing(ledger: Ledger) -> None:
    ledger.tell("soc", {"f1": "g1"})
    ledger.tell("soc", {"f1": "g2", "f2": "g2"})
    ledger.tell("soc", {})
    assert (ledger.told("soc"), ledger.deliveries()) == ({"f1": "g2", "f2": "g2"}, [])


def test_what_is_over_is_forgotten_but_not_what_was_told(ledger: Ledger) -> None:
    queued(ledger)
    dead = NewDelivery("a-3", "dead", "[3]", {"f4": "g4"})
    assert ledger.queue_deliveries("soc", ledger.told("soc"), [dead], now=at(2)) == 1
    ledger.end_delivery("a-1", DeliveryState.SENT, answer="200", now=at(3))
    ledger.end_delivery("a-3", DeliveryState.DEAD, answer="400", now=at(3))
    counted = {("soc", DeliveryState.SENT): 1, ("soc", DeliveryState.DEAD): 1, ("soc", DeliveryState.PENDING): 1}
    assert ledger.count_deliveries() == counted
    told = ledger.told("soc")
    assert ledger.forget_deliveries(at(3)) == 0
    assert ledger.forget_deliveries(at(4)) == 1
    assert states(ledger) == {"a-2": "pending", "a-3": "dead"}
    assert ledger.told("soc") == told
