"""A session with Spark: checked, quiet, the same each time, and with all on board that executors need."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as OutOfTime
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphmap.config import load_properties
from graphmap.errors import EngineError
from graphmap.spark.engines import in_this_process, masters, read_engine
from graphmap.spark.executors import compare, equipment
from graphmap.spark.java import check_java
from graphmap.spark.shipping import PACKAGE, archive
from graphmap.store.location import variables

# PySpark tells everybody who imports it that pandas 3, which graphmap never uses, is new to it.
warnings.filterwarnings("ignore", message="PySpark does not yet", category=FutureWarning)

try:
    import pyspark
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    from graphmap.spark.failures import explain, explained
except ImportError as missing:
    raise EngineError(f"Spark needs the package {missing.name}", hint="pip install 'graphmap[spark]'") from missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from graphmap.config import Settings

REACH_SECONDS = 10.0
"""How long a master may take to accept a connection."""

START_SECONDS = 300.0
"""How long a cluster may take to give the first executor."""

FIXED = {
    # Whatever the zones of the nodes are: all times are UTC.
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    # Tables pass to and from Python as Arrow, never row by row.
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.execution.arrow.pyspark.fallback.enabled": "false",
}
"""What answers depend on; nobody can set it otherwise."""

USUAL = {
    "spark.app.name": "graphmap",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # Joins small partitions and parts large ones by the sizes that it sees, so that one setting serves a small and a
    # large lake. It moves rows between tasks and never changes an answer: none depends on which task has a row.
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.catalogImplementation": "in-memory",
    # A row may be a block of megabytes (`graphmap.spark.blocks`): few of them pass to Python together.
    "spark.sql.execution.arrow.maxBytesPerBatch": "64m",
    # A second copy of a slow task would read the same logs twice for nothing.
    "spark.speculation": "false",
    "spark.executorEnv.PYTHONWARNINGS": "ignore:PySpark does not yet:FutureWarning",
}
"""What ``[spark]`` in graphmap.toml may set otherwise."""

_FOLDER = "spark.graphmap.folder"
_PYTHON = "spark.pyspark.python"


def connect(engine: str, settings: Settings, *, properties: Mapping[str, str] | None = None) -> SparkSession:
    """Start a session with Spark, and check that its executors can do what will be asked of them.

    Parameters
    ----------
    engine
        See `read_engine`; ``local`` means one thread here.
    settings
        Whose ``[spark]`` in graphmap.toml has properties of Spark's (without the beginning ``spark.``).
    properties
        More of them, by their full names; these win.

    Raises
    ------
    EngineError
        No Java, a Java or PySpark that does not fit, a cluster that does not answer within `REACH_SECONDS` or gives no
        executor within `START_SECONDS`, or executors that lack what the driver has.
    InputError
        There is no such engine, or the settings cannot be read.
    """
    master = "local[1]" if engine == "local" else read_engine(engine)
    chosen = load_properties(settings, "spark") | dict(properties or {})
    if SparkContext._active_spark_context is not None:  # noqa: SLF001 # nothing public tells
        raise EngineError("this process has a session with Spark already", hint="end that one first")
    check_java()
    for host, port in masters(master):
        _reach(host, port)
    folder = Path(tempfile.mkdtemp(prefix="graphmap-spark-"))
    try:
        spark = _start(_properties(master, chosen, folder), folder)
        try:
            equip(spark.sparkContext, settings.lake)
            if not in_this_process(master):
                spark.sparkContext.addArchive(archive(folder))
            _check(spark.sparkContext)
        except BaseException:
            _end(spark)
            raise
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return spark


def disconnect(spark: SparkSession) -> None:
    """End a session of `connect`, its Java too, and remove its files."""
    folder = spark.conf.get(_FOLDER)
    _end(spark)
    if folder:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def session(engine: str, settings: Settings) -> Iterator[SparkSession]:
    """A session of `connect` while it lasts; what fails in it is explained (`graphmap.spark.failures`)."""
    spark = connect(engine, settings)
    try:
        with explained():
            yield spark
    finally:
        disconnect(spark)


def _properties(master: str, chosen: Mapping[str, str], folder: Path) -> dict[str, str]:
    found = {"spark.local.dir": str(folder), "spark.sql.warehouse.dir": str(folder / "warehouse"), **USUAL}
    if in_this_process(master) or all(map(_is_loopback, (host for host, _ in masters(master) or [("", 0)]))):
        found |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    if in_this_process(master):
        found["spark.executorEnv.PYTHONPATH"] = str(PACKAGE.parent)
    found[_PYTHON] = os.environ.get("PYSPARK_PYTHON", sys.executable)
    return found | dict(chosen) | FIXED | {"spark.master": master, _FOLDER: str(folder)}


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _reach(host: str, port: int) -> None:
    try:
        socket.create_connection((host, port), timeout=REACH_SECONDS).close()
    except OSError as error:
        raise EngineError(
            f"no cluster answers at spark://{host}:{port}: {error.strerror or error}",
            hint="check the address on the page of the master, and that this machine may reach it",
        ) from error


def _start(properties: Mapping[str, str], folder: Path) -> SparkSession:
    conf = SparkConf(loadDefaults=False)
    for name, value in properties.items():
        conf.set(name, value)
    log = folder / "java.log"
    try:
        with log.open("w") as out, explained():
            # Java's own words go to a file: they are of use only where it does not start.
            gateway = SparkContext._gateway or launch_gateway(conf, {"stdout": out, "stderr": out})  # type: ignore[no-untyped-call]  # noqa: SLF001
            context = SparkContext(conf=conf, gateway=gateway)
            context.setLogLevel("OFF")
            spark = SparkSession.builder.getOrCreate()
    except EngineError as error:
        _forget_gateway()
        raise _better(error, log) from error
    if context.version != pyspark.__version__:
        _end(spark)
        raise EngineError(
            f"Spark is {context.version}, and PySpark {pyspark.__version__}",
            hint=f"pip install pyspark=={context.version}, or unset SPARK_HOME",
        )
    context.pythonExec = properties[_PYTHON]
    return spark


def _better(error: EngineError, log: Path) -> EngineError:
    """The error, with what Java wrote where that says more."""
    words = log.read_text(errors="replace")
    told = explain(words)
    if told.hint:
        return told
    last = [line for line in words.splitlines() if "Exception" in line or "rror" in line]
    return EngineError(f"{error.message}; Java says: {last[-1][:300]}" if last else error.message, hint=error.hint)


def _check(context: SparkContext) -> None:
    """Wait for executors, and compare what they have with what is here."""
    tasks = max(context.defaultParallelism, 2)
    with explained(), ThreadPoolExecutor(1) as pool:
        asked = pool.submit(context.parallelize(range(tasks), tasks).mapPartitions(equipment).collect)
        try:
            found = asked.result(START_SECONDS)
        except OutOfTime:
            context.cancelAllJobs()
            raise EngineError(
                f"the cluster gave no executor within {START_SECONDS:.0f} seconds",
                hint="it may have no free cores, or less memory than is asked for (executor.memory, executor.cores and"
                " cores.max below [spark] in graphmap.toml)",
            ) from None
    compare(next(equipment()), found)


def equip(context: SparkContext, lake: Path | str) -> None:
    """Let Python on executors know how to get at a lake, as this process does (`graphmap.store.location.variables`).

    It goes with each task, not into properties, which are on command lines and pages. ``executorEnv`` wins.
    """
    context.environment = variables(lake) | context.environment


def _end(spark: SparkSession) -> None:
    """Stop a session, and the Java that it ran in: the next one may be started with other settings."""
    try:
        spark.stop()
    finally:
        _forget_gateway()


def _forget_gateway() -> None:
    gateway: Any = SparkContext._gateway  # noqa: SLF001 # PySpark has no other way to end its Java
    SparkContext._gateway = SparkContext._jvm = None  # noqa: SLF001
    if gateway is not None:
        gateway.shutdown()
        if gateway.proc is not None:
            gateway.proc.stdin.close()
            gateway.proc.wait()
