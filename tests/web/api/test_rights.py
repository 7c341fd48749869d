"""Demands by programs: who may file, see, prove, decide and take back; once, as a clause says."""

import time

import pytest

from tests.cast import AGENT, MIA, NOOR, OFFICER, joins, tells
from tests.houses import MEMBER_TEXT
from tests.web.api.calling import codes
from troth.acts import filing
from troth.clock import DAY
from troth.web.api.ids import subject_id

TEXT = MEMBER_TEXT.replace(
    "by: {subject: true, roles: [support-agent]}",
    "by: {subject: true, roles: [support-agent], programs: [helpdesk]}",
)
FOR = ("support", "service", "security", "analysis", "contact", "identity", "legal")
ABOUT = {"about": {"reference": MIA}}
DEVICE = {**ABOUT, "right": "restrict", "category": "device"}
SURE = {**ABOUT, "assurance": "step_up"}


@pytest.fixture
def served(new_api):
    api = new_api(text=TEXT)
    joins(api.house, MIA)
    tells(api.house, MIA, "device")
    return api


@pytest.fixture
def helpdesk(served):
    """A program that the clauses of some rights name."""
    return served.program(
        "helpdesk", "support", "service", "security", "analysis", "contact", "identity", "legal"
    )


@pytest.fixture
def portal(served):
    """The program that signs members in."""
    return served.program("portal", "signin", "service", "support", "identity", "camera", "security")


def filed(program, body=DEVICE, **headers):
    answer = program.post("/rights-cases", body, **headers)
    assert answer.status_code == 201, answer.text
    return answer.json()["case"]


def step(program, reference, name, body, **headers):
    return program.post(f"/rights-cases/{reference}/{name}", body, **headers)


def waiting_for_proof(helpdesk):
    case = filed(helpdesk)
    assert (case["state"], case["proven"]) == ("received", False)
    return case["reference"]


# ---- refused


def test_a_program_that_no_clause_names_files_nothing_and_that_is_remembered(served):
    exchange = served.program("exchange", "service")
    answer = exchange.post("/rights-cases", {**ABOUT, "right": "complain", "text": "canary"})
    assert answer.status_code == 403
    assert served.house.demands(about=MIA) == ()


def test_no_program_but_the_one_that_signs_in_demands_or_proves_as_the_person(served, helpdesk):
    answer = helpdesk.post("/rights-cases", {**DEVICE, "assurance": "step_up"})
    assert (answer.status_code, answer.json()["code"]) == (403, "api.purpose-not-of-key")
    reference = waiting_for_proof(helpdesk)
    refused = step(helpdesk, reference, "proof", SURE)
    assert (refused.status_code, codes(refused)) == (403, ["not-by"])
    assert served.lines()[refused.json()["entry"]]["act"] == "vouch"
    assert helpdesk.get(f"/rights-cases/{reference}").json()["case"]["state"] == "received"


def test_a_key_that_is_not_for_signing_in_proves_nothing(served, helpdesk):
    reference = waiting_for_proof(helpdesk)
    other = served.program("portal", "service")
    answer = step(other, reference, "proof", SURE)
    assert (answer.status_code, answer.json()["code"]) == (403, "api.purpose-not-of-key")


def test_an_unknown_and_a_foreign_reference_are_answered_alike(served, helpdesk, portal):
    foreign = served.house.demand(about=MIA, right="access", by=OFFICER).case.reference
    joins(served.house, NOOR)
    of_noor = {"about": {"reference": NOOR}, "assurance": "step_up"}
    used = waiting_for_proof(helpdesk)
    assert step(helpdesk, used, "cancellation", {}, idempotency_key="used").status_code == 200
    for ask in (
        lambda name: helpdesk.get(f"/rights-cases/{name}"),
        lambda name: step(helpdesk, name, "decision", {"decision": "review"}),
        lambda name: step(helpdesk, name, "cancellation", {}),
        lambda name: step(helpdesk, name, "cancellation", {}, idempotency_key="used"),
        lambda name: step(helpdesk, name, "proof", SURE),
        lambda name: step(portal, name, "proof", of_noor),
        lambda name: step(portal, name, "cancellation", of_noor),
    ):
        hidden, absent = ask(foreign), ask("AC-0000-0000")
        assert (hidden.status_code, hidden.json()) == (404, absent.json())
        assert dict(hidden.headers).keys() == dict(absent.headers).keys()


