"""An inventory in YAML (or JSON, which is YAML but for its tabs) as entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from graphmap.identity.entries import (
    AccountEntry,
    Entries,
    HostEntry,
    SegmentEntry,
    Text,
    host_address,
    host_name,
    network,
    word,
)
from graphmap.identity.fields import Fields
from graphmap.identity.nodes import Mapping, Node, Scalar, compose
from graphmap.identity.problems import Located, Problems, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from graphmap.model import Address

TOP = ("segments", "hosts", "accounts")
SEGMENT = ("name", "restricted", "cidrs", "allowed_from")
HOST = ("name", "addresses", "segment", "roles", "owner", "aliases")
ADDRESS = ("address", "from", "until")
ACCOUNT = ("name", "aliases", "service")

E = TypeVar("E")


def read_yaml(text: str, problems: Problems) -> Entries:
    """Read the entries of a YAML text; what is wrong goes to `problems`.

    Raises
    ------
    InventoryError
        The text is no YAML.
    """
    root = compose(text, problems)
    if root is None or root.kind == "empty":
        return Entries()
    if not isinstance(root, Mapping):
        problems.stop(root.place, f"an inventory is a mapping, not {root.kind}", hint=f"its keys: {', '.join(TOP)}")
    top = Fields(root, "an inventory", TOP, problems)
    return Entries(
        segments=_entries(top, "segments", _segment),
        hosts=_entries(top, "hosts", _host),
        accounts=_entries(top, "accounts", _account),
    )


def _entries(top: Fields, key: str, read: Callable[[Mapping, Problems], E | None]) -> list[E]:
    found = []
    for node in top.items(key) or ():
        if isinstance(node, Mapping):
            found.append(read(node, top.problems))
        else:
            top.problems.add(node.place, f"an item of {shown(key)} is a mapping, not {node.kind}")
    return [entry for entry in found if entry is not None]


def _each(
    texts: Iterable[Text], read: Callable[[Text, str, Problems], Text | None], what: str, problems: Problems
) -> tuple[Text, ...]:
    found = (read(text, what, problems) for text in texts)
    return tuple(text for text in found if text is not None)


def _maybe(
    text: Text | None, read: Callable[[Text, str, Problems], Text | None], what: str, problems: Problems
) -> Text | None:
    return None if text is None else read(text, what, problems)


def _segment(node: Mapping, problems: Problems) -> SegmentEntry | None:
    fields = Fields(node, "a segment", SEGMENT, problems)
    name = _maybe(fields.required("name"), word, "the name of a segment", problems)
    cidrs = tuple(found for text in fields.texts("cidrs") if (found := network(text, problems)))
    allowed = None
    if fields.items("allowed_from") is not None:
        allowed = _each(fields.texts("allowed_from"), word, "the name of a segment", problems)
    restricted = fields.truth("restricted")
    return None if name is None else SegmentEntry(name, restricted, cidrs, allowed)


def _host(node: Mapping, problems: Problems) -> HostEntry | None:
    fields = Fields(node, "a host", HOST, problems)
    name = _maybe(fields.required("name"), host_name, "the name of a host", problems)
    addresses = tuple(found for item in fields.items("addresses") or () if (found := _address(item, problems)))
    segment = _maybe(fields.text("segment"), word, "the name of a segment", problems)
    roles = _each(fields.texts("roles"), word, "a role", problems)
    owner = _maybe(fields.text("owner"), word, "the owner", problems)
    aliases = _each(fields.texts("aliases"), host_name, "the alias of a host", problems)
    return None if name is None else HostEntry(name, addresses, segment, roles, owner, aliases)


def _address(node: Node, problems: Problems) -> Located[Address] | None:
    if isinstance(node, Mapping):
        fields = Fields(node, "an address", ADDRESS, problems)
        text, since, until = fields.required("address"), fields.text("from"), fields.text("until")
        return None if text is None else host_address(text, problems, since=since, until=until)
    if isinstance(node, Scalar) and node.kind == "text":
        return host_address(Located(node.text, node.place), problems)
    problems.add(node.place, f"an address is text or a mapping, not {node.kind}")
    return None


def _account(node: Mapping, problems: Problems) -> AccountEntry | None:
    fields = Fields(node, "an account", ACCOUNT, problems)
    name = _maybe(fields.required("name"), word, "the name of an account", problems)
    aliases = _each(fields.texts("aliases"), word, "the alias of an account", problems)
    service = fields.truth("service")
    return None if name is None else AccountEntry(name, aliases, service=service is not None and service.value)
