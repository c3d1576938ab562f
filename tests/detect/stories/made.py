"""Findings made by hand, for questions about what belongs together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from graphmap.model import Basis, Finding, Hop, Line, Severity

START = datetime(2026, 3, 1, tzinfo=UTC)
DETECTORS = ("multi-hop-chain", "root-logon", "rare-edge", "stolen-key")


def at(hours: float) -> datetime:
    """So many hours after the beginning of March."""
    return START + timedelta(hours=hours)


def hop(hours: float, way: str, user: str = "bob", certainty: float = 1.0) -> Hop:
    """A hop of `way`, as in ``a>b``; its line is that of its minute."""
    src, dst = way.split(">")
    line = Line(f"{dst}.log", round(hours * 60) + 1)
    return Hop(at(hours), None, src, dst, user, "ssh", "publickey", "SHA256:k", certainty, Basis.START, (line,))


def found(
    name: str,
    *hops: Hop,
    detector: str = "root-logon",
    severity: Severity = Severity.MEDIUM,
    score: float = 1.0,
    p_value: float | None = None,
    hosts: tuple[str, ...] = (),
    hours: float | None = None,
    why: tuple[str, ...] = (),
) -> Finding:
    """A finding with the id `name`."""
    return Finding(
        id=name,
        detector=detector,
        technique="T1021",
        severity=severity,
        score=score,
        title=f"title of {name}",
        why=why,
        hosts=hosts or tuple(dict.fromkeys(host for one in hops for host in (one.src, one.dst))),
        users=tuple(dict.fromkeys(one.user for one in hops)),
        hops=hops,
        lines=tuple(line for one in hops for line in one.lines),
        first=None if hours is None else at(hours),
        last=None if hours is None else at(hours),
        p_value=p_value,
    )


_HOPS = st.builds(
    hop,
    st.integers(0, 400),
    st.sampled_from(["a>b", "b>c", "c>d", "x>b", "y>b", "b>e"]),
    st.sampled_from(["bob", "eve", "root"]),
)
_LISTS = st.lists(
    st.tuples(
        st.lists(_HOPS, max_size=3, unique=True),
        st.sampled_from(DETECTORS),
        st.sampled_from(Severity),
        st.integers(0, 3),
        st.none() | st.floats(0.001, 1),
        st.integers(0, 400),
    ),
    max_size=25,
)


def _findings(drawn: list[tuple[list[Hop], str, Severity, int, float | None, int]]) -> list[Finding]:
    return [
        found(
            f"f-{number}", *sorted(hops, key=lambda one: one.start), detector=detector, severity=severity,
            score=score, p_value=p_value, hosts=() if hops else ("b",), hours=None if hops else hours,
        )
        for number, (hops, detector, severity, score, p_value, hours) in enumerate(drawn)
    ]  # fmt: skip


FINDINGS = _LISTS.map(_findings)
"""Up to 25 findings of 17 days on a few hosts, some without hops."""
