"""The JavaScript that draws figures, as the installed plotly package brings it."""

from __future__ import annotations

from pathlib import Path

import plotly


def plotly_script() -> Path:
    """The file of plotly.js."""
    return Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
