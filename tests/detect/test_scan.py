from __future__ import annotations

import pytest

from graphmap.detect.scan import Scan
from graphmap.model import Finding, Severity
from tests.detect.scenes import SCENES
from tests.detect.story import hunted, lines, told

TRIES = SCENES["scan"][0]


def test_ten_hosts_refuse_one_source() -> None:
    estate = told(*TRIES)
    assert hunted(estate, Scan()) == [
        Finding(
            id="f-c4131fbb5417",
            detector="scan",
            technique="T1046",
            severity=Severity.MEDIUM,
            score=1.660964,  # log2 of 10 hosts, halved
            title="ws2 is refused by 10 hosts in 9 s",
            why=(
                (
                    "from 2026-03-01T10:00:00.100000Z to 2026-03-01T10:00:09.100000Z: h0, h1, h2, h3, h4, h5, h6, h7, h8, h9;"
                    " it never tried them before"
                ),
                "as root",
            ),
            hosts=("ws2", *(f"h{n}" for n in range(10))),
            users=("root",),
            hops=(),
            lines=lines(*range(1, 11)),
        )
    ]


@pytest.mark.parametrize(
    ("deeds", "expected"),
    [
        (TRIES[:9], []),
        ((*TRIES[:9], "10:00:10.1 ws2>h0 eve !password"), []),  # the same host again
        (tuple(deed.replace("ws2", "9.9.9.9") for deed in TRIES), []),  # the internet does so all day
        (tuple(deed.replace("ws2", "10.9.9.9") for deed in TRIES), [Severity.MEDIUM]),
        ((*TRIES[:9], "10:00:10.1 ws2>db1 root !password"), [Severity.HIGH]),  # a restricted segment among them
        (tuple(deed.replace("!", "") for deed in TRIES), []),  # fan-out sees that
        ((*TRIES, *(deed.replace("10:00", "12:00") for deed in TRIES)), [Severity.MEDIUM]),  # the same hosts again
        (tuple(f"10:{2 * n:02}:00.1 ws2>h{n} root !password" for n in range(10)), []),  # evasion: slowly
    ],
)
def test_which_scans(deeds: tuple[str, ...], expected: list[Severity]) -> None:
    assert [one.severity for one in hunted(told(*deeds), Scan())] == expected
