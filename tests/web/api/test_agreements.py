import pytest

from tests.houses import MEMBER_TEXT
from troth.clock import DAY


def test_every_version_is_named_by_its_hash(api):
    answer = api.ask("GET", "/agreements")
    (only,) = answer.json()["agreements"]
    assert (only["version"], only["hash"]) == (1, api.house.agreement.hash)
    assert only["in_force"] is True
    assert "public" in answer.headers["cache-control"]
    assert "set-cookie" not in answer.headers


def test_a_version_is_read_as_it_was_written(api):
    answer = api.ask("GET", "/agreements/1")
    assert answer.json()["source"] == api.house.agreement.source
    assert answer.headers["etag"] == f'"{api.house.agreement.hash}"'
    assert [each["id"] for each in answer.json()["clauses"]] == [c.id for c in api.house.agreement.clauses]


@pytest.mark.parametrize("said", ["{}", "W/{}", '"other", {}', "*"])
def test_a_version_that_is_known_already_is_not_sent_again(api, said):
    etag = api.ask("GET", "/agreements/1").headers["etag"]
    answer = api.ask("GET", "/agreements/1", headers={"if-none-match": said.format(etag)})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == etag
    assert "public" in answer.headers["cache-control"]


@pytest.mark.parametrize("said", ['"other"', "", "nonsense"])
def test_a_version_that_is_not_known_is_sent(api, said):
    assert api.ask("GET", "/agreements/1", headers={"if-none-match": said}).status_code == 200


def test_a_version_that_comes_into_force_is_not_known_already(new_api):
    api = new_api(text=MEMBER_TEXT.replace("effective: 2026-01-01", "effective: 2099-01-01"))
    before = api.ask("GET", "/agreements/1")
    api.clock.forward(100 * 366 * DAY)
    after = api.ask("GET", "/agreements/1", headers={"if-none-match": before.headers["etag"]})
    assert (before.json()["in_force"], after.status_code) == (False, 200)
    assert after.json()["in_force"] is True


@pytest.mark.parametrize(
    "path", ["/agreements/2", "/agreements/2/clauses/right.access", "/agreements/1/clauses/x"]
)
def test_what_is_not_there_is_not_found(api, path):
    answer = api.ask("GET", path)
    assert (answer.status_code, answer.json()["code"]) == (404, "api.nothing-there")


@pytest.mark.parametrize("path", ["/agreements/0", "/agreements/one", "/agreements/1/clauses/no%20word"])
def test_what_cannot_be_there_is_pointed_at(api, path):
    answer = api.ask("GET", path)
    assert answer.status_code == 422
    assert answer.json()["pointers"][0]["pointer"].startswith("/path/")


def test_a_clause_says_what_it_means(api):
    found = api.ask("GET", "/agreements/1/clauses/right.access").json()
    assert found["number"] == "7.1"
    assert "You see and download" in found["text"]
    assert len(found["means"]) == 1


def test_nothing_is_kept_because_nobody_looked(api):
    found = api.ask("GET", "/status").json()
    assert found["checked_at"] is None
    assert {clause["status"] for clause in found["clauses"]} == {"unproven"}


def test_clauses_stand_as_they_were_checked_last_until_that_is_too_old(api):
    api.hall.watch.look(api.house.teller)
    found = api.ask("GET", "/status").json()
    assert found["checked_at"]
    assert {"kept", "unproven"} <= {clause["status"] for clause in found["clauses"]}
    api.clock.forward(DAY)
    later = api.ask("GET", "/status").json()
    assert later["checked_at"] is None
    assert {clause["status"] for clause in later["clauses"]} == {"unproven"}
