"""A mapping file: YAML that says how the lines of a log become events."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import polars as pl

from graphmap.errors import MappingError
from graphmap.identity.fields import Fields
from graphmap.identity.nodes import Mapping as MappingNode
from graphmap.identity.nodes import Scalar, compose
from graphmap.identity.problems import Place, Problems, shown
from graphmap.readers.mapping.columns import Columns
from graphmap.readers.mapping.model import Format, Mapping

if TYPE_CHECKING:
    from graphmap.identity.entries import Text

TOP = ("name", "title", "format", "delimiter", "header", "ends_at", "pattern", "where", "columns")
OF_FORMAT = {
    Format.CSV: ("delimiter", "header", "ends_at"),
    Format.JSON: (),
    Format.KV: ("delimiter",),
    Format.REGEX: ("pattern",),
}
"""Keys that only one format has."""
_NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")


def parse_mapping(text: str, path: str) -> Mapping:
    """Read a mapping.

    Parameters
    ----------
    text
        The content of the file.
    path
        The file as the user named it, for messages.

    Raises
    ------
    MappingError
        Something in the text is wrong. The message tells the first such place, the hint how many more there are.
    """
    problems = Problems(path, MappingError)
    root = compose(text.removeprefix("\ufeff"), problems)
    if not isinstance(root, MappingNode):
        found, place = ("empty", Place(1, 1)) if root is None else (root.kind, root.place)
        problems.stop(place, f"a mapping file is a YAML mapping, not {found}", hint=f"its keys: {', '.join(TOP)}")
    found_mapping = _Form(root, problems).read(hashlib.blake2b(text.encode(), digest_size=8).hexdigest())
    problems.raise_any()
    if found_mapping is None:  # every way to None has noted a problem
        raise AssertionError
    return found_mapping


class _Form:
    """Reads one file; what is wrong goes to its problems."""

    def __init__(self, root: MappingNode, problems: Problems) -> None:
        self.place = root.place
        self.problems = problems
        self.top = Fields(root, "a mapping file", TOP, problems)
        self.groups: tuple[str, ...] | None = None

    def read(self, version: str) -> Mapping | None:
        name, chosen = self._name(), self._format()
        pattern = self._pattern(chosen)
        header = self.top.texts("header")
        delimiter = self._delimiter(chosen)
        columns = self._columns()
        if name is None or chosen is None or columns is None:
            return None
        time, end, duration, fillings = (
            columns.when("time"),
            columns.when("end"),
            columns.duration(),
            columns.fillings(),
        )
        if time is None:
            return None
        title, ends_at = self.top.text("title"), self.top.text("ends_at")
        return Mapping(
            name=name,
            title=title.value if title else f"{name}: by a mapping file",
            format=chosen,
            time=time,
            end=end,
            duration=duration,
            columns=fillings,
            where=self._where(),
            delimiter=delimiter,
            header=tuple(text.value for text in header) or None,
            ends_at=ends_at.value if ends_at else None,
            pattern=pattern,
            version=version,
        )

    def _name(self) -> str | None:
        text = self.top.required("name")
        if text is not None and not _NAME.fullmatch(text.value):
            hint = "lower-case letters, digits and hyphens, as in my-firewall"
            self.problems.add(text.place, f"{shown(text.value)} cannot be the name of a reader", hint=hint)
            return None
        return text.value if text else None

    def _format(self) -> Format | None:
        text = self.top.required("format")
        if text is None:
            return None
        if text.value not in set(Format):
            hint = f"one of: {', '.join(Format)}"
            self.problems.add(
                text.place, f"no format {shown(text.value)}", hint=hint, word=text.value, near=list(Format)
            )
            return None
        chosen = Format(text.value)
        for key in {key for keys in OF_FORMAT.values() for key in keys} - set(OF_FORMAT[chosen]):
            if key in self.top.values:
                self.problems.add(self.top.values[key].place, f"format {chosen} has no {shown(key)}")
        return chosen

    def _delimiter(self, chosen: Format | None) -> str:
        text = self.top.text("delimiter")
        if text is not None and (len(text.value) != 1 or text.value in '"\r\n'):
            self.problems.add(text.place, "a delimiter is one character", hint=r'a tab is written "\t"')
        return text.value if text else " " if chosen is Format.KV else ","

    def _pattern(self, chosen: Format | None) -> str | None:
        """Check an expression in the engine that will run it: one without backtracking, so no text makes it hang."""
        if chosen is not Format.REGEX:
            return None
        text = self.top.required("pattern")
        if text is None:
            return None
        try:
            found = pl.select(pl.lit("").str.extract_groups(text.value)).to_series().struct.fields
        except pl.exceptions.ComputeError as error:
            reason = str(error).strip().splitlines()[-1].removeprefix("regex error: ").removeprefix("error: ")
            hint = "the syntax is that of the Rust crate regex: (?P<name>...), no look-around, no back-references"
            self.problems.add(text.place, f"not a regular expression: {reason}", hint=hint)
            return None
        self.groups = tuple(name for name in found if not name.isdigit())
        if not self.groups:
            self.problems.add(text.place, "the expression names no group", hint="write (?P<user>...)")
        return text.value

    def _columns(self) -> Columns | None:
        node = self.top.values.get("columns")
        if node is None:
            self.problems.add(self.place, "a mapping file needs 'columns'")
        elif isinstance(node, MappingNode):
            return Columns(node, self._known, self.problems)
        else:
            self.problems.add(node.place, f"'columns' is a mapping, not {node.kind}")
        return None

    def _known(self, text: Text) -> None:
        """Note a field that the expression, or the names of the cells, do not have."""
        header = tuple(item.value for item in self.top.texts("header")) if "header" in self.top.values else None
        names = self.groups if self.groups is not None else header
        if names and text.value not in names:
            what = "the expression has no group" if self.groups is not None else "the header has no"
            hint = f"it has: {', '.join(names)}"
            self.problems.add(text.place, f"{what} {shown(text.value)}", hint=hint, word=text.value, near=names)

    def _where(self) -> dict[str, frozenset[str]]:
        if "where" not in self.top.values:
            return {}
        node = self.top.values["where"]
        if not isinstance(node, MappingNode):
            self.problems.add(
                node.place, f"'where' is a mapping, not {node.kind}", hint="write {FIELD: [VALUE, VALUE]}"
            )
            return {}
        names = tuple(key.text for key, _ in node.pairs if isinstance(key, Scalar))
        fields = Fields(node, "'where'", names, self.problems)
        return {name: frozenset(text.casefold() for text in _texts(fields, name)) for name in fields.values}


def _texts(fields: Fields, key: str) -> list[str]:
    node = fields.values[key]
    if isinstance(node, Scalar):
        return [node.text]
    return [item.text for item in fields.items(key) or () if isinstance(item, Scalar)]
