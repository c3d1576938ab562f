"""What a domain controller says of accounts that prove themselves: Kerberos and NTLM in the Security channel.

Facts: Microsoft's reference of events 4768, 4769, 4771 and 4776; the codes of RFC 4120, 7.5.9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmap.readers.windows.event import number
from graphmap.readers.windows.rows import columns, made

if TYPE_CHECKING:
    from graphmap.readers.records import Record
    from graphmap.readers.windows.event import Event
    from graphmap.readers.windows.rows import Meaning

_PREAUTH_REQUIRED = 0x19  # KDC_ERR_PREAUTH_REQUIRED: asks the client to go on, refuses nothing


def read_ticket_granting(event: Event) -> Meaning:
    """Read a 4768."""
    return _kerberos(event, "tgt")


def read_service_ticket(event: Event) -> Meaning:
    """Read a 4769: `command` is the account of the service that the ticket is for; that of a host names the host."""
    row = _kerberos(event, "ticket")
    if row is not None:
        service = row["command"] = event.data.get("ServiceName", "")
        if service.endswith("$"):
            row["dst_host"] = _in_domain_of(event.host, service.removesuffix("$"))
    return row


def _in_domain_of(controller: str | None, host: str) -> str:
    """Give the whole name of a host: a controller gives tickets for services of its own domain only."""
    _, dot, domain = (controller or "").partition(".")
    return host + dot + domain


def read_refused_proof(event: Event) -> Meaning:
    """Read a 4771."""
    return _kerberos(event, "preauth")


def read_ntlm(event: Event) -> Meaning:
    r"""Read a 4776; Workstation is what the client calls itself, also as ``\\NAME``."""
    row = columns(event.data, "Target")
    row["method"] = "ntlm"
    row["src_host"] = event.data.get("Workstation", "").strip("\\ ")
    return made("ntlm-refused" if number(event.data.get("Status")) else "ntlm", "ntlm", row)


def _kerberos(event: Event, kind: str) -> Record | None:
    status = number(event.data.get("Status"))
    if status == _PREAUTH_REQUIRED:
        return None
    row = columns(event.data, "Target")
    row["method"] = "kerberos"
    row["src"] = event.data.get("IpAddress")
    row["src_port"] = number(event.data.get("IpPort"))
    refused = status or kind == "preauth" or event.failed
    return made(f"{kind}-refused" if refused else kind, "kerberos", row)
