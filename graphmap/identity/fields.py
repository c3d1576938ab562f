"""The values of a YAML mapping by key, each of the type that it must have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmap.identity.nodes import Mapping, Node, Scalar, Sequence
from graphmap.identity.problems import Located, Problems, shown

if TYPE_CHECKING:
    from graphmap.identity.entries import Text


class Fields:
    """The values of one mapping by key, each taken as the type it must have.

    Parameters
    ----------
    node
        The mapping.
    what
        What it describes, for messages: "a host".
    keys
        The keys it may have; any other is noted as a problem, as is one that is there twice.
    """

    def __init__(self, node: Mapping, what: str, keys: tuple[str, ...], problems: Problems) -> None:
        self.node = node
        self.what = what
        self.problems = problems
        self.values: dict[str, Node] = {}
        for key, value in node.pairs:
            self._add(key, value, keys)

    def _add(self, key: Node, value: Node, keys: tuple[str, ...]) -> None:
        if not isinstance(key, Scalar):
            self.problems.add(key.place, f"a key of {self.what} is text, not {key.kind}")
        elif key.text not in keys:
            hint = f"its keys: {', '.join(keys)}"
            message = f"{self.what} has no key {shown(key.text)}"
            self.problems.add(key.place, message, hint=hint, word=key.text, near=keys)
        elif key.text in self.values:
            self.problems.add(key.place, f"key {shown(key.text)} is given twice")
        else:
            self.values[key.text] = value

    def required(self, key: str) -> Text | None:
        """The text of a key that must be there."""
        if key not in self.values:
            self.problems.add(self.node.place, f"{self.what} needs {shown(key)}")
            return None
        return self._text(self.values[key], key)

    def text(self, key: str) -> Text | None:
        """The text of a key; None where it is left out or empty."""
        node = self._given(key)
        return None if node is None else self._text(node, key)

    def truth(self, key: str) -> Located[bool] | None:
        """The boolean of a key; None where it is left out or empty."""
        node = self._given(key)
        if node is None:
            return None
        if isinstance(node, Scalar) and node.truth is not None:
            return Located(node.truth, node.place)
        self.problems.add(node.place, f"{shown(key)} is a boolean, not {node.kind}", hint="write true or false")
        return None

    def items(self, key: str) -> list[Node] | None:
        """The nodes of a list; None where it is left out or empty."""
        node = self._given(key)
        if node is None:
            return None
        if isinstance(node, Sequence):
            return node.items
        self.problems.add(node.place, f"{shown(key)} is a list, not {node.kind}", hint="write it as [one, two]")
        return []

    def texts(self, key: str) -> list[Text]:
        """The texts of a list; none where it is left out."""
        found = [self._text(node, f"{key}: an item") for node in self.items(key) or ()]
        return [text for text in found if text is not None]

    def _given(self, key: str) -> Node | None:
        node = self.values.get(key)
        return None if node is None or node.kind == "empty" else node

    def _text(self, node: Node, what: str) -> Text | None:
        if isinstance(node, Scalar) and node.kind == "text":
            return Located(node.text, node.place)
        hint = "put it in quotes if it is text" if isinstance(node, Scalar) else None
        self.problems.add(node.place, f"{shown(what)} is text, not {node.kind}", hint=hint)
        return None
