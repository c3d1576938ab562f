"""The message grammar of Dropbear's SSH server.

Facts are from its sources (svr-auth.c, svr-authpasswd.c, svr-authpam.c, svr-authpubkey.c, svr-session.c, svr-main.c).
Addresses stand as ``ADDR:PORT``; IPv6 has brackets only in newer versions.
"""

from __future__ import annotations

import re

from graphmap.readers.fields import NOT_UNDERSTOOD, Fields, Meaning, Rule, by_first_word, first_reading
from graphmap.readers.openssh_auth import fingerprint

MESSAGE_LIMIT = 8192

_PEER = r"\[?(?P<addr>[^\s\]<>]+)\]?:(?P<port>\d+)"
_NAME = r"'(?P<user>.*)'"

RULES: tuple[Rule, ...] = (
    Rule("accepted", rf"(?P<method>Password) auth succeeded for {_NAME} from {_PEER}",
         "Password auth succeeded for 'root' from 10.0.0.1:50000", origin="svr-authpasswd.c"),
    Rule("accepted", rf"PAM (?P<method>password) auth succeeded for {_NAME} from {_PEER}",
         "PAM password auth succeeded for 'root' from 10.0.0.1:50000", origin="svr-authpam.c"),
    Rule("accepted", rf"Auth succeeded with blank (?P<method>password) for {_NAME} from {_PEER}",
         "Auth succeeded with blank password for 'root' from 10.0.0.1:50000", origin="svr-auth.c"),
    Rule("accepted", rf"(?P<method>Pubkey) auth succeeded for {_NAME} with (?:\S+ )?key (?P<key>(?:md5 |sha1!! )?\S+) "
         rf"from {_PEER}",
         "Pubkey auth succeeded for 'root' with ssh-ed25519 key SHA256:x from 10.0.0.1:50000",
         origin="svr-authpubkey.c"),
    Rule("failed", rf"(?:Bad|Too-long) (?:PAM )?(?P<method>password) attempt for {_NAME} from {_PEER}",
         "Bad password attempt for 'root' from 10.0.0.1:50000",
         "Too-long password attempt for 'root' from 10.0.0.1:50000", origin="svr-authpasswd.c, svr-authpam.c"),
    Rule("failed", rf"(?P<method>Pubkey) auth bad signature for {_NAME} with key (?P<key>(?:md5 |sha1!! )?\S+) "
         rf"from {_PEER}",
         "Pubkey auth bad signature for 'root' with key SHA256:x from 10.0.0.1:50000",
         origin="svr-authpubkey.c"),
    Rule("invalid-user", rf"Login attempt for nonexistent user(?: {_NAME})? from {_PEER}",
         "Login attempt for nonexistent user from 10.0.0.1:50000", origin="svr-auth.c"),
    Rule("invalid-user", rf"Login attempt with wrong user (?P<user>.*) from {_PEER}",
         "Login attempt with wrong user admin from 10.0.0.1:50000", origin="svr-auth.c"),
    Rule("not-allowed", rf"User {_NAME} (?:has invalid shell, rejected|has blank password, rejected|not in .*)",
         "User 'bob' has invalid shell, rejected", origin="svr-auth.c"),
    Rule("not-allowed", rf"User account {_NAME} is locked",
         "User account 'bob' is locked", origin="svr-auth.c"),
    Rule("root-refused", r"(?P<user>root) login rejected", "root login rejected", origin="svr-auth.c"),
    Rule("max-attempts", rf"Max auth tries reached - user {_NAME} from {_PEER}",
         "Max auth tries reached - user 'root' from 10.0.0.1:50000", origin="svr-auth.c"),
    Rule("connection", rf"Child connection from {_PEER}",
         "Child connection from 10.0.0.1:50000", origin="svr-main.c"),
    Rule("preauth-closed", rf"Exit before auth from <{_PEER}>: (?:\(user '(?P<user>.*?)', \d+ fails\): )?.*",
         "Exit before auth from <10.0.0.1:50000>: (user 'root', 0 fails): Exited normally",
         origin="svr-session.c"),
    Rule("preauth-closed", r"Exit before auth(?: \(user '(?P<user>.*?)', \d+ fails\))?: .*",
         "Exit before auth (user 'root', 3 fails): Max auth tries reached", "Exit before auth: Timeout before auth",
         origin="svr-session.c"),
    Rule("disconnected", rf"Exit \((?P<user>[^)]*)\) from <{_PEER}>: .*",
         "Exit (root) from <10.0.0.1:50000>: Disconnect received", origin="svr-session.c"),
    Rule("disconnected", r"Exit \((?P<user>[^)]*)\): .*",
         "Exit (root): Disconnect received", origin="svr-session.c"),
)  # fmt: skip

_BY_WORD = by_first_word(RULES)
_METHODS = {"Password": "password", "password": "password", "Pubkey": "publickey"}
_CONTEXT = re.compile(
    r"""
      (?:Not\ backgrounding|Running\ in\ background|Early\ exit|Terminated\ by\ signal|Generat(?:ed|ing)\ hostkey
        |Failed\ (?:listening|loading|reading|lookup)|Couldn't\ |Error\ |Aiee|premature\ exit|Premature\ exit
        |User\ disallowed|Pubkey\ auth\ attempt\ with\ unknown\ algo|pam_|PAM\ |PAM:|wtmp_|lastlog_|syslogin_
        |Port\ forward|TCP\ |Inetd\ |ssh-).*
    """,
    re.VERBOSE,
)


def read_message(message: str) -> Meaning:
    """Read one message of Dropbear: the event, the reason why it is not understood, or None for no event."""
    if len(message) > MESSAGE_LIMIT:
        return "message is longer than dropbear writes any"
    message = message.rstrip(" ")
    fields = first_reading(_BY_WORD.get(message.partition(" ")[0], ()), message)
    if fields is not None:
        return _finish(fields)
    return None if _CONTEXT.fullmatch(message) else NOT_UNDERSTOOD


def _finish(fields: Fields) -> Fields:
    """Name method and key as OpenSSH does; old versions write ``md5 aa:bb`` for a key."""
    if fields.method is None:
        return fields
    key = fingerprint(fields.key.replace("md5 ", "").replace("sha1!! ", "SHA1:")) if fields.key else None
    return fields._replace(method=_METHODS[fields.method], key=key)
