"""What each event of Windows becomes, column by column."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.readers.reading import read_lines
from tests.readers.windows.events import AUDIT, LOGON, LSM, OPENSSH, RCM, RDP_CLIENT, RDP_CORE, SYSMON, WINRM, xml

SUBJECT = {
    "SubjectUserSid": "S-1-5-21-1-2-3-1002", "SubjectUserName": "alice", "SubjectDomainName": "CORP",
    "SubjectLogonId": "0xabc",
}  # fmt: skip
LOCAL = {"IpAddress": "127.0.0.1", "IpPort": "0", "WorkstationName": "SRV"}
BOB = {"user": "bob", "domain": "CORP", "session": "0x1a2b3c", "method": "ntlm"}
FROM = {"src_ip": "1.2.3.4", "src_port": 50000}
TICKET = {
    "TargetUserName": "bob@CORP.EXAMPLE", "TargetDomainName": "CORP.EXAMPLE", "ServiceName": "SRV2$",
    "IpAddress": "::ffff:1.2.3.4", "IpPort": "50000", "Status": "0x0",
}  # fmt: skip
KERBEROS = {"user": "bob", "domain": "CORP.EXAMPLE", "method": "kerberos", **FROM}
CONNECTION = {
    "User": "NT AUTHORITY\\SYSTEM", "Image": "C:\\Windows\\System32\\OpenSSH\\ssh.exe", "ProcessId": "42",
    "Protocol": "tcp", "Initiated": "true", "SourceIp": "10.0.0.1", "SourcePort": "50000",
    "DestinationIp": "0:0:0:0:0:ffff:a00:2", "DestinationPort": "22",
}  # fmt: skip
SEEN = {"src_ip": "10.0.0.1", "src_port": 50000, "dst_ip": "10.0.0.2", "dst_port": 22}
PROCESS = {
    **SUBJECT, "NewProcessId": "0x2a", "NewProcessName": "C:\\Windows\\System32\\mstsc.exe",
    "CommandLine": "mstsc /v:srv2", "TargetUserName": "-", "TargetDomainName": "-", "TargetLogonId": "0x0",
}  # fmt: skip
STARTED = {"user": "alice", "domain": "CORP", "session": "0xabc", "pid": 42}
SHARE = {**SUBJECT, "IpAddress": "1.2.3.4", "IpPort": "50000", "ShareName": "\\\\*\\ADMIN$"}
SHARED = {"user": "alice", "domain": "CORP", "session": "0xabc", **FROM}
DESKTOP = {"User": "CORP\\bob", "SessionID": "3", "Address": "1.2.3.4"}
ON_DESKTOP = {"user": "bob", "domain": "CORP", "session": "desktop 3", "src_ip": "1.2.3.4"}
RECONNECTION = {
    "AccountName": "bob", "AccountDomain": "CORP", "LogonID": "0x1a2b3c", "SessionName": "RDP-Tcp#8",
    "ClientName": "WS1", "ClientAddress": "1.2.3.4",
}  # fmt: skip
RECONNECTED = {"user": "bob", "domain": "CORP", "session": "0x1a2b3c", "src_ip": "1.2.3.4", "src_host": "WS1"}

NETWORK = {**BOB, **FROM, "src_host": "WS1"}
"""Of a network logon, whose workstation is the client's own word."""


def to(target: str | None) -> dict[str, Any]:
    """Of what a client does: it is the source, and the target, where it has a name, the destination."""
    return {"src_host": "srv", "dst_host": target}


