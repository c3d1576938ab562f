"""What processes are called in the ledger, and whether one is known to be gone."""

from __future__ import annotations

import os
import socket
from functools import cache
from pathlib import Path


def process_name() -> str:
    """What this process is called: its host, its number, and in which world of processes that number counts (Linux)."""
    return f"{socket.gethostname()}:{os.getpid()}@{_world()}"


def shown_name(name: str) -> str:
    """The host and number of a process, for people."""
    return name.rpartition("@")[0] or name


def is_gone(name: str) -> bool:
    """Whether a process is known to have ended: it was one of ours to see, and there is none of its number.

    Of other machines and containers nothing is known. A number may have gone to another process since: then it counts
    as still there.
    """
    place, _, world = name.rpartition("@")
    host, _, number = place.rpartition(":")
    if not world or world != _world() or host != socket.gethostname() or not number.isdigit():
        return False
    return not Path("/proc", number).exists()


@cache
def _world() -> str:
    """The number of the PID namespace, pid_namespaces(7); empty where there is none to be read."""
    try:
        return str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:
        return ""
