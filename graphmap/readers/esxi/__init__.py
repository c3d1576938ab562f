"""Logs of VMware ESXi: auth.log, shell.log, hostd.log and vobd.log, as files or forwarded."""

from graphmap.readers.esxi.reader import EsxiReader

__all__ = ["EsxiReader"]
