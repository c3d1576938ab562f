"""Where tables lie: in a folder, or at an address of an object store. Nothing else knows the difference.

How to get at an object store, and as whom, is in the environment alone, in the names of the Rust crate object_store,
which deltalake and Polars both have on board (https://docs.rs/object_store: `aws`, `gcp` and `azure`).
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphmap.errors import StoreError
from graphmap.store.refusals import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

CONNECT_SECONDS, REQUEST_SECONDS, RETRY_SECONDS, RETRIES = 5, 60, 20, 3
"""How long an object store may take to accept a connection, and to answer; how long and how often it is asked again."""

_VARIABLES = {"s3": "AWS_", "gs": "GOOGLE_", "abfs": "AZURE_", "abfss": "AZURE_", "az": "AZURE_"}

# Tried with deltalake 1.6: it takes these for parts of a URL and opens another folder, or none.
_UNUSABLE = re.compile(r"[\x00-\x1f\x7f\[\]\\^|\ud800-\udfff]|%[0-9A-Fa-f]{2}")

_AGAIN = "run the same command again: nothing is added twice"


@dataclass(frozen=True, slots=True)
class Location:
    """A folder, or an address of an object store (`graphmap.config.SCHEMES`) without a slash at its end."""

    place: Path | str

    @classmethod
    def of(cls, place: Path | str | Location) -> Location:
        """Where that is.

        Raises
        ------
        StoreError
            The folder's name, or that of one above it, has characters that the Delta library cannot cope with.
        """
        found = place if isinstance(place, Location) else cls(place)
        if (folder := found.folder) and (bad := _UNUSABLE.search(folder.resolve().as_posix())):
            raise StoreError(
                f"{place} cannot hold the lake: {bad.group()!r} in the name of a folder", hint="choose another --home"
            )
        return found

    @property
    def folder(self) -> Path | None:
        """The folder; None for an address."""
        return self.place if isinstance(self.place, Path) else None

    def __str__(self) -> str:
        return str(self.place)

    def __truediv__(self, name: str) -> Location:
        return Location(self.place / name if isinstance(self.place, Path) else f"{self.place}/{name}")

    def absolute(self) -> Location:
        """The same for a process that works in another folder."""
        return Location(self.place.resolve()) if isinstance(self.place, Path) else self

    def make(self) -> None:
        """Make the folder; an object store knows none."""
        if isinstance(self.place, Path):
            self.place.mkdir(parents=True, exist_ok=True)

    def file(self, name: str) -> str:
        """A file below it, as Polars takes it."""
        return str(self / name)

    @property
    def delta(self) -> dict[str, str] | None:
        """How deltalake is to deal with it (its parameter `storage_options`)."""
        if self.folder:
            return None
        return {
            "connect_timeout": f"{CONNECT_SECONDS}s",
            "timeout": f"{REQUEST_SECONDS}s",
            "retry_timeout": f"{RETRY_SECONDS}s",
            "max_retries": str(RETRIES),
        }

    @property
    def polars(self) -> dict[str, Any]:
        """How Polars is to deal with it (parameters of what reads and writes); it finds what deltalake finds."""
        if self.folder:
            return {}
        options = {
            "connect_timeout": f"{CONNECT_SECONDS}s",
            "timeout": f"{REQUEST_SECONDS}s",
            "retry_timeout_ms": RETRY_SECONDS * 1000,
            "max_retries": RETRIES,
        }
        return {"storage_options": options, "credential_provider": None}

    def size(self, name: str) -> int:
        """Bytes of a file below it."""
        from deltalake.fs import DeltaStorageHandler  # noqa: PLC0415 - needs pyarrow, which comes with Spark alone

        return int(DeltaStorageHandler(str(self), self.delta).get_file_info([name])[0].size)

    def trouble(self, error: Exception) -> StoreError:
        """What went wrong there, in words that tell no secret, and what to do about it."""
        if self.folder:
            return StoreError(f"{self}: {error}", hint=_hint(str(error).lower()))
        told = refusal(str(error))
        return StoreError(f"{self}: {told.message}", hint=told.hint or _AGAIN)


def variables(place: Path | str, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What of the environment says how to get at a location: other machines that read it need the same."""
    if isinstance(place, Path):
        return {}
    prefix = _VARIABLES[place.partition("://")[0]]
    return {name: value for name, value in environ.items() if name.startswith(prefix)}


def _hint(message: str) -> str:
    if "no space left" in message or "quota" in message or "file too large" in message:
        return f"free some space on that disk, then {_AGAIN}"
    if "permission denied" in message or "read-only" in message or "not a directory" in message:
        return "check the permissions of that folder, or choose another --home"
    return "if the folder is damaged, move it away and ingest the logs again"
