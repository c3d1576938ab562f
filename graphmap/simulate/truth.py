"""What is known to be an attack: the truth file of a simulation."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import polars as pl

from graphmap.documents import time_text
from graphmap.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from graphmap.simulate.attacks import Attack

TRUTH = "truth.json"
ROOTS = ("hosts", "windows", "zeek")
"""Folders of a simulation that hold logs."""


@dataclass(frozen=True, slots=True)
class KnownHop:
    """A logon, or tries that were refused, of an intruder; `lines` are file (below the simulation) and number."""

    time: datetime
    src: str
    dst: str
    account: str
    accepted: bool
    lines: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class KnownAttack:
    """An attack that was put in."""

    id: str
    family: str
    stealth: str
    origin: str
    hops: tuple[KnownHop, ...]

    @property
    def start(self) -> datetime:
        """When the first of its logons was tried."""
        return min(hop.time for hop in self.hops)


@dataclass(frozen=True, slots=True)
class Truth:
    """The attacks of a simulation. Findings count from `history_until` on; from `clean_from` on there is no attack."""

    history_until: datetime
    clean_from: datetime
    end: datetime
    robots: frozenset[str]
    attacks: tuple[KnownAttack, ...]


@cache
def place(file: str) -> str:
    """The path of a log below its simulation, wherever that lies."""
    parts = PurePath(file).parts
    for number in range(len(parts) - 1, -1, -1):
        if parts[number] in ROOTS:
            return "/".join(parts[number:])
    return file


def new_folder(folder: Path) -> None:
    """Make a folder for a simulation.

    Raises
    ------
    InputError
        It is not empty, or cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise InputError(f"{folder} is not empty", hint="name a folder that is new or empty")
    except OSError as error:
        raise InputError(f"{folder}: {error.strerror}") from error


def attack_documents(
    attacks: Iterable[Attack], proof: pl.DataFrame, names: pl.Series, accounts: pl.Series
) -> list[dict[str, Any]]:
    """Attacks as the truth has them; `proof` are the lines that they caused (`graphmap.simulate.writing`)."""
    proofs = proof.partition_by("attack", as_dict=True)
    return [_document(attack, proofs.get((attack.number,), proof.clear()), names, accounts) for attack in attacks]


def _document(attack: Attack, proof: pl.DataFrame, names: pl.Series, accounts: pl.Series) -> dict[str, Any]:
    lines: dict[int, list[list[Any]]] = {}
    for step, file, line in proof.select("step", "file", "line").iter_rows():
        lines.setdefault(step, []).append([file, line])
    hops = [
        {
            "time": time_text(moment),
            "src": names[move["src"]],
            "dst": names[move["dst"]],
            "account": accounts[move["account"]],
            "accepted": move["accepted"],
            "lines": lines.get(move["step"], []),
        }
        for move, moment in zip(
            attack.moves.iter_rows(named=True), attack.moves["start"].cast(pl.Datetime("us", "UTC")), strict=True
        )
    ]
    return {
        "id": f"a{attack.number:03}",
        "family": str(attack.family),
        "stealth": str(attack.stealth),
        "origin": names[attack.origin],
        "start": hops[0]["time"],
        "end": hops[-1]["time"],
        "hops": hops,
    }


def load_truth(folder: Path) -> Truth:
    """Read the truth of a simulation.

    Raises
    ------
    InputError
        There is none, or it is no truth of a simulation.
    """
    path = folder / TRUTH
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return Truth(
            history_until=datetime.fromisoformat(said["history_until"]),
            clean_from=datetime.fromisoformat(said["clean_from"]),
            end=datetime.fromisoformat(said["end"]),
            robots=frozenset(said["robots"]),
            attacks=tuple(map(_attack, said["attacks"])),
        )
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", hint="graphmap simulate writes such a folder") from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: no truth of a simulation ({error!r})") from error


def _attack(said: dict[str, Any]) -> KnownAttack:
    hops = tuple(
        KnownHop(
            time=datetime.fromisoformat(hop["time"]),
            lines=tuple((file, line) for file, line in hop["lines"]),
            **{name: hop[name] for name in ("src", "dst", "account", "accepted")},
        )
        for hop in said["hops"]
    )
    return KnownAttack(said["id"], said["family"], said["stealth"], said["origin"], hops)
