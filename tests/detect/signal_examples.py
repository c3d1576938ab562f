"""One story for each detector that looks at more than logons: what docs/detectors.md shows."""

from __future__ import annotations

from tests.detect.signals import Story, audit_line, certified, deeds, opened, said, sensed, started, wrote

CAME = "10:00:00.1 ws2>web1 bob k until 10:30:00.1"

EXAMPLES: dict[str, Story] = {
    "tunnel": Story(deeds(CAME), [started("10:05:00", "web1", "bob", "ssh -fND 1080 bob@db1")]),
    "proxy-jump": Story(
        [
            *deeds(
                CAME, "10:00:02.1 web1>db1 bob k until 10:29:00.1", "09:00:05.1 ws1>web1 ann password until 09:10:00.1"
            ),
            opened("09:00:05.2", "ws1>web1", "ann", 50002),
        ]
    ),
    "control-master": Story(
        [
            *deeds("10:00:00.1 ws2>web1 bob k until 11:30:00.1"),
            opened("10:00:00.2", "ws2>web1", "bob", 50000),
            opened("11:29:00", "ws2>web1", "bob", 50000, "command"),
        ]
    ),
    "key-reuse": Story(
        deeds("10:00:00.1 ws1>web1 ann k", "11:00:00.1 ws2>web1 bob k", "12:00:00.1 ws1>app1 eve k")
    ),
    "stolen-key": Story(deeds(CAME, "12:00:00.1 web1>app1 bob k")),
    "planted-key": Story(
        deeds(CAME, "12:00:00.1 198.51.100.9>web1 root evil"),
        [wrote("10:05:00", "web1", "bob", "/root/.ssh/authorized_keys", "tee")],
    ),
    "certificate": Story(
        [
            *(certified(f"03-0{day} 10:00:00.1", "ws2>web1", "bob", 50000 + day) for day in range(1, 4)),
            certified("03-04 11:00:00.1", "ws2>db1", "root", 50004),
        ]
    ),
    "staging": Story(
        [*deeds(CAME, "10:05:00.1 web1>db1 bob k until 10:06:00.1"), opened("10:05:00.2", "web1>db1", "bob", 50001, "subsystem 'sftp'")],
        [started("10:04:59", "web1", "bob", "scp tool.sh bob@db1:/tmp/")],
    ),
    "tampering": Story(
        deeds(CAME),
        [
            wrote("10:05:00", "web1", "bob", "/var/log/auth.log", "bash", "truncate"),
            audit_line(
                "10:06:00", "web1",
                'CONFIG_CHANGE auid=1000 ses=5 op="remove_rule" key="exec" list=4 res=1 AUID="bob"',
            ),
        ],
    ),
    "silence": Story(
        [
            *deeds("09:00:00.1 ws1>web1 ann k", "11:00:00.1 ws1>web1 ann k"),
            said("09:00:00", "web1", "Connection from 10.0.1.1 port 50000 on 10.0.2.1 port 22"),
        ],
        zeek=[sensed("10:00:00.1", "ws2>web1", 50005, auth_success=True, auth_attempts=1)],
    ),
    "client-software": Story(
        [
            said(f"03-0{day} 10:00:00.1", "web1", f"Accepted publickey for bob from 10.0.1.2 port {50000 + day} ssh2: ED25519 SHA256:k")
            for day in range(1, 5)
        ],
        zeek=[
            sensed(
                f"03-0{day} 10:00:00", "ws2>web1", 50000 + day, auth_success=True, auth_attempts=1,
                client="SSH-2.0-OpenSSH_9.2p1" if day < 4 else "SSH-2.0-paramiko_3.4.0",
            )
            for day in range(1, 5)
        ],
    ),
}  # fmt: skip
