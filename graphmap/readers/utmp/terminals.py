"""What the terminal and the host of a login record tell: where somebody came from, and by which service.

sshd writes ``ssh:notty`` for a refused attempt (loginrec.c), ftpd ``ftpd1234``. Terminal windows write a display
(``:0``), screen and tmux the terminal that they run in (``:pts/0:S.0``, ``tmux(7).%0``), mosh ``ADDRESS via mosh [7]``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphmap.readers.utmp.layouts import Login

NOT_SAID = frozenset({"", "(unknown)", "UNKNOWN", "."})
"""What login programs write for a name that they do not know or will not repeat."""

_PSEUDO = re.compile(r"pts/\d+|ttyp\w+|ttys\d{3}")  # Linux; BSD; macOS
_MOSH = re.compile(r"(?P<host>\S*) ?(?:via )?mosh \[\d+\]")
_LOCAL = re.compile(r":\S*|(?:tmux|screen)\S*|localhost:\d+\S*|login screen")


def is_pseudo(line: str) -> bool:
    """Tell whether a terminal is one that a program opens, not one that a person sits at."""
    return _PSEUDO.fullmatch(line) is not None


def origin(login: Login) -> str | None:
    """Give the address or, where there is none, the name of the host that somebody came from; None for this host."""
    host = login.host
    if match := _MOSH.fullmatch(host):
        host = match["host"]
    if not host or _LOCAL.fullmatch(host):
        return login.address if login.line == "ssh:notty" or not host else None
    return login.address or host


def service(login: Login) -> str:
    """Name the service: records of terminals do not tell ssh from telnet."""
    if login.line.startswith("ssh"):
        return "ssh"
    if login.line.startswith("ftp"):
        return "ftp"
    return "terminal" if origin(login) or is_pseudo(login.line) else "console"
