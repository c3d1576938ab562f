from __future__ import annotations

from itertools import groupby, pairwise, zip_longest

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from graphmap.pipeline.repeats import LOG, EventRepeats, RejectRepeats
from graphmap.tables import EVENTS, REJECTS
from tests.store.frames import at, events, rejects

Row = tuple[str | None, float, str | None]

ROWS = st.lists(
    st.tuples(st.sampled_from([None, "", "a"]), st.sampled_from([0, 0.5, 1, 2]), st.sampled_from([None, "", "root"])),
    max_size=25,
)
CUTS = st.lists(st.integers(0, 25), max_size=6)


def frame(rows: list[Row]) -> pl.DataFrame:
    return events(*({"dst_host": host, "time": at(second), "user": user} for host, second, user in rows))


def counted(table: pl.DataFrame, cuts: list[int]) -> list[int]:
    """`repeat` of a file that is read in pieces cut there."""
    repeats = EventRepeats()
    ends = [0, *sorted(min(cut, table.height) for cut in cuts), table.height]
    pieces = [repeats.number(table[start:end]) for start, end in pairwise(ends)]
    numbered = pl.concat([EVENTS.to_frame(), *pieces])
    assert numbered.drop("repeat").equals(table.drop("repeat"))
    return numbered["repeat"].to_list()


def twin(rows: list[Row]) -> list[int]:
    """The rule line by line: a host's run ends when its second changes."""
    seconds: dict[str | None, int] = {}
    seen: dict[str | None, list[Row]] = {}
    found = []
    for host, time, user in rows:
        row = (host, int(time), user)
        if seconds.get(host) != int(time):
            seen[host] = []
        seconds[host] = int(time)
        found.append(seen[host].count(row))
        seen[host].append(row)
    return found


@given(rows=ROWS, cuts=CUTS)
def test_event_repeats_agree_with_the_rule(rows: list[Row], cuts: list[int]) -> None:
    assert counted(frame(rows), cuts) == twin(rows)


@given(rows=ROWS, cuts=CUTS)
def test_a_file_appended_to_itself_counts_the_same_again(rows: list[Row], cuts: list[int]) -> None:
    """Unless a host has but one second: then its lines really are repeated within it."""
    rows = [(host, second, user) for host, second, user in rows if host is None]
    once = counted(frame(rows), [])
    if len({int(second) for _, second, _ in rows}) > 1 and int(rows[0][1]) != int(rows[-1][1]):
        assert counted(frame(rows + rows), cuts) == once + once


def test_hosts_have_their_own_runs() -> None:
    rows: list[Row] = [
        ("a", 0, "x"),
        ("b", 9, "x"),
        ("a", 0, "x"),
        ("b", 8, "x"),
        ("a", 0, "x"),
        ("b", 9, "x"),
        ("a", 1, "x"),
        ("a", 0, "x"),
    ]
    assert counted(frame(rows), [3]) == [0, 0, 1, 0, 2, 0, 0, 0]


@given(
    files=st.lists(ROWS, min_size=2, max_size=3),
    cuts=CUTS,
    order=st.lists(st.integers(0, 2), max_size=12),
    left=st.integers(0, 2),
)
def test_several_files_at_a_time_are_counted_as_each_alone(
    files: list[list[Row]], cuts: list[int], order: list[int], left: int
) -> None:
    """Their pieces come in any order, two of them together; one file ends, and what is kept of it is forgotten."""
    ends = [0, *sorted({min(cut, 25) for cut in cuts}), 25]
    pieces = {n: [frame(rows[start:end]) for start, end in pairwise(ends)] for n, rows in enumerate(files)}
    turns = [n for n in order if n in pieces] + [n for n in pieces for _ in pieces[n]]
    repeats = EventRepeats(several=True)
    found: dict[int, list[int]] = {n: [] for n in pieces}
    for first, second in zip_longest(turns[::2], turns[1::2]):
        taken = [(n, pieces[n].pop(0)) for n in (first, second) if n is not None and pieces[n]]
        if taken:
            told = pl.concat([piece.with_columns(pl.lit(n, LOG).alias("log")) for n, piece in taken])
            counts = repeats.number(told)["repeat"].to_list()
            for n, piece in taken:
                found[n] += counts[: piece.height]
                counts = counts[piece.height :]
        if not pieces.get(left):
            repeats.keep([n for n in pieces if n != left])
    assert found == {n: twin(rows) for n, rows in enumerate(files)}


@given(texts=st.lists(st.sampled_from(["", "a", "b"]), max_size=20), cuts=CUTS)
def test_reject_repeats_count_equal_neighbours(texts: list[str], cuts: list[int]) -> None:
    repeats = RejectRepeats()
    table = rejects(*({"text": text} for text in texts))
    ends = [0, *sorted(min(cut, len(texts)) for cut in cuts), len(texts)]
    pieces = [repeats.number(table[start:end]) for start, end in pairwise(ends)]
    expected = [number for _, run in groupby(texts) for number, _ in enumerate(run)]
    assert pl.concat([REJECTS.to_frame(), *pieces])["repeat"].to_list() == expected
