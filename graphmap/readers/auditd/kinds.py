"""The words that the `kind` column of auditd's events uses, and what each of them reports."""

from __future__ import annotations

from graphmap.model import Action, Outcome
from graphmap.readers.kinds import Kind

_LOGON, _LOGOFF, _CONNECTION, _PROCESS, _FILE = Action
_SUCCESS, _FAILURE, _UNKNOWN = Outcome

AUDITD_KINDS: dict[str, Kind] = {
    "login": Kind(_LOGON, _SUCCESS, "a login: the first record that says its session was opened"),
    "auth-failed": Kind(_LOGON, _FAILURE, "an attempt that PAM or sshd refused"),
    "login-failed": Kind(_LOGON, _FAILURE, "an attempt that was refused and that no `auth-failed` has reported"),
    "login-failed-echo": Kind(_CONNECTION, _FAILURE, "a further record of an attempt that `auth-failed` has reported"),
    "invalid-user": Kind(_CONNECTION, _FAILURE, "the account does not exist"),
    "abandoned": Kind(_CONNECTION, _FAILURE, "the connection ended before a logon (sshd of Red Hat)"),
    "account-refused": Kind(_CONNECTION, _FAILURE, "PAM refused the account or its session"),
    "logout": Kind(_LOGOFF, _UNKNOWN, "the session was closed"),
    "connection": Kind(_CONNECTION, _UNKNOWN, "keys were exchanged with a client (sshd of Red Hat)"),
    "accept": Kind(_CONNECTION, _UNKNOWN, "sshd accepted a connection"),
    "connect": Kind(_CONNECTION, _UNKNOWN, "an SSH client, or sshd for a forwarding, opened a connection"),
    "connect-failed": Kind(_CONNECTION, _FAILURE, "the same, refused"),
    "client-started": Kind(_PROCESS, _UNKNOWN, "a client program was started"),
    "server-started": Kind(_PROCESS, _UNKNOWN, "the far end of a transfer was started: scp -t, rsync --server, sftp"),
    "keys-written": Kind(_FILE, _UNKNOWN, "a file of authorized keys was written, made, renamed or removed"),
    "keys-write-failed": Kind(_FILE, _FAILURE, "the same, refused"),
    "log-written": Kind(_FILE, _UNKNOWN, "a log of logins was written, made, renamed or removed"),
    "log-write-failed": Kind(_FILE, _FAILURE, "the same, refused"),
    "audit-changed": Kind(_PROCESS, _UNKNOWN, "the rules or settings of the audit system were changed"),
    "audit-change-failed": Kind(_PROCESS, _FAILURE, "the same, refused"),
    "audit-started": Kind(_PROCESS, _UNKNOWN, "the audit daemon started"),
    "audit-ended": Kind(_PROCESS, _UNKNOWN, "the audit daemon ended"),
}
"""Every kind that the auditd reader gives."""
