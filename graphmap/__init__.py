"""graphmap: a graph-based lateral movement mapper.

For notebooks::

    import graphmap

    graph = graphmap.view()  # users, hosts, sources and keys as a networkx MultiDiGraph
    estate = graphmap.load()  # sessions, hops, edges as Polars tables; chains and findings

Both read the home folder that ``graphmap ingest`` fills.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphmap.graph.view import Graph
    from graphmap.pipeline.estate import Estate

__all__ = ["load", "view"]


def load(home: str | Path | None = None) -> Estate:
    """Everything that a home folder shows: `Estate` makes each part when it is first asked for.

    Parameters
    ----------
    home
        The folder; None for ``GRAPHMAP_HOME``, else the user's data folder.

    Raises
    ------
    GraphmapError
        The settings, the lake or the inventory cannot be read.
    """
    # whoever imports one module of graphmap must not wait for all of them
    from graphmap.config import load_settings  # noqa: PLC0415
    from graphmap.pipeline.estate import load_estate  # noqa: PLC0415

    return load_estate(load_settings(None if home is None else Path(home)))


def view(home: str | Path | None = None) -> Graph:
    """The user-host-source graph of a home folder (`graphmap.graph.view.build_view`); otherwise as `load`."""
    return load(home).graph()
