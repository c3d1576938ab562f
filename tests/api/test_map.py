"""The map: what is opened, hidden, grouped and pinned by a request is what its answer shows."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from graphmap.config import Settings
from graphmap.figures.ways import Arrangement
from graphmap.graph.grouping import By
from graphmap.pipeline.ingest import ingest
from graphmap.pipeline.movement import Filters
from graphmap.readers.base import ReadOptions
from graphmap_api.scene import GROUPED, LAID_OUT, scene
from graphmap_api.sketch import Sketch, opening, pin
from graphmap_api.workspace import Workspace, Workspaces

if TYPE_CHECKING:
    import httpx

    from graphmap.figures.layout import Place


def ask(api: httpx.Client, path: str, **query: Any) -> Any:
    answer = api.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def places(network: dict[str, Any]) -> dict[str, tuple[float, float]]:
    nodes = network["nodes"]
    return {node: (x, y) for node, x, y in zip(nodes["id"], nodes["x"], nodes["y"], strict=True)}


def test_opening_adds_neighbours_and_moves_nothing(api: httpx.Client) -> None:
    before = ask(api, "/figures/network", seed="host:db1", kind="host")
    coming = ask(api, "/graph/expansion", seed="host:db1", kind="host", id="host:vcs1")
    after = ask(api, "/figures/network", seed="host:db1", kind="host", open="host:vcs1@all")
    assert places(before).items() <= places(after).items()
    assert len(places(after)) - len(places(before)) == coming["total"] > 0
    assert coming["kinds"] == {"host": coming["total"]}
    some = ask(api, "/figures/network", seed="host:db1", kind="host", open="host:web1@1,rare,host")
    assert len(places(some)) <= len(places(before)) + 2


def test_what_is_hidden_is_gone_with_its_links_and_counted(api: httpx.Client) -> None:
    whole = ask(api, "/figures/network")
    less = ask(api, "/figures/network", hide=["host:jump1", "user:deploy"])
    assert set(places(whole)) - set(places(less)) == {"host:jump1", "user:deploy"}
    total = len(places(whole))
    assert less["cut"].startswith(f"{total - 2} of {total} nodes")
    assert len(less["links"]["src"]) < len(whole["links"]["src"])


def test_a_pinned_node_is_where_it_was_put_and_the_others_stay(api: httpx.Client) -> None:
    whole = places(ask(api, "/figures/network"))
    pinned = places(ask(api, "/figures/network", pin=["host:jump1@3.5,-40.25", "host:none@1,1"]))
    assert pinned == whole | {"host:jump1": (3.5, -40.25)}


@pytest.mark.parametrize("by", ["segment", "role", "subnet"])
def test_groups_hold_every_node_once_and_open(api: httpx.Client, by: str) -> None:
    whole = ask(api, "/figures/network")
    closed = ask(api, "/figures/network", group=by)
    assert closed["grouped"] == by
    assert sum(closed["nodes"]["members"]) == len(whole["nodes"]["id"])
    opened = ask(api, "/figures/network", group=by, open="group:Accounts@all")
    users = {node for node in whole["nodes"]["id"] if node.startswith("user:")}
    assert users <= set(opened["nodes"]["id"])
    assert "group:Accounts" not in opened["nodes"]["id"]
    others = {node: at for node, at in places(closed).items() if node != "group:Accounts"}
    assert others.items() <= places(opened).items()
    some = ask(api, "/figures/network", group=by, open="group:Accounts@5")
    assert len(users & set(some["nodes"]["id"])) == 5
    left = ask(api, "/graph/expansion", group=by, open="group:Accounts@5", id="group:Accounts")
    assert left == {"id": "group:Accounts", "total": len(users) - 5, "kinds": {"user": len(users) - 5}}


@pytest.mark.parametrize("layout", list(Arrangement))
def test_every_layout_shows_the_same_nodes_and_its_index_fits_the_figure(api: httpx.Client, layout: str) -> None:
    network = ask(api, "/figures/network", layout=layout, colour="risk")
    assert set(places(network)) == set(places(ask(api, "/figures/network")))
    (trace,) = [trace for trace in network["figure"]["data"] if trace["name"] == "nodes"]
    drawn = {node: (x, y) for (node,), x, y in zip(trace["customdata"], trace["x"], trace["y"], strict=True)}
    assert drawn == places(network)
    ids = network["nodes"]["id"]
    (arrows,) = [trace for trace in network["figure"]["data"] if trace["name"] == "links"]
    ends = zip(network["links"]["src"], network["links"]["dst"], strict=True)
    assert sorted(map(tuple, arrows["customdata"])) == sorted((ids[src], ids[dst]) for src, dst in ends)


def test_the_map_as_a_file_is_the_map(api: httpx.Client) -> None:
    view = {"seed": "host:db1", "hide": "user:deploy", "open": "host:web1@2"}
    network = ask(api, "/figures/network", **view)
    document = ask(api, "/exports/map.json", **view)
    assert {node["id"]: (node["x"], node["y"]) for node in document["nodes"]} == places(network)
    assert len(document["links"]) == len(network["links"]["src"])
    table = api.get("/exports/map.csv", params=view)
    assert table.headers["content-type"].startswith("text/csv")
    assert len(table.text.splitlines()) == len(document["links"]) + 1
    graph = api.get("/exports/map.graphml", params=view).text
    assert graph.count("<node ") == len(document["nodes"])
    assert "attachment" in table.headers["content-disposition"]
    assert not [line for line in api.get("/exports/map.csv").text.splitlines() if line.startswith(("=", "+", "@"))]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"open": "host:db1"}, 422),
        ({"open": "host:db1@all,cats"}, 422),
        ({"pin": "host:db1@1"}, 422),
        ({"pin": "host:db1@1e9,0"}, 422),
        ({"pin": "host:db1@999999,0"}, 422),
        ({"group": "colour"}, 422),
        ({"layout": "spiral"}, 422),
        ({"open": "host:nobody@all"}, 404),
        ({"seed": "host:nobody"}, 404),
        ({"open": "group:nobody@all", "group": "segment"}, 200),
    ],
)
def test_what_cannot_be_drawn_is_said(api: httpx.Client, query: dict[str, str], status: int) -> None:
    assert api.get("/figures/network", params=query).status_code == status
    assert api.get("/exports/map.json", params=query).status_code == status


def test_names_may_hold_the_signs_of_openings_and_pins() -> None:
    assert opening("user:a@b@3,new,host,user").node == "user:a@b"
    assert opening("user:a@9,rare@all").node == "user:a@9,rare"
    assert pin("user:x@1,2@3,-4.5") == ("user:x@1,2", (3.0, -4.5))
    assert opening("user:line\nbreak@2").name == "line\nbreak"


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """More hosts than are laid out as a whole, each reached by its neighbour, and a hub that reaches every tenth."""
    home = tmp_path_factory.mktemp("crowd")
    many = LAID_OUT + 50
    lines = []
    for n in range(many):
        for src in (f"10.1.{(n + 1) // 250}.{(n + 1) % 250}", *(["10.9.9.9"] if n % 10 == 0 else [])):
            time = f"2026-11-21T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}.0+00:00"
            lines.append(f"{time} h{n} sshd[{n + 1}]: Accepted publickey for u{n % 3} from {src} port {1024 + n} ssh2")
    log = home / "auth.log"
    log.write_text("\n".join(lines) + "\n")
    settings = Settings(home / "home")
    ingest([log], settings=settings, options=ReadOptions(year=2026))
    return Workspaces(settings).current()


def test_a_large_map_opens_grouped_and_can_be_shown_whole(crowd: Workspace) -> None:
    grouped = scene(crowd, Filters(), Sketch())
    assert grouped.by == By.SEGMENT
    assert grouped.nodes.height < 10
    assert grouped.folded == grouped.all_nodes > GROUPED
    whole = scene(crowd, Filters(), Sketch(ungrouped=True))
    assert (whole.by, whole.nodes.height, whole.is_large) == (None, whole.all_nodes, False)


def test_a_map_of_a_large_estate_stays_where_it_is_when_nodes_come(crowd: Workspace) -> None:
    first = Sketch(seeds=("host:h5",))
    steps = [first]
    for more in ("source:10.9.9.9@30", "host:h100@all", "user:u1@40,new"):
        steps.append(Sketch(seeds=first.seeds, opened=(*steps[-1].opened, opening(more))))
    shown = [scene(crowd, Filters(), step) for step in steps]
    for before, after in pairwise(shown):
        assert before.nodes.height < after.nodes.height
        old = {node: before.layout.places[node] for node in before.nodes["id"]}
        assert old.items() <= after.layout.places.items()


@pytest.mark.parametrize("layout", list(Arrangement))
def test_nothing_moves_when_groups_open_nodes_hide_or_filters_narrow(crowd: Workspace, layout: Arrangement) -> None:
    def places_of(filters: Filters, **sketch: Any) -> dict[str, Place]:
        found = scene(crowd, filters, Sketch(way=layout, **sketch))
        return {node: found.layout.places[node] for node in found.nodes["id"]}

    closed = places_of(Filters(), group=By.SEGMENT)
    opened = places_of(Filters(), group=By.SEGMENT, opened=(opening("group:Accounts@2"), opening("host:h5@all")))
    assert len(opened) > len(closed) + 2
    assert {node: place for node, place in closed.items() if node in opened}.items() <= opened.items()
    whole = places_of(Filters(), ungrouped=True)
    some = places_of(Filters(users=("u1",)), ungrouped=True, hidden=frozenset({"host:h1"}))
    assert "host:h1" not in some
    assert len(some) < len(whole)
    assert some.items() <= whole.items()
    around = places_of(Filters(), seeds=("source:10.9.9.9",), ungrouped=True)
    fewer = places_of(Filters(), seeds=("source:10.9.9.9",), ungrouped=True, hidden=frozenset({"host:h100"}))
    assert fewer == {node: place for node, place in around.items() if node != "host:h100"}


def test_json_of_a_map_has_no_number_that_json_lacks(api: httpx.Client) -> None:
    text = api.get("/figures/network", params={"user": "nobody"}).text
    assert json.loads(text, parse_constant=pytest.fail)["empty"]
