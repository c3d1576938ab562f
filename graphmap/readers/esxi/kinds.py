"""The words that the `kind` column uses for what else than sshd's messages the logs of ESXi tell."""

from __future__ import annotations

from graphmap.model import Action, Outcome
from graphmap.readers.kinds import Kind

_LOGON, _LOGOFF, _CONNECTION, _PROCESS, _FILE = Action
_SUCCESS, _FAILURE, _UNKNOWN = Outcome

ESXI_KINDS: dict[str, Kind] = {
    "api-accepted": Kind(_LOGON, _SUCCESS, "a logon to the host's web client or API (hostd)"),
    "api-rejected": Kind(_LOGON, _FAILURE, "an attempt that hostd refused"),
    "api-session": Kind(_LOGON, _UNKNOWN, "hostd's event of a logon that `api-accepted` has reported, with the client"),
    "api-rejected-echo": Kind(_CONNECTION, _FAILURE, "hostd's event of an attempt that `api-rejected` has reported"),
    "api-logout": Kind(_LOGOFF, _UNKNOWN, "a session of the web client or API ended"),
    "ssh-session": Kind(_LOGON, _SUCCESS, "an SSH session was opened (vobd)"),
    "ssh-session-echo": Kind(_LOGON, _UNKNOWN, "the same, where sshd's own line was read before"),
    "ssh-session-closed": Kind(_LOGOFF, _UNKNOWN, "an SSH session was closed (vobd)"),
    "ssh-session-failed": Kind(_LOGON, _FAILURE, "an SSH logon failed (vobd)"),
    "ssh-session-failed-echo": Kind(_CONNECTION, _FAILURE, "the same, where sshd's own line was read before"),
    "console-login": Kind(_LOGON, _SUCCESS, "a logon at the console"),
    "terminal-closed": Kind(_LOGOFF, _UNKNOWN, "sshd closed the terminal of a session"),
    "shell-command": Kind(_PROCESS, _UNKNOWN, "a command was typed in the ESXi Shell"),
    "client-started": Kind(_PROCESS, _UNKNOWN, "a command that was typed starts an SSH client"),
    "ssh-enabled": Kind(_PROCESS, _UNKNOWN, "SSH or the ESXi Shell was switched on"),
    "ssh-disabled": Kind(_PROCESS, _UNKNOWN, "SSH or the ESXi Shell was switched off"),
}
"""Every kind that the esxi reader gives, besides those of the SSH readers."""
