"""Every operation as its document describes it, and as it does not: what comes back is always documented, never a 500."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.serving import Server, fill, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENT = json.loads((Path(__file__).parents[2] / "docs/openapi.json").read_text())
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
ENDLESS = "/api/v1/updates"
"""A stream, of which nothing but its beginning could be judged."""
ADDRESS = 60_000
"""Characters of an address above which the HTTP server itself refuses it, in words of its own."""

OPERATIONS = [
    pytest.param(operation, id=f"{operation.method.upper()} {operation.path}")
    for operation in (result.ok() for result in SCHEMA.get_all_operations() if isinstance(result, Ok))
    if operation.path != ENDLESS
]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of this module's own: it is written to."""
    folder = tmp_path_factory.mktemp("asked")
    with serving(fill(folder / "home", folder / "logs").home) as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["as told", "otherwise"])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_comes_back_is_in_the_document(own: Server, operation: Any, mode: GenerationMode) -> None:
    if mode == GenerationMode.NEGATIVE and not (operation.query or operation.path_parameters or operation.body):
        pytest.skip("it takes nothing that could be wrong")
    headers = {"authorization": f"Bearer {own.token}"}

    @seed(8)
    @settings(
        max_examples=6, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        if operation.path == "/api/v1/paths":
            case.query = {
                name: value for name, value in (case.query or {}).items() if name != "by"
            }  # compiles for long
        answer = case.call(base_url=own.base, headers=headers, session=session, timeout=60)
        if len(answer.request.url or "") < ADDRESS:
            case.validate_response(answer, checks=CHECKS)

    with requests.Session() as session:
        ask()
