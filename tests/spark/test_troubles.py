"""What is said where Spark cannot be used: what is wrong, and what to do. Nothing here starts it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from graphmap.errors import EngineError, InputError
from graphmap.spark.engines import masters, read_engine
from graphmap.spark.executors import PACKAGES, Equipment, compare, equipment
from graphmap.spark.java import check_java
from graphmap.spark.shipping import PACKAGE, archive
from tests.cli.program import CODE, Program

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "text",
    ["local", "local[1]", "local[*]", "spark://h:7077", "spark://a:1,[::1]:2", "yarn", "k8s://https://10.0.0.1:6443"],
)
def test_engines(text: str) -> None:
    assert read_engine(text) == text


@pytest.mark.parametrize(
    "text", ["", "Local", "local[0]", "local[]", "spark://", "spark://h", "spark://h:1:2", "yarn ", "http://h:1"]
)
def test_no_engines(text: str) -> None:
    with pytest.raises(InputError, match="is no engine"):
        read_engine(text)


def test_the_masters_of_an_engine() -> None:
    assert masters("spark://a.example:7077,[::1]:7078") == [("a.example", 7077), ("::1", 7078)]
    assert masters("local[2]") == masters("yarn") == []


def java(folder: Path, version: str) -> dict[str, str]:
    """A JAVA_HOME whose java says so."""
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho '{version}' >&2\n")
    program.chmod(0o755)
    return {"JAVA_HOME": str(folder)}


@pytest.mark.parametrize(
    ("said", "version"), [('openjdk version "17.0.15" 2025-04-15', 17), ('java version "21" 2023', 21)]
)
def test_java_that_fits(tmp_path: Path, said: str, version: int) -> None:
    assert check_java(java(tmp_path, said)) == version


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ('java version "1.8.0_402"', "is Java 8, which is too old for Spark"),
        ('openjdk version "26-ea"', "is Java 26, which is too new for Spark"),
        ("hello", "does not tell its version"),
    ],
)
def test_java_that_does_not_fit(tmp_path: Path, said: str, problem: str) -> None:
    with pytest.raises(EngineError, match=problem) as error:
        check_java(java(tmp_path, said))
    assert "JAVA_HOME" in (error.value.hint or "")


def test_no_java(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="there is none on this machine"):
        check_java({"PATH": str(tmp_path)})
    with pytest.raises(EngineError, match=r"JAVA_HOME names .*, which holds none"):
        check_java({"JAVA_HOME": str(tmp_path)})


def test_executors_are_compared_with_the_driver() -> None:
    (here,) = equipment()
    assert dict(here.packages).keys() == set(PACKAGES)
    compare(here, [here, here])
    packages = dict(here.packages)
    lacking = Equipment(here.python, tuple((packages | {"polars": None}).items()))
    other = Equipment(here.python, tuple((packages | {"numpy": "1.0"}).items()))
    for there, problem in (
        (lacking, f"executors lack polars {packages['polars']}"),
        (other, f"executors have other versions: numpy 1.0 .here {packages['numpy']}."),
        (here._replace(python="3.9"), f"executors run Python 3.9, and this is {here.python}"),
    ):
        with pytest.raises(EngineError, match=problem) as error:
            compare(here, [here, there])
        assert "venv-pack" in (error.value.hint or "")


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        ("java.lang.OutOfMemoryError: Java heap space", "an executor ran out of memory", "executor.memoryOverhead"),
        ("ExecutorLostFailure (executor 1 exited caused by one of the running tasks) Reason: Command exited with code 137",
         "an executor ran out of memory", "executor.memory"),
        ("Job aborted: ExecutorLostFailure (executor 0 exited) Reason: worker lost", "executors were lost, again and again", "run the same command again"),
        ('java.io.IOException: Cannot run program "/opt/py/bin/python": error=2, No such file or directory',
         "executors have no /opt/py/bin/python", "pyspark.python"),
        ("[PYTHON_VERSION_MISMATCH] Python in worker has different version: 3.9 than that in driver: 3.11,",
         "executors run Python 3.9, and this is 3.11", "venv-pack"),
        ("ModuleNotFoundError: No module named 'polars'", "executors lack polars", "venv-pack"),
        ("graphmap.errors.EngineError: executors see no /data/staging/1\n\n\tat org.apache", "executors see no /data/staging/1", "mounts"),
        ("[PATH_NOT_FOUND] Path does not exist: file:/data/lake/x.parquet.", "executors see no file:/data/lake/x.parquet.", "mounts"),
        ("OSError: [Errno 28] No space left on device", "an executor's disk is full", "local.dir"),
        ("All masters are unresponsive! Giving up.", "the cluster's master takes no work from this PySpark", "version"),
        ("Py4JError: Answer from Java side is empty", "the connection to the cluster was lost", "nothing is done twice"),
        ("OSError: object-store error: Generic S3 error: Error performing PUT http://169.254.169.254/latest (path: s3://x/y)\n\n\tat org.apache",
         "on an executor: no credentials for the object store were found", "AWS_ACCESS_KEY_ID"),
        ("something\n  ValueError: never seen\n at java.x", "Spark failed: ValueError: never seen", ""),
    ],
)  # fmt: skip
def test_what_spark_says_in_a_sentence(said: str, message: str, hint: str) -> None:
    from graphmap.spark.failures import explain

    error = explain(said)
    assert error.message == message
    assert hint in (error.hint or "")


def test_the_package_is_sent_whole(tmp_path: Path) -> None:
    name = archive(tmp_path)
    assert name == f"{tmp_path / 'graphmap.zip'}#graphmap"
    with zipfile.ZipFile(tmp_path / "graphmap.zip") as packed:
        names = set(packed.namelist())
    assert names >= {"__init__.py", "spark/reading.py", "readers/sshd.py", "sample/truth.json", "py.typed"}
    assert not any(name.endswith(".pyc") for name in names)
    assert {name for name in names if name.endswith(".py")} == {
        path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py")
    }


def test_the_program_says_what_is_missing(tmp_path: Path) -> None:
    program = Program(tmp_path / "home", {"PATH": str(tmp_path)})
    answer = program("ingest", tmp_path, "--engine", "local[1]")
    assert (answer.code, answer.out) == (1, "")
    assert "Spark needs Java, and there is none on this machine" in answer.err
    assert "openjdk-17-jre-headless" in answer.err
    wrong = program("ingest", tmp_path, "--engine", "sparc")
    assert wrong.code == 2
    assert "'sparc' is no engine" in wrong.err


def test_a_cluster_that_does_not_answer(tmp_path: Path) -> None:
    answer = Program(tmp_path / "home", java(tmp_path / "java", 'version "17"'))(
        "ingest", tmp_path, "--engine", "spark://127.0.0.1:1"
    )
    assert (answer.code, answer.out) == (1, "")
    assert "no cluster answers at spark://127.0.0.1:1: Connection refused" in answer.err


def test_without_pyspark(tmp_path: Path) -> None:
    code = "import sys; sys.modules['pyspark'] = None; from graphmap.cli import main; sys.argv = ['graphmap', *sys.argv[1:]]; main()"
    command = [sys.executable, "-c", code, "ingest", str(tmp_path), "--engine", "local[1]", "--home", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=CODE, timeout=120, check=False)
    assert done.returncode == 1
    assert "Spark needs the package pyspark" in done.stderr
    assert "pip install 'graphmap[spark]'" in done.stderr
