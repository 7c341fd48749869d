import pytest

from tests.cast import ACCOUNT, MIA, PAYMENT, joins, tells
from tests.houses import MEMBER_TEXT
from tests.web.api.calling import codes
from troth.acts.use import accessing
from troth.rules.decision import member
from troth.web.api.ids import record_id, subject_id

LET = (
    MEMBER_TEXT.replace(
        "of: [account, camera.profile, payment]\nhow: self\nby: {subject: true, roles: [support-agent]}",
        "of: [account, camera.profile, payment]\nhow: self\n"
        "by: {subject: true, roles: [support-agent], programs: [portal]}",
    )
    .replace(
        "for: [camera.identity, camera.profile, contact.promotion]\nhow: self\n"
        "by: {subject: true, roles: [support-agent]}",
        "for: [camera.identity, camera.profile, contact.promotion]\nhow: self\n"
        "by: {subject: true, roles: [support-agent], programs: [portal]}",
    )
    .replace(
        "right: object\nfor: [analysis.improve, service.upkeep, support.quality]\nhow: self\n"
        "by: {subject: true, roles: [support-agent]}",
        "right: object\nfor: [analysis.improve, service.upkeep, support.quality]\nhow: self\n"
        "by: {subject: true, roles: [support-agent], programs: [portal]}",
    )
    .replace(
        "right: restrict\nhow: self\nby: {subject: true, roles: [support-agent]}",
        "right: restrict\nhow: self\nby: {subject: true, roles: [support-agent], programs: [portal]}",
    )
    .replace(
        "right: erase\nhow: self\nby: {subject: true, roles: [support-agent]}",
        "right: erase\nhow: self\nby: {subject: true, roles: [support-agent], programs: [portal]}",
    )
)


@pytest.fixture
def lenient(new_api):
    """An API under an agreement that lets the portal's program correct, remove and choose."""
    return new_api(text=LET)


def mia_of(api) -> tuple[int, bytes]:
    """Mia's number, and the record of her account."""
    who = joins(api.house, MIA, **ACCOUNT)
    return who, api.house.teller.ask(accessing(by=member(), about=MIA, category="account")).records[0].id


def phone(api) -> str:
    held = api.house.teller.ask(accessing(by=member(), about=MIA, category="account")).records[0]
    return held.values["phone"].reveal()


def version(api) -> str:
    held = api.house.teller.ask(accessing(by=member(), about=MIA, category="account")).records[0]
    return f'"{held.version.hex()}"'


def place(who: int, record: bytes, category: str = "account") -> str:
    return f"/subjects/{subject_id(who)}/records/{category}/{record_id(record)}"


RIGHT = {"values": {"phone": "+442079460959"}}


def change(program, path: str, body: object, **headers: str):
    return program.api.ask(
        "PATCH",
        path,
        json=body,
        headers={**program.shown, **{k.replace("_", "-"): v for k, v in headers.items()}},
    )


def test_a_program_that_no_clause_names_corrects_nothing(api):
    who, record = mia_of(api)
    portal = api.program("portal", "service")
    answer = change(portal, place(who, record), RIGHT, if_match=version(api))
    assert (answer.status_code, codes(answer)) == (403, ["not-by"])
    assert answer.json()["clauses"] == ["right.correct"]
    assert phone(api) == ACCOUNT["phone"]


def test_a_correction_says_which_version_it_corrects(lenient):
    who, record = mia_of(lenient)
    answer = change(lenient.program("portal", "service"), place(who, record), RIGHT)
    assert (answer.status_code, answer.json()["code"]) == (428, "api.no-version")
    assert phone(lenient) == ACCOUNT["phone"]


@pytest.mark.parametrize("said", ["*", "nonsense", '"a", "b"', ""])
def test_what_names_no_one_version_is_not_taken_for_one(lenient, said):
    who, record = mia_of(lenient)
    answer = change(lenient.program("portal", "service"), place(who, record), RIGHT, if_match=said)
    assert answer.status_code == 422
    assert answer.json()["pointers"][0]["pointer"] == "/header/If-Match"
    assert phone(lenient) == ACCOUNT["phone"]


