"""What a picture says in words, of nodes and links; log text in it is inert."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmap.figures.text import inert, moment
from graphmap.graph.grouping import GROUP

if TYPE_CHECKING:
    from collections.abc import Sequence


def on(colour: str) -> str:
    """Black or white, whichever is read more easily on a colour given as #RRGGBB."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    bright = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2  # WCAG 2, about
    return "#17212B" if bright > 0.21 else "#FFFFFF"  # noqa: PLR2004 - where both contrasts are even


def short(members: int) -> str:
    """A number that fits a circle."""
    return f"{members:,}" if members < 10_000 else f"{members / 1000:.0f}k"  # noqa: PLR2004 - five characters


def of_node(row: dict[str, Any]) -> str:
    """What is said of a node beside the pointer."""
    segment = row["segment"] or ""
    named = (
        f"{segment} (restricted)" if segment and row["restricted"] and "restricted" not in segment.lower() else segment
    )
    many = f"{row['members']:,} nodes" if row["kind"] == GROUP else ""
    parts = [
        f"{row['kind']} {inert(row['name'][:80])}",
        inert(named), many,
        f"{row['count']:,} accepted, {row['failures']:,} refused",
    ]  # fmt: skip
    return "<br>".join(part for part in parts if part)


def of_link(link: dict[str, Any]) -> str:
    """What is said of a link beside the pointer."""
    names = [node.partition(":")[2][:60] for node in (link["src"], link["dst"])]
    users: Sequence[str] = link["users"]
    who = ", ".join(inert(user[:40]) for user in users[:3]) + (f" and {len(users) - 3} more" if len(users) > 3 else "")  # noqa: PLR2004 - as many as fit
    return "<br>".join(
        [
            f"{inert(names[0])} → {inert(names[1])}",
            f"as {who}",
            f"{link['count']:,} accepted, {link['failures']:,} refused",
            f"{moment(link['first'])} to {moment(link['last'])} UTC",
        ]
    )
