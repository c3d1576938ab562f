"""Tokens are given out once, listed without their text, and end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphmap.store.ledger import Ledger, digest_of
from tests.cli.program import Inside, Program

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Program:
    return Inside(tmp_path / "home")


def test_a_token_is_printed_once_and_known_by_its_digest(home: Program) -> None:
    made = home.ok("token", "create", "--name", "ann", "--role", "analyst", "--author", "root", "--for", "7d")
    (text,) = made.out.splitlines()
    assert text.startswith("graphmap_")
    assert made.err.startswith("token 1 of ann: analyst, until 20")
    listed = home.ok("token", "list", "--json")
    assert text not in listed.out
    (kept,) = listed.documents()
    assert [kept[name] for name in ("id", "name", "role", "created_by", "ended")] == [1, "ann", "analyst", "root", None]
    with Ledger(home.home / "ledger.sqlite") as ledger:
        assert list(ledger.tokens()) == [digest_of(text)]


def test_what_is_revoked_is_listed_only_with_all(home: Program) -> None:
    assert home.ok("token", "create", "--name", "x", "--forever", "--json").document()["expires"] is None
    home.ok("token", "revoke", "1", "--author", "bob")
    assert home.ok("token").err.splitlines() == ["no token was given out"]
    (kept,) = home.ok("token", "list", "--all", "--json").documents()
    assert kept["ended_by"] == "bob"
    again = home("token", "revoke", "1")
    assert (again.code, "was ended by bob before" in again.err) == (1, True)
    assert home("token", "revoke", "9").code == 1


def test_a_token_without_a_name_is_refused(home: Program) -> None:
    assert home("token", "create", "--name", " ").code == 2
