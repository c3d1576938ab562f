"""An enterprise day by day: what happens in it, and what is logged of that."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from graphmap.documents import time_text
from graphmap.errors import InputError
from graphmap.identity import dump_inventory
from graphmap.simulate import other_lines, sshd_lines
from graphmap.simulate.addresses import Addresses
from graphmap.simulate.attacks import Intruders
from graphmap.simulate.automation import Automation
from graphmap.simulate.company import CORE, DMZ, NAMES, SEGMENTS, make_company
from graphmap.simulate.moves import MOVES, NO_KEY, Ways, joined
from graphmap.simulate.options import DAY, EPOCH, MINUTE, SECOND, START
from graphmap.simulate.people import People
from graphmap.simulate.truth import TRUTH, attack_documents, new_folder
from graphmap.simulate.unusual import GUESSES, Unusual
from graphmap.simulate.writing import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from graphmap.simulate.attacks import Attack
    from graphmap.simulate.options import Options

INVENTORY = "inventory.yaml"
AT_ONCE = 150_000
"""Logons that are rendered together, at least."""
LOGONS_PER_HOST = 5
"""The same for each host: every file is opened once for what is rendered together."""
EARLY = 15 * MINUTE
"""The lines of a day may have stamps so long before it: clocks are slow, and a shell on a bastion is opened first."""
SENSORS = (CORE, DMZ)
"""Segments before which a network sensor stands."""
CLIENTS = ("OpenSSH_9.2p1 Debian-2+deb12u3", "OpenSSH_9.7", "PuTTY_Release_0.81", "OpenSSH_for_Windows_9.5")
ROBOT_CLIENTS = {"svc-monitor": "paramiko_3.4.0", "svc-etl": "libssh_0.10.6"}


class Written(NamedTuple):
    """What a simulation wrote."""

    hosts: int
    people: int
    logons: int
    logons_of_people: int
    attacks: int


class Enterprise:
    """A company and its days. Each kind of work has its own random numbers, so that attacks change nothing else."""

    def __init__(self, options: Options) -> None:
        self.options = options
        made, working, running, odd, evil, self._look, listing = (
            np.random.default_rng([options.seed, part]) for part in range(7)
        )
        self.company = make_company(options, made)
        self.people = People(self.company, options, working)
        logons = 1.5 * float(self.people.rate.mean()) * 0.64 * self.company.people
        self.automation = Automation(self.people, running, logons)
        self.unusual = Unusual(self.people, odd)
        self.intruders = Intruders(self.company, options, evil)
        self.addresses = Addresses(self.company)
        self.attacks: list[Attack] = []
        self._listing = listing

    def days(self) -> Iterator[pl.DataFrame]:
        """The logons of each day, schema MOVES; those of an intruder may be some days later."""
        ways = Ways()
        for day in range(self.options.days):
            ordinary = joined([self.people.day(day), self.automation.day(day), self.unusual.day(day)])
            attacks = self.intruders.day(day, ways)
            self.attacks += attacks
            ways.add(ordinary, EPOCH + (day + 1) * DAY)
            yield joined([ordinary, *(attack.moves for attack in attacks)]).sort("start", "dst", "src", "account")

    def lines(self, moves: pl.DataFrame) -> pl.DataFrame:
        """The lines that are written about logons."""
        company, rng, size = self.company, self._look, moves.height
        src, dst, start, account = (moves[name].to_numpy() for name in ("src", "dst", "start", "account"))
        texts = self.addresses.texts
        words = pl.concat([company.accounts, pl.Series(GUESSES)])
        lot = rng.random((size, 3))
        peer, robot = texts.gather(self.addresses.of(src, start)), moves["robot"].to_numpy()
        windows = company.windows[dst]
        keyed = moves["key"].to_numpy() != NO_KEY
        wait = np.where(keyed | windows, 0.12 + lot[:, 0] / 3, 2 + lot[:, 0] * 5) * SECOND
        told = moves.with_columns(
            host=company.names.gather(dst),
            user=words.gather(account),
            uid=pl.Series(np.where(account == company.shared["root"], 0, 1000 + account)),
            address=peer,
            own_address=texts.gather(self.addresses.of(dst, start)),
            port=pl.Series(rng.integers(32_768, 61_000, size)),
            fingerprint=sshd_lines.fingerprints(moves["key"].to_numpy(), self.options.seed),
            level=pl.Series(company.level[dst]),
            pid=pl.Series(700 + (start // (SECOND // 2) + dst.astype(np.int64) * 7919) % 4_000_000),
            wait=pl.Series(wait.astype(np.int64)),
            ended=pl.Series(lot[:, 1] > 0.05),
            unknown=pl.Series(account >= len(company.accounts)),
            windows=pl.Series(windows),
            rdp=pl.Series(np.isin(company.role[dst], [NAMES.index("term"), NAMES.index("dc")])),
            judged=pl.Series(lot[:, 2] > 0.03),
            client=self._clients(src, account, robot),
        ).with_columns(peer=pl.format("{} port {}", "address", "port"))
        local = told.with_columns(time=pl.col("start") + pl.Series(company.skew[dst]))
        kept = pl.Series(~company.silent[dst])
        unix = sshd_lines.lines(local.filter(kept & ~pl.col("windows")))
        return pl.concat([
            self._stamped(unix),
            other_lines.windows(local.filter(kept & pl.col("windows"))).pipe(_plain),
            self._seen(told.with_columns(time=pl.col("start"))).pipe(_plain),
        ])  # fmt: skip

    def _clients(
        self, src: np.ndarray[Any, Any], account: np.ndarray[Any, Any], robot: np.ndarray[Any, Any]
    ) -> pl.Series:
        company = self.company
        host = np.where(src < company.hosts, src, 0)
        kind = np.where(company.windows_client[host] & (company.role[host] == 0), 2 + host % 2, host % 7 == 0)
        names = pl.Series(["SSH-2.0-" + name for name in (*CLIENTS, *ROBOT_CLIENTS.values())])
        for place, name in enumerate(ROBOT_CLIENTS):
            kind = np.where(robot & (account == company.robots[name]), len(CLIENTS) + place, kind)
        return names.gather(kind.astype(np.int64))

    def _stamped(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Put stamp and host before the messages, as rsyslog does in its old and in its new format."""
        coarse = pl.Series(self.company.whole_seconds[lines["file"].to_numpy()])
        moment = pl.col("time").cast(pl.Datetime("us", "UTC"))
        stamp = pl.when(coarse).then(moment.dt.strftime("%b %e %H:%M:%S")).otherwise(
            moment.dt.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00")
        )  # fmt: skip
        host = self.company.names.gather(lines["file"])
        return _plain(lines.with_columns(text=pl.concat_str(stamp, pl.lit(" "), host, pl.lit(" "), "text")))

    def _seen(self, told: pl.DataFrame) -> pl.DataFrame:
        """What sensors see: who comes from elsewhere into the segments behind them."""
        company = self.company
        src, dst = told["src"].to_numpy(), told["dst"].to_numpy()
        origin = np.where(src < company.hosts, company.segment[np.where(src < company.hosts, src, 0)], -1)
        behind = company.segment[dst]
        seen = told.filter(pl.Series(np.isin(behind, SENSORS) & (origin != behind)))
        sensor = pl.Series([SENSORS.index(s) for s in company.segment[seen["dst"].to_numpy()].tolist()], dtype=pl.Int32)
        return other_lines.zeek(seen.with_columns(log=company.hosts + 2 * sensor))

    def file(self, code: int) -> str:
        """The path of a log by its number."""
        company = self.company
        if code < company.hosts:
            host = company.names[code]
            return f"windows/{host}.ndjson" if company.windows[code] else f"hosts/{host}/auth.log"
        sensor, log = divmod(code - company.hosts, 2)
        return f"zeek/{SEGMENTS[SENSORS[sensor]]}/{('conn', 'ssh')[log]}.log"

    def top(self, code: int) -> str:
        """What stands at the top of a log."""
        return "" if code < self.company.hosts else other_lines.header(("conn", "ssh")[(code - self.company.hosts) % 2])

    def inventory(self) -> str:
        """The inventory as YAML."""
        return dump_inventory(self.addresses.inventory(self.options.days, self._listing))


