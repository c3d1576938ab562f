"""The shapes of sshd's most frequent messages, for the compiled scanner, and the program that it runs for them.

A shape stands for exactly one reading: its variable parts hold no space, so the grammar (`openssh`) cannot part the
line in another way. What fits no shape, or has a part that is not plain (`_PARTS`), is for the grammar.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from graphmap.readers.kernels import (
    ADDRESS,
    CHILD,
    CLASS,
    DEVICE,
    END,
    LITERAL,
    MAYBE,
    NUMBER,
    PEER,
    REST,
    REST_BEFORE,
    REST_OPEN,
    SPACES,
    STEP,
    TEXTS,
    TOKEN,
    USER,
    Program,
)
from graphmap.readers.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CONTEXT = "context"
"""In place of a kind: the message is understood and reports no event."""

NOWHERE = -1
_WORD = 8
"""Bytes of fixed text that are compared at once."""


class Shape(NamedTuple):
    """One message: the kind that it reports, its text with ``<parts>``, and the `command` column of its events."""

    kind: str
    text: str
    command: str | None = None


_PARTS: dict[str, tuple[int, int, int]] = {
    # step, where its finding goes (index of `kernels.TEXTS` or `kernels.NUMBERS`), and what else the step needs to know
    "user": (USER, 0, 0),  # printable ASCII without space
    "account": (USER, 0, 1),  # the same without ( and =
    "addr": (ADDRESS, 1, 0),  # digits, hexadecimal digits, colons and full stops: no name
    "dst": (ADDRESS, 2, 0),
    "key": (TOKEN, 3, 1),  # SHA256: and base64
    "ca": (TOKEN, NOWHERE, 1),
    "cert": (USER, 5, 0),  # as user
    "method": (TOKEN, 4, 0),  # lower case letters, digits, - and _
    "port": (NUMBER, 0, 0),
    "dport": (NUMBER, 1, 0),
    "child": (CHILD, 6, 0),  # pid and a number without leading zero
    "n": (NUMBER, NOWHERE, 0),
    "type": (CLASS, 0, 0),  # upper case letters, digits and -
    "tty": (CLASS, 1, 0),  # lower case letters, digits and /
    "opener": (CLASS, 3, 1),  # nothing, or as account
    "device": (DEVICE, 0, 0),  # nothing, or / and printable ASCII without space
    "spaces": (SPACES, 0, 0),  # one or more
    "any": (REST, 0, 0),  # what the reading does not look at, to the end
    "before": (REST_BEFORE, 0, 0),  # the same, ending in [preauth]
    "open": (REST_OPEN, 0, 0),  # the same, ending neither in ] nor in a space
}
_PEERS = {"<addr> port <port>": (PEER, 1, 0), "<dst> port <dport>": (PEER, 2, 1)}
"""What stands in most shapes is one step: as ADDRESS and NUMBER, with the places of both."""
_STEP = re.compile(rf"(?P<peer>{'|'.join(_PEERS)})|<(?P<maybe>\?)?(?P<name>[^<>]*)>|[^<]+")

_FROM = "from <addr> port <port>"
_FACTS = "logname= uid=0 euid=0 tty=ssh ruser= rhost=<addr>"


def _ends(words: str, after: str) -> tuple[Shape, ...]:
    """The ways in which sshd says that a connection ended (packet.c, fmt_connection_id)."""
    return (
        Shape("preauth-closed", f"{words} authenticating user <user> <addr> port <port><? [preauth]>"),
        Shape("preauth-closed", f"{words} invalid user <user> <addr> port <port><? [preauth]>"),
        Shape(after, f"{words} user <user> <addr> port <port>"),
        Shape("preauth-closed", f"{words} <addr> port <port> [preauth]"),
        Shape(after, f"{words} <addr> port <port>"),
    )


SHAPES: tuple[Shape, ...] = (
    Shape("accepted", f"Accepted <method><device> for <user> {_FROM} ssh2: <type> <key>"),
    Shape("accepted", f"Accepted <method><device> for <user> {_FROM} ssh2"),
    Shape("accepted", f"Accepted <method><device> for <user> {_FROM} ssh2: "
          "<type> <key> ID <cert> (serial <n>) CA <type> <ca>"),
    Shape(CONTEXT, "Accepted key <type> <key> found at <any>"),
    Shape("failed", f"Failed <method><device> for invalid user <user> {_FROM} ssh2<? [preauth]>"),
    # not keyboard-interactive/pam: PAM may have reported the attempt before (sshd.Conversations)
    Shape("failed", f"Failed <method> for <user> {_FROM} ssh2<? [preauth]>"),
    Shape("failed", f"Failed <method> for <user> {_FROM} ssh2: <type> <key><? [preauth]>"),
    Shape("failed", f"Failed <method> for invalid user <user> {_FROM} ssh2: <type> <key><? [preauth]>"),
    Shape("postponed", f"Postponed <method><device> for invalid user <user> {_FROM} ssh2<? [preauth]>"),
    Shape("postponed", f"Postponed <method><device> for <user> {_FROM} ssh2<? [preauth]>"),
    Shape("connection", 'Connection from <addr> port <port> on <dst> port <dport><? rdomain "">'),
    Shape("connection", "Connection from <addr> port <port>"),
    *_ends("Connection closed by", "closed"),
    *_ends("Connection reset by", "reset"),
    *_ends("Disconnected from", "disconnected"),
    Shape("preauth-closed", "Received disconnect from <addr> port <port>:<n>:<before>"),
    Shape("disconnect", "Received disconnect from <addr> port <port>:<n>:<open>"),
    Shape("preauth-closed", "Disconnecting authenticating user <user> <addr> port <port>: "
          "Too many authentication failures [preauth]"),
    Shape("preauth-closed", "Disconnecting invalid user <user> <addr> port <port>: "
          "Too many authentication failures [preauth]"),
    Shape("invalid-user", "Invalid user <user> from <addr> port <port>"),
    Shape("not-allowed", "User <user> from <addr> not allowed because <any>"),
    Shape("child", "User child is on <child>"),
    Shape("max-attempts", f"error: maximum authentication attempts exceeded for invalid user <user> {_FROM} ssh2"
          "<? [preauth]>"),
    Shape("max-attempts", f"error: maximum authentication attempts exceeded for <user> {_FROM} ssh2<? [preauth]>"),
    Shape("kex-failed", "error: kex_exchange_identification: <any>"),
    Shape("kex-failed", "Unable to negotiate with <addr> port <port>: <any>"),
    Shape("bad-banner", "banner exchange: Connection from <addr> port <port>: <any>"),
    Shape("no-identification", "Did not receive identification string from <addr> port <port>"),
    Shape("timeout", "fatal: Timeout before authentication for <addr> port <port>"),
    Shape("session-start", f"Starting session: shell on <tty> for <user> {_FROM}<? id 0>", "shell"),
    Shape("session-start", f"Starting session: command for <user> {_FROM}<? id 0>", "command"),
    Shape("session-start", f"Starting session: subsystem 'sftp' for <user> {_FROM}<? id 0>", "subsystem:sftp"),
    Shape("session-close", f"Close session: user <user> {_FROM} id <n>"),
    Shape("pam-open", "pam_unix(sshd:session): session opened for user <account>(uid=<n>) by <opener>(uid=<n>)"),
    Shape("pam-open", "pam_unix(sshd:session): session opened for user <account> by <opener>(uid=<n>)"),
    Shape("pam-close", "pam_unix(sshd:session): session closed for user <user>"),
    *(
        Shape("pam-auth-failure", f"{words}; {_FACTS}{user}")
        for words in ("pam_unix(sshd:auth): authentication failure", "PAM <n> more authentication failure<?s>")
        for user in ("<spaces>user=<account>", "<spaces>", "")
    ),
    Shape(CONTEXT, "PAM service(sshd) ignoring max retries; <n> > <n>"),
    Shape(CONTEXT, "pam_unix(sshd:auth): check pass; user unknown"),
    Shape(CONTEXT, "pam_env(sshd:session): deprecated reading of user environment enabled"),
    Shape(CONTEXT, "Server listening on <any>"),
    Shape(CONTEXT, "Received signal <n>; terminating."),
    Shape(CONTEXT, "Transferred: sent <any>"),
    Shape(CONTEXT, "Closing connection to <any>"),
    Shape(CONTEXT, "subsystem request for <any>"),
    Shape(CONTEXT, "input_userauth_request: <any>"),
    Shape(CONTEXT, "reverse mapping checking getaddrinfo for <any>"),
    Shape(CONTEXT, "Set /proc/self/oom_score_adj <any>"),
)  # fmt: skip
"""Tried in this order where they begin with the same text and parts."""


_Step = tuple[int, bytes] | tuple[int, int, int]
"""A code with fixed text, or with the two arguments of another step."""


@dataclass
class _Branch:
    """A step of one or more shapes, and what may follow it, in the order of trying."""

    step: _Step
    below: list[_Branch] = field(default_factory=list)

    @property
    def size(self) -> int:
        return 1 + sum(branch.size for branch in self.below)


def build_program(shapes: tuple[Shape, ...] = SHAPES) -> Program:
    """Make the arrays of shapes, so that what several begin with is looked at once. Each begins with fixed text."""
    roots: list[_Branch] = []
    for number in sorted(range(len(shapes)), key=lambda number: shapes[number].text.partition("<")[0]):
        _grow(roots, [*_steps(shapes[number]), (END, number, 0)])
    rows: list[tuple[int, ...]] = []
    words: list[bytes] = []
    starts = np.full(256, NOWHERE, np.int32)
    for root in roots:
        starts[ord(_fixed(root.step)[:1])] = len(rows) * STEP
        _write(root, 0, NOWHERE, rows, words)
    return Program(
        literals=np.array([int.from_bytes(text, "little") for text in words], np.uint64),
        masks=np.array([(1 << 8 * len(text)) - 1 for text in words], np.uint64),
        steps=np.array(rows, np.int32).ravel(),
        starts=starts,
        holds=np.array([_holds(shape) for shape in shapes], np.int32),
        reports=np.array([shape.kind in KINDS for shape in shapes]),
    )


def _steps(shape: Shape) -> Iterator[_Step]:
    for match in _STEP.finditer(shape.text):
        name = match["name"]
        if match["peer"]:
            yield _PEERS[match["peer"]]
        elif name is None:
            yield LITERAL, match[0].encode("ascii")
        elif match["maybe"]:
            yield MAYBE, name.encode("ascii")
        else:
            yield _PARTS[name]


def _grow(branches: list[_Branch], steps: Sequence[_Step]) -> None:
    """Add steps that follow each other to a tree."""
    if not steps:
        return
    step, *rest = steps
    for branch in branches:
        if branch.step == step:
            _grow(branch.below, rest)
            return
        common = os.path.commonprefix([_fixed(branch.step), _fixed(step)])  # noqa: RUF071 - characters are meant
        if common and branch.step[0] == step[0] == LITERAL:
            _part(branch, len(common))
            _grow(branch.below, [(LITERAL, left), *rest] if (left := _fixed(step)[len(common) :]) else rest)
            return
    branches.append(_Branch(step))
    _grow(branches[-1].below, rest)


def _part(branch: _Branch, size: int) -> None:
    """Make two steps of fixed text of one."""
    text = _fixed(branch.step)
    if text[size:]:
        branch.below = [_Branch((LITERAL, text[size:]), branch.below)]
        branch.step = (LITERAL, text[:size])


def _fixed(step: _Step) -> bytes:
    return step[1] if isinstance(step[1], bytes) else b""


def _write(branch: _Branch, depth: int, otherwise: int, rows: list[tuple[int, ...]], words: list[bytes]) -> None:
    """Write a branch and what is below it. `otherwise`: the row to try where it does not fit."""
    code, *arguments = branch.step
    count = 0
    if text := _fixed(branch.step):
        parts = [text[at : at + _WORD] for at in range(0, len(text), _WORD)]
        arguments, count = [len(words), len(text)], len(parts)
        words += parts
    rows.append((code, *arguments, depth, otherwise, count, 0, 0))
    for number, below in enumerate(branch.below, 1):
        last = number == len(branch.below)
        _write(below, depth + 1, otherwise if last else (len(rows) + below.size) * STEP, rows, words)


def _holds(shape: Shape) -> int:
    """Tell the parts that a shape has: a bit for each of TEXTS, and behind those of NUMBERS."""
    bits = 0
    for code, *places in _steps(shape):
        match places:
            case [int(text), int(number)] if code == PEER:
                bits |= 1 << text | 1 << len(TEXTS) + number
            case [int(place), *_] if place != NOWHERE:
                bits |= (USER <= code <= CHILD) << place | (code == NUMBER) << len(TEXTS) + place
    return bits
