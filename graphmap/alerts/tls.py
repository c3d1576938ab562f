"""TLS of outputs: the receiver is always verified; a CA and a certificate of one's own may be named."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from graphmap.errors import DeliveryError

if TYPE_CHECKING:
    from graphmap.alerts.entry import Entry


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom to trust, and how to show who we are: PEM files; None for the system's CAs, and for no certificate."""

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    def context(self) -> ssl.SSLContext:
        """TLS 1.2 or later, with the name of the host verified.

        Raises
        ------
        DeliveryError
            A file cannot be read or is none of its kind.
        """
        try:
            context = ssl.create_default_context(cafile=self.ca)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            if self.certificate is not None:
                context.load_cert_chain(self.certificate, self.key)
        except OSError as error:  # which ssl.SSLError is
            files = ", ".join(str(file) for file in (self.ca, self.certificate, self.key) if file)
            raise DeliveryError(f"{files}: {error.strerror or error}") from error
        return context


SYSTEM = Trust()
"""The CAs of the system, and no certificate of ours."""


def read_trust(entry: Entry) -> Trust:
    """Read ``ca_file``, ``certificate_file`` and ``key_file``."""
    trust = Trust(entry.path("ca_file"), entry.path("certificate_file"), entry.path("key_file"))
    if trust.key is not None and trust.certificate is None:
        entry.wrong("certificate_file", "is missing", "a key is of no use without its certificate")
    return trust
