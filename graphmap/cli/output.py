"""What people and programs are shown: tables, chains, JSON lines, and messages.

Log text reaches a terminal only through `shown`, so that no control or direction character of it takes effect.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from graphmap.cli.table import lay_out
from graphmap.documents import HIDDEN, seen_by, time_text, visible
from graphmap.model import Basis, Witness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import polars as pl

    from graphmap.documents import Document
    from graphmap.model import Chain, Finding, Hop, Line, Triage
    from graphmap.pipeline.lines import Quotation

SEVERITY_STYLE = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "info": "dim"}


def shown(value: object) -> str:
    """Text of a value for a terminal: ``-`` for None, times in UTC to the millisecond, hidden characters as escapes."""
    if value is None:
        return "-"
    if isinstance(value, datetime):
        precision = "milliseconds" if value.microsecond else "seconds"
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", precision) + "Z"
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return visible(str(value))


class _Page(Console):
    """A console that leaves it to its caller what to do where nobody reads on."""

    def on_broken_pipe(self) -> None:
        """Pass it on."""
        raise BrokenPipeError


def console(*, stderr: bool = False) -> Console:
    """The terminal, or what stands in its place."""
    return _Page(file=sys.stderr if stderr else sys.stdout, highlight=False)


def _room(out: Console) -> int | None:
    """Characters in a line; None where the output goes to a file or a program, which have no width."""
    return out.width if out.is_terminal else None


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
    """Print one object a line. Characters that a terminal would obey are escaped, as JSON allows for any character."""
    everything = not sys.stdout.encoding.lower().startswith("utf")
    for document in documents:
        line = json.dumps(document, ensure_ascii=everything, default=_plain)
        sys.stdout.write(_inert(line) + "\n")


def _inert(line: str) -> str:
    """JSON with its hidden characters escaped; all of them are inside strings, since structure is ASCII."""
    if line.isascii() and "\x7f" not in line:
        return line
    return "".join(json.dumps(c)[1:-1] if unicodedata.category(c) in HIDDEN else c for c in line)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return time_text(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def documents_of(frame: pl.DataFrame) -> Iterator[Document]:
    """The rows of a table as JSON objects, its columns as fields."""
    for part in frame.iter_slices(10_000):
        yield from part.iter_rows(named=True)


def print_table(
    rows: Iterable[Sequence[Any]], columns: Sequence[str], *, total: int | None = None, none: str | None = None
) -> None:
    """Print a table for people; columns that end in ``#`` hold numbers.

    `total` is how many rows there are, where only some are shown; `none` what to say where there are none.
    """
    cells = [[Text(shown(value), style=_style(value)) for value in row] for row in rows]
    if cells:
        out = console()
        header = [Text(name.rstrip("#"), "bold") for name in columns]
        right = {number for number, name in enumerate(columns) if name.endswith("#")}
        for lines in lay_out([header, *cells], out, _room(out), right=right):
            _print_lines(lines, out)
    elif none is not None:
        note(none)
    tell_rest(len(cells), total)


def tell_rest(printed: int, total: int | None) -> None:
    """Say how many there are, where not all were printed."""
    if total is not None and total > printed:
        note(f"showing {printed:,} of {total:,}; --limit 0 shows all")


def _print_lines(lines: Iterable[Text], out: Console) -> None:
    for line in lines:
        out.print(line, soft_wrap=True)


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
    tell_rest(len(chains), total)


def print_hops(hops: Sequence[Hop], *, lines: bool = False) -> None:
    """Print the hops of a path, one below the other."""
    out = console()
    rows = [_hop_cells(number, hop) for number, hop in enumerate(hops, 1)]
    for hop, placed in zip(hops, lay_out(rows, out, _room(out)), strict=True):
        _print_lines(placed, out)
        for line in hop.lines if lines else ():
            out.print(Text(f"      {shown(line.file)}:{line.line}", "dim"), soft_wrap=True)


def _hop_cells(number: int, hop: Hop) -> list[Text]:
    return [
        Text(f"{number:3} ", "dim"),
        Text(shown(hop.start)),
        Text(f"{shown(hop.src)} -> {shown(hop.dst)}"),
        Text(shown(hop.user), "bold"),
        Text(" ".join(shown(part) for part in (hop.method, short_key(hop.key)) if part)),
        Text(_origin(hop), "dim"),
    ]


def short_key(key: str | None) -> str:
    """A fingerprint short enough for a table, long enough to tell keys apart."""
    return "" if key is None else key if len(key) <= 20 else f"{key[:18]}…"  # noqa: PLR2004 - "SHA256:" and 11 of 43


def _origin(hop: Hop) -> str:
    way = "start" if hop.basis == Basis.START else f"{hop.basis}, certainty {hop.certainty:.2f}"
    usual = hop.witnesses in {(), (Witness.SERVER,)} and not hop.missing
    return way if usual else f"{way}; seen by {seen_by(hop.witnesses, hop.missing)}"


def print_finding(finding: Finding, quotations: Mapping[Line, Quotation]) -> None:
    """Print one finding whole: title, reasons, hops, and the log lines that prove it."""
    out = console()
    severity = str(finding.severity)
    out.print(Text(shown(finding.title), "bold"), soft_wrap=True)
    head = f"{finding.id}  {finding.detector}  {finding.technique}  score {finding.score:.2f}  "
    out.print(Text(shown(head)) + Text(severity, SEVERITY_STYLE[severity]), soft_wrap=True)
    out.print("\nWhy", style="bold")
    for reason in finding.why:
        out.print(Text(f"  {shown(reason)}"), soft_wrap=True)
    if finding.hops:
        out.print("\nHops", style="bold")
        print_hops(finding.hops)
    out.print("\nLines", style="bold")
    for line in finding.lines:
        out.print(Text(f"  {shown(line.file)}:{line.line}", "dim"), soft_wrap=True)
        quoted = quotations[line]
        for text in [] if quoted.text is None else quoted.text.split("\n"):
            out.print(Text(f"    {shown(text)}"), soft_wrap=True)
        if quoted.problem is not None:
            out.print(Text(f"    {shown(quoted.problem)}", "dim"), soft_wrap=True)


def print_judgements(said: Sequence[Triage]) -> None:
    """Print what people said of a finding, the first first."""
    out = console()
    if said:
        out.print("\nSaid", style="bold")
    for one in said:
        parts = [
            str(one.state),
            f"assigned to {one.assignee}" if one.assignee else None,
            "marked" if one.marked else None,
            one.note,
        ]
        told = "; ".join(part for part in parts if part)
        out.print(Text(f"  {shown(one.at)}  {shown(one.author)}: {shown(told)}"), soft_wrap=True)
