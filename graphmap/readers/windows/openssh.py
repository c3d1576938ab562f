"""OpenSSH for Windows, which gives each line of its log to a channel: who wrote it (process) and the line (payload)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmap.readers.fields import Fields
from graphmap.readers.ssh_records import of_message
from graphmap.readers.sshd import read_program

if TYPE_CHECKING:
    from graphmap.readers.windows.event import Event
    from graphmap.readers.windows.rows import Meaning


def read_line(event: Event) -> Meaning:
    """Read a line of sshd's; those of its other programs are another's."""
    meaning = read_program(event.data.get("process"), event.data.get("payload", ""))
    if not isinstance(meaning, Fields):
        return meaning
    row = of_message(meaning)
    row["pid"] = event.pid
    return row
