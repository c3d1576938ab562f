"""What is common to the message grammars: the fields of a line, and rules that find them."""

from __future__ import annotations

import re
from typing import NamedTuple


class Fields(NamedTuple):
    """What a message says, as text. None where it does not say; the batch builder makes columns of it."""

    kind: str
    user: str | None = None
    addr: str | None = None  # of the client: an address or, with UseDNS, a name
    port: str | None = None
    dst: str | None = None
    dst_port: str | None = None
    method: str | None = None
    key: str | None = None
    cert_id: str | None = None
    command: str | None = None


Meaning = Fields | str | None
"""Of one message: an event, the reason why it is not understood, or None for a message that reports no event."""

NOT_UNDERSTOOD = "sshd message not understood"

USER = r"(?P<user>.*)"  # attacker text: greedy, so that what follows it is the last of its kind in the line
NAME = r"(?P<user>.+?)"  # of an existing account: what follows it is the first of its kind in the line
ADDR = r"(?P<addr>\S+)"
PORT = r"(?P<port>\d+)"
_ORDER = Fields._fields[1:]


class Rule:
    """One message: the kind, the pattern its whole text must fit, samples, and the file that writes it.

    There is a sample for each first word that the pattern allows.
    """

    def __init__(self, kind: str, pattern: str, *samples: str, origin: str) -> None:
        self.kind = kind
        self.samples = samples
        self.origin = origin
        compiled = re.compile(rf"(?:{pattern})(?P<nothing>(?!))?")
        self.fullmatch = compiled.fullmatch
        nothing = compiled.groupindex["nothing"]  # a group that never takes part gives None for what is not said
        self._groups = tuple(compiled.groupindex.get(name, nothing) for name in _ORDER)

    def read(self, message: str) -> Fields | None:
        """Give the fields of a message that fits, None where it does not."""
        match = self.fullmatch(message)
        if match is None:
            return None
        return Fields._make((self.kind, *match.group(*self._groups)))


def first_reading(rules: tuple[Rule, ...], message: str) -> Fields | None:
    """Give what the first rule that fits reads."""
    for rule in rules:
        if fields := rule.read(message):
            return fields
    return None


def by_first_word(rules: tuple[Rule, ...]) -> dict[str, tuple[Rule, ...]]:
    """Sort rules by the first word of their samples, which is fixed text in each."""
    table: dict[str, tuple[Rule, ...]] = {}
    for rule in rules:
        for word in dict.fromkeys(sample.split(" ", 1)[0] for sample in rule.samples):
            table[word] = (*table.get(word, ()), rule)
    return table
