"""E-mail by SMTP (RFC 5321), with TLS from the start (RFC 8314) or by STARTTLS (RFC 3207)."""

from __future__ import annotations

import re
import smtplib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graphmap.alerts.address import Place, parse_place
from graphmap.alerts.fields import parse_template
from graphmap.alerts.mail import Form, mail_of
from graphmap.alerts.secrets import Secret, without
from graphmap.alerts.tls import SYSTEM, Trust, read_trust
from graphmap.documents import number_of, visible
from graphmap.errors import DeliveryError

if TYPE_CHECKING:
    from graphmap.alerts.entry import Entry
    from graphmap.alerts.message import Message

PORTS = {"smtps": 465, "smtp+starttls": 587, "smtp": 25}
MOST_FINDINGS = 100

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")
_LASTING = range(552, 555)
"""Replies to a message that will be the same again: too large, not allowed, refused."""


@dataclass(frozen=True, slots=True)
class Mail:
    """By which server, as whom, and what."""

    place: Place
    form: Form
    user: str | None = None
    secret: Secret | None = field(default=None, repr=False)
    trust: Trust = SYSTEM

    @property
    def where(self) -> str:
        """The server and whom it is for."""
        return f"{self.place} to {', '.join(self.form.to)}"

    @property
    def together(self) -> int:
        """How many findings a mail may have."""
        return MOST_FINDINGS

    def send(self, message: Message, timeout: float) -> str:
        """Hand it to the server, and say for how many it took it.

        Raises
        ------
        DeliveryError
            The server did not take it for anybody.
        """
        password = self.secret.reveal() if self.secret else ""
        mail = mail_of(message, self.form)
        try:
            with self._connect(timeout) as server:
                if self.user is not None:
                    server.login(self.user, password)
                refused = server.send_message(mail, self.form.sender, list(self.form.to))
        except smtplib.SMTPRecipientsRefused as error:
            raise DeliveryError(f"{self.place}: {_replies(error.recipients)}") from error
        except smtplib.SMTPResponseException as error:
            said = without(_reply((error.smtp_code, error.smtp_error)), password)
            lasting = isinstance(error, smtplib.SMTPDataError) and error.smtp_code in _LASTING
            raise DeliveryError(f"{self.place}: {said}", lasting=lasting) from error
        except TimeoutError as error:
            raise DeliveryError(f"{self.place}: no answer within {timeout:g} s") from error
        except (smtplib.SMTPException, OSError) as error:
            said = getattr(error, "strerror", None) or str(error)
            raise DeliveryError(f"{self.place}: {without(visible(said), password)}") from error
        taken = f"taken for {number_of(len(self.form.to) - len(refused), 'recipient')}"
        return f"{taken}; refused: {_replies(refused)}" if refused else taken

    def _connect(self, timeout: float) -> smtplib.SMTP:
        host, port = self.place.host, self.place.port
        if self.place.scheme == "smtps":
            return smtplib.SMTP_SSL(host, port, timeout=timeout, context=self.trust.context())
        context = self.trust.context() if self.place.scheme == "smtp+starttls" else None
        server = smtplib.SMTP(host, port, timeout=timeout)
        if context is not None:
            try:
                server.starttls(context=context)
            except BaseException:
                server.close()
                raise
        return server


def _replies(refused: dict[str, tuple[int, bytes]]) -> str:
    return "; ".join(f"{address}: {_reply(reply)}" for address, reply in refused.items())


def _reply(reply: tuple[int, bytes | str]) -> str:
    code, said = reply
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return visible(f"SMTP {code} {text}")[:300]


def read_email(entry: Entry) -> Mail:
    """Read an entry of kind ``email``."""
    entry.needed("url", "write it like smtp+starttls://mail.example:587")
    place = entry.read("url", lambda text: parse_place(text, PORTS))
    sender = entry.needed("from", "write the address of the sender")
    to = entry.texts("to") or entry.wrong("to", "is missing", 'write it like ["soc@corp.example"]')
    for key, address in [("from", sender), *(("to", address) for address in to)]:
        if not _ADDRESS.fullmatch(address):
            entry.wrong(key, f"{address!r} is no address", "write it like soc@corp.example")
    user, secret = entry.text("user"), entry.secret("secret")
    if (user is None) != (secret is None):
        entry.wrong("user", "goes with a secret", "write user and secret_file or secret_env, or neither")
    form = Form(sender, to, entry.read("subject", parse_template), entry.read("template", parse_template))
    trust = read_trust(entry)
    if place is None:
        raise AssertionError("a needed key is there")
    if user is not None and place.scheme == "smtp":
        entry.wrong("url", "would send the secret in clear", "use smtp+starttls:// or smtps://")
    return Mail(place, form, user, secret, trust)
