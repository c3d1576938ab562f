"""A progress bar on standard error, where somebody can see it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from graphmap.cli.output import console, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphmap.pipeline.ingest import Progress as Standing

NAME = 40
"""Characters of a file's name that are shown, its end."""


@contextmanager
def ingest_progress() -> Iterator[Callable[[Standing], None] | None]:
    """Show where an ingest stands; gives None where standard error is no terminal."""
    out = console(stderr=True)
    if not out.is_terminal:
        yield None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=out, transient=True) as bar:
        task = bar.add_task("looking for logs", total=None, rate="")

        def show(standing: Standing) -> None:
            elapsed = bar.tasks[0].elapsed or 0
            rate = f"{standing.lines / elapsed:,.0f} lines/s" if elapsed else ""
            name = Text(f"{standing.stage} {shown(standing.file)[-NAME:]}").markup
            bar.update(task, description=name, completed=standing.done, total=standing.files, rate=rate)

        yield show


@contextmanager
def working(what: str) -> Iterator[Callable[[str], None]]:
    """Show that something goes on, and for how long, where standard error is a terminal; gives what says how far."""
    out = console(stderr=True)
    if not out.is_terminal:
        yield lambda _far: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda far: bar.update(task, description=f"{what}: {far}")
