"""The message grammar of OpenSSH's sshd: which event a line reports.

Facts are from the sources of OpenSSH portable, named beside each rule, and from logs of real servers. sshd escapes
control characters in what it logs (log.c, VIS_NL and VIS_OCTAL), so a client can put anything into a line but its end.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from graphmap.readers.fields import NOT_UNDERSTOOD, Fields, Meaning, Rule, by_first_word, first_reading
from graphmap.readers.openssh_auth import read_verdict
from graphmap.readers.openssh_context import is_context
from graphmap.readers.openssh_rules import RULES
from graphmap.readers.pam import read_pam

if TYPE_CHECKING:
    from collections.abc import Callable

MESSAGE_LIMIT = 8192
"""sshd cuts what it logs at 1,024 bytes (log.c, MSGBUFSIZ); PAM modules may write somewhat more."""

_BY_WORD = by_first_word(RULES)
_LEVELS = frozenset({"error:", "fatal:"})
_DISCONNECTING = re.compile(r"Disconnecting (?:(?P<state>invalid|authenticating) )?(?:user )?(?P<rest>.*)")
_REMOTE = re.compile(r"(?:^| )(?P<addr>\S+) port (?P<port>\d+): ")
_SESSION = re.compile(r"(?P<what>shell|command|subsystem '(?P<subsystem>.*)'|forced-command.*?)(?: on \S+)?")
_SOLARIS = re.compile(r"\[ID \d+ \w+\.\w+\] ")


def read_message(message: str) -> Meaning:
    """Read one message of sshd.

    Returns
    -------
    Fields, str or None
        The event, the reason why the message is not understood, or None for one that reports no event.
    """
    if len(message) > MESSAGE_LIMIT:
        return "message is longer than sshd writes any"
    if message.startswith("[ID "):
        message = _SOLARIS.sub("", message, count=1)
    word = message.partition(" ")[0]
    while word in _LEVELS:
        message = message[len(word) + 1 :]
        word = message.partition(" ")[0]
    read = _READERS.get(word)
    if read is None and word.startswith(("pam_", "PAM")):
        read = read_pam
    meaning = NOT_UNDERSTOOD if read is None else read(message)
    return None if meaning == NOT_UNDERSTOOD and is_context(message) else meaning


def _by_rules(rules: tuple[Rule, ...]) -> Callable[[str], Meaning]:
    return lambda message: first_reading(rules, message) or NOT_UNDERSTOOD


def _read_starting(message: str) -> Meaning:
    fields = first_reading(_BY_WORD["Starting"], message)
    return NOT_UNDERSTOOD if fields is None else fields._replace(command=_session_command(fields.command or ""))


def _read_root(message: str) -> Meaning:
    fields = first_reading(_BY_WORD["ROOT"], message)
    return NOT_UNDERSTOOD if fields is None else fields._replace(user="root")


def _session_command(text: str) -> str:
    """Write what was started as EVENTS does; the terminal's name is left out.

    `text` is ``shell on pts/0``, ``command``, ``subsystem 'sftp'``, ``forced-command (config) '/bin/x'`` (session.c).
    """
    match = _SESSION.fullmatch(text)
    if match is None:
        return text
    return f"subsystem:{match['subsystem']}" if match["subsystem"] is not None else match["what"]


def _read_disconnecting(message: str) -> Meaning:
    """Read ``Disconnecting [STATE user USER ]ADDR port PORT: TEXT`` (packet.c); USER and TEXT may be the client's."""
    match = _DISCONNECTING.fullmatch(message)
    remotes = list(_REMOTE.finditer(match["rest"])) if match else []
    if match is None or not remotes:
        return NOT_UNDERSTOOD
    named = match.start("rest") != len("Disconnecting ")
    if named and len(remotes) > 1:
        return "ambiguous: the user name or the reason could hold the source address"
    remote = remotes[0]
    if not named and remote.start():
        return NOT_UNDERSTOOD
    before = match["state"] is not None or message.rstrip().endswith("[preauth]")
    return Fields(
        "preauth-closed" if before else "disconnected",
        user=match["rest"][: remote.start()] if named else None,
        addr=remote["addr"],
        port=remote["port"],
    )


_READERS: dict[str, Callable[[str], Meaning]] = {
    **{word: _by_rules(rules) for word, rules in _BY_WORD.items()},
    **dict.fromkeys(("Accepted", "Failed", "Postponed", "Partial"), read_verdict),
    "Disconnecting": _read_disconnecting,
    "ROOT": _read_root,
    "Starting": _read_starting,
}
"""What reads a message, by its first word."""
