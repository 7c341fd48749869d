import re

import pytest

from tests.cast import MIA, joins
from troth.web.api.routes import routes
from troth.web.app import every, permission_of
from troth.web.permission import Permission

SAMPLE = {
    "subject": "s_0000000000000007",
    "record": "r_" + "0" * 32,
    "category": "account",
    "field": "email",
    "reference": "IC-AAAA-AAAA",
    "approval_id": "A" * 60,
    "version": "1",
    "clause": "right.access",
    "entry": "0",
}
ALL = [(method, route.path) for route in routes() for method in sorted(route.methods)]


def address(path: str) -> str:
    return re.sub(r"{(\w+)}", lambda match: SAMPLE[match[1]], path).removeprefix("/api/v1")


@pytest.fixture
def declared():
    """The permission of every route of the API, by method and path."""
    return {(m, route.path): permission_of(route) for route in every(routes()) for m in route.methods}


def test_every_route_declares_its_permission_and_no_other_than_two(declared):
    assert set(declared) == set(ALL)
    assert set(declared.values()) == {Permission.PUBLIC, Permission.PROGRAM}


def test_only_what_is_about_nobody_is_public(declared):
    public = {path for (_, path), said in declared.items() if said is Permission.PUBLIC}
    assert all(
        path.startswith(("/api/v1/agreements", "/api/v1/status", "/api/v1/ledger/")) for path in public
    )


@pytest.mark.parametrize(("method", "path"), ALL)
def test_what_a_route_declares_really_holds(api, declared, method, path):
    keyed = declared[method, path] is Permission.PROGRAM
    for shown in ({}, {"authorization": "Bearer troth_a_b"}, {"authorization": "Basic dTpw"}):
        answer = api.ask(method, address(path), headers={**shown, "content-type": "application/json"})
        assert (answer.status_code == 401) is keyed
        assert keyed or "www-authenticate" not in answer.headers
    if keyed:
        exchange = api.program("exchange", "service")
        known = exchange.send(method, address(path), b"{}", troth_purpose="service.transactions")
        assert known.status_code not in (401, 500)
        assert known.headers["content-type"] == "application/problem+json" or known.is_success
        assert known.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("method", "path"), ALL)
def test_a_method_that_a_route_does_not_have_is_refused_with_those_it_has(api, method, path):
    has = {m for m, p in ALL if address(p) == address(path)}
    for other in {"GET", "POST", "PUT", "PATCH", "DELETE"} - has:
        answer = api.ask(other, address(path))
        assert answer.status_code == 405
        assert answer.json()["code"] == "web.no-method"
        assert set(answer.headers["allow"].split(", ")) == has


def test_what_no_route_answers_is_a_problem(api):
    answer = api.ask("GET", "/nothing", headers={"accept": "text/html"})
    assert (answer.status_code, answer.json()["code"]) == (404, "web.no-route")


def test_no_cookie_is_set_or_counts(api):
    portal = api.program("portal", "service")
    joins(api.house, MIA)
    cookie = {"cookie": "__Host-troth-member=x; __Host-troth-visit=y"}
    assert api.ask("GET", "/cases", headers=cookie).status_code == 401
    answer = portal.get("/cases?name=identity-check&state=submitted")
    assert "set-cookie" not in answer.headers


def test_a_name_of_another_host_is_refused(api):
    assert api.ask("GET", "/agreements", headers={"host": "elsewhere.example"}).status_code == 400
