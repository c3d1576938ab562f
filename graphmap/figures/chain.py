"""A chain on its time axis: a lane for each host, a bar for each session, an arrow for each hop."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from graphmap.figures.text import inert, label, length, moment
from graphmap.figures.theme import LIGHT, Theme, see_through

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from graphmap.model import Hop

LANE = 46
"""Pixels of a lane."""

BAR = 0.28
"""Half the height of a bar, as a part of its lane."""

LANES = 40
"""Most lanes: a chain has fewer, and of a longer list the first are drawn."""


def lanes(
    hops: Sequence[Hop],
    *,
    restricted: Callable[[str], bool] = lambda _host: False,
    theme: Theme = LIGHT,
    width: int = 820,
) -> go.Figure:
    """Draw the hops of a chain or a finding.

    Parameters
    ----------
    hops
        In order of time.
    restricted
        Tells of a host whether it lies in a restricted segment; such lanes are shaded.
    theme, width
        Colours and pixels.

    Returns
    -------
    Figure. A session without an end is drawn to the last moment of the figure, and fades.
    """
    hosts = list(dict.fromkeys(name for hop in hops for name in (hop.src, hop.dst)))[:LANES]
    lane = {host: -number for number, host in enumerate(hosts)}
    drawn = [hop for hop in hops if hop.src in lane and hop.dst in lane]
    begin, end = _span(drawn)
    margin = (end - begin) * 0.04
    figure = go.Figure(
        layout=theme.layout(
            width=width,
            height=70 + LANE * max(len(hosts), 1),
            margin={"l": 10, "r": 16, "t": 12, "b": 34},
            xaxis=theme.axis(type="date", range=[begin - margin, end + margin], fixedrange=True),
            yaxis=theme.axis(
                range=[-len(hosts) + 0.45, 0.6],
                tickvals=list(lane.values()),
                ticktext=[inert(label(host)) for host in hosts],
                tickfont={"size": 12, "weight": 600, "color": theme.text},
                showgrid=False,
                fixedrange=True,
            ),
            shapes=[
                *(_shade(lane[host], theme) for host in hosts if restricted(host)),
                *(_bar(hop, lane[hop.dst], end + margin, theme, restricted(hop.dst)) for hop in drawn),
            ],
            annotations=[_arrow(hop, lane, theme) for hop in drawn if hop.src != hop.dst],
            hovermode="closest",
        )
    )
    figure.add_scatter(
        name="hops",
        mode="markers+text",
        x=[hop.start for hop in drawn],
        y=[lane[hop.dst] for hop in drawn],
        text=[str(number) for number in range(1, len(drawn) + 1)],
        textfont={"size": 11, "weight": 700, "color": theme.on_risk},
        marker={"symbol": "square", "size": 17, "color": theme.risk, "opacity": 1},
        hovertext=[_of_hop(number, hop) for number, hop in enumerate(drawn, 1)],
        hoverinfo="text",
    )
    figure.add_scatter(
        name="sessions",
        mode="text",
        x=[hop.start for hop in drawn],
        y=[lane[hop.dst] for hop in drawn],
        text=[f"{'&nbsp;' * 5}{_told(hop)}" if _fits(hop, begin, end) else "" for hop in drawn],
        textposition="middle right",
        textfont={"size": 11, "color": theme.text},
        hoverinfo="skip",
    )
    return figure


def _span(hops: Sequence[Hop]) -> tuple[datetime, datetime]:
    """The time that is drawn: to the last start or end, and a little more where an end is not known."""
    begin = min(hop.start for hop in hops)
    starts, ends = max(hop.start for hop in hops), max((hop.end for hop in hops if hop.end), default=begin)
    # one long session must not press all others into a corner
    last = min(ends, starts + max((starts - begin) * 2, timedelta(minutes=2)))
    return begin, max(last, starts + max((starts - begin) * 0.6, timedelta(seconds=2)))


def _fits(hop: Hop, begin: datetime, end: datetime) -> bool:
    return (hop.start - begin) < (end - begin) * 0.8


def _told(hop: Hop) -> str:
    parts = [inert(label(hop.user)), inert(hop.method or hop.service)]
    parts.append("end not logged" if hop.end is None else length(hop.end - hop.start))
    return " · ".join(parts)


def _of_hop(number: int, hop: Hop) -> str:
    origin = "start of the chain" if number == 1 else f"{hop.basis}, certainty {hop.certainty:.2f}"
    return "<br>".join(
        [
            f"{number}: {inert(hop.src[:60])} → {inert(hop.dst[:60])}",
            f"{moment(hop.start)} UTC as {inert(hop.user[:60])}",
            _told(hop).partition(" · ")[2],
            origin,
        ]
    )


def _bar(hop: Hop, y: int, edge: datetime, theme: Theme, restricted: bool) -> dict[str, Any]:  # noqa: FBT001 - one of two colours
    colour = theme.risk if restricted else theme.accent
    known = hop.end is not None
    return {
        "type": "rect",
        "x0": hop.start,
        "x1": min(hop.end, edge) if hop.end else edge,
        "y0": y - BAR,
        "y1": y + BAR,
        "fillcolor": see_through(colour, 0.24 if known else 0.10),
        "line": {"color": see_through(colour, 0.8 if known else 0.35), "width": 1, "dash": "solid" if known else "dot"},
        "layer": "below",
    }


def _shade(y: int, theme: Theme) -> dict[str, Any]:
    return {
        "type": "rect", "xref": "paper", "x0": 0, "x1": 1, "y0": y - 0.46, "y1": y + 0.46,
        "fillcolor": see_through(theme.risk, 0.08), "line": {"width": 0}, "layer": "below",
    }  # fmt: skip


def _arrow(hop: Hop, lane: dict[str, int], theme: Theme) -> dict[str, Any]:
    down = 1 if lane[hop.src] > lane[hop.dst] else -1
    return {
        "x": hop.start,
        "ax": hop.start,
        "y": lane[hop.dst] + 0.26 * down,
        "ay": lane[hop.src] - (BAR * down if lane[hop.src] else 0),
        "xref": "x", "yref": "y", "axref": "x", "ayref": "y",
        "text": "", "showarrow": True, "arrowhead": 2, "arrowsize": 1.1, "arrowwidth": 2, "arrowcolor": theme.risk,
    }  # fmt: skip
