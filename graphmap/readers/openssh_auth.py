"""The verdict lines of OpenSSH (auth.c, auth_log), read so that nobody's text becomes a field.

The line is ``VERDICT METHOD for [invalid user ]USER from ADDR port PORT ssh2[: INFO]``. USER of an unknown account is
whatever the client sent. INFO is the key's type and fingerprint, for a certificate also its key id, for hostbased the
client's own words: for a logon that failed, attacker text as well. So:

- An existing account's name is in the account database; it holds no ``from ADDR port PORT ssh2``. The first one counts.
- Behind an unknown account's name the last one counts that is followed by nothing, or by a key type and a fingerprint
  alone: neither a name nor a longer INFO can end in that. Where only longer INFO fits, there must be exactly one way.
"""

from __future__ import annotations

import re

from graphmap.readers.fields import NOT_UNDERSTOOD, Fields, Meaning

_KINDS = {"Accepted": "accepted", "Failed": "failed", "Postponed": "postponed", "Partial": "partial"}
_HEAD = re.compile(
    r"(?P<verdict>Accepted|Failed|Postponed|Partial) (?P<method>[^\s/]+)(?P<device>/\S*)? for "
    r"(?P<invalid>(?:invalid|illegal) user )?"
)
_ORIGIN = re.compile(r" from (?P<addr>\S+) port (?P<port>\d+)(?: +ssh[12])?(?= *$|: | \[preauth\]$)")
_FINGERPRINT = r"(?:SHA(?:1|256|384|512):[^\s,]+|MD5:[^\s,]+|(?:[0-9a-f]{2}:){15}[0-9a-f]{2})"
_KEY = re.compile(rf": (?P<type>\S+) (?P<key>{_FINGERPRINT})(?P<rest>.*)", re.IGNORECASE)
_PLAIN = re.compile(rf"(?:: \S+ {_FINGERPRINT})?", re.IGNORECASE)
_CERTIFICATE = re.compile(rf" ID (?P<id>.*) \(serial \d+\) CA \S+ {_FINGERPRINT}(?:, .*)?", re.IGNORECASE)
_PREAUTH = " [preauth]"
_PAM_FAILED = "Failed keyboard-interactive/pam for "


def read_verdict(message: str) -> Meaning:
    """Read a line that starts with Accepted, Failed, Postponed or Partial."""
    head = _HEAD.match(message)
    if head is None:
        return NOT_UNDERSTOOD
    body = message.removesuffix(_PREAUTH).rstrip(" ")
    origin = _last_origin(body, head.end()) if head["invalid"] else _ORIGIN.search(body, head.end())
    if isinstance(origin, str):
        return origin
    if origin is None:
        return NOT_UNDERSTOOD
    key, cert_id = read_key(body[origin.end() :])
    return Fields(
        kind=_KINDS[head["verdict"]],
        user=body[head.end() : origin.start()],
        addr=origin["addr"],
        port=origin["port"],
        method=head["method"],
        key=key,
        cert_id=cert_id,
    )


def is_pam_conversation(message: str) -> bool:
    """Tell whether a `failed` line is of the method that also writes ``error: PAM: ... for USER from ADDR``."""
    name = message.removeprefix(_PAM_FAILED)
    return name is not message and not name.startswith(("invalid user ", "illegal user "))


def _last_origin(body: str, start: int) -> re.Match[str] | str | None:
    """Find where an unknown account's name ends; a reason where it could end in two places."""
    origins = list(_ORIGIN.finditer(body, start))
    plain = [origin for origin in origins if _PLAIN.fullmatch(body, origin.end())]
    if plain:
        return plain[-1]
    if len(origins) > 1:
        return "ambiguous: the user name or the key's text could hold the source address"
    return origins[0] if origins else None


def read_key(info: str) -> tuple[str | None, str | None]:
    """Read fingerprint and certificate id from the text behind ``ssh2``; None for what it does not hold."""
    match = _KEY.match(info)
    if match is None:
        return None, None
    certificate = _CERTIFICATE.fullmatch(match["rest"])
    return fingerprint(match["key"]), certificate["id"] if certificate else None


def fingerprint(text: str) -> str:
    """Write a fingerprint as OpenSSH does since 6.8: bare MD5 gets its prefix, prefixes are upper case."""
    name, _, rest = text.partition(":")
    if name.upper() in {"MD5", "SHA1", "SHA256", "SHA384", "SHA512"}:
        return f"{name.upper()}:{rest}"
    return f"MD5:{text}"
