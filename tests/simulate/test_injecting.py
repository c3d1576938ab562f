"""Attacks in a copy of one's own logs: nothing of a home is touched, and all that is added is in the truth."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from graphmap.config import Settings
from graphmap.errors import InputError
from graphmap.pipeline.estate import load_estate
from graphmap.pipeline.ingest import ingest
from graphmap.simulate.evaluate import HUNT, LAKE, evaluate
from graphmap.simulate.injecting import Injected, inject
from graphmap.simulate.options import Family, Options
from graphmap.simulate.truth import KnownAttack, Truth, load_truth

if TYPE_CHECKING:
    from pathlib import Path

WANTED = Options(history=7, clean=1, attacks=5, seed=3)


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def own(enterprise: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home of somebody who collects logs of sshd alone, and has no inventory."""
    settings = Settings(tmp_path_factory.mktemp("own") / "home")
    ingest([str(enterprise / "hosts")], settings=settings)
    (settings.home / "graphmap.toml").write_text('[alerts.soc]\nkind = "file"\npath = "alerts.ndjson"\n')
    return settings


@pytest.fixture(scope="module")
def done(own: Settings, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Injected, bool]:
    """The folder with the attacks, what was said of them, and whether the home is as it was."""
    folder = tmp_path_factory.mktemp("injected") / "ours"
    before = contents(own.home)
    said = inject(folder, own, WANTED)
    return folder, said, contents(own.home) == before


@pytest.fixture(scope="module")
def truth(done: tuple[Path, Injected, bool]) -> Truth:
    """What was put in."""
    return load_truth(done[0])


def test_the_home_is_only_read_and_tells_nobody(done: tuple[Path, Injected, bool]) -> None:
    folder, said, same = done
    assert same
    assert sorted(path.name for path in folder.iterdir()) == ["hosts", "lake", "truth.json"]
    assert not (folder / LAKE / "graphmap.toml").exists()
    assert said.attacks > 5
    assert said.hosts == len(list(folder.glob("hosts/*/auth.log")))


def test_the_truth_has_every_line_that_was_added(done: tuple[Path, Injected, bool], truth: Truth) -> None:
    folder, said, _ = done
    hops = [hop for attack in truth.attacks for hop in attack.hops]
    told = [line for hop in hops for line in hop.lines]
    assert len(truth.attacks) == said.attacks
    assert sum(hop.accepted for hop in hops) == said.logons
    assert sorted(told) == [
        (str(path.relative_to(folder)), number)
        for path in sorted(folder.glob("hosts/*/auth.log"))
        for number, _ in enumerate(path.read_text().splitlines(), 1)
    ]
    for hop in hops:
        texts = [(folder / file).read_text().splitlines()[line - 1] for file, line in hop.lines]
        assert any(re.search(rf"(Accepted|Failed) \w+ for {re.escape(hop.account)} from", text) for text in texts)


def test_intruders_go_where_somebody_went_with_what_somebody_had(own: Settings, truth: Truth) -> None:
    """Whatever they use was accepted on that host before: by the model, within 31 days."""
    ways = {(one["user"], one["host"]) for one in load_estate(own).sessions.iter_rows(named=True)}
    for attack in truth.attacks:
        assert {(hop.account, hop.dst) for hop in attack.hops if hop.accepted} <= ways, attack.id


def test_the_copy_holds_both_and_is_evaluated_without_reading_logs(
    own: Settings, done: tuple[Path, Injected, bool], truth: Truth
) -> None:
    folder, said, _ = done
    ours, theirs = load_estate(own), load_estate(replace(own, home=folder / LAKE))
    lines = sum(len(path.read_text().splitlines()) for path in folder.glob("hosts/*/auth.log"))
    assert theirs.scan_events().collect().height - ours.scan_events().collect().height <= lines
    assert theirs.hops.height == ours.hops.height + said.logons
    hop = next(hop for hop in truth.attacks[0].hops if hop.accepted)
    same = theirs.hops.filter(src=hop.src, dst=hop.dst, user=hop.account)
    assert any(abs(moment - hop.time).total_seconds() < 1 for moment in same["start"])
    found = evaluate(folder, Settings(folder / "nobody"), [])
    assert [one.attacks for one in found.figures if one.name == HUNT] == [said.attacks]
    assert found.hidden == 0


def test_the_same_seed_gives_the_same_lines(own: Settings, done: tuple[Path, Injected, bool], tmp_path: Path) -> None:
    def lines(folder: Path) -> dict[str, bytes]:
        return contents(folder / "hosts") | {"truth": (folder / "truth.json").read_bytes()}

    inject(tmp_path / "again", own, WANTED)
    assert lines(tmp_path / "again") == lines(done[0])


def test_only_what_is_asked_for(own: Settings, tmp_path: Path) -> None:
    inject(tmp_path / "none", own, replace(WANTED, attacks=0))
    assert load_truth(tmp_path / "none").attacks == ()
    inject(tmp_path / "spray", own, replace(WANTED, attacks=1, families=(Family.SPRAY,)))
    (kinds,) = {_kind(attack) for attack in load_truth(tmp_path / "spray").attacks}
    assert kinds == "spray"


def _kind(attack: KnownAttack) -> str:
    assert any(not hop.accepted for hop in attack.hops)
    return attack.family


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"history": 11}, "logs of 12 days are no more than 11 of history and 1 clean ones"),
        ({"history": 40}, "40 of history"),
    ],
)
def test_logs_that_are_too_short_leave_nothing_behind(
    own: Settings, tmp_path: Path, options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InputError, match=problem):
        inject(tmp_path / "x", own, replace(WANTED, **options))
    assert list((tmp_path / "x").iterdir()) == []


def test_what_cannot_be(own: Settings, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"lies in .*, which stays as it is"):
        inject(own.home / "inside", own, WANTED)
    assert not (own.home / "inside").exists()
    (tmp_path / "mine").touch()
    with pytest.raises(InputError, match="is not empty"):
        inject(tmp_path, own, WANTED)
    assert (tmp_path / "mine").exists()
    (tmp_path / "bare").mkdir()
    with pytest.raises(InputError, match="no logon over SSH"):
        inject(tmp_path / "out", Settings(tmp_path / "bare"), WANTED)


def test_text_of_attackers_is_written_into_no_line(tmp_path: Path) -> None:
    """Accounts and hosts whose names are more than names are nobody's way; a relay alone is nobody's desk."""
    log = [
        f"2026-03-{day:02}T10:00:{n:02}.5+00:00 {host} sshd[{100 * day + n}]: Accepted password for {user} from"
        f" {address} port {40000 + n} ssh2"
        for day in range(1, 11)
        for n, (host, user, address) in enumerate(
            (("web1", "ann", "10.0.0.7"), ("web1", "e vil$(id)", "10.0.0.8"), ("db1", "ann", "10.0.0.7"),
             ("db1", "bob", "10.0.0.9"), ("app1", "bob", "10.0.0.9"), ("..", "bob", "10.0.0.9"))
        )
    ]  # fmt: skip
    (tmp_path / "auth.log").write_text("\n".join(log) + "\n")
    settings = Settings(tmp_path / "home")
    ingest([str(tmp_path / "auth.log")], settings=settings)
    inject(tmp_path / "out", settings, replace(WANTED, history=2, attacks=6))
    truth = load_truth(tmp_path / "out")
    assert truth.attacks
    assert {hop.account for attack in truth.attacks for hop in attack.hops} == {"ann", "bob"}
    assert {path.parent.name.split("-")[1] for path in (tmp_path / "out").rglob("auth.log")} <= {"web1", "db1", "app1"}
