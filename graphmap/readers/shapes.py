"""The shapes of sshd's most frequent messages, and the function that the compiled scanner takes them with.

A shape stands for exactly one reading: its variable parts hold no space, so the grammar (`openssh`) cannot part the
line in another way. What fits no shape, or has a part that is not plain (`_PARTS`), is for the grammar.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from graphmap.readers.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CONTEXT = "context"
"""In place of a kind: the message is understood and reports no event."""

_WORD = 8
"""Bytes of fixed text that are compared at once."""
_INDENT = "    "


class Shape(NamedTuple):
    """One message: the kind that it reports, its text with ``<parts>``, and the `command` column of its events."""

    kind: str
    text: str
    command: str | None = None


TEXTS = ("user", "addr", "dst", "key", "method", "cert_id", "command")
NUMBERS = ("port", "dst_port")
"""What of a message becomes a column."""


class _Part(NamedTuple):
    """A part of a message: the function of `kernels` that gives the position behind it, and what it becomes."""

    function: str
    column: str | None = None


_PARTS = {
    "user": _Part("take_user", "user"),
    "account": _Part("take_account", "user"),
    "addr": _Part("take_address", "addr"),
    "dst": _Part("take_address", "dst"),
    "key": _Part("take_key", "key"),
    "ca": _Part("take_key"),
    "cert": _Part("take_user", "cert_id"),
    "method": _Part("take_method", "method"),
    "port": _Part("take_number", "port"),
    "dport": _Part("take_number", "dst_port"),
    "child": _Part("take_child", "command"),
    "n": _Part("take_number"),
    "type": _Part("take_type"),
    "tty": _Part("take_tty"),
    "opener": _Part("take_opener"),
    "device": _Part("take_device"),
    "spaces": _Part("take_spaces"),
    "any": _Part("take_rest"),
    "before": _Part("take_rest_before"),
    "open": _Part("take_rest_open"),
}
_STEP = re.compile(r"<(?P<maybe>\?)?(?P<name>[^<>]*)>|[^<]+")

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


class Program(NamedTuple):
    """What a shape means to the scanner, by its number."""

    holds: np.ndarray
    """A bit for each of TEXTS, and behind those of NUMBERS, that it has (int32)."""
    reports: np.ndarray
    """Whether it reports an event (bool)."""


def build_program(shapes: tuple[Shape, ...] = SHAPES) -> Program:
    """Make the arrays."""
    return Program(
        np.array([_holds(shape) for shape in shapes], np.int32), np.array([shape.kind in KINDS for shape in shapes])
    )


def _holds(shape: Shape) -> int:
    columns = {step.column for step in _steps(shape) if isinstance(step, _Part)}
    return sum(1 << place for place, column in enumerate(TEXTS + NUMBERS) if column in columns)


class _Maybe(NamedTuple):
    text: bytes


class _End(NamedTuple):
    shape: int


_Step = bytes | _Maybe | _Part | _End


@dataclass
class _Branch:
    """A step of one or more shapes, and what may follow it, in the order of trying."""

    step: _Step
    below: list[_Branch] = field(default_factory=list)


def write_walk(shapes: tuple[Shape, ...] = SHAPES) -> str:
    """Write the source of the function that `kernels` compiles: what message stands at a place.

    What several shapes begin with is looked at once. Each begins with fixed text. The function takes the bytes, where
    the message begins and ends, and an array for where the texts of TEXTS begin and end and for the numbers of NUMBERS;
    it gives the shape, or SLOW.
    """
    roots: list[_Branch] = []
    for number in sorted(range(len(shapes)), key=lambda number: shapes[number].text.partition("<")[0]):
        _grow(roots, [*_steps(shapes[number]), _End(number)])
    numbers = count(1)
    lines = ["def walk(data, p, end, parts):", f"{_INDENT}first = byte(data, p)"]
    for root in roots:
        lines.append(f"{_INDENT}if first == {ord(_fixed(root.step)[:1])}:")
        _write(root, "p", 2, numbers, lines)
    return "\n".join([*lines, f"{_INDENT}return SLOW", ""])


def _steps(shape: Shape) -> Iterator[_Step]:
    for match in _STEP.finditer(shape.text):
        name = match["name"]
        if name is None:
            yield match[0].encode("ascii")
        elif match["maybe"]:
            yield _Maybe(name.encode("ascii"))
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
        if common:
            _part(branch, len(common))
            _grow(branch.below, [left, *rest] if (left := _fixed(step)[len(common) :]) else rest)
            return
    branches.append(_Branch(step))
    _grow(branches[-1].below, rest)


def _part(branch: _Branch, size: int) -> None:
    """Make two steps of fixed text of one."""
    text = _fixed(branch.step)
    if text[size:]:
        branch.below = [_Branch(text[size:], branch.below)]
        branch.step = text[:size]


def _fixed(step: _Step) -> bytes:
    return step if isinstance(step, bytes) else b""


def _write(branch: _Branch, at: str, indent: int, numbers: Iterator[int], lines: list[str]) -> None:
    """Write a branch that begins at the position in a variable: it returns where all fits, else comes to its end."""
    step, pad, behind = branch.step, _INDENT * indent, f"q{next(numbers)}"
    match step:
        case _End(shape):
            lines += [f"{pad}if {at} == end:", f"{pad}{_INDENT}return {shape}"]
            return
        case _Maybe(text):
            lines.append(f"{pad}{behind} = {at} + {len(text)} if {_stands(text, at)} else {at}")
        case _Part(function, column):
            lines += [f"{pad}{behind} = {function}(data, {at}, end)", f"{pad}if {behind} >= 0:"]
            indent += 1
            if column in TEXTS:
                place = 2 * TEXTS.index(column)
                lines.append(f"{_INDENT * indent}parts[{place}], parts[{place + 1}] = {at}, {behind}")
            elif column:
                place = 2 * len(TEXTS) + NUMBERS.index(column)
                lines.append(f"{_INDENT * indent}parts[{place}] = read_number(data, {at}, {behind})")
        case bytes(text):
            lines += [f"{pad}if {_stands(text, at)}:", f"{pad}{_INDENT}{behind} = {at} + {len(text)}"]
            indent += 1
    for below in branch.below:
        _write(below, behind, indent, numbers, lines)


def _stands(text: bytes, at: str) -> str:
    """Write the question whether a text stands at a position: the words of both are compared."""
    asked = []
    for first in range(0, len(text), _WORD):
        few = text[first : first + _WORD]
        mask = "" if len(few) == _WORD else f" & np.uint64({(1 << 8 * len(few)) - 1:#x})"
        place = f"{at} + {first}" if first else at
        asked.append(f"word(data, {place}){mask} == np.uint64({int.from_bytes(few, 'little'):#x})")
    if b"]" in text:  # which may stand behind a message that another one quotes
        asked.append(f"{at} + {len(text)} <= end")
    return " and ".join(asked)
