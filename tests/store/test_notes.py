"""Notes on nodes and links: the last word holds, and nobody's words are lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from graphmap.errors import OutdatedError
from graphmap.store.ledger import Ledger, Note, Remark

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 3, 13, 2, 47, 29, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
ODD = "user:<b>' \u2028;--"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        yield ledger


def test_what_is_left_out_stays_and_an_empty_text_takes_it_back(ledger: Ledger) -> None:
    first = ledger.note_down("host:db1", None, Remark(text="rebuilt"), author="ann", now=NOW)
    assert first == Note("host:db1", None, "rebuilt", marked=False, author="ann", at=NOW)
    second = ledger.note_down("host:db1", None, Remark(marked=True), author="bob", now=LATER)
    assert second == Note("host:db1", None, "rebuilt", marked=True, author="bob", at=LATER)
    third = ledger.note_down("host:db1", None, Remark(text=""), author="bob", now=LATER)
    assert third == Note("host:db1", None, None, marked=True, author="bob", at=LATER)
    assert ledger.notes_of("host:db1") == [first, second, third]
    assert ledger.notes() == [third]
    _ = ledger.note_down("host:db1", None, Remark(marked=False), author="bob")
    assert ledger.notes() == []


def test_a_node_and_each_of_its_links_have_notes_of_their_own(ledger: Ledger) -> None:
    there = ledger.note_down("host:a", "host:b", Remark(text="there"), author="ann")
    back = ledger.note_down("host:b", "host:a", Remark(text="back"), author="ann")
    node = ledger.note_down("host:a", None, Remark(marked=True), author="ann")
    odd = ledger.note_down(ODD, "host:a", Remark(text=ODD), author=ODD)
    assert ledger.notes() == [odd, node, back, there]
    assert ledger.notes_of("host:a", "host:b") == [there]
    assert ledger.notes_of("host:a") == [node]
    assert ledger.notes_of("host:c") == []


def test_who_has_not_read_the_last_note_changes_nothing(ledger: Ledger) -> None:
    first = ledger.note_down("host:a", None, Remark(text="mine"), author="ann", seen=0)
    with pytest.raises(OutdatedError, match="host:a"):
        ledger.note_down("host:a", None, Remark(text="no, mine"), author="bob", seen=0)
    assert ledger.notes() == [first]
