"""The address of everything at every time, and the inventory that somebody keeps of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from graphmap.identity import Inventory
from graphmap.model import Account, Address, Host, Segment
from graphmap.simulate.company import ALLOWED, CORE, LEASES, NAMES, OFFICE, SEGMENTS, VPN
from graphmap.simulate.options import DAY, EPOCH, START
from graphmap.simulate.unusual import OUTSIDE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.simulate.company import Company, Ids, Ints

FORGOTTEN = 0.05
"""Share of hosts, and of leases, that the inventory does not know."""


class Addresses:
    """Texts of addresses by code: hosts, the VPN pool, the internet, then the leases of hosts with DHCP."""

    def __init__(self, company: Company) -> None:
        self._company = company
        place = np.zeros(company.hosts, dtype=np.int64)
        for segment in range(len(SEGMENTS)):
            here = np.flatnonzero(company.segment == segment)
            place[here] = np.arange(len(here))
        texts = [_inside(int(s), int(n)) for s, n in zip(company.segment, place, strict=True)]
        texts += [_inside(VPN, n) for n in range(company.pool)]
        texts += [f"{45 + n % 150}.{n * 37 % 251}.{n * 101 % 241}.{n % 254 + 1}" for n in range(OUTSIDE)]
        self._leasing = np.flatnonzero(company.dhcp)
        self._first = np.zeros(company.hosts, dtype=np.int64)
        self._first[self._leasing] = len(texts) + np.arange(len(self._leasing)) * LEASES
        office = int((company.segment == OFFICE).sum())
        texts += [_inside(OFFICE, office + n) for n in range(len(self._leasing) * LEASES)]
        self.texts = pl.Series(texts, dtype=pl.String)

    def of(self, node: Ids, moment: Ints) -> Ints:
        """The codes of the addresses that nodes have at moments (us since 1970)."""
        host = np.where(node < self._company.hosts, node, 0)
        period = self._company.dhcp[host]
        lease = ((moment - EPOCH) // DAY + host) // np.maximum(period, 1) % LEASES
        leased = (period > 0) & (node < self._company.hosts)
        return np.where(leased, self._first[host] + lease, node).astype(np.int64)

    def inventory(self, days: int, rng: np.random.Generator) -> Inventory:
        """What the company's own list says: most hosts, leases as far as somebody noted them, and the policy."""
        company = self._company
        listed = rng.random(company.hosts) >= FORGOTTEN
        hosts = tuple(
            Host(
                name=company.names[host],
                addresses=tuple(self._addresses(host, days, rng)),
                segment=SEGMENTS[company.segment[host]],
                roles=(ROLE_WORDS[NAMES[company.role[host]]],),
                owner=company.accounts[host] if host < company.people else None,
            )
            for host in np.flatnonzero(listed).tolist()
        )
        segments = tuple(
            Segment(
                name,
                restricted=number == CORE,
                cidrs=(f"10.{16 * number}.0.0/12",),
                allowed_from=tuple(SEGMENTS[n] for n in ALLOWED[number]) if number in ALLOWED else None,
            )
            for number, name in enumerate(SEGMENTS)
        )
        second = company.admin_account
        accounts = [
            Account(company.accounts[person], (company.accounts[int(second[person])],))
            for person in np.flatnonzero(second != np.arange(company.people)).tolist()
            if rng.random() < 0.7
        ]
        accounts += [Account(company.accounts[code], service=True) for code in company.robots.values()]
        return Inventory(hosts, segments, tuple(accounts))

    def _addresses(self, host: int, days: int, rng: np.random.Generator) -> Iterator[Address]:
        period = int(self._company.dhcp[host])
        if not period:
            yield Address(self.texts[host])
            return
        turn = host // period
        while (first := turn * period - host) < days:
            if rng.random() >= FORGOTTEN:
                since, until = (START + timedelta(days=max(day, 0)) for day in (first, first + period))
                yield Address(self.texts[int(self._first[host]) + turn % LEASES], since, until)
            turn += 1


ROLE_WORDS = {
    "ws": "workstation",
    "app": "application-server",
    "dev": "developer-server",
    "build": "build-agent",
    "web": "web-server",
    "db": "database",
    "hv": "hypervisor",
    "bkp": "backup-server",
    "vcs": "vcs-server",
    "jump": "bastion",
    "ctl": "automation",
    "fs": "file-server",
    "dc": "domain-controller",
    "term": "terminal-server",
}
"""What the inventory calls a kind of host."""


def _inside(segment: int, number: int) -> str:
    return f"10.{16 * segment + number // 62_500}.{number // 250 % 250}.{number % 250 + 1}"
