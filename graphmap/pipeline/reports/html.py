"""A report as one HTML file that needs nothing else: no server, no network."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from graphmap.figures.heatmap import heatmap
from graphmap.figures.script import plotly_script
from graphmap.pipeline.reports.cells import written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.detect.reports import Section
    from graphmap.pipeline.reports.gather import Report

POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
"""What the file may load and where it may connect: nothing (Content Security Policy Level 3)."""

STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 Inter, system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; color: #17212B;
  max-width: 1100px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .3rem; }
p { margin: .3rem 0 .8rem; color: #566270; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; min-width: 50%; font-size: 13px; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #DDE3E9; vertical-align: top; }
th { color: #566270; font-weight: 600; } td.number { font-variant-numeric: tabular-nums; }
.id { border: 1px solid #A9B4BF; border-radius: 3px; padding: 0 .35rem; font-size: 12px; color: #566270; }
"""

DRAW = """
const figure = JSON.parse(document.getElementById("ways-figure").textContent);
Plotly.newPlot("ways", figure.data, figure.layout, {displayModeBar: false, responsive: false});
"""


def html_of(report: Report) -> str:
    """Write a report; text of logs is shown letter for letter."""
    return "".join(_parts(report))


def _parts(report: Report) -> Iterator[str]:
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f"<title>graphmap report</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>graphmap report</h1>\n"
    yield f"<p>Logs from {written(report.first)} to {written(report.last)}.</p>\n"
    yield from _figure(report)
    for section in report.sections:
        yield from _section(section)
    yield "</body>\n</html>\n"


def _figure(report: Report) -> Iterator[str]:
    """From segment to segment. JSON in a script ends with its first ``</``, so no ``<`` is written in it."""
    if report.ways.is_empty():
        return
    figure = heatmap(report.ways, marked=report.crossing).to_json().replace("<", "\\u003c")
    yield '<h2 id="from-segment-to-segment">From segment to segment</h2>\n'
    yield "<p>How many logons were accepted; a mark where they enter a restricted segment.</p>\n"
    yield '<div class="scroll"><div id="ways"></div></div>\n'
    yield f'<script type="application/json" id="ways-figure">{figure}</script>\n'
    yield f"<script>{plotly_script().read_text(encoding='utf-8')}</script>\n<script>{DRAW}</script>\n"


def _section(section: Section) -> Iterator[str]:
    mitigation = f' <span class="id">{section.mitigation}</span>' if section.mitigation else ""
    yield f"<h2>{_text(section.title)}{mitigation}</h2>\n"
    if section.missing is not None:
        yield f"<p>Not evaluable: {_text(section.missing)}.</p>\n"
        return
    yield f"<p>{_text(section.says)}</p>\n"
    if not section.rows:
        yield "<p>Nothing.</p>\n"
        return
    head = "".join(f"<th>{_text(name)}</th>" for name in section.columns)
    yield f'<div class="scroll"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n'
    for row in section.rows:
        cells = (
            f'<td class="number">{written(value)}</td>'
            if isinstance(value, int | float)
            else f"<td>{_text(written(value))}</td>"
            for value in row
        )
        yield f"<tr>{''.join(cells)}</tr>\n"
    yield "</tbody>\n</table></div>\n"


def _text(text: str) -> str:
    return escape(written(text))
