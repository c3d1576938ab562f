"""Frames that are written in Arrow's layout hold what was put in, and keep it for whoever has one of their columns."""

from __future__ import annotations

from threading import Thread

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from graphmap.readers.arrow.frames import FrameBuilder, view
from graphmap.readers.arrow.kernels import NULL
from graphmap.tables import TIME

TEXTS = st.one_of(st.none(), st.text(max_size=4), st.text(alphabet="ab", min_size=10, max_size=16), st.just("é" * 9))


def views_of(texts: list[str | None]) -> tuple[np.ndarray, np.ndarray]:
    """Views of texts, and the bytes of all of them."""
    made, arena = [], b""
    for text in texts:
        made.append((NULL, 0) if text is None else view(text.encode(), len(arena)))
        arena += (text or "").encode()
    return np.array(made, np.uint64).reshape(-1, 2), np.frombuffer(arena, np.uint8)


def built(texts: list[str | None], places: list[int], numbers: list[int | None]) -> pl.DataFrame:
    views, arena = views_of(texts)
    builder = FrameBuilder(len(places), arena)
    builder.add_texts("text", views, np.array(places, np.uint32))
    values = np.array([-1 if number is None else number for number in numbers], np.int64)
    builder.add_numbers("wide", values, pl.Int64(), -1)
    builder.add_numbers("narrow", values.astype(np.int32), pl.Int32(), -1)
    builder.add_numbers("time", values, TIME)
    return builder.build()


@st.composite
def columns(draw: st.DrawFn) -> tuple[list[str | None], list[int], list[int | None]]:
    texts = draw(st.lists(TEXTS, min_size=1, max_size=8))
    count = draw(st.sampled_from([1, 2, 63, 64, 65, 128, 200]))
    places = draw(st.lists(st.integers(0, len(texts) - 1), min_size=count, max_size=count))
    numbers = draw(st.lists(st.none() | st.integers(0, 2**31 - 1), min_size=count, max_size=count))
    return texts, places, numbers


@given(columns())
def test_a_frame_holds_what_was_put_in(found: tuple[list[str | None], list[int], list[int | None]]) -> None:
    texts, places, numbers = found
    frame = built(texts, places, numbers)
    times = pl.Series("time", [-1 if number is None else number for number in numbers], pl.Int64).cast(TIME)
    expected = pl.DataFrame(
        {"text": [texts[place] for place in places], "wide": numbers, "narrow": numbers},
        schema={"text": pl.String, "wide": pl.Int64, "narrow": pl.Int32},
    ).with_columns(times)
    assert_frame_equal(frame, expected)
    assert frame.null_count().row(0) == expected.null_count().row(0)
    assert_frame_equal(pl.concat([frame, frame[1:]], rechunk=True), pl.concat([expected, expected[1:]]))
    assert_frame_equal(
        frame.sort("text", "wide", maintain_order=True), expected.sort("text", "wide", maintain_order=True)
    )
    assert_frame_equal(frame.filter(pl.col("text").is_null()), expected.filter(pl.col("text").is_null()))


def test_a_column_outlives_its_frame_and_is_given_back_by_whichever_thread_has_it_last() -> None:
    long = "a text that is longer than a view"
    kept = [built([None, long], [0, 1] * 500, [n] * 1000)["text"] for n in range(200)]
    seen: list[bool] = []

    def drop() -> None:
        while kept:
            seen.append(kept.pop().to_list() == [None, long] * 500)

    threads = [Thread(target=drop) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [True] * 200


def test_memory_that_is_used_again_is_nobody_elses() -> None:
    rows = 70_000  # more than malloc(3) has at hand
    long = "a text that is longer than a view"

    def large(number: int) -> pl.DataFrame:
        return built([None, long, str(number)], [number % 3] * rows, [number] * rows)

    kept = {number: large(number) for number in range(8)}

    def replace(first: int) -> None:
        for number in range(first, first + 16, 2):
            del kept[number]
            kept[number + 8] = large(number + 8)

    threads = [Thread(target=replace, args=(first,)) for first in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kept) == [*range(16, 24)]
    for number, frame in kept.items():
        assert frame["text"].unique().to_list() == [(None, long, str(number))[number % 3]]
        assert frame["wide"].unique().to_list() == [number]
