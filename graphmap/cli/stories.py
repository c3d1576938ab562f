"""Stories: the findings of all detectors about one path, listed and shown as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click
from rich.text import Text

from graphmap.cli.options import (
    home_option,
    json_option,
    least_bits_option,
    limit_option,
    settings_of,
    since_option,
    until_option,
)
from graphmap.cli.output import SEVERITY_STYLE, console, note, print_hops, print_json, shown, tell_rest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from graphmap.config import Settings
    from graphmap.detect.stories import Chosen
    from graphmap.model import Story

F = TypeVar("F", bound="Callable[..., Any]")

PARTS = 8
"""How many parts of a story a list shows."""


def choosing_options(command: F) -> F:
    """Options that say which stories are worth telling."""
    for option in (
        click.option(
            "--alerts-per-day", "a_day", type=click.IntRange(min=1), metavar="N",
            help="Only the N best stories of each UTC day, over all detectors.",
        ),
        click.option(
            "--fdr", "rate", type=click.FloatRange(0, 1, min_open=True, max_open=True), metavar="Q",
            help="Of stories with a p-value, only so many that at most a share Q of them is chance.",
        ),
        least_bits_option,
    ):  # fmt: skip
        command = option(command)
    return command


def stories_counted(count: int) -> str:
    """``1 story``, ``1,200 stories``."""
    return f"{count:,} {'story' if count == 1 else 'stories'}"


def tell_held(chosen: Chosen, settings: Settings, *, rate: float | None, a_day: int | None) -> None:
    """Say how many stories are told where not all are, and why others are not."""
    told, held = len(chosen.every), [len(some) for some in (chosen.faint, chosen.chance, chosen.surplus)]
    if not any(held):
        return
    reasons = (
        f"below {settings.least_bits:g} bits (--least-bits 0 tells them)",
        f"taken for chance by --fdr {rate}",
        f"not among the best {a_day} of their day (--alerts-per-day)",
    )
    why = ", ".join(f"{count:,} {reason}" for count, reason in zip(held, reasons, strict=True) if count)
    note(f"{told:,} of {stories_counted(told + sum(held))} told: {why}")


def print_stories(chosen: Chosen, *, limit: int) -> None:
    """Print stories, each with its parts below it; `limit` of them, 0 for all."""
    blocks = chosen.every[: limit or None]
    _print_blocks(blocks[: len(chosen.told)])
    if chosen.apart:
        note(f"{stories_counted(len(chosen.apart))} without a p-value, of which --fdr says nothing:")
        _print_blocks(blocks[len(chosen.told) :])
    tell_rest(len(blocks), len(chosen.every))


def _print_blocks(some: Iterable[Story]) -> None:
    out = console()
    for story in some:
        out.print(_headline(story), soft_wrap=True)
        for part in story.parts[:PARTS]:
            line = f"  {part.id}  {part.detector}: {part.title}"
            out.print(Text(shown(line), "dim"), soft_wrap=True)
        if len(story.parts) > PARTS:
            out.print(Text(f"  and {len(story.parts) - PARTS:,} more", "dim"), soft_wrap=True)


def _headline(story: Story) -> Text:
    p = "" if story.p_value is None else f"  p {story.p_value:.2g}"
    weight = f"{story.score:.2f} bits" if story.past or story.score else "no past"
    return Text.assemble(
        f"{story.id}  ",
        (f"{story.severity}", SEVERITY_STYLE[str(story.severity)]),
        f"  {weight}{p}  {shown(story.first)}  ",
        (shown(story.title), "bold"),
    )


@click.group(invoke_without_command=True)
@home_option
@click.pass_context
def stories(ctx: click.Context) -> None:
    """List the stories that stored findings tell, or show one.

    A story is what all detectors found about one path. Judge and suppress its parts, the findings.

    \b
    Examples:
      graphmap stories
      graphmap stories list --alerts-per-day 5
      graphmap stories show s-1a2b
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_stories)


@stories.command("list")
@choosing_options
@since_option
@until_option
@limit_option
@json_option
@home_option
@click.pass_context
def list_stories(
    ctx: click.Context,
    rate: float | None = None,
    a_day: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 50,
    as_json: bool = False,
) -> None:
    """List the stories, the first to read first, with their parts.

    A story is of a time if its evidence is, or begins before and ends after it.

    \b
    Examples:
      graphmap stories list --since 2026-03-01
      graphmap stories list --fdr 0.05 --json
    """
    from graphmap.detect.stories import choose
    from graphmap.pipeline.stories import described, load_stories

    settings = settings_of(ctx)
    every = load_stories(settings.ledger)
    found = [story for story in every if _is_of(story, since, until)]
    chosen = choose(found, least_bits=settings.least_bits, rate=rate, per_day=a_day)
    if as_json:
        print_json(map(described, chosen.every))
    else:
        print_stories(chosen, limit=limit)
    tell_held(chosen, settings, rate=rate, a_day=a_day)
    if not found:
        note("no story matches" if every else "no findings stored: graphmap hunt looks for some")


def _is_of(story: Story, since: datetime | None, until: datetime | None) -> bool:
    late_enough = since is None or story.last is None or story.last >= since
    return late_enough and (until is None or story.first is None or story.first < until)


@stories.command()
@click.argument("story_id", metavar="ID")
@json_option
@home_option
@click.pass_context
def show(ctx: click.Context, story_id: str, as_json: bool) -> None:
    """Show a story whole, in plain words. The beginning of its id is enough, or of the id of one of its findings.

    \b
    Examples:
      graphmap stories show s-1a2b
      graphmap stories show f-1a2b --json
    """
    from graphmap.pipeline.stories import described, load_stories, story_named

    story = story_named(load_stories(settings_of(ctx).ledger), story_id)
    if as_json:
        print_json([described(story)])
        return
    _print_whole(story)


def _print_whole(story: Story) -> None:
    from graphmap.detect.stories.words import part_line, words_of

    out = console()
    words = words_of(story)
    out.print(_headline(story), soft_wrap=True)
    for title, said in (
        ("Who", (words.who,)),
        ("From", (words.origin,)),
        ("Along", (words.way,)),
        ("With", words.credentials),
        ("Unusual", words.unusual),
        ("Benign if", words.benign),
        ("Look at", words.next),
        ("Ask", () if words.command is None else (words.command,)),
        ("Techniques", (", ".join(story.techniques),)),
        ("Parts", tuple(map(part_line, story.parts))),
    ):
        if said:
            out.print(Text(f"\n{title}", "bold"))
        for one in said:
            out.print(Text(f"  {shown(one)}"), soft_wrap=True)
    if story.hops:
        out.print("\nHops", style="bold")
        print_hops(story.hops)
    out.print("\nLines", style="bold")
    for line in story.lines:
        out.print(Text(f"  {shown(line.file)}:{line.line}", "dim"), soft_wrap=True)
    if story.continues is not None:
        note(f"it goes on with {story.continues}, which was as long as stories get")


COMMANDS = (stories,)
