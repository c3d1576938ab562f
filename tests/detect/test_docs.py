"""docs/detectors.md names every detector, threshold and default, and shows what is really printed."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from graphmap.cli.output import print_finding
from graphmap.detect import DETECTORS, Detector
from graphmap.detect.classes import CLASSES
from graphmap.detect.needs import learns_of
from graphmap.model import Line
from graphmap.pipeline.lines import Quotation
from tests.detect.scenes import SCENES, Scene
from tests.detect.signal_examples import EXAMPLES as SIGNALS
from tests.detect.story import log_of, told

if TYPE_CHECKING:
    from pathlib import Path


EXAMPLES: dict[str, Scene] = {
    "multi-hop-chain": (
        (
            "10:00:00.1 ws2>web1 bob k until 10:01:00.1",
            "10:00:02.1 web1>app1 bob k until 10:00:50.1",
            "10:00:03.2 app1>db1 bob password until 10:00:40.1",
        ),
        {},
    ),
    "credential-switch": (
        ("10:00:00.1 ws2>web1 bob k until 10:01:00.1", "10:00:02.1 web1>app1 eve password until 10:00:50.1"),
        {},
    ),
    "restricted-segment": (
        ("10:00:00.1 ws2>web1 bob k until 10:01:00.1", "10:00:02.1 web1>db1 bob k until 10:00:50.1"),
        {"allowed_from": "[servers]"},
    ),
    "brute-force-success": (
        (
            *(f"10:00:0{n}.1 ws2>db1 root !password" for n in range(5)),
            "10:00:06.1 ws2>db1 root password until 10:01:00.1",
        ),
        {},
    ),
    "fan-out": (
        tuple(f"10:0{n}:00.1 ws2>{host} bob k" for n, host in enumerate(["ws1", "web1", "app1", "db1", "db2"])),
        {},
    ),
    **SCENES,
}
EVERY = pytest.mark.parametrize("detector", list(DETECTORS), ids=lambda one: one.name)


def section(root: Path, detector: Detector) -> str:
    text = (root / "docs/detectors.md").read_text(encoding="utf-8")
    found = re.search(rf"^## {detector.name}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"docs/detectors.md has no heading {detector.name}"
    return found[1]


def written(value: object) -> str:
    """A default as the page writes it."""
    if isinstance(value, timedelta) and value < timedelta(minutes=1):
        return f"{value.seconds} seconds"
    if isinstance(value, timedelta):
        if value.days:
            return f"{value.days} days"
        minutes = value // timedelta(minutes=1)
        return f"{minutes} minutes" if minutes < 60 else f"{minutes // 60} hour"
    return str(value)


@EVERY
def test_thresholds_are_on_the_page(detector: Detector, root: Path) -> None:
    kind: Any = type(detector)
    named = {one.name: written(one.default) for one in fields(kind) if one.name not in {"name", "title", "technique"}}
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*?) \|", section(root, detector), re.MULTILINE)
    assert dict(rows) == named


@EVERY
def test_the_table_names_it_with_its_technique(detector: Detector, root: Path) -> None:
    text = (root / "docs/detectors.md").read_text(encoding="utf-8")
    assert f"| [{detector.name}](#{detector.name}) | {detector.technique} |" in text
    assert {"**Evidence:**", "**Blind to:**"} <= set(re.findall(r"\*\*[\w ]+:\*\*", section(root, detector)))


def test_the_page_says_what_past_each_needs(root: Path) -> None:
    rows = re.findall(r"^\| ([a-z-]+) \| ([\d,]+ .* of .*) \|$", (root / "docs/detectors.md").read_text(), re.MULTILINE)
    assert rows == [(one.name, str(learns)) for one in DETECTORS if (learns := learns_of(one))]


@EVERY
def test_the_example_is_what_is_printed(detector: Detector, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if detector.name in SIGNALS:
        story = SIGNALS[detector.name]
        estate, quotations = story.estate(), story.quotations()
    else:
        deeds, options = EXAMPLES[detector.name]
        estate = told(*deeds, **options)
        log = "".join(log_of(*deeds)).splitlines()
        quotations = {Line("auth.log", number): Quotation(text) for number, text in enumerate(log, 1)}
    for found in estate.hunt([detector]):
        print_finding(found, quotations)
    printed = "".join(f"{line.rstrip()}\n" for line in capsys.readouterr().out.splitlines())
    assert re.findall(r"^```text\n(.*?)^```$", section(root, detector), re.MULTILINE | re.DOTALL) == [printed]


def test_the_classes_of_assets_are_on_the_page_with_their_roles(root: Path) -> None:
    text = section(root, DETECTORS["asset-profile"])
    rows = re.findall(r"^\| ([^|]+?) \| (`[^|]+) \| (?:PT-CR-\d+)? ?\|$", text, re.MULTILINE)
    listed = {name: set(re.findall(r"`([^`]+)`", roles)) for name, roles in rows}
    assert listed == {asset.name: set(asset.roles) for asset in CLASSES}
