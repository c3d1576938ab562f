"""graphmap: a graph-based lateral movement mapper.

For notebooks::

    import graphmap

    graph = graphmap.view()  # users, hosts, sources and keys as a networkx MultiDiGraph
    moves = graphmap.view(each_hop=True)  # hosts and sources, an edge a hop: see graphmap.graph.temporal
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


def view(home: str | Path | None = None, *, each_hop: bool = False) -> Graph:
    """The user-host-source graph of a home folder (`graphmap.graph.view.build_view`); otherwise as `load`.

    With `each_hop`, hosts and sources with an edge for each hop (`build_hop_view`), for `graphmap.graph.temporal`.
    """
    from graphmap.graph.view import build_hop_view  # noqa: PLC0415 - as in `load`

    estate = load(home)
    return build_hop_view(estate.hops) if each_hop else estate.graph()