Case = tuple[str, str, int, dict[str, str], str, str, dict[str, Any]]
CASES: list[Case] = [
    # what, channel, number, fields -> kind, service, further columns
    ("network", "Security", 4624, LOGON, "logon", "network", NETWORK),
    ("the channel in small letters", "security", 4624, LOGON, "logon", "network", NETWORK),
    ("its own name", "Security", 4624, LOGON | {"WorkstationName": "SRV"}, "logon", "network", {**BOB, **FROM}),
    ("without address", "Security", 4624, LOGON | {"IpAddress": "-", "IpPort": "-"}, "logon", "network", {**BOB, "src_host": "WS1"}),
    ("mapped address", "Security", 4624, LOGON | {"IpAddress": "::ffff:1.2.3.4"}, "logon", "network", NETWORK),
    ("zone", "Security", 4624, LOGON | {"IpAddress": "fe80::1%12"}, "logon", "network", NETWORK | {"src_ip": "fe80::1"}),
    ("loopback", "Security", 4624, LOGON | {"IpAddress": "::1"}, "logon", "network", NETWORK | {"src_ip": "::1"}),
    ("machine", "Security", 4624, LOGON | {"TargetUserName": "WS1$"}, "logon", "network", NETWORK | {"user": "WS1$"}),
    ("the machine itself", "Security", 4624, LOGON | {"TargetUserName": "SRV$", "TargetUserSid": "S-1-5-18"}, "logon-system", "network", NETWORK | {"user": "SRV$"}),
    ("the machine itself by its domain account", "Security", 4624, LOGON | {"TargetUserName": "srv$"}, "logon-system", "network", NETWORK | {"user": "srv$"}),
    ("kerberos", "Security", 4624, LOGON | {"AuthenticationPackageName": "Kerberos"}, "logon", "network", NETWORK | {"method": "kerberos"}),
    ("rdp", "Security", 4624, LOGON | {"LogonType": "10", "WorkstationName": "SRV", "ProcessId": "0x194"}, "logon", "rdp", {**BOB, **FROM, "pid": 404}),
    ("rdp through a tunnel", "Security", 4624, LOGON | {"LogonType": "10", "IpAddress": "127.0.0.1"}, "logon", "rdp", {**BOB, **FROM, "src_ip": "127.0.0.1"}),
    ("console", "Security", 4624, LOGON | {"LogonType": "2"} | LOCAL, "logon", "console", BOB),
    ("cached", "Security", 4624, LOGON | {"LogonType": "11"} | LOCAL, "logon", "console", BOB),
    ("batch", "Security", 4624, LOGON | {"LogonType": "4"} | LOCAL, "logon", "batch", BOB),
    ("service", "Security", 4624, LOGON | {"LogonType": "5"} | LOCAL, "logon", "service", BOB),
    ("cleartext", "Security", 4624, LOGON | {"LogonType": "8", "WorkstationName": "SRV"}, "logon", "network", {**BOB, **FROM}),
    ("unlock", "Security", 4624, LOGON | {"LogonType": "7"} | LOCAL, "unlock", "console", BOB),
    ("unlock from afar", "Security", 4624, LOGON | {"LogonType": "7"}, "logon", "rdp", {**BOB, **FROM}),
    ("runas /netonly", "Security", 4624, LOGON | {"LogonType": "9", "TargetOutboundUserName": "adm", "TargetOutboundDomainName": "OTHER"} | LOCAL, "new-credentials", "local", BOB | {"user": "adm", "domain": "OTHER"}),
    ("pass the hash", "Security", 4624, LOGON | {"LogonType": "9", "TargetOutboundUserName": "-"} | LOCAL, "new-credentials", "local", BOB),
    ("SYSTEM in Russian", "Security", 4624, LOGON | {"LogonType": "5", "TargetUserSid": "S-1-5-18", "TargetUserName": "СИСТЕМА", "TargetDomainName": "NT AUTHORITY"} | LOCAL, "logon-system", "service", BOB | {"user": "SYSTEM", "domain": "NT AUTHORITY"}),
    ("window manager", "Security", 4624, LOGON | {"LogonType": "2", "TargetUserSid": "S-1-5-90-0-1", "TargetUserName": "DWM-1", "TargetDomainName": "Window Manager"} | LOCAL, "logon-system", "console", BOB | {"user": "DWM-1", "domain": "Window Manager"}),
    ("anonymous in German", "Security", 4624, LOGON | {"TargetUserSid": "S-1-5-7", "TargetUserName": "ANONYMOUS-ANMELDUNG", "TargetDomainName": "NT-AUTORITÄT"}, "logon-anonymous", "network", NETWORK | {"user": "ANONYMOUS LOGON", "domain": "NT AUTHORITY"}),
    ("sshd with a key", "Security", 4624, LOGON | {"LogonProcessName": "sshd", "IpAddress": "-", "IpPort": "-", "WorkstationName": "SRV"}, "logon-sshd", "ssh", BOB),
    ("sshd with a password", "Security", 4624, LOGON | {"LogonType": "8", "ProcessName": "C:\\Windows\\System32\\OpenSSH\\sshd.exe", "ProcessId": "0x2a", "IpAddress": "-"}, "logon-sshd", "ssh", BOB | {"pid": 42}),
    ("refused", "Security", 4625, LOGON, "logon-failed", "network", {**FROM, "src_host": "WS1", "user": "bob", "domain": "CORP", "method": "ntlm"}),
    ("refused principal name", "Security", 4625, LOGON | {"TargetUserName": "bob@corp.example", "LogonType": "10"}, "logon-failed", "rdp", {**FROM, "user": "bob@corp.example", "domain": "CORP", "method": "ntlm"}),
    ("refused by sshd", "Security", 4625, LOGON | {"LogonProcessName": "sshd", "IpAddress": "-", "WorkstationName": "SRV"}, "logon-failed-sshd", "ssh", {"user": "bob", "domain": "CORP", "method": "ntlm"}),
    ("logoff", "Security", 4634, LOGON, "logoff", "network", {"user": "bob", "domain": "CORP", "session": "0x1a2b3c"}),
    ("logoff by the user", "Security", 4647, {"TargetUserName": "bob", "TargetDomainName": "CORP", "TargetLogonId": "0x1A2B3C"}, "logoff-by-user", "windows", {"user": "bob", "domain": "CORP", "session": "0x1a2b3c"}),
    ("net use", "Security", 4648, {**SUBJECT, "TargetUserName": "adm", "TargetDomainName": "CORP", "TargetServerName": "srv2.corp.example", "TargetInfo": "cifs/srv2.corp.example", "ProcessId": "0x4", "ProcessName": "", "IpAddress": "-", "IpPort": "-"}, "explicit-credentials", "smb", {"user": "adm", "domain": "CORP", "session": "0xabc", "pid": 4, **to("srv2.corp.example")}),
    ("mstsc", "Security", 4648, {**SUBJECT, "TargetUserName": "adm", "TargetDomainName": "CORP", "TargetServerName": "10.0.0.2", "TargetInfo": "TERMSRV/10.0.0.2", "ProcessId": "0x2a", "ProcessName": "C:\\Windows\\System32\\lsass.exe"}, "explicit-credentials", "rdp", {"user": "adm", "domain": "CORP", "session": "0xabc", "dst_ip": "10.0.0.2", "pid": 42, **to(None), "client": "C:\\Windows\\System32\\lsass.exe"}),
    ("runas", "Security", 4648, {**SUBJECT, "TargetUserName": "adm", "TargetServerName": "localhost", "IpAddress": "::1", "IpPort": "0"}, "explicit-credentials-local", "local", {"user": "adm", "session": "0xabc"}),
    ("rdp on the server", "Security", 4648, {**SUBJECT, "TargetUserName": "adm", "TargetServerName": "SRV", "IpAddress": "1.2.3.4", "IpPort": "0"}, "explicit-credentials-local", "rdp", {"user": "adm", "session": "0xabc", "src_ip": "1.2.3.4"}),
    ("privileges", "Security", 4672, SUBJECT, "privileged", "windows", {"user": "alice", "domain": "CORP", "session": "0xabc"}),
    ("ticket granting", "Security", 4768, TICKET | {"TargetUserName": "bob"}, "tgt", "kerberos", KERBEROS),
    ("unknown account", "Security", 4768, TICKET | {"Status": "0x6"}, "tgt-refused", "kerberos", KERBEROS),
    ("service ticket", "Security", 4769, TICKET, "ticket", "kerberos", {**KERBEROS, "command": "SRV2$", "dst_host": "SRV2"}),
    ("ticket for a service's own account", "Security", 4769, TICKET | {"ServiceName": "svc-sql"}, "ticket", "kerberos", {**KERBEROS, "command": "svc-sql"}),
    ("no service ticket", "Security", 4769, TICKET | {"Status": "0x25"}, "ticket-refused", "kerberos", {**KERBEROS, "command": "SRV2$", "dst_host": "SRV2"}),
    ("wrong password", "Security", 4771, TICKET | {"Status": "0x18"}, "preauth-refused", "kerberos", KERBEROS),
    ("ntlm", "Security", 4776, {"TargetUserName": "bob", "Workstation": "\\\\WS1", "Status": "0x0"}, "ntlm", "ntlm", {"user": "bob", "src_host": "WS1", "method": "ntlm"}),
    ("ntlm refused", "Security", 4776, {"TargetUserName": "bob", "Workstation": "WS1", "Status": "0xc000006a"}, "ntlm-refused", "ntlm", {"user": "bob", "src_host": "WS1", "method": "ntlm"}),
    ("reconnect", "Security", 4778, RECONNECTION, "reconnect", "rdp", RECONNECTED),
    ("reconnect at the console", "Security", 4778, RECONNECTION | {"SessionName": "Console", "ClientName": "Unknown", "ClientAddress": "LOCAL"}, "reconnect", "console", {"user": "bob", "domain": "CORP", "session": "0x1a2b3c"}),
    ("disconnect", "Security", 4779, RECONNECTION, "disconnect", "rdp", RECONNECTED),
    ("denied", "Security", 4825, RECONNECTION, "rdp-denied", "rdp", {"user": "bob", "domain": "CORP", "src_ip": "1.2.3.4"}),
    ("process", "Security", 4688, PROCESS, "program", "rdp", {**STARTED, "client": "C:\\Windows\\System32\\mstsc.exe", "command": "mstsc /v:srv2"}),
    ("process without its command line", "Security", 4688, PROCESS | {"CommandLine": ""}, "program", "rdp", {**STARTED, "client": "C:\\Windows\\System32\\mstsc.exe", "command": "C:\\Windows\\System32\\mstsc.exe"}),
    ("process as another", "Security", 4688, PROCESS | {"TargetUserName": "adm", "TargetDomainName": "X", "TargetLogonId": "0xdef"}, "program", "rdp", {"user": "adm", "domain": "X", "session": "0xdef", "pid": 42, "client": "C:\\Windows\\System32\\mstsc.exe", "command": "mstsc /v:srv2"}),
    ("sysmon process", SYSMON, 1, {"User": "CORP\\alice", "LogonId": "0xabc", "ProcessId": "42", "Image": "C:\\t\\PsExec64.exe", "CommandLine": "PsExec64 \\\\srv2 cmd"}, "program", "smb", {**STARTED, "client": "C:\\t\\PsExec64.exe", "command": "PsExec64 \\\\srv2 cmd"}),
    ("connection", SYSMON, 3, CONNECTION, "connect", "ssh", {**SEEN, **to(None), "user": "SYSTEM", "domain": "NT AUTHORITY", "pid": 42, "client": "C:\\Windows\\System32\\OpenSSH\\ssh.exe"}),
    ("connection to this host", SYSMON, 3, CONNECTION | {"Initiated": "false", "Image": "System", "DestinationPort": "445"}, "connected", "smb", {**SEEN, "dst_port": 445, "user": "SYSTEM", "domain": "NT AUTHORITY", "pid": 42}),
    ("ssh to another port", SYSMON, 3, CONNECTION | {"DestinationPort": "2222"}, "connect", "ssh", {**SEEN, **to(None), "dst_port": 2222, "user": "SYSTEM", "domain": "NT AUTHORITY", "pid": 42, "client": "C:\\Windows\\System32\\OpenSSH\\ssh.exe"}),
    ("share", "Security", 5140, SHARE, "share", "smb", {**SHARED, "command": "\\\\*\\ADMIN$"}),
    ("file on a share", "Security", 5145, SHARE | {"RelativeTargetName": "PSEXESVC.exe"}, "share-file", "smb", {**SHARED, "command": "\\\\*\\ADMIN$\\PSEXESVC.exe"}),
    ("root of a share", "Security", 5145, SHARE | {"RelativeTargetName": "\\"}, "share-file", "smb", {**SHARED, "command": "\\\\*\\ADMIN$"}),
    ("desktop", LSM, 21, DESKTOP, "rdp-logon", "rdp", ON_DESKTOP),
    ("desktop at the console", LSM, 21, DESKTOP | {"Address": "LOCAL"}, "rdp-logon", "console", {"user": "bob", "domain": "CORP", "session": "desktop 3"}),
    ("shell", LSM, 22, DESKTOP, "rdp-shell", "rdp", ON_DESKTOP),
    ("desktop logoff", LSM, 23, {"User": "CORP\\bob", "SessionID": "3"}, "rdp-logoff", "rdp", {"user": "bob", "domain": "CORP", "session": "desktop 3"}),
    ("desktop left", LSM, 24, DESKTOP, "rdp-disconnect", "rdp", ON_DESKTOP),
    ("desktop again", LSM, 25, DESKTOP, "rdp-reconnect", "rdp", ON_DESKTOP),
    ("before the logon", RCM, 1149, {"Param1": "bob", "Param2": "CORP", "Param3": "1.2.3.4"}, "rdp-authenticated", "rdp", {"user": "bob", "domain": "CORP", "src_ip": "1.2.3.4"}),
    ("rdp connection", RDP_CORE, 131, {"ConnType": "TCP", "ClientIP": "1.2.3.4:50000"}, "rdp-connection", "rdp", FROM),
    ("rdp connection over UDP and IPv6", RDP_CORE, 131, {"ConnType": "UDP", "ClientIP": "[2001:db8::1]:50000"}, "rdp-transport", "rdp", {"src_ip": "2001:db8::1", "src_port": 50000}),
    ("rdp password", RDP_CORE, 140, {"IPString": "1.2.3.4"}, "rdp-refused", "rdp", {"src_ip": "1.2.3.4"}),
    ("rdp client", RDP_CLIENT, 1024, {"Name": "Server Name", "Value": "srv2", "CustomLevel": "Info"}, "rdp-client", "rdp", to("srv2")),
    ("rdp client's address", RDP_CLIENT, 1102, {"Name": "Server Address", "Value": "10.0.0.2"}, "rdp-client", "rdp", {"dst_ip": "10.0.0.2", **to(None)}),
    ("winrm client", WINRM, 6, {"connection": "srv2/wsman?PSVersion=5.1.17763.1"}, "winrm-client", "winrm", to("srv2")),
    ("winrm client with a port", WINRM, 6, {"connection": "http://10.0.0.2:5985/wsman"}, "winrm-client", "winrm", {"dst_ip": "10.0.0.2", **to(None)}),
    ("winrm shell", WINRM, 91, {"resourceUri": "http://schemas.microsoft.com/powershell/Microsoft.PowerShell"}, "winrm-shell", "winrm", {"command": "http://schemas.microsoft.com/powershell/Microsoft.PowerShell"}),
    ("security log cleared", "Security", 1102, SUBJECT, "log-cleared", "audit", {"user": "alice", "domain": "CORP", "session": "0xabc", "command": "Security"}),
    ("other log cleared", "System", 104, SUBJECT | {"Channel": "Windows PowerShell", "BackupPath": "", "SubjectLogonId": ""}, "log-cleared", "audit", {"user": "alice", "domain": "CORP", "command": "Windows PowerShell"}),
    ("audit policy", "Security", 4719, SUBJECT | {"CategoryId": "%%8273", "SubcategoryId": "%%12544", "SubcategoryGuid": "{0cce9215-69ae-11d9-bed3-505054503030}", "AuditPolicyChanges": "%%8448, %%8450"}, "audit-changed", "audit", {"user": "alice", "domain": "CORP", "session": "0xabc", "command": "{0cce9215-69ae-11d9-bed3-505054503030} success removed, failure removed"}),
    ("event log stopped", "Security", 1100, {}, "audit-ended", "audit", {}),
    ("ssh", OPENSSH, 4, {"process": "sshd", "payload": "Accepted publickey for corp\\\\bob from 1.2.3.4 port 50000 ssh2: ED25519 SHA256:x"}, "accepted", "ssh", {**FROM, "user": "bob", "domain": "corp", "method": "publickey", "key": "SHA256:x", "session": "1.2.3.4:50000", "pid": 700}),
    ("ssh, vendor named", f"Microsoft-Windows-{OPENSSH}", 4, {"process": "sshd", "payload": "Failed password for x from ::1 port 50000 ssh2"}, "failed", "ssh", {"src_ip": "::1", "src_port": 50000, "user": "x", "method": "password", "session": "[::1]:50000", "pid": 700}),
    ("ssh refused", OPENSSH, 4, {"process": "sshd", "payload": "Failed password for invalid user x from ::1 port 50000 ssh2"}, "failed", "ssh", {"src_ip": "::1", "src_port": 50000, "user": "x", "method": "password", "session": "[::1]:50000", "pid": 700}),
    ("ssh error", "OpenSSH/Admin", 2, {"process": "sshd", "payload": "error: maximum authentication attempts exceeded for bob from 1.2.3.4 port 50000 ssh2 [preauth]"}, "max-attempts", "ssh", {**FROM, "user": "bob", "session": "1.2.3.4:50000", "pid": 700}),
]  # fmt: skip

