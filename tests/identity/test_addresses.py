"""The owner of an address at a time, against a slow twin that reads the rules one claim at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from graphmap.identity.addresses import (
    AMBIGUOUS,
    CLAIMS,
    OWNERS,
    Ownership,
    ambiguous_spans,
    claim_spans,
    learned_owners,
)

Claim = tuple[int, str, str]
START = datetime(2026, 1, 1, tzinfo=UTC)


def at(second: int) -> datetime:
    return START + timedelta(seconds=second)


def frame(claims: list[Claim]) -> pl.DataFrame:
    return pl.DataFrame([(at(second), host, ip) for second, host, ip in claims], schema=CLAIMS, orient="row")


def owner(claims: list[Claim], ip: str, when: int) -> str | None:
    """The twin: walk the claims of one address in order and mark the moments that are disputed."""
    own = sorted((second, host) for second, host, address in claims if address == ip)
    if not own:
        return None
    disputed = {second for second, _ in own if len({host for at_, host in own if at_ == second}) > 1}
    for host in {host for _, host in own}:
        mine = [second for second, name in own if name == host]
        if any(name != host and min(mine) <= second <= max(mine) for second, name in own):
            disputed |= set(range(min(mine), max(mine) + 1))
    said = [claim for claim in own if claim[0] <= when] or [own[0]]
    second, host = said[-1]
    return None if second in disputed else host


SECONDS = st.integers(0, 12)
ADDRESSES = st.sampled_from(["10.0.0.1", "10.0.0.2", "2001:db8::1"])
CLAIM = st.tuples(SECONDS, st.sampled_from("abc"), ADDRESSES)


@given(st.lists(CLAIM, max_size=10), st.lists(st.tuples(ADDRESSES, st.integers(-2, 14)), max_size=20))
def test_learned_owners_are_those_of_the_twin(claims: list[Claim], asked: list[tuple[str, int]]) -> None:
    ownership = Ownership(learned_owners(claim_spans(frame(claims))))
    ips = pl.Series("ip", [ip for ip, _ in asked], pl.String)
    times = pl.Series("time", [at(second) for _, second in asked], CLAIMS["time"])
    assert ownership.at(ips, times).to_list() == [owner(claims, ip, second) for ip, second in asked]


@given(st.lists(CLAIM, max_size=10), st.randoms())
def test_the_order_of_claims_does_not_matter(claims: list[Claim], random: object) -> None:
    shuffled = sorted(claims, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert claim_spans(frame(shuffled)).equals(claim_spans(frame(claims)))


def test_runs_one_after_the_other_hand_an_address_over() -> None:
    spans = claim_spans(frame([(1, "a", "10.0.0.1"), (3, "a", "10.0.0.1"), (6, "b", "10.0.0.1"), (8, "b", "10.0.0.1")]))
    assert learned_owners(spans).equals(
        pl.DataFrame([("10.0.0.1", None, at(6), "a"), ("10.0.0.1", at(6), None, "b")], schema=OWNERS, orient="row")
    )
    assert ambiguous_spans(spans).equals(AMBIGUOUS.to_frame())


def test_interleaved_claims_make_an_address_nobodys_until_the_next_clean_claim() -> None:
    claims = [(1, "a", "10.0.0.1"), (2, "b", "10.0.0.1"), (3, "a", "10.0.0.1"), (6, "c", "10.0.0.1")]
    spans = claim_spans(frame(claims))
    assert learned_owners(spans).rows() == [("10.0.0.1", None, at(6), None), ("10.0.0.1", at(6), None, "c")]
    assert ambiguous_spans(spans).equals(
        pl.DataFrame([("10.0.0.1", at(1), at(3), ["a", "b"])], schema=AMBIGUOUS, orient="row")
    )


def test_addresses_that_identify_no_host_are_not_learned() -> None:
    claims = [(1, "a", ip) for ip in ("127.0.0.1", "::1", "0.0.0.0", "169.254.1.1", "fe80::1", "ff02::1")]
    assert claim_spans(frame(claims)).is_empty()


INTERVALS = st.lists(st.tuples(ADDRESSES, SECONDS), unique=True, max_size=12)


@given(INTERVALS, st.lists(st.tuples(ADDRESSES, SECONDS), max_size=20), st.booleans(), st.booleans())
def test_intervals_include_their_start_and_not_their_end(
    bounds: list[tuple[str, int]], asked: list[tuple[str, int]], open_start: bool, open_end: bool
) -> None:
    rows: list[tuple[str, int | None, int | None, str]] = []
    for ip, group in groupby(sorted(bounds), key=lambda bound: bound[0]):
        marks: list[int | None] = [second for _, second in group]
        marks = [None, *marks] if open_start else marks
        marks = [*marks, None] if open_end else marks
        pairs = list(pairwise(marks))
        rows += [(ip, since, until, f"h{n}") for n, (since, until) in enumerate(pairs) if n % 3 != 1]
    owners = pl.DataFrame(
        [(ip, None if s is None else at(s), None if u is None else at(u), host) for ip, s, u, host in rows],
        schema=OWNERS,
        orient="row",
    )
    expected = [
        next((h for ip, s, u, h in rows if ip == asked_ip and (s is None or s <= t) and (u is None or t < u)), None)
        for asked_ip, t in asked
    ]
    ips = pl.Series("ip", [ip for ip, _ in asked], pl.String)
    times = pl.Series("time", [at(second) for _, second in asked], CLAIMS["time"])
    assert Ownership(owners).at(ips, times).to_list() == expected


def test_rows_without_address_have_no_owner() -> None:
    ownership = Ownership(pl.DataFrame([("10.0.0.1", None, at(5), "a")], schema=OWNERS, orient="row"))
    times = pl.Series("time", [at(1), at(1), at(5)])
    assert ownership.at(pl.Series(["10.0.0.1", None, "10.0.0.1"]), times).to_list() == ["a", None, None]
