import pytest

from tests.cast import ACCOUNT, MIA, NOOR, joins, tells_everything
from tests.houses import MEMBER_TEXT
from tests.web.api.calling import codes
from troth.web.api.ids import subject_id

SEARCH = "/subjects/search"
SEEN = MEMBER_TEXT.replace(
    "by: {subject: true, roles: [privacy-officer]}\nassurance: step_up",
    "by: {subject: true, roles: [privacy-officer], programs: [helpdesk]}\nassurance: step_up",
    1,
)


@pytest.fixture
def helpdesk(api):
    return api.program("helpdesk", "support")


CASE = {"troth_purpose": "support.reply", "troth_case": "C-1"}


def test_nobody_searches_without_a_key_or_a_purpose(api, helpdesk):
    asked = {"field": "account.email", "value": "mia@example.org"}
    assert api.ask("POST", SEARCH, json=asked).status_code == 401
    assert helpdesk.post(SEARCH, asked).json()["code"] == "api.no-purpose"


def test_a_field_that_nobody_is_found_by_is_refused(helpdesk):
    answer = helpdesk.post(SEARCH, {"field": "support.message", "value": "hello"}, **CASE)
    assert answer.status_code == 403
    assert "hello" not in answer.text


def test_whoever_has_exactly_this_value_is_found_however_it_is_written(api, helpdesk):
    mia = joins(api.house, MIA, **ACCOUNT)
    joins(api.house, NOOR)
    answer = helpdesk.post(SEARCH, {"field": "account.email", "value": " MIA@Example.org"}, **CASE)
    assert [each["subject"] for each in answer.json()["found"]] == [subject_id(mia)]
    assert ACCOUNT["email"] not in answer.text


@pytest.mark.parametrize("value", ["nobody@example.org", "no address", "\ud83d", "\0"])
def test_a_miss_looks_like_a_value_that_is_none_and_is_remembered(api, helpdesk, value):
    joins(api.house, MIA, **ACCOUNT)
    body = '{"field": "account.email", "value": ' + __import__("json").dumps(value) + "}"
    answer = helpdesk.send("POST", SEARCH, body.encode(), **CASE)
    if "\ud83d" in value:
        assert answer.status_code == 422
        return
    assert answer.status_code == 200
    assert answer.json()["found"] == []
    assert api.lines()[answer.json()["receipt"]["entry"]]["kind"] == "record.searched"


# ---- what the ledger says of a person


def test_what_the_ledger_says_of_a_person_is_shown_only_where_a_clause_says_so(api, helpdesk):
    mia = joins(api.house, MIA)
    answer = helpdesk.get(f"/subjects/{subject_id(mia)}/access-records")
    assert (answer.status_code, set(codes(answer))) == (403, {"not-by"})
    assert answer.json()["clauses"] == ["right.access"]


def test_a_key_for_other_purposes_shows_nothing_of_what_the_ledger_says(new_api):
    api = new_api(text=SEEN)
    mia = joins(api.house, MIA)
    answer = api.program("helpdesk", "contact").get(f"/subjects/{subject_id(mia)}/access-records")
    assert (answer.status_code, answer.json()["code"]) == (403, "api.purpose-not-of-key")


def test_of_somebody_unknown_it_says_nothing(new_api):
    api = new_api(text=SEEN)
    answer = api.program("helpdesk", "support").get("/subjects/s_0000000000000007/access-records")
    assert (answer.status_code, answer.json()["code"]) == (404, "person.not-found")


def test_entries_come_newest_first_page_by_page_and_are_about_nobody_else(new_api):
    api = new_api(text=SEEN)
    mia, helpdesk = tells_everything(api.house), api.program("helpdesk", "support")
    joins(api.house, NOOR)
    path, seen, pages = f"/subjects/{subject_id(mia)}/access-records?limit=5", [], 0
    cursor = ""
    while cursor is not None:
        page = helpdesk.get(path + (f"&cursor={cursor}" if cursor else ""))
        assert page.status_code == 200
        seen += page.json()["access_records"]
        cursor, pages = page.json()["next"], pages + 1
    numbers = [each["entry"] for each in seen]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == len(numbers) > 10
    assert pages == -(-len(numbers) // 5)
    assert {"record.collected", "member.joined", "consent.given"} <= {each["kind"] for each in seen}
    lines = api.lines()
    name = next(line["subject"] for line in lines if line["kind"] == "member.joined")
    assert {lines[number].get("subject") for number in numbers} == {name}
    assert not any(each["actor"].count(":") > 1 for each in seen)
    assert name not in str(seen)


@pytest.mark.parametrize("cursor", ["A" * 60, "short", "é" * 60])
def test_a_cursor_that_is_none_is_refused(new_api, cursor):
    api = new_api(text=SEEN)
    mia, helpdesk = joins(api.house, MIA), api.program("helpdesk", "support")
    path = f"/subjects/{subject_id(mia)}/access-records?cursor={cursor}"
    assert helpdesk.get(path).status_code == 422


def test_a_cursor_continues_its_own_list_alone(new_api):
    api = new_api(text=SEEN)
    mia, noor = tells_everything(api.house), joins(api.house, NOOR)
    helpdesk = api.program("helpdesk", "support")
    cursor = helpdesk.get(f"/subjects/{subject_id(mia)}/access-records?limit=1").json()["next"]
    answer = helpdesk.get(f"/subjects/{subject_id(noor)}/access-records?cursor={cursor}")
    assert (answer.status_code, answer.json()["code"]) == (422, "api.unreadable")
