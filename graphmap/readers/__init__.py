"""Readers of logs: `READERS` by name, and `detect` for the one that fits."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from graphmap.readers.auditd import AuditdReader
from graphmap.readers.base import Batch, Reader, ReadOptions, Source
from graphmap.readers.ecs import EcsReader
from graphmap.readers.esxi import EsxiReader
from graphmap.readers.journald import JournaldReader
from graphmap.readers.journald_export import JournaldExportReader
from graphmap.readers.macos import MacosReader
from graphmap.readers.mapping import BUILT_IN, built_in
from graphmap.readers.ocsf import OcsfReader
from graphmap.readers.osquery import OsqueryReader
from graphmap.readers.sources import find_sources, read_head
from graphmap.readers.sshd import SshdReader
from graphmap.readers.suricata import SuricataReader
from graphmap.readers.sysmon_linux import SysmonLinuxReader
from graphmap.readers.teleport import TeleportReader
from graphmap.readers.utmp import UtmpReader
from graphmap.readers.windows.event_xml import EventXmlReader
from graphmap.readers.windows.evtx import EvtxReader
from graphmap.readers.windows.nxlog import NxlogReader
from graphmap.readers.windows.wazuh import WazuhReader
from graphmap.readers.windows.winlogbeat import WinlogbeatReader
from graphmap.readers.zeek import ZeekReader
from graphmap.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["READERS", "Batch", "ReadOptions", "Reader", "Source", "detect", "find_sources", "read_head"]

READERS: Registry[Reader] = Registry(
    "graphmap.readers",
    [
        EvtxReader(),
        EventXmlReader(),
        WinlogbeatReader(),
        WazuhReader(),
        NxlogReader(),
        JournaldReader(),
        JournaldExportReader(),
        AuditdReader(),
        MacosReader(),
        UtmpReader(),
        SysmonLinuxReader(),
        EsxiReader(),
        ZeekReader(),
        SshdReader(),
        SuricataReader(),
        TeleportReader(),
        OsqueryReader(),
        OcsfReader(),
        EcsReader(),
        *map(built_in, BUILT_IN),
    ],
)
"""Every reader, in the order in which `detect` asks them."""


def detect(head: bytes, own: Iterable[Reader] = ()) -> Reader | None:
    """Choose the first reader, those of the user first, that knows a source by its first bytes (`read_head`)."""
    return next((reader for reader in chain(own, READERS) if reader.sniff(head)), None)
