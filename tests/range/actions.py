"""What one person or program does, and what it writes into the truth: what was asked for, if the exit code agrees."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING

from tests.range.credentials import accounts_of
from tests.range.hosts import wait_for
from tests.range.namespaces import RangeError
from tests.range.truth import Chain, Failure, Fanout, Hop, Refusal, Truth, iso

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.range.hosts import Done, Estate
    from tests.range.topology import Person

STAMP = "date +at:%s.%N:$(uname -n)"
"""Said on every host of a walk before it goes on: the proof of being there, and when."""

AT = re.compile(r"\bat:(\d+\.\d+):(\S+)")
DENIED = 255
"""Exit code of ssh(1) where it could not log in."""

COPIES = {
    "scp": "scp -q -o BatchMode=yes -s /etc/hostname {there}:",
    "scp-legacy": "scp -q -o BatchMode=yes -O /etc/hostname {there}:",
    "sftp": "echo put /etc/hostname | sftp -q -b - {there}",
}
"""One file to another host; `scp -s` speaks SFTP, which is the default from OpenSSH 9.0."""


@dataclass(frozen=True, slots=True)
class Place:
    """An account on a host: where an action starts."""

    host: str
    user: str


@dataclass(frozen=True, slots=True)
class Leg:
    """A step to another host.

    Parameters
    ----------
    dst, user
        Where to, and as whom.
    by
        key (whichever the account has here), agent (a forwarded one), password, keyboard-interactive.
    dwell
        Seconds that are spent there before going on.
    """

    dst: str
    user: str
    by: str = "key"
    dwell: float = 0.0


class Player:
    """Does things on an estate and keeps the truth of it."""

    def __init__(self, estate: Estate, truth: Truth) -> None:
        self.estate = estate
        self.truth = truth
        self._passwords = accounts_of(estate.topology)

    def login(self, start: Place, leg: Leg, *, shell: bool = False) -> None:
        """Log in once, run a command or (`shell`) a login shell on a terminal, and leave."""
        client = self._client(leg)
        script = f"{STAMP}; printf '%s\\nexit\\n' {quote(STAMP)} | {client} -tt" if shell else ""
        done = self._run(start, script or f"{STAMP}; {client} {quote(STAMP)}")
        self._hop(start, leg, self._seen(done, [start.host, leg.dst])[0], done, "shell" if shell else "command")

    @contextmanager
    def staying(self, start: Place, leg: Leg) -> Iterator[None]:
        """Be logged in, doing nothing, while something else happens."""
        server = self.estate.servers[leg.dst]
        there = server.root / "home" / leg.user
        client = self._client(leg)
        script = f"{STAMP}; {client} {quote(f'{STAMP}; touch .here; until [ -e .leave ]; do sleep 0.05; done')}"
        with ThreadPoolExecutor(1) as pool:
            stay = pool.submit(self._run, start, script)
            try:
                wait_for(lambda: stay.done() or (there / ".here").exists(), f"{leg} to arrive", server.trouble)
                yield
            finally:
                (there / ".leave").touch()
            done = stay.result()
        self._hop(start, leg, self._seen(done, [start.host, leg.dst])[0], done, "command")

    def walk(
        self, start: Place, legs: Sequence[Leg], name: str, *, attack: bool, beside: Sequence[tuple[Place, Leg]] = ()
    ) -> None:
        """Go from host to host, each ssh started inside the session before, which stays open meanwhile.

        `beside` says for the truth which sessions were held open on the way (`staying`).
        """
        agent = legs[0].by == "agent"
        script = f"{STAMP}; {self._nested(legs)}"
        if agent:
            script = (
                f'eval "$(ssh-agent -s)" >/dev/null; ssh-add -q; {script}; code=$?; ssh-agent -k >/dev/null; exit $code'
            )
        done = self._run(start, script)
        hosts = [start.host, *(leg.dst for leg in legs)]
        times = self._seen(done, hosts)
        origins = [start, *(Place(leg.dst, leg.user) for leg in legs)]
        for origin, leg, time in zip(origins, legs, times, strict=False):
            owner = start if agent else origin
            self._hop(origin, leg, time, done, "command", key_of=owner.user)
        others = tuple((place.host, leg.dst, leg.user) for place, leg in beside)
        self._chain(name, attack, times[0], start, legs, others)

    def jump(self, start: Place, legs: Sequence[Leg], name: str, *, attack: bool, stdio: bool = False) -> None:
        """Reach the last leg's host through the others by ProxyJump, or (`stdio`, one jump) by `ssh -W` of one's own.

        The hosts between accept a login and open no session.
        """
        *through, last = legs
        way = f"-J {','.join(f'{leg.user}@{leg.dst}' for leg in through)}"
        if stdio:
            (middle,) = through
            way = f"-o ProxyCommand={quote(f'{self._client(middle)} -W %h:%p')}"
        done = self._run(start, f"{STAMP}; {self._client(last)} {way} {quote(STAMP)}")
        time, _ = self._seen(done, [start.host, last.dst])
        origin = start
        for leg in legs:
            self._hop(origin, leg, time, done, "command" if leg is last else "jump", key_of=start.user)
            origin = Place(leg.dst, leg.user)
        self._chain(name, attack, time, start, legs)

    def copy(self, start: Place, leg: Leg, tool: str) -> None:
        """Copy a file to another host with one of COPIES."""
        done = self._run(start, f"{STAMP}; {COPIES[tool].format(there=f'{leg.user}@{leg.dst}')}")
        self._hop(start, leg, self._seen(done, [start.host])[0], done, tool)

    def share(self, start: Place, leg: Leg, sessions: int) -> None:
        """Open one connection and several sessions on it (ControlMaster)."""
        there = f"{leg.user}@{leg.dst}"
        one = f"ssh -S ~/.ssh/shared {there} {quote(STAMP)}"
        script = " && ".join([
            f"{STAMP}; ssh -fNM -S ~/.ssh/shared -o BatchMode=yes {there}",
            *[one] * sessions,
            f"ssh -q -S ~/.ssh/shared -O exit {there}",
        ])  # fmt: skip
        done = self._run(start, script)
        time = self._seen(done, [start.host, *[leg.dst] * sessions])[0]
        self._hop(start, leg, time, done, "master", sessions=sessions)

    def guess(self, start: Place, dst: str, user: str, *, tries: int = 1, method: str = "password") -> None:
        """Give wrong passwords on one connection, `tries` of them, and be refused."""
        options = f"-o PreferredAuthentications={method} -o PubkeyAuthentication=no -o NumberOfPasswordPrompts={tries}"
        ask = "GUESS=letmein SSH_ASKPASS=/etc/ssh/answer SSH_ASKPASS_REQUIRE=force"
        script = (
            f"export ASKED=$(mktemp); {STAMP}; {ask} ssh {options} -l {quote(user)} {dst} true; "
            "code=$?; echo answers:$(wc -l <$ASKED); rm $ASKED; exit $code"
        )
        done = self._run(start, script, code=DENIED)
        if f"answers:{tries}\n" not in done.out:
            raise self._surprise(start, script, done)
        (time,) = self._seen(done, [start.host])
        self.truth.add(
            *[
                Failure(
                    src=start.host,
                    dst=dst,
                    user=user,
                    as_user=start.user,
                    method=method,
                    valid=user in self._passwords or user == "root",
                    t=iso(time),
                    until=iso(done.ended),
                )
            ]
            * tries
        )

    def fan_out(self, start: Place, targets: Sequence[str]) -> None:
        """Log in with the same account to one host after the other; a host may refuse the key."""
        refusing = self.estate.topology.refuses_deploy if start.user == "deploy" else None
        began = None
        for target in targets:
            leg = Leg(target, start.user)
            script = f"{STAMP}; {self._client(leg)} {quote(STAMP)}"
            done = self._run(start, script, code=DENIED if target == refusing else 0)
            time = self._seen(done, [start.host, *([] if target == refusing else [target])])[0]
            began = began or time
            if target == refusing:
                key = self._key_of(start.user)[0]
                self.truth.add(Refusal(start.host, target, start.user, start.user, key, iso(time)))
            else:
                self._hop(start, leg, time, done, "command")
        reached = [target for target in targets if target != refusing]
        self.truth.fanout = Fanout(start.host, start.user, len(reached), iso(began or 0.0))

    def _client(self, leg: Leg) -> str:
        """The ssh command of a leg, without the remote command."""
        there = f"{leg.user}@{leg.dst}"
        if leg.by in {"key", "agent"}:
            forward = " -A" if leg.by == "agent" else ""
            return f"ssh{forward} -o BatchMode=yes -o PreferredAuthentications=publickey {there}"
        options = f"-o PreferredAuthentications={leg.by} -o PubkeyAuthentication=no -o NumberOfPasswordPrompts=1"
        return f"SSHPASS={quote(self._passwords[leg.user])} sshpass -e ssh {options} {there}"

    def _nested(self, legs: Sequence[Leg]) -> str:
        first, *rest = legs
        stay = f"; sleep {first.dwell}" if first.dwell else ""
        onward = f"; {self._nested(rest)}" if rest else ""
        return f"{self._client(first)} {quote(f'{STAMP}{stay}{onward}')}"

    def _run(self, start: Place, script: str, *, code: int = 0) -> Done:
        done = self.estate.servers[start.host].run(start.user, script)
        if done.code != code:
            raise self._surprise(start, script, done)
        return done

    def _surprise(self, start: Place, script: str, done: Done) -> RangeError:
        return RangeError(
            f"{start.user}@{start.host}: unexpected end {done.code} of: {script}\n"
            f"--- output\n{done.out}--- errors\n{done.err}{self.estate.trouble()}"
        )

    def _seen(self, done: Done, hosts: list[str]) -> list[float]:
        """Times of the stamps, which must have been said on exactly these hosts."""
        stamps = AT.findall(done.out)
        if [host for _, host in stamps] != hosts:
            raise RangeError(f"stamps of {stamps}, expected {hosts}\n{done.err}{self.estate.trouble()}")
        return [float(time) for time, _ in stamps]

    def _key_of(self, account: str) -> tuple[str, str | None]:
        """Fingerprint and certificate id of the key that an account logs in with."""
        person = self._person(account)
        return self.estate.credentials.fingerprints[person.name], person.cert_id

    def _person(self, account: str) -> Person:
        return next(person for person in self.estate.topology.people if account in {person.name, person.admin})

    def _hop(
        self,
        origin: Place,
        leg: Leg,
        time: float,
        done: Done,
        how: str,
        *,
        key_of: str | None = None,
        sessions: int | None = None,
    ) -> None:
        keyed = leg.by in {"key", "agent"}
        key, cert_id = self._key_of(key_of or origin.user) if keyed else (None, None)
        self.truth.add(
            Hop(
                src=origin.host,
                dst=leg.dst,
                user=leg.user,
                as_user=origin.user,
                method="publickey" if keyed else leg.by,
                t=iso(time),
                until=iso(done.ended),
                how=how,
                key=key,
                cert_id=cert_id,
                sessions=(how != "jump") if sessions is None else sessions,
            )
        )

    def _chain(
        self,
        name: str,
        attack: bool,
        time: float,
        start: Place,
        legs: Sequence[Leg],
        beside: tuple[tuple[str, str, str], ...] = (),
    ) -> None:
        hosts = (start.host, *(leg.dst for leg in legs))
        self.truth.add(Chain(name, attack, iso(time), hosts, tuple(leg.user for leg in legs), beside))