def _plain(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.select(
        pl.col("file").cast(pl.Int32), "time", pl.col("attack").cast(pl.Int32), pl.col("step").cast(pl.Int32), "text"
    )


def simulate(folder: Path, options: Options, progress: Callable[[int], None] | None = None) -> Written:
    """Write an enterprise as log files: `hosts/`, `windows/`, `zeek/`, an inventory and the truth about the attacks.

    Parameters
    ----------
    folder
        Where to; made where it is missing, and must be empty.
    progress
        Called with the number of each day that is done.

    Raises
    ------
    InputError
        The folder is not empty or cannot be made, or the days leave none for attacks.
    """
    if options.history + options.clean >= options.days:
        raise InputError(
            f"{options.days} days are no more than {options.history} of history and {options.clean} clean ones",
            hint="more --days, or less --history and --clean",
        )
    new_folder(folder)
    enterprise = Enterprise(options)
    writer = Writer(folder, enterprise.file, enterprise.top)
    at_once = max(AT_ONCE, LOGONS_PER_HOST * options.hosts)
    waiting, logons, human = MOVES.to_frame(), 0, 0
    for day, moves in enumerate(enterprise.days()):
        logons += int(moves["accepted"].sum())
        human += moves.filter("accepted", ~pl.col("robot"), pl.col("attack") < 0).height
        waiting = pl.concat([waiting, moves]).sort("start", maintain_order=True)
        if waiting.height >= at_once or day == options.days - 1:
            over = EPOCH + (day + 1) * DAY
            for piece in waiting.iter_slices(at_once):
                last = int(piece["start"][-1]) if piece.height == at_once else over
                writer.write(enterprise.lines(piece), min(last, over) - EARLY)
            waiting = MOVES.to_frame()
        if progress:
            progress(day + 1)
    writer.close(EPOCH + options.days * DAY)
    (folder / INVENTORY).write_text(enterprise.inventory(), encoding="utf-8") if options.inventory else None
    truth = json.dumps(_truth(enterprise, writer.proof()), indent=1) + "\n"
    (folder / TRUTH).write_text(truth, encoding="utf-8")
    company = enterprise.company
    return Written(company.hosts, company.people, logons, human, len(enterprise.attacks))


def _truth(enterprise: Enterprise, proof: pl.DataFrame) -> dict[str, Any]:
    options, company = enterprise.options, enterprise.company
    begin, end = (START + timedelta(days=n) for n in (options.history, options.days))
    return {
        "seed": options.seed,
        "start": time_text(START),
        "history_until": time_text(begin),
        "clean_from": time_text(end - timedelta(days=options.clean)),
        "end": time_text(end),
        "hosts": company.hosts,
        "robots": [company.accounts[code] for code in company.robots.values()],
        "planned": len(enterprise.intruders.plan),
        "attacks": attack_documents(enterprise.attacks, proof, company.names, company.accounts),
    }
