"""What was made before days came in stays as far as those cannot have changed it (docs/decisions/0006).

Events that came in since decide about nothing that is older than a few days before them, but for

- a session that was open, or lay open, for longer than that: the hosts that have one are made from all their events;
- who has which address, and which hosts are known: where that changed for a time that is to stay, nothing stays;
- the origins of hops: they are counted anew for all, by compiled code, and compared;
- the clocks of sensors and clients, which pair their reports with sessions of any day: where a log of theirs is there,
  or clients were started, nothing stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

import polars as pl

from graphmap.evidence.programs import is_program
from graphmap.evidence.sightings import WITNESSED, elsewhere, useful
from graphmap.pipeline.learning import addressed
from graphmap.pipeline.made import TABLES, Made
from graphmap.pipeline.parts import Runs
from graphmap.pipeline.raw import Kept
from graphmap.reports import LATE

if TYPE_CHECKING:
    from graphmap.identity import Identity, Inventory
    from graphmap.pipeline.raw import Raw
    from graphmap.store.snapshot import Snapshot

STABLE = timedelta(days=2)
"""What lies so long before all fresh events stays. Sessions that are longer than this cost more; a shorter time makes
more of them, a longer one means more to make again."""
SEAM = timedelta(days=1)
"""So long before what is made again its events are read: more than reports decide about each other."""
TELLERS = 20
"""Most tellers of a host for which SEAM is more than `graphmap.reports.influence`."""

_COUNTED = ("origins", "certainty", "basis")


def plan_extension(former: Made, snapshot: Snapshot, identity: Identity, inventory: Inventory) -> Extension | None:
    """Say from when on tables have to be made again; None where nothing can stay.

    Parameters
    ----------
    former
        What was made from a part of the snapshot's files.
    snapshot, identity
        What is there now, and who is who by it.
    inventory
        The same as then.
    """
    fresh = snapshot.files.filter(~pl.col("path").is_in(former.manifest.lake))
    if fresh.is_empty() or _is_seen_by_others(snapshot):
        return None
    touched = datetime.combine(fresh["partition.day"].min(), time(), UTC)  # type: ignore[arg-type] # dates
    cut = touched - STABLE
    firsts = [part.begin for parts in former.manifest.parts.values() for part in parts]
    if not firsts or min(firsts) >= cut or not _is_same_before(cut, former, identity, inventory):
        return None
    return Extension(former, touched, cut)


@dataclass(slots=True)
class Extension:
    """What of former tables stays: what lies before `cut`, but for hosts that are made as a whole."""

    former: Made
    touched_from: datetime
    """All fresh events are at this moment or later; midnight."""
    cut: datetime
    _early: dict[str, Runs] = field(default_factory=dict)

    @property
    def read_from(self) -> datetime:
        """From when on events are needed."""
        return self.cut - SEAM

    @property
    def sure_from(self) -> datetime:
        """A logon from then on cannot be part of a session that starts before the cut."""
        return self.cut + LATE + timedelta(seconds=1)

    def reached(self) -> list[str]:
        """Hosts with an early session that lasted until fresh events may have changed it."""
        early = self.former.sessions().filter(pl.col("start") < self.cut, pl.col("last") >= self.touched_from)
        return early.select(pl.col("host").unique()).collect(engine="streaming")["host"].to_list()

    def judged_anew(self, late: pl.DataFrame) -> pl.Series:
        """Hosts on which other tellers come first by all events than by late or by former ones alone.

        And those that have more tellers than TELLERS.
        """
        former = self.former.standings.join(late, on="host", how="semi")
        by = ["host", "of", "teller"]
        of_all = pl.concat([former, late]).group_by(by).agg(best=pl.col("standing").max())
        changed = [
            joined.filter(_order("standing") != _order("best"))["host"]
            for frame in (former, late)
            if not (joined := frame.join(of_all, on=by)).is_empty()
        ]
        crowded = of_all.group_by("host", "of").len().filter(pl.col("len") > TELLERS)["host"]
        return pl.concat([crowded, *changed]).unique()

    def late(self, *tables: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """Of SESSIONS, FAILURES and HOPS what is made again."""
        sessions, failures, hops = (
            frame.filter(pl.col(order) >= self.cut)
            for frame, (_, order, _) in zip(tables, TABLES.values(), strict=True)
        )
        return sessions, failures, hops

    def keep_early(self, raw: Raw, *tables: pl.DataFrame) -> None:
        """Take SESSIONS, FAILURES and HOPS of hosts that are made as a whole, to be compared with what was there."""
        for frame, (name, (_, order, _)) in zip(tables, TABLES.items(), strict=True):
            self._early.setdefault(name, raw.runs(name, "early-")).add(frame.filter(pl.col(order) < self.cut))

    def keep(self, raw: Raw, whole: set[str], file_rows: int) -> None:
        """Hand over what stays: files as they are, or the rows of those in which something changed.

        Parameters
        ----------
        raw
            Has all that was made again.
        whole
            The hosts that were made as a whole.
        file_rows
            Last files that are smaller are joined with what follows.
        """
        raw.keep(self.former, {name: self._kept(raw, name, sorted(whole), file_rows) for name in TABLES})

    def _kept(self, raw: Raw, name: str, whole: list[str], file_rows: int) -> list[Kept]:
        _, order, host = TABLES[name]
        kept: list[Kept] = []
        row = 0
        parts, files = self.former.manifest.parts[name], self.former.files(name)
        ends = [part.begin for part in parts[1:]] + [self.cut] * bool(parts)
        begin: datetime | None = None
        for path, part, end in zip(files, parts, ends, strict=True):
            if part.begin >= self.cut:
                break
            one, row = Kept(path, part, row, min(end, self.cut)), row + part.height
            last = pl.scan_parquet(path, glob=False).select(pl.col(order).max()).collect().item()
            early = self._early_of(name, begin, one.end) if whole else None
            if last < self.cut and (early is None or self._is_same(one, name, whole, early)):
                kept.append(one)
            else:
                rows = pl.scan_parquet(path, glob=False).filter(pl.col(order) < self.cut, ~pl.col(host).is_in(whole))
                raw.add_to(name, rows.collect())
                if early is not None:
                    raw.add_to(name, early)
            begin = one.end
        if whole and (begin is None or begin < self.cut):
            raw.add_to(name, self._early_of(name, begin, self.cut))
        while kept and kept[-1].part.height < file_rows:
            raw.add_to(name, pl.read_parquet(kept.pop().path, glob=False))
        return kept

    def _early_of(self, name: str, begin: datetime | None, end: datetime) -> pl.DataFrame:
        runs = self._early[name]
        return runs.between(begin, end) if runs.height else TABLES[name][0].to_frame()

    @staticmethod
    def _is_same(one: Kept, name: str, whole: list[str], early: pl.DataFrame) -> bool:
        """Whether hosts have the rows in a file that were made now, but for what is counted at the end."""
        former = pl.scan_parquet(one.path, glob=False).filter(pl.col(TABLES[name][2]).is_in(whole)).collect()
        return former.drop(_COUNTED, strict=False).equals(early.drop(_COUNTED, strict=False))


def _is_seen_by_others(snapshot: Snapshot) -> bool:
    """Whether sensors or clients told of any connection, or a client was started."""
    told = snapshot.scan(WITNESSED).filter((elsewhere() & useful()) | is_program())
    return not told.head(1).collect(engine="streaming").is_empty()


def _order(standing: str) -> pl.Expr:
    """The place of each teller among those of its host."""
    return pl.struct(-pl.col(standing), "teller").rank("dense").over("host", "of")


def _is_same_before(moment: datetime, former: Made, identity: Identity, inventory: Inventory) -> bool:
    """Whether all names and addresses in former tables mean what they meant, as far as rows before a moment go."""
    learned = former.learned
    before = learned.identity(inventory)
    owners = [one.learned_before(moment) for one in (before, identity)]
    by = owners[0].columns
    changed = {
        ip for one, other in (owners, owners[::-1]) for ip in one.join(other, on=by, how="anti", nulls_equal=True)["ip"]
    }
    known, fresh = set(before.hosts()), set(identity.hosts())
    if not known <= fresh or changed & set(owners[0]["ip"]):
        return False
    if changed and addressed(learned.hosts["dst_host"], inventory):
        return False
    doubtful = changed | (fresh - known)
    if not doubtful:
        return True
    sources = pl.any_horizontal(pl.col("src", "src_ip").is_in(sorted(doubtful)))
    found = [
        former.scan(name).filter(pl.col(TABLES[name][1]) < moment, sources).select(pl.len())
        for name in ("sessions", "failures")
    ]
    return not any(frame.item() for frame in pl.collect_all(found))
