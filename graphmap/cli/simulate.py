"""Simulate an enterprise with attacks, and evaluate how well a hunt finds them."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from graphmap.cli.options import engine_option, gap_option, home_option, json_option, least_bits_option, settings_of
from graphmap.cli.output import note, print_json, print_table
from graphmap.cli.progress import ingest_progress, working
from graphmap.documents import number_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphmap.simulate.evaluate import Evaluation
    from graphmap.simulate.metrics import Figures
    from graphmap.simulate.options import Options

F = TypeVar("F", bound="Callable[..., Any]")
FAMILIES = ("exploration", "spread", "targeted", "stolen-key", "planted-key", "spray", "staging", "tunnel")
STEALTHS = ("none", "edges", "accounts", "both")


ENTERPRISE = (
    ("--hosts", click.IntRange(50, 100_000), 600, "How many hosts."),
    ("--days", click.IntRange(1, 730), 60, "How many days."),
    ("--history", click.IntRange(0, 700), 30, "Days before the first attack."),
    ("--clean", click.IntRange(0, 100), 7, "Days without attacks at the end."),
    ("--attacks", click.FloatRange(0, 1000), 1.4, "Attacks a day in between; 0 for none."),
    ("--log-level", click.Choice(("mixed", "info", "verbose", "no-keys")), "mixed", "What sshd logs."),
    ("--habits", click.Choice(("steady", "usual", "restless")), "usual", "How often people do something new."),
)
"""Option, type, default and help of what says which enterprise is wanted."""

INVENTED = ("hosts", "days", "log_level", "habits", "no_inventory")
"""What means nothing where the logs are one's own."""


def enterprise_options(command: F) -> F:
    """Options that say what enterprise is wanted."""
    several = "; may be given several times."
    options = [
        *(
            click.option(n, type=kind, default=value, show_default=True, help=text)
            for n, kind, value, text in ENTERPRISE
        ),
        click.option(
            "--family", "families", type=click.Choice(FAMILIES), multiple=True, help=f"Only this attack{several}"
        ),
        click.option(
            "--stealth", "stealths", type=click.Choice(STEALTHS), multiple=True, help=f"Only this stealth{several}"
        ),
        click.option("--no-inventory", is_flag=True, help="Write no inventory."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _options(seed: int, values: dict[str, Any]) -> Options:
    from graphmap.simulate.options import Family, Habits, Logging, Options, Stealth

    return Options(
        seed=seed,
        families=tuple(map(Family, values["families"])) or tuple(Family),
        stealths=tuple(map(Stealth, values["stealths"])) or tuple(Stealth),
        logging=Logging(values["log_level"]),
        habits=Habits(values["habits"]),
        inventory=not values["no_inventory"],
        **{name: values[name] for name in ("hosts", "days", "history", "clean", "attacks")},
    )


@click.command()
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Which one of all there are.")
@click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), metavar="HOME",
    help="Put the attacks into a copy of this home folder instead; HOME is only read.",
)  # fmt: skip
@enterprise_options
@home_option
@click.pass_context
def simulate(ctx: click.Context, /, out: Path, seed: int, into: Path | None, **values: Any) -> None:
    """Write an invented enterprise as log files to the new folder OUT.

    OUT gets the logs of sshd, Windows and Zeek, an inventory, and the truth about the attacks in them. The same options
    give the same files.

    With --into, OUT gets a copy of your own lake, the lines of intruders who went over it, and the truth:
    `graphmap evaluate --from OUT` says how many of them a hunt finds in your logs.

    \b
    Examples:
      graphmap simulate /tmp/acme
      graphmap simulate /tmp/small --hosts 100 --days 10 --history 5 --clean 1 --seed 7
      graphmap simulate /tmp/ours --into ~/.local/share/graphmap --history 14 --clean 3
    """
    from graphmap.simulate.enterprise import simulate as write

    if into is not None:
        _inject(ctx, out, into, _options(seed, values))
        return

    with working("simulating"):
        done = write(out, _options(seed, values))
    note(
        f"{number_of(done.hosts, 'host')}, {done.people:,} people,"
        f" {number_of(done.logons, 'logon')} ({done.logons_of_people:,} of people), {number_of(done.attacks, 'attack')}"
    )


