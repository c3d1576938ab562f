"""What Spark says when something fails, in a sentence for the person who reads it."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException

from graphmap.errors import EngineError
from graphmap.spark.executors import SHIP
from graphmap.store.refusals import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Known(NamedTuple):
    pattern: re.Pattern[str]
    message: str
    hint: str | None


_MEMORY = (
    "give executors more in graphmap.toml: [spark] executor.memory for Java, executor.memoryOverhead for Python; or"
    " raise sql.shuffle.partitions, so that each task holds less"
)

_KNOWN = [
    _Known(re.compile(pattern, re.IGNORECASE | re.DOTALL), message, hint)
    for pattern, message, hint in (
        (
            (
                r"OutOfMemoryError|Java heap space|running beyond (?:physical|virtual) memory|exceeding memory limits"
                r"|OOMKilled|exit(?:ed with)? (?:code|status) (?:137|52)\b|MemoryError|Cannot allocate memory"
            ),
            "an executor ran out of memory",
            _MEMORY,
        ),
        (
            r"maxResultSize",
            "the driver would get more than it may hold",
            "raise driver.maxResultSize and driver.memory below [spark] in graphmap.toml",
        ),
        (
            r'Cannot run program "?([^":,]+)"?',
            "executors have no {0}",
            "set pyspark.python below [spark] in graphmap.toml to the Python of the nodes",
        ),
        (
            r"PYTHON_VERSION_MISMATCH.*?(\d+\.\d+).*?(\d+\.\d+)",
            "executors run Python {0}, and this is {1}",
            SHIP,
        ),
        (r"ModuleNotFoundError: No module named '([\w.]+)'", "executors lack {0}", SHIP),
        (
            r"No space left on device",
            "an executor's disk is full",
            "free some space, or set local.dir below [spark] in graphmap.toml (SPARK_LOCAL_DIRS on the nodes)",
        ),
        (
            r"EngineError: executors see no ([^\n]+)",
            "executors see no {0}",
            "home folder and logs must be on storage that every node mounts at the same path",
        ),
        (
            (
                r"(?:PATH_NOT_FOUND|FileNotFoundException|FileNotFoundError|No such file or directory)"
                r"[^\n]*?((?:file:|/)[^\s'\",]+)"
            ),
            "executors see no {0}",
            "home folder and logs must be on storage that every node mounts at the same path",
        ),
        (
            r"All masters are unresponsive",
            "the cluster's master takes no work from this PySpark",
            "its version must be that of the cluster: compare with the page of the master",
        ),
        (
            (
                r"ExecutorLostFailure|ExecutorDeadException|Lost executor|executor (?:\d+ )?(?:lost|exited)"
                r"|MetadataFetchFailed|FetchFailed|crashed unexpectedly"
            ),
            "executors were lost, again and again",
            "run the same command again when the cluster is well: nothing is done twice. If they died of memory: "
            + _MEMORY,
        ),
        (
            (
                r"SparkContext was shut down|stopped SparkContext|Answer from Java side is empty|Error while sending"
                r"|Error while receiving|ConnectionRefused|Connection refused"
            ),
            "the connection to the cluster was lost",
            "run the same command again: nothing is done twice",
        ),
    )
]


@contextmanager
def explained() -> Iterator[None]:
    """Turn what Spark, Java and the Python of executors raise into errors for the user.

    Raises
    ------
    EngineError
        In place of theirs, which stays its cause.
    """
    try:
        yield
    except (PySparkException, Py4JError, ConnectionError) as error:
        raise explain(str(error)) from error


def explain(text: str) -> EngineError:
    """The error that such a text of Spark's stands for."""
    if told := words_of(text):
        return EngineError(f"on an executor: {told.message}", hint=told.hint)
    for known in _KNOWN:
        if found := known.pattern.search(text):
            return EngineError(known.message.format(*found.groups()), hint=known.hint)
    return EngineError(f"Spark failed: {_essence(text)}")


def _essence(text: str) -> str:
    """The line of a long text that says most: the last error of Python's in it, else the first line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line for line in lines if re.match(r"[\w.]+(?:Error|Exception): ", line)]
    return (told or lines or ["without a word"])[-1 if told else 0][:500]
