"""The words that the `kind` column of SSH events uses, and what each of them reports."""

from __future__ import annotations

from typing import NamedTuple

from graphmap.model import Action, Outcome


class Kind(NamedTuple):
    """What a kind of line reports."""

    action: Action
    outcome: Outcome
    says: str


_LOGON, _LOGOFF, _CONNECTION, _PROCESS = Action.LOGON, Action.LOGOFF, Action.CONNECTION, Action.PROCESS
_SUCCESS, _FAILURE, _UNKNOWN = Outcome.SUCCESS, Outcome.FAILURE, Outcome.UNKNOWN

KINDS: dict[str, Kind] = {
    "accepted": Kind(_LOGON, _SUCCESS, "a logon that succeeded"),
    "failed": Kind(_LOGON, _FAILURE, "an attempt that was refused"),
    "failed-echo": Kind(_CONNECTION, _FAILURE, "the `Failed` line of an attempt that a `pam-error` line has reported"),
    "pam-error": Kind(_LOGON, _FAILURE, "a keyboard-interactive attempt of an existing account, refused by PAM"),
    "pam-error-invalid": Kind(_CONNECTION, _FAILURE, "the same for an unknown account; sshd writes `Failed` as well"),
    "root-refused": Kind(_LOGON, _FAILURE, "root was refused by PermitRootLogin"),
    "postponed": Kind(_LOGON, _UNKNOWN, "an attempt that goes on"),
    "partial": Kind(_LOGON, _UNKNOWN, "one of several required methods succeeded"),
    "connection": Kind(_CONNECTION, _UNKNOWN, "a client connected"),
    "invalid-user": Kind(_CONNECTION, _FAILURE, "the account does not exist"),
    "not-allowed": Kind(_CONNECTION, _FAILURE, "the account exists and may not log in"),
    "max-attempts": Kind(_CONNECTION, _FAILURE, "too many refused attempts on one connection"),
    "preauth-closed": Kind(_CONNECTION, _FAILURE, "the connection ended before a logon"),
    "no-identification": Kind(_CONNECTION, _FAILURE, "the client said nothing"),
    "bad-protocol": Kind(_CONNECTION, _FAILURE, "the client does not speak SSH, or no version that is understood"),
    "bad-banner": Kind(_CONNECTION, _FAILURE, "the client's first line is malformed"),
    "kex-failed": Kind(_CONNECTION, _FAILURE, "no encrypted channel came about"),
    "timeout": Kind(_CONNECTION, _FAILURE, "no logon within LoginGraceTime"),
    "dropped": Kind(_CONNECTION, _FAILURE, "dropped at the door: MaxStartups or a penalty"),
    "refused": Kind(_CONNECTION, _FAILURE, "refused by TCP wrappers"),
    "cert-invalid": Kind(_CONNECTION, _FAILURE, "a user certificate that is not valid here"),
    "key-revoked": Kind(_CONNECTION, _FAILURE, "a revoked key was offered"),
    "pam-auth-failure": Kind(_CONNECTION, _FAILURE, "a PAM module's own report; accompanies the verdict"),
    "forward-failed": Kind(_CONNECTION, _FAILURE, "a forwarded connection could not be made"),
    "forward-denied": Kind(_CONNECTION, _FAILURE, "a forwarding that the policy forbids"),
    "pam-open": Kind(_LOGON, _UNKNOWN, "PAM opened the session of a logon"),
    "pam-close": Kind(_LOGOFF, _UNKNOWN, "PAM closed the session"),
    "disconnect": Kind(_LOGOFF, _UNKNOWN, "the client said goodbye"),
    "disconnected": Kind(_LOGOFF, _UNKNOWN, "the connection of a logon ended"),
    "closed": Kind(_LOGOFF, _UNKNOWN, "the client closed the connection"),
    "reset": Kind(_LOGOFF, _UNKNOWN, "the connection broke"),
    "client-timeout": Kind(_LOGOFF, _UNKNOWN, "the client did not answer any more"),
    "session-start": Kind(_PROCESS, _UNKNOWN, "a shell, command or subsystem was started"),
    "session-close": Kind(_PROCESS, _UNKNOWN, "it ended"),
    "child": Kind(_PROCESS, _UNKNOWN, "the process that serves the user, by its pid"),
}
"""Every kind that the SSH readers give."""
