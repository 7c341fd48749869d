import pytest

from tests.cast import MIA, OFFICER, PAYMENT, SECOND_OFFICER, joins, tells
from tests.houses import MEMBER_TEXT
from tests.web.api.calling import codes
from troth.acts.disclose import approve, disclosing
from troth.clock import DAY
from troth.rules.decision import program
from troth.web.api.ids import subject_id

TO = "processors.payments.payments-processor"
ASKED = {"about": {"reference": MIA}, "category": "payment", "to": TO}
FOR = {"troth_purpose": "service.payments"}
WITH_APPROVAL = MEMBER_TEXT.replace(
    "for: [service.payments]\nby: {programs: [payout]}\nneeds: [contract, confidentiality, safeguard]",
    "for: [service.payments]\nby: {programs: [payout]}\nneeds: [contract, confidentiality, safeguard]\n"
    "approvals: {count: 2, roles: [privacy-officer]}",
)


def signed(api) -> None:
    for kind in ("contract", "confidentiality", "safeguard"):
        api.house.record_instrument(
            by=OFFICER, recipient=TO, kind=kind, reference="C-1", until=api.clock() + DAY
        )


@pytest.fixture
def payout(api):
    joins(api.house, MIA)
    tells(api.house, MIA, "payment")
    return api.program("payout", "service.payments")


def test_nothing_is_disclosed_without_a_purpose(payout):
    assert payout.post("/disclosures", ASKED).json()["code"] == "api.no-purpose"


def test_nothing_is_disclosed_to_whom_the_agreement_does_not_list(payout):
    answer = payout.post("/disclosures", {**ASKED, "to": "friends.neighbour"}, **FOR)
    assert (answer.status_code, codes(answer)) == (403, ["unknown-recipient"])


def test_nothing_is_disclosed_to_whoever_has_signed_nothing(payout):
    answer = payout.post("/disclosures", ASKED, **FOR)
    assert set(codes(answer)) == {"instrument-missing"}
    assert PAYMENT["iban"] not in answer.text


def test_a_recipient_gets_what_its_clause_lists(api, payout):
    signed(api)
    answer = payout.post("/disclosures", {**ASKED, "fields": ["iban"]}, **FOR)
    assert answer.status_code == 200
    assert answer.json()["records"][0]["values"] == {"iban": PAYMENT["iban"]}
    assert answer.json()["tell"] == "on_change"
    line = api.lines()[answer.json()["receipt"]["entry"]]
    assert (line["kind"], line["recipient"], line["fields"]) == ("record.disclosed", TO, ["iban"])


# ---- where others must say yes first


@pytest.fixture
def watched(new_api):
    api = new_api(text=WITH_APPROVAL)
    joins(api.house, MIA)
    tells(api.house, MIA, "payment")
    signed(api)
    return api


def test_what_waits_for_others_is_accepted_and_says_where_to_look(watched):
    payout = watched.program("payout", "service.payments")
    answer = payout.post("/disclosures", ASKED, **FOR)
    assert answer.status_code == 202
    waiting = answer.json()
    assert (waiting["state"], waiting["given"], waiting["needed"]) == ("waiting", 0, 2)
    assert answer.headers["location"] == f"/api/v1/approvals/{waiting['approval_id']}"
    assert PAYMENT["iban"] not in answer.text
    assert MIA not in answer.text

    job = disclosing(by=program("payout"), about=MIA, category="payment", to=TO, purpose="service.payments")
    approve(watched.house.teller, by=OFFICER, job=job)
    path = f"/approvals/{waiting['approval_id']}"
    assert payout.get(path).json() == {**waiting, "given": 1}
    assert payout.post("/disclosures", ASKED, **FOR).status_code == 202
    approve(watched.house.teller, by=SECOND_OFFICER, job=job)
    assert payout.get(path).json() == {**waiting, "given": 2, "state": "approved"}
    # approved is this request alone: another case, or other fields, is another request
    assert payout.post("/disclosures", {**ASKED, "fields": ["iban"]}, **FOR).status_code == 202
    assert payout.post("/disclosures", ASKED, **FOR, troth_case="C-9").status_code == 202
    assert payout.post("/disclosures", ASKED, **FOR).status_code == 200
    assert payout.post("/disclosures", ASKED, **FOR).status_code == 202  # a yes serves once


def test_an_approval_is_shown_to_the_program_that_waits_for_it_alone(watched):
    waiting = watched.program("payout", "service.payments").post("/disclosures", ASKED, **FOR).json()
    other = watched.program("exchange", "service")
    for name in (waiting["approval_id"], "A" * 60):
        answer = other.get(f"/approvals/{name}")
        assert (answer.status_code, answer.json()["code"]) == (404, "api.nothing-there")


def test_what_no_approval_would_mend_is_refused_rather_than_accepted(watched):
    answer = watched.program("payout", "service.payments").post(
        "/disclosures", {**ASKED, "fields": ["iban", "shoe_size"]}, **FOR
    )
    assert answer.status_code == 403
    assert "unknown-field" in codes(answer)


def test_somebody_unknown_is_not_found(watched):
    payout = watched.program("payout", "service.payments")
    body = {**ASKED, "about": {"subject": subject_id(7)}}
    assert payout.post("/disclosures", body, **FOR).status_code == 404
