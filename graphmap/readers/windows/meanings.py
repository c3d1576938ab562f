"""What an event of Windows means, whatever carried it here: one table of channels and event numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmap.readers.records import RecordBuilder
from graphmap.readers.windows import directory, logons, openssh, processes, remote_desktop, shares, tampering, winrm
from graphmap.readers.windows.kinds import OUTGOING
from graphmap.readers.windows.rows import OTHER

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmap.readers.windows.event import Event, Heading
    from graphmap.readers.windows.rows import Meaning

_SECURITY: dict[int, Callable[[Event], Meaning]] = {
    1100: tampering.read_shutdown,
    1102: tampering.read_cleared,
    4624: logons.read_logon,
    4625: logons.read_refused_logon,
    4634: logons.read_logoff,
    4647: logons.read_logoff,
    4648: logons.read_explicit_credentials,
    4672: logons.read_privileges,
    4688: processes.read_process,
    4719: tampering.read_policy,
    4768: directory.read_ticket_granting,
    4769: directory.read_service_ticket,
    4771: directory.read_refused_proof,
    4776: directory.read_ntlm,
    4778: logons.read_reconnection,
    4779: logons.read_reconnection,
    4825: logons.read_denial,
    5140: shares.read_share,
    5145: shares.read_share_file,
}
_OPENSSH: dict[int, Callable[[Event], Meaning]] = dict.fromkeys((1, 2, 3, 4), openssh.read_line)

CHANNELS: dict[str, dict[int, Callable[[Event], Meaning]]] = {
    "security": _SECURITY,
    "system": {104: tampering.read_cleared},
    "openssh/operational": _OPENSSH,
    "openssh/admin": _OPENSSH,
    "microsoft-windows-openssh/operational": _OPENSSH,  # as collectors write it that name the vendor
    "microsoft-windows-openssh/admin": _OPENSSH,
    "microsoft-windows-sysmon/operational": {
        1: processes.read_sysmon_process,
        3: processes.read_sysmon_connection,
    },
    "microsoft-windows-terminalservices-localsessionmanager/operational": dict.fromkeys(
        (21, 22, 23, 24, 25), remote_desktop.read_session
    ),
    "microsoft-windows-terminalservices-remoteconnectionmanager/operational": {
        1149: remote_desktop.read_authentication,
    },
    "microsoft-windows-remotedesktopservices-rdpcorets/operational": {
        131: remote_desktop.read_connection,
        140: remote_desktop.read_refusal,
    },
    "microsoft-windows-terminalservices-rdpclient/operational": dict.fromkeys((1024, 1102), remote_desktop.read_client),
    "microsoft-windows-winrm/operational": {6: winrm.read_client, 91: winrm.read_shell},
}
"""By channel in lower case and event number: Windows guards who writes to a channel, not who names a provider."""

_AUDITS = "microsoft-windows-security-auditing"
_EVENT_LOG = "microsoft-windows-eventlog"
_OF_EVENT_LOG = frozenset({104, 1100, 1102})


def knows(heading: Heading) -> bool:
    """Tell whether an event has a meaning."""
    return heading.code in CHANNELS.get(heading.channel, ())


def knows_code(code: int) -> bool:
    """Tell whether an event number has a meaning in any channel: a quick look before a record is parsed."""
    return code in _CODES


_CODES = frozenset(code for meanings in CHANNELS.values() for code in meanings)


def read_event(event: Event) -> Meaning:
    """Read an event: its row, a reason why it is not understood, None for nothing to report, or ``"other"``."""
    read = CHANNELS.get(event.heading.channel, {}).get(event.heading.code)
    if read is None or _is_foreign(event):
        return OTHER
    row = read(event)
    if row is None or isinstance(row, str):
        return row
    if event.time is None or not RecordBuilder.is_time(event.time):
        return "time stamp does not exist"
    row["time"] = event.time
    if row["kind"] in OUTGOING:
        row["src_host"] = event.host
    else:
        row.setdefault("dst_host", event.host)
    return row


def put(batch: RecordBuilder, line: int, event: Event, text: str) -> None:
    """Put an event where it belongs: events, rejects (with its text), context or other."""
    meaning = read_event(event)
    if meaning == OTHER:
        batch.other += 1
    elif meaning is None:
        batch.context += 1
    elif isinstance(meaning, str):
        batch.reject(line, meaning, text)
    else:
        batch.event(line, meaning)


def _is_foreign(event: Event) -> bool:
    """Tell whether another program wrote to the Security or System channel, as those that were allowed to may."""
    channel, code = event.heading
    if channel not in {"security", "system"}:
        return False
    own = _EVENT_LOG if code in _OF_EVENT_LOG else _AUDITS
    return (event.provider or own).lower() != own
