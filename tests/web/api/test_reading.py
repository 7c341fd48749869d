import pytest

from tests.cast import ACCOUNT, MIA, NOOR, joins, tells_everything
from tests.web.api.calling import codes
from troth.web.api.ids import subject_id


@pytest.fixture
def helpdesk(api):
    return api.program("helpdesk", "support")


@pytest.fixture
def mia(api):
    return joins(api.house, MIA, **ACCOUNT)


def path(who: int, category: str = "account") -> str:
    return f"/subjects/{subject_id(who)}/records/{category}"


def test_nobody_without_a_key_reads(api, mia):
    answer = api.ask("GET", path(mia))
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "api.key-refused"


def test_a_read_without_a_purpose_is_refused_with_the_way_on(helpdesk, mia):
    answer = helpdesk.get(path(mia))
    assert (answer.status_code, answer.json()["code"]) == (403, "api.no-purpose")
    assert "Troth-Purpose" in answer.json()["fix"]


def test_a_key_reads_for_no_purpose_that_it_does_not_serve(helpdesk, mia):
    answer = helpdesk.get(path(mia), troth_purpose="security.accounts")
    assert (answer.status_code, answer.json()["code"]) == (403, "api.purpose-not-of-key")


def test_the_agreement_refuses_what_the_key_would_let_through(api, mia):
    answer = api.program("helpdesk", "security").get(path(mia), troth_purpose="security.accounts")
    assert answer.status_code == 403
    assert codes(answer) == ["not-by"]
    assert answer.json()["clauses"] == ["use.security"]
    assert api.lines()[answer.json()["entry"]]["outcome"] == "refused"


def test_a_read_without_the_case_that_its_clause_asks_for_is_refused(helpdesk, mia):
    assert codes(helpdesk.get(path(mia), troth_purpose="support.reply")) == ["case-missing"]


def test_somebody_unknown_is_not_found(helpdesk):
    answer = helpdesk.get(path(77), troth_purpose="support.reply", troth_case="C-1")
    assert (answer.status_code, answer.json()["code"]) == (404, "person.not-found")


def test_somebody_erased_is_gone(api, helpdesk, mia):
    api.house.erase(about=MIA)
    answer = helpdesk.get(path(mia), troth_purpose="support.reply", troth_case="C-1")
    assert (answer.status_code, answer.json()["code"]) == (410, "person.erased")


@pytest.mark.parametrize(
    "address",
    [
        "/subjects/77/records/account",
        "/subjects/s_zz/records/account",
        "/subjects/s_0000000000000001/records/no%20word",
        "/subjects/s_0000000000000001/records/account?fields=a,,b",
        "/subjects/s_0000000000000001/records/" + "a" * 61,
    ],
)
def test_an_address_that_is_not_as_described_is_pointed_at_and_not_repeated(helpdesk, address):
    answer = helpdesk.get(address, troth_purpose="support.reply", troth_case="C-1")
    assert answer.status_code == 422
    (pointed,) = answer.json()["pointers"]
    assert pointed["pointer"].split("/")[1] in ("path", "query")
    assert "no word" not in answer.text
    assert "aaaa" not in answer.text


def test_a_program_reads_what_its_clause_lets_it_masked_where_it_says_so(api, helpdesk, mia):
    answer = helpdesk.get(path(mia), troth_purpose="support.reply", troth_case="C-1")
    assert answer.status_code == 200
    (record,) = answer.json()["records"]
    assert record["values"] == {"phone": "+442****0958", "email": "m***@e***.org", "username": "mia.moon"}
    assert record["clause"] == "collect.account"
    assert answer.headers["cache-control"] == "no-store"
    line = api.lines()[answer.json()["receipt"]["entry"]]
    assert (line["kind"], line["actor"], line["case"]) == ("record.used", "program:helpdesk", "C-1")


def test_some_fields_alone_are_read_when_they_are_named(helpdesk, mia):
    answer = helpdesk.get(path(mia) + "?fields=username", troth_purpose="support.reply", troth_case="C-1")
    (record,) = answer.json()["records"]
    assert record["values"] == {"username": "mia.moon"}


def test_a_single_record_is_tagged_with_the_version_that_a_change_names(helpdesk, mia):
    answer = helpdesk.records(mia, "account", "support.reply", troth_case="C-1")
    assert answer.headers["etag"] == f'"{answer.json()["records"][0]["version"]}"'


def test_a_record_that_is_known_already_is_remembered_as_read_and_not_sent_again(api, helpdesk, mia):
    etag = helpdesk.records(mia, "account", "support.reply", troth_case="C-1").headers["etag"]
    had = len(api.lines())
    again = helpdesk.records(mia, "account", "support.reply", troth_case="C-1", if_none_match=etag)
    assert (again.status_code, again.content) == (304, b"")
    assert [line["kind"] for line in api.lines()[had:]] == ["record.used"]
    refused = helpdesk.records(mia, "account", "support.reply", if_none_match=etag)
    assert codes(refused) == ["case-missing"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("fields=email&fields=phone", "/query/fields"),
        ("foo=1", "/query"),
        ("fields=email&mia@example.org", "/query"),
    ],
)
def test_what_would_be_passed_over_is_pointed_at_and_not_repeated(api, helpdesk, mia, query, pointer):
    had = len(api.lines())
    answer = helpdesk.get(f"{path(mia)}?{query}", troth_purpose="support.reply", troth_case="C-1")
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["pointers"]] == [pointer]
    assert "mia@" not in answer.text
    assert len(api.lines()) == had


