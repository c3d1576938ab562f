"""What every test may ask for, and how hypothesis searches."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests import clusters, objects, postgres, servers
from tests.postgres import Postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent

# No deadline: a busy machine is no bug. In CI the same examples each time, so that a red run is somebody's doing.
settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None, max_examples=50)  # the same each time
settings.register_profile("thorough", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Third-party log samples beside the checkout (never inside it); `GRAPHMAP_SHARED` names another place."""
    folder = Path(os.environ.get("GRAPHMAP_SHARED") or ROOT.parent / "shared" / "data")
    if not (folder / "README.md").is_file():
        pytest.skip(f"no reference data: {folder} is absent")
    return folder


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """A real Neo4j server, one a session, whose database is empty at first. A test clears away what it pushed."""
    _must_have("neo4j", servers.missing())
    server = servers.begin(tmp_path_factory.mktemp("neo4j") / "home")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A real PostgreSQL server, one a session; each test makes databases of its own."""
    _must_have("postgres", postgres.missing())
    server = Postgres.begin()
    yield server
    server.end()


@pytest.fixture(scope="session")
def spark_here() -> None:
    """Java and PySpark are here."""
    _must_have("spark", clusters.missing())


@pytest.fixture(scope="session")
def spark_cluster(spark_here: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[clusters.Cluster]:  # noqa: ARG001 # asks whether it is there
    """A real Spark cluster with two workers, one a session."""
    cluster = clusters.begin(tmp_path_factory.mktemp("cluster") / "home")
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def object_store() -> Iterator[objects.Objects]:
    """A real object store, one a session; each test has folders of its own."""
    _must_have("objects", objects.missing())
    store = objects.Objects.begin()
    yield store
    store.end()


@pytest.fixture
def lake_url(object_store: objects.Objects, monkeypatch: pytest.MonkeyPatch) -> str:
    """An address in an object store where there is nothing yet, which the environment has the keys for."""
    for name, value in object_store.environ().items():
        monkeypatch.setenv(name, value)
    return object_store.folder()


@pytest.fixture(params=["folder", "objects"])
def lake_place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a lake may be: a folder that is not there yet, or an address in an object store."""
    if request.param == "folder":
        return tmp_path / "lake"
    url: str = request.getfixturevalue("lake_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a ledger may be: a file that is not there yet, or the address of an empty database."""
    if request.param == "sqlite":
        return tmp_path / "home" / "ledger.sqlite"
    server: Postgres = request.getfixturevalue("postgres_server")
    return server.create()


def _must_have(name: str, lacking: str | None) -> None:
    """Skip where something is lacking; fail where GRAPHMAP_REQUIRE says that it must be there."""
    if lacking and name in os.environ.get("GRAPHMAP_REQUIRE", "").split(","):
        pytest.fail(f"GRAPHMAP_REQUIRE asks for {name}, but {lacking}")
    if lacking:
        pytest.skip(lacking)
