"""An inventory of hosts in CSV (RFC 4180) as entries."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphmap.identity.entries import Entries, HostEntry, SegmentEntry, Text, host_address, host_name, word
from graphmap.identity.problems import Located, Place, Problems, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.model import Address

COLUMNS = ("name", "addresses", "segment", "restricted", "roles", "owner", "aliases")

_FIELD = re.compile(r'[ \t]*"(?P<quoted>(?:[^"]|"")*+)"[ \t]*|(?P<plain>[^,\r\n]*)')
_LINE_END = re.compile(r"\r\n|\r|\n")
_ITEM = re.compile(r"[^;\s]+")
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

Row = dict[str, Text]


@dataclass(slots=True)
class Lines:
    """Turns offsets in a text into places."""

    starts: list[int]

    @classmethod
    def of(cls, text: str) -> Lines:
        """Find where the lines of a text start."""
        return cls([0, *(match.end() for match in _LINE_END.finditer(text))])

    def place(self, offset: int) -> Place:
        """The line and column of an offset."""
        line = bisect_right(self.starts, offset)
        return Place(line, offset - self.starts[line - 1] + 1)


def read_csv(text: str, problems: Problems) -> Entries:
    """Read the entries of a CSV text: a header, then a host a row; what is wrong goes to `problems`.

    Raises
    ------
    InventoryError
        A quoted field is not closed or not followed by a comma, or the header is wrong.
    """
    rows = _rows(text, problems)
    header = next(rows, None)
    if header is None:
        return Entries()
    names = _header(header, problems)
    entries = Entries()
    segments: dict[str, SegmentEntry] = {}
    for fields in rows:
        row = _row(names, fields, problems)
        segment = _segment(row, segments, problems)
        host = _host(row, segment, problems)
        if host is not None:
            entries.hosts.append(host)
    entries.segments = list(segments.values())
    return entries


def _rows(text: str, problems: Problems) -> Iterator[list[Text]]:
    """The fields of each row, trimmed, with the place of their first character; rows of white space are left out."""
    lines = Lines.of(text)
    position, fields = 0, list[Text]()
    while position < len(text):
        match = _FIELD.match(text, position)
        assert match is not None  # noqa: S101 - `plain` matches the empty text
        fields.append(_field(match, lines, problems))
        position = match.end()
        line_end = _LINE_END.match(text, position)
        if line_end is None and position < len(text):
            position += 1
            if position < len(text):
                continue
            fields.append(Located("", lines.place(position)))
        elif line_end is not None:
            position = line_end.end()
        if len(fields) > 1 or fields[0].value:
            yield fields
        fields = []


def _field(match: re.Match[str], lines: Lines, problems: Problems) -> Text:
    text, quoted = match.string, match["quoted"]
    if quoted is not None:
        if match.end() < len(text) and text[match.end()] not in ",\r\n":
            problems.stop(lines.place(match.end()), "text behind a closing quote", hint='write a quote as ""')
        return Located(quoted.replace('""', '"').strip(), lines.place(match.start("quoted")))
    plain = match["plain"]
    start = match.start() + len(plain) - len(plain.lstrip())
    if '"' in plain:
        place = lines.place(match.start() + plain.index('"'))
        if plain.lstrip().startswith('"'):
            problems.stop(place, "a quoted field is not closed")
        problems.stop(place, "a quote inside a field", hint='put the field in quotes and write the quote as ""')
    return Located(plain.strip(), lines.place(start))


def _header(fields: list[Text], problems: Problems) -> list[str]:
    """The names of the columns, in lower case. A wrong header makes every row wrong, so it ends the reading."""
    hint = f"the columns: {', '.join(COLUMNS)}"
    seen: set[str] = set()
    for field in fields:
        name = field.value.lower()
        if name not in COLUMNS:
            message = f"no column {shown(field.value)} is known"
            problems.add(field.place, message, hint=hint, word=name, near=COLUMNS)
        elif name in seen:
            problems.add(field.place, f"column {shown(name)} is given twice")
        seen.add(name)
    if "name" not in seen:
        problems.add(fields[0].place, "the column 'name' is missing", hint=hint)
    problems.raise_any()
    return [field.value.lower() for field in fields]


def _row(names: list[str], fields: list[Text], problems: Problems) -> Row:
    if len(fields) != len(names):
        place = fields[min(len(fields) - 1, len(names))].place
        problems.add(place, f"the row has {len(fields)} fields, the header has {len(names)}")
    return {name: field for name, field in zip(names, fields, strict=False) if field.value or name == "name"}


def _segment(row: Row, segments: dict[str, SegmentEntry], problems: Problems) -> Text | None:
    """The segment of a row, which also makes the segment known."""
    restricted = _truth(row.get("restricted"), problems)
    if "segment" not in row:
        if restricted is not None:
            problems.add(restricted.place, "'restricted' is said of no segment", hint="name the segment")
        return None
    name = word(row["segment"], "the name of a segment", problems)
    if name is None:
        return None
    known = segments.get(name.value)
    if known is None or known.restricted is None:
        segments[name.value] = SegmentEntry(known.name if known else name, restricted)
    elif restricted is not None and restricted.value != known.restricted.value:
        before = f"{known.restricted.value} at {known.restricted.place}".lower()
        problems.add(restricted.place, f"segment {shown(name.value)} is restricted: {before}, another here")
    return name


def _truth(text: Text | None, problems: Problems) -> Located[bool] | None:
    if text is None:
        return None
    value = _TRUTH.get(text.value.lower())
    if value is None:
        problems.add(text.place, f"'restricted' is a boolean, not {shown(text.value)}", hint="write true or false")
        return None
    return Located(value, text.place)


def _host(row: Row, segment: Text | None, problems: Problems) -> HostEntry | None:
    name = host_name(row["name"], "the name of a host", problems) if "name" in row else None
    addresses = (_address(item, problems) for item in _items(row.get("addresses")))
    aliases = (host_name(item, "the alias of a host", problems) for item in _items(row.get("aliases")))
    roles = (word(item, "a role", problems) for item in _items(row.get("roles")))
    owner = word(row["owner"], "the owner", problems) if "owner" in row else None
    found = (
        tuple(address for address in addresses if address),
        segment,
        tuple(role for role in roles if role),
        owner,
        tuple(alias for alias in aliases if alias),
    )
    return None if name is None else HostEntry(name, *found)


def _items(text: Text | None) -> Iterator[Text]:
    """The items of a list in one field. Their columns count characters of the field's value."""
    if text is not None:
        for match in _ITEM.finditer(text.value):
            yield Located(match[0], Place(text.place.line, text.place.column + match.start()))


def _address(item: Text, problems: Problems) -> Located[Address] | None:
    """`ADDRESS` or `ADDRESS@FROM/UNTIL`, where either time may be empty."""
    address, at, interval = item.value.partition("@")
    since, slash, until = interval.partition("/")
    if at and not slash:
        problems.add(item.place, f"{shown(item.value)} has no interval behind '@'", hint="write ADDRESS@FROM/UNTIL")
        return None
    begin = item.place.column + len(address) + 1
    return host_address(
        Located(address, item.place),
        problems,
        since=Located(since, Place(item.place.line, begin)) if since else None,
        until=Located(until, Place(item.place.line, begin + len(since) + 1)) if until else None,
    )
