"""Client software that an account or a host had never been seen with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

import polars as pl

from graphmap.detect.base import Evidence, finding, steps
from graphmap.detect.events import rows_of
from graphmap.detect.needs import Learns, Needs, Question, Whose
from graphmap.documents import number_of, some_of, time_text
from graphmap.graph.explain import hop_at
from graphmap.model import Finding, Line, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.model import Hop

FAMILIES: dict[str, str] = {
    "OpenSSH for Windows": r"OpenSSH_for_Windows",
    "OpenSSH": r"OpenSSH",
    "PuTTY": r"PuTTY|^(?:.*[/\\])?(?:plink|pscp|psftp|putty)(?:\.exe)?$",
    "WinSCP": r"WinSCP",
    "Dropbear": r"dropbear|^(?:.*/)?dbclient$",
    "paramiko": r"paramiko",
    "libssh2": r"libssh2",
    "libssh": r"libssh",
    "Go": r"SSH-2\.0-Go\b|^Go$",
    "AsyncSSH": r"AsyncSSH",
    "russh": r"russh",
    "JSch": r"JSch",
    "sshj": r"SSHJ|sshj",
    "Apache MINA": r"APACHE-SSHD|MINA",
    "SSH.NET": r"Renci|SSH\.NET",
    "Net::SSH": r"Ruby/Net::SSH|Net::SSH|phpseclib",
    "ssh2 of Node.js": r"ssh2js",
    "Twisted": r"Twisted",
    "Erlang": r"Erlang",
    "Nmap": r"Nmap",
    "MobaXterm": r"MoTTY",
    "Bitvise": r"Bitvise|FlowSsh",
    "SecureCRT": r"SecureCRT|VShell",
    "Termius": r"Termius",
}
"""Families of client software, by what they call themselves in the first line of the protocol (RFC 4253, 4.2)."""

TOOLS = frozenset(
    {"paramiko", "libssh2", "libssh", "Go", "AsyncSSH", "russh", "Nmap", "ssh2 of Node.js", "Twisted", "Net::SSH"}
)
"""Libraries that programs are built with, attackers' as well (Cobalt Strike: libssh2; Empire: paramiko)."""


