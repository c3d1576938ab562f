"""What the pages say of the graph on a server: every label and property, and a compose file that is safe to start."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from graphmap.graph.property_graph import NODES, RELATIONSHIPS
from graphmap.store.connection import PASSWORD_FILE, URI

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

COUNTED = {"count", "failures", "first", "last", "days"}


@pytest.fixture(scope="module")
def section(root: Path) -> str:
    return (root / "docs/graph-model.md").read_text().partition("\n## In Neo4j\n")[2].partition("\n## ")[0]


@pytest.fixture(scope="module")
def compose(root: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((root / "compose.yaml").read_text())
    return document


def cells(section: str, first: str) -> list[list[str]]:
    """The cells of a table, by the head of its first column."""
    table = section.partition(f"\n| {first} | ")[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table]


def named(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)


def test_the_page_names_every_node_and_property(section: str) -> None:
    page = {named(label)[0]: named(properties) for label, properties in cells(section, "node")}
    assert {label: set(properties) for label, properties in page.items()} == {k: set(v) for k, v in NODES.items()}
    for label, schema in NODES.items():
        assert page[label][0] == next(iter(schema))


def test_the_page_names_every_relationship_and_property(section: str) -> None:
    page: dict[str, set[str]] = {}
    for types, _, properties in cells(section, "relationship"):
        more = COUNTED if "the same" in properties else set()
        page |= {one: {*named(properties), *more} for one in named(types)}
    assert page == {kind.type: own(kind.schema) for kind in RELATIONSHIPS.values()}


def own(schema: pl.Schema) -> set[str]:
    return set(schema) - {"src", "dst"}


def test_the_picture_shows_every_kind(section: str) -> None:
    drawn = dict(re.findall(r"(\w)\(\[\"(\w+)\"\]\)", section))
    arrows = re.findall(r"^ +(\w)\S* -- (\w+) --> (\w)", section, re.MULTILINE)
    assert {(drawn[a], kind, drawn[b]) for a, kind, b in arrows} == {
        (kind.start, kind.type, kind.end) for kind in RELATIONSHIPS.values()
    }


def test_the_compose_file_opens_nothing_to_the_network_and_holds_no_password(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert {name for name, service in services.items() if "network_mode" in service} == {"server"}
    assert services["server"]["command"][:2] == ["serve", "--port"]  # and no --bind: it listens on loopback
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert len(ports) == 2
    assert all(port.startswith("127.0.0.1:") for port in ports)
    for service in services.values():
        secret = {name for name in service["environment"] if "AUTH" in name or "PASSWORD" in name}
        assert all(name.endswith("_FILE") for name in secret)
        assert {service["environment"][name] for name in secret} == {
            f"/run/secrets/{one}" for one in service.get("secrets", [])
        }
        assert set(service.get("secrets", [])) <= set(compose["secrets"])
        volumes = {volume.partition(":")[0] for volume in service["volumes"]}
        assert {volume for volume in volumes if volume.isidentifier()} <= set(compose["volumes"])


def test_the_compose_file_knows_the_server_and_the_program(compose: dict[str, Any], root: Path) -> None:
    tested = re.search(r"<version>(\d+\.\d+)", (root / "scripts/neo4j.pom.xml").read_text())
    assert tested
    assert compose["services"]["neo4j"]["image"] == f"neo4j:{tested[1]}-community"
    assert compose["services"]["neo4j"]["healthcheck"]["test"][0] == "CMD"
    environ = compose["services"]["graphmap"]["environment"]
    assert {URI, PASSWORD_FILE} <= set(environ)
    assert compose["services"]["graphmap"]["depends_on"]["neo4j"] == {"condition": "service_healthy"}
