"""Where the command line of an SSH client leads.

Sources: ssh(1), ssh_config(5), scp(1), sftp(1), ssh-copy-id(1) and ssh.c, scp.c, readconf.c of OpenSSH; rsync(1);
sshfs(1), autossh(1), sshpass(1); PuTTY's manual, chapters 3, 5, 6 and 7, and cmdline.c; dbclient(1) of Dropbear.

Nothing is claimed where the line alone does not tell: a ProxyCommand, a saved session of PuTTY's, several hosts. What
`~/.ssh/config` and /etc/hosts make of a name is not known either; who asks compares the name with those of hosts.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    _Options = list[tuple[str, str]]
    _Place = tuple[str | None, str]


_T = TypeVar("_T")


class Destination(NamedTuple):
    """The host that a client connects to, as it was typed, without brackets and port.

    `user` is the account that the line names, None where it names none. `by_child` is true where another program is
    started for the connection: ``scp`` starts ``ssh``, ``ssh -J`` starts another ``ssh``.
    """

    host: str
    user: str | None
    by_child: bool


def destination(client: str, command: str) -> Destination | None:
    """Say where a client connects to.

    Parameters
    ----------
    client
        The program, by its name or path.
    command
        Its command line as process records have it: of Windows where the program is one (`.exe`, a backslash), else as
        a shell would quote it, or its words with spaces between.

    Returns
    -------
    None where it is no SSH client, connects to nothing, or the line does not tell.
    """
    name = re.split(r"[/\\]", client.lower())[-1]
    words = _windows_words(command) if "\\" in client or name.endswith(".exe") else _shell_words(command)
    return _reached(name.removesuffix(".exe"), words[1:])


def _reached(program: str, arguments: list[str]) -> Destination | None:
    read = _PROGRAMS.get(program)
    try:
        found = read(arguments) if read else None
    except _UnknownError:
        return None
    return found if found and found.host and found.user != "" else None


def _windows_words(command: str) -> list[str]:
    """Words with quotes taken away. A backslash before a quote is not looked at: no host has a quote in its name."""
    return [word.replace('"', "") for word in re.findall(r'(?:[^\s"]|"[^"]*"?)+', command)]


def _shell_words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:  # words with spaces between, one of which holds a quote
        return command.split()


class _UnknownError(Exception):
    """The command line does not tell."""


# ssh and what calls it

_SSH = "BbcDEeFIiJLlmOoPpQRSWw"
"""The options of ssh(1) that have a value."""


def _ssh(arguments: list[str], valued: str = _SSH) -> Destination | None:
    options, rest, ended = _options(arguments, valued)
    if not rest:
        return None
    user, host = _uri(rest[0], "ssh") or _at(rest[0])
    if user is not None:
        options.append(("l", user))
    if not ended:  # ssh goes on with options after the host, up to the command
        options += _options(rest[1:], valued)[0]
    if {"G", "O", "Q", "V"} & {letter for letter, _ in options}:
        return None
    settings = [("o", f"user={value}") if letter == "l" else (letter, value) for letter, value in options]
    return _configured((None, host), settings)


def _configured(place: _Place, options: _Options, *, by_child: bool = False) -> Destination:
    """The host that ssh connects to on its way to a place; of settings the first counts (ssh_config(5))."""
    settings: dict[str, str] = {}
    for letter, value in options:
        key, _, content = re.sub(r"\s*=\s*|\s+", "=", value.strip(), count=1).partition("=")
        if letter == "o":
            settings.setdefault(key.lower(), content.strip().strip('"'))
        elif letter == "J":
            settings.setdefault("proxyjump", value)
    proxies = [name for name in settings if name in {"proxyjump", "proxycommand"}][:1]
    jump = settings[proxies[0]] if proxies else "none"
    if jump.lower() != "none":
        if proxies == ["proxycommand"]:
            raise _UnknownError
        user, host = _authority(jump.removeprefix("ssh://").split(",", 1)[0])
        return Destination(_bare(host), user, by_child=True)
    user, host = place
    named = settings.get("hostname", "%h").replace("%h", host)
    if "%" in named and ":" not in named:
        raise _UnknownError
    return Destination(_bare(named), settings.get("user", user), by_child)


def _autossh(arguments: list[str]) -> Destination | None:
    found = _ssh(arguments, f"{_SSH}M")
    return found and found._replace(by_child=True)


def _sshpass(arguments: list[str]) -> Destination | None:
    _, rest, _ = _options(arguments, "dfPp")
    program = rest[0].rpartition("/")[2] if rest else ""
    found = _reached(program, rest[1:]) if program != "sshpass" else None
    return found and found._replace(by_child=True)


def _ssh_copy_id(arguments: list[str]) -> Destination | None:
    options, rest = _permuted(arguments, "Fopt")
    places = [word for word in rest if not word.endswith(".pub")]  # the value of -i may be left out
    return _configured(_at(_only(places)), options, by_child=True)


# Those that copy


def _scp(arguments: list[str]) -> Destination | None:
    options, rest = _permuted(arguments, "cDFiJlMoPSX")
    return _configured(_only(_remote(rest, "scp")), options, by_child=True)


def _sftp(arguments: list[str]) -> Destination | None:
    options, rest = _permuted(arguments, "BbcDFiJloPRSsX")
    if not rest or "D" in {letter for letter, _ in options}:
        return None
    place = (_remote(rest[:1], "sftp") or [_at(rest[0])])[0]
    return _configured(place, options, by_child=True)


def _sshfs(arguments: list[str]) -> Destination | None:
    options, rest = _permuted(arguments, "Fop")
    settings = [("o", one) for letter, value in options if letter == "o" for one in value.split(",")]
    return _configured(_only(_remote(rest[:1], "sshfs")), settings, by_child=True)


_RSYNC_VALUES = frozenset({
    "address", "backup-dir", "block-size", "bwlimit", "checksum-choice", "checksum-seed", "chmod", "chown",
    "compare-dest", "compress-choice", "compress-level", "copy-as", "copy-dest", "debug", "exclude", "exclude-from",
    "files-from", "filter", "groupmap", "iconv", "include", "include-from", "info", "link-dest", "log-file",
    "log-file-format", "max-alloc", "max-delete", "max-size", "min-size", "modify-window", "only-write-batch",
    "out-format", "outbuf", "partial-dir", "password-file", "port", "protocol", "read-batch", "remote-option",
    "rsh", "rsync-path", "skip-compress", "sockopts", "stderr", "stop-after", "stop-at", "suffix", "temp-dir",
    "timeout", "usermap", "write-batch",
})  # fmt: skip
"""The long options of rsync(1) that have a value, which may be a word of its own."""


def _rsync(arguments: list[str]) -> Destination | None:
    options, rest = _permuted(arguments, "BefMT@", _RSYNC_VALUES)
    places = [word for word in rest if not re.match(r"rsync://|[^/]*::", word)]
    if len(places) < len(rest):  # a daemon, without SSH
        return None
    user, host = _only(_remote(places, "rsync"))
    shells = [_shell_words(value) for name, value in options if name in {"e", "rsh"}]
    shell = shells[-1] if shells else ["ssh"]
    if not shell or shell[0].rpartition("/")[2] != "ssh":
        return None
    found = _ssh([*shell[1:], "--", host if user is None else f"{user}@{host}"])
    return found and found._replace(by_child=True)


# PuTTY and Dropbear

_PUTTY_VALUES = frozenset({
    "-b", "-cert", "-D", "-hostkey", "-i", "-L", "-l", "-loghost", "-m", "-nc", "-P", "-pw", "-pwfile", "-R",
    "-sercfg", "-sessionlog", "-sshlog", "-sshrawlog",
})  # fmt: skip
"""The options that have a value."""
_PUTTY_UNKNOWN = frozenset({
    "-load", "-proxycmd", "-raw", "-rlogin", "-serial", "-supdup", "-telnet",
})  # fmt: skip
"""A saved session, which may name a host; other ways than SSH."""


def _putty(arguments: list[str]) -> Destination | None:
    user, rest = _putty_options(arguments)
    if not rest:
        return None
    place = _uri(rest[0], "ssh") or _at(rest[0])
    return Destination(_bare(place[1]), place[0] or user, by_child=False)


def _pscp(arguments: list[str]) -> Destination | None:
    user, rest = _putty_options(arguments)
    own, host = _only(_remote(rest, "scp"))
    return Destination(_bare(host), own or user, by_child=False)


def _putty_options(arguments: list[str]) -> tuple[str | None, list[str]]:
    """The value of -l, and the words from the first on that is no option."""
    user, words = None, list(arguments)
    while words and words[0].startswith("-"):
        option = words.pop(0)
        if option in _PUTTY_UNKNOWN:
            raise _UnknownError
        if option in _PUTTY_VALUES:
            value = words.pop(0) if words else ""
            user = value if option == "-l" else user
    return user, words


def _dbclient(arguments: list[str]) -> Destination | None:
    options, rest, _ = _options(arguments, "BbcDIiJKLlmopRW")
    if not rest or {"J", "V"} & {letter for letter, _ in options}:
        return None
    hops = rest[0].split(",")
    user, host = _at(re.split(r"[/^]", hops[0])[0])
    user = user or next((value for letter, value in options if letter == "l" and len(hops) == 1), None)
    return Destination(_bare(host), user, by_child=len(hops) > 1)


_PROGRAMS: dict[str, Callable[[list[str]], Destination | None]] = {
    "ssh": _ssh,
    "autossh": _autossh,
    "sshpass": _sshpass,
    "ssh-copy-id": _ssh_copy_id,
    "scp": _scp,
    "sftp": _sftp,
    "sshfs": _sshfs,
    "rsync": _rsync,
    **dict.fromkeys(("plink", "putty", "kitty", "psftp"), _putty),
    "pscp": _pscp,
    "dbclient": _dbclient,
}


# Words


def _options(words: Sequence[str], valued: str) -> tuple[_Options, list[str], bool]:
    """The options up to the first word that is none, the words from there on, and whether ``--`` parts them."""
    options: _Options = []
    rest = list(words)
    while rest and rest[0].startswith("-") and rest[0] != "-":
        word = rest.pop(0)
        if word == "--":
            return options, rest, True
        for place, letter in enumerate(word[1:], 2):
            if letter in valued:
                if place == len(word) and not rest:
                    raise _UnknownError
                options.append((letter, word[place:] or rest.pop(0)))
                break
            options.append((letter, ""))
    return options, rest, False


def _permuted(words: Sequence[str], valued: str, long: frozenset[str] = frozenset()) -> tuple[_Options, list[str]]:
    """All options, also those between and after the other words; and those."""
    options: _Options = []
    others: list[str] = []
    rest = list(words)
    while rest:
        name, equals, value = rest[0].removeprefix("--").partition("=")
        if rest[0].startswith("--") and name:
            del rest[0]
            if not equals and name in long:
                value = rest.pop(0) if rest else ""
            options.append((name, value))
        elif rest[0].startswith("-") and rest[0] != "-":
            found, rest, ended = _options(rest, valued) if rest[0] == "--" else _one_word(rest, valued)
            options += found
            if ended:
                others += rest
                break
        else:
            others.append(rest.pop(0))
    return options, others


def _one_word(words: list[str], valued: str) -> tuple[_Options, list[str], bool]:
    """The options of the first word."""
    letters = words[0][1:]
    at = next((place for place, letter in enumerate(letters, 1) if letter in valued), None)
    taken = 2 if at == len(letters) else 1
    return _options(words[:taken], valued)[0], words[taken:], False


def _only(found: list[_T]) -> _T:
    """What they all are; several are nothing that can be told."""
    if not found or any(one != found[0] for one in found):
        raise _UnknownError
    return found[0]


# Places


def _remote(words: list[str], scheme: str) -> list[_Place]:
    """The hosts of those words that name a file on one: ``[user@]host:path`` or a URI. ``C:`` is a drive."""
    found = []
    for word in words:
        place = _uri(word, scheme)
        match = re.match(r"(?:([^/]*)@)?(\[[^\]/]+\]|[^:/\[@]{2,}):", word)
        if place:
            found.append(place)
        elif match:
            found.append((match[1], match[2]))
    return found


def _uri(word: str, scheme: str) -> _Place | None:
    start = f"{scheme}://"
    return _authority(word[len(start) :].split("/", 1)[0]) if word.lower().startswith(start) else None


def _authority(text: str) -> _Place:
    """``[user@]host[:port]`` of a URI (RFC 3986; the user may have settings behind a semicolon) or a jump host."""
    user, host = _at(text)
    match = re.match(r"\[[^\]]*\]|[^:]*", host)
    return (None if user is None else unquote(user.split(";", 1)[0])), (match[0] if match else "")


def _at(word: str) -> _Place:
    user, at, host = word.rpartition("@")
    return (user if at else None), host


def _bare(host: str) -> str:
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host
