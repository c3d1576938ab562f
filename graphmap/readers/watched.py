"""Files whose change is evidence: those that let somebody in, and the logs that tell of it."""

from __future__ import annotations

import re

_KEYS = re.compile(r"(?:^|/)authorized_keys2?$|/authorized_keys(?:\.d)?/[^/]+$")  # /root/.ssh/authorized_keys
_LOGS = re.compile(  # /var/log/auth.log.1
    r"(?:^|/)(?:auth\.log|wtmp|btmp|utmp|lastlog|faillog|audit\.log|log/secure)(?:[.-]\d[\w.]*)?$"
)


def watched(path: str) -> str | None:
    """Name what a path holds: ``keys`` for SSH's authorized keys (sshd(8)), ``log`` for a log of logins."""
    if _KEYS.search(path):
        return "keys"
    return "log" if _LOGS.search(path) else None
