"""Any log whose lines have fields, by a file that says which field is what; and the formats that are built that way."""

from __future__ import annotations

from importlib.resources import files

from graphmap.readers.mapping.form import parse_mapping
from graphmap.readers.mapping.model import Mapping
from graphmap.readers.mapping.reader import MappingReader

__all__ = ["BUILT_IN", "Mapping", "MappingReader", "built_in", "parse_mapping"]

BUILT_IN = (
    "nfdump", "argus", "vpc-flow", "masstin", "lanl-auth", "lanl-redteam", "flows-csv", "flows-json",
)  # fmt: skip
"""Mappings that the package brings, the specific ones before the general."""


def built_in(name: str) -> MappingReader:
    """The reader of a mapping in the folder ``builtin``; these files are examples for a user's own as well."""
    file = files(__name__) / "builtin" / f"{name}.yaml"
    return MappingReader(parse_mapping(file.read_text(encoding="utf-8"), file.name))
