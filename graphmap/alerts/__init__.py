"""Alerts: what a finding looks like to a receiver, and how it gets there.

An output is an entry ``[alerts.NAME]`` of ``graphmap.toml``. Shapes (`payload`, `slack`, `ecs`, `ocsf`, `cef`, `mail`)
write a message, transports (`http`, `syslog`, `smtp`, `file`) bring it; `outputs` reads which of them belong together.
Nothing here knows what was sent before: that is the ledger's, and `graphmap.pipeline.alerting` joins the two.
"""

from __future__ import annotations

from graphmap.alerts.backoff import wait_before
from graphmap.alerts.material import Gist, gist_of, news
from graphmap.alerts.message import Item, Message, Quoted
from graphmap.alerts.outputs import Output, read_outputs

__all__ = ["Gist", "Item", "Message", "Output", "Quoted", "gist_of", "news", "read_outputs", "wait_before"]
