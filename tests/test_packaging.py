"""The wheel holds what an installation needs, and the pins are whole."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from email import message_from_bytes
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from graphmap import resources
from graphmap.errors import GraphmapError

if TYPE_CHECKING:
    from email.message import Message
    from pathlib import Path


def _build(source: Path, target: str, into: Path) -> Path:
    """Build with the pinned backend, as it is installed: nothing is downloaded and nothing is installed."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(into)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = into.iterdir()
    return built


def _below(root: Path, folder: str) -> set[str]:
    """The files of a folder that git would keep."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", folder]
    done = subprocess.run(listing, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    return {name for name in done.stdout.splitlines() if (root / name).is_file()}


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build(root, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with ZipFile(wheel) as archive:
        return message_from_bytes(archive.read("graphmap-0.1.0.dist-info/METADATA"))


@pytest.fixture(scope="module")
def pyproject(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def pins(root: Path) -> dict[str, str]:
    lines = (root / "constraints.txt").read_text().splitlines()
    found = [re.match(r"(?P<name>[\w.-]+)==(?P<version>\S+) \\$", line) for line in lines]
    return {canonicalize_name(pin["name"]): pin["version"] for pin in found if pin}


def test_wheel_is_for_any_python_and_platform(wheel: Path) -> None:
    assert wheel.name == "graphmap-0.1.0-py3-none-any.whl"


def test_wheel_puts_two_packages_and_nothing_else_into_site_packages(names: set[str]) -> None:
    assert {name.split("/")[0] for name in names} == {"graphmap", "graphmap_api", "graphmap-0.1.0.dist-info"}


def test_wheel_holds_every_file_of_the_checkout_in_its_place(names: set[str], root: Path) -> None:
    expected = _below(root, "graphmap")
    expected |= {name.removeprefix("api/") for name in _below(root, "api")}
    expected |= {f"graphmap/{name}" for folder in ("cypher", "web") for name in _below(root, folder)}
    assert {name for name in names if ".dist-info/" not in name} == expected
    assert {"graphmap/py.typed", "graphmap/cypher/README.md", "graphmap/web/README.md"} <= names


def test_wheel_metadata(metadata: Message, pyproject: dict[str, Any], root: Path) -> None:
    assert metadata["Name"] == "graphmap"
    assert metadata["Version"] == "0.1.0"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("License-File") == ["LICENSE"]
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata.get_all("Project-URL") is None
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload() == (root / "README.md").read_text(encoding="utf-8")
    needed = {Requirement(text) for text in metadata.get_all("Requires-Dist") or ()}
    assert {need for need in needed if need.marker is None} == {
        Requirement(text) for text in pyproject["project"]["dependencies"]
    }


def test_wheel_brings_the_licence_and_the_command(wheel: Path, root: Path) -> None:
    with ZipFile(wheel) as archive:
        licence = archive.read("graphmap-0.1.0.dist-info/licenses/LICENSE")
        commands = archive.read("graphmap-0.1.0.dist-info/entry_points.txt").decode()
    assert licence == (root / "LICENSE").read_bytes()
    assert commands.split() == ["[console_scripts]", "graphmap", "=", "graphmap.cli:main"]


def test_resources_are_found_inside_an_unpacked_wheel(wheel: Path, tmp_path: Path) -> None:
    """Away from the checkout, as after a real installation."""
    with ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    program = "from graphmap import resources; print(resources.cypher(), resources.web())"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == [str(tmp_path / "graphmap/cypher"), str(tmp_path / "graphmap/web")], done.stderr


def test_resources_are_found_in_the_checkout(root: Path) -> None:
    assert (resources.cypher(), resources.web()) == (root / "cypher", root / "web")


def test_a_missing_resource_is_an_error_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "graphmap")
    with pytest.raises(GraphmapError, match="no sample/ folder") as caught:
        resources.sample()
    assert caught.value.hint == "install graphmap again"


def test_the_source_archive_builds_the_same_wheel(root: Path, names: set[str], tmp_path: Path) -> None:
    archive = _build(root, "sdist", tmp_path / "sdist")
    subprocess.run(["tar", "-xzf", str(archive), "-C", str(tmp_path)], check=True)  # tarfile warns or not, by version
    rebuilt = _build(tmp_path / "graphmap-0.1.0", "wheel", tmp_path / "wheel")
    with ZipFile(rebuilt) as second:
        assert set(second.namelist()) == names


def test_every_direct_dependency_is_pinned_within_its_bounds(pyproject: dict[str, Any], pins: dict[str, str]) -> None:
    project = pyproject["project"]
    wanted = [
        *project["dependencies"],
        *project["optional-dependencies"]["dev"],
        *pyproject["build-system"]["requires"],
    ]
    unmet = {
        str(need)
        for need in map(Requirement, wanted)
        if not need.specifier.contains(pins.get(canonicalize_name(need.name), "0"))
    }
    assert unmet == set()


def test_every_pin_has_hashes_and_no_address(root: Path, pins: dict[str, str]) -> None:
    text = (root / "constraints.txt").read_text()
    blocks = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(pins)
    assert [block for block in blocks if not re.search(r"--hash=sha256:[0-9a-f]{64}\b", block)] == []
    assert "://" not in text
    assert not re.search(r"^--", text, flags=re.MULTILINE)
