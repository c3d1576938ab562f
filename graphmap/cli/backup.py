"""Copies of a home folder: made while others work, and a home folder made of one again."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphmap.cli.options import home_option, json_option, settings_of
from graphmap.cli.output import note, print_json
from graphmap.cli.progress import working
from graphmap.documents import number_of

if TYPE_CHECKING:
    from graphmap.pipeline.backups import Backup


@click.command()
@click.argument("target", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@json_option
@home_option
@click.pass_context
def backup(ctx: click.Context, target: Path, as_json: bool) -> None:
    """Write a copy of the home folder to a file, while others may go on working.

    It has the events, the ledger, the inventory, the policy, the settings and what came over the network; not the
    cache, which is made again. A ledger on PostgreSQL is left to pg_dump: dump it before. A lake in an object store is
    left to that store's own means, such as versions or replication: copy it after.

    \b
    Examples:
      graphmap backup /backup/graphmap-2026-11-21.tar
    """
    from graphmap.pipeline.backups import back_up

    settings = settings_of(ctx)
    with working("copying") as say:
        done = back_up(settings, target, progress=lambda number, files: say(f"file {number:,} of {files:,}"))
    _tell(done, f"{target} holds", as_json=as_json)
    if not done.ledger:
        note("the ledger is on PostgreSQL and not in it: pg_dump copies it, best before this")
    if not done.lake:
        note(f"the lake is at {settings.lake} and not in it: copy it after this by the object store's own means")


@click.command()
@click.argument("source", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@json_option
@home_option
@click.pass_context
def restore(ctx: click.Context, source: Path, as_json: bool) -> None:
    """Make a home folder of a copy. The folder must be empty or not be there.

    \b
    Examples:
      graphmap restore /backup/graphmap-2026-11-21.tar --home /srv/graphmap
    """
    from graphmap.pipeline.backups import restore as restored

    settings = settings_of(ctx)
    with working("restoring"):
        done = restored(settings, source)
    _tell(done, f"{settings.home} holds", as_json=as_json)


def _tell(done: Backup, what: str, *, as_json: bool) -> None:
    if as_json:
        print_json([asdict(done)])
        return
    events = [number_of(done.events, "event")] if done.lake else []
    findings = [number_of(done.findings, "finding")] if done.ledger else []
    click.echo(f"{what} {' and '.join(events + findings) or 'settings'}, as of {done.made[:19]}Z")


COMMANDS = (backup, restore)
