"""Events of Windows in each of the forms in which readers find them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Mapping

AUDIT = "Microsoft-Windows-Security-Auditing"
EVENT_LOG = "Microsoft-Windows-Eventlog"
LSM = "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"
RCM = "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational"
RDP_CLIENT = "Microsoft-Windows-TerminalServices-RDPClient/Operational"
RDP_CORE = "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational"
SYSMON = "Microsoft-Windows-Sysmon/Operational"
WINRM = "Microsoft-Windows-WinRM/Operational"
OPENSSH = "OpenSSH/Operational"
USER_DATA = (LSM, RCM)
"""Channels whose events hold UserData and not EventData."""

SCHEMA = "http://schemas.microsoft.com/win/2004/08/events/event"
TIME = "2026-03-01T10:00:00.1234567Z"

LOGON = {
    "TargetUserSid": "S-1-5-21-1-2-3-1001", "TargetUserName": "bob", "TargetDomainName": "CORP", "TargetLogonId": "0x1a2b3c",
    "LogonType": "3", "LogonProcessName": "NtLmSsp ", "AuthenticationPackageName": "NTLM", "WorkstationName": "WS1",
    "ProcessId": "0x0", "ProcessName": "-", "IpAddress": "1.2.3.4", "IpPort": "50000",
}  # fmt: skip
"""A 4624: bob logs on over the network from 1.2.3.4."""


def provider_of(channel: str, code: int) -> str:
    """Who writes an event."""
    if code in {104, 1100, 1102} and channel.lower() in {"security", "system"}:
        return EVENT_LOG
    return AUDIT if channel.lower() == "security" else "Any"


def xml(
    channel: str, code: int, data: Mapping[str, str], *, keywords: str = "0x8020000000000000", **system: str
) -> str:
    """An event as wevtutil writes it, in one line."""
    if channel in USER_DATA:
        inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in data.items())
        holds = f'<UserData><EventXML xmlns="Event_NS">{inner}</EventXML></UserData>'
    else:
        inner = "".join(f"<Data Name={quoteattr(name)}>{escape(value)}</Data>" for name, value in data.items())
        holds = f"<EventData>{inner}</EventData>"
    provider = system.get("provider", provider_of(channel, code))
    return (
        f'<Event xmlns="{SCHEMA}"><System><Provider Name={quoteattr(provider)}/><EventID>{code}</EventID>'
        f"<Keywords>{keywords}</Keywords><TimeCreated SystemTime={quoteattr(system.get('time', TIME))}/>"
        f"<EventRecordID>7</EventRecordID><Execution ProcessID={quoteattr(system.get('pid', '700'))} ThreadID='9'/>"
        f"<Channel>{escape(channel)}</Channel><Computer>{escape(system.get('host', 'srv'))}</Computer></System>"
        f"{holds}</Event>"
    )


def winlogbeat(channel: str, code: int, data: Mapping[str, str], host: str = "srv") -> str:
    """The same as winlogbeat writes it."""
    winlog = {
        "channel": channel, "event_id": str(code), "provider_name": provider_of(channel, code),
        "computer_name": host, "process": {"pid": 700}, ("user_data" if channel in USER_DATA else "event_data"): dict(data),
    }  # fmt: skip
    return json.dumps({"@timestamp": TIME, "winlog": winlog, "event": {"code": str(code), "outcome": "success"}})


def wazuh(channel: str, code: int, data: Mapping[str, str], host: str = "srv") -> str:
    """The same as Wazuh writes it: first letters small, backslashes twice."""
    system = {
        "providerName": provider_of(channel, code), "eventID": str(code), "systemTime": TIME,
        "processID": "700", "channel": channel, "computer": host, "severityValue": "AUDIT_SUCCESS",
    }  # fmt: skip
    holds = {name[:1].lower() + name[1:]: value.replace("\\", "\\\\") for name, value in data.items()}
    win = {"system": system, ("eventXML" if channel in USER_DATA else "eventdata"): holds}
    return json.dumps({"timestamp": "2026-03-01T10:00:05+0000", "rule": {"id": "60106"}, "data": {"win": win}})


def nxlog(channel: str, code: int, data: Mapping[str, str], host: str = "srv") -> str:
    """The same as NXLog writes it, on a host whose clock is two hours ahead of UTC; stamps have whole seconds."""
    return json.dumps(
        {
            **data, "EventID": code, "Channel": channel, "Hostname": host, "ExecutionProcessID": 700,
            "SourceName": provider_of(channel, code), "EventType": "AUDIT_SUCCESS",
            "EventTime": "2026-03-01 12:00:00", "EventReceivedTime": "2026-03-01 12:00:02",
            "@timestamp": "2026-03-01T10:00:03.5Z",
        }
    )  # fmt: skip
