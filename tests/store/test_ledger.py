from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from graphmap.errors import InputError, QueryError, StoreError
from graphmap.model import Basis, Finding, Hop, Line, Severity, Suppression, Triage, TriageState
from graphmap.store.ledger import FileRecord, Ledger, Opinion, Saved
from tests.store.frames import at

if TYPE_CHECKING:
    from pathlib import Path

    from tests.postgres import Postgres

RECORD = FileRecord(
    fingerprint="f1", head="h1", name="a.log", reader="sshd", bytes=10, lines=9, events=7, added=5, duplicates=2,
    context=1, other=1, rejects=0, first=at(0.000001), last=datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
)  # fmt: skip

HOP = Hop(at(0), at(60.5), "a", "b", "root", "ssh", None, None, 0.5, Basis.KEY, (Line("b.log", 3),))
FINDING = Finding(
    "abc1", "chain", "T1021.004", Severity.HIGH, 3.5, "a to b", ("why",), ("a", "b"), ("root",), (HOP,), ()
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "ledger.sqlite"


def test_a_file_is_found_by_its_content(ledger_place: Path | str) -> None:
    with Ledger(ledger_place) as ledger:
        assert (ledger.files(), ledger.file("f1"), ledger.knows_head("h1")) == ([], None, False)
        ledger.record_files([RECORD])
    with Ledger(ledger_place) as ledger:
        assert (ledger.files(), ledger.file("f1"), ledger.knows_head("h1")) == ([RECORD], RECORD, True)
        assert (ledger.file("f"), ledger.knows_head("f1")) == (None, False)
        assert ledger.known(["h1", "h2", *map(str, range(2000))]) == {"h1": frozenset({"f1"})}


def test_known_content_stays_as_first_recorded(ledger_place: Path | str) -> None:
    other = replace(RECORD, fingerprint="f2", name="0.log", first=None, last=None)
    with Ledger(ledger_place) as ledger:
        ledger.record_files([RECORD])
        ledger.record_files([replace(RECORD, name="a.log.1", added=0), other])
        ledger.record_files([])
        assert ledger.files() == [other, RECORD]


def test_findings_are_saved_by_id(ledger_place: Path | str) -> None:
    second = replace(FINDING, id="abd2", detector="rare", score=9.0, hops=())
    with Ledger(ledger_place) as ledger:
        assert ledger.save_findings([FINDING, second]) == Saved(2, 0, 0, frozenset({FINDING.id, second.id}))
        assert ledger.save_findings([FINDING, second, FINDING]) == Saved(0, 0, 2)
        changed = replace(FINDING, score=99.5)
        assert ledger.save_findings([changed, second]) == Saved(0, 1, 1, frozenset({changed.id}))
        assert ledger.save_findings([]) == Saved(0, 0, 0)
        assert ledger.findings() == [changed, second]
        assert ledger.findings(detector="rare") == [second]


def test_saving_again_touches_no_row(path: Path) -> None:
    with Ledger(path) as ledger:
        ledger.save_findings([FINDING], now=at(0))
        ledger.save_findings([FINDING], now=at(1))
        ledger.save_findings([replace(FINDING, title="b")], now=at(2))
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT (updated_at - created_at) / 1000000, title, last_seen - first_seen FROM findings"
        ).fetchall()
    connection.close()
    assert rows == [(2, "b", 60_500_000)]


def test_findings_are_chosen_by_the_time_of_their_evidence(ledger_place: Path | str) -> None:
    timeless = replace(FINDING, id="t", hops=(), score=0.0, first=None, last=None)
    open_ended = replace(FINDING, id="o", hops=(replace(HOP, end=None),), score=1.0, last=None)
    with Ledger(ledger_place) as ledger:
        ledger.save_findings([FINDING, timeless, open_ended])
        ask = [(None, None), (at(60.5), None), (at(61), None), (at(0.5), at(1)), (None, at(0)), (None, at(0.000001))]
        found = [[finding.id for finding in ledger.findings(since=since, until=until)] for since, until in ask]
    assert found == [["abc1", "o", "t"], ["abc1", "t"], ["t"], ["abc1", "t"], ["t"], ["abc1", "o", "t"]]


