"""Webhooks: one POST a message. The only door to HTTP here."""

from __future__ import annotations

import logging
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from graphmap.alerts.address import check_web
from graphmap.alerts.fields import Template, parse_template
from graphmap.alerts.forms import FORMATS, JSON, Body, body_of, check_json_template
from graphmap.alerts.secrets import Secret, without
from graphmap.alerts.slack import MOST_FINDINGS
from graphmap.alerts.tls import SYSTEM, Trust, read_trust
from graphmap.documents import visible
from graphmap.errors import DeliveryError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.alerts.entry import Entry
    from graphmap.alerts.message import Message

ANSWER = 300
"""Bytes of the receiver's answer that are read and shown."""
TELLING = 8
"""Characters from which on the path of a URL may be a secret."""
SECRET_HEADER = "Authorization: Bearer {secret}"  # noqa: S105 # where the secret goes, not the secret

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token, RFC 9110 section 5.6.2
_OURS = {"host", "content-length", "content-type", "transfer-encoding", "idempotency-key", "connection"}
_REFUSED = {400, 405, 406, 411, 413, 414, 415, 422, 431}
"""The receiver refuses this message and will again; whatever else fails may be mended there or here."""

# httpx writes each URL to its log at level INFO, and the path of a webhook is often a secret.
logging.getLogger("httpx").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where to, in which shape, and what proves that it is us.

    `secret_header` is a name and a value in which ``{secret}`` stands for the secret.
    """

    url: Secret
    format: str = "json"
    template: Template | None = None
    headers: dict[str, str] = field(default_factory=dict)
    secret: Secret | None = field(default=None, repr=False)
    secret_header: str = SECRET_HEADER
    trust: Trust = SYSTEM

    @property
    def where(self) -> str:
        """The host, or where its address is kept."""
        return self.url.source.rpartition(".")[2] if self.url.plain is None else str(check_web(self.url.plain))

    @property
    def together(self) -> int:
        """How many findings a message may have."""
        return {"json": 1000, "slack": MOST_FINDINGS}.get(self.format, 1)

    def send(self, message: Message, timeout: float) -> str:
        """POST it and give the receiver's answer.

        The idempotency key is in the header ``Idempotency-Key``. No redirect is followed, no proxy or ``.netrc`` of the
        environment is used.

        Raises
        ------
        DeliveryError
            Whatever is no answer of 200 to 299.
        """
        url = self.url.reveal()
        secret = self.secret.reveal() if self.secret else ""
        hidden = (url, *_telling(url), secret)
        try:
            check_web(url)
        except InputError as error:
            raise DeliveryError(f"{self.url.source}: {error.message}") from error
        body = body_of(self.format, message, self.template)
        try:
            code, answer, headers = self._post(url, body, self._headers(message, body, secret), timeout)
        except httpx.TimeoutException as error:
            raise DeliveryError(f"{self.where}: no answer within {timeout:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            said = without(str(error), *hidden) or type(error).__name__
            raise DeliveryError(f"{self.where}: {said}") from error
        told = f"HTTP {code} {without(visible(answer), *hidden)}".rstrip()
        if httpx.codes.is_success(code):
            return told
        raise DeliveryError(f"{self.where}: {told}", lasting=code in _REFUSED, after=_retry_after(headers))

    def _headers(self, message: Message, body: Body, secret: str) -> dict[str, str]:
        name, _, value = self.secret_header.partition(":")
        return {
            "User-Agent": f"graphmap/{version('graphmap')}",
            **self.headers,
            **({name.strip(): value.strip().replace("{secret}", secret)} if secret else {}),
            "Content-Type": body.kind,
            "Idempotency-Key": message.key,
        }

    def _post(self, url: str, body: Body, headers: dict[str, str], timeout: float) -> tuple[int, str, httpx.Headers]:
        client = httpx.Client(
            verify=self.trust.context() if url.startswith("https") else False,  # plain HTTP has none
            timeout=timeout,
            trust_env=False,
            follow_redirects=False,
        )
        with client, client.stream("POST", url, content=body.content, headers=headers) as response:
            read = b""
            for chunk in response.iter_raw(ANSWER):
                read += chunk
                if len(read) >= ANSWER:
                    break
        return response.status_code, read[:ANSWER].decode(errors="replace").strip(), response.headers


def _telling(url: str) -> Iterator[str]:
    """What of a URL may be a secret and come back in an answer, as in "cannot POST /services/T0/B0/...": its path."""
    parts = urlsplit(url)
    return (part for part in (f"{parts.path}?{parts.query}", parts.path, parts.query) if len(part) >= TELLING)


def _retry_after(headers: httpx.Headers) -> float | None:
    """Seconds of Retry-After: a number or a date (RFC 9110 section 10.2.3); None where it is neither."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((at - datetime.now(UTC)).total_seconds(), 0.0)


def read_webhook(entry: Entry) -> Webhook:
    """Read an entry of kind ``webhook``."""
    form = entry.choice("format", (*FORMATS, "template"), JSON)
    template = entry.read("template", parse_template)
    if form == "template":
        if template is None:
            entry.wrong("template", "is missing", 'write it like \'{"text": "$title"}\'')
        try:
            check_json_template(template)
        except InputError as error:
            entry.wrong("template", error.message, error.hint)
    elif template is not None and form != "slack":
        entry.wrong("template", f"the format {form} has none", 'use format = "template" or "slack"')
    return _webhook(entry, entry.secret("url", hidden=False), form, template)


def read_slack(entry: Entry) -> Webhook:
    """Read an entry of kind ``slack``: its whole address is a secret."""
    return _webhook(entry, entry.secret("url"), "slack", entry.read("template", parse_template))


def _webhook(entry: Entry, url: Secret | None, form: str, template: Template | None) -> Webhook:
    if url is None:
        entry.wrong("url", "is missing", "write url_file or url_env, and there the address")
    if url.plain is not None:
        try:
            check_web(url.plain)
        except InputError as error:
            entry.wrong(url.source.rpartition(".")[2], error.message, error.hint)
    headers = entry.table("headers")
    for name, value in headers.items():
        _check_header(entry, "headers", name, value)
    secret_header = entry.text("secret_header") or SECRET_HEADER
    name, colon, value = secret_header.partition(":")
    if not colon or "{secret}" not in value:
        entry.wrong("secret_header", "must be a name and a value", f'write it like "{SECRET_HEADER}"')
    _check_header(entry, "secret_header", name.strip(), value)
    secret = entry.secret("secret")
    return Webhook(url, form, template, headers, secret, secret_header, read_trust(entry))


def _check_header(entry: Entry, key: str, name: str, value: str) -> None:
    if not _NAME.fullmatch(name) or name.lower() in _OURS:
        entry.wrong(key, f"{name!r} is no header that can be set")
    if not value.isascii() or any(unicodedata.category(character) == "Cc" for character in value):
        entry.wrong(key, f"the value of {name} must be ASCII without control characters")
    if name.lower() in {"authorization", "proxy-authorization", "cookie"} and "{secret}" not in value:
        entry.wrong(key, f"{name} holds a secret", "use secret_file or secret_env, and secret_header")
