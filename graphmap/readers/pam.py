"""What PAM modules write through sshd's syslog connection, and sshd's own words about PAM."""

from __future__ import annotations

import re

from graphmap.readers.fields import ADDR, NAME, NOT_UNDERSTOOD, USER, Fields, Meaning, Rule, first_reading

_FACTS = r"authentication failures?; logname=\S* uid=\d+ euid=\d+ tty=\S* ruser=(?P<ruser>.*?) rhost=(?P<addr>\S*)"
_FAILURE = re.compile(rf"(?:pam_\w+\(\S+\): |PAM \d+ more ){_FACTS} *(?:user=(?P<user>.*))?")
_AMBIGUOUS = "ambiguous: a PAM field holds text that looks like another field"

RULES: tuple[Rule, ...] = (
    # Linux-PAM, modules/pam_unix/pam_unix_sess.c: the name is that of an existing account
    Rule("pam-open", rf"pam_\w+\(\S+\): session opened for user {NAME}(?:\(uid=\d+\))? by .*\(uid=\d+\)",
         "pam_unix(sshd:session): session opened for user bob(uid=1000) by (uid=0)", origin="pam_unix_sess.c"),
    Rule("pam-close", rf"pam_\w+\(\S+\): session closed for user {USER}",
         "pam_unix(sshd:session): session closed for user bob", origin="pam_unix_sess.c"),
    # auth-pam.c, sshpam_query: pam_strerror's text, one of which holds " for service" itself
    Rule("pam-error-invalid", rf"PAM: (?:.*? retries for service|.*?) for illegal user {USER} from {ADDR} *",
         "PAM: Authentication failure for illegal user admin from 10.0.0.1", origin="auth-pam.c"),
    Rule("pam-error", rf"PAM: (?:.*? retries for service|.*?) for {NAME} from {ADDR} *",
         "PAM: Authentication failure for bob from 10.0.0.1", origin="auth-pam.c"),
)  # fmt: skip


def read_pam(message: str) -> Meaning:
    """Read a message of a PAM module, or of sshd that starts with ``PAM``, without the ``error:`` in front."""
    if "authentication failure" in message and (match := _FAILURE.fullmatch(message)):
        return _failure(match)
    if fields := first_reading(RULES, message):
        # sshpam_query serves keyboard-interactive alone; a password that PAM checks is told by `Failed password`
        return fields._replace(method="keyboard-interactive") if fields.kind.startswith("pam-error") else fields
    if message.startswith("PAM: ") and " from " in message:
        return NOT_UNDERSTOOD
    return None


def _failure(match: re.Match[str]) -> Meaning:
    """Read pam_unix's and pam_sss's list of facts (pam_unix_auth.c, support.c); sshd leaves `ruser` empty."""
    user = match["user"]
    if match["ruser"] or (user and re.search(r"\b(?:user|rhost|ruser)=", user)):
        return _AMBIGUOUS
    return Fields("pam-auth-failure", user=user, addr=match["addr"] or None)
