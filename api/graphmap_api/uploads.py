"""Logs that come over HTTP: to the disk as they come, under a name of ours, within a limit."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool

from graphmap.config import PRIVATE
from graphmap.errors import GraphmapError, InputError
from graphmap.pipeline.readiness import LEFT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

MOST = 4 * 2**30
"""Bytes of one upload, as it is sent."""

NAME = 100
"""Characters of a file's name."""

_ODD = re.compile(r"[^A-Za-z0-9._-]+")


class TooLargeError(GraphmapError):
    """An upload that is larger than may be, or than there is room for."""


def plain_name(told: str) -> str:
    """A name for a file that somebody else named: letters, digits, dots, hyphens; never hidden, never empty.

    Its end stays, which tells how a log is compressed.
    """
    last = re.split(r"[/\\]", told)[-1]
    return _ODD.sub("_", last)[-NAME:].lstrip(".-") or "log"


async def receive(body: AsyncIterator[bytes], folder: Path, name: str, *, most: int = MOST) -> tuple[Path, int]:
    """Write a body to a file of a new folder.

    Returns
    -------
    The file and its size in bytes. Where the body does not come to its end, nothing is left of it.

    Raises
    ------
    TooLargeError
        It has more than `most` bytes, or the disk would be full.
    InputError
        It has none.
    """
    file = folder / name
    size = 0
    await run_in_threadpool(folder.mkdir, mode=PRIVATE, parents=True)
    try:
        with file.open("xb") as stream:
            async for part in body:
                size += len(part)
                _check(size, most, folder)
                await run_in_threadpool(stream.write, part)
        if not size:
            raise InputError("the body is empty", hint="send a log as the body of the request")  # noqa: TRY301 - what is there has to go
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return file, size


def _check(size: int, most: int, folder: Path) -> None:
    if size > most:
        raise TooLargeError(f"the body has more than {most:,} bytes", hint="send it in parts")
    if shutil.disk_usage(folder).free < LEFT:
        raise TooLargeError("the disk of this server is nearly full", hint="nothing was kept; free some space")
