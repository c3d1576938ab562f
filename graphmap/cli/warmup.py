"""Compiling ahead: warmup; and the notice of the commands that compile on their way."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from graphmap.cli.output import note

if TYPE_CHECKING:
    from collections.abc import Iterator


@click.command()
def warmup() -> None:
    """Compile ahead what is compiled.

    No later command waits for it then. Without this, the first command that reads much log text compiles the
    scanners, and the first that hunts in much, asks for rarity, choke points or very many hops the walks over paths.
    The result is kept beside the program or, where that cannot be written, in the user's cache (NUMBA_CACHE_DIR
    names another folder).

    \b
    Examples:
      graphmap warmup
    """
    from graphmap.graph import conformal, overlaps, ranking
    from graphmap.readers.speed import METERS

    start = time.perf_counter()
    with compiling_notice():
        for meter in METERS:
            meter.load()
        for walks in (ranking, conformal, overlaps):
            walks.warm_up()
    click.echo(f"scanners and path walks are ready ({time.perf_counter() - start:.1f} s)")


@contextmanager
def compiling_notice() -> Iterator[None]:
    """Say on standard error when a command compiles."""
    from graphmap.compiling import LISTENERS

    LISTENERS.append(note)
    try:
        yield
    finally:
        LISTENERS.remove(note)


COMMANDS = (warmup,)
