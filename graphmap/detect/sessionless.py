"""Logons after which nothing was started, on hosts that would have said so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from graphmap.model import Witness

if TYPE_CHECKING:
    from graphmap.detect.base import Evidence
    from graphmap.graph.index import Flags


def sessionless(evidence: Evidence) -> Flags:
    """Which hops are SSH logons without a ``Starting session``, on a host that logged such lines on that UTC day.

    sshd writes these at LogLevel VERBOSE (session.c, do_exec). ProxyJump, ``-W``, ``-N`` and the forwardings open
    channels to other hosts and start nothing, so their absence is the sign. One byte a hop; two passes over HOPS.
    """
    hops = (
        evidence.hops.scan()
        .select("dst", "service", "command", "witnesses", day=pl.col("start").dt.date())
        .with_row_index("row")
    )
    told = hops.filter(pl.col("command").is_not_null()).select("dst", "day").unique()
    server = pl.col("witnesses").list.contains(Witness.SERVER.value)
    silent = hops.filter((pl.col("service") == "ssh") & pl.col("command").is_null() & server)
    rows = silent.join(told, on=["dst", "day"], how="semi").select("row").collect(engine="streaming")["row"]
    marks = np.zeros(len(evidence.index), np.bool_)
    marks[rows.to_numpy()] = True
    return marks