@pytest.mark.parametrize("said", ['"000000000000000000000000"', '""', 'W/"000000000000000000000000"'])
def test_a_record_that_was_changed_meanwhile_is_left_alone(lenient, said):
    who, record = mia_of(lenient)
    answer = change(lenient.program("portal", "service"), place(who, record), RIGHT, if_match=said)
    assert (answer.status_code, answer.json()["code"]) == (412, "record.changed-meanwhile")
    assert phone(lenient) == ACCOUNT["phone"]


def test_of_two_corrections_of_one_version_the_second_changes_nothing(lenient):
    who, record = mia_of(lenient)
    portal, known = lenient.program("portal", "service"), version(lenient)
    first = change(portal, place(who, record), RIGHT, if_match=known)
    assert first.status_code == 200
    assert first.json()["receipt"]["kind"] == "record.corrected"
    second = change(portal, place(who, record), {"values": {"phone": "+442079460957"}}, if_match=known)
    assert second.status_code == 412
    assert phone(lenient) == "+442079460959"
    third = change(
        portal, place(who, record), {"values": {"phone": "+442079460957"}}, if_match=version(lenient)
    )
    assert third.status_code == 200


def test_a_correction_under_a_key_that_named_another_version_is_not_answered_as_done(lenient):
    who, record = mia_of(lenient)
    portal, known = lenient.program("portal", "service"), version(lenient)
    done = change(portal, place(who, record), RIGHT, if_match=known, idempotency_key="7")
    again = change(portal, place(who, record), RIGHT, if_match=known, idempotency_key="7")
    assert (again.status_code, again.json()) == (200, done.json())
    answer = change(portal, place(who, record), RIGHT, if_match=version(lenient), idempotency_key="7")
    assert (answer.status_code, answer.json()["code"]) == (422, "door.key-reused")


