"""Roles of hosts as people write them."""

from __future__ import annotations

import re

_GAP = re.compile(r"[\s_-]+")


def role_named(text: str) -> str:
    """A role in one form: ``Domain Controller`` and ``domain_controller`` are both ``domain-controller``."""
    return _GAP.sub("-", text.strip().casefold())
