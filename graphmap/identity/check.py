"""Entries of a file become an inventory, if they make sense together."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from graphmap.identity.problems import Located, Problems, shown
from graphmap.model import Account, Host, Segment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphmap.identity.entries import AccountEntry, Entries, HostEntry, SegmentEntry, Text
    from graphmap.model import Address

EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)


def check(entries: Entries, problems: Problems) -> tuple[tuple[Host, ...], tuple[Segment, ...], tuple[Account, ...]]:
    """Note what does not fit together, and give the hosts, segments and accounts."""
    problems.once("segment", (entry.name for entry in entries.segments))
    problems.once("network", (cidr for entry in entries.segments for cidr in entry.cidrs))
    problems.once("host", _names(entries.hosts))
    problems.once("account", _names(entries.accounts))
    _known_segments(entries, problems)
    _one_owner(entries.hosts, problems)
    return (
        tuple(_host(entry) for entry in entries.hosts),
        tuple(_segment(entry) for entry in entries.segments),
        tuple(_account(entry) for entry in entries.accounts),
    )


def _names(entries: Iterable[HostEntry | AccountEntry]) -> Iterable[Text]:
    for entry in entries:
        yield entry.name
        yield from entry.aliases


def _known_segments(entries: Entries, problems: Problems) -> None:
    known = {entry.name.value for entry in entries.segments}
    named = [entry.segment for entry in entries.hosts if entry.segment]
    named += [name for entry in entries.segments for name in entry.allowed_from or ()]
    for name in named:
        if name.value not in known:
            message = f"no segment is named {shown(name.value)}"
            hint = "list it under segments"
            problems.add(name.place, message, hint=hint, word=name.value, near=known)


def _one_owner(hosts: Iterable[HostEntry], problems: Problems) -> None:
    """Note each address that two entries have at the same time."""
    held: defaultdict[str, list[tuple[Located[Address], str]]] = defaultdict(list)
    for host in hosts:
        for address in host.addresses:
            held[address.value.address].append((address, host.name.value))
    for holders in held.values():
        holders.sort(key=lambda holder: holder[0].value.since or EARLIEST)
        last, owner = holders[0]
        for address, holder in holders[1:]:
            if (address.value.since or EARLIEST) < (last.value.until or LATEST):
                _note_overlap((last, owner), (address, holder), problems)
            if (address.value.until or LATEST) > (last.value.until or LATEST):
                last, owner = address, holder


def _note_overlap(one: tuple[Located[Address], str], other: tuple[Located[Address], str], problems: Problems) -> None:
    (first, owner), (second, _) = sorted((one, other), key=lambda holder: holder[0].place)
    message = f"{second.value.address} is that of {shown(owner)} at the same time, by {first.place}"
    problems.add(second.place, message, hint="give each its time with from and until")


def _values(texts: Iterable[Text]) -> tuple[str, ...]:
    return tuple(text.value for text in texts)


def _host(entry: HostEntry) -> Host:
    return Host(
        name=entry.name.value,
        addresses=tuple(address.value for address in entry.addresses),
        segment=entry.segment.value if entry.segment else None,
        roles=_values(entry.roles),
        owner=entry.owner.value if entry.owner else None,
        aliases=_values(entry.aliases),
    )


def _segment(entry: SegmentEntry) -> Segment:
    return Segment(
        name=entry.name.value,
        restricted=entry.restricted is not None and entry.restricted.value,
        cidrs=_values(entry.cidrs),
        allowed_from=None if entry.allowed_from is None else _values(entry.allowed_from),
    )


def _account(entry: AccountEntry) -> Account:
    return Account(name=entry.name.value, aliases=_values(entry.aliases), service=entry.service)
