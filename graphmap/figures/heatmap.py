"""From where to where: a cell for each pair of segments or hosts, its colour how often it was gone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from graphmap.figures.text import inert, label
from graphmap.figures.theme import LIGHT, Theme

if TYPE_CHECKING:
    from collections.abc import Collection

    import polars as pl

MOST = 40
"""Most rows and columns; those with the most attempts stay."""

CELL = 30
"""Pixels of a cell's height."""


def heatmap(
    ways: pl.DataFrame, *, marked: Collection[tuple[str, str]] = (), theme: Theme = LIGHT, width: int = 820
) -> go.Figure:
    """Draw how often each source was the start, and each destination the end, of a logon.

    Parameters
    ----------
    ways
        `src`, `dst`, `count` (accepted) and `failures`; each pair once.
    marked
        Pairs that get a ring: those that the policy forbids.
    theme, width
        Colours and pixels.

    Returns
    -------
    Figure. `customdata` of a cell has source and destination. The colour grows with the logarithm of `count`, since
    what is rare is what matters.
    """
    total = {row["src"]: 0 for row in ways.iter_rows(named=True)}
    arrived = {row["dst"]: 0 for row in ways.iter_rows(named=True)}
    cells = {}
    for row in ways.iter_rows(named=True):
        cells[row["src"], row["dst"]] = (row["count"], row["failures"])
        total[row["src"]] += row["count"] + row["failures"]
        arrived[row["dst"]] += row["count"] + row["failures"]
    rows = sorted(sorted(total, key=lambda name: (-total[name], name))[:MOST], reverse=True)
    columns = sorted(sorted(arrived, key=lambda name: (-arrived[name], name))[:MOST])
    scale = [[number / (len(theme.risk_steps) - 1), colour] for number, colour in enumerate(theme.risk_steps)]
    x, y = list(range(len(columns))), list(range(len(rows)))
    figure = go.Figure(
        layout=theme.layout(
            width=width,
            height=96 + CELL * max(len(rows), 1),
            margin={"l": 10, "r": 16, "t": 10, "b": 40},
            xaxis=theme.axis(
                tickvals=x, ticktext=[inert(label(name)) for name in columns], showgrid=False, fixedrange=True,
                title={"text": "to", "font": {"color": theme.muted, "size": 11}},
            ),
            yaxis=theme.axis(
                tickvals=y, ticktext=[inert(label(name)) for name in rows], showgrid=False, fixedrange=True,
                title={"text": "from", "font": {"color": theme.muted, "size": 11}},
            ),
            hovermode="closest",
        )
    )  # fmt: skip
    found = [[cells.get((row, column)) for column in columns] for row in rows]
    figure.add_heatmap(
        x=x,
        y=y,
        z=[[math.log10(1 + cell[0]) if cell else None for cell in line] for line in found],
        customdata=[[[row, column] for column in columns] for row in rows],
        text=[[f"{cell[0]:,}" if cell else "" for cell in line] for line in found],
        texttemplate="%{text}",
        hovertext=[
            [
                f"{inert(row[:60])} → {inert(column[:60])}<br>"
                + (f"{cell[0]:,} accepted, {cell[1]:,} refused" if (cell := cells.get((row, column))) else "never")
                for column in columns
            ]
            for row in rows
        ],
        hoverinfo="text",
        colorscale=scale,
        showscale=False,
        xgap=2,
        ygap=2,
    )
    across, down = ({name: place for place, name in enumerate(names)} for names in (columns, rows))
    ringed = [(across[dst], down[src]) for src, dst in sorted(marked) if dst in across and src in down]
    figure.add_scatter(
        name="forbidden",
        mode="markers",
        x=[place + 0.42 for place, _ in ringed],
        y=[place + 0.30 for _, place in ringed],
        marker={"symbol": "diamond", "size": 9, "color": theme.failure, "line": {"width": 1.5, "color": theme.surface}},
        hoverinfo="skip",
    )
    return figure
