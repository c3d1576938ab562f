"""A report as Markdown, as GitHub reads it (GitHub Flavored Markdown, with its tables)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from graphmap.pipeline.reports.cells import written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.detect.reports import Section
    from graphmap.pipeline.reports.gather import Report

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+!|~&@:/-])")
"""Punctuation to which Markdown gives a meaning somewhere; a backslash takes it away (CommonMark 0.31, section 2.4).

The colon, slash and at sign are among them since GitHub makes links of bare addresses.
"""


def markdown_of(report: Report) -> str:
    """Write a report; text of logs is shown letter for letter."""
    return "\n".join(_lines(report)) + "\n"


def literal(text: str) -> str:
    """Text that Markdown shows letter for letter."""
    return _SPECIAL.sub(r"\\\1", text)


def _lines(report: Report) -> Iterator[str]:
    yield "# graphmap report"
    yield ""
    yield f"Logs from {written(report.first)} to {written(report.last)}."
    for section in report.sections:
        yield from _section(section)


def _section(section: Section) -> Iterator[str]:
    mitigation = f" ({section.mitigation})" if section.mitigation else ""
    yield ""
    yield f"## {literal(section.title)}{mitigation}"
    yield ""
    if section.missing is not None:
        yield f"Not evaluable: {literal(section.missing)}."
        return
    yield literal(section.says)
    yield ""
    if not section.rows:
        yield "Nothing."
        return
    yield f"| {' | '.join(section.columns)} |"
    yield f"|{'---|' * len(section.columns)}"
    for row in section.rows:
        yield f"| {' | '.join(literal(written(value)) for value in row)} |"
