"""The documents point to what is there, and no file names where it was made."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^()\s]+(?:\([^()\s]*\))?)(?:\s+\"[^\"]*\")?\)")
FENCE = re.compile(r"^(?P<fence>```+|~~~+).*?^(?P=fence)\s*$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,6}\s+(?P<text>.+?)\s*#*$", re.MULTILINE)
ELSEWHERE = ("http://", "https://", "mailto:")

REGISTRY = re.compile(r"py(?:pi|thonhosted)\.(?:org|python)|(?:npmjs|yarnpkg)\.[a-z]+|cra(?:tes)\.io", re.IGNORECASE)
MACHINE = re.compile(r"(?<![\w.-])/(?:work/(?:main|shared)|root/\.pyenv|tmp/briefs)\b")


def _tracked(root: Path) -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    return [root / name for name in done.stdout.split("\0") if name and (root / name).is_file()]


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as the common hosts make them: lower case, no punctuation, hyphens."""
    headings = (match["text"] for match in HEADING.finditer(FENCE.sub("", page.read_text())))
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}


def _broken(page: Path) -> Iterator[str]:
    for match in LINK.finditer(FENCE.sub("", page.read_text())):
        target = match["target"]
        if target.startswith(ELSEWHERE):
            continue
        name, _, anchor = target.partition("#")
        place = page.parent / name if name else page
        if not place.exists() or (anchor and place.suffix == ".md" and anchor not in _anchors(place)):
            yield target


@pytest.fixture(scope="module")
def texts(root: Path) -> dict[str, str]:
    """Every tracked file that is text."""
    found = {}
    for path in _tracked(root):
        try:
            found[str(path.relative_to(root))] = path.read_text()
        except UnicodeDecodeError:
            continue
    return found


def test_every_relative_link_resolves(root: Path) -> None:
    pages = [path for path in _tracked(root) if path.suffix == ".md"]
    assert root / "README.md" in pages
    broken = {str(page.relative_to(root)): list(_broken(page)) for page in pages}
    assert {page: targets for page, targets in broken.items() if targets} == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a](there.md) ![b](gone.png)", ["gone.png"]),
        ("[a](there.md#a-heading-with-code) [b](there.md#none)", ["there.md#none"]),
        ("[a](#own) [b](#other)\n\n## Own\n", ["#other"]),
        ("```\n[a](gone.md)\n```\n[b](https://host/gone) [c](gone.md 'x')", []),
        ('[a](gone.md "title")', ["gone.md"]),
    ],
)
def test_the_link_check_finds_what_is_broken(text: str, expected: list[str], tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# A heading, with `code`\n")
    (tmp_path / "page.md").write_text(text)
    assert list(_broken(tmp_path / "page.md")) == expected


def test_every_page_below_docs_is_in_the_index(root: Path) -> None:
    docs = root / "docs"
    linked = {(docs / match["target"]).resolve() for match in LINK.finditer((docs / "README.md").read_text())}
    pages = {path for path in _tracked(root) if path.is_relative_to(docs) and path.suffix == ".md"}
    assert pages - {docs / "README.md"} - linked == set()


def test_decisions_are_numbered_without_a_gap_and_say_choice_and_price(root: Path) -> None:
    decisions = sorted((root / "docs/decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in decisions] == list(range(1, len(decisions) + 1))
    for page in decisions:
        headings = {match["text"] for match in HEADING.finditer(page.read_text())}
        assert {"Context", "Choice", "Price"} <= headings, page.name


def test_no_file_names_a_registry(texts: dict[str, str]) -> None:
    assert {name for name, text in texts.items() if REGISTRY.search(text)} == set()


def test_no_file_names_the_machine_it_was_made_on(texts: dict[str, str], root: Path) -> None:
    here = re.compile(re.escape(str(root)) + r"\b")
    assert {name for name, text in texts.items() if MACHINE.search(text) or here.search(text)} == set()
