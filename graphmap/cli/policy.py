"""The segment policy: check a file, try it on the past, put it in force."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphmap.cli.options import home_option, json_option, limit_option, settings_of
from graphmap.cli.output import documents_of, note, print_json, print_table
from graphmap.documents import number_of

if TYPE_CHECKING:
    from graphmap.config import Settings
    from graphmap.policy.rules import Policy

file_argument = click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))

COLUMNS = ("from zones", "to zones", "account", "verdict", "count#", "first", "last", "why")


@click.group()
def policy() -> None:
    """Say who may log in from where, and see who did otherwise (docs/policy.md).

    \b
    Examples:
      graphmap policy check policy.yaml
      graphmap policy dry-run policy.yaml
      graphmap policy use policy.yaml && graphmap hunt --detector policy-violation
    """


@policy.command()
@file_argument
@home_option
@click.pass_context
def check(ctx: click.Context, file: Path) -> None:
    """Check a policy file, also against the inventory in use.

    \b
    Examples:
      graphmap policy check policy.yaml
    """
    from graphmap.pipeline.policies import read_policy

    _tell(settings_of(ctx), read_policy(file))


@policy.command("dry-run")
@file_argument
@limit_option
@json_option
@home_option
@click.pass_context
def dry_run(ctx: click.Context, file: Path, limit: int, as_json: bool) -> None:
    """Show which logons of the past a policy would not have permitted. Nothing is stored.

    \b
    Examples:
      graphmap policy dry-run policy.yaml
      graphmap policy dry-run policy.yaml --json
    """
    from graphmap.pipeline.estate import load_estate
    from graphmap.pipeline.policies import dry_run as run
    from graphmap.pipeline.policies import read_policy

    asked = read_policy(file)
    found = run(load_estate(settings_of(ctx)), asked)
    if as_json:
        print_json(documents_of(found))
        return
    names = ("src_zones", "dst_zones", "account", "verdict", "count", "first", "last", "why")
    rows = [
        (", ".join(src) or None, ", ".join(dst) or None, *others)
        for src, dst, *others in found.head(limit or found.height).select(names).iter_rows()
    ]
    if rows:
        print_table(rows, COLUMNS, total=found.height)
    note(f"{number_of(int(found['count'].sum()), 'logon')} of the past would not have been permitted")


@policy.command()
@file_argument
@home_option
@click.pass_context
def use(ctx: click.Context, file: Path) -> None:
    """Put a policy in force: a copy is kept, and hunts and questions go by it from now on.

    \b
    Examples:
      graphmap policy use policy.yaml
    """
    from graphmap.pipeline.policies import put_in_force

    settings = settings_of(ctx)
    _tell(settings, put_in_force(settings, file))
    note(f"in force from now on: {settings.policy}")


def _tell(settings: Settings, asked: Policy) -> None:
    """Say what a policy holds, and what of it the inventory does not know."""
    from graphmap.identity import Identity
    from graphmap.pipeline.estate import load_inventory
    from graphmap.pipeline.policies import remarks

    for remark in remarks(asked, Identity(load_inventory(settings))):
        note(remark)
    zones, rules, stated = len(asked.zones), len(asked.rules), len(asked.stated())
    note(f"{number_of(zones, 'zone')}, {number_of(rules, 'rule')}; logons to {number_of(stated, 'zone')} are judged")


COMMANDS = (policy,)
