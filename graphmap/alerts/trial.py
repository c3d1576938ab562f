"""A finding of nothing, to try an output with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmap.alerts.message import Item
from graphmap.model import Basis, Finding, Hop, Line, Severity

if TYPE_CHECKING:
    from datetime import datetime


def trial_item(at: datetime) -> Item:
    """A finding that says that it is a test; its hosts are of the domain ``invalid``, which is nobody's (RFC 2606)."""
    source, host = "test-source.invalid", "test-host.invalid"
    hop = Hop(
        start=at.replace(microsecond=0),
        end=None,
        src=source,
        dst=host,
        user="test-user",
        service="ssh",
        method=None,
        key=None,
        certainty=1.0,
        basis=Basis.START,
        lines=(),
    )
    finding = Finding(
        id="f-000000000000",
        detector="test",
        technique="T1021.004",
        severity=Severity.INFO,
        score=0.0,
        title="TEST of graphmap's alerts: nothing happened",
        why=("somebody ran graphmap alerts test",),
        hosts=(source, host),
        users=("test-user",),
        hops=(hop,),
        lines=(Line("test.log", 1),),
    )
    return Item(finding)
