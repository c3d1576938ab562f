"""The range, watched while it plays: a chain into the restricted segment, and one alert with its lines."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from graphmap.config import Settings
from graphmap.pipeline.estate import load_estate
from tests.range import namespaces
from tests.range.test_range import truth_of

if TYPE_CHECKING:
    from pathlib import Path

SEED = 4
"""Its walk has no bystander, and its administrators go over the bastion before."""

pytestmark = [pytest.mark.range, pytest.mark.slow]


@pytest.fixture(scope="module")
def played(able: None, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: ARG001 - the fixture skips
    folder = tmp_path_factory.mktemp("live")
    namespaces.run_apart(["live", "--seed", str(SEED), "--out", str(folder)], seconds=300)
    return folder


def test_the_programs_say_what_they_did_and_end_well(played: Path) -> None:
    said = {name: (played / f"{name}.log").read_text() for name in ("watch", "jobs")}
    assert not any("Traceback" in text or "Warning" in text for text in said.values()), said
    assert said["watch"].splitlines()[-1].endswith(" 0 not understood")
    assert said["jobs"].splitlines()[-1] == "stopped"


def test_every_login_is_a_hop_of_the_lake(played: Path) -> None:
    estate, truth = load_estate(Settings(played / "home")), truth_of(played)
    found = Counter(estate.hops.select("src", "dst", "user", "method", "key").rows())
    assert found == Counter((h["src"], h["dst"], h["user"], h["method"], h["key"]) for h in truth["hops"])


def test_the_walk_is_told_once_within_an_interval_with_its_lines(played: Path) -> None:
    document, truth = json.loads((played / "told.json").read_text()), truth_of(played)
    (walk,) = (chain for chain in truth["chains"] if chain["attack"])
    told = [one for one in document["told"][document["before"] :] if one["at"] > document["began"]]
    assert len(told) == len({one["key"] for one in told}) == 1
    (alert,) = told
    assert alert["at"] - document["ended"] < 2 * document["every"]  # the hunt that is due, and what it takes
    (news,) = alert["alert"]["findings"]
    assert (news["change"], news["finding"]["detector"]) == ("new", "multi-hop-chain")
    assert (news["finding"]["hosts"], news["finding"]["users"]) == (walk["hosts"], sorted(set(walk["users"])))
    quoted = [line["text"] for line in news["evidence"]]
    assert len(quoted) >= len(walk["hosts"]) - 1
    assert all(text is not None for text in quoted)
    for user in set(walk["users"]):
        assert any(f"Accepted publickey for {user} from " in text for text in quoted)
