"""Property graphs for tests: of a few logons, and of estates."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl
from hypothesis import strategies as st

from graphmap.graph.hops import build_hops
from graphmap.graph.index import build_index
from graphmap.graph.property_graph import PropertyGraph, build_property_graph
from graphmap.graph.walks import Walks
from graphmap.identity import Identity, parse_inventory
from graphmap.model import Finding, Line, Severity
from graphmap.tables import FAILURES
from tests.graph import twin

if TYPE_CHECKING:
    from tests.graph.twin import Logon

GAP = timedelta(seconds=1)
INVENTORY = parse_inventory(
    """
    segments: [{name: prod, restricted: true, allowed_from: [dmz]}, {name: dmz, cidrs: [10.0.0.0/24]}]
    hosts: [{name: A, segment: prod, roles: [bastion]}, {name: Z, addresses: [10.0.0.1]}]
    accounts: [{name: ann, aliases: [bob]}]
    """,
    "inventory.yaml",
)


def graph_of(logons: list[Logon], refused: list[Logon] = [], findings: list[Finding] = []) -> PropertyGraph:  # noqa: B006 - only read
    """The property graph of logons, and of attempts that were refused."""
    hops = build_hops(twin.session_table(logons), GAP)
    failures = twin.session_table(refused).rename({"start": "time"}).with_columns(line=pl.col("lines").list.first())
    identity = Identity(INVENTORY, seen_hosts="ABC")
    shaped = failures.match_to_schema(FAILURES, extra_columns="ignore", missing_columns="raise")
    return build_property_graph(hops.lazy(), shaped.lazy(), identity, Walks.over(build_index(hops)), findings)


@st.composite
def graphs(draw: st.DrawFn, most: int = 6) -> PropertyGraph:
    """Few hosts, few moments, some attempts refused, some sessions in findings."""
    logons = draw(twin.logons(most=most))
    hops = build_hops(twin.session_table(logons), GAP).to_dicts()
    shown = draw(st.lists(st.sampled_from(hops), max_size=3)) if hops else []
    findings = [
        Finding(
            id=f"f-{number}", detector="odd", technique="T1021", severity=Severity.LOW, score=float(number % 2),
            title="odd", why=("so",), hosts=(hop["src"], hop["dst"]), users=(hop["user"],),
            hops=(), lines=(Line("log", 1),),
        )
        for number, hop in enumerate(shown)
    ]  # fmt: skip
    return graph_of(logons, draw(twin.logons(most=3)), findings)
