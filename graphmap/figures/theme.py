"""Colours, light and dark. All texts have a contrast of at least 4.9 on what they stand on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

FONT = 'Inter, system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif'


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a figure.

    `segments` are given to the segments that are not restricted, in the order of their names; they differ also in
    protanopic, deuteranopic and tritanopic sight. `risk_steps` go from little to much.
    """

    surface: str
    text: str
    muted: str
    line: str
    edge: str
    accent: str
    risk: str
    on_risk: str
    failure: str
    other: str
    segments: tuple[str, ...]
    risk_steps: tuple[str, ...]

    def colours(self, segments: Iterable[tuple[str, bool]]) -> dict[str, str]:
        """The colour of each segment, given with whether it is restricted."""
        plain = sorted(name for name, restricted in segments if not restricted)
        found = {name: self.risk for name, restricted in segments if restricted}
        return found | {name: self.segments[n % len(self.segments)] for n, name in enumerate(plain)}

    def layout(self, **more: Any) -> dict[str, Any]:
        """What all figures share."""
        return {
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": FONT, "size": 12, "color": self.text},
            "hoverlabel": {
                "bgcolor": self.surface,
                "bordercolor": self.line,
                "align": "left",
                "font": {"family": FONT, "size": 12, "color": self.text},
            },
            "showlegend": False,
            **more,
        }

    def axis(self, **more: Any) -> dict[str, Any]:
        """What all axes that are seen share."""
        shared = {"gridcolor": self.line, "zeroline": False, "linecolor": self.line, "automargin": True}
        return {**shared, "tickfont": {"color": self.muted, "size": 11}, **more}


LIGHT = Theme(
    surface="#FFFFFF",
    text="#17212B",
    muted="#566270",
    line="#DDE3E9",
    edge="#A9B4BF",
    accent="#0B62B8",
    risk="#B83A00",
    on_risk="#FFFFFF",
    failure="#A3322C",
    other="#5B6673",
    segments=("#3575D4", "#27B962", "#D4B435", "#540B84", "#E278B8"),
    risk_steps=("#FBE3D6", "#F3B48F", "#E07B45", "#B83A00", "#6E2300"),
)

DARK = Theme(
    surface="#131A22",
    text="#E8EDF2",
    muted="#9FACBA",
    line="#25303C",
    edge="#4A5866",
    accent="#6CB6FF",
    risk="#FF8A4C",
    on_risk="#131A22",
    failure="#FF8E86",
    other="#7F8C9B",
    segments=("#8EB7F6", "#3FE3A4", "#F0CD42", "#B04CCB", "#FFC2E3"),
    risk_steps=("#3A2216", "#7A3D1B", "#B85C27", "#FF8A4C", "#FFC9A8"),
)

THEMES = {"light": LIGHT, "dark": DARK}


def see_through(colour: str, opacity: float) -> str:
    """A colour, given as #RRGGBB, of some opacity."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:.2f})"
