"""A copy of a home folder in one file, made while others work, and a home folder made of it again.

The order makes it right: the ledger is copied first, the lake after it. A ledger that is older than its lake only makes
some files be read again, and nothing is added twice; one that is younger would call files read whose events are not
there.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import tarfile
import tempfile
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from graphmap.config import PRIVATE
from graphmap.errors import InputError, StoreError
from graphmap.store.lake import Lake
from graphmap.store.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmap.config import Settings

MANIFEST = "graphmap-backup.json"
"""The first member of the file: what it is."""

KEPT = ("inventory.yaml", "policy.yaml", "graphmap.toml")
"""Small files of a home folder."""

SPOOLS = ("received", "uploads", "audit")
"""Folders of what came over the network, which evidence points to, and of who asked what."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What a file holds: made when, by which release, how many events and findings; and whether it has both stores."""

    made: str
    graphmap: str
    events: int
    findings: int
    ledger: bool
    lake: bool = True


def back_up(settings: Settings, target: Path, *, progress: Callable[[int, int], None] | None = None) -> Backup:
    """Write a copy of a home folder to a file (tar), whole or not at all.

    Parameters
    ----------
    settings
        Where the stores are. A ledger on PostgreSQL is left to pg_dump, and has to be dumped before; a lake in an
        object store is left to that store's own means, and has to be copied after.
    target
        The file; one that exists is replaced when the new one is complete.
    progress
        Called with the number of files written, and of all.

    Raises
    ------
    InputError
        There is nothing to copy, or `target` cannot be written.
    StoreError
        A store cannot be read.
    """
    if not settings.home.is_dir():
        raise InputError(f"{settings.home} does not exist, so there is nothing to copy")
    partial = target.with_name(f"{target.name}.partial")
    try:
        with tempfile.TemporaryDirectory() as folder, partial.open("wb") as file:
            partial.chmod(0o600)
            done = _write(settings, Path(folder) / "ledger.sqlite", file, progress)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise InputError(
            f"{target} cannot be written: {error.strerror or error}", hint="choose another disk"
        ) from error
    return done


def _write(
    settings: Settings, copy: Path, file: io.BufferedWriter, progress: Callable[[int, int], None] | None
) -> Backup:
    findings, own, near = 0, isinstance(settings.ledger, Path), isinstance(settings.lake, Path)
    if own:
        with Ledger(settings.ledger) as ledger:
            findings = ledger.count_findings()
            ledger.copy_to(copy)
    parts, events = Lake(settings.lake).parts() if near else ([], 0)
    done = Backup(datetime.now(UTC).isoformat(), version("graphmap"), events, findings, own, near)
    home = settings.home
    members = [(copy, "ledger.sqlite")] if own else []
    members += [(path, str(path.relative_to(home))) for path in parts]
    members += [(home / name, name) for name in KEPT if (home / name).is_file()]
    spools = [path for name in SPOOLS for path in sorted((home / name).rglob("*")) if path.is_file()]
    members += [(path, str(path.relative_to(home))) for path in spools]
    with tarfile.open(fileobj=file, mode="w") as archive:
        said = json.dumps(asdict(done)).encode()
        head = tarfile.TarInfo(MANIFEST)
        head.size = len(said)
        archive.addfile(head, io.BytesIO(said))
        for number, (path, name) in enumerate(members, 1):
            with suppress(FileNotFoundError) if path in spools else nullcontext():  # an upload that broke off meanwhile
                archive.add(path, name, recursive=False)
            if progress is not None:
                progress(number, len(members))
    return done


def restore(settings: Settings, source: Path) -> Backup:
    """Make a home folder of a file that `back_up` wrote, whole or not at all.

    Raises
    ------
    InputError
        The file is no such copy or is damaged, or the home folder holds something already.
    """
    home = settings.home
    if home.exists() and any(home.iterdir()):
        raise InputError(f"{home} is not empty", hint="name an empty folder, or a new one, with --home")
    partial = home.with_name(f"{home.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True, mode=PRIVATE)
        done = _unpack(source, partial)
        if home.exists():
            home.rmdir()
        partial.rename(home)
    except (tarfile.TarError, ValueError, TypeError, EOFError, StoreError) as error:
        raise InputError(f"{source} is no backup of graphmap, or is damaged: {error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return done


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Write a member below a folder: plain files alone, and nowhere else. (Not every Python 3.11 knows filters.)."""
    place = folder / member.name
    file = archive.extractfile(member) if member.isreg() else None
    if file is None or ".." in place.parts or not place.is_relative_to(folder):
        raise ValueError(f"{member.name!r} is no file of a home folder")
    place.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    with place.open("wb") as target:
        shutil.copyfileobj(file, target)


def _unpack(source: Path, folder: Path) -> Backup:
    """Write the members of a file into a folder, and see that the lake is whole."""
    with tarfile.open(source, mode="r:") as archive:
        first = archive.next()
        said = archive.extractfile(first) if first is not None and first.name == MANIFEST else None
        if said is None:
            raise ValueError(f"it does not begin with {MANIFEST}")
        done = Backup(**json.load(said))
        for member in archive:
            _extract(archive, member, folder)
    found = Lake(folder / "lake").snapshot()
    there = sum((folder / "lake" / "events" / name).is_file() for name in found.files["path"])
    if (found.events, there) != (done.events, found.files.height):
        raise ValueError(f"of {done.events:,} events it has {found.events:,}")
    return done
