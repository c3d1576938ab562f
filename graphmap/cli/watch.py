"""Logs that go on: watch."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.live import Live
from rich.text import Text

from graphmap.cli.options import Duration, Zone, home_option, json_option, mapping_option, settings_of
from graphmap.cli.output import console, note, print_json, print_table, shown
from graphmap.documents import number_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import timedelta, tzinfo

    from graphmap.watch.standing import Standing
    from graphmap.watch.watcher import Written
    from graphmap.watch.wishes import Wishes

COLUMNS = ("watch", "state", "since", "lines#", "new#", "lines/s#", "behind#", "lag#", "files#")
LISTENER_COLUMNS = ("listener", "messages#", "bytes#", "waiting#", "connections#", "broken#", "dropped#")


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--name", metavar="NAME", help="Of this watch; [watch.NAME] of graphmap.toml says what it follows.")
@click.option("--syslog", multiple=True, metavar="URL", help="Listen at udp://HOST:PORT, tcp:// or tls://.")
@click.option("--http", multiple=True, metavar="URL", help="Take lines by POST at http://HOST:PORT or https://.")
@click.option(
    "--token-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Take them only with the token in this file: Authorization: Bearer TOKEN.",
)
@click.option("--cert", type=click.Path(dir_okay=False, path_type=Path), help="Certificate of tls:// and https://.")
@click.option("--key", type=click.Path(dir_okay=False, path_type=Path), help="Its key; all are PEM files.")
@click.option(
    "--client-ca",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Let only clients with a certificate of these authorities speak.",
)
@click.option("--every", type=Duration(), help="Read and write what is new so often. Default: 5s.")
@click.option("--poll", is_flag=True, help="Look at the files each second; for disks that do not tell of changes.")
@click.option("--year", type=click.IntRange(1970, 9999), metavar="YEAR", help="Year of first lines without one.")
@click.option("--timezone", "zone", type=Zone(), help="Zone of stamps without offset. Default: UTC.")
@click.option("--host", metavar="HOST", help="Host whose logs these are, for lines that name none.")
@mapping_option
@click.option("--status", is_flag=True, help="Say where the watches of this home stand instead.")
@json_option
@home_option
@click.pass_context
def watch(ctx: click.Context, /, status: bool, as_json: bool, **said: Any) -> None:
    """Follow logs that grow, and listen for others; each event once into the lake, until it is stopped.

    Follows files, folders and patterns through rotation, and takes up new files. Without a path or URL, what
    [watch.NAME] of graphmap.toml says. Ctrl-C or SIGTERM ends it when what it has read is written.

    \b
    Examples:
      graphmap watch /var/log
      graphmap watch '/srv/logs/*/auth.log' --syslog udp://127.0.0.1:5514
      graphmap watch --http http://127.0.0.1:8088
      journalctl -f -o json _COMM=sshd | graphmap watch -
      graphmap watch --status
    """
    from graphmap.watch.running import Ears
    from graphmap.watch.running import watch as follow
    from graphmap.watch.standing import standings

    settings = settings_of(ctx)
    if status:
        _print_standings(standings(settings), as_json=as_json)
        return
    wishes = _wishes(ctx, said)
    with _stoppable() as stop, _status_line() as show:
        last = follow(
            wishes,
            settings,
            stop,
            ears=Ears(_told_where, _print_written if as_json else lambda _: None, _with_problems(show)),
        )
    if not as_json:
        note(_summary(last))
    if last.problem:
        note(last.problem)
    _note_dropped(last)


def _wishes(ctx: click.Context, said: dict[str, Any]) -> Wishes:
    """What to watch: as the command line says, and where it names nothing to follow, as graphmap.toml does."""
    from graphmap.watch.wishes import USUAL_NAME, Wishes, named_wishes

    every: timedelta | None = said["every"]
    zone: tzinfo | None = said["zone"]
    values = {
        "cert": said["cert"],
        "key": said["key"],
        "client_ca": said["client_ca"],
        "every": None if every is None else every.total_seconds(),
        "poll": said["poll"] or None,
        "year": said["year"],
        "timezone": zone,
        "host": said["host"],
        "mapping": said["mappings"] or None,
        "paths": said["paths"] or None,
        "syslog": said["syslog"] or None,
        "http": said["http"] or None,
        "token_file": said["token_file"],
    }
    given = {name: value for name, value in values.items() if value is not None}
    if said["paths"] or said["syslog"] or said["http"]:
        return Wishes(said["name"] or USUAL_NAME, **given)
    return replace(named_wishes(settings_of(ctx), said["name"]), **given)


@contextmanager
def _stoppable() -> Iterator[threading.Event]:
    """An event that SIGTERM and Ctrl-C set; a second Ctrl-C interrupts at once."""
    stop = threading.Event()

    def end(number: int, _frame: object) -> None:
        if stop.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _status_line() -> Iterator[Callable[[Standing], None]]:
    """Keep a line on standard error up to date, where that is a terminal."""
    out = console(stderr=True)
    if not out.is_terminal:
        yield lambda _: None
        return
    with Live(console=out, transient=True, auto_refresh=False) as live:
        yield lambda standing: live.update(
            Text(shown(_line(standing)), overflow="ellipsis", no_wrap=True), refresh=True
        )


def _with_problems(show: Callable[[Standing], None]) -> Callable[[Standing], None]:
    """Also say when a problem comes, and when it is over."""
    told: str | None = None

    def tell(standing: Standing) -> None:
        nonlocal told
        if (standing.problem is None) != (told is None):
            with suppress(OSError):  # standard error may go to the very disk that is full
                note(f"waiting: {standing.problem}" if standing.problem else "going on")
        told = standing.problem
        show(standing)

    return tell


def _told_where(urls: list[str]) -> None:
    for url in urls:
        note(f"listening at {url}")


def _print_written(written: Written) -> None:
    print_json([written._asdict()])
    sys.stdout.flush()


def _line(standing: Standing) -> str:
    received = sum(listener["messages"] for listener in standing.listeners)
    parts = [
        standing.state,
        number_of(len(standing.files), "file"),
        *([number_of(received, "message")] if standing.listeners else []),
        f"{standing.rate:,.0f} lines/s",
        f"{number_of(standing.added, 'event')} new",
        f"{standing.behind:,} bytes behind",
        f"lag {standing.lag:.1f} s",
    ]
    return "  ".join(parts)


def _summary(standing: Standing) -> str:
    return (
        f"{number_of(standing.lines, 'line')}: {number_of(standing.events, 'event')}"
        f" ({standing.added:,} new, {standing.duplicates:,} known), {standing.rejects:,} not understood"
    )


def _print_standings(found: list[Standing], *, as_json: bool) -> None:
    if as_json:
        print_json(standing.document() for standing in found)
        return
    rows = [
        (
            standing.name,
            standing.state,
            standing.started,
            standing.lines,
            standing.added,
            round(standing.rate, 1),
            standing.behind,
            _lag(standing),
            len(standing.files),
        )
        for standing in found
    ]
    print_table(rows, COLUMNS, none="no watch has run in this home")
    listeners = [listener for standing in found for listener in standing.listeners]
    if listeners:
        fields = [column.rstrip("#") for column in LISTENER_COLUMNS[1:]]
        print_table([(one["url"], *(one[name] for name in fields)) for one in listeners], LISTENER_COLUMNS)
    for standing in found:
        for file in standing.files:
            if file["problem"]:
                note(f"{file['status']}: {file['file']}: {file['problem']}")
        for text in (standing.problem, standing.note):
            if text:
                note(f"{standing.name}: {text}")
        _note_dropped(standing)


def _note_dropped(standing: Standing) -> None:
    for listener in standing.listeners:
        if listener["dropped"]:
            note(f"{listener['url']}: the system dropped {listener['dropped']:,} datagrams: it had no room for them")


def _lag(standing: Standing) -> float:
    """Seconds; of a watch that no longer tells, counted on to now."""
    waited = standing.state in {"gone", "waiting"} and standing.behind
    return standing.lag + ((datetime.now(UTC) - standing.updated).total_seconds() if waited else 0.0)


COMMANDS = (watch,)
