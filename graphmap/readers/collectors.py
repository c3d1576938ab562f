"""Of which host a collection is: what triage tools say in their metadata, and in the names they give.

Sources: Velociraptor (its offline collector's ``Collection-HOST-TIME.zip`` and ``client_info.json``), UAC
(``uac-HOST-OS-TIME.tar.gz``), KAPE (``TIME_HOST.zip``, a folder per host).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CLIENT_INFO = "client_info.json"
"""The file in which Velociraptor says whose collection it is."""
METADATA_BYTES = 1 << 20
"""More of such a file is not read."""

_NAMES = (
    re.compile(
        r"uac-(?P<host>.+)-(?:aix|android|esxi|freebsd|haiku|linux|macos|netbsd|netscaler|openbsd|solaris)-\d{14}\b.*"
    ),
    re.compile(r"Collection-(?P<host>.+?)-\d{4}-\d\d-\d\dT\d\d[_:]\d\d[_:]\d\d.*"),
    re.compile(r"(?P<host>.+)-C\.[0-9a-f]{8,}(?:-F\.[0-9A-Z.]+)?(?:\.zip)?"),
    re.compile(r"\d{4}-\d\d-\d\dT\d{6}_(?P<host>[^.]+)(?:\..*)?"),
)
_DRIVE = re.compile(r"[a-z](?:%3a|:|_drive)?", re.IGNORECASE)
_STRUCTURE = frozenset(
    """
    [root] uploads results live_response bodyfile hash_executables chkrootkit system artifacts collected memory_dump
    volatile auto ntfs logs log var etc home root usr opt tmp run srv mnt media boot dev proc lib lib64 bin sbin private
    library users windows programdata applications volumes data files evidence
    """.split()  # noqa: SIM905 - a list of forty quoted words is harder to read
)
"""First folders of an archive that are no host's name."""


def named_host(name: str) -> str | None:
    """The host in the name that a collector gave its archive or folder; None where it has no such name."""
    return next((match["host"] for pattern in _NAMES if (match := pattern.fullmatch(name))), None)


def told_host(client_info: bytes) -> str | None:
    """The host that a ``client_info.json`` names: ``Hostname``, ``Fqdn``, or ``os_info`` as a server exports it."""
    try:
        told = json.loads(client_info)
    except (ValueError, RecursionError):
        return None
    for place in (told, told.get("os_info")) if isinstance(told, dict) else ():
        for key in ("Hostname", "hostname", "Fqdn", "fqdn"):
            value: Any = place.get(key) if isinstance(place, dict) else None
            if isinstance(value, str) and value.strip():
                return value.strip()
    return None


def parts(name: str) -> list[str]:
    """The folders and the file in a member's name; Windows tools write backslashes."""
    return [part for part in name.replace("\\", "/").split("/") if part not in {"", "."}]


class MemberHosts:
    """Tells whose log each file of an archive is.

    Parameters
    ----------
    names
        Of all files of the archive.
    told
        Hosts by the folder whose ``client_info.json`` names them (``""`` is the top).
    whole
        The host of the whole archive, where it is known; None to go by its folders.
    """

    def __init__(self, names: Iterable[str], told: Mapping[str, str], whole: str | None) -> None:
        self._told = told
        self._whole = whole
        self._level = 0 if whole else _host_level(names)

    def of(self, name: str) -> str | None:
        """The host of a file; None where nothing names it."""
        folders = parts(name)[:-1]
        for depth in range(len(folders), -1, -1):
            if (host := self._told.get("/".join(folders[:depth]))) is not None:
                return host
        if self._whole is not None:
            return self._whole
        if len(folders) <= self._level:
            return None
        folder = folders[self._level]
        return named_host(folder) or (None if _is_structure(folder) else folder)


def _is_structure(folder: str) -> bool:
    return folder.casefold() in _STRUCTURE or _DRIVE.fullmatch(folder) is not None


def _host_level(names: Iterable[str]) -> int:
    """Which level of folders is named after hosts: the first, or that below a single folder around all others."""
    split = [parts(name)[:-1] for name in names]
    tops = {folders[0] if folders else "" for folders in split}
    below = {folders[1] if len(folders) > 1 else "" for folders in split}
    alone = len(tops) == 1 and "" not in below
    return 1 if alone and not any(map(_is_structure, below)) and not any(map(named_host, tops)) else 0
