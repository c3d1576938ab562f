"""Programs that carry a person or a file to another host by SSH, as process records name them."""

from __future__ import annotations

CLIENTS = frozenset({
    "ssh", "scp", "sftp", "rsync", "sshfs", "autossh", "sshpass", "ssh-copy-id", "sshuttle", "dbclient", "plink",
    "pscp", "psftp", "putty", "proxychains", "proxychains3", "proxychains4",
})  # fmt: skip
"""Base names of the clients."""

SERVERS = frozenset({"sftp-server"})
"""Base names of what a server starts for a client and nobody else does."""

COMMAND_CHARACTERS = 2000
"""How much of a command line an event keeps."""


def is_far_end(program: str, arguments: list[str]) -> bool:
    """Tell whether a command line is what the server starts for a transfer: ``scp -t``, ``scp -f``, ``rsync --server``.

    OpenSSH's scp.c and rsync's options.c; the options are not for people.
    """
    if program == "scp":
        return any(option in {"-t", "-f"} for option in arguments[1:])
    return program in SERVERS or (program == "rsync" and "--server" in arguments[1:])
