"""Help and docs/cli.md say what is there: every command, option and example."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from graphmap.cli.app import graphmap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.program import Program


def _commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))


COMMANDS = dict(_commands(graphmap))
GROUPS = {"findings", "graph", "jobs", "policy", "suppressions"}
"""Those that have a section for each of their commands instead of one of their own."""
NAMES = [" ".join(path) for path in COMMANDS]


def _help(name: str) -> str:
    answer = CliRunner().invoke(graphmap, [*name.split(), "--help"], terminal_width=80)
    assert answer.exit_code == 0
    return answer.output


def _examples(text: str) -> list[str]:
    block = text.split("Examples:\n", 1)[1].split("\n\n", 1)[0]
    return [line.strip() for line in block.splitlines()]


def _calls(example: str) -> Iterator[list[str]]:
    """The calls of graphmap in an example: parts of a pipe or of a list, without redirections."""
    inner = re.sub(r"source <\((.*)\)", r"\1", example)
    for part in re.split(r" \| | && ", inner):
        words = shlex.split(re.sub(r" > \S+", "", re.split(r"\s{3,}", part)[0]))
        if words[0] == "graphmap":
            yield words[1:]


def test_the_help_lists_every_command() -> None:
    listed = re.findall(r"^  ([a-z]+)  ", CliRunner().invoke(graphmap, ["--help"]).output, re.MULTILINE)
    assert sorted(listed) == sorted(graphmap.commands)


@pytest.mark.parametrize("name", ["", *NAMES])
def test_help_fits_and_has_examples_that_parse(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = _help(name)
    assert all(len(line) <= 90 for line in text.splitlines())
    called: list[tuple[str, ...]] = []
    for path, command in COMMANDS.items():
        if not isinstance(command, click.Group):
            monkeypatch.setattr(command, "callback", lambda path=path, **_: called.append(path))
    for example in _examples(text):
        calls = list(_calls(example))
        assert calls, example
        for words in calls:
            called.clear()
            answer = CliRunner().invoke(graphmap, words)
            assert (answer.exit_code, answer.exception) == (0, None), (words, answer.output)
            assert called, words


def test_every_option_says_what_it_does() -> None:
    silent = [
        (name, parameter.name)
        for name, command in zip(NAMES, COMMANDS.values(), strict=True)
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.help
    ]
    assert silent == []


def _sections(root: Path) -> dict[str, str]:
    text = (root / "docs/cli.md").read_text()
    parts = re.split(r"^### `graphmap ([a-z -]+)`.*$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_command_has_a_section(root: Path) -> None:
    assert list(_sections(root)) == [name for name in _in_order() if name not in GROUPS]


def _in_order() -> list[str]:
    from graphmap.cli.app import Sections

    tops = [name for _, names in Sections.SECTIONS for name in names]
    return [name for top in tops for name in NAMES if name.split()[0] == top]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in GROUPS])
def test_every_option_is_in_its_section_and_nothing_else(root: Path, name: str) -> None:
    section = _sections(root)[name]
    rows = re.findall(r"^\| (`-[^|]*)\|", section, re.MULTILINE)
    listed = {option for row in rows for option in re.findall(r"--[a-z-]+", row)}
    command = COMMANDS[tuple(name.split())]
    options = {p.opts[0] for p in command.params if isinstance(p, click.Option)}
    assert listed == options - {"--home", "--json"}
    assert ("JSON" in section) is ("--json" in options)


def test_options_of_many_commands_and_of_the_program_are_listed(root: Path) -> None:
    text = (root / "docs/cli.md").read_text()
    block = text.split("### Options of many commands")[1].split("## Start")[0]
    for option in ("--home", "--json", "--limit", "--since", "--until", "--gap", "--help", "--version"):
        assert f"`{option}" in block
    for code in (0, 1, 2, 3, 4, 130):
        assert f"\n| {code} | " in text


def test_the_examples_of_the_page_say_what_the_program_says(root: Path, program: Program) -> None:
    blocks = re.findall(
        r"^```console\n\$ graphmap (.*)\n((?:.*\n)*?)```$", (root / "docs/cli.md").read_text(), re.MULTILINE
    )
    assert len(blocks) > 10
    wrong = {}
    for words, said in blocks:
        answer = program.ok(*shlex.split(words))
        found = (answer.out + answer.err).replace(str(program.home), "/home/anna/.local/share/graphmap")
        found = "".join(f"{line.rstrip()}\n" for line in found.splitlines())
        if found != said:
            wrong[words] = found
    assert wrong == {}
