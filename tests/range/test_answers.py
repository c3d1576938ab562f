"""graphmap against the truth of the range: every hop, chain and failure, and nothing else."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from graphmap.config import Settings
from graphmap.detect.fan_out import FanOut
from graphmap.pipeline.estate import Estate, keep_inventory, load_estate, read_inventory
from graphmap.pipeline.ingest import ingest
from tests.range.conftest import CHOSEN
from tests.range.test_range import truth_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.range, pytest.mark.slow]

FORMATS = {"RFC 3164": ["auth.log"], "RFC 3339": ["auth-iso.log"], "both": ["auth.log", "auth-iso.log"]}


@pytest.fixture(scope="module", params=FORMATS)
def names(request: pytest.FixtureRequest) -> list[str]:
    return FORMATS[request.param]


@pytest.fixture(scope="module", params=CHOSEN)
def told(
    request: pytest.FixtureRequest,
    names: list[str],
    recorded: Callable[[int], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Estate, dict[str, Any]]:
    """What graphmap makes of the logs of a seed in some format, and the truth."""
    folder = recorded(request.param)
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    ingest([log for name in names for log in sorted(folder.glob(f"*/{name}"))], settings=settings)
    keep_inventory(settings, read_inventory(folder / "inventory.yaml"))
    return load_estate(settings), truth_of(folder)


def test_the_hops_are_exactly_those_that_happened(told: tuple[Estate, dict[str, Any]]) -> None:
    estate, truth = told
    found = Counter(estate.hops.select("src", "dst", "user", "method", "key").rows())
    assert found == Counter((h["src"], h["dst"], h["user"], h["method"], h["key"]) for h in truth["hops"])


def test_every_chain_is_found_whole(told: tuple[Estate, dict[str, Any]]) -> None:
    estate, truth = told
    found = {(chain.hosts, chain.users) for _, chain in estate.chains()}
    missing = [c["name"] for c in truth["chains"] if (tuple(c["hosts"]), tuple(c["users"])) not in found]
    assert missing == []


def bystanders(chain: dict[str, Any]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The ways that only the open session of a bystander suggests: theirs, then on with the chain."""
    places = [(chain["hosts"].index(dst), src, user) for src, dst, user in chain["beside"]]
    return [((src, *chain["hosts"][place:]), (user, *chain["users"][place:])) for place, src, user in places]


def test_no_other_chain_is_told_but_a_bystanders_and_that_is_less_certain(told: tuple[Estate, dict[str, Any]]) -> None:
    estate, truth = told
    chains = [chain for _, chain in estate.chains()]
    walked = [(tuple(chain["hosts"]), tuple(chain["users"])) for chain in truth["chains"]]
    suggested = [way for chain in truth["chains"] for way in bystanders(chain)]
    assert Counter((chain.hosts, chain.users) for chain in chains) == Counter(walked + suggested)
    certainty = {(chain.hosts, chain.users): chain.certainty for chain in chains}
    for way, chain in zip(walked, truth["chains"], strict=True):
        assert all(certainty[other] < certainty[way] for other in bystanders(chain))


def test_the_failures_are_exactly_those_that_happened(told: tuple[Estate, dict[str, Any]]) -> None:
    estate, truth = told
    # a key that sshd refuses is logged at VERBOSE only, so the truth counts what a person typed
    typed = estate.failures.filter(estate.failures["method"] != "publickey")
    found = Counter(typed.select("src", "host", "user", "method").rows())
    assert found == Counter((f["src"], f["dst"], f["user"], f["method"]) for f in truth["failed"])


def test_the_fan_out_is_a_finding_where_it_is_wide_enough(told: tuple[Estate, dict[str, Any]]) -> None:
    estate, truth = told
    found = {f.hops[0].src for f in estate.hunt([FanOut()])}
    assert (truth["fanout"]["src"] in found) == (truth["fanout"]["n"] >= FanOut().min_hosts)
