import asyncio
import json

import pytest

from tests.cast import ACCOUNT, ACTIVITY, MIA, NOOR, PICTURES, SUPPORT, joins, tells_everything
from tests.inside import count_of
from tests.web.api.calling import codes, sent
from troth.acts.use import accessing
from troth.rules.decision import member
from troth.store import schema
from troth.web.api.ids import record_id, subject_id

REGISTER = {"about": {"reference": MIA}, "category": "account", "when": "registration", "values": ACCOUNT}


def activity(who: str = MIA, **changes) -> dict:
    return {
        "about": {"reference": who},
        "category": "activity",
        "when": "service_use",
        "values": {**ACTIVITY, **changes},
    }


def held(api, who: str, category: str) -> int:
    job = accessing(by=member(), about=who, category=category)
    return len(api.house.teller.ask(job).records)


@pytest.fixture
def portal(api):
    return api.program("portal", "service", "security", "support", "identity", "camera")


@pytest.fixture
def exchange(api):
    return api.program("exchange", "service", "security")


def test_nobody_without_a_key_collects(api):
    assert api.ask("POST", "/records", json=REGISTER).status_code == 401


def test_a_key_takes_in_nothing_that_its_purposes_do_not_serve(api):
    answer = api.program("portal", "contact").post("/records", activity())
    assert (answer.status_code, answer.json()["code"]) == (403, "api.purpose-not-of-key")


def test_a_program_that_the_clause_does_not_name_is_refused(exchange):
    answer = exchange.post("/records", REGISTER)
    assert answer.status_code == 403
    assert "not-by" in codes(answer)


def test_a_field_that_no_clause_names_is_refused_by_its_name_and_nothing_is_kept(api, exchange):
    joins(api.house, MIA)
    answer = exchange.post("/records", activity(mood="bright"))
    assert answer.status_code == 422
    assert {"code": "unknown-field", "word": "mood"} in answer.json()["reasons"]
    assert "bright" not in answer.text
    assert held(api, MIA, "activity") == 0


def test_a_value_that_is_not_of_its_type_is_refused_by_its_field_and_never_repeated(api, portal):
    answer = portal.post("/records", {**REGISTER, "values": {"email": "no address at all"}})
    assert (answer.status_code, codes(answer)) == (422, ["malformed"])
    assert "no address" not in answer.text


def test_what_somebody_holds_already_is_a_conflict(api, portal):
    joins(api.house, NOOR, **ACCOUNT)
    answer = portal.post("/records", REGISTER)
    assert answer.status_code == 409
    assert set(codes(answer)) == {"taken"}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"about": {}}, "/about/subject"),
        ({"about": {"reference": MIA, "subject": "s_0000000000000001"}}, "/about/reference"),
        ({"category": 7}, "/category"),
        ({"category": "no word"}, "/category"),
        ({"values": {}}, "/values"),
        ({"values": []}, "/values"),
        ({"values": {"not a name": 1}}, "/values"),
        ({"age": "36"}, "/age"),
        ({"more": 1}, ""),
        ({"case": "nothing"}, "/case"),
    ],
)
def test_a_body_that_is_not_as_described_is_pointed_at_and_not_repeated(portal, change, pointer):
    answer = portal.post("/records", {**REGISTER, **change})
    assert answer.status_code == 422
    assert pointer in [each["pointer"] for each in answer.json()["pointers"]]
    assert "mia" not in answer.text
    assert "not a name" not in answer.text


def test_a_first_record_lets_somebody_join(api, portal):
    answer = portal.post("/records", REGISTER)
    assert answer.status_code == 201
    who, (record,) = answer.json()["subject"], answer.json()["records"]
    assert answer.headers["location"] == f"/api/v1/subjects/{who}/records/account"
    assert answer.json()["receipt"]["kind"] == "record.collected"
    assert api.lines()[answer.json()["receipt"]["entry"]]["actor"] == "program:portal"
    assert held(api, MIA, "account") == 1
    assert record.startswith("r_")


def test_a_record_sent_again_under_one_key_is_taken_in_once_and_answered_alike(api, exchange):
    joins(api.house, MIA)
    first = exchange.post("/records", activity(), idempotency_key="7")
    again = exchange.post("/records", activity(), idempotency_key="7")
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert held(api, MIA, "activity") == 1
    exchange.post("/records", activity())
    assert held(api, MIA, "activity") == 2


def test_a_key_of_one_act_is_not_taken_for_another(api, exchange):
    joins(api.house, MIA)
    exchange.post("/records", activity(), idempotency_key="7")
    answer = exchange.post("/records", activity(action="order"), idempotency_key="7")
    assert (answer.status_code, answer.json()["code"]) == (422, "door.key-reused")
    elsewhere = exchange.post("/records/batch", [activity()], idempotency_key="7")
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (422, "door.key-reused")
    assert held(api, MIA, "activity") == 1