def _inject(ctx: click.Context, out: Path, into: Path, options: Options) -> None:
    from click.core import ParameterSource

    from graphmap.simulate.injecting import inject

    given = [name for name in INVENTED if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if given:
        raise click.UsageError(
            f"--{given[0].replace('_', '-')} says what to invent; with --into all is as the logs are"
        )
    settings = replace(settings_of(ctx), home=into)
    with working("putting attacks into a copy"):
        done = inject(out, settings, options)
    note(
        f"{number_of(done.attacks, 'attack')} of {number_of(done.logons, 'logon')} on {number_of(done.hosts, 'host')}"
        f" in a copy of {into}" + (f"; {done.left_out:,} more were not possible" if done.left_out else "")
    )
    note(f"graphmap evaluate --from {out}")


@click.command()
@click.option(
    "--from", "folders", type=click.Path(file_okay=False, path_type=Path), multiple=True,
    help="A folder that `simulate` wrote; may be given several times. If not given, one is simulated for each seed.",
)  # fmt: skip
@click.option(
    "--seed", "seeds", type=click.IntRange(min=0), multiple=True, help="Which ones to simulate; 1 if not given."
)
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), help="Keep what is simulated in this folder.")
@click.option(
    "--detector", "names", metavar="NAME", multiple=True, help="Only this detector; may be given several times."
)
@enterprise_options
@least_bits_option
@gap_option
@engine_option
@json_option
@home_option
@click.pass_context
def evaluate(
    ctx: click.Context,
    /,
    folders: tuple[Path, ...],
    seeds: tuple[int, ...],
    keep: Path | None,
    names: tuple[str, ...],
    as_json: bool,
    **values: Any,
) -> None:
    """Run a hunt over simulated enterprises and say how many attacks it finds at how many alerts.

    The plain rules stand beside it. What was read of a folder of `simulate` is kept in it, for the next evaluation.

    \b
    Examples:
      graphmap evaluate
      graphmap evaluate --hosts 2000 --seed 1 --seed 2 --keep /tmp/enterprises
      graphmap evaluate --from /tmp/acme --detector fan-out --json
    """
    from graphmap.detect import DETECTORS
    from graphmap.simulate.evaluate import evaluate as run
    from graphmap.simulate.metrics import averaged

    chosen = [DETECTORS[name] for name in names] or None
    done: list[tuple[str, Evaluation]] = []
    with tempfile.TemporaryDirectory(prefix="graphmap-") as temporary:
        for folder in folders or _simulated(keep or Path(temporary), seeds or (1,), values):
            with ingest_progress() as progress:
                done.append((folder.name, run(folder, settings_of(ctx), chosen, progress)))
    if as_json:
        print_json(_documents(done))
        return
    every = [averaged([one.figures[n] for _, one in done]) for n in range(len(done[0][1].figures))]
    _print_figures(every)
    _print_groups(every[0])
    _tell_default(every[0], settings_of(ctx).least_bits)
    for name, one in done:
        note(
            f"{name}: {number_of(one.hops, 'hop')}, {100 * one.novel:.1f} of 100 logons of people are first seen,"
            f" {number_of(one.hidden, 'attack')} in no log"
        )


def _simulated(parent: Path, seeds: tuple[int, ...], values: dict[str, Any]) -> Iterator[Path]:
    from graphmap.simulate.enterprise import simulate as write

    for seed in seeds:
        folder = parent / f"seed-{seed}"
        with working(f"simulating seed {seed}"):
            write(folder, _options(seed, values))
        yield folder


def _print_figures(every: list[Figures]) -> None:
    budgets = sorted(every[0].at)
    columns = (
        "rule", "attacks#", "alerts/day#", "ever#", *(f"@{budget}#" for budget in budgets), "AP#", "P@50#",
        "best 5/day#", "clean/day#", "per attack#", "hours#", "purity#",
    )  # fmt: skip
    rows = [
        (
            one.name, one.attacks, one.alerts, one.ceiling, *(one.at[budget].detection for budget in budgets),
            one.average_precision, one.precision_at[50], one.daily[5], one.at[5].clean, one.at[5].stories,
            one.at[5].hours, one.at[5].purity,
        )
        for one in every
    ]  # fmt: skip
    print_table(rows, columns, total=len(rows))


def _print_groups(hunt: Figures) -> None:
    families = list(dict.fromkeys(family for family, _ in hunt.groups))
    stealths = [stealth for stealth in STEALTHS if any(s == stealth for _, s in hunt.groups)]
    rows = [
        (family, *("{}/{}".format(*hunt.groups.get((family, stealth), (0, 0))) for stealth in stealths))
        for family in families
    ]
    if rows:
        print_table(rows, ("found at 5 false alerts a day", *(f"{s}#" for s in stealths)), total=len(rows))


def _tell_default(hunt: Figures, least_bits: float) -> None:
    at = hunt.default
    note(
        f"told by default, from {least_bits:g} bits on: {100 * at.detection:.0f} % of the attacks,"
        f" {at.false:.1f} false alerts a day, {at.clean:.1f} in the clean week"
    )


def _documents(done: list[tuple[str, Evaluation]]) -> Iterator[dict[str, Any]]:
    for name, one in done:
        common = {"enterprise": name, "hops": one.hops, "novel": one.novel, "hidden": one.hidden}
        for figures in one.figures:
            yield common | {
                "rule": figures.name,
                "attacks": figures.attacks,
                "alerts": figures.alerts,
                "clean": figures.clean,
                "ever": figures.ceiling,
                "average_precision": figures.average_precision,
                "precision_at": [{"first": n, "precision": share} for n, share in figures.precision_at.items()],
                "at": [asdict(point) | {"found": sorted(point.found)} for point in figures.at.values()],
                "default": figures.default._asdict() | {"found": sorted(figures.default.found)},
                "daily": [{"budget": n, "detection": share} for n, share in figures.daily.items()],
                "groups": [
                    {"family": family, "stealth": stealth, "found": found, "attacks": number}
                    for (family, stealth), (found, number) in figures.groups.items()
                ],
            }


COMMANDS = (simulate, evaluate)
