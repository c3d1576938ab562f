"""A company's own past as the ground of intruders: who really went where, with what, from which desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from graphmap.errors import InputError
from graphmap.graph.columns import marks
from graphmap.model import Witness
from graphmap.simulate import sshd_lines
from graphmap.simulate.company import CORE, OFFICE
from graphmap.simulate.moves import NO_KEY, moves
from graphmap.simulate.options import DAY, EPOCH, SECOND

if TYPE_CHECKING:
    from graphmap.identity import Identity
    from graphmap.simulate.company import Flags, Ids

HOST = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$"
ACCOUNT = r"^[A-Za-z0-9_][A-Za-z0-9._@+-]{0,63}$"
KEY = r"^(SHA256:[A-Za-z0-9+/=]+|MD5:[0-9a-f:]+)$"
"""What is written into lines: other names and keys are somebody's text, and nobody's way."""
KEYED = -2
"""Number of the first known key; those after it are less. Keys from 0 on are an intruder's own."""
INFO = 0


class Own(NamedTuple):
    """What `graphmap.simulate.attacks.Ground` asks, learned from logons over SSH that their hosts told of.

    Nodes below `people` are desks, to which nobody logs on, each with the account of the same number, which left it
    most often. `past` are the logons in order of time (schema MOVES), by the clock of simulations: `shift` us are to be
    added for the real one. `seen` has the address of a node (`src`) from a moment on (`start`, by the clock of
    simulations), `keys` the known keys.
    """

    people: int
    role: Ids
    segment: Ids
    windows: Flags
    born: Ids
    robots: dict[str, int]
    accounts: pl.Series
    names: pl.Series
    level: Ids
    whole_seconds: Flags
    keys: pl.Series
    past: pl.DataFrame
    seen: pl.DataFrame
    days: int
    shift: int

    def fingerprints(self, keys: Ids, seed: int) -> pl.Series:
        """How sshd writes keys; null for NO_KEY."""
        made = sshd_lines.fingerprints(np.where(keys < 0, NO_KEY, keys).astype(np.int32), seed)
        known = dict(enumerate(self.keys.to_list()))
        codes = pl.Series(KEYED - keys)
        return codes.replace_strict(known, default=None, return_dtype=pl.String).fill_null(made) if known else made


def learn(sessions: pl.LazyFrame, identity: Identity) -> Own:
    """Learn the ground from SESSIONS.

    Raises
    ------
    InputError
        Nobody came over SSH from a desk.
    """
    told = _told(sessions)
    names, people = _desks(told)
    accounts = _numbered(people["user"].to_list(), told["user"])
    hosts = told["host"].unique()
    keys = told["key"].drop_nulls().unique().sort()
    first = int(told["start"].dt.truncate("1d").dt.epoch("us").min()) if told.height else 0  # type: ignore[arg-type] # of times
    shift = first - EPOCH
    start = told["start"].dt.epoch("us").to_numpy() - shift
    node, who = _codes(names), _codes(accounts)
    src, dst = (told[name].replace_strict(node, return_dtype=pl.Int32).to_numpy() for name in ("src", "host"))
    key = told["key"].replace_strict(_codes(keys), default=None, return_dtype=pl.Int32)
    past = moves(
        start=start,
        length=np.maximum(told["until"].dt.epoch("us").to_numpy() - told["start"].dt.epoch("us").to_numpy(), SECOND),
        src=src,
        dst=dst,
        account=told["user"].replace_strict(who, return_dtype=pl.Int32).to_numpy(),
        key=(KEYED - key).fill_null(NO_KEY).to_numpy(),
    )
    reached = marks(tuple(names), frozenset(hosts).__contains__)
    desk = np.arange(len(names)) < people.height
    return Own(
        people=people.height,
        role=np.where(desk, 0, 1).astype(np.int32),
        segment=np.where(
            marks(tuple(names), lambda name: identity.is_restricted(identity.segment(name))), CORE, OFFICE
        ),
        windows=~reached & ~desk,
        born=np.zeros(len(names), np.int32),
        robots={name: code for name, code in who.items() if identity.is_service(name)},
        accounts=accounts,
        names=names,
        level=_levels(told, names),
        whole_seconds=marks(tuple(names), frozenset(_coarse(told)).__contains__),
        keys=pl.select(pl.concat_str(pl.lit("ED25519 "), keys)).to_series(),
        past=past,
        seen=pl.DataFrame({"start": start, "src": src, "address": told["src_ip"]}).drop_nulls().sort("start"),
        days=int(start.max() - EPOCH) // DAY + 1,
        shift=shift,
    )


def _told(sessions: pl.LazyFrame) -> pl.DataFrame:
    """The logons that are known whole, in order."""
    told = (
        sessions.filter(
            (pl.col("service") == "ssh")
            & pl.col("witnesses").list.contains(Witness.SERVER.value)
            & pl.col("src").is_not_null()
            & (pl.col("src") != pl.col("host"))
            & pl.col("host").str.contains(HOST)
            & pl.col("user").str.contains(ACCOUNT)
        )
        .select(
            "start",
            "host",
            "src",
            "src_ip",
            "user",
            "command",
            key=pl.when(pl.col("key").str.contains(KEY)).then("key"),
            until=pl.coalesce("end", "last"),
        )
        .collect(engine="streaming")
        .sort("start", "host", "src", "user")
    )
    if told.is_empty():
        raise InputError("no logon over SSH with a source is in the lake", hint="graphmap ingest reads logs of sshd")
    return told


def _desks(told: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
    """The names of all nodes, desks first, and the `user` of each desk: the one that left it most, of nobody else's."""
    often = (
        told.join(told.select(src="host").unique(), on="src", how="anti")
        .group_by("src", "user")
        .len()
        .sort("len", "src", "user", descending=[True, False, False])
        .unique("src", keep="first", maintain_order=True)
        .unique("user", keep="first", maintain_order=True)
        .sort("src")
    )
    if often.is_empty():
        raise InputError(
            "nobody comes from a desk in these logs: every source is logged on to", hint="ingest more hosts"
        )
    return _numbered(often["src"].to_list(), pl.concat([told["src"], told["host"]])), often


def _numbered(first: list[str], every: pl.Series) -> pl.Series:
    """Names, some of them first."""
    return pl.Series([*first, *sorted(set(every.to_list()) - set(first))], dtype=pl.String)


def _codes(names: pl.Series) -> dict[str, int]:
    return {name: number for number, name in enumerate(names)}


def _levels(told: pl.DataFrame, names: pl.Series) -> Ids:
    """What each host's sshd is told to log; what starts a session is told by VERBOSE alone."""
    verbose = frozenset(told.filter(pl.col("command").is_not_null())["host"])
    keyless = frozenset(told["host"]) - frozenset(told.filter(pl.col("key").is_not_null())["host"])
    level = dict.fromkeys(verbose, sshd_lines.VERBOSE) | dict.fromkeys(keyless, sshd_lines.NO_KEYS)
    return np.array([level.get(name, INFO) for name in names], np.int32)


def _coarse(told: pl.DataFrame) -> pl.Series:
    """Hosts whose stamps have whole seconds."""
    fine = told.filter(pl.col("start").dt.microsecond() != 0)["host"]
    return told.filter(~pl.col("host").is_in(fine.unique().implode()))["host"].unique()
