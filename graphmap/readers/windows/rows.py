"""Rows of EVENTS from events of Windows: what all meanings of them share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmap.readers.records import Record
from graphmap.readers.windows.event import number
from graphmap.readers.windows.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

Meaning = Record | str | None
"""Of one event: the columns it fills, the reason why it is not understood, or None where it reports nothing.

The text ``"other"`` is that of an event that no reader knows.
"""

OTHER = "other"

_WELL_KNOWN = {
    "S-1-5-7": ("ANONYMOUS LOGON", "NT AUTHORITY"),
    "S-1-5-18": ("SYSTEM", "NT AUTHORITY"),
    "S-1-5-19": ("LOCAL SERVICE", "NT AUTHORITY"),
    "S-1-5-20": ("NETWORK SERVICE", "NT AUTHORITY"),
}
"""Accounts whose names are in the language of the host, by SID (MS-DTYP 2.4.2.4)."""


def made(kind: str, service: str, row: Record) -> Record:
    """Finish a row: what its kind reports, and of which service."""
    means = KINDS[kind]
    row["kind"], row["service"] = kind, service
    row["action"], row["outcome"], row["witness"] = means.action, means.outcome, means.witness
    return row


def columns(data: Mapping[str, str], role: str, *, name: str = "UserName", domain: str = "DomainName") -> Record:
    """Give the account that plays a role in an event (Subject, Target): `user` and `domain`.

    The accounts of Windows itself have their English names, whatever the language of the host. The machine's own
    account (``HOST$``) has the SID of SYSTEM and keeps its name. ``user@REALM`` is parted where the domain says so.
    """
    user, realm = data.get(f"{role}{name}", ""), data.get(f"{role}{domain}", "")
    if not user.endswith("$"):
        user, realm = _WELL_KNOWN.get(data.get(f"{role}UserSid", ""), (user, realm))
    suffix = f"@{realm}".lower()
    if realm and user.lower().endswith(suffix):
        user = user[: -len(suffix)]
    return {"user": user, "domain": realm}


def logon_id(value: str | None) -> str | None:
    """Give the id of a logon session (LUID) in one form, ``0x3e7``; null where there is none."""
    parsed = number(value)
    return hex(parsed) if parsed else None


def parted(name: str | None) -> Record:
    r"""Part ``DOMAIN\user`` where one field holds both; the domain may have spaces (``NT AUTHORITY\SYSTEM``)."""
    domain, backslash, user = (name or "").partition("\\")
    return {"domain": domain, "user": user} if backslash else {"user": name}
