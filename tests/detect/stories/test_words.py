"""What a person reads of a story."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from graphmap.detect import DETECTORS
from graphmap.detect.base import steps
from graphmap.detect.stories import stories
from graphmap.detect.stories.advice import ADVICE, ELSE, advice_of
from graphmap.detect.stories.route import route
from graphmap.detect.stories.words import Words, words_of
from tests.detect.stories.made import FINDINGS, found, hop

if TYPE_CHECKING:
    from graphmap.model import Finding


def test_a_story_in_words() -> None:
    hops = hop(1, "ws1>web1"), hop(2.5, "web1>db1", "root")
    chain = found("f-1", *hops, detector="multi-hop-chain", why=(*steps(hops), "none of its hops was seen before"))
    root = found("f-2", hops[1], why=("root over the network", "none of its hops was seen before"))
    elsewhere = found("f-3", hop(3, "web1>web2"), detector="of-somebody-else")
    (story,) = stories([chain, root, elsewhere])
    assert words_of(story) == Words(
        who="bob, root",
        origin="ws1",
        way="ws1 -> web1 -> db1; beside it web1 -> web2",
        credentials=(
            "web1 as bob by publickey SHA256:k",
            "db1 as root by publickey SHA256:k",
            "web2 as bob by publickey SHA256:k",
        ),
        unusual=(
            "multi-hop-chain: none of its hops was seen before",
            "root-logon: root over the network",
            "of-somebody-else: title of f-3",
        ),
        benign=(ADVICE["multi-hop-chain"].benign, ADVICE["root-logon"].benign, ELSE.benign),
        next=(ADVICE["multi-hop-chain"].next, ADVICE["root-logon"].next, ELSE.next),
        command="graphmap paths --at 2026-03-01T01:00:00Z --window 3h --from ws1 --to db1",
    )


@pytest.mark.parametrize(
    ("finding", "command"),
    [
        (
            found("f-1", hop(1, "9.9.9.9>b"), hop(1.5, "b>c")),
            "paths --at 2026-03-01T01:30:00Z --window 1h --from b --to c",
        ),
        (found("f-1", hop(1, "9.9.9.9>b")), "reach --at 2026-03-01T01:00:00Z --window 1h b"),
        (found("f-1", hosts=("b",), hours=2), "reach --at 2026-03-01T02:00:00Z --window 1h b"),
        (
            found("f-1", hop(1, "a b;id>$(id)")),
            "paths --at 2026-03-01T01:00:00Z --window 1h --from 'a b;id' --to '$(id)'",
        ),
        (found("f-1", hosts=("-h",), hours=2), "reach --at 2026-03-01T02:00:00Z --window 1h -- -h"),
        (found("f-1", hosts=("b",)), None),
    ],
)
def test_the_command_asks_for_what_graphmap_can_answer(finding: Finding, command: str | None) -> None:
    (story,) = stories([finding])
    assert words_of(story).command == (command and f"graphmap {command}")


@given(findings=FINDINGS)
def test_every_story_can_be_said(findings: list[Finding]) -> None:
    for story in stories(findings):
        words = words_of(story)
        assert len(words.unusual) == len(story.parts)
        assert words.command is None or shlex.split(words.command)[0] == "graphmap"


def test_every_detector_says_what_would_be_benign_and_what_to_look_at() -> None:
    assert {detector.name for detector in DETECTORS} == set(ADVICE)
    assert len({advice_of(name).next for name in ADVICE}) > len(ADVICE) - 2


def test_a_way_goes_on_from_where_it_arrived_and_never_in_circles() -> None:
    hops = hop(1, "a>b"), hop(2, "b>c"), hop(3, "x>y"), hop(4, "c>a"), hop(5, "c>d"), hop(6, "d>e")
    assert [one.dst for one in route(hops)] == ["b", "c", "d", "e"]
    assert route(()) == ()
    assert route([hop(1, "a>a")]) == (hop(1, "a>a"),)
