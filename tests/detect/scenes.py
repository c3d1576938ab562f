"""What went on for weeks, and then something that a detector should find: deeds, and what `told` needs beside them."""

from __future__ import annotations

from typing import Any

Scene = tuple[tuple[str, ...], dict[str, Any]]
"""Deeds, and the other arguments of `told`."""

DAYS = tuple(f"03-{day:02}" for day in range(1, 13))
"""Twelve days on which all is as ever."""

CORE = """
    segments:
      - {name: office, cidrs: [10.0.1.0/24]}
      - {name: mgmt, cidrs: [10.0.2.0/24]}
      - {name: core, cidrs: [10.0.4.0/24]}
    hosts:
      - {name: pc1, addresses: [10.0.1.1], owner: bob}
      - {name: adm1, addresses: [10.0.2.1]}
      - {name: adm2, addresses: [10.0.2.2]}
      - {name: dc1, addresses: [10.0.4.1], roles: [domain-controller]}
      - {name: dc2, addresses: [10.0.4.2], roles: [Domain Controller]}
      - {name: dc3, addresses: [10.0.4.3], roles: [DC]}
      - {name: esx1, addresses: [10.0.4.9], roles: [hypervisor]}
    accounts: [{name: ansible, service: true}, {name: bob, aliases: [adm-bob]}, {name: games}]
"""
"""Three domain controllers, which administrators reach from the segment mgmt."""

AT_WORK = tuple(f"{day} 10:0{n}:00.1 10.0.2.1>dc{n} adm k" for day in DAYS for n in (1, 2))
"""adm comes to dc1 and dc2 each day."""

INTRUDER = "03-13 10:00:00.1 10.0.1.1>dc1 eve password"

AUTOMATION = tuple(f"{day} 02:00:00.1 10.0.2.1>dc1 ansible k" for day in DAYS)

ROUTINE = tuple(
    f"03-{1 + n // 100:02} {n // 60 % 24:02}:{n % 60:02}:00.1 10.0.2.{1 + n % 2}>dc{1 + n % 2} adm k"
    for n in range(1100)
)

KEY_AT_HOME = tuple(f"{day} 09:00:00.1 ws1>app1 bob k" for day in DAYS[:8])

SPRAY = tuple(f"10:{n:02}:00.1 ws2>{'app1' if n % 2 else 'web1'} u{n} !password" for n in range(10))

BURST = tuple(f"10:0{n}:00.1 ws2>{host} bob k until 10:59:00.1" for n, host in enumerate(("web1", "app1", "ws1")))
ONWARD = tuple(f"10:1{n}:00.1 web1>h{n} bob k" for n in range(3))

WEEKS = tuple(f"03-{day:02}" for day in range(1, 21))
AT_HOME = tuple(
    deed for day in WEEKS for deed in (f"{day} 09:00:00.1 ws1>web1 bob k", f"{day} 09:30:00.1 ws2>app1 ann j")
)
"""bob comes to web1 and ann to app1 each day."""
MOVED = ("03-21 13:00:00.1 web1>app1 ann j", "03-21 13:04:00.1 app1>db1 root password")
"""Somebody on web1 uses ann's key, which nobody knew there, and goes on as root, whom nobody knew at all."""
DAILY = tuple(
    f"{day} {deed}"
    for day in WEEKS
    for deed in (
        "09:00:00.1 ws1>web1 bob k",
        "09:10:00.1 ws2>web1 ann j",
        "09:30:00.1 ws2>app1 ann j",
        "09:40:00.1 ws3>app1 root r",
        "09:45:00.1 ws3>db1 root r",
    )
)
"""bob and ann come to web1, ann and root to app1, root to db1 each day, from their desks."""
STOLEN = ("03-21 13:00:00.1 web1>app1 ann j", "03-21 13:04:00.1 app1>db1 root r")
"""Somebody on web1 uses what came in there, and on app1 what came in there."""

SCENES: dict[str, Scene] = {
    "unusual-movement": ((*DAILY, *STOLEN), {}),
    "policy-violation": (
        ("10:00:00.1 web1>db1 eve password",),
        {
            "policy": """\
                zones:
                  - {name: dmz, segments: [dmz]}
                  - {name: databases, hosts: [db1, db2]}
                rules:
                  - {name: web reads its data, from: [dmz], to: [databases], accounts: [web], methods: [publickey]}
                """
        },
    ),
    "asset-profile": ((*AT_WORK, INTRUDER), {"inventory": CORE}),
    "service-account": ((*AUTOMATION, "03-13 10:00:00.1 10.0.1.1>dc1 ansible password"), {"inventory": CORE}),
    "rare-edge": ((*ROUTINE, INTRUDER), {"inventory": CORE}),
    "hypervisor-access": (
        ("10:00:00.1 10.0.1.1>adm1 bob k until 10:01:00.1", "10:00:02.1 10.0.2.1>esx1 root k until 10:00:50.1"),
        {"inventory": CORE},
    ),
    "root-logon": (("10:00:00.1 ws2>db1 root password",), {}),
    "key-new-source": ((*KEY_AT_HOME, "03-09 10:00:00.1 web1>db1 bob k"), {}),
    "distant-sessions": (
        (
            *KEY_AT_HOME,
            "03-09 10:00:00.1 ws1>app1 bob k until 11:00:00.1",
            "03-09 10:30:00.1 9.9.9.9>web1 bob password",
        ),
        {},
    ),
    "spray-success": ((*SPRAY, "10:10:00.1 ws2>app1 u3 password"), {}),
    "worm-relay": ((*BURST, *ONWARD), {}),
    "scan": (tuple(f"10:00:{n:02}.1 ws2>h{n} root !password" for n in range(10)), {}),
}
"""One for each detector, by its name; docs/detectors.md shows what is found."""
