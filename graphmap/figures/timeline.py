"""What one host, user, source or key did over time: a lane for each peer, a mark for each attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
import polars as pl

from graphmap.figures.text import inert, label, moment
from graphmap.figures.theme import LIGHT, Theme

if TYPE_CHECKING:
    from collections.abc import Iterator

LANE = 24
"""Pixels of a lane."""

LANES = 25
"""Most lanes; the peers with the most attempts have one."""

MARKS = 2_000
"""Most attempts that are drawn, the latest."""


def timeline(attempts: pl.DataFrame, *, theme: Theme = LIGHT, width: int = 820) -> go.Figure:
    """Draw attempts over time.

    Parameters
    ----------
    attempts
        `start`, `outcome` (model.Outcome), `src` (may be null), `host`, `user`, `method` (may be null). A lane is
        a way: a source, an account and a host.
    theme, width
        Colours and pixels.

    Returns
    -------
    Figure: accepted logons as discs, refused ones as crosses.
    """
    way = pl.concat_str(pl.col("src").fill_null("-"), pl.lit(" → "), "host", pl.lit(" as "), "user")
    marked = attempts.with_columns(way=way)
    counted = marked.group_by("way").agg(pl.len(), pl.col("start").min()).sort(["len", "way"], descending=[True, False])
    kept = counted.head(LANES).sort("start", "way")["way"].to_list()
    lane = {name: -number for number, name in enumerate(kept)}
    shown = marked.filter(pl.col("way").is_in(kept)).sort("start", descending=True).head(MARKS)
    figure = go.Figure(
        layout=theme.layout(
            width=width,
            height=64 + LANE * max(len(kept), 1),
            margin={"l": 10, "r": 16, "t": 10, "b": 34},
            xaxis=theme.axis(type="date"),
            yaxis=theme.axis(
                range=[-len(kept) + 0.4, 0.6],
                tickvals=list(lane.values()),
                ticktext=[" ".join(inert(label(word)) for word in name.split(" ")) for name in kept],
                fixedrange=True,
            ),
            hovermode="closest",
            dragmode="pan",
        )
    )
    for trace in _traces(shown, lane, theme):
        figure.add_scatter(**trace)
    return figure


def _traces(shown: pl.DataFrame, lane: dict[str, int], theme: Theme) -> Iterator[dict[str, Any]]:
    looks = (("success", "accepted", theme.accent, "circle", 7), ("failure", "refused", theme.failure, "x-thin", 8))
    for outcome, name, colour, symbol, size in looks:
        rows = list(shown.filter(outcome=outcome).iter_rows(named=True))
        yield {
            "name": name,
            "mode": "markers",
            "x": [row["start"] for row in rows],
            "y": [lane[row["way"]] for row in rows],
            "marker": {
                "symbol": symbol,
                "size": size,
                "color": colour,
                "opacity": 0.8,
                "line": {"color": colour, "width": 1.5 if symbol == "x-thin" else 0},
            },
            "hovertext": [
                f"{moment(row['start'])} UTC {name}<br>{inert(row['way'][:120])}"
                + (f"<br>{inert(row['method'])}" if row["method"] else "")
                for row in rows
            ],
            "hoverinfo": "text",
        }
