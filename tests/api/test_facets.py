"""Lists with facets, against a twin that looks at each item anew."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from graphmap_api.facets import MOST, Board, Looks

EPOCH = datetime(2026, 3, 13, tzinfo=UTC)


class Item(NamedTuple):
    colour: str
    tags: tuple[str, ...]
    first: datetime | None
    last: datetime | None
    name: str


LOOKS = Looks[Item](
    facets={"colour": lambda one: (one.colour,), "tag": lambda one: one.tags},
    time=lambda one: (one.first, one.last),
    names=lambda one: (one.name, one.colour),
)

MOMENTS = st.none() | st.integers(0, 9).map(lambda hour: EPOCH + timedelta(hours=hour, microseconds=1))
ITEMS = st.builds(
    Item,
    st.sampled_from(["red", "green", "blue"]),
    st.sets(st.sampled_from("xyz")).map(lambda tags: tuple(sorted(tags))),
    MOMENTS,
    MOMENTS,
    st.sampled_from(["Alpha", "beta", "ALPHABET", ""]),
)
WANTED = st.fixed_dictionaries(
    {"colour": st.sets(st.sampled_from(["red", "green", "none such"])), "tag": st.sets(st.sampled_from("xyq"))}
)


@given(st.lists(ITEMS, max_size=8), WANTED, MOMENTS, MOMENTS, st.sampled_from(["", "alpha", " E ", "red"]))
def test_what_is_chosen_and_counted_is_that_of_the_twin(
    items: list[Item], wanted: dict[str, set[str]], since: datetime | None, until: datetime | None, text: str
) -> None:
    def of_time(one: Item) -> bool:
        after = since is None or one.last is None or one.last >= since
        return after and (until is None or one.first is None or one.first < until)

    def holding(one: Item) -> bool:
        return text.strip().lower() in one.name.lower() or text.strip().lower() in one.colour

    def fits(one: Item, name: str) -> bool:
        return not wanted[name] or not wanted[name].isdisjoint(LOOKS.facets[name](one))

    asked = [one for one in items if of_time(one) and holding(one)]
    found, counts = Board(items, LOOKS).choose(wanted, since=since, until=until, text=text)
    assert found == [one for one in asked if fits(one, "colour") and fits(one, "tag")]
    assert counts == {
        "colour": dict(Counter(one.colour for one in asked if fits(one, "tag"))),
        "tag": dict(Counter(tag for one in asked if fits(one, "colour") for tag in one.tags)),
    }
    assert all(list(each.values()) == sorted(each.values(), reverse=True) for each in counts.values())


def test_a_facet_of_very_many_values_shows_the_most_frequent() -> None:
    items = [Item("red", (f"{n:04}", "all"), None, None, "") for n in range(2 * MOST)]
    _, counts = Board(items, LOOKS).choose({})
    assert len(counts["tag"]) == MOST
    assert next(iter(counts["tag"].items())) == ("all", 2 * MOST)
