"""Sessions with Spark. One process can have but one at a time, and each takes seconds to begin: one a file of tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphmap.config import Settings
from tests.clusters import QUICK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession


@pytest.fixture(scope="module")
def spark(spark_here: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:  # noqa: ARG001 # asks whether it is there
    """Spark in two threads of this machine."""
    from graphmap.spark.session import connect, disconnect

    session = connect("local[2]", Settings(tmp_path_factory.mktemp("home")), properties=QUICK)
    yield session
    disconnect(session)
