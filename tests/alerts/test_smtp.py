"""E-mail into a real server (aiosmtpd)."""

from __future__ import annotations

import email
import email.policy
import socket
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from graphmap.alerts.mail import Form, mail_of
from graphmap.errors import DeliveryError
from tests.alerts.entries import output
from tests.alerts.findings import HOSTILE, MESSAGE, TWO, with_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.alerts.receivers import Certificates

SECRET = "hunter2-hunter2"
ADDRESSES = {"from": "graphmap@corp.example", "to": ["soc@corp.example", "ann@corp.example"]}


@dataclass
class Box:
    """What a server took, and how it answers."""

    taken: list[tuple[list[str], bytes, bool]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    answer: str = "250 OK"
    port: int = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802, ARG002 # aiosmtpd asks for it
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802, ARG002 # aiosmtpd asks for it
        if self.answer.startswith("250"):
            self.taken.append((envelope.rcpt_tos, envelope.content, session.ssl is not None))
        return self.answer


@contextmanager
def mail_server(box: Box, **options: Any) -> Iterator[Box]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        box.port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=box.port, **options)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def check_password(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:  # noqa: ARG001 # aiosmtpd asks for it
    good = isinstance(data, LoginPassword) and data.password == SECRET.encode()
    return AuthResult(success=good, handled=False)


def test_a_mail_arrives_whole(tmp_path: Path) -> None:
    with mail_server(Box()) as box:
        made = output(tmp_path, kind="email", url=f"smtp://127.0.0.1:{box.port}", **ADDRESSES, group=20)
        assert made.send(TWO) == "taken for 2 recipients"
    ((recipients, content, secure),) = box.taken
    form = Form("graphmap@corp.example", ("soc@corp.example", "ann@corp.example"))
    assert (recipients, secure) == (ADDRESSES["to"], False)
    assert content == mail_of(TWO, form).as_bytes()


def test_hostile_text_reaches_nobody_else(tmp_path: Path) -> None:
    with mail_server(Box()) as box:
        output(
            tmp_path, kind="email", url=f"smtp://127.0.0.1:{box.port}", **ADDRESSES, subject="$title"
        ).send(with_text(HOSTILE))  # fmt: skip
    ((recipients, content, _),) = box.taken
    mail = email.message_from_bytes(content, policy=email.policy.default)
    assert recipients == ADDRESSES["to"]
    assert mail["Bcc"] is None
    assert "\\r\\nBcc: all@corp.example" in mail["Subject"]


def test_starttls_and_a_password_from_the_environment(
    tmp_path: Path, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"tls_context": certificates.server(), "auth_required": True, "require_starttls": True}
    keys = {"kind": "email", **ADDRESSES, "user": "ann", "secret_env": "MAIL_KEY", "ca_file": str(certificates.ca)}
    with mail_server(Box(), authenticator=check_password, **options) as box:
        url = f"smtp+starttls://localhost:{box.port}"
        monkeypatch.setenv("MAIL_KEY", SECRET)
        assert output(tmp_path, url=url, **keys).send(MESSAGE) == "taken for 2 recipients"
        monkeypatch.setenv("MAIL_KEY", "wrong-password")
        with pytest.raises(DeliveryError, match="SMTP 535 ") as caught:
            output(tmp_path, url=url, **keys).send(MESSAGE)
        assert "wrong-password" not in caught.value.message
        assert not caught.value.lasting
    assert [secure for _, _, secure in box.taken] == [True]


def test_a_server_without_starttls_gets_nothing(tmp_path: Path, certificates: Certificates) -> None:
    with mail_server(Box()) as box:
        url = f"smtp+starttls://localhost:{box.port}"
        with pytest.raises(DeliveryError, match="STARTTLS"):
            output(tmp_path, kind="email", url=url, **ADDRESSES, ca_file=str(certificates.ca)).send(MESSAGE)
    assert box.taken == []


def test_tls_from_the_start(tmp_path: Path, certificates: Certificates) -> None:
    with mail_server(Box(), ssl_context=certificates.server()) as box:
        made = output(
            tmp_path, kind="email", url=f"smtps://localhost:{box.port}", **ADDRESSES, ca_file=str(certificates.ca)
        )
        assert made.send(MESSAGE) == "taken for 2 recipients"
    assert len(box.taken) == 1


@pytest.mark.parametrize(
    ("answer", "lasting"),
    [("451 try later", False), ("552 too large", True), ("554 no \x1b[31m", True), ("550 spam", False)],
)
def test_a_refused_mail(tmp_path: Path, answer: str, lasting: bool) -> None:
    with mail_server(Box(answer=answer)) as box:
        made = output(tmp_path, kind="email", url=f"smtp://127.0.0.1:{box.port}", **ADDRESSES)
        with pytest.raises(DeliveryError) as caught:
            made.send(MESSAGE)
    assert caught.value.message == f"smtp://127.0.0.1:{box.port}: SMTP {answer}".replace("\x1b", "\\x1b")
    assert caught.value.lasting is lasting


def test_who_was_refused_is_told(tmp_path: Path) -> None:
    with mail_server(Box(refused={"ann@corp.example": "550 no such user"})) as box:
        made = output(tmp_path, kind="email", url=f"smtp://127.0.0.1:{box.port}", **ADDRESSES)
        assert made.send(MESSAGE) == "taken for 1 recipient; refused: ann@corp.example: SMTP 550 no such user"
        box.refused["soc@corp.example"] = "450 busy"
        with pytest.raises(DeliveryError, match=r"soc@corp.example: SMTP 450 busy; ann@corp.example: SMTP 550"):
            made.send(MESSAGE)
    assert [recipients for recipients, _, _ in box.taken] == [["soc@corp.example"]]


def test_nobody_there(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(DeliveryError, match="Connection refused"):
        output(tmp_path, kind="email", url=f"smtp://127.0.0.1:{port}", **ADDRESSES).send(MESSAGE)
