"""What the grammar of sshd's messages finds, as a record: for formats that hold other events beside those of sshd."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmap.model import Witness
from graphmap.readers.batches import place
from graphmap.readers.kinds import KINDS
from graphmap.readers.records import LARGEST_PORT, Record

if TYPE_CHECKING:
    from graphmap.readers.fields import Fields


def ssh_record(fields: Fields, time: int, host: str | None, pid: int | None) -> Record:
    """Make the event of a message of sshd or Dropbear, with the columns that the `sshd` reader fills."""
    return Record(**{**of_message(fields), "time": time, "dst_host": host, "pid": pid})


def of_message(fields: Fields) -> Record:
    """The columns that a message of an SSH server fills, as its own readers give them; who carries it adds the rest."""
    means = KINDS[fields.kind]
    address, name = place(fields.addr) if fields.addr else (None, None)
    port = _digits(fields.port)
    return Record(
        action=means.action,
        outcome=means.outcome,
        service="ssh",
        kind=fields.kind,
        witness=Witness.SERVER,
        user=fields.user,
        src_ip=address,
        src_host=name,
        src_port=port,
        dst_ip=place(fields.dst)[0] if fields.dst else None,
        dst_port=_digits(fields.dst_port),
        method=fields.method,
        key=fields.key,
        cert_id=fields.cert_id,
        session=_connection(address, port),
        command=fields.command,
    )


def _digits(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 18 else None  # noqa: PLR2004 - int64


def _connection(address: str | None, port: int | None) -> str | None:
    """What joins the lines of one connection: the client's address and port, where both are known."""
    if address is None or port is None or not 1 <= port <= LARGEST_PORT:
        return None
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
