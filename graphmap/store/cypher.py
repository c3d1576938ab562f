"""Loads the queries of `cypher/`: one a file, with a header that is held to what the query says.

The header rule is in `cypher/README.md`. A value reaches a query as a ``$parameter`` and in no other way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from graphmap import resources
from graphmap.errors import GraphmapError, QueryError

if TYPE_CHECKING:
    from pathlib import Path

Access = Literal["read", "write"]

TYPES = ("string", "integer", "float", "boolean", "datetime", "list", "map")
"""Words for the types of parameters and columns."""

_LINE = re.compile(r"// (does|params|returns|access): +(\S.*)")
_FIELD = re.compile(rf"(\$?[a-z_]+) \(({'|'.join(TYPES)})\)")
_KEYS = ["does", "params", "returns", "access"]
_NOT_CODE = re.compile(r"//[^\n]*|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`")
_USED = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class Query:
    """A query and what its header says.

    Parameters
    ----------
    name
        Folder and file without its ending, as in ``read/paths``.
    does
        The question, in one sentence.
    params, returns
        Names (without the dollar sign) and types, in the order of the header.
    access
        The mode of the session that it may run in.
    text
        What is sent, header and all.
    """

    name: str
    does: str
    params: Mapping[str, str]
    returns: Mapping[str, str]
    access: Access
    text: str

    def checked(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values, where they are those that the query asks for.

        Raises
        ------
        QueryError
            One is missing, or one is too many.
        """
        missing, extra = self.params.keys() - values.keys(), values.keys() - self.params.keys()
        if missing or extra:
            said = [f"{word} {', '.join(sorted(n))}" for word, n in (("lacks", missing), ("has no", extra)) if n]
            raise QueryError(f"query {self.name} {' and '.join(said)}", hint=f"params: {', '.join(self.params)}")
        return dict(values)


@cache
def load(name: str) -> Query:
    """The query of a name such as ``read/paths``.

    Raises
    ------
    QueryError
        There is no such query.
    GraphmapError
        Its header breaks the rule; the message names the file.
    """
    if name not in names():
        raise QueryError(f"no query {name!r}", hint="graphmap's folder cypher/ has them")
    path = resources.cypher() / f"{name}.cypher"
    return parse(name, path.read_text(encoding="utf-8"))


def names(folder: str = "") -> list[str]:
    """The names of all queries, or of those in one folder, sorted."""
    root = resources.cypher()
    return sorted(_name(root, path) for path in (root / folder).rglob("*.cypher"))


def parse(name: str, text: str) -> Query:
    """Read a query and its header.

    Raises
    ------
    GraphmapError
        The header breaks the rule, or does not say what the query has.
    """
    lines = [_LINE.fullmatch(line) for line in text.splitlines()[: len(_KEYS)]]
    header: dict[str, str] = {line[1]: line[2] for line in lines if line}
    if list(header) != _KEYS:
        raise GraphmapError(f"cypher/{name}.cypher: does not start with the lines {', '.join(_KEYS)}")
    params = {key.removeprefix("$"): kind for key, kind in _fields(name, "params", header["params"], "none")}
    returns = dict(_fields(name, "returns", header["returns"], "nothing"))
    if used := set(_USED.findall(_NOT_CODE.sub(" ", text))) ^ params.keys():
        raise GraphmapError(f"cypher/{name}.cypher: header and query differ in {', '.join(sorted(used))}")
    access: Access
    if header["access"] == "read":
        access = "read"
    elif header["access"] == "write":
        access = "write"
    else:
        raise GraphmapError(f"cypher/{name}.cypher: access is read or write")
    return Query(name, header["does"], params, returns, access, text)


def _fields(name: str, line: str, said: str, empty: str) -> list[tuple[str, str]]:
    if said == empty:
        return []
    parts = said.split(", ")
    found = [_FIELD.fullmatch(part) for part in parts]
    dollar = line == "params"
    if not all(match and match[1].startswith("$") == dollar for match in found):
        raise GraphmapError(f"cypher/{name}.cypher: {line} reads {said!r}, not like 'name (type), name (type)'")
    return [(match[1], match[2]) for match in found if match]


def _name(root: Path, path: Path) -> str:
    return path.relative_to(root).with_suffix("").as_posix()
