"""The words that the `kind` column of login records uses, and what each of them reports."""

from __future__ import annotations

from graphmap.model import Action, Outcome
from graphmap.readers.kinds import Kind

_LOGON, _LOGOFF, _CONNECTION, _PROCESS, _FILE = Action
_SUCCESS, _FAILURE, _UNKNOWN = Outcome

UTMP_KINDS: dict[str, Kind] = {
    "login": Kind(_LOGON, _SUCCESS, "a login to a terminal (USER_PROCESS)"),
    "bad-login": Kind(_LOGON, _FAILURE, "an attempt that was refused: a record of btmp"),
    "last-login": Kind(_LOGON, _UNKNOWN, "the last login of an account, known by its number (lastlog)"),
    "window": Kind(_PROCESS, _UNKNOWN, "a terminal window or multiplexer of somebody who is logged in"),
    "logout": Kind(_LOGOFF, _UNKNOWN, "the terminal was left (DEAD_PROCESS)"),
    "down": Kind(_LOGOFF, _UNKNOWN, "the host stopped or started: whoever was logged in is not any more"),
}
"""Every kind that the utmp reader gives."""