@pytest.mark.parametrize("key", ["", "x" * 201, "tab\tin it"])
def test_an_idempotency_key_that_is_none_is_refused(api, exchange, key):
    assert exchange.post("/records", activity(), idempotency_key=key).status_code == 422


def test_one_act_sent_many_times_at_once_is_done_once(api, exchange):
    joins(api.house, MIA)
    headers = {**exchange.shown, "idempotency-key": "7"}

    async def all_at_once():
        asked = (api.ask_soon("POST", "/records", json=activity(), headers=headers) for _ in range(20))
        return await asyncio.gather(*asked)

    answers = api.run(all_at_once())
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert held(api, MIA, "activity") == 1


def test_repeats_that_come_in_another_order_change_nothing_twice(api, exchange):
    joins(api.house, MIA)
    offers = [(f"k{n}", activity(time=f"2027-06-01T08:0{n}:00Z")) for n in range(5)]
    for key, offer in [*offers, *reversed(offers), *offers[::2]]:
        assert exchange.post("/records", offer, idempotency_key=key).status_code == 201
    assert held(api, MIA, "activity") == 5


def test_the_keys_of_two_programs_are_apart(api, exchange, portal):
    joins(api.house, MIA)
    assert exchange.post("/records", activity(), idempotency_key="7").status_code == 201
    assert portal.post("/records", activity(action="order"), idempotency_key="7").status_code == 201


# ---- many


def test_of_many_what_is_good_is_kept_whatever_its_neighbours_are(api, exchange):
    joins(api.house, MIA)
    offers = [
        activity(),
        activity(mood="bright"),
        {"nothing": True},
        activity("M-unknown"),
        {**REGISTER, "about": {"reference": NOOR}},
        activity(action="order"),
    ]
    answer = exchange.post("/records/batch", offers)
    assert answer.status_code == 200
    outcomes = answer.json()["outcomes"]
    assert [each["status"] for each in outcomes] == [201, 422, 422, 404, 403, 201]
    assert outcomes[2]["problem"]["code"] == "api.unreadable"
    assert held(api, MIA, "activity") == 2
    assert "bright" not in answer.text
    assert outcomes[0]["done"]["subject"] == outcomes[5]["done"]["subject"]


def test_many_are_taken_in_with_one_line_for_each_kind_of_act(api, exchange):
    joins(api.house, MIA)
    before = len(api.lines())
    exchange.post("/records/batch", [activity(time=f"2027-06-01T08:00:{n:02}Z") for n in range(40)])
    (line,) = api.lines()[before:]
    assert (line["kind"], line["count"]) == ("record.collected", 40)


def test_many_may_come_as_lines(api, exchange):
    joins(api.house, MIA)
    body = b"\n".join([json.dumps(activity()).encode(), b"", b"{no json", b'{"a":1,"a":2}'])
    answer = exchange.send("POST", "/records/batch", body, content_type="application/x-ndjson")
    assert [each["status"] for each in answer.json()["outcomes"]] == [201, 422, 422]
    assert held(api, MIA, "activity") == 1


def test_many_sent_again_under_one_key_are_taken_in_once(api, exchange):
    joins(api.house, MIA)
    first = exchange.post("/records/batch", [activity(), activity(mood="x")], idempotency_key="7")
    again = exchange.post("/records/batch", [activity(), activity(mood="x")], idempotency_key="7")
    assert first.json() == again.json()
    assert held(api, MIA, "activity") == 1


def test_many_sent_again_by_a_key_that_lets_other_offers_through_are_refused(api):
    joins(api.house, MIA)
    narrow = api.program("portal", "support")
    wide = api.program("portal", "service", "support")
    for n, (before, after) in enumerate([(narrow, wide), (wide, narrow)]):
        letter = {"category": "support", "when": "customer_service", "values": {"topic": "t", "message": "m"}}
        offers = [activity(time=f"2027-06-01T08:0{n}:00Z"), {"about": {"reference": MIA}, **letter}]
        first = before.post("/records/batch", offers, idempotency_key=f"{n}")
        answer = after.post("/records/batch", offers, idempotency_key=f"{n}")
        again = before.post("/records/batch", offers, idempotency_key=f"{n}")

        statuses = [each["status"] for each in first.json()["outcomes"]]
        assert statuses == [403 if before is narrow else 201, 201]
        assert (answer.status_code, answer.json()["code"]) == (422, "door.key-reused")
        assert again.json() == first.json()
    assert [held(api, MIA, category) for category in ("activity", "support")] == [1, 2]


def test_many_sent_again_after_one_of_them_was_erased_are_answered_each_by_its_own(api, exchange):
    joins(api.house, MIA)
    joins(api.house, NOOR)
    offers = [activity(), activity(NOOR), activity(mood="x")]
    first = exchange.post("/records/batch", offers, idempotency_key="7").json()["outcomes"]
    api.house.erase(about=MIA)

    again = exchange.post("/records/batch", offers, idempotency_key="7").json()["outcomes"]

    assert [each["status"] for each in again] == [404, 201, 404]
    assert again[1] == first[1]
    assert held(api, NOOR, "activity") == 1


