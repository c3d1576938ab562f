"""The unified log of macOS, as ``log show`` and ``log stream`` print it."""

from graphmap.readers.macos.reader import MacosReader

__all__ = ["MacosReader"]