def test_a_finding_is_named_by_the_start_of_its_id(ledger_place: Path | str) -> None:
    other = replace(FINDING, id="abc10", title="other")
    with Ledger(ledger_place) as ledger:
        ledger.save_findings([FINDING, other, replace(FINDING, id="x_%")])
        assert ledger.finding("abc1") == FINDING
        assert ledger.finding("abc10") == other
        assert ledger.finding("x_").id == "x_%"
        for prefix, message in [
            ("zz", "no finding 'zz'"),
            ("ab", "2 findings start with 'ab': abc1, abc10"),
            ("ABC1", "no finding 'ABC1'"),
            ("%", "no finding '%'"),
        ]:
            with pytest.raises(QueryError, match=message):
                ledger.finding(prefix)


def refusal(path: Path) -> str:
    with pytest.raises(StoreError) as caught:
        Ledger(path)
    assert caught.value.hint
    return caught.value.message


def test_what_is_no_ledger_is_refused(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database, but long enough to be looked at as one" * 50)
    assert refusal(path) == f"{path}: file is not a database"
    path.unlink()
    path.mkdir()
    assert refusal(path) == f"{path}: unable to open database file"


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    assert refusal(tmp_path / "home" / "ledger.sqlite") == f"{tmp_path / 'home'} cannot be made: File exists"


def test_the_database_of_another_program_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bookmarks (url)")
    connection.close()
    assert refusal(path) == f"{path} is no ledger of graphmap"
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("bookmarks",)]
    connection.close()


def test_a_newer_schema_is_refused(path: Path) -> None:
    Ledger(path).close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '4'")
    connection.commit()
    connection.close()
    assert refusal(path) == f"{path} was made by a newer graphmap (schema 4)"


def test_a_page_that_is_damaged_is_named(path: Path) -> None:
    with Ledger(path) as ledger:
        ledger.save_findings([replace(FINDING, id=str(n)) for n in range(200)])
    data = bytearray(path.read_bytes())
    data[8192:] = b"\xff" * (len(data) - 8192)
    path.write_bytes(data)
    with pytest.raises(StoreError, match=r"malformed|not a database") as caught, Ledger(path) as ledger:
        ledger.findings()
    assert caught.value.hint is not None
    assert "move it away" in caught.value.hint