def test_a_registration_sent_again_after_the_person_was_erased_brings_nobody_back(api, portal):
    assert portal.post("/records", REGISTER, idempotency_key="7").status_code == 201
    assert api.house.erase(about=MIA).whole
    answer = portal.post("/records", REGISTER, idempotency_key="7")
    assert (answer.status_code, answer.json()["code"]) == (404, "person.not-found")
    assert count_of(api.house, schema.subjects) == 0


@pytest.mark.parametrize("body", [[], {}, "text", [activity()] * 1_001])
def test_more_or_less_than_one_to_a_thousand_are_not_taken(exchange, body):
    assert exchange.post("/records/batch", body).status_code == 422


def test_an_empty_stream_of_lines_is_a_batch_of_none(exchange):
    answer = exchange.send("POST", "/records/batch", b"\n", content_type="application/x-ndjson")
    assert answer.json() == {"outcomes": []}


# ---- pictures and files


def form(record: dict, files: dict[str, bytes]) -> dict:
    return {
        "files": {
            "record": (None, json.dumps(record), "application/json"),
            **{name: (name, content, "application/octet-stream") for name, content in files.items()},
        }
    }


PICTURED = {"about": {"reference": MIA}, "category": "camera.identity", "when": "camera", "values": {}}


def test_pictures_come_in_a_form_and_only_with_the_consent_of_the_person(api, portal):
    joins(api.house, MIA)
    pictured = {key: value for key, value in PICTURED.items() if key != "values"}
    refused = api.ask("POST", "/records", headers=portal.shown, **form(pictured, PICTURES))
    assert (refused.status_code, codes(refused)) == (403, ["consent-missing"])
    api.house.consent(about=MIA, purpose="camera.identity")
    taken = api.ask("POST", "/records", headers=portal.shown, **form(pictured, PICTURES))
    assert taken.status_code == 201, taken.text
    assert held(api, MIA, "camera.identity") == 1


def test_a_form_sent_again_under_one_key_is_taken_in_once(api, portal):
    joins(api.house, MIA)
    api.house.consent(about=MIA, purpose="camera.identity")
    pictured = {key: value for key, value in PICTURED.items() if key != "values"}
    headers = {**portal.shown, **sent({"idempotency_key": "7"})}
    answers = [api.ask("POST", "/records", headers=headers, **form(pictured, PICTURES)) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert held(api, MIA, "camera.identity") == 1
    other = {**PICTURES, "back": PICTURES["front"]}
    assert api.ask("POST", "/records", headers=headers, **form(pictured, other)).status_code == 422


@pytest.mark.parametrize("name", ["front", "selfie"])
def test_what_is_no_picture_is_refused_by_its_field(api, portal, name):
    joins(api.house, MIA)
    api.house.consent(about=MIA, purpose="camera.identity")
    pictured = {key: value for key, value in PICTURED.items() if key != "values"}
    sent_ = {**PICTURES, name: b"<svg onload=alert(1)>"}
    answer = api.ask("POST", "/records", headers=portal.shown, **form(pictured, sent_))
    assert answer.status_code == 422
    assert {"code": "not-a-picture", "word": name} in answer.json()["reasons"]
    assert held(api, MIA, "camera.identity") == 0


def test_a_form_without_its_record_is_refused(api, portal):
    answer = api.ask("POST", "/records", headers=portal.shown, files={"front": ("f", b"x", "image/jpeg")})
    assert answer.status_code == 422


def test_a_field_that_comes_twice_is_refused(api, portal):
    asked = {**PICTURED, "values": {"front": "x"}}
    assert api.ask("POST", "/records", headers=portal.shown, **form(asked, PICTURES)).status_code == 422


# ---- conversations


def test_a_message_opens_a_conversation_and_the_next_one_goes_into_it(api, portal):
    joins(api.house, MIA)
    message = {
        "about": {"reference": MIA},
        "category": "support",
        "when": "customer_service",
        "values": {"message": SUPPORT["message"]},
    }
    assert portal.post("/records", {**message, "opens": "conversation"}).status_code == 201
    (case,) = api.house.cases(about=MIA)
    assert portal.post("/records", {**message, "case": case.reference}).status_code == 201
    assert portal.post("/records", {**message, "case": "C-AAAA-AAAA"}).status_code == 404
    both = {**message, "case": case.reference, "opens": "conversation"}
    assert portal.post("/records", both).status_code == 422
    helpdesk = api.program("helpdesk", "support")
    assert len(helpdesk.get(f"/cases/{case.reference}").json()["records"]) == 2


def test_ids_are_text_and_say_nothing(api):
    who = tells_everything(api.house)
    assert subject_id(who) == f"s_{who:016x}"
    assert record_id(bytes(16)) == "r_" + "0" * 32