def test_two_keys_for_one_act_are_refused_and_nothing_is_done(lenient):
    who, record = mia_of(lenient)
    portal = lenient.program("portal", "service")
    keys = [("idempotency-key", "7"), ("idempotency-key", "8")]
    headers = [*portal.shown.items(), ("if-match", version(lenient)), *keys]
    answer = lenient.ask("PATCH", place(who, record), json=RIGHT, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["pointers"][0]["pointer"] == "/header/idempotency-key"
    assert phone(lenient) == ACCOUNT["phone"]


def test_the_tag_of_a_record_that_was_read_is_what_a_correction_names(lenient):
    who, record = mia_of(lenient)
    portal = lenient.program("portal", "service")
    read = portal.records(who, "account", "service.account")
    assert change(portal, place(who, record), RIGHT, if_match=read.headers["etag"]).status_code == 200


def test_a_correction_of_a_record_that_is_not_there_is_refused(lenient):
    who, _ = mia_of(lenient)
    path = place(who, bytes(16))
    answer = change(lenient.program("portal", "service"), path, RIGHT, if_match=version(lenient))
    assert answer.status_code == 422
    assert codes(answer) == ["field-missing"]


def test_a_program_removes_what_its_clause_lets_it_and_no_duty_keeps(lenient):
    who, record = mia_of(lenient)
    portal = lenient.program("portal", "service")
    assert portal.send("DELETE", place(who, bytes(16))).status_code == 422
    removed = portal.send("DELETE", place(who, record))
    assert (removed.status_code, removed.json()["receipt"]["kind"]) == (200, "record.removed")
    paid = tells(lenient.house, MIA, "payment")
    kept = portal.send("DELETE", place(who, paid, "payment"))
    assert (kept.status_code, codes(kept)) == (403, ["duty"])
    assert PAYMENT["iban"] not in kept.text


def test_a_program_that_no_clause_names_removes_nothing(api):
    who, record = mia_of(api)
    answer = api.program("helpdesk", "support").send("DELETE", place(who, record))
    assert (answer.status_code, codes(answer)) == (403, ["not-by"])
    assert phone(api) == ACCOUNT["phone"]


CHOICES = [
    ("consents", {"purpose": "camera.profile", "choice": "withdrawn"}, "consent.withdrawn"),
    ("objections", {"purpose": "service.upkeep", "choice": "made"}, "objection.made"),
    ("objections", {"purpose": "service.upkeep", "choice": "ended"}, "objection.ended"),
    ("restrictions", {"category": "payment", "choice": "set"}, "restriction.set"),
    ("restrictions", {"choice": "lifted"}, "restriction.lifted"),
]


@pytest.mark.parametrize(("way", "body", "kind"), CHOICES)
def test_a_choice_is_made_by_a_program_only_where_a_clause_says_so(api, way, body, kind):
    who = joins(api.house, MIA)
    answer = api.program("portal", "service", "camera").post(f"/subjects/{subject_id(who)}/{way}", body)
    assert (answer.status_code, codes(answer)) == (403, ["not-by"])
    assert kind not in {line["kind"] for line in api.lines()}


@pytest.mark.parametrize(("way", "body", "kind"), CHOICES)
def test_a_choice_that_a_clause_lets_a_program_make_is_effective_and_remembered(lenient, way, body, kind):
    who = joins(lenient.house, MIA)
    portal = lenient.program("portal", "service", "camera")
    done = portal.post(f"/subjects/{subject_id(who)}/{way}", body, idempotency_key="1")
    assert (done.status_code, done.json()["receipt"]["kind"]) == (200, kind)
    again = portal.post(f"/subjects/{subject_id(who)}/{way}", body, idempotency_key="1")
    assert again.json() == done.json()
    assert [line["kind"] for line in lenient.lines()].count(kind) == 1


def test_nobody_gives_a_consent_for_somebody_else(lenient):
    who = joins(lenient.house, MIA)
    body = {"purpose": "camera.profile", "choice": "given"}
    answer = lenient.program("portal", "camera").post(f"/subjects/{subject_id(who)}/consents", body)
    assert (answer.status_code, set(codes(answer))) == (403, {"not-by"})


@pytest.mark.parametrize("way", ["consents", "objections"])
def test_a_key_chooses_about_no_purpose_that_it_does_not_serve(lenient, way):
    who = joins(lenient.house, MIA)
    body = {"purpose": "analysis.improve", "choice": "withdrawn" if way == "consents" else "made"}
    answer = lenient.program("portal", "camera").post(f"/subjects/{subject_id(who)}/{way}", body)
    assert (answer.status_code, answer.json()["code"]) == (403, "api.purpose-not-of-key")


OTHERS = [("signin",), ("identity",), ("contact", "signin")]


@pytest.mark.parametrize("purposes", OTHERS)
def test_a_key_changes_no_category_that_its_program_uses_for_other_purposes_alone(lenient, purposes):
    who, record = mia_of(lenient)
    portal = lenient.program("portal", *purposes)
    path = f"/subjects/{subject_id(who)}/restrictions"
    answers = [
        change(portal, place(who, record), RIGHT, if_match=version(lenient)),
        portal.send("DELETE", place(who, record)),
        portal.post(path, {"category": "account", "choice": "set"}),
        portal.post(path, {"choice": "set"}),
    ]
    assert {(each.status_code, each.json()["code"]) for each in answers} == {(403, "api.purpose-not-of-key")}
    assert all(each.json()["fix"] for each in answers)
    assert phone(lenient) == ACCOUNT["phone"]
    assert "restriction.set" not in {line["kind"] for line in lenient.lines()}


def test_a_key_restricts_everything_only_when_it_is_for_something_of_each_category_in_use(lenient):
    who = joins(lenient.house, MIA)
    path = f"/subjects/{subject_id(who)}/restrictions"
    part = lenient.program("portal", "service").post(path, {"choice": "set"})
    assert (part.status_code, part.json()["code"]) == (403, "api.purpose-not-of-key")
    assert lenient.program("portal", "service", "camera").post(path, {"choice": "set"}).status_code == 200


def test_of_a_category_that_its_program_does_not_use_a_key_is_for_what_it_is_collected_for(lenient):
    who = joins(lenient.house, MIA)
    record = tells(lenient.house, MIA, "payment")
    other = lenient.program("portal", "support").send("DELETE", place(who, record, "payment"))
    assert other.json()["code"] == "api.purpose-not-of-key"
    kept = lenient.program("portal", "service.payments").send("DELETE", place(who, record, "payment"))
    assert codes(kept) == ["duty"]


def test_what_no_clause_speaks_of_is_refused_for_that_and_not_for_the_key(lenient):
    who, record = mia_of(lenient)
    answer = lenient.program("portal", "signin").send("DELETE", place(who, record, "wealth"))
    assert (answer.status_code, codes(answer)) == (403, ["unknown-category"])
