"""A chain on its time axis: a lane for each host, a bar for each session, an arrow for each hop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from graphmap.figures.clock import Clock
from graphmap.figures.text import inert, label, length, moment
from graphmap.figures.theme import LIGHT, Theme, see_through

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    Figure. A session without an end is drawn to the last moment of the figure, and fades. Where nothing happens for
    long, the axis is cut short, a strip says by how much, and places are not times (`graphmap.figures.clock`).
    """
    return _Plan(hops, told or Lanes(), theme, width).figure()


class _Plan:
    """What is drawn, and where. Places of the time axis are those of its clock."""

    def __init__(self, hops: Sequence[Hop], told: Lanes, theme: Theme, width: int) -> None:
        self.told, self.theme, self.width = told, theme, width
        named = dict.fromkeys(name for hop in hops for name in (hop.src, hop.dst))
        self.hosts = [*dict.fromkeys(name for name in (*told.first, *named) if name in named)][:LANES]
        self.lane = {host: -number for number, host in enumerate(self.hosts)}
        self.hops = [hop for hop in hops if hop.src in self.lane and hop.dst in self.lane]
        self.crosses = _crosses(told.refused, self.lane)
        self._clock = _clock(self.hops, [at for _, at in self.crosses])
        self.begin, self.end = self._span()
        self.margin = (self.end - self.begin) * 0.04
        self.scale = (width - NAMES) / ((self.end - self.begin) * 1.08).total_seconds()

    def _span(self) -> tuple[datetime, datetime]:
        """The places that are drawn: to the last start or end, and a little more where an end is not known."""
        at = self._clock.at
        starts = [at(hop.start) for hop in self.hops]
        first, last = min(starts), max(starts)
        ends = max((at(hop.end) for hop in self.hops if hop.end), default=first)
        # one long session must not press all others into a corner
        latest = min(ends, last + max((last - first) * 2, timedelta(minutes=2)))
        end = max(latest, last + max((last - first) * 0.6, timedelta(seconds=2)))
        return max(min([first, *(at(moment) for _, moment in self.crosses)]), first - (end - first)), end

    def figure(self) -> go.Figure:
        return go.Figure(layout=self._layout(), data=[self._hops(), self._sessions(), self._refused()])

    def _layout(self) -> dict[str, Any]:
        theme, lane = self.theme, self.lane
        edges = [self.begin - self.margin, self.end + self.margin]
        ticks = self._clock.ticks(self.begin, edges[1], self.scale)
        return theme.layout(
            width=self.width,
            height=(84 if ticks else 70) + LANE * max(len(self.hosts), 1),
            margin={"l": 10, "r": 16, "t": 12, "b": 48 if ticks else 34},
            xaxis=theme.axis(type="date", range=edges, fixedrange=True, **ticks),
            yaxis=theme.axis(
                range=[-len(self.hosts) + 0.45, 0.6],
                tickvals=list(lane.values()),
                ticktext=[inert(label(host)) for host in self.hosts],
                tickfont={"size": 12, "weight": 600, "color": theme.text},
                showgrid=False,
                fixedrange=True,
            ),
            shapes=[
                *(_shade(lane[host], theme) for host in self.hosts if self.told.restricted(host)),
                *self._origins(),
                *self._bars(),
                *self._clock.shapes(theme),
            ],
            annotations=[
                *(self._arrow(hop) for hop in self.hops if hop.src != hop.dst),
                *(self._number(number, hop) for number, hop in enumerate(self.hops, 1)),
                *self._clocks(),
                *self._clock.annotations(theme),
            ],
            hovermode="closest",
        )

    def _at_hops(self) -> dict[str, Any]:
        """Where the hops stand, as a trace has it."""
        return {
            "type": "scatter",
            "x": [self._clock.at(hop.start) for hop in self.hops],
            "y": [self.lane[hop.dst] for hop in self.hops],
        }

    def _hops(self) -> dict[str, Any]:
        return {
            **self._at_hops(),
            "name": "hops",
            "mode": "markers",
            "marker": {"symbol": "square", "size": 20, "color": self.theme.risk, "opacity": 0},
            "hovertext": [_of_hop(number, hop) for number, hop in enumerate(self.hops, 1)],
            "hoverinfo": "text",
        }

    def _sessions(self) -> dict[str, Any]:
        return {
            **self._at_hops(),
            "name": "sessions",
            "mode": "text",
            "text": [f"{'&nbsp;' * 3}{text}" if text else "" for text in self._beside()],
            "textposition": "middle right",
            "textfont": {"size": 11, "color": self.theme.text},
            "hoverinfo": "skip",
        }

    def _refused(self) -> dict[str, Any]:
        return {
            "type": "scatter",
            "name": "refused",
            "mode": "markers",
            "x": [self._clock.at(at) for _, at in self.crosses],
            "y": [y for y, _ in self.crosses],
            "marker": {"symbol": "x-thin", "size": 8, "line": {"color": self.theme.failure, "width": 1.5}},
            "hovertext": [f"{moment(at)} UTC refused" for _, at in self.crosses],
            "hoverinfo": "text",
        }

    def _beside(self) -> list[str]:
        """What is written into or behind each bar; nothing where the next bar of its lane or the edge is too near."""
        at, texts = self._clock.at, []
        for number, hop in enumerate(self.hops):
            text = _told(hop)
            following = [at(other.start) for other in self.hops[number + 1 :] if hop.dst in {other.dst, other.src}]
            room = (min([self.end + self.margin, *following]) - at(hop.start)).total_seconds() * self.scale
            texts.append(text if room > LETTER * len(text) + 16 else "")
        return texts

    def _bars(self) -> Iterator[dict[str, Any]]:
        """Sessions, each with a solid left end."""
        segments = ((name, self.told.restricted(host)) for host in self.hosts if (name := self.told.segment(host)))
        colours = self.theme.colours(segments)
        edge = self.end + self.margin
        for hop in self.hops:
            segment, y, known = self.told.segment(hop.dst) or "", self.lane[hop.dst], hop.end is not None
            colour = self.theme.risk if self.told.restricted(hop.dst) else colours.get(segment, self.theme.accent)
            start, end = self._clock.at(hop.start), min(self._clock.at(hop.end), edge) if hop.end else edge
            shared = {"type": "rect", "x0": start, "y0": y - BAR, "y1": y + BAR, "layer": "below"}
            fill, ink, dash = (0.26, 0.8, "solid") if known else (0.10, 0.35, "dot")
            line = {"color": see_through(colour, ink), "width": 1, "dash": dash}
            yield {**shared, "x1": end, "fillcolor": see_through(colour, fill), "line": line}
            yield {**shared, "x1": min(end, start + self.margin * 0.1), "fillcolor": colour, "line": {"width": 0}}

    def _origins(self) -> Iterator[dict[str, Any]]:
        """A line for each source that no hop came to: from its first hop on."""
        reached = {hop.dst for hop in self.hops}
        first: dict[str, datetime] = {}
        for hop in self.hops:
            if hop.src not in reached:
                first.setdefault(hop.src, hop.start)
        for name, start in first.items():
            y = self.lane[name]
            yield {
                "type": "line", "x0": self._clock.at(start), "x1": self.end, "y0": y, "y1": y,
                "line": {"color": self.theme.other, "width": 2}, "layer": "below",
            }  # fmt: skip

    def _arrow(self, hop: Hop) -> dict[str, Any]:
        place = self._clock.at(hop.start)
        return {
            "x": place, "ax": place, "y": self.lane[hop.dst] + BAR * self._down(hop), "ay": self.lane[hop.src],
            "xref": "x", "yref": "y", "axref": "x", "ayref": "y", "text": "", "showarrow": True,
            "arrowhead": 2, "arrowsize": 1.1, "arrowwidth": 2, "arrowcolor": self.theme.risk,
        }  # fmt: skip

    def _number(self, number: int, hop: Hop) -> dict[str, Any]:
        """The number of a hop, left of the head of its arrow."""
        return {
            **self._above(hop), "xanchor": "right", "xshift": -6, "text": str(number), "name": "number",
            "bgcolor": self.theme.risk, "font": {"size": 11, "weight": 700, "color": self.theme.on_risk},
            "borderpad": 2, "width": 12 if number < 10 else 16,  # noqa: PLR2004 - two digits
        }  # fmt: skip

    def _clocks(self) -> Iterator[dict[str, Any]]:
        """The moment of each hop right of its arrow, and its certainty where it is none; where there is room."""
        places = [self._clock.at(hop.start) for hop in self.hops]
        for number, (hop, place) in enumerate(zip(self.hops, places, strict=True)):
            certainty = f" · certainty {hop.certainty:.2f}" if number and hop.certainty < 1 else ""
            text = f"{hop.start:%H:%M:%S}{certainty}"
            others = places[:number] + places[number + 1 :]
            near = [(other - place).total_seconds() * self.scale for other in others]
            if not any(0 <= away < LETTER * len(text) + 34 for away in near):
                font = {"size": 11, "color": self.theme.muted}
                yield {**self._above(hop), "xanchor": "left", "xshift": 7, "text": text, "name": "clock", "font": font}

    def _above(self, hop: Hop) -> dict[str, Any]:
        """Beside the head of a hop's arrow."""
        y = self.lane[hop.dst] + 0.5 * self._down(hop)
        return {"x": self._clock.at(hop.start), "y": y, "xref": "x", "yref": "y", "showarrow": False}

    def _down(self, hop: Hop) -> int:
        """1 where the arrow of a hop comes from above, -1 from below."""
        return 1 if self.lane[hop.src] >= self.lane[hop.dst] else -1


def _clock(hops: Sequence[Hop], refused: Sequence[datetime]) -> Clock:
    """A clock on which something happens: a session begins or ends, an attempt is refused."""
    starts = [hop.start for hop in hops]
    ends = [hop.end for hop in hops if hop.end is not None and hop.end <= max(starts)]
    return Clock.of([*starts, *ends, *refused])


def _crosses(refused: Mapping[str, Sequence[datetime]], lane: dict[str, int]) -> list[tuple[int, datetime]]:
    """Where refused attempts stand: those of each lane that came last."""
    return [(lane[host], at) for host, times in refused.items() if host in lane for at in sorted(times)[-CROSSES:]]


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


def _shade(y: int, theme: Theme) -> dict[str, Any]:
    return {
        "type": "rect", "xref": "paper", "x0": 0, "x1": 1, "y0": y - 0.46, "y1": y + 0.46,
        "fillcolor": see_through(theme.risk, 0.08), "line": {"width": 0}, "layer": "below",
    }  # fmt: skip
