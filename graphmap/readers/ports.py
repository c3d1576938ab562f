"""The service that a well-known port stands for, where a log tells no more of a connection."""

from __future__ import annotations

PORTS = {
    20: "ftp", 21: "ftp", 22: "ssh", 23: "telnet", 69: "tftp", 88: "kerberos", 111: "rpc", 135: "rpc", 139: "smb",
    389: "ldap", 445: "smb", 464: "kerberos", 512: "rexec", 513: "rlogin", 514: "rsh", 636: "ldap", 873: "rsync",
    1433: "mssql", 1521: "oracle", 2049: "nfs", 2222: "ssh", 3268: "ldap", 3269: "ldap", 3306: "mysql", 3389: "rdp",
    5432: "postgresql", 5900: "vnc", 5985: "winrm", 5986: "winrm", 6379: "redis",
}  # fmt: skip
"""Ports over which people and programs move or are authenticated (IANA; 2222 by custom)."""

UNNAMED = "flow"
"""The service of a connection whose port is none of them."""


def service_of(port: int | None) -> str:
    """The service of a port, `UNNAMED` where it has none."""
    return PORTS.get(port or 0, UNNAMED)
