import pytest

from tests.cast import MIA, NOOR, REVIEWER, joins, tells
from tests.web.api.calling import codes
from troth.rules.decision import member
from troth.web.api.ids import record_id, subject_id

NAME = "identity-check"
QUEUE = f"/cases?name={NAME}&state=submitted"


@pytest.fixture
def portal(api):
    return api.program("portal", "service", "identity")


@pytest.fixture
def verification(api):
    return api.program("verification", "identity")


def opened(portal, who: str = MIA) -> str:
    joins(portal.api.house, who)
    answer = portal.post("/cases", {"about": {"reference": who}, "name": NAME}, idempotency_key=f"open {who}")
    assert answer.status_code == 201, answer.text
    return answer.json()["case"]["reference"]


def submitted(portal, who: str = MIA) -> str:
    reference = opened(portal, who)
    assert portal.post(f"/cases/{reference}/moves", {"to": "submitted"}).status_code == 200
    return reference


def test_a_case_is_opened_by_whom_its_clause_names_alone(api, verification):
    joins(api.house, MIA)
    answer = verification.post("/cases", {"about": {"reference": MIA}, "name": NAME})
    assert (answer.status_code, codes(answer)) == (403, ["not-by"])
    assert api.house.cases(about=MIA) == ()


def test_a_case_that_no_clause_names_is_refused(portal):
    answer = portal.post("/cases", {"about": {"reference": MIA}, "name": "chess"})
    assert answer.status_code == 403
    assert "unknown-case" in codes(answer)


def test_a_case_of_somebody_unknown_is_not_opened(portal):
    assert portal.post("/cases", {"about": {"reference": "M-9"}, "name": NAME}).status_code == 404


def test_a_case_is_opened_once_however_often_it_is_asked_for(api, portal):
    joins(api.house, MIA)
    body = {"about": {"reference": MIA}, "name": NAME}
    first = portal.post("/cases", body, idempotency_key="7")
    again = portal.post("/cases", body, idempotency_key="7")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert first.headers["location"].endswith(first.json()["case"]["reference"])
    other = portal.post("/cases", body, idempotency_key="8")
    assert (other.status_code, codes(other)) == (409, ["already-open"])
    assert len(api.house.cases(about=MIA)) == 1


def test_a_case_is_shown_to_programs_that_feed_or_decide_it_alone(api, portal, verification):
    reference = opened(portal)
    exchange = api.program("exchange", "service")
    hidden = exchange.get(f"/cases/{reference}")
    absent = portal.get("/cases/IC-AAAA-AAAA")
    assert (hidden.status_code, hidden.json()) == (404, absent.json())
    for each in (portal, verification):
        shown = each.get(f"/cases/{reference}")
        assert shown.status_code == 200
        assert shown.json()["case"]["state"] == "collecting"
        assert shown.json()["records"] == []


def test_the_records_of_a_case_are_named_and_not_read(api, portal):
    reference = opened(portal)
    (case,) = api.house.cases(about=MIA)
    taken = api.house.collect(
        about=MIA,
        category="identity",
        when="identity_verification",
        values={"name": "Mia Luna Moon", "birth_date": "1991-04-23", "id_number": "PL:44051401458"},
        age=36,
        within=case.id,
    )
    answer = portal.get(f"/cases/{reference}")
    assert answer.json()["records"] == [record_id(record) for record in taken.records]
    assert "Moon" not in answer.text


def test_the_queue_is_shown_to_programs_that_decide_alone(api, portal, verification):
    submitted(portal)
    refused = portal.get(QUEUE)
    assert (refused.status_code, codes(refused)) == (403, ["not-by"])
    assert api.lines()[refused.json()["entry"]]["outcome"] == "refused"
    unknown = verification.get("/cases?name=chess&state=submitted")
    assert codes(unknown) == ["unknown-case"]


