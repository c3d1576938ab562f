"""Tables on a terminal, at the width that every terminal has."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.cli.terminal import on_terminal, plain

if TYPE_CHECKING:
    from tests.cli.program import Program


@pytest.mark.parametrize("words", ["hops", "rare", "sessions", "findings", "origins vault"])
def test_eighty_columns_hold_every_line_and_every_word(hunted: Program, words: str) -> None:
    screen = plain(on_terminal(hunted, *words.split()))
    wide = hunted.ok(*words.split())
    assert max(map(len, screen.splitlines())) <= 80
    assert Counter(screen.split()) == Counter(wide.out.split())


def test_a_row_goes_on_in_further_lines_under_a_header_that_does_the_same(hunted: Program) -> None:
    screen = plain(on_terminal(hunted, "rare", "--max-count", "1"))
    assert screen.splitlines() == [
        "from  user  to     from segment  to segment  count  failures  days",
        "      first                 last                  policy",
        "app1  root  vault  servers       safe            1         1     1",
        "      2026-03-10 08:12:30Z  2026-03-10 08:12:40Z  violation",
    ]


def test_a_chain_is_readable_on_eighty_columns(hunted: Program) -> None:
    title, *rows = plain(on_terminal(hunted, "paths", "--from", "ws1", "--to", "app1")).splitlines()
    assert title.endswith("ws1 -> jump -> app1")
    assert rows == [
        "  1   2026-03-10 08:10:00Z      ws1 -> jump   anna",
        "      publickey SHA256:annaKeyOfTh…  start",
        "  2   2026-03-10 08:11:30.900Z  jump -> app1  adm-anna",
        "      publickey SHA256:annaKeyOfTh…  same key, certainty 1.00",
        "",
    ]


def test_a_wide_terminal_has_one_line_a_row(hunted: Program) -> None:
    lines = plain(on_terminal(hunted, "hops", columns=200)).splitlines()
    assert lines == hunted.ok("hops").out.splitlines()


def test_colour_is_for_terminals_only(hunted: Program) -> None:
    assert "\x1b[31mhigh" in on_terminal(hunted, "findings")
    assert "\x1b" not in hunted.ok("findings").out


def test_long_work_shows_that_it_goes_on_and_leaves_no_trace(hunted: Program) -> None:
    screen = on_terminal(hunted, "chains", errors=True)
    assert "following chains" in screen
    assert "following chains" not in screen.rpartition("\x1b[2K")[2]