@dataclass(frozen=True, slots=True)
class ClientSoftware:
    """Software that an account, or a library that a host, is seen with for the first time after `min_days` days.

    Days count on which the account or host was seen with any software. A key exchange (hassh) that had been seen with
    one family only, and now comes with the name of another, is a finding, too: the name is the client's own word.
    """

    min_days: int = 3
    name: str = "client-software"
    title: str = "Client software that is new for an account or host"
    technique: str = "T1021.004"
    needs: ClassVar[Needs] = (frozenset({Question.SOFTWARE}),)

    @property
    def learns(self) -> Learns:
        """What it compares with."""
        return Learns(Whose.ACCOUNT, timedelta(days=self.min_days))

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        names = evidence.sessions.select(pl.col("client").drop_nulls().unique()).collect(engine="streaming")["client"]
        seen = evidence.sessions.filter((pl.col("service") == "ssh") & pl.col("client").is_not_null())
        seen = seen.with_columns(family=_families(names.to_list()))
        told: set[tuple[object, ...]] = set()
        for by in ("account", "host"):
            fresh = self._fresh(seen, by)
            if fresh.is_empty():
                continue
            placed = rows_of(fresh, evidence.hops)
            for one, rows in evidence.hops.each(placed.iter_rows(named=True), lambda one: [one["row"]]):
                if (one["row"], one["family"]) not in told:
                    told.add((one["row"], one["family"]))
                    yield self._finding(by, one, hop_at(rows, one["row"]))
        yield from self._false_names(evidence)

    def _fresh(self, seen: pl.LazyFrame, by: str) -> pl.DataFrame:
        """The first session of each account or host with each family, where it had been seen on enough days before."""
        known = seen.filter((pl.col(by) != "") & pl.col("src").is_not_null())
        if by == "host":
            known = known.filter(pl.col("family").is_in(list(TOOLS)) | (pl.col("family") != ""))
        days = known.select(by, "family", day=pl.col("start").dt.date()).unique().collect(engine="streaming")
        first = days.group_by(by, "family").agg(first=pl.col("day").min())
        earlier = (
            first.join(days.select(by, "day", was="family"), on=by)
            .filter(pl.col("day") < pl.col("first"))
            .group_by(by, "family", "first")
            .agg(days=pl.col("day").n_unique(), usual=pl.col("was").unique().sort())
            .filter(pl.col("days") >= self.min_days)
        )
        if by == "host":
            earlier = earlier.filter(pl.col("family").is_in(list(TOOLS)))
        order = ["start", "host", "src", "user", "src_port"]
        return (
            known.join(earlier.lazy(), on=[by, "family"])
            .filter(pl.col("start").dt.date() == pl.col("first"))
            .collect(engine="streaming")
            .sort(order)
            .unique([by, "family"], keep="first", maintain_order=True)
        )

    def _finding(self, by: str, one: dict[str, object], hop: Hop) -> Finding:
        family, days, usual = one["family"], one["days"], one["usual"]
        whom = hop.user if by == "account" else hop.dst
        tool = family in TOOLS
        return finding(
            self,
            (by, one["account"] if by == "account" else hop.dst, family),
            severity=Severity.MEDIUM if tool else Severity.LOW,
            score=1.0 + tool,
            title=f"{family} is new for {whom}: {hop.src} -> {hop.dst} as {hop.user or 'an account that no log names'}",
            why=(
                f"the client calls itself {one['client']}",
                f"before, {whom} was seen with {some_of(list(usual), 5)} on {number_of(int(str(days)), 'day')}",  # type: ignore[call-overload] # a column of lists
                *steps([hop]),
                *([f"{family} is a library: a program did this, not a person at a terminal"] if tool else []),
            ),
            hops=[hop],
        )

    def _false_names(self, evidence: Evidence) -> Iterator[Finding]:
        """Key exchanges that had belonged to one family, under the name of another."""
        both = pl.col("client").is_not_null() & pl.col("hassh").is_not_null()
        pairs = (
            evidence.events.scan()
            .filter(both)
            .group_by("client", "hassh")
            .agg(first=pl.col("time").min(), count=pl.len())
            .collect(engine="streaming")
        )
        if pairs.is_empty():
            return
        named = pairs.with_columns(family=_families(pairs["client"].to_list()))
        owner = named.sort("first", "family").unique("hassh", keep="first").select("hassh", was="family", since="first")
        lies = named.join(owner, on="hassh").filter(
            (pl.col("family") != pl.col("was")) & (pl.col("family") != "") & (pl.col("was") != "")
        )
        for client, hassh, family, was, since in (
            lies.sort("first", "client", "hassh").select("client", "hassh", "family", "was", "since").iter_rows()
        ):
            alike = (pl.col("client") == client) & (pl.col("hassh") == hassh)
            told = evidence.events.take(evidence.events.scan().filter(alike))
            yield self._false_name(told, client, family, was, time_text(since))

    def _false_name(self, told: pl.DataFrame, client: str, family: str, was: str, since: str) -> Finding:
        first = told.row(0, named=True)
        src, dst = first["src"] or "somebody", first["host"] or "a host without a name"
        return finding(
            self,
            ("hassh", first["hassh"], client),
            severity=Severity.MEDIUM,
            score=2.0,
            title=f"a client from {src} to {dst} says it is {family}, and exchanges keys like {was}",
            why=(
                f"{time_text(first['time'])}: it calls itself {client}",
                f"its key exchange {first['hassh']} was that of {was} since {since}",
                f"{number_of(told.height, 'connection')} like that",
            ),
            hosts=[name for name in (first["src"], first["host"]) if name],
            lines=[Line(*place) for place in told.select("file", "line").head(20).iter_rows()],
            times=told["time"],
        )


def family_of(client: str) -> str:
    """The family of a client by the name that it gives itself, or by its program; empty where it is none of them."""
    return next((name for name, form in FAMILIES.items() if re.search(form, client, re.IGNORECASE)), "")


def _families(clients: list[str]) -> pl.Expr:
    """The family of the column `client`, whose values are among these."""
    names = sorted(set(clients))
    return pl.col("client").replace_strict(
        names, [family_of(name) for name in names], return_dtype=pl.String, default=""
    )
