"""Tables that fit the page: what is too wide for one line goes on in further lines, each column in its own place.

No cell is cut: a column that is wider than the page is folded, and where the output goes to no terminal the page is
as wide as its widest row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from rich.console import Console

GUTTER = 2
"""Blanks between two columns."""

INDENT = 6
"""Blanks before the further lines of a row."""

NARROWEST = 10
"""A column is not folded into less than this."""


def lay_out(
    rows: Sequence[Sequence[Text]], console: Console, room: int | None, *, right: Collection[int] = ()
) -> Iterator[list[Text]]:
    """Place rows of cells, the header among them.

    Parameters
    ----------
    rows
        Cells, as many in each row.
    console
        Knows how to fold text.
    room
        Characters in a line; None for as many as are wanted.
    right
        Columns that are flush right, by number from 0.

    Yields
    ------
    The lines of each row, without trailing blanks.
    """
    widths = [max(cell.cell_len for cell in column) for column in zip(*rows, strict=True)]
    decks = _decks(widths, room)
    for row in rows:
        lines: list[Text] = []
        for number, deck in enumerate(decks):
            indent = INDENT if number else 0
            cells = [_padded(row[i], widths[i], flush_right=i in right) for i in deck]
            lines += _lines(cells, console, None if room is None else max(NARROWEST, room - indent), indent)
        yield lines


def _decks(widths: Sequence[int], room: int | None) -> list[list[int]]:
    """Part columns into lines: as many as fit into each, at least one."""
    decks: list[list[int]] = [[]]
    used = 0
    for number, width in enumerate(widths):
        if room is not None and decks[-1] and used + width > room:
            decks.append([])
            used = INDENT
        decks[-1].append(number)
        used += width + GUTTER
    return decks


def _padded(cell: Text, width: int, *, flush_right: bool) -> Text:
    padded = cell.copy()
    if flush_right:
        padded.pad_left(width - cell.cell_len)
    else:
        padded.pad_right(width - cell.cell_len)
    return padded


def _lines(cells: Sequence[Text], console: Console, room: int | None, indent: int) -> Iterator[Text]:
    """The cells side by side; one that is alone in its line may take several."""
    line = Text(" " * GUTTER).join(cells)
    line.rstrip()
    folded = [line] if room is None or line.cell_len <= room else line.wrap(console, room, overflow="fold")
    for part in folded:
        part.rstrip()
        part.pad_left(indent)
        yield part
