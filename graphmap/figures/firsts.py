"""When ways were first taken: a lane for each destination, a mark for each way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
import polars as pl

from graphmap.figures.text import inert, label, moment
from graphmap.figures.theme import LIGHT, Theme
from graphmap.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

LANE = 24
"""Pixels of a lane."""

LANES = 20
"""Most lanes; the destinations of most ways have one, all others share the last."""

MARKS = 2_000
"""Most ways that are drawn, the latest."""

OTHERS = "others"
"""The last lane, where there are more."""


def first_seen(ways: pl.DataFrame, *, theme: Theme = LIGHT, width: int = 820) -> go.Figure:
    """Draw when each way was taken for the first time.

    Parameters
    ----------
    ways
        `src`, `user`, `dst`, `count`, `first`, `policy` (model.Verdict); at least one.
    theme, width
        Colours and pixels.

    Returns
    -------
    Figure: diamonds are violations, discs permitted, rings what no policy covers. `customdata` of a mark has source
    and destination.
    """
    shown = ways.sort("first", descending=True).head(MARKS)
    counted = shown.group_by("dst").len().sort(["len", "dst"], descending=[True, False])["dst"].to_list()
    kept = counted if len(counted) <= LANES else counted[: LANES - 1]
    names = kept if kept == counted else [*kept, OTHERS]
    lane = {name: -number for number, name in enumerate(names)}
    figure = go.Figure(
        layout=theme.layout(
            width=width,
            height=58 + LANE * len(names),
            margin={"l": 10, "r": 16, "t": 8, "b": 34},
            xaxis=theme.axis(type="date", fixedrange=True),
            yaxis=theme.axis(
                range=[-len(names) + 0.4, 0.6],
                tickvals=list(lane.values()),
                ticktext=[inert(label(name)) for name in names],
                fixedrange=True,
            ),
            hovermode="closest",
        )
    )
    for trace in _traces(shown, lane, theme):
        figure.add_scatter(**trace)
    return figure


def _traces(shown: pl.DataFrame, lane: dict[str, int], theme: Theme) -> Iterator[dict[str, Any]]:
    looks = (
        ((Verdict.NOT_COVERED,), "circle-open", theme.other),
        ((Verdict.PERMITTED,), "circle", theme.accent),
        ((Verdict.VIOLATION, Verdict.BOTH), "diamond", theme.risk),
    )
    for verdicts, symbol, colour in looks:
        rows = list(shown.filter(pl.col("policy").is_in(verdicts)).iter_rows(named=True))
        yield {
            "name": verdicts[0].value,
            "mode": "markers",
            "x": [row["first"] for row in rows],
            "y": [lane.get(row["dst"], lane.get(OTHERS, 0)) for row in rows],
            "customdata": [[row["src"], row["dst"]] for row in rows],
            "marker": {"symbol": symbol, "size": 9, "color": colour, "line": {"color": colour, "width": 1.5}},
            "hovertext": [
                f"{inert(row['src'][:60])} → {inert(row['dst'][:60])}<br>as {inert(row['user'][:60])}"
                f"<br>first {moment(row['first'])} UTC, {row['count']:,} in all<br>{verdicts[0].value}"
                for row in rows
            ],
            "hoverinfo": "text",
        }  # fmt: skip
