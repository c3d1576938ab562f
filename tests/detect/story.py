"""Small stories of who went where, as logs, and what the detectors make of them."""

from __future__ import annotations

from datetime import UTC, datetime
from textwrap import dedent
from typing import TYPE_CHECKING

from graphmap.graph.explain import hop_at
from graphmap.model import Line
from graphmap.pipeline.estate import Estate
from graphmap.policy.yaml_form import parse_policy
from tests.estates import estate

if TYPE_CHECKING:
    from graphmap.detect import Detector
    from graphmap.model import Chain, Finding, Hop

ADDRESSES = {
    "ws1": "10.0.1.1",
    "ws2": "10.0.1.2",
    "web1": "10.0.2.1",
    "app1": "10.0.3.1",
    "db1": "10.0.4.1",
    "db2": "10.0.4.2",
}
INVENTORY = """
    segments:
      - {name: office, cidrs: [10.0.1.0/24]}
      - {name: dmz, cidrs: [10.0.2.0/24]}
      - {name: servers, cidrs: [10.0.3.0/24]}
      - {name: prod, restricted: true, cidrs: [10.0.4.0/24]%s}
    hosts:
      - {name: ws1, addresses: [10.0.1.1], owner: adm-ann}
      - {name: ws2, addresses: [10.0.1.2]}
      - {name: web1, addresses: [10.0.2.1]}
      - {name: app1, addresses: [10.0.3.1]}
      - {name: db1, addresses: [10.0.4.1]}
      - {name: db2, addresses: [10.0.4.2]}
    accounts: [{name: ann, aliases: [adm-ann]}]
"""


def told(
    *deeds: str, allowed_from: str | None = None, inventory: bool | str = True, policy: str | None = None
) -> Estate:
    """The estate of deeds, one a log line: line n is deed n, ends follow.

    A deed is ``[MM-DD ]TIME SOURCE>HOST USER HOW[ until TIME]``; HOW is ``password``, or a key's name, with ``!`` in
    front where it was refused. `allowed_from` is the policy of the segment prod; `inventory` may be another one, or
    none; `policy` is a file.
    """
    allowed = "" if allowed_from is None else f", allowed_from: {allowed_from}"
    text = inventory if isinstance(inventory, str) else INVENTORY % allowed if inventory else ""
    found = estate("".join(log_of(*deeds)), inventory=text)
    return (
        Estate(found.events, found.inventory, policy=parse_policy(dedent(policy), "policy.yaml")) if policy else found
    )


def log_of(*deeds: str) -> list[str]:
    """The log lines of deeds."""
    pairs = [_lines(deed, 50000 + number) for number, deed in enumerate(deeds)]
    return [line for line, _ in pairs] + [end for _, end in pairs if end]


def _lines(deed: str, port: int) -> tuple[str, str | None]:
    words = deed.split()
    day = words.pop(0) if "-" in words[0] else "03-01"
    stamp, way, user, how, *until = words
    source, host = way.split(">")
    verdict, how = ("Failed", how[1:]) if how[0] == "!" else ("Accepted", how)
    method, key = ("password", "") if how == "password" else ("publickey", f": ED25519 SHA256:{how}")
    origin = f"{ADDRESSES.get(source, source)} port {port}"
    user = "" if user == "-" else user
    line = f"{_stamp(day, stamp)} {host} sshd[{port}]: {verdict} {method} for {user} from {origin} ssh2{key}\n"
    end = f"{_stamp(day, until[1])} {host} sshd[{port}]: Disconnected from user {user} {origin}\n" if until else None
    return line, end


def _stamp(day: str, time: str) -> str:
    return datetime.fromisoformat(f"2026-{day}T{time}+00:00").astimezone(UTC).isoformat()


def hop(of: Estate, number: int) -> Hop:
    """The hop of deed `number`, from 1."""
    rows = [row for row, lines in enumerate(of.hops["lines"]) if lines[0]["line"] == number]
    assert len(rows) == 1
    return hop_at(of.table.take(rows), rows[0])


def chain(of: Estate) -> Chain:
    """The only chain."""
    assert len(of.chains()) == 1
    return of.chains()[0][1]


def lines(*numbers: int) -> tuple[Line, ...]:
    return tuple(Line("auth.log", number) for number in numbers)


def hunted(of: Estate, detector: Detector) -> list[Finding]:
    """What one detector finds, and finds again in shuffled evidence."""
    found = of.hunt([detector])
    shuffled = Estate(of.events.sample(fraction=1, shuffle=True, seed=7), of.inventory, policy=of.policy)
    assert shuffled.hunt([detector]) == found
    assert of.hunt([detector]) == found
    return found
