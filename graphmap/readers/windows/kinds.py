"""The words that the `kind` column of Windows events uses, and what each of them reports."""

from __future__ import annotations

from typing import NamedTuple

from graphmap.model import Action, Outcome, Witness


class Kind(NamedTuple):
    """What a kind of event reports, and whose word it is."""

    action: Action
    outcome: Outcome
    witness: Witness
    source: str
    says: str


_LOGON, _LOGOFF, _CONNECTION = Action.LOGON, Action.LOGOFF, Action.CONNECTION
_PROCESS, _FILE = Action.PROCESS, Action.FILE
_SUCCESS, _FAILURE, _UNKNOWN = Outcome.SUCCESS, Outcome.FAILURE, Outcome.UNKNOWN
_SERVER, _CLIENT, _DIRECTORY = Witness.SERVER, Witness.CLIENT, Witness.DIRECTORY

KINDS: dict[str, Kind] = {
    "logon": Kind(_LOGON, _SUCCESS, _SERVER, "4624", "a logon that succeeded; `service` tells its type"),
    "logon-sshd": Kind(_LOGON, _UNKNOWN, _SERVER, "4624", "sshd made a token for an account: no proof of an SSH logon"),
    "logon-system": Kind(_LOGON, _UNKNOWN, _SERVER, "4624", "an account of Windows itself, with which nobody logs on"),
    "logon-anonymous": Kind(_LOGON, _UNKNOWN, _SERVER, "4624", "a null session: nobody proved who they are"),
    "unlock": Kind(_LOGON, _UNKNOWN, _SERVER, "4624", "a session at the console was unlocked; it was open before"),
    "new-credentials": Kind(_LOGON, _UNKNOWN, _CLIENT, "4624", "an account was put on for other hosts, unchecked"),
    "logon-failed": Kind(_LOGON, _FAILURE, _SERVER, "4625", "an attempt that was refused"),
    "logon-failed-sshd": Kind(_CONNECTION, _FAILURE, _SERVER, "4625", "the same for sshd, which reports it itself"),
    "logoff": Kind(_LOGOFF, _UNKNOWN, _SERVER, "4634", "a logon session ended"),
    "logoff-by-user": Kind(_LOGOFF, _UNKNOWN, _SERVER, "4647", "a user asked for the logoff"),
    "explicit-credentials": Kind(
        _LOGON, _UNKNOWN, _CLIENT, "4648", "an account and password were used on another host"
    ),
    "explicit-credentials-local": Kind(_LOGON, _UNKNOWN, _SERVER, "4648", "the same on this host; accompanies a logon"),
    "privileged": Kind(_LOGON, _UNKNOWN, _SERVER, "4672", "a new logon has administrator's privileges"),
    "tgt": Kind(_LOGON, _UNKNOWN, _DIRECTORY, "4768", "an account proved itself to the domain controller"),
    "tgt-refused": Kind(_LOGON, _FAILURE, _DIRECTORY, "4768", "it could not"),
    "ticket": Kind(_CONNECTION, _UNKNOWN, _DIRECTORY, "4769", "an account asked for a ticket for a service"),
    "ticket-refused": Kind(_CONNECTION, _FAILURE, _DIRECTORY, "4769", "it did not get one"),
    "preauth-refused": Kind(_LOGON, _FAILURE, _DIRECTORY, "4771", "a wrong password, or an account that may not"),
    "ntlm": Kind(_LOGON, _UNKNOWN, _DIRECTORY, "4776", "an NTLM password was right"),
    "ntlm-refused": Kind(_LOGON, _FAILURE, _DIRECTORY, "4776", "it was wrong, or the account may not"),
    "reconnect": Kind(_LOGON, _SUCCESS, _SERVER, "4778", "a user came back to a session"),
    "disconnect": Kind(_LOGOFF, _UNKNOWN, _SERVER, "4779", "a user left a session, whose programs go on"),
    "program": Kind(_PROCESS, _UNKNOWN, _CLIENT, "4688, Sysmon 1", "a program that reaches other hosts was started"),
    "rdp-denied": Kind(_LOGON, _FAILURE, _SERVER, "4825", "the password was right, the account may not use RDP"),
    "share": Kind(_FILE, _UNKNOWN, _SERVER, "5140", "a file share was used"),
    "share-refused": Kind(_FILE, _FAILURE, _SERVER, "5140", "it was refused"),
    "share-file": Kind(_FILE, _UNKNOWN, _SERVER, "5145", "a file or pipe on a share was asked for"),
    "share-file-refused": Kind(_FILE, _FAILURE, _SERVER, "5145", "it was refused"),
    "connect": Kind(_CONNECTION, _UNKNOWN, _CLIENT, "Sysmon 3", "a process connected to another host"),
    "connected": Kind(_CONNECTION, _UNKNOWN, _SERVER, "Sysmon 3", "another host connected to a process"),
    "rdp-logon": Kind(_LOGON, _SUCCESS, _SERVER, "LocalSessionManager 21", "a logon to a desktop session"),
    "rdp-shell": Kind(_PROCESS, _UNKNOWN, _SERVER, "LocalSessionManager 22", "its desktop started"),
    "rdp-logoff": Kind(_LOGOFF, _UNKNOWN, _SERVER, "LocalSessionManager 23", "a desktop session ended"),
    "rdp-disconnect": Kind(_LOGOFF, _UNKNOWN, _SERVER, "LocalSessionManager 24", "a user left it; its programs go on"),
    "rdp-reconnect": Kind(_LOGON, _SUCCESS, _SERVER, "LocalSessionManager 25", "a user came back to it"),
    "rdp-authenticated": Kind(_LOGON, _UNKNOWN, _SERVER, "RemoteConnectionManager 1149", "comes before a logon"),
    "rdp-connection": Kind(_CONNECTION, _UNKNOWN, _SERVER, "RdpCoreTS 131", "a client connected"),
    "rdp-transport": Kind(_CONNECTION, _UNKNOWN, _SERVER, "RdpCoreTS 131", "its second connection, over UDP"),
    "rdp-refused": Kind(_CONNECTION, _FAILURE, _SERVER, "RdpCoreTS 140", "a client's password was wrong"),
    "rdp-client": Kind(_CONNECTION, _UNKNOWN, _CLIENT, "RDPClient 1024, 1102", "a Remote Desktop client was used"),
    "winrm-client": Kind(_CONNECTION, _UNKNOWN, _CLIENT, "WinRM 6", "a remote PowerShell or WinRS session was opened"),
    "log-cleared": Kind(_PROCESS, _UNKNOWN, _SERVER, "1102, System 104", "a log was cleared"),
    "audit-changed": Kind(_PROCESS, _UNKNOWN, _SERVER, "4719", "what is written to the Security log was changed"),
    "audit-ended": Kind(_PROCESS, _UNKNOWN, _SERVER, "1100", "the event log's service ended, as at a shutdown"),
    "winrm-shell": Kind(_PROCESS, _UNKNOWN, _SERVER, "WinRM 91", "a shell was opened by another host"),
}
"""Every kind that the readers of Windows logs give, besides those of `graphmap.readers.kinds` for OpenSSH."""

OUTGOING = frozenset({"explicit-credentials", "connect", "rdp-client", "winrm-client"})
"""Kinds by which a host tells that it reached out: `src_host` is that host, and the target is the destination."""