def test_cases_wait_in_the_order_in_which_they_came_page_by_page(api, portal, verification):
    names = [MIA, NOOR, "M-2001", "M-2002", "M-2003"]
    references = []
    for who in names:
        references.append(submitted(portal, who))
        api.clock.forward(1_000_000)
    seen, cursor = [], ""
    while cursor is not None:
        page = verification.get(f"{QUEUE}&limit=2" + (f"&cursor={cursor}" if cursor else "")).json()
        seen += [case["reference"] for case in page["cases"]]
        cursor = page["next"]
    assert seen == references
    assert "total" not in page


def test_a_cursor_of_another_queue_is_refused(portal, verification):
    for who in (MIA, NOOR):
        submitted(portal, who)
    cursor = verification.get(f"{QUEUE}&limit=1").json()["next"]
    answer = verification.get(f"/cases?name={NAME}&state=in_review&cursor={cursor}")
    assert (answer.status_code, answer.json()["code"]) == (422, "api.unreadable")


def test_a_program_takes_a_case_up_and_decides_it_but_rejects_nobody(api, portal, verification):
    reference = submitted(portal)
    path = f"/cases/{reference}/moves"
    assert set(codes(portal.post(path, {"to": "in_review"}))) == {"not-by"}
    assert verification.post(path, {"to": "in_review"}).json()["case"]["state"] == "in_review"
    rejected = verification.post(path, {"to": "rejected", "reasons": ["faces-differ"]})
    assert (rejected.status_code, set(codes(rejected))) == (403, {"not-by"})
    asked = verification.post(path, {"to": "needs_more", "reasons": ["no-such-reason"]})
    assert "unknown-reason" in codes(asked)
    skipped = verification.post(path, {"to": "submitted"})
    assert skipped.status_code in (403, 409)
    verified = verification.post(path, {"to": "verified"}, idempotency_key="1")
    again = verification.post(path, {"to": "verified"}, idempotency_key="1")
    assert verified.json() == again.json()
    assert verified.json()["case"]["ended_at"] is not None
    assert verified.json()["receipt"]["kind"] == "case.moved"


def test_a_case_that_is_moved_elsewhere_is_shown_as_it_stands_now(api, portal):
    reference = submitted(portal)
    (case,) = api.house.cases(about=MIA)
    api.house.move_case(about=MIA, case=case.id, to="in_review", by=REVIEWER)
    api.house.move_case(about=MIA, case=case.id, to="rejected", by=REVIEWER, reasons=["document-expired"])
    shown = portal.get(f"/cases/{reference}").json()["case"]
    assert (shown["state"], shown["reasons"]) == ("rejected", ["document-expired"])
    assert shown["subject"] == subject_id(case.subject)


def test_a_case_of_the_person_is_withdrawn_by_the_person_elsewhere(api, portal, verification):
    submitted(portal)
    (case,) = api.house.cases(about=MIA)
    api.house.move_case(about=MIA, case=case.id, to="withdrawn", by=member())
    assert verification.get(QUEUE).json() == {"cases": [], "next": None}


def test_what_is_told_in_a_case_stays_out_of_the_list(api, portal, verification):
    submitted(portal)
    tells(api.house, MIA, "identity")
    assert "Moon" not in verification.get(QUEUE).text


def test_a_key_for_other_purposes_neither_opens_nor_shows_nor_moves_a_case(api, portal):
    reference = submitted(portal)
    joins(api.house, NOOR)
    other = api.program("verification", "camera.profile")
    answers = [
        api.program("portal", "signin").post("/cases", {"about": {"reference": NOOR}, "name": NAME}),
        other.get(QUEUE),
        other.get(f"/cases/{reference}"),
        other.post(f"/cases/{reference}/moves", {"to": "in_review"}),
    ]
    assert {(each.status_code, each.json()["code"]) for each in answers} == {(403, "api.purpose-not-of-key")}
    assert api.house.cases(about=NOOR) == ()
    assert [case.state for case in api.house.cases(about=MIA)] == ["submitted"]
