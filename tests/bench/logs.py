"""Makes logs such as Debian's auth.log, always the same for the same numbers.

The lines are those that OpenSSH, PAM, cron, sudo, su and systemd-logind write. A few hosts and accounts do most of the
work, as everywhere: who comes from where to where follows power laws. One host in five logs at LogLevel VERBOSE, one in
ten can be reached from the internet and is scanned all day, one in three runs an OpenSSH whose sessions are processes
of their own. Many connections are open at a time, so their lines stand among each other.
"""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START = datetime(2026, 3, 1, tzinfo=UTC)
PERIOD = timedelta(days=2)
OPEN = 12
"""Things that go on at a time on one host."""

_AUTOMATION = ("ansible", "deploy", "backup", "svc-ci", "nagios", "git")
_PEOPLE = tuple(
    f"{first}{last}" for last in ("", ".novak", "-ito", "02") for first in ("anna", "bob", "eve", "li", "omar", "zoe")
)
_ACCOUNTS = (*_AUTOMATION, *_PEOPLE)
_GUESSES = (
    "admin",
    "test",
    "oracle",
    "ubuntu",
    "user",
    "postgres",
    "ftpuser",
    "pi",
    "guest",
    "hadoop",
    "es",
    "minecraft",
)
_KEYS = [hashlib.sha256(str(n).encode()).hexdigest()[:43] for n in range(len(_ACCOUNTS))]
_COMMANDS = (
    "/usr/bin/apt-get update",
    "/usr/bin/systemctl restart nginx",
    "/bin/cat /var/log/syslog",
    "/usr/bin/rsync --server -a . /srv",
)


def write_logs(folder: Path, hosts: int, lines: int, *, seed: int = 1) -> None:
    """Write a log of so many lines for each host."""
    rng = random.Random(seed)
    step = PERIOD / lines
    for number in range(hosts):
        name, messages = f"host{number:04}", _Host(rng, number, hosts).messages()
        with (folder / f"{name}.log").open("w") as log:
            for line in range(lines):
                log.write(f"{_stamp(step * line)} {name} {next(messages)}\n")


def write_central_log(path: Path, hosts: int, lines: int, *, seed: int = 1) -> None:
    """Write the log of a central server: the lines of all hosts in one file, of the first ones most."""
    rng = random.Random(seed)
    made = [(f"host{number:04}", _Host(rng, number, hosts).messages()) for number in range(hosts)]
    weights = _power_law(hosts)
    step = PERIOD / lines
    with path.open("w") as log:
        for line in range(lines):
            ((name, messages),) = rng.choices(made, cum_weights=weights)
            log.write(f"{_stamp(step * line)} {name} {next(messages)}\n")


def _stamp(since: timedelta) -> str:
    return (START + since).isoformat(timespec="microseconds")


def _power_law(count: int) -> list[float]:
    return list(accumulate(1 / rank for rank in range(1, count + 1)))


