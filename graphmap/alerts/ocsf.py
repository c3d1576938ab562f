"""OCSF 1.4: Detection Finding, class 2004 of category 2, Findings.

Source: github.com/ocsf/ocsf-schema, events/findings/detection_finding.json and finding.json, objects finding_info,
attack, analytic, evidences, network_endpoint. `is_alert` is of 1.4. Times are milliseconds since 1970.
"""

from __future__ import annotations

from importlib.metadata import version
from ipaddress import ip_address
from typing import TYPE_CHECKING

from graphmap.alerts.material import RANK

if TYPE_CHECKING:
    from datetime import datetime

    from graphmap.alerts.message import Item, Message
    from graphmap.documents import Document
    from graphmap.model import Hop

VERSION = "1.4.0"
FINDINGS, DETECTION_FINDING = 2, 2004
CREATE, UPDATE = 1, 2
SEVERITY = ("Informational", "Low", "Medium", "High", "Critical")
"""By our rank; `severity_id` is one more."""


def ocsf_document(item: Item, message: Message) -> Document:
    """The event of one finding. `metadata.uid` is the idempotency key of the message."""
    finding = item.finding
    rank = RANK[finding.severity]
    activity = UPDATE if item.news else CREATE
    technique, _, sub = finding.technique.partition(".")
    seen = {"first_seen_time": finding.first, "last_seen_time": finding.last}
    attack = {"technique": {"uid": technique}} | ({"sub_technique": {"uid": finding.technique}} if sub else {})
    return {
        "category_uid": FINDINGS,
        "category_name": "Findings",
        "class_uid": DETECTION_FINDING,
        "class_name": "Detection Finding",
        "activity_id": activity,
        "activity_name": "Update" if item.news else "Create",
        "type_uid": DETECTION_FINDING * 100 + activity,
        "time": _milliseconds(message.created),
        "severity_id": rank + 1,
        "severity": SEVERITY[rank],
        "status_id": 1,
        "status": "New",
        "is_alert": not message.test,
        "message": finding.title,
        "metadata": {
            "version": VERSION,
            "uid": message.key,
            "product": {"name": "graphmap", "vendor_name": "graphmap", "version": version("graphmap")},
            "labels": ["test"] if message.test else [],
        },
        "finding_info": {
            "uid": finding.id,
            "title": finding.title,
            "desc": "; ".join([*item.news, *finding.why]),
            "types": ["Lateral Movement"],
            "analytic": {"type_id": 1, "type": "Rule", "name": finding.detector, "uid": finding.detector},
            "attacks": [attack],
            **{name: _milliseconds(moment) for name, moment in seen.items() if moment is not None},
        },
        "evidences": [_evidence(hop) for hop in finding.hops],
        "unmapped": {"graphmap": item.document()},
    }


def _evidence(hop: Hop) -> Document:
    return {
        "actor": {"user": {"name": hop.user}},
        "src_endpoint": _endpoint(hop.src),
        "dst_endpoint": _endpoint(hop.dst) | {"svc_name": hop.service},
    }


def _endpoint(name: str) -> Document:
    try:
        ip_address(name)
    except ValueError:
        return {"hostname": name}
    return {"ip": name}


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
