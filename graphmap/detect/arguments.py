"""What the command line of an SSH client asks for: tunnels, sockets of other connections, copies.

Where it leads is the business of `graphmap.evidence.command_lines`.

Facts: the getopt string and the ``-o`` keywords of ssh.c, scp.c and readconf.c of OpenSSH; the options of PuTTY's tools
(cmdline.c), dbclient (cli-runopts.c), sshuttle(8), autossh(1) and rsync(1).
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAKES = {
    "ssh": "BbcDEeFIiJLlmOoPpQRSWw",
    "autossh": "MBbcDEeFIiJLlmOoPpQRSWw",
    "dbclient": "BbcIiJKLlmopRW",
    "plink": "DlLPRiw",
    "putty": "DlLPRi",
    "scp": "cDFiJloPSX",
    "sftp": "BbcDFiJloPRSsX",
    "pscp": "Pli",
    "psftp": "Pli",
    "rsync": "eBMTf",
    "sshuttle": "rexlsX",
}
"""Options that take a value, by program; all others are flags."""

_FORWARDS = {"L": "local forward", "R": "remote forward", "D": "SOCKS proxy", "w": "tunnel device"}
_KEYWORDS = {
    "localforward": "L", "remoteforward": "R", "dynamicforward": "D", "tunneldevice": "w", "proxyjump": "J",
    "controlpath": "S",
}  # fmt: skip
_SOCKS = "through a SOCKS proxy"
_ALWAYS = {"sshuttle": "VPN by sshuttle", "proxychains": _SOCKS, "proxychains3": _SOCKS, "proxychains4": _SOCKS}
_COPIES = frozenset({"scp", "pscp", "rsync"})
_REMOTE = re.compile(r"(?:[^\s/:@]+@)?(?:\[[^\]]+\]|[^\s/:]{2,}):")
_LONG = {"ssh-option": "o", "rsh": "e"}


@dataclass(slots=True)
class Command:
    """A command line, read.

    `client` is the program as written, `program` its name. `options` has the options with values, in order;
    `ssh -o LocalForward=...` is its short option. `words` are the arguments that are no options.
    """

    program: str = ""
    client: str = ""
    options: list[tuple[str, str]] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    words: list[str] = field(default_factory=list)

    def tunnels(self) -> Iterator[tuple[str, str]]:
        """What is tunnelled: how, and the forwarding as written."""
        if self.program in _ALWAYS:
            yield _ALWAYS[self.program], " ".join(self.words)
        if self.program in {"ssh", "autossh", "plink", "putty", "dbclient"}:
            for name, value in self.options:
                if name in _FORWARDS and not (self.program in {"plink", "putty"} and name == "w"):
                    yield _FORWARDS[name], value

    def socket(self) -> str | None:
        """The control socket of another connection that is used; None where none is named."""
        named = [value for name, value in self.options if name == "S" and self.program in {"ssh", "autossh"}]
        return next((value for value in named if value.lower() != "none"), None)

    def uploads(self) -> bool:
        """Whether something is copied to another host: the last argument names one, and another does not."""
        if self.program not in _COPIES or len(self.words) < 2:  # noqa: PLR2004 - from and to
            return False
        *sources, target = self.words
        return _is_remote(target) and not all(map(_is_remote, sources))


def read_command(text: str) -> Command:
    """Read a command line, of Unix or Windows; what cannot be parted into words is one command without options."""
    words = _words(text)
    if not words:
        return Command()
    program = re.split(r"[/\\]", words[0])[-1].lower().removesuffix(".exe")
    command = Command(program, words[0])
    takes = _TAKES.get(program, "")
    rest = iter(words[1:])
    only_words = False
    for word in rest:
        if only_words or not word.startswith("-") or word == "-":
            command.words.append(word)
            # behind the host options go on, up to the command (ssh.c)
            only_words = only_words or (program in {"ssh", "plink"} and len(command.words) > 1) or program == "dbclient"
        elif word == "--":
            only_words = True
        elif word.startswith("--"):
            name, _, value = word[2:].partition("=")
            command.options.append((_LONG.get(name, name), value))
        else:
            _options(command, takes, word[1:], rest)
    return command


def _options(command: Command, takes: str, letters: str, rest: Iterator[str]) -> None:
    """Read options that stand together: flags, and one that takes what follows."""
    if command.program in {"plink", "pscp", "psftp", "putty"} and len(letters) > 1:
        takes, letters = (letters, letters) if letters in {"pw", "pwfile", "load"} else ("", letters)
        if takes:
            command.options.append((letters, next(rest, "")))
        else:
            command.flags.add(letters)
        return
    for place, letter in enumerate(letters):
        if letter not in takes:
            command.flags.add(letter)
            continue
        value = letters[place + 1 :] or next(rest, "")
        keyword = re.split(r"[=\s]+", value.strip(), maxsplit=1) if letter == "o" else []
        if len(keyword) > 1 and keyword[0].lower() in _KEYWORDS:
            command.options.append((_KEYWORDS[keyword[0].lower()], keyword[1]))
        else:
            command.options.append((letter, value))
        return


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text.replace("\\", "\\\\") if "\\" in text and "'" not in text else text)
    except ValueError:
        return text.split()


def _is_remote(word: str) -> bool:
    return _REMOTE.match(word) is not None or word.startswith(("rsync://", "scp://", "sftp://"))
