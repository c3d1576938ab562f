"""Logons, logoffs and privileges in the Security channel.

Facts: Microsoft's reference of each event (Windows security auditing, "Event 4624" and so on) and the logon types of
SECURITY_LOGON_TYPE (ntsecapi.h).
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple

from graphmap.readers.windows.event import number
from graphmap.readers.windows.rows import columns, logon_id, made

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphmap.readers.records import Record
    from graphmap.readers.windows.event import Event
    from graphmap.readers.windows.rows import Meaning


class _Type(NamedTuple):
    """A type of logon: its `service`, and whether it happens on the host itself."""

    service: str
    local: bool


_TYPES = {
    0: _Type("system", local=True),  # System: at boot
    2: _Type("console", local=True),  # Interactive
    3: _Type("network", local=False),  # Network: SMB, RPC, WMI, WinRM, LDAP ...; the event does not say which
    4: _Type("batch", local=True),  # Batch: scheduled tasks
    5: _Type("service", local=True),  # Service
    7: _Type("console", local=True),  # Unlock
    8: _Type("network", local=False),  # NetworkCleartext: IIS with basic authentication, sshd with a password
    9: _Type("local", local=True),  # NewCredentials: runas /netonly
    10: _Type("rdp", local=False),  # RemoteInteractive
    11: _Type("console", local=True),  # CachedInteractive
    12: _Type("rdp", local=False),  # CachedRemoteInteractive
    13: _Type("console", local=True),  # CachedUnlock
}
_NETWORK = 3
_UNLOCKS = (7, 13)
_NEW_CREDENTIALS = 9
_SSHD = ("sshd.exe", "sshd-session.exe", "sshd-auth.exe")
_ANONYMOUS = "S-1-5-7"
_SYSTEM = ("S-1-5-18", "S-1-5-19", "S-1-5-20", "S-1-5-90-", "S-1-5-96-")
_METHODS = {"microsoft_authentication_package_v1_0": "ntlm"}
UNKNOWN_TYPE = "logon type is missing or unknown"
_HERE = frozenset({"", "-", "localhost"})
_SERVICES = {"cifs": "smb", "termsrv": "rdp", "wsman": "winrm"}  # classes of service principal names


def read_logon(event: Event) -> Meaning:
    """Read a 4624."""
    data = event.data
    logon_type = number(data.get("LogonType"))
    if logon_type is None or logon_type not in _TYPES:
        return UNKNOWN_TYPE
    row = _attempt(event, logon_type)
    row["session"] = logon_id(data.get("TargetLogonId"))
    if _by_sshd(data):
        return made("logon-sshd", "ssh", row)
    service = _TYPES[logon_type].service
    if logon_type in _UNLOCKS and row.get("src"):  # from afar: a Remote Desktop session is taken up again
        return made("logon", "rdp", row)
    if logon_type == _NEW_CREDENTIALS and _is_said(data.get("TargetOutboundUserName")):
        row["user"], row["domain"] = data["TargetOutboundUserName"], data.get("TargetOutboundDomainName")
    return made(_kind(event, logon_type), service, row)


def _kind(event: Event, logon_type: int) -> str:
    sid, user = (event.data.get(name, "") for name in ("TargetUserSid", "TargetUserName"))
    if sid == _ANONYMOUS:
        return "logon-anonymous"
    own = user.endswith("$") and _is_own_name(user.removesuffix("$"), event.host)
    if own or sid.startswith(_SYSTEM):  # SYSTEM has the name of its host's account where it comes over the network
        return "logon-system"
    if logon_type == _NEW_CREDENTIALS:
        return "new-credentials"
    return "unlock" if logon_type in _UNLOCKS else "logon"


def read_refused_logon(event: Event) -> Meaning:
    """Read a 4625."""
    logon_type = number(event.data.get("LogonType"))
    if logon_type is None or logon_type not in _TYPES:
        return UNKNOWN_TYPE
    row = _attempt(event, logon_type)
    if _by_sshd(event.data):
        return made("logon-failed-sshd", "ssh", row)
    return made("logon-failed", _TYPES[logon_type].service, row)


def read_logoff(event: Event) -> Meaning:
    """Read a 4634 or a 4647."""
    row = columns(event.data, "Target")
    row["session"] = logon_id(event.data.get("TargetLogonId"))
    means = _TYPES.get(number(event.data.get("LogonType")) or -1)  # a 4647 has none
    kind = "logoff-by-user" if event.heading.code == 4647 else "logoff"  # noqa: PLR2004 - an event's number
    return made(kind, means.service if means else "windows", row)


def read_privileges(event: Event) -> Meaning:
    """Read a 4672."""
    row = columns(event.data, "Subject")
    row["session"] = logon_id(event.data.get("SubjectLogonId"))
    return made("privileged", "windows", row)


def read_explicit_credentials(event: Event) -> Meaning:
    """Read a 4648: the account is the one that was used, on the target; the session that of the user who used it."""
    data = event.data
    row = columns(data, "Target")
    row["session"] = logon_id(data.get("SubjectLogonId"))
    row["pid"] = number(data.get("ProcessId"))
    row["client"] = data.get("ProcessName")
    target = data.get("TargetServerName", "").strip()
    if target.lower() in _HERE or _is_own_name(target, event.host):
        row["src"], row["src_port"] = _source(data, local=True), number(data.get("IpPort"))
        return made("explicit-credentials-local", "rdp" if row["src"] else "local", row)
    row["dst"] = target
    of_principal = data.get("TargetInfo", "").partition("/")[0].strip().lower()
    return made("explicit-credentials", _SERVICES.get(of_principal, "network"), row)


def read_reconnection(event: Event) -> Meaning:
    """Read a 4778 or a 4779."""
    data = event.data
    row = columns(data, "Account", name="Name", domain="Domain")
    row["session"] = logon_id(data.get("LogonID"))
    row["src"] = _address(data.get("ClientAddress", ""))
    row["src_host"] = data.get("ClientName") if row["src"] else None
    at_console = data.get("SessionName", "").lower() == "console" or not row["src"]
    kind = "reconnect" if event.heading.code == 4778 else "disconnect"  # noqa: PLR2004 - an event's number
    return made(kind, "console" if at_console else "rdp", row)


def read_denial(event: Event) -> Meaning:
    """Read a 4825: the password was right, the account may not use Remote Desktop."""
    row = columns(event.data, "Account", name="Name", domain="Domain")
    row["src"] = _address(event.data.get("ClientAddress", ""))
    return made("rdp-denied", "rdp", row)


def method_of(package: str | None) -> str | None:
    """Name the authentication package as a method."""
    if package is None:
        return None
    name = package.strip().lower()
    return _METHODS.get(name, name)


def _attempt(event: Event, logon_type: int) -> Record:
    data = event.data
    row = columns(data, "Target")
    row["method"] = method_of(data.get("AuthenticationPackageName"))
    row["pid"] = number(data.get("ProcessId")) or None  # a network logon has none
    row["src"] = _source(data, local=_TYPES[logon_type].local)
    row["src_port"] = number(data.get("IpPort")) if row["src"] else None
    station = data.get("WorkstationName", "").strip("\\ ")
    if logon_type == _NETWORK and not _is_own_name(station, event.host):  # others name the host itself
        row["src_host"] = station
    return row


def _source(data: Mapping[str, str], *, local: bool) -> str | None:
    """Give the address; a logon that happens on the host itself has none where it names the loopback one."""
    address = _address(data.get("IpAddress", ""))
    return None if local and address is not None and ip_address(address).is_loopback else address


def _address(text: str) -> str | None:
    """Give an address in its canonical form, IPv4-mapped as IPv4; null for a name."""
    try:
        address = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    if address.is_unspecified:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def _by_sshd(data: Mapping[str, str]) -> bool:
    program = data.get("ProcessName", "").rpartition("\\")[2].lower()
    return program in _SSHD or data.get("LogonProcessName", "").strip().lower() == "sshd"


def _is_said(value: str | None) -> bool:
    return value not in {None, "", "-"}


def _is_own_name(name: str, host: str | None) -> bool:
    """Tell whether a name is that of the host, with or without its domain."""
    if host is None:
        return False
    short, given = host.lower().partition(".")[0], name.lower()
    return given in {host.lower(), short}
