"""The login records of Unix: wtmp, btmp, utmp and lastlog of Linux, utmpx of macOS."""

from graphmap.readers.utmp.reader import UtmpReader

__all__ = ["UtmpReader"]
