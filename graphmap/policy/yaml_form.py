"""A segment policy in YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from graphmap.errors import PolicyError
from graphmap.identity.entries import host_name, moment, network, word
from graphmap.identity.fields import Fields
from graphmap.identity.nodes import Mapping, compose
from graphmap.identity.problems import Located, Problems, shown
from graphmap.identity.roles import role_named
from graphmap.policy.rules import ANY, NO_POLICY, Policy, Rule, Zone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from graphmap.identity.entries import Text

TOP = ("zones", "rules")
ZONE = ("name", "segments", "cidrs", "roles", "hosts", "closed")
RULE = ("name", "from", "to", "accounts", "methods", "services", "since", "until", "author", "reason")

T = TypeVar("T")


def parse_policy(text: str, path: str) -> Policy:
    """Read a segment policy in YAML (or JSON); empty text is a policy that states nothing.

    Parameters
    ----------
    text
        The content of the file.
    path
        The file as the user named it, for messages and findings.

    Raises
    ------
    PolicyError
        Something in the text is wrong. The message tells the first such place, the hint how many more there are.
    """
    problems = Problems(path, PolicyError)
    root = compose(text.removeprefix("\ufeff"), problems)
    if root is None or root.kind == "empty":
        return NO_POLICY
    if not isinstance(root, Mapping):
        problems.stop(root.place, f"a policy is a mapping, not {root.kind}", hint=f"its keys: {', '.join(TOP)}")
    top = Fields(root, "a policy", TOP, problems)
    zones = list(_entries(top, "zones", _zone))
    rules = list(_entries(top, "rules", _rule))
    problems.once("zone", (name for name, _ in zones))
    problems.once("rule", (name for name, *_ in rules))
    known = {name.value for name, _ in zones}
    for _, sources, destinations, _ in rules:
        _known(sources, known | {ANY}, problems)
        _known(destinations, known, problems)
    problems.raise_any()
    return Policy(tuple(zone for _, zone in zones), tuple(rule for *_, rule in rules), path)


def _entries(top: Fields, key: str, read: Callable[[Mapping, Problems], T | None]) -> Iterator[T]:
    for node in top.items(key) or ():
        if not isinstance(node, Mapping):
            top.problems.add(node.place, f"an item of {shown(key)} is a mapping, not {node.kind}")
        elif (entry := read(node, top.problems)) is not None:
            yield entry


def _zone(node: Mapping, problems: Problems) -> tuple[Text, Zone] | None:
    fields = Fields(node, "a zone", ZONE, problems)
    name = _word(fields.required("name"), "the name of a zone", problems)
    segments = _words(fields, "segments", "the name of a segment")
    cidrs = [found for text in fields.texts("cidrs") if (found := network(text, problems))]
    roles = [Located(role_named(role.value), role.place) for role in _words(fields, "roles", "a role")]
    hosts = [found for text in fields.texts("hosts") if (found := host_name(text, "the name of a host", problems))]
    closed = fields.truth("closed")
    if name is None:
        return None
    if name.value == ANY:
        problems.add(name.place, f"{shown(ANY)} is every source", hint="give the zone another name")
    if not set(ZONE[1:5]) & set(fields.values):
        problems.add(node.place, f"zone {shown(name.value)} holds nothing", hint=f"say one of: {', '.join(ZONE[1:5])}")
    return name, Zone(
        name.value,
        segments=_values(segments),
        cidrs=_values(cidrs),
        roles=_values(roles),
        hosts=_values(hosts),
        closed=closed is not None and closed.value,
        line=node.place.line,
    )


def _rule(node: Mapping, problems: Problems) -> tuple[Text, list[Text], list[Text], Rule] | None:
    fields = Fields(node, "a rule", RULE, problems)
    name = _word(fields.required("name"), "the name of a rule", problems)
    sources, destinations = (_named_zones(fields, key) for key in ("from", "to"))
    limits = {
        key: _some(fields, key, what)
        for key, what in (("accounts", "an account"), ("methods", "a method"), ("services", "a service"))
    }
    since, until = (moment(fields.text(key), problems) for key in ("since", "until"))
    if since and until and until <= since:
        problems.add(fields.values["until"].place, "the rule ends before it begins", hint="until is exclusive")
    author, reason = (_word(fields.text(key), f"the {key}", problems) for key in ("author", "reason"))
    if name is None:
        return None
    rule = Rule(
        name.value,
        _values(sources),
        _values(destinations),
        **limits,
        since=since,
        until=until,
        author=author.value if author else None,
        reason=reason.value if reason else None,
        line=node.place.line,
    )
    return name, sources, destinations, rule


def _named_zones(fields: Fields, key: str) -> list[Text]:
    """The zones of a list that must name one at least."""
    found = _words(fields, key, "the name of a zone")
    if not found:
        fields.problems.add(fields.node.place, f"{fields.what} needs {shown(key)}, a list of zones")
    return found


def _some(fields: Fields, key: str, what: str) -> tuple[str, ...] | None:
    """The words of a list that permits nothing else; None where it is left out."""
    if fields.items(key) is None:
        return None
    found = _words(fields, key, what)
    if not found:
        place = fields.values[key].place
        fields.problems.add(place, f"{shown(key)} is empty, so the rule permits nothing", hint="leave it out for any")
    return _values(found)


def _words(fields: Fields, key: str, what: str) -> list[Text]:
    found = (word(text, what, fields.problems) for text in fields.texts(key))
    return [text for text in found if text is not None]


def _word(text: Text | None, what: str, problems: Problems) -> Text | None:
    return None if text is None else word(text, what, problems)


def _values(texts: Sequence[Text]) -> tuple[str, ...]:
    return tuple(text.value for text in texts)


def _known(zones: Sequence[Text], known: set[str], problems: Problems) -> None:
    for name in zones:
        if name.value not in known:
            message = f"no zone is named {shown(name.value)}"
            problems.add(name.place, message, hint="list it under zones", word=name.value, near=known)
