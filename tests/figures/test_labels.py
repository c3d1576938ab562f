"""No label covers another label, a node, or what was there before."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from graphmap.figures.labels import Box, Wish, _of_side, place_labels

PLACES = st.floats(0, 400)
WISHES = st.lists(
    st.builds(Wish, x=PLACES, y=PLACES, size=st.floats(8, 22), text=st.text("abc", min_size=1, max_size=24)),
    max_size=40,
)
TAKEN = st.lists(st.builds(lambda x, y: Box(x, y, x + 60, y + 16), PLACES, PLACES), max_size=10)


@given(WISHES, TAKEN)
def test_no_label_covers_anything(wishes: list[Wish], taken: list[Box]) -> None:
    sides = place_labels(wishes, taken)
    boxes = [_of_side(wish, side) for wish, side in zip(wishes, sides, strict=True) if side is not None]
    nodes = [Box(w.x - w.size / 2, w.y - w.size / 2, w.x + w.size / 2, w.y + w.size / 2) for w in wishes]
    assert not any(one.meets(other) for one, other in combinations(boxes, 2))
    assert not any(box.meets(other) for box in boxes for other in [*nodes, *taken])


def test_the_first_wish_is_served_first_and_on_the_best_side() -> None:
    one, near = Wish(100, 100, 10, "first"), Wish(104, 130, 10, "second")
    assert place_labels([one, near], []) == ["bottom center", "bottom center"]
    assert place_labels([one], [Box(60, 105, 140, 125)]) == ["top center"]
    assert place_labels([one], [Box(0, 0, 300, 300)]) == [None]
