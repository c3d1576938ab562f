"""A large map is a few elements; colours say what they are asked to say."""

from __future__ import annotations

import base64
import json
import math
import struct
from datetime import UTC, datetime
from statistics import fmean
from typing import Any

import polars as pl
import pytest

from graphmap.figures.colouring import Colour, Swatch
from graphmap.figures.network import FULL, View, network, picture
from graphmap.figures.theme import DARK, LIGHT
from graphmap.figures.words import on
from graphmap.graph.subgraph import LINKS

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MANY = FULL[0] + 1


def nodes(number: int) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "id": f"host:{n}", "kind": ("host", "user", "source", "key")[n % 4], "name": f"<b>{n}",
                "segment": "vault" if n == 0 else "office", "restricted": n == 0, "degree": 2, "count": 1,
                "failures": 0, "roles": ["db"] if n < 2 else [], "risk": "high" if n == 1 else None,
            }
            for n in range(number)
        ],
        schema_overrides={"risk": pl.String, "roles": pl.List(pl.String)},
    )  # fmt: skip


def ring(number: int) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "src": f"host:{n}", "dst": f"host:{(n + 1) % number}", "kind": "MOVED_TO", "users": ["u"],
                "services": ["ssh"], "methods": [], "count": n % 2, "failures": 1, "first": NOON, "last": NOON,
            }
            for n in range(number)
        ],
        schema=LINKS,
    )  # fmt: skip


def drawn(figure: Any) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(figure.to_json())
    return plain


def numbers(packed: dict[str, str]) -> list[float]:
    """Numbers as plotly.js unpacks them: floats of 32 bits, lowest byte first."""
    assert packed["dtype"] == "f4"
    return [number for (number,) in struct.iter_unpack("<f", base64.b64decode(packed["bdata"]))]


def outlines(trace: dict[str, Any]) -> list[list[tuple[float, float]]]:
    """The closed outlines of a trace: between two is a place that is no number."""
    found: list[list[tuple[float, float]]] = [[]]
    for x, y in zip(numbers(trace["x"]), numbers(trace["y"]), strict=True):
        if math.isnan(x):
            assert math.isnan(y)
            found.append([])
        else:
            found[-1].append((x, y))
    return found


def test_many_nodes_and_links_are_a_few_outlines() -> None:
    figure = drawn(network(nodes(MANY), ring(MANY)))
    assert len(figure["data"]) < 12
    traces = [trace for trace in figure["data"] if trace["name"] == "nodes"]
    assert all(trace["fill"] == "toself" and trace["mode"] == "none" for trace in traces)
    shapes = [outline for trace in traces for outline in outlines(trace)]
    assert all(outline[0] == outline[-1] for outline in shapes)
    middles = [[fmean(axis) for axis in zip(*outline[:-1], strict=True)] for outline in shapes]
    assert len(middles) == MANY
    for _, x, y, _ in picture(nodes(MANY), ring(MANY)).places:
        assert min(math.dist((x, y), middle) for middle in middles) < 0.01
    paths = [shape for shape in figure["layout"]["shapes"] if shape["type"] == "path"]
    assert sum(shape["path"].count("M") for shape in paths) == MANY
    assert len(paths) == 2  # accepted, and only refused


def test_the_path_and_the_selection_have_rings_in_a_large_map_too() -> None:
    plain = drawn(network(nodes(MANY), ring(MANY)))
    marked = drawn(network(nodes(MANY), ring(MANY), View(path=("host:3", "host:4"), selected="host:9")))

    def colours(figure: dict[str, Any]) -> set[str]:
        return {trace["fillcolor"] for trace in figure["data"] if trace["name"] == "nodes"}

    assert colours(marked) - colours(plain) == {LIGHT.accent}  # the restricted node has the colour of risk already
    assert any(trace["name"] == "hops" for trace in marked["data"])


@pytest.mark.parametrize(
    ("colour", "legend"),
    [
        (Colour.SEGMENT, [Swatch("office", LIGHT.segments[0]), Swatch("vault", LIGHT.risk)]),
        (Colour.ROLE, [Swatch("db", LIGHT.segments[0]), Swatch("other or no role", LIGHT.other)]),
        (Colour.RISK, [Swatch("high", LIGHT.risk_steps[3]), Swatch("no finding", LIGHT.other)]),
    ],
)
def test_the_legend_says_what_the_colours_of_the_nodes_are(colour: Colour, legend: list[Swatch]) -> None:
    made = picture(nodes(6), ring(6), View(colour=colour))
    assert made.legend == legend
    (trace,) = [trace for trace in drawn(made.figure)["data"] if trace["name"] == "nodes"]
    assert set(trace["marker"]["color"]) == {swatch.colour for swatch in legend}


def test_a_segment_keeps_its_colour_whatever_else_is_drawn() -> None:
    view = View(segments=(("build", False), ("office", False), ("vault", True)))
    assert picture(nodes(3).tail(2), ring(3).clear(), view).legend == [Swatch("office", LIGHT.segments[1])]


def test_places_are_those_of_the_layout_with_sizes_in_pixels() -> None:
    made = picture(nodes(5), ring(5))
    (trace,) = [trace for trace in drawn(made.figure)["data"] if trace["name"] == "nodes"]
    assert [list(place) for place in made.places] == [
        [node[0], x, y, size]
        for node, x, y, size in zip(trace["customdata"], trace["x"], trace["y"], trace["marker"]["size"], strict=True)
    ]


def test_numbers_are_read_on_every_colour() -> None:
    def bright(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for theme in (LIGHT, DARK):
        for colour in (*theme.segments, theme.risk, theme.other):
            low, high = sorted((bright(colour), bright(on(colour))))
            assert (high + 0.05) / (low + 0.05) >= 4, colour
