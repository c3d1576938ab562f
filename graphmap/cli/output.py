"""What people and programs are shown: tables, chains, JSON lines, and messages.

Log text reaches a terminal only through `shown`, so that no control or direction character of it takes effect.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from graphmap.documents import time_text
from graphmap.model import Basis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import polars as pl

    from graphmap.documents import Document
    from graphmap.model import Chain, Finding, Hop

WIDE = 200
"""Columns of output that goes to no terminal."""

HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode categories of characters that change how others are shown."""

SEVERITY_STYLE = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "info": "dim"}


def shown(value: object) -> str:
    """Text of a value for a terminal: ``-`` for None, times without their zone, hidden characters as escapes."""
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S") + (f".{value.microsecond // 1000:03}" if value.microsecond else "")
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return "".join(_visible(character) for character in str(value))


def _visible(character: str) -> str:
    if unicodedata.category(character) not in HIDDEN:
        return character
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")


def console(*, stderr: bool = False) -> Console:
    """The terminal, or a wide page where the output goes to a file or a program."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else WIDE
    return Console(file=stream, width=width, highlight=False, soft_wrap=False)


def note(text: str) -> None:
    """Tell a person something beside the answer, on standard error."""
    console(stderr=True).print(Text(shown(text)), soft_wrap=True)


def complain(message: str, hint: str | None = None) -> None:
    """Say what could not be done, and what to do about it."""
    out = console(stderr=True)
    out.print(Text("graphmap: ", "bold") + Text(shown(message)), soft_wrap=True)
    if hint:
        out.print(Text(f"          {shown(hint)}", "dim"), soft_wrap=True)


def print_json(documents: Iterable[Document]) -> None:
    """Print one object a line."""
    for document in documents:
        sys.stdout.write(json.dumps(document, ensure_ascii=False, default=_plain) + "\n")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return time_text(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def documents_of(frame: pl.DataFrame) -> Iterator[Document]:
    """The rows of a table as JSON objects, its columns as fields."""
    for part in frame.iter_slices(10_000):
        yield from part.iter_rows(named=True)


def print_table(rows: Iterable[Sequence[Any]], columns: Sequence[str], *, total: int | None = None) -> None:
    """Print a table for people; columns that end in ``#`` hold numbers.

    `total` is how many rows there are, where only some are shown.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name.rstrip("#"), justify="right" if name.endswith("#") else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(shown(value), style=_style(value)) for value in row))
    console().print(table)
    if total is not None and total > table.row_count:
        note(f"showing {table.row_count:,} of {total:,}; --limit 0 shows all")


def _style(value: object) -> str:
    return SEVERITY_STYLE.get(value, "") if isinstance(value, str) else ""


def limited(frame: pl.DataFrame, limit: int) -> pl.DataFrame:
    """The first rows; all of them where the limit is 0."""
    return frame.head(limit) if limit else frame


def print_chains(
    chains: Sequence[Chain], title: Callable[[Chain], str], *, total: int | None = None, lines: bool = False
) -> None:
    """Print chains, a block each: a title, then a line for each hop, with its log lines where `lines` is set."""
    out = console()
    for chain in chains:
        out.print(Text(shown(title(chain)), "bold"), soft_wrap=True)
        print_hops(chain.hops, lines=lines)
        out.print()
    if total is not None and total > len(chains):
        note(f"showing {len(chains):,} of {total:,}; --limit 0 shows all")


def print_hops(hops: Sequence[Hop], *, lines: bool = False) -> None:
    """Print the hops of a path, one below the other."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for number, hop in enumerate(hops, 1):
        way = Text(f"{shown(hop.src)} -> {shown(hop.dst)}")
        table.add_row(
            Text(f"  {number}", "dim"),
            Text(shown(hop.start)),
            way,
            Text(shown(hop.user), "bold"),
            Text(" ".join(shown(part) for part in (hop.method, short_key(hop.key)) if part)),
            Text(_origin(hop), "dim"),
        )
        if lines:
            for line in hop.lines:
                table.add_row("", "", Text(f"{shown(line.file)}:{line.line}", "dim"), "", "", "")
    console().print(table)


def short_key(key: str | None) -> str:
    """A fingerprint short enough for a table, long enough to tell keys apart."""
    return "" if key is None else key if len(key) <= 20 else f"{key[:18]}…"  # noqa: PLR2004 - "SHA256:" and 11 of 43


def _origin(hop: Hop) -> str:
    if hop.basis == Basis.START:
        return "start"
    return f"{hop.basis}, certainty {hop.certainty:.2f}"


def print_finding(finding: Finding, text_of: Callable[[Any], str | None]) -> None:
    """Print one finding whole: title, reasons, hops, and the log lines that prove it."""
    out = console()
    severity = str(finding.severity)
    out.print(Text(shown(finding.title), "bold"), soft_wrap=True)
    head = f"{finding.id}  {finding.detector}  {finding.technique}  score {finding.score:.2f}  "
    out.print(Text(head) + Text(severity, SEVERITY_STYLE[severity]), soft_wrap=True)
    out.print("\nWhy", style="bold")
    for reason in finding.why:
        out.print(Text(f"  {shown(reason)}"), soft_wrap=True)
    out.print("\nHops", style="bold")
    print_hops(finding.hops)
    out.print("\nLines", style="bold")
    for line in finding.lines:
        out.print(Text(f"  {shown(line.file)}:{line.line}", "dim"), soft_wrap=True)
        text = text_of(line)
        if text is not None:
            out.print(Text(f"    {shown(text)}"), soft_wrap=True)
