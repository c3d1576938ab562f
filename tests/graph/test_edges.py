"""Edges of a small log, whole, and of many hops against a plain count."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from graphmap.graph.edges import EDGE_KEY, aggregate, build_edges
from graphmap.graph.hops import build_hops
from graphmap.tables import EDGES, FAILURES
from tests.estates import estate, plain
from tests.graph import twin

if TYPE_CHECKING:
    from tests.graph.twin import Logon

LOG = """
    Mar  1 10:00:00 db1 sshd[1]: Failed password for bob from 10.0.0.5 port 50000 ssh2
    Mar  1 10:00:05 db1 sshd[1]: Accepted password for bob from 10.0.0.5 port 50000 ssh2
    Mar  1 23:59:59 db1 sshd[2]: Accepted password for bob from 10.0.0.5 port 50001 ssh2
    Mar  2 00:00:00 db1 sshd[3]: Accepted password for bob from 10.0.0.5 port 50002 ssh2
    Mar  3 10:00:00 db1 sshd[4]: Accepted publickey for bob from 10.0.0.5 port 50003 ssh2: ED25519 SHA256:k
    Mar  3 10:00:01 db1 sshd[5]: Failed password for root from 10.0.0.9 port 50004 ssh2
    Mar  3 10:00:02 db1 sshd[6]: error: PAM: Authentication failure for bob from 10.0.0.5
"""
INVENTORY = "hosts: [{name: lt7, addresses: [10.0.0.5]}]"


def test_edges_of_a_log() -> None:
    edges = estate(LOG, inventory=INVENTORY).edges
    bob = {"src": "lt7", "src_known": True, "user": "bob", "dst": "db1", "service": "ssh"}
    assert plain(edges) == [
        {"src": "10.0.0.9", "src_known": False, "user": "root", "dst": "db1", "service": "ssh", "method": "password",
         "count": 0, "failures": 1, "first": "2026-03-03 10:00:01", "last": "2026-03-03 10:00:01", "days": 0},
        bob | {"method": "keyboard-interactive", "count": 0, "failures": 1,
               "first": "2026-03-03 10:00:02", "last": "2026-03-03 10:00:02", "days": 0},
        bob | {"method": "password", "count": 3, "failures": 1,
               "first": "2026-03-01 10:00:00", "last": "2026-03-02 00:00:00", "days": 2},
        bob | {"method": "publickey", "count": 1, "failures": 0,
               "first": "2026-03-03 10:00:00", "last": "2026-03-03 10:00:00", "days": 1},
    ]  # fmt: skip
    assert edges.schema == EDGES


def test_no_hops_no_edges() -> None:
    nothing = estate("").edges
    assert (nothing.height, nothing.schema) == (0, EDGES)


def refused(logons: list[Logon]) -> pl.DataFrame:
    """FAILURES that look like these logons; a lower-case source stands for a line that names none."""
    return pl.DataFrame(
        [
            {
                "time": twin.at(logon.start),
                "host": logon.dst,
                "src": logon.src if logon.known else None,
                "src_known": logon.known,
                "user": logon.account,
                "account": logon.account,
                "service": "ssh",
                "method": "publickey" if logon.key else "password",
            }
            for logon in logons
        ],
        schema=FAILURES,
    )


@given(twin.logons(most=8), twin.logons(most=8), st.sets(st.sampled_from(EDGE_KEY), min_size=1))
def test_aggregates_are_plain_counts(accepted: list[Logon], failed: list[Logon], chosen: set[str]) -> None:
    by = sorted(chosen)
    attempts: dict[tuple[Any, ...], list[tuple[datetime, bool]]] = defaultdict(list)
    for logons, success in ((accepted, True), ([one for one in failed if one.known], False)):
        for one in logons:
            names = {"src": one.src, "src_known": one.known, "user": one.account, "dst": one.dst, "service": "ssh",
                     "method": "publickey" if one.key else "password"}  # fmt: skip
            attempts[tuple(names[name] for name in by)].append((time_of(one), success))
    expected = [
        (
            *group,
            sum(success for _, success in tries),
            sum(not success for _, success in tries),
            min(tries)[0],
            max(tries)[0],
            len({time.date() for time, success in tries if success}),
        )
        for group, tries in sorted(attempts.items())
    ]
    assert aggregate(build_hops(twin.session_table(accepted)), refused(failed), by).rows() == expected


def time_of(logon: Logon) -> datetime:
    return twin.at(logon.start) or datetime.max.replace(tzinfo=UTC)


@given(twin.logons(most=8), twin.logons(most=8), st.randoms(use_true_random=False))
def test_order_changes_nothing(accepted: list[Logon], failed: list[Logon], random: Any) -> None:
    edges = build_edges(build_hops(twin.session_table(accepted)), refused(failed))
    for logons in (accepted, failed):
        random.shuffle(logons)
    assert build_edges(build_hops(twin.session_table(accepted)), refused(failed)).equals(edges)


def test_days_over_many_months() -> None:
    days = [0, 0, 62, 63, 64, 200, 200]
    logons = [twin.Logon(day * 86_400 * twin.SECOND + n + 1, None, "A", "B", "ann", None) for n, day in enumerate(days)]
    (edge,) = aggregate(build_hops(twin.session_table(logons)), FAILURES.to_frame(), EDGE_KEY).to_dicts()
    assert (edge["count"], edge["days"], (edge["last"] - edge["first"]).days) == (7, 5, 200)
