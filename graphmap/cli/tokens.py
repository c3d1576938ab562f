"""Tokens of the API: who may ask what, and until when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from graphmap.cli.options import Duration, author_option, home_option, json_option, limit_option, settings_of
from graphmap.cli.output import note, print_json, print_table
from graphmap.model import Role

if TYPE_CHECKING:
    from datetime import timedelta

    from graphmap.model import Token

LONGEST = "90d"
"""How long a token opens the API where nobody says."""


@click.group(invoke_without_command=True)
@home_option
@click.pass_context
def token(ctx: click.Context) -> None:
    """List the tokens of the API, give one out, or revoke one.

    `graphmap serve` makes an admin's token for itself at every start; these are for everybody and everything else.

    \b
    Examples:
      graphmap token
      graphmap token create --name ann --role analyst
      graphmap token revoke 3
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_tokens)


@token.command("list")
@click.option("--all", "every", is_flag=True, help="Those that have ended, too.")
@limit_option
@json_option
@home_option
@click.pass_context
def list_tokens(ctx: click.Context, every: bool = False, limit: int = 50, as_json: bool = False) -> None:
    """List who has a token. The tokens themselves are kept nowhere.

    \b
    Examples:
      graphmap token list
      graphmap token list --all --json
    """
    from graphmap.store.ledger import Ledger

    now = datetime.now(UTC)
    with Ledger(settings_of(ctx).ledger) as ledger:
        found = [one for one in ledger.tokens().values() if every or one.is_active(now)]
    if as_json:
        print_json(map(_document, found))
        return
    rows = [(one.id, one.name, str(one.role), one.created, one.created_by, _until(one)) for one in found]
    columns = ("id#", "name", "role", "since", "given by", "until")
    print_table(rows[: limit or None], columns, total=len(rows), none="no token was given out")


@token.command()
@click.option("--name", metavar="TEXT", required=True, help="Whose it is: it stands beside all that is done with it.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.READER.value,
    show_default=True,
    help="What it allows.",
)
@click.option("--for", "lasting", type=Duration(), default=LONGEST, show_default=True, help="How long it holds.")
@click.option("--forever", is_flag=True, help="It holds until somebody revokes it.")
@author_option
@json_option
@home_option
@click.pass_context
def create(
    ctx: click.Context, name: str, role: str, lasting: timedelta, forever: bool, author: str, as_json: bool
) -> None:
    """Give out a token. It is printed now and never again.

    A reader may read; an analyst may also triage and suppress findings; ingest may send logs and nothing else; an
    admin may do everything.

    \b
    Examples:
      graphmap token create --name ann --role analyst --for 30d
      graphmap token create --name shipper-3 --role ingest --forever
    """
    from graphmap.store.ledger import Ledger

    if not name.strip():
        raise click.UsageError("give a --name that others understand")
    now = datetime.now(UTC)
    with Ledger(settings_of(ctx).ledger) as ledger:
        made = ledger.add_token(
            name.strip(), Role(role), author=author, expires=None if forever else now + lasting, now=now
        )
    if as_json:
        print_json([_document(made.token) | {"token": made.text}])
        return
    click.echo(made.text)
    note(f"token {made.token.id} of {made.token.name}: {role}, until {_until(made.token)}. It is not shown again")


@token.command()
@click.argument("number", metavar="ID", type=int)
@author_option
@json_option
@home_option
@click.pass_context
def revoke(ctx: click.Context, number: int, author: str, as_json: bool) -> None:
    """Revoke a token: within a second a running server takes it no more.

    \b
    Examples:
      graphmap token revoke 3
    """
    from graphmap.store.ledger import Ledger

    with Ledger(settings_of(ctx).ledger) as ledger:
        ended = ledger.end_token(number, author=author)
    if as_json:
        print_json([_document(ended)])
        return
    note(f"token {ended.id} of {ended.name} opens nothing any more")


def _document(one: Token) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__slots__}


def _until(one: Token) -> str:
    if one.ended is not None:
        return f"revoked by {one.ended_by}"
    return "somebody revokes it" if one.expires is None else f"{one.expires:%Y-%m-%d %H:%MZ}"


COMMANDS = (token,)
