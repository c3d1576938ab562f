"""The files of a host: a whole /etc, homes with keys, an empty /var/log. Nothing of this machine's own is shown."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tests.range.credentials import Credentials, accounts_of
from tests.range.namespaces import sh

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.range.topology import Host, Topology

FIRST_UID = 1001
SFTP_SERVERS = ("/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/lib/ssh/sftp-server")

SSHD_CONFIG = """\
Port 22
HostKey /etc/ssh/ssh_host_ed25519_key
LogLevel {level}
MaxAuthTries {tries}
UsePAM yes
UseDNS no
PasswordAuthentication yes
KbdInteractiveAuthentication yes
PermitRootLogin prohibit-password
TrustedUserCAKeys /etc/ssh/user_ca.pub
AuthorizedKeysFile .ssh/authorized_keys
PrintMotd no
PrintLastLog no
Subsystem sftp {sftp}
"""

SSH_CONFIG = """\
Host *
    AddressFamily {family}
    StrictHostKeyChecking yes
    GlobalKnownHostsFile /etc/ssh/ssh_known_hosts
    UserKnownHostsFile /dev/null
    UpdateHostKeys no
    ConnectTimeout 10
"""

# nodelay: pam_unix waits two seconds after a wrong password, which tells a log nothing.
PAM_SSHD = """\
auth     required  pam_unix.so nodelay
account  required  pam_unix.so
session  required  pam_unix.so
"""

RSYSLOG = """\
global(localHostname="{name}" workDirectory="/run")
module(load="imuxsock" SysSock.Name="/dev/log")
$RepeatedMsgReduction {folds}
auth,authpriv.* action(type="omfile" file="/var/log/auth.log" template="RSYSLOG_TraditionalFileFormat")
auth,authpriv.* action(type="omfile" file="/var/log/auth-iso.log" template="RSYSLOG_FileFormat")
"""

FORWARD = """\
auth,authpriv.* action(type="omfwd" target="{target}" port="{port}" protocol="tcp" TCP_Framing="octet-counted"
    template="RSYSLOG_SyslogProtocol23Format" action.resumeRetryCount="-1" action.resumeInterval="1")
"""
"""For hosts that send what they log to a collector on the router of their segment."""

# What ssh asks for a password in a script: says $GUESS, and notes that it was asked.
ANSWER = """\
#!/bin/sh
echo asked >> "$ASKED"
echo "$GUESS"
"""


def furnish(host: Host, topology: Topology, keys: Credentials, root: Path, forward: str = "") -> None:
    """Make the files of a host: a whole /etc, its homes, an empty /var/log. `forward` is more for rsyslog's."""
    for name in ("etc/ssh", "etc/pam.d", "home", "log", "dev"):
        (root / name).mkdir(parents=True)
    _write(root / "etc", _etc(host, topology, keys))
    with (root / "etc/rsyslog.conf").open("a", encoding="utf-8") as file:
        file.write(forward)
    for name in ("ld.so.cache", "ld.so.conf", "login.defs"):
        if Path("/etc", name).exists():
            shutil.copyfile(Path("/etc", name), root / "etc" / name)
    for name in ("shadow", "ssh/ssh_host_ed25519_key"):
        (root / "etc" / name).chmod(0o600)
    (root / "etc/ssh/answer").chmod(0o755)
    for uid, account in enumerate(accounts_of(topology), start=FIRST_UID):
        _home(root / "home" / account, account, uid, host, topology, keys)


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def _etc(host: Host, topology: Topology, keys: Credentials) -> dict[str, str]:
    accounts = list(enumerate(accounts_of(topology), start=FIRST_UID))
    sftp = next(str(path) for path in map(Path, SFTP_SERVERS) if path.exists())
    return {
        "hostname": f"{host.name}\n",
        "hosts": _names(topology, host),
        "nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\nhosts: files\n",
        "shells": "/bin/sh\n",
        "passwd": _lines(
            ["root:x:0:0:root:/root:/bin/sh", "sshd:x:100:65534::/run/sshd:/usr/sbin/nologin"],
            (f"{name}:x:{uid}:{uid}::/home/{name}:/bin/sh" for uid, name in accounts),
        ),
        "shadow": _lines(
            ["root:*:19000:0:99999:7:::", "sshd:!:19000::::::"],
            (f"{name}:{keys.hashes[name]}:19000:0:99999:7:::" for _, name in accounts),
        ),
        "group": _lines(["root:x:0:", "tty:x:5:", "nogroup:x:65534:"], (f"{name}:x:{uid}:" for uid, name in accounts)),
        "pam.d/sshd": PAM_SSHD,
        "pam.d/other": "auth required pam_deny.so\naccount required pam_deny.so\nsession required pam_deny.so\n",
        "rsyslog.conf": RSYSLOG.format(name=host.name, folds="on" if host.folds else "off"),
        "ssh/sshd_config": SSHD_CONFIG.format(level=host.log_level, tries=host.max_tries, sftp=sftp) + _penalties(),
        "ssh/ssh_config": SSH_CONFIG.format(family=host.family),
        "ssh/ssh_known_hosts": _lines(
            f"{other.name} {keys.host_key(other).with_suffix('.pub').read_text(encoding='utf-8').strip()}"
            for other in topology.hosts
        ),
        "ssh/user_ca.pub": keys.authority.with_suffix(".pub").read_text(encoding="utf-8"),
        "ssh/answer": ANSWER,
        "ssh/ssh_host_ed25519_key": keys.host_key(host).read_text(encoding="utf-8"),
    }


def _penalties() -> str:
    """OpenSSH 9.8 and later would shut the brute force out after some guesses (sshd_config(5), PerSourcePenalties)."""
    known = sh(["sshd", "-t", "-f", "/dev/null", "-o", "PerSourcePenalties=no"], check=False).stderr
    return "" if "Bad configuration option" in known else "PerSourcePenalties no\n"


def _lines(*parts: Iterable[str]) -> str:
    return "".join(f"{line}\n" for part in parts for line in part)


def _names(topology: Topology, host: Host) -> str:
    """The name service. A host with two legs is reached at the one in the asker's segment, else at its first."""
    lines = ["127.0.0.1 localhost"]
    near = {segment for segment, _ in host.addresses}
    for other in topology.hosts:
        best = next((segment for segment, _ in other.addresses if segment in near), other.segment)
        lines += [f"{address} {other.name}" for segment, address in other.addresses if segment == best]
    return _lines(lines)


def _home(home: Path, account: str, uid: int, host: Host, topology: Topology, keys: Credentials) -> None:
    """A home with the keys that this account takes, and those it has here."""
    folder = home / ".ssh"
    folder.mkdir(parents=True)
    person = next(person for person in topology.people if account in {person.name, person.admin})
    public = keys.key(person).with_suffix(".pub").read_text(encoding="utf-8")
    refused = person.name == "deploy" and host.name == topology.refuses_deploy
    if person.method == "publickey" and not refused:
        (folder / "authorized_keys").write_text(public, encoding="utf-8")
    if host.name in person.key_homes and person.keyed and account == person.name:
        _give_key(folder / f"id_{person.key_type}", keys.key(person))
    for path in (home, folder, *folder.iterdir()):
        os.chown(path, uid, uid)
        path.chmod(0o700 if path.is_dir() else 0o600)


def _give_key(place: Path, key: Path) -> None:
    for end in ("", ".pub", "-cert.pub"):
        if Path(f"{key}{end}").exists():
            shutil.copyfile(f"{key}{end}", f"{place}{end}")