EVERYWHERE = {"time", "action", "outcome", "witness", "repeat", "reader", "file", "line"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_event_becomes(case: Case) -> None:
    _, channel, code, fields, kind, service, columns = case
    (row,) = read_lines(xml(channel, code, fields), reader="windows-xml").rows()
    assert row["time"] == datetime(2026, 3, 1, 10, 0, 0, 123456, UTC)
    expected = {"kind": kind, "service": service, "dst_host": "srv", **columns}
    assert {name: value for name, value in row.items() if name not in EVERYWHERE} == {
        name: value for name, value in expected.items() if value is not None
    }


CONTEXT = [
    ("another program", "Security", 4688, PROCESS | {"NewProcessName": "C:\\Windows\\System32\\notepad.exe"}),
    ("wmic on this host", "Security", 4688, PROCESS | {"NewProcessName": "C:\\x\\wmic.exe", "CommandLine": "wmic os get"}),
    ("web", SYSMON, 3, CONNECTION | {"Image": "C:\\x\\firefox.exe", "DestinationPort": "443"}),
    ("ask again with a proof", "Security", 4768, TICKET | {"Status": "0x19"}),
    ("listening", OPENSSH, 4, {"process": "sshd", "payload": "Server listening on :: port 22."}),
]  # fmt: skip
OTHER = [
    ("another event", "Security", 4907, LOGON),
    ("another event of the system", "System", 7036, LOGON),
    ("another channel", "Application", 4624, LOGON),
    ("sftp's log", OPENSSH, 4, {"process": "sftp-server", "payload": "session opened for local user bob"}),
]
REJECTED = [
    ("new type", "Security", 4624, LOGON | {"LogonType": "77"}, "logon type is missing or unknown"),
    ("no type", "Security", 4625, {"TargetUserName": "bob"}, "logon type is missing or unknown"),
    ("no target", RDP_CLIENT, 1024, {}, "target is missing"),
    ("ssh", OPENSSH, 4, {"process": "sshd", "payload": "Accepted nonsense"}, "sshd message not understood"),
]


@pytest.mark.parametrize("case", CONTEXT, ids=lambda case: case[0])
def test_understood_and_reports_no_event(case: tuple[str, str, int, dict[str, str]]) -> None:
    reading = read_lines(xml(*case[1:]), reader="windows-xml")
    assert (reading.context, reading.accounted()) == (1, 1)


@pytest.mark.parametrize("case", OTHER, ids=lambda case: case[0])
def test_of_another_program(case: tuple[str, str, int, dict[str, str]]) -> None:
    reading = read_lines(xml(*case[1:]), reader="windows-xml")
    assert (reading.other, reading.accounted()) == (1, 1)


@pytest.mark.parametrize("case", REJECTED, ids=lambda case: case[0])
def test_not_understood(case: tuple[str, str, int, dict[str, str], str]) -> None:
    assert read_lines(xml(*case[1:4]), reader="windows-xml").reasons() == [case[4]]


def test_a_ticket_names_the_host_it_is_for_in_the_domain_of_its_controller() -> None:
    (row,) = read_lines(xml("Security", 4769, TICKET, host="dc1.corp.example"), reader="windows-xml").rows()
    assert (row["dst_host"], row["src_ip"], row["witness"]) == ("SRV2.corp.example", "1.2.3.4", "directory")


def test_another_provider_cannot_write_logons() -> None:
    forged = read_lines(xml("Security", 4624, LOGON, provider="Evil"), reader="windows-xml")
    genuine = read_lines(xml("Security", 4624, LOGON, provider=AUDIT), reader="windows-xml")
    assert (forged.other, len(forged.events), len(genuine.events)) == (1, 0, 1)
    cleared = read_lines(
        xml("Security", 1102, SUBJECT, provider=AUDIT),
        xml("System", 104, SUBJECT, provider="Evil"),
        reader="windows-xml",
    )
    assert (cleared.other, len(cleared.events)) == (2, 0)


@pytest.mark.parametrize("stamp", ["", "yesterday", "2026-02-30T10:00:00Z", "0001-01-01T00:00:00Z"])
def test_time_that_cannot_be(stamp: str) -> None:
    reading = read_lines(xml("Security", 4624, LOGON, time=stamp), reader="windows-xml")
    assert reading.reasons() == ["time stamp does not exist"]


def test_audit_of_a_failure() -> None:
    rows = read_lines(
        xml("Security", 5145, SHARE, keywords="0x8010000000000000"),
        xml("Security", 5140, SHARE, keywords="0x8010000000000000"),
        reader="windows-xml",
    ).rows("kind", "action", "outcome")
    assert rows == [
        {"kind": "share-file-refused", "action": "file", "outcome": "failure"},
        {"kind": "share-refused", "action": "file", "outcome": "failure"},
    ]
