"""Readers of logs: `READERS` by name, and `detect` for the one that fits."""

from __future__ import annotations

from graphmap.readers.auditd import AuditdReader
from graphmap.readers.base import Batch, Reader, ReadOptions, Source
from graphmap.readers.esxi import EsxiReader
from graphmap.readers.journald import JournaldReader
from graphmap.readers.journald_export import JournaldExportReader
from graphmap.readers.macos import MacosReader
from graphmap.readers.sources import find_sources, read_head
from graphmap.readers.sshd import SshdReader
from graphmap.readers.sysmon_linux import SysmonLinuxReader
from graphmap.readers.utmp import UtmpReader
from graphmap.readers.zeek import ZeekReader
from graphmap.registry import Registry

__all__ = ["READERS", "Batch", "ReadOptions", "Reader", "Source", "detect", "find_sources", "read_head"]

READERS: Registry[Reader] = Registry(
    "graphmap.readers",
    [
        JournaldReader(),
        JournaldExportReader(),
        AuditdReader(),
        MacosReader(),
        UtmpReader(),
        SysmonLinuxReader(),
        EsxiReader(),
        SshdReader(),
        ZeekReader(),
    ],
)
"""Every reader, in the order in which `detect` asks them."""


def detect(head: bytes) -> Reader | None:
    """Choose the first reader that knows a source by its first bytes (`read_head`); None where none does."""
    return next((reader for reader in READERS if reader.sniff(head)), None)
