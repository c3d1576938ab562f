"""Views that people keep: what a link shows never changes, and what has a name is nobody else's to change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from graphmap.errors import InputError, QueryError
from graphmap.store.ledger import Ledger, View, views

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 3, 13, 2, 47, 29, tzinfo=UTC)
STATE = {"page": "explorer", "seed": ["host:db1"], "odd": "\0 ' \u2028"}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        yield ledger


def test_a_link_is_of_what_it_shows(ledger: Ledger) -> None:
    kept = ledger.keep_view(STATE, author="ann", now=NOW)
    assert kept == View(kept.id, None, "ann", NOW, STATE) == ledger.view(kept.id)
    assert ledger.keep_view(dict(reversed(STATE.items())), author="bob") == kept
    assert ledger.keep_view({}, author="bob").id != kept.id
    with pytest.raises(QueryError, match="no view 'v-0'"):
        ledger.view("v-0")


def test_a_name_means_what_was_kept_last_and_links_go_on(ledger: Ledger) -> None:
    first = ledger.name_view("ways in", STATE, author="ann", now=NOW)
    second = ledger.name_view("ways in", {"page": "rare"}, author="bob", now=NOW + timedelta(hours=1))
    assert ledger.view_named("ways in") == second == View(second.id, "ways in", "bob", second.updated, {"page": "rare"})
    assert ledger.view(first.id).state == STATE
    other = ledger.name_view("<b>\0'", STATE, author="ann", now=NOW)
    assert [one.id for one in ledger.views()] == [second.id, other.id]
    assert ledger.forget_view("ways in") == second
    assert ledger.view(second.id).state == {"page": "rare"}
    for gone in (ledger.view_named, ledger.forget_view):
        with pytest.raises(QueryError, match="no view is called 'ways in'"):
            gone("ways in")


def test_what_a_check_refuses_changes_nothing(ledger: Ledger) -> None:
    told: list[View | None] = []

    def refuse(view: View | None) -> None:
        told.append(view)
        raise InputError("no")

    kept = ledger.name_view("a", STATE, author="ann")
    for name in ("a", "b"):
        with pytest.raises(InputError, match="no"):
            ledger.name_view(name, {"other": 1}, author="bob", check=refuse)
    with pytest.raises(InputError, match="no"):
        ledger.forget_view("a", check=refuse)
    assert told == [kept, None, kept]
    assert ledger.views() == [kept]


def test_there_are_so_many_names_and_no_more(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "NAMED", 2)
    for name in ("a", "b", "a"):
        ledger.name_view(name, STATE, author="ann")
    with pytest.raises(InputError, match="2 views have names already"):
        ledger.name_view("c", STATE, author="ann")


def test_of_links_without_a_name_the_oldest_give_way(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "NAMELESS", 2)
    named = ledger.name_view("kept", {"n": -1}, author="ann", now=NOW - timedelta(days=1))
    kept = [ledger.keep_view({"n": n}, author="ann", now=NOW + timedelta(seconds=n)) for n in range(4)]
    assert [ledger.view(one.id) for one in kept[2:]] == kept[2:]
    assert ledger.view(named.id).state == {"n": -1}
    for one in kept[:2]:
        with pytest.raises(QueryError):
            ledger.view(one.id)
