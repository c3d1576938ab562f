r"""One line of an audit log: type, stamp, serial number, node, and fields.

``node=web1 type=USER_LOGIN msg=audit(1700000000.123:456): pid=1 uid=0 ... msg='op=login ...'\x1dUID="root"``

Sources: auditd(8) and auditd.conf(5) (`log_format`, `name_format`); the audit documentation project's field list;
lib/audit_logging.c of audit-userspace (quotes and hexadecimal digits), src/auditd-event.c (the enriched part).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from graphmap.readers.auditd.types import TYPES
from graphmap.readers.syslog import split_header

_RECORD = re.compile(
    r"(?:node=(?P<node>\S+) +)?type=(?P<type>[A-Z][A-Z0-9_]*(?:\[\d+\])?) "
    r"msg=audit\((?P<second>\d{1,12})\.(?P<fraction>\d{1,6}):(?P<serial>\d{1,20})\):? ?(?P<body>.*)",
    re.DOTALL,
)
_KERNEL = re.compile(  # [   12.345678] audit: type=1112 audit(1700000000.123:456): pid=1 ...
    r"(?:\[[^\]]{1,40}\] )?(?:audit: )?type=(?P<type>\d{1,5}) (?P<rest>audit\(.*)", re.DOTALL
)
_FORWARDERS = frozenset({"audispd", "audisp-syslog", "auditd"})
# Names that auditd's enrichment adds; where the 0x1d before the first is lost, they follow a value without a space
_ADDED = r'(?:(?:OLD-AUID|AUID|UID|GID|EUID|EGID|SUID|SGID|FSUID|FSGID|OUID|OGID|ID)="|(?:ARCH|SYSCALL|SADDR)=)'
_ESCAPED = re.compile(rf"#035(?={_ADDED})")  # 0x1d as rsyslog writes it
_FIELD = re.compile(
    rf"(?P<name>(?={_ADDED})[A-Z-]+|(?<![\w-])[A-Za-z_][\w-]*(?:\[\d+\])?)="
    rf"(?P<value>\"[^\"]*\"|(?:(?!{_ADDED})[^\s\x1d\"'])*)"
)
_RAW_FIELD = re.compile(r"(?<![\w-])([A-Za-z_][\w-]*(?:\[\d+\])?)=(\"[^\"]*\"|[^\s\"']*)")  # without an enriched part
_HEX = re.compile(r"(?:[0-9A-F]{2})+")
_NOTHING = frozenset({"", "?", "(null)", "(none)"})
UNSET = frozenset({"4294967295", "-1", "unset"})
"""How an audit user id or session id that was never set is written."""


class AuditRecord(NamedTuple):
    """One line. `time` is UTC microseconds; `node` the host that the line names."""

    type: str
    time: int
    serial: str
    node: str | None
    body: str


def parse_record(line: str) -> AuditRecord | None:
    """Part a line; None where it is no audit record.

    Lines that auditd's syslog plug-in forwarded are read too: ``Nov 20 21:01:21 web1 audispd: node=web1 type=...``, and
    those that the kernel printed: ``Nov 20 21:01:21 web1 kernel: [ 12.3] audit: type=1112 audit(...): ...``.
    """
    match = _RECORD.fullmatch(line)
    if match is None:
        return _forwarded(line)
    fraction = match["fraction"].ljust(6, "0")
    return AuditRecord(
        match["type"], int(match["second"]) * 1_000_000 + int(fraction), match["serial"], match["node"], match["body"]
    )


def is_kernel_line(line: str) -> bool:
    """Tell whether a line is one of the kernel's own, in syslog or as dmesg(1) prints them."""
    return line.startswith("[") or ((header := split_header(line)) is not None and header.program == "kernel")


def _forwarded(line: str) -> AuditRecord | None:
    if "type=" not in line:
        return None
    if line.startswith(("[", "audit: ")):
        return _printed(line, None)
    header = split_header(line)
    if header is None:
        return None
    if header.program == "kernel":
        return _printed(header.message, header.host)
    match = _RECORD.fullmatch(header.message) if header.program in _FORWARDERS else None
    record = parse_record(_ESCAPED.sub("\x1d", header.message)) if match else None
    return record._replace(node=record.node or header.host) if record else None


def _printed(message: str, host: str | None) -> AuditRecord | None:
    """Part what the kernel printed; a type that is not looked at is UNKNOWN."""
    match = _KERNEL.fullmatch(message)
    kind = TYPES.get(match["type"], f"UNKNOWN[{match['type']}]") if match else ""
    found = _RECORD.fullmatch(f"type={kind} msg={match['rest']}") if match else None
    record = parse_record(found.string) if found else None
    return record._replace(node=host) if record else None


def parse_fields(body: str) -> dict[str, str]:
    """Give the fields of a record as written; of two with one name the first, which the kernel wrote."""
    fields: dict[str, str] = {}
    enriched = 'ID="' in body or "ARCH=" in body or "SADDR=" in body
    for name, value in (_FIELD if enriched else _RAW_FIELD).findall(body):
        fields.setdefault(name, value if value[:1] == '"' else value.rstrip(",)") if value[:1] != "(" else value)
    return fields


def text(fields: dict[str, str], name: str) -> str | None:
    """Give a field as text: quotes taken off, hexadecimal digits decoded; None where it says nothing."""
    value = fields.get(name)
    if value is None or value in _NOTHING:
        return None
    if value[0] == '"':
        return value[1:-1]
    if _HEX.fullmatch(value):
        return bytes.fromhex(value).decode("utf-8", "backslashreplace")
    return value


def plain(fields: dict[str, str], name: str) -> str | None:
    """Give a field that is never encoded: a number, an address, a word."""
    value = fields.get(name, "")
    value = value[1:-1] if value[:1] == '"' else value
    return None if value in _NOTHING else value


def number(fields: dict[str, str], name: str) -> int | None:
    """Give a field that is a decimal number."""
    value = plain(fields, name)
    return int(value) if value is not None and value.isascii() and value.isdigit() and len(value) <= 18 else None  # noqa: PLR2004 - beyond any id


def base_name(path: str | None) -> str | None:
    """Give the last part of a path; ``(deleted)``, which the kernel adds to a replaced program, is left out."""
    return path.removesuffix(" (deleted)").rpartition("/")[2] if path else None