def test_many_processes_make_and_fill_one_ledger(ledger_place: Path | str) -> None:
    script = """
import sys
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from graphmap.store.ledger import Ledger
from tests.store.test_ledger import FINDING, RECORD
sys.stdin.read(1)
where = sys.argv[1] if "://" in sys.argv[1] else Path(sys.argv[1])
with Ledger(where) as ledger:
    for n in range(20):
        ledger.record_files([replace(RECORD, fingerprint=f"{n}")])
        ledger.save_findings([replace(FINDING, id=f"{n}")])
"""
    command = [sys.executable, "-c", script, str(ledger_place)]
    children = [subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go")
        child.stdin.close()
    for child in children:
        assert child.stderr is not None
        problem = child.stderr.read()
        child.stderr.close()
        assert (child.wait(), problem) == (0, "")
    with Ledger(ledger_place) as ledger:
        assert (
            {record.fingerprint for record in ledger.files()}
            == {finding.id for finding in ledger.findings()}
            == set(map(str, range(20)))
        )


def test_what_people_say_of_a_finding_adds_up_and_is_kept(ledger_place: Path | str) -> None:
    with Ledger(ledger_place) as ledger:
        ledger.save_findings([FINDING])
        first = ledger.judge("abc1", Opinion(TriageState.INVESTIGATING, "ann"), author="ann", now=at(1))
        second = ledger.judge("abc1", Opinion(note="a drill", marked=True), author="bob", now=at(2))
        third = ledger.judge("abc1", Opinion(assignee="", marked=False), author="bob", now=at(3))
        ledger.judge("other", Opinion(TriageState.BENIGN), author="bob", now=at(4))
    assert first == Triage(TriageState.INVESTIGATING, "ann", None, marked=False, author="ann", at=at(1))
    assert second == Triage(TriageState.INVESTIGATING, "ann", "a drill", marked=True, author="bob", at=at(2))
    assert third == Triage(TriageState.INVESTIGATING, None, "a drill", marked=False, author="bob", at=at(3))
    with Ledger(ledger_place) as ledger:
        assert ledger.judgements("abc1") == [first, second, third]
        assert ledger.triage() == {"abc1": third, "other": Triage(TriageState.BENIGN, author="bob", at=at(4))}


def test_a_suppression_is_ended_once_and_kept(ledger_place: Path | str) -> None:
    wanted = Suppression(0, "ann", "drill", at(0), at(60), src="ws*")
    with Ledger(ledger_place) as ledger:
        one = ledger.suppress(wanted)
        two = ledger.suppress(replace(wanted, expires=None, src=None, finding="abc1"))
        assert (one.id, two.id) == (1, 2)
        ended = ledger.end_suppression(1, author="bob", now=at(5))
        assert ledger.suppressions() == [ended, two]
        assert ended == replace(one, ended=at(5), ended_by="bob")
        with pytest.raises(QueryError, match="suppression 1 was ended by bob before"):
            ledger.end_suppression(1, author="ann")
        with pytest.raises(QueryError, match="no suppression 3"):
            ledger.end_suppression(3, author="ann")
    assert [[one.is_active(at(s)), two.is_active(at(s)), ended.is_active(at(s))] for s in (0, 59, 60)] == [
        [True, True, False],
        [True, True, False],
        [False, True, False],
    ]


def test_the_ledger_knows_in_which_story_a_finding_was_told_last(ledger_place: Path | str) -> None:
    with Ledger(ledger_place) as ledger:
        assert ledger.stories() == {}
        ledger.save_stories({})
        ledger.save_stories({"f-1": "s-1", "f-2": "s-1"})
        ledger.save_stories({"f-2": "s-2", "f-3": "s-2"})
    with Ledger(ledger_place) as ledger:
        assert ledger.stories() == {"f-1": "s-1", "f-2": "s-2", "f-3": "s-2"}


FORMER = {
    "1": """
        CREATE TABLE meta (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);
        CREATE TABLE files (fingerprint VARCHAR PRIMARY KEY, head VARCHAR NOT NULL, name VARCHAR NOT NULL, reader VARCHAR NOT NULL,
            bytes BIGINT NOT NULL, lines BIGINT NOT NULL, events BIGINT NOT NULL, added BIGINT NOT NULL, duplicates BIGINT NOT NULL,
            context BIGINT NOT NULL, other BIGINT NOT NULL, rejects BIGINT NOT NULL, first BIGINT, last BIGINT, ingested_at BIGINT NOT NULL);
        CREATE INDEX ix_files_head ON files (head);
        CREATE TABLE findings (id VARCHAR PRIMARY KEY, detector VARCHAR NOT NULL, technique VARCHAR NOT NULL, severity VARCHAR NOT NULL,
            score FLOAT NOT NULL, title VARCHAR NOT NULL, first_seen BIGINT, last_seen BIGINT, document TEXT NOT NULL,
            created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL);
        INSERT INTO meta VALUES ('schema', '1');
    """,
    "2": """
        CREATE TABLE triage (id INTEGER PRIMARY KEY, finding VARCHAR NOT NULL, state VARCHAR NOT NULL, assignee VARCHAR, note TEXT,
            marked BOOLEAN NOT NULL, author VARCHAR NOT NULL, at BIGINT NOT NULL);
        CREATE INDEX ix_triage_finding ON triage (finding);
        CREATE TABLE suppressions (id INTEGER PRIMARY KEY AUTOINCREMENT, author VARCHAR NOT NULL, reason TEXT NOT NULL, created BIGINT NOT NULL,
            expires BIGINT, finding VARCHAR, detector VARCHAR, src VARCHAR, dst VARCHAR, user VARCHAR, ended BIGINT, ended_by VARCHAR);
        INSERT INTO triage VALUES (1, 'abc1', 'benign', NULL, 'a drill', 0, 'ann', 1);
        UPDATE meta SET value = '2';
    """,
}
"""What each release before made, in the words of SQLite."""


@pytest.mark.parametrize("version", FORMER)
def test_a_ledger_of_a_former_schema_is_brought_up_with_all_it_holds(path: Path, version: str) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    for number in range(1, int(version) + 1):
        connection.executescript(FORMER[str(number)])
    row = {**asdict(RECORD), "first": 1, "last": None, "ingested_at": 0}
    connection.execute(f"INSERT INTO files VALUES ({', '.join('?' * len(row))})", list(row.values()))
    connection.commit()
    connection.close()
    for _ in range(2):
        with Ledger(path) as ledger:
            assert ledger.files() == [replace(RECORD, first=datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC), last=None)]
            assert [one.note for one in ledger.triage().values()] == (["a drill"] if version == "2" else [])
            assert (ledger.suppressions(), ledger.runs()) == ([], [])
            ledger.save_findings([FINDING])
            assert ledger.findings() == [FINDING]
    assert described(path) == described(new(path.with_name("new.sqlite")))


