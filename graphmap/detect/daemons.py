"""Accounts that systems make for programs, with which no person logs in."""

from __future__ import annotations

DEBIAN = frozenset({
    "_apt", "backup", "bin", "daemon", "games", "irc", "list", "lp", "mail", "man", "news", "nobody", "proxy",
    "sync", "sys", "uucp", "www-data",
})  # fmt: skip
"""Debian: passwd.master of the package base-passwd, without root."""

RED_HAT = frozenset({
    "adm", "apache", "bin", "daemon", "dbus", "dovecot", "ftp", "games", "halt", "ldap", "lp", "mail", "mailnull",
    "mysql", "named", "news", "nfsnobody", "nobody", "nscd", "ntp", "operator", "postfix", "postgres", "rpc",
    "rpcuser", "rpm", "shutdown", "smmsp", "squid", "sshd", "sync", "tcpdump", "tomcat", "tss", "uucp",
})  # fmt: skip
"""Red Hat Enterprise Linux, Fedora: the file uidgid of the package setup, without root."""

DAEMONS = DEBIAN | RED_HAT
"""Accounts of daemons, unless the inventory says whose they are."""
