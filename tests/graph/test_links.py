"""The table of links against the plain way to find origins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from graphmap.graph.hops import build_hops
from graphmap.graph.index import build_index
from graphmap.graph.links import build_links
from graphmap.graph.paths import origins_of
from graphmap.graph.walks import Walks
from graphmap.model import Basis
from tests.graph import twin

if TYPE_CHECKING:
    from tests.graph.twin import Logon

ORDER = list(Basis)


@given(twin.logons(most=9), st.integers(1, 10), st.integers(0, 3))
def test_links_are_the_origins_of_every_hop(logons: list[Logon], most: int, begin: int) -> None:
    index = build_index(build_hops(twin.session_table(logons)))
    rows = range(min(begin, len(index)), len(index))
    found = build_links(Walks.over(index), rows, most=most)
    expected = []
    for row in rows:
        origins = origins_of(index, row)
        best = min((origin.basis for origin in origins), key=ORDER.index, default=None)
        listed = sorted(origins, key=lambda o: (o.basis != best, -o.hop))[:most]
        expected += [(o.hop, row, o.certainty, o.basis.value, index.tied(o.hop, row)) for o in listed]
    assert sorted(found.rows()) == sorted(expected)
