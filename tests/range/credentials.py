"""Keys, certificates and password hashes of a topology, made by OpenSSH and crypt(3)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.range.namespaces import sh

if TYPE_CHECKING:
    from tests.range.topology import Host, Person, Topology

BITS = {"rsa": ["-b", "2048"]}


@dataclass(frozen=True, slots=True)
class Credentials:
    """Where the key files are. Private keys are named after the host or the person, public ones end in `.pub`."""

    folder: Path
    fingerprints: dict[str, str]
    """SHA256 fingerprint by person."""
    hashes: dict[str, str]
    """crypt(3) hash by account."""

    def host_key(self, host: Host) -> Path:
        """The private host key."""
        return self.folder / f"host-{host.name}"

    def key(self, person: Person) -> Path:
        """The private key of a person."""
        return self.folder / f"user-{person.name}"

    @property
    def authority(self) -> Path:
        """The private key that signs users' certificates."""
        return self.folder / "user-ca"


def make(topology: Topology, folder: Path) -> Credentials:
    """Make every key of the topology in `folder`."""
    folder.mkdir(parents=True)
    empty = Credentials(folder, {}, {})
    jobs = [(empty.authority, "ed25519", "user-ca")]
    jobs += [(empty.host_key(host), "ed25519", f"root@{host.name}") for host in topology.hosts]
    jobs += [(empty.key(person), person.key_type, f"{person.name}@{person.home}") for person in topology.people]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda job: _generate(*job), jobs))
    for serial, person in enumerate(topology.people, start=100):
        if person.cert_id:
            _sign(empty, person, serial)
    return Credentials(
        folder,
        {person.name: _fingerprint(empty.key(person)) for person in topology.people},
        _hashes(topology),
    )


def _generate(path: Path, kind: str, comment: str) -> None:
    sh(["ssh-keygen", "-q", "-t", kind, *BITS.get(kind, []), "-N", "", "-C", comment, "-f", str(path)])


def _sign(credentials: Credentials, person: Person, serial: int) -> None:
    what = ["-I", str(person.cert_id), "-n", person.name, "-z", str(serial), "-V", "-1h:+8h"]
    sh(["ssh-keygen", "-q", "-s", str(credentials.authority), *what, f"{credentials.key(person)}.pub"])


def _fingerprint(key: Path) -> str:
    return sh(["ssh-keygen", "-l", "-f", f"{key}.pub"]).stdout.split()[1]


def _hashes(topology: Topology) -> dict[str, str]:
    """Hashes with few rounds, as these passwords live for a minute. Perl, as Python 3.13 has no crypt any more."""
    accounts = accounts_of(topology)
    program = r'while (<STDIN>) { chomp; print crypt($_, q{$5$rounds=1000$range$}), "\n" }'
    hashes = sh(["perl", "-e", program], stdin="".join(f"{password}\n" for password in accounts.values())).stdout
    return dict(zip(accounts, hashes.split(), strict=True))


def accounts_of(topology: Topology) -> dict[str, str]:
    """Password by account, administration accounts included."""
    accounts = {person.name: person.password for person in topology.people}
    return accounts | {person.admin: f"{person.password}!" for person in topology.people if person.admin}
