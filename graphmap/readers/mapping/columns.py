"""The columns of a mapping file: which field fills which column of EVENTS, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmap.identity.fields import Fields
from graphmap.identity.nodes import Mapping as MappingNode
from graphmap.identity.nodes import Node, Scalar
from graphmap.identity.problems import Located, shown
from graphmap.readers.mapping.model import CHOICES, COLUMNS, REQUIRED, Filling, Lasting, When
from graphmap.readers.moments import AUTO, FORMS, UNITS, is_pattern
from graphmap.readers.ports import PORTS, UNNAMED

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmap.identity.entries import Text
    from graphmap.identity.problems import Place, Problems

KEYS = ("time", "end", "duration", *COLUMNS)
FILLING = ("field", "value", "values", "default", "before", "after")
WHEN = ("field", "join", "format")
DURATION = ("field", "unit")
_UNITS = {"s": UNITS["unix"], "ms": UNITS["unix_ms"], "us": UNITS["unix_us"], "ns": UNITS["unix_ns"]}


class Columns:
    """Reads the section ``columns``; what is wrong goes to `problems`.

    Parameters
    ----------
    node
        The section.
    known
        Notes a problem where the log cannot have a field of this name.
    """

    def __init__(self, node: MappingNode, known: Callable[[Text], None], problems: Problems) -> None:
        self._section = Fields(node, "'columns'", KEYS, problems)
        self._known = known
        self.problems = problems

    def fillings(self) -> dict[str, Filling]:
        """How each column but the times is filled."""
        values = self._section.values
        found = {key: self._filling(values[key], key) for key in COLUMNS if key in values}
        for key in REQUIRED:
            if key not in found:
                self.problems.add(self._section.node.place, f"the columns need {shown(key)}", hint=_example(key))
        return {"witness": Filling(constant="server"), **found}

    def when(self, key: str) -> When | None:
        """Where ``time``, or ``end``, is taken from; None where it is wrong, or not there."""
        columns = self._section
        node = columns.values.get(key)
        if node is None:
            if key == "time":
                self.problems.add(columns.node.place, "the columns need 'time'", hint="time: NAME_OF_A_FIELD")
            return None
        if isinstance(node, Scalar):
            text = columns.text(key)
            if text is None:
                self.problems.add(node.place, f"{shown(key)} names no field")
                return None
            self._known(text)
            return When((text.value,))
        fields = self._entry(node, key, WHEN)
        if fields is None:
            return None
        joined = "join" in fields.values
        names = self._fields(fields, "join" if joined else "field")
        if not names:
            self.problems.add(
                node.place, f"{shown(key)} names no field", hint="write field: NAME, or join: [DATE, TIME]"
            )
        forms = (
            fields.texts("format") if not isinstance(fields.values.get("format"), Scalar) else [fields.text("format")]
        )
        return When(names, joined, tuple(self._form(text) for text in forms if text is not None) or (AUTO,))

    def duration(self) -> Lasting | None:
        """Where ``duration`` is taken from; None where it is wrong, or not there."""
        columns = self._section
        node = columns.values.get("duration")
        if node is None:
            return None
        if isinstance(node, Scalar):
            text = columns.text("duration")
            return Lasting((text.value,), _UNITS["s"]) if text else None
        fields = self._entry(node, "duration", DURATION)
        if fields is None:
            return None
        unit = fields.text("unit")
        if unit is not None and unit.value not in _UNITS:
            self.problems.add(unit.place, f"no unit {shown(unit.value)}", hint=f"one of: {', '.join(_UNITS)}")
            return None
        return Lasting(self._fields(fields, "field"), _UNITS[unit.value if unit else "s"])

    def _fields(self, fields: Fields, key: str) -> tuple[str, ...]:
        """The names of one field, or of several in a list."""
        names = _texts(fields, key)
        for text in names:
            self._known(text)
        return tuple(text.value for text in names)

    def _form(self, text: Text) -> str:
        if text.value not in FORMS and "%" not in text.value:
            hint = f"one of: {', '.join(FORMS)}, or a pattern such as %Y/%m/%d %H:%M:%S"
            self.problems.add(
                text.place, f"no format of times {shown(text.value)}", hint=hint, word=text.value, near=FORMS
            )
        elif text.value not in FORMS and not is_pattern(text.value):
            hint = "as in strptime(3): %Y %m %d %H %M %S %f %z %b, each once"
            self.problems.add(text.place, f"times cannot be read by {shown(text.value)}", hint=hint)
        return text.value

    def _entry(self, node: Node, key: str, keys: tuple[str, ...]) -> Fields | None:
        if isinstance(node, MappingNode):
            return Fields(node, f"column {shown(key)}", keys, self.problems)
        self.problems.add(node.place, f"{shown(key)} is the name of a field or a mapping, not {node.kind}")
        return None

    def _filling(self, node: Node, key: str) -> Filling:
        if isinstance(node, Scalar) and node.kind == "text":
            filling = Filling(fields=(node.text,))
            self._known(Located(node.text, node.place))
            self._choose(key, node.place, filling)
            return filling
        fields = self._entry(node, key, FILLING)
        if fields is None:
            return Filling()
        names = self._fields(fields, "field")
        value, default, before, after = (_plain(fields, name) for name in ("value", "default", "before", "after"))
        if bool(names) == (value is not None):
            self.problems.add(node.place, f"column {shown(key)} needs either 'field' or 'value'")
        filling = Filling(names, value, before, after, self._values(fields, key), default)
        self._choose(key, node.place, filling)
        return filling

    def _values(self, fields: Fields, key: str) -> dict[str, str] | None:
        node = fields.values.get("values")
        if node is None:
            return None
        if isinstance(node, Scalar) and node.text == "ports":
            return {str(port): service for port, service in PORTS.items()}
        if not isinstance(node, MappingNode):
            self.problems.add(
                node.place, f"'values' is a mapping, not {node.kind}", hint="write {VALUE: BECOMES}, or ports"
            )
            return None
        found = {}
        for word, meaning in node.pairs:
            if isinstance(word, Scalar) and isinstance(meaning, Scalar):
                found[word.text.casefold()] = meaning.text
                self._choice(key, meaning.place, meaning.text)
            else:
                self.problems.add(word.place, "'values' holds text for text")
        return found

    def _choose(self, key: str, place: Place, filling: Filling) -> None:
        for text in (filling.constant, filling.default):
            if text is not None:
                self._choice(key, place, text)
        if key in CHOICES and filling.fields and filling.values is None:
            self.problems.add(place, f"column {shown(key)} needs 'values'", hint=_example(key))
        if key == "witness" and filling.constant is None:
            self.problems.add(place, "'witness' is the same in every row", hint="write {value: network}")

    def _choice(self, key: str, place: Place, text: str) -> None:
        choices = CHOICES.get(key)
        if choices is not None and text not in choices:
            hint = f"one of: {', '.join(sorted(choices))}"
            self.problems.add(place, f"no {key} {shown(text)}", hint=hint, word=text, near=choices)


def _texts(fields: Fields, key: str) -> list[Text]:
    """The texts of a key that may hold one or a list of them."""
    if not isinstance(fields.values.get(key), Scalar):
        return fields.texts(key)
    text = fields.text(key)
    return [text] if text else []


def _plain(fields: Fields, key: str) -> str | None:
    """The text of a key; a boolean or an empty value counts as the text that was written."""
    node = fields.values.get(key)
    if node is None or isinstance(node, Scalar):
        return node.text if node else None
    fields.text(key)  # notes what it is instead
    return None


def _example(key: str) -> str:
    return {
        "action": "write {value: logon}, or {field: NAME, values: {login: logon, logout: logoff}}",
        "outcome": "write {field: NAME, values: {ok: success}, default: failure}",
        "service": f"write {{value: ssh}}, or {{field: PORT, values: ports, default: {UNNAMED}}}",
    }.get(key, "")
