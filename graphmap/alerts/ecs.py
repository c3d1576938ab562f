"""Elastic Common Schema, version 8.11: an event of kind alert.

Source: elastic.co/docs/reference/ecs, field sets base, event, rule, threat, related, source, destination, user and
observer. What has no field there is below ``graphmap``, a name of our own as the schema advises for custom fields.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from graphmap.alerts.material import RANK
from graphmap.documents import Document, time_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphmap.alerts.message import Item, Message

VERSION = "8.11.0"


def ecs_document(item: Item, message: Message) -> Document:
    """The event of one finding. `event.id` is the message's idempotency key; fields without a value are left out."""
    finding = item.finding
    technique, _, sub = finding.technique.partition(".")
    addresses = list(_addresses(finding.hosts))
    last = finding.hops[-1] if finding.hops else None
    event = {
        "kind": "alert",
        "category": ["intrusion_detection"],
        "type": ["info"],
        "id": message.key,
        "provider": "graphmap",
        "dataset": "graphmap.alert",
        "action": "test" if message.test else item.change,
        "severity": 25 * RANK[finding.severity],
        "created": time_text(message.created),
        "start": None if finding.first is None else time_text(finding.first),
        "end": None if finding.last is None else time_text(finding.last),
        "reason": "; ".join(finding.why),
    }
    return _without_nothing(
        {
            "@timestamp": time_text(message.created),
            "ecs": {"version": VERSION},
            "message": finding.title,
            "event": event,
            "observer": {"vendor": "graphmap", "product": "graphmap", "type": "analytics"},
            "rule": {"name": finding.detector, "ruleset": "graphmap", "id": finding.detector},
            "threat": {
                "framework": "MITRE ATT&CK",
                "technique": {"id": [technique], "subtechnique": {"id": [finding.technique]} if sub else None},
            },
            "source": None if last is None else _endpoint(last.src),
            "destination": None if last is None else _endpoint(last.dst),
            "user": None if last is None else {"name": last.user},
            "related": {
                "hosts": [name for name in finding.hosts if name not in addresses],
                "ip": addresses,
                "user": list(finding.users),
            },
            "graphmap": {"test": message.test, **item.document()},
        }
    )


def _endpoint(name: str) -> Document:
    (address,) = [*_addresses([name]), None][:1]
    return {"address": name, "ip": address, "domain": None if address else name}


def _addresses(names: Iterable[str]) -> Iterable[str]:
    for name in names:
        try:
            ip_address(name)
        except ValueError:
            continue
        yield name


def _without_nothing(document: Document) -> Document:
    """Without fields that are None or empty, but for those of `graphmap`, which are all there."""
    kept: Document = {}
    for name, value in document.items():
        inner = _without_nothing(value) if isinstance(value, dict) and name != "graphmap" else value
        if inner not in (None, {}, []):
            kept[name] = inner
    return kept
