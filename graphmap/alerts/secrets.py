"""Secrets: read where they are used, never shown."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from graphmap.errors import DeliveryError

LONGEST = 8192
"""Bytes of a secret in a file, at most."""


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret is.

    Parameters
    ----------
    source
        The key that names it, as in ``secret_file``, for errors.
    file, variable
        The file or environment variable that holds it; where both are None it is `plain`.
    """

    source: str
    file: Path | None = None
    variable: str | None = None
    plain: str | None = field(default=None, repr=False)

    def reveal(self) -> str:
        """The secret as it is now, without white space around it.

        Raises
        ------
        DeliveryError
            It cannot be read, is empty, or has control characters; the message does not hold it.
        """
        text = self._read().strip()
        if not text:
            raise DeliveryError(f"{self.source}: it is empty")
        if any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
            raise DeliveryError(f"{self.source}: it has control characters")
        return text

    def _read(self) -> str:
        if self.file is not None:
            try:
                with self.file.open("rb") as file:
                    content = file.read(LONGEST + 1)
                if len(content) > LONGEST:
                    raise DeliveryError(f"{self.source}: {self.file} is too long for a secret")
                return content.decode()
            except OSError as error:
                raise DeliveryError(f"{self.source}: {self.file}: {error.strerror}") from error
            except UnicodeDecodeError:
                raise DeliveryError(f"{self.source}: {self.file} is not UTF-8") from None
        if self.variable is not None:
            try:
                return os.environ[self.variable]
            except KeyError:
                raise DeliveryError(f"{self.source}: the variable {self.variable} is not set") from None
        return self.plain or ""


def without(text: str, *secrets: str) -> str:
    """A text in which secrets are stars, for messages."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text
