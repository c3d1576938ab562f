"""The words that the `kind` column uses for what else than sshd's messages a unified log tells."""

from __future__ import annotations

from graphmap.model import Action, Outcome
from graphmap.readers.kinds import Kind

MACOS_KINDS: dict[str, Kind] = {
    "screen-accepted": Kind(Action.LOGON, Outcome.SUCCESS, "a logon to Screen Sharing or Remote Desktop"),
    "screen-failed": Kind(Action.LOGON, Outcome.FAILURE, "an attempt that Screen Sharing refused"),
    "client-seen": Kind(Action.PROCESS, Outcome.UNKNOWN, "an SSH client ran: the first entry of its process"),
}
"""Every kind that the macos reader gives, besides those of the SSH readers."""