class _Host:
    """What happens on one host."""

    def __init__(self, rng: random.Random, number: int, hosts: int) -> None:
        self._rng = rng
        self._pid = rng.randrange(300, 30_000)
        self._session = 1
        self._server = "sshd-session" if number % 3 == 1 else "sshd"
        self._verbose = number % 5 == 2
        self._exposed = number % 10 == 0
        self._hosts, self._weights = hosts, _power_law(hosts)
        self._accounts = _power_law(len(_ACCOUNTS))

    def messages(self) -> Iterator[str]:
        """Program and message of one line after the other."""
        rng = self._rng
        going = [self._thing() for _ in range(OPEN)]
        while True:
            place = rng.randrange(OPEN)
            message = next(going[place], None)
            if message is None:
                going[place] = self._thing()
            else:
                yield message

    def _thing(self) -> Iterator[str]:
        kind = self._rng.random()
        if self._exposed and kind < 0.7:
            return self._scan()
        if kind < 0.85:
            return self._logon()
        return self._cron() if kind < 0.95 else self._sudo()

    def _next_pid(self) -> int:
        self._pid = self._pid % 4_000_000 + self._rng.randrange(1, 40)
        return self._pid

    def _logon(self) -> Iterator[str]:
        rng, number = self._rng, self._session
        self._session += 1
        (account,) = rng.choices(range(len(_ACCOUNTS)), cum_weights=self._accounts)
        (source,) = rng.choices(range(self._hosts), cum_weights=self._weights)
        user, uid, port = _ACCOUNTS[account], 1000 + account, rng.randrange(32_768, 61_000)
        address = f"10.77.{source // 250}.{source % 250 + 1}" if source % 12 else f"fd12:77::{source + 1:x}"
        pid, child, peer = self._next_pid(), self._next_pid(), f"{address} port {port}"
        tag, opened = f"{self._server}[{pid}]: ", f"session opened for user {user}(uid={uid}) by {user}(uid=0)"
        if self._verbose:
            yield f'{tag}Connection from {peer} on 10.77.200.1 port 22 rdomain ""'
        if rng.random() < 0.04:
            yield f"{tag}pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost={address}  user={user}"
            yield f"{tag}Failed password for {user} from {peer} ssh2"
        key = f"ED25519 SHA256:{_KEYS[account]}"
        if account == 1:  # its keys are signed
            proof = (
                f": ED25519-CERT SHA256:{_KEYS[account]} ID {user}@corp (serial {source}) CA ED25519 SHA256:{_KEYS[0]}"
            )
        else:
            proof = f": {key}"
        if self._verbose and account != 1:
            yield f"{tag}Accepted key {key} found at /home/{user}/.ssh/authorized_keys:1"
            yield f"{tag}Postponed publickey for {user} from {peer} ssh2 [preauth]"
        method, proof = ("publickey", proof) if account < len(_AUTOMATION) or rng.random() < 0.6 else ("password", "")
        yield f"{tag}Accepted {method} for {user} from {peer} ssh2{proof}"
        yield f"{tag}pam_unix(sshd:session): {opened}"
        yield f"systemd-logind[612]: New session {number} of user {user}."
        if rng.random() < 0.3:
            yield f"(systemd)[{self._next_pid()}]: pam_unix(systemd-user:session): {opened}"
        if self._verbose:
            yield f"{tag}User child is on pid {child}"
            yield f"{self._server}[{child}]: Starting session: command for {user} from {peer} id 0"
            yield f"{self._server}[{child}]: Close session: user {user} from {peer} id 0"
            yield f"{self._server}[{child}]: Transferred: sent {rng.randrange(2000, 90_000)}, received {rng.randrange(2000, 9000)} bytes"
            yield f"{self._server}[{child}]: Closing connection to {peer}"
        if rng.random() < 0.8:
            yield f"{self._server}[{child}]: Received disconnect from {peer}:11: disconnected by user"
            yield f"{self._server}[{child}]: Disconnected from user {user} {peer}"
        else:
            yield f"{self._server}[{child}]: Connection closed by {peer}"
        yield f"{tag}pam_unix(sshd:session): session closed for user {user}"
        yield f"systemd-logind[612]: Session {number} logged out. Waiting for processes to exit."
        yield f"systemd-logind[612]: Removed session {number}."

    def _scan(self) -> Iterator[str]:
        rng = self._rng
        scanner = int(rng.paretovariate(0.7)) * 2_654_435_761 % (1 << 32)
        address = f"{45 + scanner % 150}.{scanner >> 8 & 255}.{scanner >> 16 & 255}.{scanner >> 24 & 255}"
        port, tag = rng.randrange(1024, 65_536), f"{self._server}[{self._next_pid()}]: "
        peer, kind = f"{address} port {port}", rng.random()
        failure = (
            f"{tag}pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost={address} "
        )
        if kind < 0.55:
            guess = rng.choice(_GUESSES) if kind < 0.4 else f"{rng.choice(_GUESSES)}{rng.randrange(1000)}"
            yield f"{tag}Invalid user {guess} from {peer}"
            yield f"{tag}pam_unix(sshd:auth): check pass; user unknown"
            yield failure
            yield f"{tag}Failed password for invalid user {guess} from {peer} ssh2"
            if kind < 0.3:
                yield f"{tag}Received disconnect from {peer}:11: Bye Bye [preauth]"
                yield f"{tag}Disconnected from invalid user {guess} {peer} [preauth]"
            else:
                yield f"{tag}Connection closed by invalid user {guess} {peer} [preauth]"
        elif kind < 0.85:
            yield f"{failure} user=root"
            yield f"{tag}Failed password for root from {peer} ssh2"
            if kind < 0.75:
                yield f"{tag}Received disconnect from {peer}:11:  [preauth]"
                yield f"{tag}Disconnected from authenticating user root {peer} [preauth]"
            elif kind < 0.8:
                yield f"{tag}message repeated 2 times: [ Failed password for root from {peer} ssh2]"
                yield f"{tag}Connection reset by authenticating user root {peer} [preauth]"
                yield f"{tag}PAM 2 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost={address}  user=root"
            else:
                yield f"{tag}message repeated 5 times: [ Failed password for root from {peer} ssh2]"
                yield f"{tag}error: maximum authentication attempts exceeded for root from {peer} ssh2 [preauth]"
                yield f"{tag}Disconnecting authenticating user root {peer}: Too many authentication failures [preauth]"
                yield f"{tag}PAM 5 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost={address}  user=root"
                yield f"{tag}PAM service(sshd) ignoring max retries; 6 > 3"
        elif kind < 0.92:
            yield f"{tag}Connection closed by {peer} [preauth]"
        elif kind < 0.95:
            yield f"{tag}error: kex_exchange_identification: Connection closed by remote host"
            yield f"{tag}Connection closed by {peer}"
        elif kind < 0.97:
            yield f"{tag}banner exchange: Connection from {peer}: invalid format"
        elif kind < 0.99:
            yield f"{tag}Unable to negotiate with {peer}: no matching host key type found. Their offer: ssh-rsa [preauth]"
        else:
            yield f"{tag}fatal: Timeout before authentication for {peer}"

    def _cron(self) -> Iterator[str]:
        tag = f"CRON[{self._next_pid()}]: pam_unix(cron:session): session "
        yield f"{tag}opened for user root(uid=0) by root(uid=0)"
        yield f"{tag}closed for user root"

    def _sudo(self) -> Iterator[str]:
        rng = self._rng
        user = rng.choice(_PEOPLE)
        if rng.random() < 0.1:
            pid = self._next_pid()
            yield f"su[{pid}]: (to root) {user} on pts/{rng.randrange(9)}"
            yield f"su[{pid}]: pam_unix(su-l:session): session opened for user root(uid=0) by {user}(uid=1007)"
            yield f"su[{pid}]: pam_unix(su-l:session): session closed for user root"
            return
        yield f"sudo:   {user} : TTY=pts/{rng.randrange(9)} ; PWD=/home/{user} ; USER=root ; COMMAND={rng.choice(_COMMANDS)}"
        yield f"sudo: pam_unix(sudo:session): session opened for user root(uid=0) by {user}(uid=1007)"
        yield "sudo: pam_unix(sudo:session): session closed for user root"
