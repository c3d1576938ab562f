"""A graph with many of its nodes folded into groups, and who would come when a node is opened."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

import polars as pl

from graphmap.graph.subgraph import LINKS, NAMED
from graphmap.model import NodeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

GROUP = "group"
"""Kind of a node that stands for several."""

APART = {NodeKind.SOURCE: "External", NodeKind.USER: "Accounts", NodeKind.KEY: "Keys", NodeKind.HOST: "Other hosts"}
"""What nodes that lie in no segment are called together. The order is that of pictures, left to right."""

PREFIXES = {4: 24, 6: 64}
"""Bits of an address, by its version, that make a subnet."""


class By(StrEnum):
    """What the nodes of a group share."""

    SEGMENT = "segment"
    ROLE = "role"
    SUBNET = "subnet"


class Order(StrEnum):
    """Which neighbours come first."""

    MOST = "most"
    RARE = "rare"
    NEW = "new"


def group_of(nodes: pl.DataFrame, by: By, address: Callable[[str], str | None]) -> pl.Series:
    """The group of each node.

    Parameters
    ----------
    nodes
        `kind`, `name`, `segment` and `roles`.
    by
        What they share. A host of several roles is in the group of the first.
    address
        The address of a host, by its name; None where nobody knows it.

    Returns
    -------
    Names, without nulls: a node that has no segment, role or address is in that of its kind (`APART`).
    """
    apart = pl.col("kind").replace_strict({str(kind): name for kind, name in APART.items()})
    if by == By.SEGMENT:
        return nodes.select(group=pl.coalesce("segment", apart))["group"]
    if by == By.ROLE:
        return nodes.select(group=pl.coalesce(pl.col("roles").list.first(), apart))["group"]
    kinds, names = nodes["kind"].to_list(), nodes["name"].to_list()
    found = [_subnet(name if kind == NodeKind.SOURCE else address(name) if kind == NodeKind.HOST else None)
             for kind, name in zip(kinds, names, strict=True)]  # fmt: skip
    return nodes.with_columns(net=pl.Series(found, dtype=pl.String)).select(group=pl.coalesce("net", apart))["group"]


def _subnet(address: str | None) -> str | None:
    """The subnet of an address; None for what is none."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return None
    return str(ip_network((found, PREFIXES[found.version]), strict=False))


def fold(
    nodes: pl.DataFrame, links: pl.DataFrame, groups: pl.DataFrame, apart: Collection[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Put nodes into their groups.

    Parameters
    ----------
    nodes
        `id`, `kind`, `name`, `segment`, `restricted`, `count`, `failures`; further columns are null for groups.
    links
        Schema LINKS, between them.
    groups
        `id` and `group`, for each node.
    apart
        Ids of the nodes that stay on their own.

    Returns
    -------
    Nodes as given with `group` and `members`, which is 1 for a node on its own; a group has the id ``group:NAME``, no
    segment, is restricted where one of its members is, and adds up `count` and `failures`. And the links between what
    is left; those within a group are gone.

    Notes
    -----
    Cost: linear.
    """
    known = nodes.join(groups, on="id").with_columns(members=pl.lit(1, pl.Int64))
    single = pl.col("id").is_in(list(apart))
    folded = known.filter(~single)
    made = folded.group_by("group").agg(
        pl.col("restricted").any(), pl.col("count", "failures").sum(), members=pl.len().cast(pl.Int64)
    )
    made = made.with_columns(id=pl.lit(f"{GROUP}:") + pl.col("group"), kind=pl.lit(GROUP), name=pl.col("group"))
    kept = known.filter(single)
    into = folded.select("id", to=pl.lit(f"{GROUP}:") + pl.col("group"))
    between = _joined(_renamed(_renamed(links, into, "src"), into, "dst").filter(pl.col("src") != pl.col("dst")))
    return pl.concat([kept, made], how="diagonal"), between


def _renamed(links: pl.DataFrame, into: pl.DataFrame, side: str) -> pl.DataFrame:
    joined = links.join(into.rename({"id": side}), on=side, how="left")
    return joined.with_columns(pl.coalesce("to", side).alias(side)).drop("to")


def _joined(links: pl.DataFrame) -> pl.DataFrame:
    """One link for each pair."""
    lists = ("users", "services", "methods")
    several = pl.struct("src", "dst").is_duplicated()
    alone, together = links.filter(~several), links.filter(several)
    made = together.group_by("src", "dst").agg(
        *(pl.col(name).list.explode().drop_nulls().unique().sort().head(NAMED) for name in lists),
        pl.col("kind").min(), pl.col("count", "failures").sum(), pl.col("first").min(), pl.col("last").max(),
    )  # fmt: skip
    return pl.concat([alone.select(LINKS.names()), made.select(LINKS.names())]).sort("src", "dst")


def neighbours(links: pl.DataFrame, node: str, order: Order = Order.MOST, kinds: Iterable[str] = ()) -> pl.DataFrame:
    """Who is linked with a node, in an order: `id` and `kind`.

    Parameters
    ----------
    links
        Schema LINKS.
    node
        Its id.
    order
        Those of most attempts first, of fewest, or those whose first attempt is the newest.
    kinds
        Only these; empty for all.
    """
    near = links.filter((pl.col("src") == node) ^ (pl.col("dst") == node))
    found = near.select(
        id=pl.when(pl.col("src") == node).then("dst").otherwise("src"),
        attempts=pl.col("count") + pl.col("failures"), first="first",
    ).group_by("id").agg(pl.col("attempts").sum(), pl.col("first").min())  # fmt: skip
    named = found.with_columns(kind=pl.col("id").str.extract("^([a-z]+):"))
    wanted = list(kinds)
    chosen = named.filter(pl.col("kind").is_in(wanted)) if wanted else named
    by = {Order.MOST: ("attempts", True), Order.RARE: ("attempts", False), Order.NEW: ("first", True)}[order]
    return chosen.sort([by[0], "id"], descending=[by[1], False]).select("id", "kind")
