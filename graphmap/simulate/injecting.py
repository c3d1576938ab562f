"""Attacks put into a copy of a home folder, to see what a hunt finds in logs of one's own."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from graphmap.documents import time_text
from graphmap.errors import GraphmapError, InputError
from graphmap.pipeline.backups import back_up, restore
from graphmap.pipeline.estate import load_estate
from graphmap.pipeline.ingest import Status, ingest
from graphmap.simulate import sshd_lines
from graphmap.simulate.attacks import Intruders
from graphmap.simulate.evaluate import LAKE, READ
from graphmap.simulate.moves import NO_KEY, Ways, joined
from graphmap.simulate.options import DAY, EPOCH, SECOND
from graphmap.simulate.own import Own, learn
from graphmap.simulate.truth import TRUTH, attack_documents, new_folder
from graphmap.simulate.writing import Writer

if TYPE_CHECKING:
    from graphmap.config import Settings
    from graphmap.simulate.attacks import Attack
    from graphmap.simulate.options import Options

LEFT = ("graphmap.toml", "audit")
"""What of a home is not for the copy: it would tell others of invented attacks, or of who asked what."""

LOGS = "hosts"
"""Folder of the lines that intruders left: one of `graphmap.simulate.truth.ROOTS`."""


class Injected(NamedTuple):
    """What was put in: attacks, their logons, hosts on which they left lines; and attacks that were not possible."""

    attacks: int
    logons: int
    hosts: int
    left_out: int


def inject(folder: Path, home: Settings, options: Options) -> Injected:
    """Copy a home to ``lake/`` in a new folder, and put attacks into the copy.

    The intruders are those of `graphmap.simulate.enterprise`: they begin at a desk or a server of the logs, take what
    came in there within 7 days, and go where it was accepted within 31. Their lines are written to ``hosts/`` by the
    same code, as the logs of those hosts look, and read into the copy like any log; ``truth.json`` says which they are.

    Parameters
    ----------
    folder
        Where to; made where it is missing, and must be empty.
    home
        The home folder; it is only read.
    options
        `seed`, `history`, `clean`, `attacks`, `families` and `stealths`; the rest is as the logs are.

    Raises
    ------
    InputError
        The folder is not empty, lies in the home or cannot be made; the logs are too short, or hold no logons over SSH.
    StoreError
        The lake cannot be read.
    """
    if folder.resolve().is_relative_to(home.home.resolve()):
        raise InputError(f"{folder} lies in {home.home}, which stays as it is", hint="name a folder elsewhere")
    new_folder(folder)
    try:
        return _inject(folder, home, options)
    except GraphmapError:
        for name in (LAKE, LOGS):
            shutil.rmtree(folder / name, ignore_errors=True)
        raise


def _inject(folder: Path, home: Settings, options: Options) -> Injected:
    copy = replace(home, home=folder / LAKE, database=None)
    _copy(home, copy, folder)
    estate = load_estate(copy)
    own = learn(estate.scan_sessions(), estate.identity)
    if options.history + options.clean >= own.days:
        raise InputError(
            f"logs of {own.days} days are no more than {options.history} of history and {options.clean} clean ones",
            hint="less --history and --clean, or more logs",
        )
    options = replace(options, hosts=len(own.names), days=own.days)
    intruders = Intruders(own, options, np.random.default_rng([options.seed, 4]))
    attacks = [one for one in _attacks(own, intruders) if not _addressed(own, one.moves)["address"].has_nulls()]
    writer = Writer(folder, lambda code: f"{LOGS}/{code}-{own.names[code]}/auth.log", lambda _: "")
    end = EPOCH + own.days * DAY + own.shift
    if attacks:
        writer.write(_lines(own, joined([attack.moves for attack in attacks]), options.seed), end)
    writer.close(end)
    _write_truth(folder, own, options, attacks, len(intruders.plan), writer.proof())
    if attacks:
        _read(folder / LOGS, copy)
    (copy.home / READ).touch()
    reached = joined([attack.moves for attack in attacks])
    return Injected(
        len(attacks), int(reached["accepted"].sum()), reached["dst"].n_unique(), len(intruders.plan) - len(attacks)
    )


def _copy(home: Settings, copy: Settings, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        file = Path(temporary) / "home.tar"
        back_up(home, file)
        restore(copy, file)
    (copy.home / LEFT[0]).unlink(missing_ok=True)
    shutil.rmtree(copy.home / LEFT[1], ignore_errors=True)


def _attacks(own: Own, intruders: Intruders) -> list[Attack]:
    ways, found = Ways(), []
    day_of = (own.past["start"] - EPOCH) // DAY
    days = own.past.with_columns(day=day_of).partition_by("day", as_dict=True, include_key=False)
    for day in range(own.days):
        found += intruders.day(day, ways)
        ways.add(days.get((day,), own.past.clear()), EPOCH + (day + 1) * DAY)
    return found


def _addressed(own: Own, moved: pl.DataFrame) -> pl.DataFrame:
    """Logons with the `address` that their source had last, in order of time; null where it was never seen before."""
    return moved.sort("start").join_asof(
        own.seen.with_columns(pl.col("src").cast(pl.Int32)), on="start", by="src", check_sortedness=False
    )


def _lines(own: Own, moved: pl.DataFrame, seed: int) -> pl.DataFrame:
    """The lines of logons, by the real clock."""
    rng = np.random.default_rng([seed, 5])
    told = _addressed(own, moved)
    lot = rng.random((told.height, 2))
    account, dst = told["account"].to_numpy(), told["dst"].to_numpy()
    fingerprint = own.fingerprints(told["key"].to_numpy(), seed)
    keyed = told["key"].to_numpy() != NO_KEY
    wait = np.where(keyed, 0.12 + lot[:, 0] / 3, 2 + lot[:, 0] * 5) * SECOND
    user = own.accounts.gather(pl.Series(account))
    told = told.with_columns(
        time=pl.col("start") + own.shift,
        user=user,
        uid=pl.Series(np.where((user == "root").to_numpy(), 0, 1000 + account)),
        own_address=_own_addresses(own, told),
        port=pl.Series(rng.integers(32_768, 61_000, told.height)),
        fingerprint=fingerprint,
        level=pl.Series(own.level[dst]),
        pid=pl.Series(rng.integers(700, 4_000_000, told.height)),
        wait=pl.Series(wait.astype(np.int64)),
        ended=pl.Series(lot[:, 1] > 0.05),
        unknown=pl.lit(value=False),
    ).with_columns(peer=pl.format("{} port {}", "address", "port"))
    lines = sshd_lines.lines(told)
    coarse = pl.Series(own.whole_seconds[lines["file"].to_numpy()])
    moment = pl.col("time").cast(pl.Datetime("us", "UTC"))
    stamp = pl.when(coarse).then(moment.dt.strftime("%Y-%m-%dT%H:%M:%S+00:00")).otherwise(
        moment.dt.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00")
    )  # fmt: skip
    host = own.names.gather(lines["file"])
    return lines.select(
        pl.col("file").cast(pl.Int32),
        "time",
        pl.col("attack").cast(pl.Int32),
        pl.col("step").cast(pl.Int32),
        text=pl.concat_str(stamp, pl.lit(" "), host, pl.lit(" "), "text"),
    )


def _own_addresses(own: Own, told: pl.DataFrame) -> pl.Series:
    """The address of each destination, as it was seen as a source; that of nobody where it never was."""
    last = own.seen.unique("src", keep="last", maintain_order=True)
    known = dict(zip(last["src"].to_list(), last["address"].to_list(), strict=True))
    return told["dst"].replace_strict(known, default="0.0.0.0", return_dtype=pl.String)  # noqa: S104 # as sshd writes it where it listens everywhere


def _write_truth(
    folder: Path, own: Own, options: Options, attacks: list[Attack], planned: int, proof: pl.DataFrame
) -> None:
    begin = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=EPOCH + own.shift)
    real = [
        replace(attack, moves=attack.moves.with_columns(pl.col("start") + own.shift)) for attack in attacks
    ]  # fmt: skip
    truth = {
        "seed": options.seed,
        "start": time_text(begin),
        "history_until": time_text(begin + timedelta(days=options.history)),
        "clean_from": time_text(begin + timedelta(days=own.days - options.clean)),
        "end": time_text(begin + timedelta(days=own.days)),
        "hosts": len(own.names),
        "robots": sorted(own.robots),
        "planned": planned,
        "attacks": attack_documents(real, proof, own.names, own.accounts),
    }
    (folder / TRUTH).write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")


def _read(logs: Path, copy: Settings) -> None:
    report = ingest([str(logs)], settings=copy)
    bad = [file for file in report.files if file.status not in {Status.ADDED, Status.ALREADY} or file.rejects]
    if bad:
        raise InputError(f"{bad[0].file}: {bad[0].problem or f'{bad[0].rejects} lines were not understood'}")
