"""The words that the `kind` column of Zeek's events uses, and what each of them reports."""

from __future__ import annotations

from graphmap.model import Action, Outcome
from graphmap.readers.kinds import Kind

_LOGON, _CONNECTION = Action.LOGON, Action.CONNECTION
_SUCCESS, _FAILURE, _UNKNOWN = Outcome.SUCCESS, Outcome.FAILURE, Outcome.UNKNOWN

KINDS: dict[str, Kind] = {
    "conn": Kind(_CONNECTION, _UNKNOWN, "a connection, or datagrams between two ports"),
    "conn-refused": Kind(_CONNECTION, _FAILURE, "TCP: no connection came about, refused or not answered"),
    "conn-midstream": Kind(_CONNECTION, _UNKNOWN, "the sensor did not see the connection begin"),
    "ssh-logon": Kind(_LOGON, _SUCCESS, "the sensor took the logon for a success"),
    "ssh-refused": Kind(_LOGON, _FAILURE, "the sensor saw attempts and no success"),
    "ssh-unjudged": Kind(_LOGON, _UNKNOWN, "the sensor could not tell whether anybody logged on"),
    "krb-as": Kind(_CONNECTION, _UNKNOWN, "the KDC gave an account its first ticket"),
    "krb-tgs": Kind(_CONNECTION, _UNKNOWN, "the KDC gave a ticket for a service"),
    "krb-preauth": Kind(_CONNECTION, _UNKNOWN, "the KDC asked for pre-authentication, its usual first answer"),
    "krb-refused": Kind(_CONNECTION, _FAILURE, "the KDC gave no ticket"),
    "krb-logon": Kind(_LOGON, _SUCCESS, "a service accepted a ticket"),
    "krb-logon-refused": Kind(_LOGON, _FAILURE, "a service refused a ticket"),
    "krb-unjudged": Kind(_CONNECTION, _UNKNOWN, "Kerberos whose answer was not seen"),
    "ntlm-logon": Kind(_LOGON, _SUCCESS, "a server accepted an NTLM logon"),
    "ntlm-refused": Kind(_LOGON, _FAILURE, "a server refused an NTLM logon"),
    "ntlm-unjudged": Kind(_LOGON, _UNKNOWN, "NTLM whose answer was not seen"),
    "rdp": Kind(_CONNECTION, _UNKNOWN, "an RDP connection; its logon is not visible"),
    "rdp-refused": Kind(_CONNECTION, _FAILURE, "RDP: client and server agreed on no security"),
    "smb-mapping": Kind(_CONNECTION, _UNKNOWN, "a share was connected to"),
    "rpc-call": Kind(_CONNECTION, _UNKNOWN, "a DCE/RPC operation was called"),
}
"""Every kind that the Zeek reader gives."""