def new(path: Path) -> Path:
    Ledger(path).close()
    return path


def described(path: Path) -> dict[str, object]:
    """The tables of a ledger: columns (name, whether null, place in the key) and indices."""
    with closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: (
                sorted(
                    (column, bool(key) or bool(required), key)
                    for _, column, _, required, _, key in connection.execute(f"PRAGMA table_info({name})")
                ),
                sorted(index for _, index, *_ in connection.execute(f"PRAGMA index_list({name})")),
            )
            for name in tables
        }


def test_a_server_that_is_not_there_or_refuses_says_so(postgres_server: Postgres) -> None:
    for place, said in (
        (f"postgresql://postgres@127.0.0.1:{postgres_server.port + 1}/x", "refused"),
        (postgres_server.address(password="wrong"), "password authentication failed"),
        (postgres_server.address("nowhere"), 'database "nowhere" does not exist'),
    ):
        with pytest.raises(StoreError) as error, Ledger(place):
            pass
        assert said in error.value.message
        assert "wrong" not in error.value.message  # a password is never shown
        assert "\n" not in error.value.message
        assert error.value.hint is not None


@pytest.mark.parametrize("place", ["sqlite", "postgresql://host:port/name"])
def test_an_address_that_cannot_be_read_is_a_mistake(place: str) -> None:
    with pytest.raises(InputError, match="the address of the ledger cannot be read"), Ledger(place):
        pass


def test_a_database_of_another_program_stays_as_it_is(postgres_server: Postgres) -> None:
    import psycopg

    place = postgres_server.create()
    with psycopg.connect(place) as connection:
        connection.execute("CREATE TABLE bookmarks (url text)")
    with pytest.raises(StoreError, match="is no ledger of graphmap"), Ledger(place):
        pass
    with psycopg.connect(place) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert tables == [("bookmarks",)]


def test_text_that_a_database_has_no_place_for_is_kept_as_far_as_it_can_be(ledger_place: Path | str) -> None:
    odd = replace(FINDING, title="a\0b \U0001f600 \u202e", users=("ro\0ot",))
    with Ledger(ledger_place) as ledger:
        ledger.save_findings([odd])
        ledger.judge("abc1", Opinion(note="\0 \udcff"), author="ann")
        assert ledger.findings() == [odd]
        assert ledger.triage()["abc1"].note == "\\x00 \\udcff"


def test_marks_change_with_findings_and_what_is_said_not_with_runs(ledger_place: Path | str) -> None:
    with Ledger(ledger_place) as ledger:
        seen = [ledger.marks()]
        ledger.save_findings([FINDING])
        seen.append(ledger.marks())
        ledger.save_findings([FINDING])
        ledger.take_lease("daemon", "a:1")
        assert ledger.marks() == seen[-1]
        ledger.save_findings([replace(FINDING, score=4.0)])
        seen.append(ledger.marks())
        ledger.judge("abc1", Opinion(note="x"), author="ann")
        seen.append(ledger.marks())
    assert len(set(seen)) == 4
