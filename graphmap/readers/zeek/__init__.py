"""Logs of the network sensor Zeek: TSV and JSON, in the shapes in which they are kept and shipped."""

from __future__ import annotations

from graphmap.readers.zeek.reader import ZeekReader

__all__ = ["ZeekReader"]
