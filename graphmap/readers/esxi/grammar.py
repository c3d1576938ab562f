"""The lines and messages of ESXi: which program wrote what, and what it reports.

Sources: VMware's articles on the format of ESXi 8's logs, on auditing ESXi Shell logins, and its catalogue of events
(``esx.audit.ssh.session.opened`` and the like). The severity ``In(14)`` stands where other syslog has a host.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from graphmap.readers.clients import CLIENTS, COMMAND_CHARACTERS
from graphmap.readers.syslog import Header, split_header

if TYPE_CHECKING:
    from collections.abc import Mapping

_SEVERITY = re.compile(r"[A-Z][a-z]\(\d{1,3}\)")
_CORRELATOR = re.compile(r"\[\w+Correlator\] \d+us: +(?P<rest>\[[\w.-]+\] .*)")  # [UserLevelCorrelator] 1us: [vob.x] y
_HOSTD = (
    re.compile(  # info hostd[2100] [Originator@6876 sub=Vimsvc.ha-eventmgr opID=1] Event 99 : User root@h logged in
        r"(?:(?:info|warning|error|verbose|trivia|panic) )?(?:[Hh]ostd\[\w+\]:? )?\[Originator@\d+ (?P<facts>[^\]]*)\] "
        r"(?:Event \d+ : )?(?P<rest>.*)"
    )
)
_SESSION = re.compile(r" sid=(\w{1,64})")
_MARKS = re.compile(r"\[Originator@\d+ sub=|\[\w+Correlator\] \d+us: |pam_per_user: |on /dev/char/|'char/tty/")
_SHELL = re.compile(r"\[(?P<user>[^\]\s]{1,64})\]: (?P<command>.*)")  # [root]: vim-cmd vmsvc/getallvms
_AT = r"(?P<user>.*)@(?P<addr>[^\s@']+)"

# Each fits the whole message; the names of accounts that exist hold no space, and what a client says of itself is last
_HOSTD_RULES = {
    "api-accepted": r"Accepted password for user (?P<user>.*) from (?P<addr>\S+?)"
    r"(?: - session=(?P<session>\w+)[\w-]*)?",
    "api-rejected": r"Rejected password for user (?P<user>.*) from (?P<addr>\S+)",
    "api-session": r"User (?P<user>\S+)@(?P<addr>[^\s@]+) logged in as (?P<client>.*)",
    "api-rejected-echo": rf"Cannot login {_AT}",
    "api-logout": r"User (?P<user>\S+)@(?P<addr>[^\s@]+) logged out(?: \(.*)?",
    "ssh-enabled": r"(?:SSH|ESXi Shell)(?: access)? (?:for the host \S+ )?has been enabled\.?",
    "ssh-disabled": r"(?:SSH|ESXi Shell)(?: access)? (?:for the host \S+ )?has been disabled\.?",
}
_VOBD_RULES = {
    "ssh-session": rf"\[vob\.user\.ssh\.session\.opened\] SSH session was opened for '{_AT}'\.?",
    "ssh-session-closed": rf"\[vob\.user\.ssh\.session\.closed\] SSH session was closed for '{_AT}'\.?",
    "ssh-session-failed": rf"\[vob\.user\.ssh\.session\.failed\] SSH (?:login|session) (?:has )?failed for '{_AT}'\.?",
    "ssh-enabled": r"\[esx\.audit\.(?:ssh|shell)\.enabled\] .*",
    "ssh-disabled": r"\[esx\.audit\.(?:ssh|shell)\.disabled\] .*",
}
_SSHD_RULES = {"terminal-closed": r"Session closed for '(?P<user>.*)' on /dev/char/\S+"}
_SSHD_CONTEXT = re.compile(r"Session opened for '.*' on /dev/char/\S+|FIPS mode initialized")
_LOGIN_RULES = {"console-login": r"(?P<user>\S+) login on 'char/tty/[^']+'"}
_SWITCH_RULES = {"ssh-enabled": "SSH login enabled", "ssh-disabled": "SSH login disabled"}


class Said(NamedTuple):
    """What a message reports: its kind, and the text of its parts."""

    kind: str
    user: str | None = None
    addr: str | None = None
    client: str | None = None
    command: str | None = None
    session: str | None = None


def parse_line(text: str) -> Header | None:
    """Part a line; the severity is no host, and the programs of older versions are known by what they write."""
    header = split_header(text)
    if header is None:
        return None
    if header.host and _SEVERITY.fullmatch(header.host):
        header = header._replace(host=None)
    if header.program is None:
        if _CORRELATOR.match(header.message):
            return header._replace(program="vobd")
        if _HOSTD.match(header.message):
            return header._replace(program="hostd")
    return header


def is_esxi(text: str) -> bool:
    """Tell whether only ESXi writes such a line."""
    header = split_header(text)
    return header is not None and bool((header.host and _SEVERITY.fullmatch(header.host)) or _MARKS.search(text))


def read_hostd(message: str) -> Said | None:
    """Read a message of hostd, with or without the brackets in front; None for one that reports nothing here."""
    match = _HOSTD.fullmatch(message)
    if match is None:
        return _first(_HOSTD_PATTERNS, message)
    said = _first(_HOSTD_PATTERNS, match["rest"])
    sessions = _SESSION.findall(match["facts"])
    return said._replace(session=sessions[-1]) if said and sessions else said


def read_vobd(message: str) -> Said | None:
    """Read a message of vobd. Of the two that it writes on one event the first, ``vob.``, counts."""
    match = _CORRELATOR.fullmatch(message)
    return _first(_VOBD_PATTERNS, match["rest"] if match else message)


def read_shell(message: str) -> Said | None:
    """Read a command that was typed in the ESXi Shell."""
    match = _SHELL.fullmatch(message)
    if match is None:
        return None
    command = match["command"]
    program = command.split(maxsplit=1)[0].rpartition("/")[2] if command.strip() else ""
    client = program if program in CLIENTS else None
    kind = "client-started" if client else "shell-command"
    return Said(kind, user=match["user"], client=client, command=command[:COMMAND_CHARACTERS])


def read_login(message: str) -> Said | None:
    """Read a message of login at the console."""
    return _first(_LOGIN_PATTERNS, message)


def read_switch(message: str) -> Said | None:
    """Read what the script that switches SSH writes."""
    return _first(_SWITCH_PATTERNS, message)


def read_terminal(message: str) -> Said | None:
    """Read what only ESXi's sshd writes; None for what sshd writes everywhere."""
    return _first(_SSHD_PATTERNS, message)


def is_terminal_context(message: str) -> bool:
    """Tell whether a message is one that only ESXi's sshd writes and that reports nothing."""
    return _SSHD_CONTEXT.fullmatch(message) is not None


def _compiled(rules: Mapping[str, str]) -> dict[str, re.Pattern[str]]:
    return {kind: re.compile(pattern) for kind, pattern in rules.items()}


_HOSTD_PATTERNS, _VOBD_PATTERNS, _SSHD_PATTERNS, _LOGIN_PATTERNS, _SWITCH_PATTERNS = map(
    _compiled, (_HOSTD_RULES, _VOBD_RULES, _SSHD_RULES, _LOGIN_RULES, _SWITCH_RULES)
)


def _first(patterns: Mapping[str, re.Pattern[str]], message: str) -> Said | None:
    for kind, pattern in patterns.items():
        if match := pattern.fullmatch(message):
            return Said(kind, **match.groupdict())
    return None
