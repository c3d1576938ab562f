"""The names of engines: what ``--engine`` takes."""

from __future__ import annotations

import re

from graphmap.errors import InputError

HERE = "local"
"""This machine, without Spark."""

_THREADS = re.compile(r"local\[(?:[1-9]\d{0,3}|\*)\]", re.ASCII)
_ADDRESS = r"[A-Za-z0-9.\-_]+|\[[0-9A-Fa-f:.]+\]"
_MASTERS = re.compile(rf"spark://(?:{_ADDRESS}):\d{{1,5}}(?:,(?:{_ADDRESS}):\d{{1,5}})*", re.ASCII)
_KUBERNETES = re.compile(rf"k8s://(?:https?://)?(?:{_ADDRESS})(?::\d{{1,5}})?(?:/\S*)?", re.ASCII)


def read_engine(text: str) -> str:
    """Check the name of an engine.

    Parameters
    ----------
    text
        ``local`` (this machine, without Spark), ``local[N]`` or ``local[*]`` (Spark in threads of this machine),
        ``spark://HOST:PORT[,HOST:PORT]`` (a standalone cluster), ``yarn``, or ``k8s://HOST:PORT`` (Kubernetes).

    Raises
    ------
    InputError
        It is none of these.
    """
    forms = (_THREADS, _MASTERS, _KUBERNETES)
    if text in {HERE, "yarn"} or any(form.fullmatch(text) for form in forms):
        return text
    raise InputError(
        f"{text!r} is no engine", hint="write local, local[N], spark://HOST:PORT, yarn or k8s://https://HOST:PORT"
    )


def in_this_process(engine: str) -> bool:
    """Whether Spark runs its tasks on this machine, as children of this process."""
    return engine.startswith("local")


def masters(engine: str) -> list[tuple[str, int]]:
    """Hosts and ports of the masters of a standalone cluster; none for other engines."""
    if not engine.startswith("spark://"):
        return []
    pairs = (address.rpartition(":") for address in engine.removeprefix("spark://").split(","))
    return [(host.strip("[]"), int(port)) for host, _, port in pairs]
