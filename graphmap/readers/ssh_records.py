"""What the grammar of sshd's messages finds, as a record: for formats that hold other events beside those of sshd."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmap.model import Witness
from graphmap.readers.batches import place
from graphmap.readers.kinds import KINDS
from graphmap.readers.records import Record

if TYPE_CHECKING:
    from graphmap.readers.fields import Fields


def ssh_record(fields: Fields, time: int, host: str | None, pid: int | None) -> Record:
    """Make the event of a message of sshd or Dropbear, with the columns that the `sshd` reader fills."""
    means = KINDS[fields.kind]
    address, name = place(fields.addr) if fields.addr else (None, None)
    port = _port(fields.port)
    shown = f"[{address}]" if address and ":" in address else address
    return Record(
        time=time,
        action=means.action,
        outcome=means.outcome,
        service="ssh",
        kind=fields.kind,
        witness=Witness.SERVER,
        user=fields.user,
        src_ip=address,
        src_host=name,
        src_port=port,
        dst_host=host,
        dst_ip=place(fields.dst)[0] if fields.dst else None,
        dst_port=_port(fields.dst_port),
        method=fields.method,
        key=fields.key,
        cert_id=fields.cert_id,
        session=f"{shown}:{port}" if address and port else None,
        pid=pid,
        command=fields.command,
    )


def _port(text: str | None) -> int | None:
    number = int(text) if text and text.isascii() and text.isdigit() and len(text) <= 5 else 0  # noqa: PLR2004 - digits of 65535
    return number if 0 < number <= 65_535 else None  # noqa: PLR2004 - the largest port