def test_what_is_not_as_it_is_described_is_refused_and_repeated_nowhere(helpdesk):
    for body in (
        {**DEVICE, "right": "canary"},
        {**DEVICE, "canary": 1},
        {**ABOUT, "right": "complain"},
        {**ABOUT, "right": "correct", "category": "account"},
        {**ABOUT, "right": "complain", "text": "x" * 20_001},
    ):
        answer = helpdesk.post("/rights-cases", body)
        assert answer.status_code == 422
        assert "canary" not in answer.text
    assert step(helpdesk, "CO-0000-0000", "cancellation", ABOUT).status_code == 422


# ---- filed, proven, decided


def test_what_a_program_files_waits_until_the_one_that_signs_in_proved_the_person(helpdesk, portal):
    reference = waiting_for_proof(helpdesk)
    weak = step(portal, reference, "decision", {"decision": "grant"})
    assert weak.status_code == 404  # its clause does not name the program
    done = step(portal, reference, "proof", SURE)
    assert (done.status_code, done.json()["case"]["state"]) == (200, "done")
    assert done.json()["receipt"]["kind"] == "right.proven"


def test_the_person_demands_through_the_program_that_signed_them_in(served, portal):
    case = filed(portal, {**DEVICE, "assurance": "step_up"})
    assert (case["state"], case["proven"]) == ("done", True)
    (line,) = [line for line in served.lines() if line["kind"] == "right.filed"]
    assert (line["actor"], line["on_behalf_of"]) == ("program:portal", "self")


def test_a_complaint_is_reviewed_and_granted_or_refused_with_a_ground(helpdesk, portal):
    body = {**ABOUT, "right": "complain", "text": "You never answered me."}
    reference = filed(portal, {**body, "assurance": "signed_in"})["reference"]
    assert step(helpdesk, reference, "decision", {"decision": "refuse"}).status_code == 422
    odd = {"decision": "refuse", "reasons": ["she-is-a-nuisance"]}
    assert step(helpdesk, reference, "decision", odd).status_code == 422
    assert step(helpdesk, reference, "decision", {"decision": "review"}).json()["case"]["state"] == "deciding"
    longer = step(helpdesk, reference, "decision", {"decision": "extend", "reasons": ["complex"]})
    assert longer.json()["case"]["events"][-1] == {
        "at": longer.json()["case"]["events"][-1]["at"], "event": "extended", "by": "program:helpdesk",
        "codes": ["complex"],
    }  # fmt: skip
    refused = step(helpdesk, reference, "decision", {"decision": "refuse", "reasons": ["unfounded"]})
    assert refused.json()["case"]["state"] == "refused"
    assert "never answered" not in refused.text
    late = step(helpdesk, reference, "cancellation", {})
    assert (late.status_code, codes(late)) == (409, ["wrong-state"])


def test_a_package_is_made_behind_the_answer_where_that_is_preferred(served, portal):
    body = {**ABOUT, "right": "access", "assurance": "step_up"}
    answer = portal.post("/rights-cases", body, prefer="handling=lenient, respond-async")
    assert answer.status_code == 202, answer.text
    assert answer.headers["preference-applied"] == "respond-async"
    place = answer.headers["location"].removeprefix("/api/v1")
    reference = place.rpartition("/")[2]
    assert portal.get(place).json()["case"]["reference"] == reference  # as its person
    assert served.program("portal", "service").get(place).status_code == 404
    assert reference == answer.json()["case"]["reference"]
    until = time.monotonic() + 20
    while served.house.demanded(reference=reference)[0].state != "done":
        assert time.monotonic() < until
        time.sleep(0.05)


