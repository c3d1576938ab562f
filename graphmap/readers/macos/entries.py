"""One entry of the unified log, and the styles in which ``log`` prints it (log(1), ``--style``)."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple


class Entry(NamedTuple):
    """One entry. `path` is the system's word on the program; text styles have its name only."""

    stamp: str
    program: str
    path: str | None
    pid: int | None
    host: str | None
    message: str


_STAMP = r"(?P<stamp>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3,6}"
_PROGRAM = r"(?P<program>[^\s:()\[\]][^:()\[\]]{0,99})"  # a name may hold spaces
_SENDER = r"(?:\((?P<sender>[^()]{1,200})\) )?(?:\[(?P<subsystem>[^\]\s:]{0,200}:[^\]]{0,200})\] ?)?(?P<message>.*)"
_DEFAULT = re.compile(  # 2026-01-25 23:03:22.041859+0200 0x150d23a  Info        0x0                  61   0    sshd: x
    rf"{_STAMP}[+-]\d{{4}}) 0x[0-9a-f]{{1,16}} {{1,16}}[A-Z]\w{{1,16}} {{1,16}}0x[0-9a-f]{{1,16}} {{1,24}}"
    rf"(?P<pid>\d{{1,10}}) {{1,8}}\d{{1,4}} {{1,8}}{_PROGRAM}: {_SENDER}"
)
_SYSLOG = re.compile(  # 2026-01-25 23:03:22.041859+0200  mac1 sshd[6103]: x
    rf"{_STAMP}[+-]\d{{4}})  (?P<host>\S+) {_PROGRAM}\[(?P<pid>\d{{1,10}})\]: {_SENDER}"
)
_COMPACT = re.compile(  # 2026-01-25 23:03:22.041 I  sshd[6103:150d23a] x
    rf"{_STAMP}) (?:Df|Db|I|E|F|A|Lc|Sp|Si) {{1,4}}{_PROGRAM}\[(?P<pid>\d{{1,10}}):[0-9a-f]{{1,16}}\] {_SENDER}"
)
_STAMP_ALONE = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?")
_STYLES = (_DEFAULT, _SYSLOG, _COMPACT)
_WORDS = ("Timestamp  ", "Filtering the log data using ", "Skipping ", "----------", "Log      - ", "Activity - ",
          "Log - ", "Signposts: ", "=====", "-=-=-")  # fmt: skip
_LARGEST = 2**53


def is_frame(line: str) -> bool:
    """Tell whether a line is what ``log`` prints around the entries: headings, the filter, the statistics."""
    return not line.strip() or line.startswith(_WORDS)


def parse_text(line: str) -> Entry | None:
    """Read a line of the default, syslog or compact style; None for one that does not begin an entry."""
    for style in _STYLES:
        if match := style.fullmatch(line):
            host = match.groupdict().get("host")
            return Entry(
                stamp=match["stamp"],
                program=match["program"].strip(),
                path=None,
                pid=int(match["pid"][:18]),
                host=None if host == "localhost" else host,
                message=match["message"],
            )
    return None


def is_stamp(text: str) -> bool:
    """Tell whether a stamp is one of `log`'s."""
    return _STAMP_ALONE.fullmatch(text) is not None


def parse_json(text: str) -> dict[str, Any] | None:
    """Read a JSON object; None for anything else."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def entry_of(fields: dict[str, Any]) -> Entry | None:
    """Make an entry of a JSON object; None for one that is none, such as the count at the end of ndjson."""
    stamp, path, pid = (fields.get(name) for name in ("timestamp", "processImagePath", "processID"))
    message = fields.get("eventMessage")
    if not (isinstance(stamp, str) and isinstance(path, str)):
        return None
    return Entry(
        stamp=stamp,
        program=_utf8(path.rpartition("/")[2]),
        path=_utf8(path),
        pid=pid if isinstance(pid, int) and 0 <= pid < _LARGEST else None,
        host=None,
        message=_utf8(message) if isinstance(message, str) else "",
    )


def _utf8(text: str) -> str:
    """Write half of a surrogate pair, which JSON can hold and no table can, as its number."""
    return text.encode("utf-8", "backslashreplace").decode()
