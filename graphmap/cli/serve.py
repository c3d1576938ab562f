"""Serve the API and the page."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

import click

from graphmap.cli.options import gap_option, home_option, settings_of, user_name
from graphmap.cli.output import note
from graphmap.cli.progress import working
from graphmap.cli.warmup import compiling_notice

if TYPE_CHECKING:
    import socket

GRACE = 5
"""Seconds that requests have to end when the server is told to stop."""


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    default=8765,
    show_default="8765",
    help="0 takes any free one.",
)
@click.option("--bind", metavar="ADDRESS", default="127.0.0.1", show_default=True, help="A loopback address.")
@click.option("--open", "open_page", is_flag=True, help="Open the page in the browser.")
@gap_option
@home_option
@click.pass_context
def serve(ctx: click.Context, port: int, bind: str, open_page: bool) -> None:
    """Serve the hunters' page and the API on this machine.

    The URL that is printed holds the token of this run; whoever has it may read and change everything in the home
    folder. `graphmap token` gives out others. Ctrl-C stops it.

    \b
    Examples:
      graphmap serve
      graphmap serve --port 0 --open

    From another machine: ssh -L 8765:127.0.0.1:8765 HUNTBOX, then open the URL as it
    was printed there.
    """
    import webbrowser

    settings = settings_of(ctx)
    with _listening(bind, port) as listener:
        from graphmap.graph import ranking
        from graphmap_api.access import Access
        from graphmap_api.app import create_app
        from graphmap_api.server import run

        access = Access.on(listener.getsockname()[1], user_name())
        app = create_app(settings, access)
        with compiling_notice():  # else the first question would wait for it, longer than a request may
            ranking.warm_up()
        with working("joining sessions"):
            workspace = app.state.workspaces.current()
            empty = workspace.estate.is_empty
            workspace.make()
        if empty:
            note(
                f"{settings.home} holds no events yet: drop logs on the page, or graphmap ingest PATH... brings them in"
            )
        host = f"[{bind}]" if ":" in bind else bind
        url = f"http://{host}:{listener.getsockname()[1]}/?token={access.token}"
        click.echo(url)
        note("the page; programs send 'Authorization: Bearer TOKEN' to /api/v1. Ctrl-C stops it")
        if open_page:
            webbrowser.open(url)
        run(app, listener, grace=GRACE)
    note("stopped")


def _listening(bind: str, port: int) -> socket.socket:
    """A socket that listens on loopback.

    Raises
    ------
    InputError
        The address is not of this machine's loopback, or the port is taken.
    """
    import errno
    import socket

    from graphmap.errors import InputError

    try:
        address = ipaddress.ip_address("127.0.0.1" if bind == "localhost" else bind)
    except ValueError:
        raise InputError(f"--bind {bind!r} is no address", hint="leave it out, or give 127.0.0.1 or ::1") from None
    if not address.is_loopback:
        raise InputError(
            f"graphmap serve listens on this machine only, not on {address}: it speaks plain HTTP, and has one token",
            hint="from elsewhere use ssh -L, or a reverse proxy here that adds TLS and logins (docs/web.md)",
        )
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET  # noqa: PLR2004 - the version of IP
    # asyncio sends small answers at once (TCP_NODELAY) only on sockets that name their protocol
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((str(address), port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise InputError(
                f"port {port} is taken, perhaps by another graphmap serve", hint="--port N takes another, --port 0 any"
            ) from error
        raise InputError(f"cannot listen on {address} port {port}: {error.strerror}") from error
    return listener


COMMANDS: tuple[Any, ...] = (serve,)
