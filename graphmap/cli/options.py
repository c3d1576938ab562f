"""Options that many commands share, and how their values are read."""

from __future__ import annotations

import getpass
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from graphmap.config import load_settings, parse_duration, parse_zone
from graphmap.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta, tzinfo

    from graphmap.config import Settings

GAP, ENGINE, LEAST_BITS = "graphmap.gap", "graphmap.engine", "graphmap.least_bits"
"""Where a click context keeps the values of --gap and --engine."""

F = TypeVar("F", bound="Callable[..., Any]")

YEARS = range(1000, 9000)
"""Years that --since and its like take: the longest --window must still fit on either side."""


class Moment(click.ParamType[datetime]):
    """A moment: RFC 3339, with a space for the T if one likes, or a date. Without offset it is UTC."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read it, or say how it is written."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value).strip())
        except ValueError:
            self.fail(f"{value!r} is no time; write 2026-03-13T02:47:29Z or 2026-03-13", param, ctx)
        if moment.year not in YEARS:
            self.fail(f"no log is of the year {moment.year}", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Duration(click.ParamType["timedelta"]):
    """A length of time."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read it, or say how it is written."""
        try:
            return parse_duration(str(value))
        except InputError as error:
            self.fail(f"{error.message}; {error.hint}", param, ctx)


class Zone(click.ParamType["tzinfo"]):
    """A time zone."""

    name = "zone"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tzinfo:
        """Read it, or say how it is written."""
        try:
            return parse_zone(str(value))
        except InputError as error:
            self.fail(f"{error.message}; {error.hint}", param, ctx)


def user_name() -> str:
    """The name of the user whose process this is; their number where the system knows no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _keep_home(ctx: click.Context, _param: click.Parameter, value: Path | None) -> None:
    root = ctx.find_root()
    if value is not None:
        root.obj = value


home_option = click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    expose_value=False,
    callback=_keep_home,
    help="Folder of all state. Default: $GRAPHMAP_HOME, else the user's data folder.",
)

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line (docs/cli.md).")

limit_option = click.option(
    "--limit",
    type=click.IntRange(min=0),
    metavar="N",
    default=50,
    show_default="50",
    help="Rows of a table; 0 for all. JSON has all.",
)

since_option = click.option("--since", type=Moment(), help="Only what starts at or after this time.")
until_option = click.option("--until", type=Moment(), help="Only what starts before this time.")
at_option = click.option("--at", type=Moment(), help="The time to ask about. Default: all that the logs cover.")
window_option = click.option(
    "--window", type=Duration(), default="24h", show_default=True, help="How far from --at to look."
)


author_option = click.option(
    "--author", metavar="NAME", default=user_name, help="Who says so. Default: the name of the user who runs this."
)


def _kept_as(place: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    """Keeps what a user says until the settings are read (`settings_of`)."""

    def keep(ctx: click.Context, _param: click.Parameter, value: Any) -> None:
        if value is not None:
            ctx.meta[place] = value

    return keep


gap_option = click.option(
    "--gap",
    type=Duration(),
    expose_value=False,
    callback=_kept_as(GAP),
    help="How long a session without a known end counts as open. Default: 1h.",
)


mapping_option = click.option(
    "--mapping",
    "mappings",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="How to read a format that graphmap does not know (docs/mappings.md). May be given several times.",
)


class Engine(click.ParamType[str]):
    """What does the work: this machine, or Spark."""

    name = "engine"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check it, or say how it is written."""
        from graphmap.spark.engines import read_engine

        try:
            return read_engine(str(value))
        except InputError as error:
            self.fail(f"{error.message}; {error.hint}", param, ctx)


engine_option = click.option(
    "--engine",
    type=Engine(),
    expose_value=False,
    callback=_kept_as(ENGINE),
    help="local, or Spark: local[N], spark://HOST:PORT, yarn, k8s://... (docs/scale.md). Default: local.",
)


least_bits_option = click.option(
    "--least-bits",
    type=click.FloatRange(0, 1000),
    metavar="B",
    expose_value=False,
    callback=_kept_as(LEAST_BITS),
    help="Only stories of so many bits, or of as many as a short past lets one say; 0 for all. Default: 4.",
)


def reading_options(command: F) -> F:
    """Options of commands that read logs."""
    for option in (
        click.argument("paths", nargs=-1, required=True, metavar="PATH..."),
        click.option(
            "--year",
            type=click.IntRange(1970, 9999),
            metavar="YEAR",
            help="Year of the first line whose stamp has none.",
        ),
        click.option("--timezone", "zone", type=Zone(), help="Zone of stamps without offset. Default: UTC."),
        click.option("--host", metavar="HOST", help="Host whose log this is, for lines that name none."),
        mapping_option,
    ):
        command = option(command)
    return command


def settings_of(ctx: click.Context) -> Settings:
    """The settings of this call."""
    kept = (("gap", GAP), ("engine", ENGINE), ("least_bits", LEAST_BITS))
    said = {name: ctx.meta[key] for name, key in kept if key in ctx.meta}
    return replace(load_settings(ctx.find_root().obj), **said)
