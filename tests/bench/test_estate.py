"""The invented estate is what its description says."""

from __future__ import annotations

import polars as pl
import pytest

from graphmap.graph.hops import build_hops
from graphmap.tables import FAILURES, HOPS, SESSIONS
from tests.bench.estate import BEGIN, DAY, DAYS, HOUR, MINUTE, SECOND, Estate, make_estate


@pytest.fixture(scope="module")
def estate() -> Estate:
    return make_estate(100_000)


@pytest.mark.parametrize("hops", [1_000, 1_001, 30_000])
def test_there_are_as_many_hops_as_asked_for(hops: int) -> None:
    assert make_estate(hops).codes.height == hops


def test_the_same_numbers_give_the_same_estate(estate: Estate) -> None:
    again = make_estate(100_000)
    assert again.codes.equals(estate.codes)
    assert again.attacks == estate.attacks
    assert not make_estate(100_000, seed=2).codes.equals(estate.codes)


def test_the_table_is_what_build_hops_makes_of_the_sessions() -> None:
    hops = make_estate(3_000).table().collect()
    assert hops.schema == HOPS
    sessions = (
        hops.with_columns(last=pl.max_horizontal("start", "end"), src_ip=pl.lit(None, pl.String))
        .with_columns(host="dst")
        .sample(fraction=1.0, shuffle=True, seed=1)
        .match_to_schema(SESSIONS, missing_columns="insert", extra_columns="ignore")
        .select(SESSIONS.names())
    )
    origins = ("origins", "certainty", "basis")
    assert build_hops(sessions).drop(origins).equals(hops.drop(origins))


def test_refused_logons_are_failures(estate: Estate) -> None:
    refused = estate.refused().collect()
    assert refused.schema == FAILURES
    assert refused.height == 10_000


def test_the_hops_lie_in_thirty_days_and_end_after_they_start(estate: Estate) -> None:
    codes = estate.codes
    assert codes["start"].is_between(BEGIN, BEGIN + (DAYS + 1) * DAY).all()
    assert (codes["end"] >= codes["start"]).all()
    assert (codes["until"] >= codes["start"]).all()
    assert codes["end"].null_count() / codes.height == pytest.approx(0.1, abs=0.01)


def test_few_hosts_get_most_of_the_hops() -> None:
    codes = make_estate(300_000).codes
    arrivals = codes["dst"].value_counts(sort=True)["count"]
    tenth = arrivals.head(arrivals.len() // 10).sum() / codes.height
    assert 0.35 < tenth < 0.9
    assert arrivals[0] > 10 * arrivals.median()  # type: ignore[operator] # a number, where there are rows


def test_hosts_and_accounts_grow_with_the_hops() -> None:
    small, large = make_estate(200_000), make_estate(400_000)
    assert (large.hosts, large.accounts) == (2 * small.hosts, 2 * small.accounts)


def test_some_hosts_stamp_whole_seconds_and_the_others_never_do(estate: Estate) -> None:
    coarse = estate.codes.group_by("dst").agg(share=(pl.col("start") % SECOND == 0).mean())["share"]
    assert coarse.is_in([0.0, 1.0]).all()
    assert 0.05 < coarse.mean() < 0.4  # type: ignore[operator] # a number, where there are rows
    moments = make_estate(10_000, whole_seconds=0.0).codes
    for stamp in ("start", "end", "until"):
        assert (moments[stamp] % SECOND != 0).all()


def test_automation_takes_the_same_way_every_few_minutes(estate: Estate) -> None:
    busiest = estate.codes.group_by("src", "account", "dst").agg(
        hops=pl.len(), pause=pl.col("start").diff().median(), spread=pl.col("start").diff().std()
    )
    regular = busiest.filter(pl.col("hops") > 500, pl.col("spread") < 2 * SECOND)
    assert regular["hops"].sum() > 0.4 * estate.codes.height
    assert regular["pause"].is_between(4 * MINUTE, 75 * MINUTE).all()


def test_people_sleep_at_night(estate: Estate) -> None:
    workstations = pl.col("src").is_between(estate.hosts // 2, estate.hosts - 1)
    first = estate.codes.filter(workstations)
    night = first.filter(((pl.col("start") - BEGIN) % DAY).is_between(0, 5 * HOUR)).height
    assert night < 0.05 * first.height


def test_each_attack_walks_while_its_sessions_are_open(estate: Estate) -> None:
    assert len(estate.attacks) >= 3
    for attack in estate.attacks:
        assert 4 <= len(attack.hosts) <= 7
        time = estate.codes.filter(pl.col("start").is_between(attack.begin - SECOND, attack.end))
        moment, until = attack.begin - SECOND, attack.end
        for src, dst in zip(attack.hosts, attack.hosts[1:], strict=False):
            hop = time.filter(pl.col("src") == src, pl.col("dst") == dst, pl.col("start").is_between(moment, until))
            assert hop.height
            moment, until = hop["start"][0], hop["until"].max()  # type: ignore[assignment] # of whole numbers
