"""The topology as running servers: a network, a mount, a PID and a UTS namespace each, with sshd and rsyslogd."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.range import credentials, network
from tests.range.furnish import FORWARD, furnish
from tests.range.namespaces import PATH, RUN, RangeError

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from tests.range.topology import Host, Topology

LOGS = ("auth.log", "auth-iso.log")
PATIENCE = 20.0
"""Seconds after which what should have happened counts as failed."""

# The first process of a host. /run goes last, since the host's files come from there.
BOOT = """\
set -e
hostname {name}
mount --bind {root}/etc /etc
mount --bind {root}/home /home
mount --bind {root}/log /var/log
mount -t tmpfs -o mode=1777 tmp /tmp
mount -t tmpfs -o mode=700 root /root
mount -t tmpfs -o mode=755 dev {root}/dev
for node in null zero full random urandom tty; do
    touch {root}/dev/$node
    mount --bind /dev/$node {root}/dev/$node
done
mkdir {root}/dev/pts {root}/dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts {root}/dev/pts
ln -s pts/ptmx {root}/dev/ptmx
mount --rbind {root}/dev /dev
mount -t tmpfs -o mode=755 run /run
mkdir /run/sshd
touch /run/utmp /var/log/wtmp /var/log/lastlog
install -m 600 /dev/null /var/log/btmp
if [ -w /proc/sys/kernel/ns_last_pid ]; then echo {pid} > /proc/sys/kernel/ns_last_pid; fi
cd /
rsyslogd -f /etc/rsyslog.conf -i /run/rsyslogd.pid
/usr/sbin/sshd -D -f /etc/ssh/sshd_config &
wait
"""


@dataclass(frozen=True, slots=True)
class Done:
    """A command that ran on a host; times in seconds since the epoch."""

    code: int
    out: str
    err: str
    started: float
    ended: float


class Server:
    """One running host.

    Parameters
    ----------
    host
        What it is.
    root
        The folder of its private files.
    """

    def __init__(self, host: Host, root: Path) -> None:
        self.host = host
        self.root = root
        self._boot = (root / "boot").open("w+", encoding="utf-8")
        script = BOOT.format(name=host.name, root=root, pid=host.uptime_pids)
        namespaces = ["--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"]
        self._process = subprocess.Popen(
            ["nsenter", f"--net={RUN}/netns/{host.name}", "unshare", *namespaces, "/bin/sh", "-c", script],
            stdin=subprocess.DEVNULL,
            stdout=self._boot,
            stderr=subprocess.STDOUT,
            env={"PATH": PATH, "TZ": "UTC", "LC_ALL": "C.UTF-8"},
        )
        self._first = 0

    def await_ready(self) -> None:
        """Wait until sshd has said through rsyslog that it listens: both work then."""
        wait_for(lambda: "Server listening" in self.log() or self._ended(), f"sshd of {self.host.name}", self.trouble)
        if self._ended():
            raise RangeError(f"{self.host.name} did not start\n{self.trouble()}")
        (self._first,) = _family()[self._process.pid]

    def _ended(self) -> bool:
        return self._process.poll() is not None

    def run(self, user: str, script: str, *, seconds: float = 60.0) -> Done:
        """Run a shell script on this host as `user`, without a login and so without a trace in the log."""
        command = ["nsenter", f"--target={self._first}", "--mount", "--uts", "--net", "--pid", "--wd=/"]
        command += ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--reset-env"]
        started = time.time()
        try:
            done = subprocess.run(
                [*command, "/bin/sh", "-c", f"cd; {script}"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="backslashreplace",
                timeout=seconds,
                check=False,
                env={"PATH": PATH, "TZ": "UTC", "LC_ALL": "C.UTF-8"},
            )
        except subprocess.TimeoutExpired as error:
            raise RangeError(
                f"{user}@{self.host.name}: no end after {seconds} s: {script}\n{self.trouble()}"
            ) from error
        return Done(done.returncode, done.stdout, done.stderr, started, time.time())

    def busy(self, family: dict[int, list[int]]) -> bool:
        """Whether any connection to this sshd is still being served; `family` is from `_family`."""
        return any(family.get(child) for child in family.get(self._first, []) if _name(child) == "sshd")

    def log(self, name: str = "auth.log") -> str:
        """The text of a log so far."""
        path = self.root / "log" / name
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def finish_log(self, marker: str) -> None:
        """Send a last message through the host's /dev/log and wait until both files have it."""
        self.run("root", f"logger -p auth.notice -t range '{marker}'")
        wait_for(lambda: all(marker in self.log(name) for name in LOGS), f"log of {self.host.name}", self.trouble)

    def trouble(self) -> str:
        """What a person needs to see why this host failed."""
        self._boot.seek(0)
        return f"--- {self.host.name}: boot\n{self._boot.read()}--- {self.host.name}: auth.log\n{self.log()[-6000:]}"


class Estate:
    """All hosts of a topology, running. To be made in a process that `namespaces` has set apart.

    Parameters
    ----------
    topology
        Which hosts.
    forward
        Hosts whose rsyslog also sends to a collector on the router, and the TCP port there.
    """

    def __init__(self, topology: Topology, forward: tuple[Container[str], int] = ((), 0)) -> None:
        self.topology = topology
        root = RUN / "range"
        self.credentials = credentials.make(topology, root / "keys")
        network.build(topology)
        for host in topology.hosts:
            sends = FORWARD.format(target=network.router(host, topology), port=forward[1])
            furnish(host, topology, self.credentials, root / host.name, sends if host.name in forward[0] else "")
        self.servers = {host.name: Server(host, root / host.name) for host in topology.hosts}
        for server in self.servers.values():
            server.await_ready()

    def settle(self) -> None:
        """Wait until no connection is open anywhere and the wall clock has begun another second.

        Whole-second stamps then cannot make what follows look as if it overlapped what was before.
        """
        wait_for(self._quiet, "all connections ended", self.trouble)
        time.sleep(1.0 - time.time() % 1.0)

    def _quiet(self) -> bool:
        family = _family()
        return not any(server.busy(family) for server in self.servers.values())

    def trouble(self) -> str:
        """What is known of every host."""
        return "\n".join(server.trouble() for server in self.servers.values())

    def collect(self, out: Path) -> None:
        """Copy both logs of every host to `out`/<host>/, complete."""
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda server: server.finish_log("end of recording"), self.servers.values()))
        for name, server in self.servers.items():
            (out / name).mkdir(parents=True)
            for log in LOGS:
                shutil.copyfile(server.root / "log" / log, out / name / log)


def wait_for(condition: Callable[[], bool], what: str, trouble: Callable[[], str]) -> None:
    """Poll until `condition` holds; RangeError after PATIENCE seconds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise RangeError(f"waited {PATIENCE} s in vain: {what}\n{trouble()}")
        time.sleep(0.02)


def _family() -> dict[int, list[int]]:
    """Children by parent, of all processes of the range, from proc(5)."""
    family: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            family.setdefault(_parent(entry.name), []).append(int(entry.name))
    return family


def _parent(pid: str) -> int:
    """Field 4 of /proc/PID/stat, counted from after the name in parentheses; 0 where the process is gone."""
    try:
        text = Path("/proc", pid, "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    return int(text.rpartition(")")[2].split()[1])


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        return ""
