"""The benchmark of the readers has a sample for each, and every second record of it becomes an event."""

from __future__ import annotations

import pytest

from graphmap.readers import READERS
from tests.bench.readers import SAMPLES, measure


@pytest.mark.parametrize("name", [reader.name for reader in READERS])
def test_every_reader_is_measured(name: str) -> None:
    if name not in SAMPLES:
        pytest.skip(f"no benchmark of {name} yet")
    figure = measure(name, SAMPLES[name](200), rounds=1)
    assert figure.records >= 100
    assert abs(figure.events / figure.records - 0.5) < 0.05
