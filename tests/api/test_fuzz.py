"""Whatever is asked, the answer is one that the OpenAPI document knows: never a 500."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

DOCUMENT = "docs/openapi.json"

WORDS = st.sampled_from(
    ["host:db1", "user:root", "host:ws2", "source:203.0.113.77", "key:", "db1", "ws2", "restricted", "f-", "1", "-1",
     "0.5", "nan", "inf", "1e400", "2026-11-21", "2026-11-21T02:57:00Z", "0001-01-01", "24h", "100000d", "true", "asc"]
)  # fmt: skip
NUMBERS = st.one_of(st.integers(), st.integers(0, 50), st.floats()).map(str)
VALUES = st.one_of(WORDS, NUMBERS, st.text(max_size=30).filter(lambda text: text.isprintable() or "\0" in text))


def _operations(document: dict[str, Any]) -> list[Any]:
    return [
        pytest.param(path, operation, id=operation["operationId"])
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method == "get" and operation["operationId"] != "updates"  # which does not end
    ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "operation" in metafunc.fixturenames:
        document = json.loads((metafunc.config.rootpath / DOCUMENT).read_text())
        metafunc.parametrize(("path", "operation"), _operations(document))


def _of(parameter: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values for a parameter: often one that its schema allows, so that the question gets past the door."""
    kinds = parameter["schema"].get("anyOf", [parameter["schema"]])
    allowed = [value for kind in kinds for value in kind.get("enum", kind.get("items", {}).get("enum", []))]
    likely = st.sampled_from(allowed) if allowed else WORDS
    one = st.one_of(likely, likely, VALUES)
    return st.lists(one, max_size=3) if any(kind.get("type") == "array" for kind in kinds) else one


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_no_question_breaks_it(data: st.DataObject, api: httpx.Client, path: str, operation: dict[str, Any]) -> None:
    asked: dict[str, Any] = {}
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            path = path.replace(
                f"{{{parameter['name']}}}",
                data.draw(st.sampled_from(["f-0", "f-d", "f-%00", "x", "1", "-1", "j-000000000000"])),
            )
        elif parameter["name"] == "by" and operation["operationId"] == "paths":
            asked["by"] = "certainty"  # the others compile for half a minute, once
        elif parameter.get("required") or data.draw(st.booleans()):
            asked[parameter["name"]] = data.draw(_of(parameter), label=parameter["name"])
    answer = api.get(path.removeprefix("/api/v1"), params=asked)
    assert str(answer.status_code) in operation["responses"], (asked, answer.text)
    assert answer.status_code < 500, (asked, answer.text)
    if answer.headers["content-type"].endswith("json"):
        assert partial(json.loads, parse_constant=_no_number)(answer.text) is not None


def _no_number(text: str) -> None:
    pytest.fail(f"{text} is no JSON")


def test_the_document_is_the_one_that_is_served(api: httpx.Client, root: Path) -> None:
    """`make openapi` writes it anew."""
    assert json.loads((root / DOCUMENT).read_text()) == api.get("/openapi.json").json()


def test_every_operation_has_an_id_of_its_own_and_a_summary(api: httpx.Client) -> None:
    operations = [
        operation for methods in api.get("/openapi.json").json()["paths"].values() for operation in methods.values()
    ]
    ids = [operation["operationId"] for operation in operations]
    assert len(ids) == len(set(ids))
    assert all(operation.get("description") for operation in operations)