@pytest.mark.parametrize(
    "name", ["troth-purpose", "troth-case", "troth-reason", "if-match", "idempotency-key", "authorization"]
)
def test_a_header_that_means_something_is_taken_once(api, helpdesk, mia, name):
    had = len(api.lines())
    named = {"troth-purpose": "support.reply", "troth-case": "C-1", **helpdesk.shown}
    answer = api.ask("GET", path(mia), headers=[*named.items(), (name, "1"), (name, "2")])
    assert answer.status_code == 422
    assert answer.json()["pointers"] == [{"pointer": f"/header/{name}", "reason": "given-twice"}]
    assert len(api.lines()) == had


def test_a_reason_is_no_way_around_the_ordinary_path(helpdesk, mia):
    answer = helpdesk.get(
        path(mia), troth_purpose="support.reply", troth_case="C-1", troth_reason="she called"
    )
    assert answer.status_code == 200
    assert helpdesk.get(path(mia), troth_purpose="support.reply", troth_reason="x" * 501).status_code == 422


def test_an_unknown_field_is_refused_by_its_name(helpdesk, mia):
    answer = helpdesk.get(path(mia) + "?fields=shoe_size", troth_purpose="support.reply", troth_case="C-1")
    assert answer.status_code == 422
    assert {"code": "unknown-field", "word": "shoe_size"} in answer.json()["reasons"]


def test_many_reads_are_each_decided_by_themselves(api, helpdesk, mia):
    noor = joins(api.house, NOOR)
    reads = [
        {"about": {"subject": subject_id(mia)}, "category": "account", "fields": ["username"]},
        {"about": {"reference": NOOR}, "category": "account"},
        {"about": {"reference": "M-9"}, "category": "account"},
        {"about": {"subject": subject_id(noor)}, "category": "identity"},
    ]
    answer = helpdesk.post("/reads", {"reads": reads}, troth_purpose="support.reply", troth_case="C-1")
    assert answer.status_code == 200
    outcomes = answer.json()["outcomes"]
    assert [outcome["status"] for outcome in outcomes] == [200, 200, 404, 403]
    assert outcomes[0]["done"]["records"][0]["values"] == {"username": "mia.moon"}
    assert len([line for line in api.lines() if line["kind"] == "record.used"]) == 2


def test_more_reads_than_a_hundred_are_not_taken_at_once(helpdesk):
    one = {"about": {"reference": "M-1"}, "category": "account"}
    answer = helpdesk.post("/reads", {"reads": [one] * 101}, troth_purpose="support.reply")
    assert answer.status_code == 422
    assert answer.json()["pointers"] == [{"pointer": "/reads", "reason": "too-long"}]


def test_a_file_is_read_as_its_bytes_and_nothing_else_is(api):
    mia = tells_everything(api.house)
    verification = api.program("verification", "camera", "identity")
    listed = verification.records(mia, "camera.identity", "camera.identity", troth_case="C-1")
    (record,) = listed.json()["records"]
    front = record["values"]["front"]
    picture = verification.get(
        front["href"].removeprefix("/api/v1"), troth_purpose="camera.identity", troth_case="C-1"
    )
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert len(picture.content) == front["size"]
    assert "sandbox" in picture.headers["content-security-policy"]
    refused = verification.get(front["href"].removeprefix("/api/v1"), troth_purpose="identity.verify")
    assert refused.status_code == 403
    absent = verification.get(
        f"{path(mia, 'camera.identity')}/r_{'0' * 32}/files/front",
        troth_purpose="camera.identity",
        troth_case="C-1",
    )
    assert (absent.status_code, absent.json()["code"]) == (404, "record.nothing-held")


def test_no_answer_holds_a_value_of_anybody_else(api, helpdesk, mia):
    noor = joins(api.house, NOOR, email="noor@example.org", username="noor.night", phone="+442079460111")
    purpose = {"troth_purpose": "support.reply", "troth_case": "C-1"}
    answers = [
        helpdesk.get(path(mia), **purpose),
        helpdesk.get(path(mia, "transactions"), **purpose),
        helpdesk.post("/reads", {"reads": [{"about": {"reference": MIA}, "category": "account"}]}, **purpose),
        helpdesk.post("/subjects/search", {"field": "account.username", "value": "mia.moon"}, **purpose),
        helpdesk.get("/cases?name=conversation&state=open"),
    ]
    assert {answer.status_code for answer in answers} == {200}
    for answer in answers:
        assert not any(word in answer.text for word in ("noor", "0111", NOOR, subject_id(noor)))
