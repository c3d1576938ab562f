"""A chain on its time axis: a lane for each host, a bar for each session, an arrow for each hop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from graphmap.figures.text import inert, label, length, moment
from graphmap.figures.theme import LIGHT, Theme, see_through

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphmap.model import Hop

LANE = 46
"""Pixels of a lane."""

BAR = 0.24
"""Half the height of a bar, as a part of its lane."""

LANES = 40
"""Most lanes: a chain has fewer, and of a longer list the first are drawn."""

NAMES = 130
"""Pixels that the names of hosts take, about."""

LETTER = 6.2
"""Pixels of a letter, about."""

CROSSES = 60
"""Most refused attempts that are drawn on a lane."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """What the lanes of a figure are.

    Parameters
    ----------
    first
        Names whose lanes are on top, where they have some; the others follow as they come.
    segment
        The segment of a host; its sessions have the colour of the segment.
    restricted
        Tells of a host whether it lies in a restricted segment; such lanes are shaded.
    refused
        Refused attempts by the host that refused them.
    """

    first: Sequence[str] = ()
    segment: Callable[[str], str | None] = lambda _host: None
    restricted: Callable[[str], bool] = lambda _host: False
    refused: Mapping[str, Sequence[datetime]] = field(default_factory=dict)


def lanes(hops: Sequence[Hop], told: Lanes | None = None, *, theme: Theme = LIGHT, width: int = 820) -> go.Figure:
    """Draw the hops of a chain or a finding.

    Parameters
    ----------
    hops
        In order of time; at least one.
    told
        What is known of the hosts.
    theme, width
        Colours and pixels.

    Returns
    -------
    Figure. A session without an end is drawn to the last moment of the figure, and fades.
    """
    told = told or Lanes()
    named = dict.fromkeys(name for hop in hops for name in (hop.src, hop.dst))
    hosts = [*dict.fromkeys(name for name in (*told.first, *named) if name in named)][:LANES]
    lane = {host: -number for number, host in enumerate(hosts)}
    drawn = [hop for hop in hops if hop.src in lane and hop.dst in lane]
    crosses = _crosses(told.refused, lane)
    begin, end = _span(drawn, [at for _, at in crosses])
    margin = (end - begin) * 0.04
    scale = (width - NAMES) / ((end - begin) * 1.08).total_seconds()
    colours = theme.colours((name, told.restricted(host)) for host in hosts if (name := told.segment(host)))
    colour = {host: _colour(host, told, colours, theme) for host in hosts}
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
                *(_shade(lane[host], theme) for host in hosts if told.restricted(host)),
                *_origin(drawn, lane, end, theme),
                *(part for hop in drawn for part in _bar(hop, lane[hop.dst], end + margin, margin, colour[hop.dst])),
            ],
            annotations=[
                *(_arrow(hop, lane, theme) for hop in drawn if hop.src != hop.dst),
                *(_number(number, hop, lane, theme) for number, hop in enumerate(drawn, 1)),
                *_clocks(drawn, lane, scale, theme),
            ],
            hovermode="closest",
        )
    )
    figure.add_scatter(
        name="hops",
        mode="markers",
        x=[hop.start for hop in drawn],
        y=[lane[hop.dst] for hop in drawn],
        marker={"symbol": "square", "size": 20, "color": theme.risk, "opacity": 0},
        hovertext=[_of_hop(number, hop) for number, hop in enumerate(drawn, 1)],
        hoverinfo="text",
    )
    figure.add_scatter(
        name="sessions",
        mode="text",
        x=[hop.start for hop in drawn],
        y=[lane[hop.dst] for hop in drawn],
        text=[f"{'&nbsp;' * 3}{text}" if text else "" for text in _beside(drawn, end + margin, scale)],
        textposition="middle right",
        textfont={"size": 11, "color": theme.text},
        hoverinfo="skip",
    )
    figure.add_scatter(
        name="refused",
        mode="markers",
        x=[at for _, at in crosses],
        y=[y for y, _ in crosses],
        marker={"symbol": "x-thin", "size": 8, "line": {"color": theme.failure, "width": 1.5}},
        hovertext=[f"{moment(at)} UTC refused" for _, at in crosses],
        hoverinfo="text",
    )
    return figure


def _crosses(refused: Mapping[str, Sequence[datetime]], lane: dict[str, int]) -> list[tuple[int, datetime]]:
    """Where refused attempts stand: those of each lane that came last."""
    return [(lane[host], at) for host, times in refused.items() if host in lane for at in sorted(times)[-CROSSES:]]


def _span(hops: Sequence[Hop], refused: Sequence[datetime]) -> tuple[datetime, datetime]:
    """The time that is drawn: to the last start or end, and a little more where an end is not known."""
    first = min(hop.start for hop in hops)
    starts, ends = max(hop.start for hop in hops), max((hop.end for hop in hops if hop.end), default=first)
    # one long session must not press all others into a corner
    last = min(ends, starts + max((starts - first) * 2, timedelta(minutes=2)))
    end = max(last, starts + max((starts - first) * 0.6, timedelta(seconds=2)))
    return max(min([first, *refused]), first - (end - first)), end


def _colour(host: str, told: Lanes, colours: Mapping[str, str], theme: Theme) -> str:
    if told.restricted(host):
        return theme.risk
    return colours.get(told.segment(host) or "", theme.accent)


def _beside(hops: Sequence[Hop], edge: datetime, scale: float) -> list[str]:
    """What is written into or behind each bar; nothing where the next bar of its lane or the edge is too near."""
    texts = []
    for number, hop in enumerate(hops):
        text = _told(hop)
        following = [other.start for other in hops[number + 1 :] if hop.dst in {other.dst, other.src}]
        room = (min([edge, *following]) - hop.start).total_seconds() * scale
        texts.append(text if room > LETTER * len(text) + 16 else "")
    return texts


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


def _bar(hop: Hop, y: int, edge: datetime, margin: timedelta, colour: str) -> Iterable[dict[str, Any]]:
    """A session, with a solid left end."""
    known = hop.end is not None
    end = min(hop.end, edge) if hop.end else edge
    shared = {"type": "rect", "x0": hop.start, "y0": y - BAR, "y1": y + BAR, "layer": "below"}
    yield {
        **shared,
        "x1": end,
        "fillcolor": see_through(colour, 0.26 if known else 0.10),
        "line": {"color": see_through(colour, 0.8 if known else 0.35), "width": 1, "dash": "solid" if known else "dot"},
    }
    yield {**shared, "x1": min(end, hop.start + margin * 0.1), "fillcolor": colour, "line": {"width": 0}}


def _origin(hops: Sequence[Hop], lane: dict[str, int], end: datetime, theme: Theme) -> Iterable[dict[str, Any]]:
    """A line for each source that no hop came to: from its first hop on."""
    reached = {hop.dst for hop in hops}
    first: dict[str, datetime] = {}
    for hop in hops:
        if hop.src not in reached:
            first.setdefault(hop.src, hop.start)
    for name, start in first.items():
        yield {
            "type": "line", "x0": start, "x1": end, "y0": lane[name], "y1": lane[name],
            "line": {"color": theme.other, "width": 2}, "layer": "below",
        }  # fmt: skip


def _shade(y: int, theme: Theme) -> dict[str, Any]:
    return {
        "type": "rect", "xref": "paper", "x0": 0, "x1": 1, "y0": y - 0.46, "y1": y + 0.46,
        "fillcolor": see_through(theme.risk, 0.08), "line": {"width": 0}, "layer": "below",
    }  # fmt: skip


def _arrow(hop: Hop, lane: dict[str, int], theme: Theme) -> dict[str, Any]:
    down = _down(hop, lane)
    return {
        "x": hop.start,
        "ax": hop.start,
        "y": lane[hop.dst] + BAR * down,
        "ay": lane[hop.src],
        "xref": "x", "yref": "y", "axref": "x", "ayref": "y",
        "text": "", "showarrow": True, "arrowhead": 2, "arrowsize": 1.1, "arrowwidth": 2, "arrowcolor": theme.risk,
    }  # fmt: skip


def _number(number: int, hop: Hop, lane: dict[str, int], theme: Theme) -> dict[str, Any]:
    """The number of a hop, left of the head of its arrow."""
    return {
        "x": hop.start, "y": lane[hop.dst] + 0.5 * _down(hop, lane), "xref": "x", "yref": "y", "showarrow": False,
        "xanchor": "right", "xshift": -6, "text": str(number), "name": "number", "bgcolor": theme.risk,
        "font": {"size": 11, "weight": 700, "color": theme.on_risk}, "borderpad": 2, "width": 12 if number < 10 else 16,  # noqa: PLR2004
    }  # fmt: skip


def _clocks(hops: Sequence[Hop], lane: dict[str, int], scale: float, theme: Theme) -> Iterable[dict[str, Any]]:
    """The moment of each hop right of its arrow, and its certainty where it is none; where there is room."""
    for number, hop in enumerate(hops):
        y = lane[hop.dst] + 0.5 * _down(hop, lane)
        text = f"{hop.start:%H:%M:%S}" + (f" · certainty {hop.certainty:.2f}" if number and hop.certainty < 1 else "")
        near = [(other.start - hop.start).total_seconds() * scale for other in hops if other is not hop]
        if any(0 <= away < LETTER * len(text) + 34 for away in near):
            continue
        yield {
            "x": hop.start, "y": y, "xref": "x", "yref": "y", "showarrow": False, "xanchor": "left", "xshift": 7,
            "text": text, "name": "clock", "font": {"size": 11, "color": theme.muted},
        }  # fmt: skip


def _down(hop: Hop, lane: dict[str, int]) -> int:
    """1 where the arrow of a hop comes from above, -1 from below."""
    return 1 if lane[hop.src] >= lane[hop.dst] else -1
