"""The log of the Linux audit daemon: who logged on, what was started, and who touched the logs."""

from graphmap.readers.auditd.reader import AuditdReader

__all__ = ["AuditdReader"]
