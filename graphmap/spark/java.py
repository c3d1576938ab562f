"""The Java that Spark runs on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from graphmap.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Mapping

OLDEST, NEWEST = 17, 25
"""Versions that Spark 4 runs on ("Spark runs on Java 17/21/25", docs/index.md of apache/spark)."""

_HINT = "install one, such as openjdk-17-jre-headless on Debian, or set JAVA_HOME to where one is"
_VERSION = re.compile(r'version "(?:1\.)?(\d+)')
_SECONDS = 60


def check_java(environ: Mapping[str, str] | None = None) -> int:
    """Find the Java that Spark's own scripts will take, and give its version.

    Raises
    ------
    EngineError
        There is none, or Spark does not run on it.
    """
    java = _java(os.environ if environ is None else environ)
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603 # the user's own Java
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineError(f"{java} does not run: {error}", hint=_HINT) from error
    found = _VERSION.search(said.stderr + said.stdout)
    if found is None:
        raise EngineError(f"{java} does not tell its version", hint=_HINT)
    version = int(found.group(1))
    if not OLDEST <= version <= NEWEST:
        kind = "old" if version < OLDEST else "new"
        wanted = f"set JAVA_HOME to a Java of a version from {OLDEST} to {NEWEST}"
        raise EngineError(f"{java} is Java {version}, which is too {kind} for Spark", hint=wanted)
    return version


def _java(environ: Mapping[str, str]) -> str:
    """As bin/spark-class of Spark looks for it."""
    if home := environ.get("JAVA_HOME"):
        java = Path(home) / "bin" / "java"
        if not java.is_file():
            raise EngineError(f"Spark needs Java, and JAVA_HOME names {home}, which holds none", hint=_HINT)
        return str(java)
    java_on_path = shutil.which("java", path=environ.get("PATH"))
    if java_on_path is None:
        raise EngineError("Spark needs Java, and there is none on this machine", hint=_HINT)
    return java_on_path
