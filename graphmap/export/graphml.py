"""Graphs as GraphML, which Gephi, yEd, Cytoscape and networkx read (http://graphml.graphdrawing.org)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from graphmap.documents import time_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

TYPES: dict[type, str] = {bool: "boolean", int: "long", float: "double"}
"""Of GraphML; all else is text."""

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no place for (section 2.2)."""


def graphml(
    nodes: Iterable[Mapping[str, object]], links: Iterable[Mapping[str, object]], *, about: str = ""
) -> Iterator[str]:
    """A directed graph as GraphML, a piece at a time.

    Parameters
    ----------
    nodes
        Each with an `id`.
    links
        Each with a `src` and a `dst`, ids of nodes.
    about
        What the graph is, or how much of one: its description.

    Yields
    ------
    Text. All other fields become attributes: times as RFC 3339, lists with `; ` between; None is left out.
    """
    held = {"node": list(nodes), "edge": list(links)}
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    for kind, rows in held.items():
        types = {
            name: TYPES.get(type(value), "string") for row in rows for name, value in row.items() if value is not None
        }
        for name, sort in types.items():
            key, named = _attribute(f"{kind}.{name}"), _attribute(name)
            yield f'<key id={key} for="{kind}" attr.name={named} attr.type="{sort}"/>\n'
    yield f'<graph edgedefault="directed">\n<desc>{_text(about)}</desc>\n'
    for row in held["node"]:
        yield f"<node id={_attribute(row['id'])}>{_data('node', row)}</node>\n"
    for row in held["edge"]:
        yield f"<edge source={_attribute(row['src'])} target={_attribute(row['dst'])}>{_data('edge', row)}</edge>\n"
    yield "</graph>\n</graphml>\n"


def _data(kind: str, row: Mapping[str, object]) -> str:
    return "".join(
        f"<data key={_attribute(f'{kind}.{name}')}>{_text(value)}</data>"
        for name, value in row.items()
        if value is not None
    )


def _attribute(value: object) -> str:
    return quoteattr(_plain(value))


def _text(value: object) -> str:
    return escape(_plain(value))


def _plain(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case datetime():
            return time_text(value)
        case list() | tuple():
            return _plain("; ".join(map(str, value)))
        case _:
            return _NO_XML.sub("\ufffd", str(value))
