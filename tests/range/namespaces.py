"""What keeps a range apart from this machine, and makes it vanish with its owner.

One process is put into new mount, PID, network, UTS and IPC namespaces and becomes the PID 1 of all that happens. When
it ends, however it ends, the kernel kills every process of its PID namespace, and with the last of them the mounts
and networks are gone: pid_namespaces(7), network_namespaces(7).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

PROGRAMS = {
    "sshd": "openssh-server",
    "ssh": "openssh-client",
    "rsyslogd": "rsyslog",
    "ip": "iproute2",
    "sshpass": "sshpass",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "setpriv": "util-linux",
    "logger": "bsdutils",
    "perl": "perl-base",
}
"""What a range runs, and the Debian package that has it."""

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
RUN = Path("/run")


class RangeError(RuntimeError):
    """Something in the range did not go as the scenario says; the text has what is needed to see why."""


def missing() -> list[str]:
    """What this machine lacks for a range, in words; empty where nothing is lacking."""
    if sys.platform != "linux":
        return ["Linux"]
    if os.geteuid() != 0:
        return ["root"]
    absent = [f"{name} (package {package})" for name, package in PROGRAMS.items() if not shutil.which(name, path=PATH)]
    if not Path("/proc/net/if_inet6").exists():
        absent.append("IPv6 in the kernel")
    tried = None if absent else sh(["unshare", *_NEW, "ip", "link", "add", "probe", "type", "bridge"], check=False)
    if tried is not None and tried.returncode:
        absent.append(f"leave to make namespaces and bridges ({tried.stderr.strip()})")
    return absent


_NEW = ("--mount", "--pid", "--net", "--uts", "--ipc", "--fork", "--kill-child", "--mount-proc")


def sh(command: list[str], *, stdin: str = "", check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a program of the system; RangeError with its words where it fails and `check` is set."""
    done = subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": PATH, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
    )
    if check and done.returncode:
        raise RangeError(f"{' '.join(command)} gave {done.returncode}: {done.stderr or done.stdout}")
    return done


def run_apart(arguments: list[str], *, seconds: float) -> None:
    """Run `python -m tests.range` with `arguments` in namespaces of its own, and wait.

    The child holds the other end of its standard input, which closes when this process ends in any way; see
    `end_with_parent`.

    Raises
    ------
    RangeError
        It failed, or took longer than `seconds`; with all that it said.
    """
    command = ["unshare", *_NEW, sys.executable, "-m", "tests.range", *arguments]
    environment = {"PATH": PATH, "LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as child:
        try:
            # Not communicate(): that would close the standard input, the life line, at once.
            words = _until_end(child, seconds)
        except BaseException:
            child.kill()
            raise
    if child.returncode:
        raise RangeError(f"the range ended with {child.returncode}:\n{words}")


def _until_end(child: subprocess.Popen[str], seconds: float) -> str:
    assert child.stdout is not None
    alarm = threading.Timer(seconds, child.kill)
    alarm.start()
    try:
        return child.stdout.read()
    finally:
        alarm.cancel()
        child.wait(timeout=5)


def end_with_parent() -> None:
    """End this process, and with it the range, as soon as its standard input closes."""

    def watch() -> None:
        while os.read(0, 1024):
            pass
        os._exit(3)

    threading.Thread(target=watch, daemon=True).start()


def hide_run() -> None:
    """Put an empty /run in the place of the machine's. Namespaces named by ip(8) and all files of hosts go there."""
    sh(["mount", "-t", "tmpfs", "-o", "mode=755", "range", str(RUN)])
    (RUN / "netns").mkdir()
