"""The names of engines: what ``--engine`` takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from graphmap.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from graphmap.config import Settings
    from graphmap.pipeline.estate import Maker
    from graphmap.pipeline.ingest import IngestReport

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


def ingest(paths: Sequence[Path | str], *, settings: Settings, **options: Any) -> IngestReport:
    """Bring logs into the lake by the engine of the settings, with the same tables in the end.

    Parameters
    ----------
    paths, settings
        As `graphmap.pipeline.ingest.ingest` takes them; `graphmap.spark.ingest.ingest` says what Spark asks of paths.
    options
        ``options``, ``host`` and ``progress`` of both.

    Raises
    ------
    InputError
        There is no such engine, or a path leads to nothing.
    EngineError
        Spark cannot be used (`graphmap.spark.session.connect`), or failed.
    StoreError
        The lake or the ledger cannot be read or written.
    """
    if read_engine(settings.engine) == HERE:
        from graphmap.pipeline.ingest import ingest as ingest_here  # noqa: PLC0415 - the command line is to start soon

        return ingest_here(paths, settings=settings, **options)
    from graphmap.spark.session import session  # noqa: PLC0415, I001 - PySpark is an extra; this says where it is missing
    from graphmap.spark.ingest import ingest as ingest_there  # noqa: PLC0415 - as above

    with session(settings.engine, settings) as spark:
        return ingest_there(spark, paths, settings=settings, **options)


def maker_of(settings: Settings) -> Maker | None:
    """Who makes what questions are asked of, by the settings; None for this process. Spark starts when it is needed.

    Raises
    ------
    InputError
        There is no such engine.
    EngineError
        PySpark is not installed.
    """
    if read_engine(settings.engine) == HERE:
        return None
    import graphmap.spark.session  # noqa: PLC0415, F401 - PySpark is an extra; this says where it is missing
    from graphmap.spark.making import Cluster  # noqa: PLC0415 - as above

    return Cluster(settings)
