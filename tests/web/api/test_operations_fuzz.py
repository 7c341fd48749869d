"""What a fuzzer finds in the API: nothing, with what the description allows and with what it does not."""

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import (
    ChecksConfig,
    GenerationConfig,
    PositiveDataAcceptanceConfig,
    SchemathesisConfig,
)
from schemathesis.config._checks import MissingRequiredHeaderConfig

from tests.cast import MIA, NOOR, joins, tells_everything
from tests.houses import MEMBER_TEXT
from tests.web.api.calling import ORIGIN
from troth.web.api.docs import description
from troth.web.api.routes import routes

EXAMPLES = 12
CONFIG = SchemathesisConfig()
CONFIG.projects.default.generation = GenerationConfig(max_examples=EXAMPLES, deterministic=True)
# What fits the description may still be refused by the agreement, or be gone: with a problem that says so.
CONFIG.projects.default.checks = ChecksConfig(
    positive_data_acceptance=PositiveDataAcceptanceConfig(
        expected_statuses=["2xx", "304", "403", "404", "409", "410", "412", "422"]
    ),
    missing_required_header=MissingRequiredHeaderConfig(expected_statuses=["401", "403", "422", "428"]),
)
schema = schemathesis.openapi.from_dict(description(routes()), config=CONFIG)
_here: list[Any] = []  # the application of the test that runs


async def app(scope: Any, receive: Any, send: Any) -> None:
    await _here[0](scope, receive, send)


schema.app = app


@schemathesis.serializer("application/x-ndjson")
def lines(_: Any, value: Any) -> bytes:
    return value.encode("utf-8") if isinstance(value, str) else json.dumps(value).encode("utf-8")


@pytest.fixture
def served(new_api):
    """An API with people in it, a program that may call it, and limits that a fuzzer does not meet."""
    api = new_api(text=MEMBER_TEXT.replace("60/minute", "100000/second"))
    tells_everything(api.house, MIA)
    joins(api.house, NOOR)
    _here[:] = [api.app]
    return api.program("portal", "service", "support", "identity", "camera", "security", "contact")


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_fuzzer_finds_nothing(case, served):
    answer = case.call_and_validate(base_url=ORIGIN, headers={"Authorization": f"Bearer {served.key}"})
    assert answer.status_code < 500
