from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.documents import chain_document, finding_document, finding_from_document, hop_document, time_text
from graphmap.model import Basis, Chain, Finding, Hop, Line, Severity, Witness

ZONES = st.integers(-86_399, 86_399).map(lambda seconds: timezone(timedelta(seconds=seconds)))
TIMES = st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=st.just(UTC) | ZONES)  # noqa: DTZ001
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
LINES = st.tuples() | st.tuples(st.builds(Line, file=TEXT, line=st.integers(1)))
NUMBERS = st.floats(allow_nan=False)
HOPS = st.builds(
    Hop, start=TIMES, end=st.none() | TIMES, src=TEXT, dst=TEXT, user=TEXT, service=TEXT, method=st.none() | TEXT,
    key=st.none() | TEXT, certainty=NUMBERS, basis=st.sampled_from(Basis), lines=LINES,
    witnesses=st.lists(st.sampled_from(Witness), max_size=2).map(tuple),
    missing=st.lists(st.sampled_from(Witness), max_size=2).map(tuple),
)  # fmt: skip
NAMES = st.lists(TEXT, max_size=2).map(tuple)
FINDINGS = st.builds(
    Finding, id=TEXT, detector=TEXT, technique=TEXT, severity=st.sampled_from(Severity), score=NUMBERS, title=TEXT,
    why=NAMES, hosts=NAMES, users=NAMES, hops=st.lists(HOPS, max_size=2).map(tuple), lines=LINES, p_value=st.none() | NUMBERS,
)  # fmt: skip

START = datetime(2026, 3, 1, 12, 0, 0, 120, UTC)
HOP = Hop(
    START, None, "a", "b", "root", "ssh", "publickey", "SHA256:x", 0.5, Basis.ACCOUNT, (Line("b.log", 3),), (Witness.NETWORK,), (Witness.SERVER,),
)  # fmt: skip
HOP_DOCUMENT = {
    "start": "2026-03-01T12:00:00.000120Z", "end": None, "src": "a", "dst": "b", "user": "root", "service": "ssh",
    "method": "publickey", "key": "SHA256:x", "certainty": 0.5, "basis": "same account",
    "lines": [{"file": "b.log", "line": 3}], "witnesses": ["network"], "missing": ["server"],
}  # fmt: skip


@given(finding=FINDINGS)
def test_findings_survive_json(finding: Finding) -> None:
    assert finding_from_document(json.loads(json.dumps(finding_document(finding)))) == finding


@given(time=TIMES)
def test_times_are_rfc_3339(time: datetime) -> None:
    text = time_text(time)
    assert datetime.fromisoformat(text) == time
    assert text.endswith("Z") or text[-6] in "+-"
    assert ("." in text) == (time.microsecond != 0)


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (START, "2026-03-01T12:00:00.000120Z"),
        (START.replace(microsecond=0, tzinfo=timezone(timedelta(hours=-3, minutes=-30))), "2026-03-01T12:00:00-03:30"),
        (START.replace(microsecond=0, tzinfo=timezone(timedelta(seconds=90))), "2026-03-01T11:58:30Z"),
    ],
)
def test_a_time_is_written_like_this(time: datetime, text: str) -> None:
    assert time_text(time) == text


def test_a_time_without_zone_is_a_bug() -> None:
    with pytest.raises(ValueError, match="zone"):
        time_text(datetime(2026, 1, 1))  # noqa: DTZ001


def test_fields_have_this_order() -> None:
    chain = Chain("c1", ("a", "b"), ("root",), START, START, 0.5, 2.0, (HOP,))
    finding = Finding(
        "f1", "chain", "T1021.004", Severity.LOW, 1.0, "t", ("w",), ("a", "b"), ("root",), (HOP,), (Line("x", 1),)
    )
    assert list(hop_document(HOP).items()) == list(HOP_DOCUMENT.items())
    assert list(chain_document(chain).items()) == [
        ("id", "c1"), ("hosts", ["a", "b"]), ("users", ["root"]), ("start", HOP_DOCUMENT["start"]),
        ("end", HOP_DOCUMENT["start"]), ("certainty", 0.5), ("score", 2.0), ("hops", [HOP_DOCUMENT]),
    ]  # fmt: skip
    assert list(finding_document(finding).items()) == [
        ("id", "f1"), ("detector", "chain"), ("technique", "T1021.004"), ("severity", "low"), ("score", 1.0),
        ("title", "t"), ("why", ["w"]), ("hosts", ["a", "b"]), ("users", ["root"]), ("first", HOP_DOCUMENT["start"]),
        ("last", HOP_DOCUMENT["start"]), ("hops", [HOP_DOCUMENT]),
        ("lines", [{"file": "x", "line": 1}]), ("p_value", None),
    ]  # fmt: skip
