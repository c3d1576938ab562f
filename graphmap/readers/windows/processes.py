"""Programs that reach other hosts, and the connections of processes.

Facts: Microsoft's reference of event 4688; the schema of Sysmon (``sysmon -s``), events 1 and 3.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from graphmap.readers.windows.event import number
from graphmap.readers.windows.rows import columns, logon_id, made, parted

if TYPE_CHECKING:
    from graphmap.readers.records import Record
    from graphmap.readers.windows.event import Event
    from graphmap.readers.windows.rows import Meaning


class Program(NamedTuple):
    """A program that reaches other hosts: over which service, and what its command line must hold where it must."""

    service: str
    needs: re.Pattern[str] | None = None


def _holding(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_UNC = _holding(r'(?:^|[\s"=])\\\\[^\\.?]')
_REMOTING = _holding(
    r"-(?:ComputerName|Cn|VMName|HostName)\b|(?:Enter|New)-PSSession|(?:New|Get)-CimInstance|Invoke-WmiMethod"
)
_SSH = Program("ssh")
_SMB = Program("smb")
PROGRAMS: dict[str, Program] = {
    **dict.fromkeys(("ssh", "scp", "sftp", "plink", "pscp", "psftp", "putty", "kitty", "winscp", "winscp.com"), _SSH),
    **dict.fromkeys(("psexec", "psexec64", "paexec", "remcom", "psloglist", "psservice", "pskill", "pslist"), _SMB),
    **dict.fromkeys(("net", "net1", "sc", "robocopy", "xcopy"), Program("smb", _UNC)),
    "mstsc": Program("rdp"),
    "tscon": Program("rdp"),
    "shadow": Program("rdp"),
    "winrs": Program("winrm"),
    "wmic": Program("wmi", _holding(r"/node:")),
    "schtasks": Program("rpc", _holding(r"(?:^|\s)[/-]s\s")),
    "reg": Program("rpc", _UNC),
    "runas": Program("local", _holding(r"/netonly")),
    "powershell": Program("winrm", _REMOTING),
    "pwsh": Program("winrm", _REMOTING),
}
"""Programs by name, in lower case and without ``.exe``."""

PORTS = {22: "ssh", 135: "rpc", 139: "smb", 445: "smb", 3389: "rdp", 5985: "winrm", 5986: "winrm"}
"""Services of the connections that are kept, by port of the destination."""

_SSH_PROGRAMS = frozenset({"ssh", "sshd", "sshd-session", "plink", "putty"})
_WINDOWS_OWN = "0x0"


def read_process(event: Event) -> Meaning:
    """Read a 4688; the account is the one that the program runs as."""
    data = event.data
    other = data.get("TargetLogonId", _WINDOWS_OWN) != _WINDOWS_OWN
    row = columns(data, "Target" if other else "Subject")
    row["session"] = logon_id(data.get("TargetLogonId" if other else "SubjectLogonId"))
    row["pid"] = number(data.get("NewProcessId"))
    return _program(row, data.get("NewProcessName", ""), data.get("CommandLine", ""))


def read_sysmon_process(event: Event) -> Meaning:
    """Read a Sysmon 1."""
    data = event.data
    row = parted(data.get("User"))
    row["session"] = logon_id(data.get("LogonId"))
    row["pid"] = number(data.get("ProcessId"))
    return _program(row, data.get("Image", ""), data.get("CommandLine", ""))


def read_sysmon_connection(event: Event) -> Meaning:
    """Read a Sysmon 3: those to ports of remote access, and every one of an SSH program."""
    data = event.data
    port = number(data.get("DestinationPort"))
    service = PORTS.get(port or 0) or ("ssh" if _name(data.get("Image", "")) in _SSH_PROGRAMS else None)
    if service is None:
        return None
    row = parted(data.get("User"))
    row["pid"], row["client"] = number(data.get("ProcessId")), data.get("Image")
    row["src"], row["src_port"] = data.get("SourceIp"), number(data.get("SourcePort"))
    row["dst"], row["dst_port"] = data.get("DestinationIp"), port
    own = data.get("Initiated", "").lower() != "false"
    if not own:
        row["client"] = None  # the program is the server's
    return made("connect" if own else "connected", service, row)


def _program(row: Record, path: str, line: str) -> Meaning:
    program = PROGRAMS.get(_name(path))
    if program is None or (program.needs is not None and not program.needs.search(line)):
        return None
    row["client"] = path
    row["command"] = line or path
    return made("program", program.service, row)


def _name(path: str) -> str:
    return path.rpartition("\\")[2].lower().removesuffix(".exe")
