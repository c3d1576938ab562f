"""The report on an estate: what was found, what could be reached, what could be switched off, what nobody can see."""

from graphmap.pipeline.reports.gather import Report, gather
from graphmap.pipeline.reports.html import html_of
from graphmap.pipeline.reports.markdown import markdown_of

__all__ = ["Report", "gather", "html_of", "markdown_of"]
