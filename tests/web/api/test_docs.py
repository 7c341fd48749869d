import json

import pytest
from jsonschema import Draft202012Validator

from scripts.pages import api_page
from tests.house.source import ROOT
from troth.web.api.docs import description
from troth.web.api.routes import routes

SAID = description(routes())
OPERATIONS = [
    (f"{method} {path}", operation)
    for path, methods in SAID["paths"].items()
    for method, operation in methods.items()
]


def test_the_written_description_is_current():
    assert (ROOT / "docs/reference/openapi.json").read_text("utf-8") == api_page(), "run `make docs`"


def test_the_served_description_is_the_written_one(api):
    assert api.ask("GET", "/openapi.json").json() == json.loads(api_page())


def test_it_is_openapi_3_1():
    assert SAID["openapi"].startswith("3.1.")


def test_no_two_operations_share_a_readable_name():
    names = [operation["operationId"] for _, operation in OPERATIONS]
    assert len(set(names)) == len(names)
    assert all(name.replace("_", "").isalpha() for name in names)


@pytest.mark.parametrize(("where", "operation"), OPERATIONS, ids=[where for where, _ in OPERATIONS])
def test_an_operation_says_what_may_become_of_it(where, operation):
    said = set(operation["responses"])
    assert {"406", "422", "500", "503"} <= said
    if operation["security"]:
        assert {"401", "403", "404", "410", "429"} <= said
    if "requestBody" in operation:
        assert {"409", "413", "415"} <= said
    for status, response in operation["responses"].items():
        if int(status) >= 400:
            assert list(response["content"]) == ["application/problem+json"]
    assert operation["description"]
    assert operation["tags"]


def test_what_changes_something_takes_an_idempotency_key_and_says_so():
    acts = [(where, each) for where, each in OPERATIONS if where.startswith(("patch", "delete"))]
    assert acts
    for _, operation in acts:
        assert "Idempotency-Key" in [each["name"] for each in operation["parameters"]]


@pytest.mark.parametrize("name", SAID["components"]["schemas"])
def test_every_shape_is_a_json_schema(name):
    Draft202012Validator.check_schema(SAID["components"]["schemas"][name])


def test_nothing_in_it_is_of_one_agreement():
    written = api_page()
    for word in ("identity.verify", "payments-processor", "verification"):
        assert word not in written


def test_names_are_snake_case():
    def names(schema):
        if isinstance(schema, dict):
            yield from schema.get("properties", {})
            for inner in schema.values():
                yield from names(inner)
        elif isinstance(schema, list):
            for inner in schema:
                yield from names(inner)

    for name in names(SAID["components"]["schemas"]):
        assert name == name.lower()
        assert "-" not in name