# ---- once


def test_an_act_is_done_once_and_answered_alike_also_when_its_person_is_gone(served, portal):
    body = {**ABOUT, "right": "erase", "assurance": "step_up"}
    first = portal.post("/rights-cases", body, idempotency_key="erase 1")
    again = portal.post("/rights-cases", body, idempotency_key="erase 1")
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first.json()["case"]["state"] == "done"
    other = portal.post("/rights-cases", {**body, "category": "device"}, idempotency_key="erase 1")
    assert (other.status_code, other.json()["code"]) == (422, "door.key-reused")
    assert [line["kind"] for line in served.lines()].count("right.filed") == 1


def test_a_step_is_made_once_and_answered_alike_also_when_its_person_is_gone(served, helpdesk, portal):
    reference = filed(helpdesk, {**ABOUT, "right": "erase"})["reference"]
    first = step(portal, reference, "proof", SURE, idempotency_key="p")
    again = step(portal, reference, "proof", SURE, idempotency_key="p")
    assert first.json()["case"]["state"] == "done"
    assert (first.status_code, first.json()) == (again.status_code, again.json())


def test_a_step_is_not_told_again_to_a_key_that_is_not_for_it(served, helpdesk):
    reference = waiting_for_proof(helpdesk)
    assert step(helpdesk, reference, "cancellation", {}, idempotency_key="k").status_code == 200
    for other in (served.program("helpdesk", "support"), served.program("portal", "service")):
        answer = step(other, reference, "cancellation", {}, idempotency_key="k")
        assert "case" not in answer.json()
    assert step(helpdesk, reference, "cancellation", {}, idempotency_key="k").status_code == 200


def test_a_program_takes_back_what_it_filed_and_nothing_that_a_person_wants(served, helpdesk, portal):
    own = filed(portal, {**ABOUT, "right": "complain", "text": "No.", "assurance": "signed_in"})["reference"]
    refused = step(helpdesk, own, "cancellation", {})
    assert (refused.status_code, codes(refused)) == (403, ["not-by"])
    assert step(helpdesk, waiting_for_proof(helpdesk), "cancellation", {}).status_code == 200


# ---- seen


def test_a_demand_is_shown_to_whom_its_clause_names_without_what_was_told(served, helpdesk):
    text = "canary words about me"
    reference = filed(helpdesk, {**ABOUT, "right": "complain", "text": text})["reference"]
    shown = helpdesk.get(f"/rights-cases/{reference}")
    ((case, _),) = served.house.demands(about=MIA)
    assert shown.json()["subject"] == subject_id(case.subject)
    assert shown.json()["case"]["due"]["regime"]
    assert [event["event"] for event in shown.json()["case"]["events"]] == ["filed"]
    assert "canary" not in shown.text
    assert served.lines()[shown.json()["receipt"]["entry"]]["kind"] == "demand.followed"


def test_a_queue_is_shown_page_by_page_to_whom_the_clause_of_its_right_names(served, helpdesk, portal):
    for who in (MIA, NOOR, "M-2001"):
        if who != MIA:
            joins(served.house, who)
        served.house.demand(about=who, right="restrict", category="device", by=AGENT)
        served.clock.forward(DAY // 24)
    refused = portal.get("/rights-cases?state=received&right=restrict")
    assert refused.status_code == 403
    seen, cursor = [], ""
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        page = helpdesk.get(f"/rights-cases?state=received&right=restrict&limit=2{more}").json()
        seen += [case["reference"] for case in page["cases"]]
        assert all("subject" not in case for case in page["cases"])
        cursor = page["next"]
    rest = served.house.teller.ask(filing.waiting(by=AGENT, state="received", right="restrict"))
    assert seen == [case.reference for case, _ in rest.cases]
    odd = helpdesk.get("/rights-cases?state=lost&right=restrict")
    assert odd.status_code == 422
