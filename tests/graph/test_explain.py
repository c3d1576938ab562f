"""Chains as answers: ids that survive another rendering of the log, certainty, score, end."""

from __future__ import annotations

from math import prod
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from graphmap.graph.explain import chain_of, stable_id
from graphmap.graph.hops import build_hops
from graphmap.graph.index import build_index
from graphmap.graph.paths import chains
from graphmap.graph.rarity import past
from graphmap.graph.table import HopTable
from graphmap.model import Basis, Chain, Hop, Line, Witness
from graphmap.pipeline.estate import Estate
from tests.estates import estate, read, rfc3164
from tests.graph import twin

if TYPE_CHECKING:
    from datetime import datetime

    from tests.graph.twin import Logon

LOG = dedent("""\
    2026-03-01T10:00:00.100000+00:00 web1 sshd[1]: Connection from 10.0.0.9 port 50000 on 10.0.0.1 port 22
    2026-03-01T10:00:00.300000+00:00 web1 sshd[1]: Accepted publickey for bob from 10.0.0.9 port 50000 ssh2: ED25519 SHA256:k
    2026-03-01T10:00:02.200000+00:00 app1 sshd[2]: Connection from 10.0.0.1 port 50001 on 10.0.0.2 port 22
    2026-03-01T10:00:02.300000+00:00 app1 sshd[2]: Accepted publickey for bob from 10.0.0.1 port 50001 ssh2: ED25519 SHA256:k
    2026-03-01T10:00:04.300000+00:00 db1 sshd[3]: Accepted password for ann from 10.0.0.2 port 50002 ssh2
    2026-03-01T10:00:05.100000+00:00 db1 sshd[4]: Disconnected from user ann 10.0.0.2 port 50002
    2026-03-01T10:00:06.100000+00:00 app1 sshd[5]: Disconnected from user bob 10.0.0.1 port 50001
    2026-03-01T10:00:07.100000+00:00 web1 sshd[6]: Disconnected from user bob 10.0.0.9 port 50000
""")
TWICE = LOG + "".join(line.replace("50001", "50009") for line in LOG.splitlines(keepends=True) if "50001" in line)
"""Two copies of scp at once: same hosts, same user, same second, another port."""


def moment(seconds: float) -> datetime:
    return twin.EPOCH.replace(hour=10, second=int(seconds), microsecond=round(seconds % 1 * 1_000_000))


def only_chain(log: str) -> Chain:
    found = estate(log).chains()
    assert len(found) == 1
    return found[0][1]


def test_a_chain_whole() -> None:
    key: dict[str, Any] = {"service": "ssh", "method": "publickey", "key": "SHA256:k", "witnesses": (Witness.SERVER,)}
    chain = only_chain(LOG)
    assert chain == Chain(
        id=chain.id,
        hosts=("10.0.0.9", "web1", "app1", "db1"),
        users=("bob", "bob", "ann"),
        start=moment(0.3),
        end=moment(7.1),
        certainty=1.0,
        score=4.0,  # three new hops and one change of account
        hops=(
            Hop(moment(0.3), moment(7.1), "10.0.0.9", "web1", "bob", certainty=1.0, basis=Basis.START,
                lines=(Line("auth.log", 2), Line("auth.log", 8)), **key),
            Hop(moment(2.3), moment(6.1), "web1", "app1", "bob", certainty=1.0, basis=Basis.KEY,
                lines=(Line("auth.log", 4), Line("auth.log", 7)), **key),
            Hop(moment(4.3), moment(5.1), "app1", "db1", "ann", "ssh", "password", None, 1.0, Basis.OPEN,
                lines=(Line("auth.log", 5), Line("auth.log", 6)), witnesses=(Witness.SERVER,)),
        ),
    )  # fmt: skip


def test_an_open_hop_leaves_the_chain_open() -> None:
    log = "".join(line for line in LOG.splitlines(keepends=True) if "Disconnected from user bob 10.0.0.1" not in line)
    assert only_chain(log).end is None


def test_both_renderings_of_a_log_give_one_id() -> None:
    fine, coarse = only_chain(LOG), only_chain(rfc3164(LOG.splitlines()))
    assert coarse.id == fine.id
    assert coarse.hops[0].start != fine.hops[0].start


def test_connections_of_one_second_are_told_apart() -> None:
    first, second = (chain for _, chain in estate(TWICE).chains())
    assert first.hosts == second.hosts
    assert first.id != second.id


@given(st.integers(0, 1 << 32))
def test_order_of_the_events_changes_no_chain(seed: int) -> None:
    events = read(TWICE)
    expected = [chain for _, chain in Estate(events).chains()]
    shuffled = events.sample(fraction=1, shuffle=True, seed=seed)
    assert [chain for _, chain in Estate(shuffled).chains()] == expected


@given(twin.logons())
def test_certainty_is_the_product_over_the_hops(logons: list[Logon]) -> None:
    hops = build_hops(twin.session_table(logons))
    index = build_index(hops)
    seen = past(index)
    for path, rows in HopTable.of(hops).each(chains(index, min_hops=1).paths, lambda path: path.rows):
        chain = chain_of(path, rows, seen)
        assert chain.certainty == round(prod(hop.certainty for hop in chain.hops), 6)
        assert len(chain.hosts) == len(chain.hops) + 1 == len(chain.users) + 1
        new = sum(seen.novelty(row) for row in path.rows)
        switches = sum(a != b for a, b in zip(chain.users, chain.users[1:], strict=False))
        assert chain.score == round(path.certainty * (new + switches), 6)


def test_ids_depend_on_every_part() -> None:
    assert stable_id("f", "a", ("b", 1)) == stable_id("f", "a", ("b", 1))
    ids = {stable_id(*parts) for parts in (("f", "a", "b"), ("c", "a", "b"), ("f", "ab"), ("f", "a", "b", None))}
    assert len(ids) == 4
    assert all(len(one) == 14 and one[1] == "-" for one in ids)


def test_a_chain_is_the_same_in_a_larger_table() -> None:
    alone = only_chain(LOG)
    later = rfc3164(line.replace("2026-03-01", "2026-03-09") for line in LOG.splitlines())
    both = Estate(pl.concat([read(LOG), read(later, file="later.log")])).chains()
    assert alone in [chain for _, chain in both]
