"""The benchmark of the readers measures each of them, on records of which it makes events."""

from __future__ import annotations

import pytest

from graphmap.readers import READERS
from tests.bench.readers import SAMPLES, measure, repeated


@pytest.mark.parametrize("name", [reader.name for reader in READERS])
def test_every_reader_is_measured(name: str) -> None:
    figure = measure(name, (SAMPLES.get(name) or repeated(name))(200), rounds=1)
    assert figure.records >= 100
    assert abs(figure.events / figure.records - (0.5 if name in SAMPLES else 1)) < 0.05
