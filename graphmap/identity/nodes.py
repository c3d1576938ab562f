"""A YAML text as a tree of nodes with positions.

Built from the parser's events, one by one, so that hostile text cannot cost much: no aliases (a chain of them grows
without end), no tags (they make objects), bounded depth, one document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml
from yaml import events as ev

from graphmap.identity.entries import here
from graphmap.identity.problems import Place, Problems, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml reads 20,000 hosts in half a second, the Python parser in seven."""

DEEPEST = 8
"""Levels of nesting: three more than an inventory or a mapping needs."""

_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"  # YAML 1.1, section 4.1.1
)
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "yes", "on"})
_FALSE = frozenset({"false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value. `plain` is False where it is quoted or a block, and so can be nothing but text."""

    place: Place
    text: str
    plain: bool

    @property
    def kind(self) -> str:
        """What YAML takes the value for. Numbers and dates are text here, as they were written."""
        if self.plain and self.text in _NULL:
            return "empty"
        return "text" if self.truth is None else "a boolean"

    @property
    def truth(self) -> bool | None:
        """The value as a boolean of YAML 1.1; None where it is none."""
        word = self.text.lower() if self.plain else ""
        return True if word in _TRUE else False if word in _FALSE else None


@dataclass(slots=True)
class Sequence:
    """A list."""

    place: Place
    items: list[Node] = field(default_factory=list)
    kind: str = "a list"


@dataclass(slots=True)
class Mapping:
    """Keys and values in the order of the text; a key may be there twice, and may be no scalar."""

    place: Place
    items: list[Node] = field(default_factory=list)
    kind: str = "a mapping"

    @property
    def pairs(self) -> Iterable[tuple[Node, Node]]:
        """Each key with its value."""
        return zip(self.items[::2], self.items[1::2], strict=True)


Node = Scalar | Sequence | Mapping


def compose(text: str, problems: Problems) -> Node | None:
    """The document of a YAML text; None where there is none.

    Raises
    ------
    PlacedError
        The text is no YAML, or has an alias, a tag, a second document or too many levels.
    """
    _refuse_unprintable(text, problems)
    try:
        return _build(yaml.parse(text, Loader=LOADER), problems)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = here(mark.line, mark.column) if mark else Place(1, 1)
        problems.stop(place, f"not YAML: {error.problem or error.context}", hint=_syntax_hint(text, place))


def _refuse_unprintable(text: str, problems: Problems) -> None:
    match = _UNPRINTABLE.search(text)
    if match:
        before = text[: match.start()]
        line = before.count("\n")
        problems.stop(here(line, match.start() - before.rfind("\n") - 1), f"not YAML: character {match[0]!a}")


def _syntax_hint(text: str, place: Place) -> str | None:
    lines = text.split("\n")
    tabbed = place.line <= len(lines) and lines[place.line - 1][: place.column].endswith("\t")
    return "indent with spaces, not with tabs" if tabbed else None


def _build(events: Iterable[Any], problems: Problems) -> Node | None:
    root: Node | None = None
    open_nodes: list[Sequence | Mapping] = []
    for event in events:
        if isinstance(event, ev.CollectionEndEvent):
            open_nodes.pop()
            continue
        place = here(event.start_mark.line, event.start_mark.column)
        if isinstance(event, ev.DocumentStartEvent) and root is not None:
            problems.stop(place, "a second document", hint="leave all but the first out")
        if not isinstance(event, ev.NodeEvent):
            continue
        node = _node(event, place, problems)
        if open_nodes:
            open_nodes[-1].items.append(node)
        else:
            root = node
        if not isinstance(node, Scalar):
            open_nodes.append(node)
            if len(open_nodes) > DEEPEST:
                problems.stop(place, "nested too deep")
    return root


def _node(event: Any, place: Place, problems: Problems) -> Node:
    if isinstance(event, ev.AliasEvent):
        problems.stop(place, f"an alias, {shown(f'*{event.anchor}')}", hint="write the value out")
    if event.tag is not None:
        problems.stop(place, f"a tag, {shown(event.tag)}", hint="leave it out")
    if isinstance(event, ev.SequenceStartEvent):
        return Sequence(place)
    if isinstance(event, ev.MappingStartEvent):
        return Mapping(place)
    return Scalar(place, event.value, event.implicit[0])
