"""A session with Spark: what executors get, and what is said where something is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_executors_run_this_very_graphmap(spark: SparkSession) -> None:
    import graphmap

    def file(_: object) -> list[str]:
        import graphmap

        return [graphmap.__file__]

    assert set(spark.sparkContext.parallelize(range(2), 2).mapPartitions(file).collect()) == {graphmap.__file__}
