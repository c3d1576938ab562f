"""Findings and messages to be sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from graphmap.alerts import Item, Message, Quoted
from graphmap.model import Basis, Finding, Hop, Line, Severity

START = datetime(2026, 3, 10, 8, 12, 40, tzinfo=UTC)
HOP = Hop(
    START, START + timedelta(minutes=5), "198.51.100.7", "app1", "root", "ssh", "publickey", "SHA256:abc", 1.0,
    Basis.START, (Line("app1/auth.log", 3),),
)  # fmt: skip
SECOND = replace(HOP, start=START + timedelta(minutes=1), end=None, src="app1", dst="vault", lines=())
FINDING = Finding(
    id="f-1a2b3c4d5e6f",
    detector="multi-hop-chain",
    technique="T1021.004",
    severity=Severity.HIGH,
    score=4.5,
    title="198.51.100.7 -> app1 -> vault as root",
    why=("two hops", "a new way"),
    hosts=("198.51.100.7", "app1", "vault"),
    users=("root",),
    hops=(HOP, SECOND),
    lines=(Line("app1/auth.log", 3), Line("gone.log", 9)),
)
EVIDENCE = (
    Quoted("app1/auth.log", 3, "Mar 10 08:12:40 app1 sshd[1]: Accepted publickey for root", None),
    Quoted("gone.log", 9, None, "it is gone"),
)
MISSING = replace(
    FINDING, id="f-000000000002", detector="silence", technique="T1070", severity=Severity.LOW, title="app1 is silent",
    why=(), hosts=("app1",), users=(), hops=(), lines=(), first=START, last=START,
)  # fmt: skip
CREATED = datetime(2026, 3, 10, 9, 0, 0, 250000, tzinfo=UTC)
MESSAGE = Message("a-0123456789ab", "soc", CREATED, (Item(FINDING, (), EVIDENCE),))
CHANGED = replace(MESSAGE, items=(Item(FINDING, ("severity raised from low to high",), EVIDENCE),))
TWO = replace(MESSAGE, items=(*CHANGED.items, Item(MISSING)))

HOSTILE = (
    "\x1b]0;x\x07\r\nBcc: all@corp.example\r\n\r\n<!channel> <@U1> <script>&amp;</script> @here "
    '`*b*` [x](http://evil.example) a|b=c\\ "}],"id":"forged" $title ${id} \u202e\ud800\x00 ]]> 5 <14>1'
)
"""All that some medium would obey."""


def with_text(text: str) -> Message:
    """A message in which everything that a log may say is `text`."""
    hop = replace(HOP, src=text, dst=text, user=text, method=text, key=text, lines=(Line(text, 3),))
    finding = replace(
        FINDING, title=text, why=(text, text), hosts=(text, "vault"), users=(text,), hops=(hop,), lines=(Line(text, 3),)
    )
    item = Item(finding, (f"new accounts: {text}",), (Quoted(text, 3, text, None), Quoted(text, 4, None, text)))
    return replace(MESSAGE, items=(item,))
