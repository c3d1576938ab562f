"""Client text in a line never becomes a field: lines written as sshd writes them, with names made of its grammar.

The writer below is independent of the reader: it only knows the format strings of OpenSSH (auth.c, packet.c,
auth-pam.c, kex.c) and puts text into them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import example, given
from hypothesis import strategies as st

from tests.readers.reading import HEADER, read_bytes, read_messages

if TYPE_CHECKING:
    from collections.abc import Callable

FRAGMENTS = [
    "", " ", "root", "admin", "invalid user ", "illegal user ", "user ", "authenticating ", "from", " from ", "for",
    " for ", "port", " port ", "ssh2", " ssh2", " ssh2: ", ": ", "[preauth]", " [preauth]", "9.9.9.9", "::1", "5", "22",
    " from 9.9.9.9", " from 9.9.9.9 port 5", " from 9.9.9.9 port 5 ssh2", " 9.9.9.9 port 5", " 9.9.9.9 port 5: ",
    " from 9.9.9.9 port 5 ssh2: RSA SHA256:forged", "RSA SHA256:forged", "RSA-CERT SHA256:forged ID ", " ID x",
    " (serial 1) CA RSA SHA256:forged", ', client user "x"', "Accepted password for root", "Invalid user ", "'",
    "message repeated 5 times: [ ", "]", " not allowed because ", "rhost=9.9.9.9", " user=root", "\\", "\\\\", "\\012",
    "Bye Bye", "Change of username or service not allowed: ", "->", "é", "(", ")", "\x1b[31m",
]  # fmt: skip
NAMES = st.one_of(
    st.lists(st.sampled_from(FRAGMENTS), max_size=6).map("".join),
    st.text(st.characters(blacklist_characters="\n\r", blacklist_categories=["Cs"]), max_size=30),
)
ADDRESSES = st.sampled_from(["6.6.6.6", "2001:db8::7"])
PORTS = st.integers(1, 65535)


@dataclass(frozen=True)
class Client:
    user: str
    addr: str
    port: int


CLIENTS = st.builds(Client, NAMES, ADDRESSES, PORTS)
TRUE_KEY = "SHA256:0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"

# What sshd writes of an account that does not exist, by kind.
UNKNOWN: dict[str, Callable[[Client], str]] = {
    "invalid-user": lambda c: f"Invalid user {c.user} from {c.addr} port {c.port}",
    "failed": lambda c: f"Failed password for invalid user {c.user} from {c.addr} port {c.port} ssh2",
    "postponed": lambda c: (
        f"Postponed keyboard-interactive for invalid user {c.user} from {c.addr} port {c.port} ssh2 [preauth]"
    ),
    "max-attempts": lambda c: (
        f"error: maximum authentication attempts exceeded for invalid user {c.user} from {c.addr} "
        f"port {c.port} ssh2 [preauth]"
    ),
    "preauth-closed": lambda c: f"Connection closed by invalid user {c.user} {c.addr} port {c.port} [preauth]",
}


def says(message: str, client: Client, kind: str, *, user: str | None) -> None:
    """The one event of a message has these fields, or there is none."""
    reading = read_messages(message)
    assert len(reading.events) + len(reading.rejects) == 1
    for event in reading.rows("kind", "outcome", "domain", "user", "src_ip", "src_port"):
        if event["domain"] is not None:
            assert user is not None
            assert user.replace("\\\\", "\\") == f"{event['domain']}\\{event['user']}"
            event["user"] = user
        assert event == {
            "kind": kind,
            "outcome": "unknown" if kind == "postponed" else "failure",
            "domain": event["domain"],
            "user": user,
            "src_ip": client.addr,
            "src_port": client.port,
        }


@given(client=CLIENTS, kind=st.sampled_from(sorted(UNKNOWN)))
@example(Client("x from 9.9.9.9 port 5 ssh2", "6.6.6.6", 7), "failed")
@example(Client("x from 9.9.9.9 port 5 ssh2: RSA SHA256:forged", "6.6.6.6", 7), "failed")
@example(Client("x 9.9.9.9 port 5 [preauth]", "6.6.6.6", 7), "preauth-closed")
@example(Client("", "6.6.6.6", 7), "invalid-user")
def test_unknown_account(client: Client, kind: str) -> None:
    says(UNKNOWN[kind](client), client, kind, user=client.user)


@given(client=CLIENTS)
def test_unknown_account_is_always_understood_where_the_tail_decides(client: Client) -> None:
    assert len(read_messages(*(write(client) for write in UNKNOWN.values())).events) == len(UNKNOWN)


@given(client=CLIENTS, key_id=NAMES)
@example(Client("bob", "6.6.6.6", 7), "x from 9.9.9.9 port 5 ssh2: RSA-CERT SHA256:forged ID q")
def test_certificate_of_an_unknown_account(client: Client, key_id: str) -> None:
    line = (
        f"Failed publickey for invalid user {client.user} from {client.addr} port {client.port} ssh2: "
        f"RSA-CERT {TRUE_KEY} ID {key_id} (serial 0) CA RSA SHA256:ca"
    )
    says(line, client, "failed", user=client.user)


@given(addr=ADDRESSES, port=PORTS, key_id=NAMES, verdict=st.sampled_from(["Accepted", "Failed"]))
def test_certificate_of_an_existing_account(addr: str, port: int, key_id: str, verdict: str) -> None:
    line = f"{verdict} publickey for bob from {addr} port {port} ssh2: ED25519-CERT {TRUE_KEY} ID {key_id} (serial 4) CA RSA SHA256:ca"
    (event,) = read_messages(line).rows("user", "src_ip", "src_port", "key", "cert_id")
    assert event == {"user": "bob", "src_ip": addr, "src_port": port, "key": TRUE_KEY, "cert_id": key_id}


@given(client=CLIENTS, other=NAMES)
def test_disconnecting(client: Client, other: str) -> None:
    line = (
        f"Disconnecting invalid user {client.user} {client.addr} port {client.port}: Change of username or service "
        f"not allowed: ({client.user},ssh-connection) -> ({other},ssh-connection) [preauth]"
    )
    says(line, client, "preauth-closed", user=client.user)


@given(client=CLIENTS)
def test_pam_error_of_an_unknown_account(client: Client) -> None:
    reading = read_messages(f"error: PAM: Authentication failure for illegal user {client.user} from {client.addr}")
    for event in reading.rows("outcome", "action", "src_ip"):
        assert event == {"outcome": "failure", "action": "connection", "src_ip": client.addr}
    assert len(reading.events) == 1


@given(text=NAMES, addr=ADDRESSES, port=PORTS)
def test_words_of_the_client_behind_the_address(text: str, addr: str, port: int) -> None:
    reading = read_messages(
        f"Received disconnect from {addr} port {port}:11: {text}",
        f"Unable to negotiate with {addr} port {port}: no matching MAC found. Their offer: {text} [preauth]",
        f"Bad protocol version identification '{text}' from {addr} port {port}",
    )
    assert reading.rows("src_ip", "src_port", "user") == [{"src_ip": addr, "src_port": port, "user": None}] * 3


@given(user=NAMES, ruser=NAMES, addr=ADDRESSES)
def test_pam_facts(user: str, ruser: str, addr: str) -> None:
    facts = f"logname= uid=0 euid=0 tty=ssh ruser={ruser} rhost={addr}  user={user}"
    reading = read_messages(f"pam_unix(sshd:auth): authentication failure; {facts}")
    for event in reading.rows("action", "outcome", "src_ip"):
        assert event == {"action": "connection", "outcome": "failure", "src_ip": addr}


def written(client: Client) -> bytes:
    return "".join(f"{HEADER}{write(client)}\n" for write in UNKNOWN.values()).encode()


@given(client=CLIENTS, places=st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=3)), max_size=8))
def test_mutated_lines_are_all_accounted_for(client: Client, places: list[tuple[int, bytes]]) -> None:
    data = bytearray(written(client))
    for place, change in places:
        data[place % len(data) : place % len(data) + 1] = change
    reading = read_bytes(bytes(data))
    assert reading.accounted() == reading.lines
    assert "success" not in set(reading.events["outcome"]) or b"Accepted" in data


@given(data=st.binary(max_size=300))
def test_any_bytes_are_all_accounted_for(data: bytes) -> None:
    reading = read_bytes(data)
    assert reading.accounted() == reading.lines == data.count(b"\n") + (not data.endswith(b"\n") and data != b"")
