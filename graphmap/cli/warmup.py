"""Compiling ahead: warmup; and the notice of the commands that compile on their way."""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from graphmap.cli.output import note

if TYPE_CHECKING:
    from collections.abc import Iterator


@click.command()
def warmup() -> None:
    """Compile the scanners ahead.

    No later command waits for it then. Without this, the first command that reads much log text compiles them. The
    result is kept beside the program or, where that cannot be written, in the user's cache (NUMBA_CACHE_DIR names
    another folder).

    \b
    Examples:
      graphmap warmup
    """
    from graphmap.readers.speed import METER

    start = time.perf_counter()
    with compiling_notice():
        METER.load()
    click.echo(f"the scanners are ready ({time.perf_counter() - start:.1f} s)")


class _Notes(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        note(record.getMessage())


@contextmanager
def compiling_notice() -> Iterator[None]:
    """Say on standard error when a command compiles."""
    log = logging.getLogger("graphmap.readers.speed")
    handler, level = _Notes(logging.INFO), log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)


COMMANDS = (warmup,)
