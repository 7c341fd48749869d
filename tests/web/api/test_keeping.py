"""Why something is kept, and how packages and requests stand: decided for programs, and remembered."""

import pytest

from tests.cast import LAWYER, MIA, NOOR, OFFICER, joins, tells
from tests.houses import MEMBER_TEXT
from tests.web.api.calling import codes
from troth.clock import DAY, iso
from troth.web.api.ids import subject_id

TEXT = MEMBER_TEXT.replace(
    "by: {subject: true, roles: [privacy-officer]}",
    "by: {subject: true, roles: [privacy-officer], programs: [helpdesk]}",
)
FOR = ("support", "service", "security", "analysis", "contact", "identity", "legal")
NOBODY = "s_0000000000000007"


@pytest.fixture
def served(new_api):
    api = new_api(text=TEXT)
    api.mia = subject_id(joins(api.house, MIA))
    tells(api.house, MIA, "activity")
    return api


@pytest.fixture
def helpdesk(served):
    """A program that the clauses of access and of portability name."""
    return served.program("helpdesk", *FOR)


def kept(answer):
    assert answer.status_code == 200, answer.text
    return {each["category"]: each for each in answer.json()["kept"]}


def states(answer):
    assert answer.status_code == 200, answer.text
    return [(each["right"], each["state"]) for each in answer.json()["packages"]]


# ---- why it is kept


def test_why_something_is_kept_names_class_clause_clock_and_end_and_no_value(served, helpdesk):
    answer = helpdesk.get(f"/subjects/{served.mia}/retention")
    found = kept(answer)
    assert set(found) == {"account", "activity"}
    activity = found["activity"]
    assert (activity["retention_class"], activity["clause"]) == ("activity", "keep.activity")
    assert (activity["starts"], activity["records"], activity["held"]) == ("collection", 1, [])
    assert activity["soonest"] == activity["latest"] > iso(served.clock.at)
    assert found["account"]["starts"] == "leave"
    assert "example.org" not in answer.text
    assert set(kept(helpdesk.get(f"/subjects/{served.mia}/retention?category=account"))) == {"account"}


def test_the_look_is_a_line_that_its_person_sees(served, helpdesk):
    answer = helpdesk.get(f"/subjects/{served.mia}/retention")
    line = served.lines()[answer.json()["receipt"]["entry"]]
    assert (line["kind"], line["actor"], line["clauses"]) == (
        "record.accessed", "program:helpdesk", ["right.access"],
    )  # fmt: skip
    assert not line.get("fields")
    assert answer.json()["receipt"]["entry"] in [number for number, _ in served.house.entries(about=MIA)]


def test_of_a_hold_it_says_what_the_person_is_told(served, helpdesk):
    until = served.clock.at + 90 * DAY
    served.house.hold(about=MIA, matter="case-7", reason="litigation", by=LAWYER)
    served.house.hold(
        about=MIA, matter="canary-8", reason="litigation", by=LAWYER, until=until, untold="AMLR-73"
    )
    answer = helpdesk.get(f"/subjects/{served.mia}/retention?category=activity")
    told, untold = kept(answer)["activity"]["held"]
    assert (told["matter"], told["reason"], told["owner"]) == ("case-7", "litigation", "lawyer")
    assert untold == {"matter": None, "reason": None, "owner": None, "since": None, "until": iso(until)}
    assert "canary" not in answer.text
    assert "AMLR" not in answer.text


@pytest.mark.parametrize("what", ["retention", "access-records", "packages", "rights-cases"])
def test_who_no_clause_names_learns_not_even_whether_anybody_is_known(served, what):
    outbox = served.program("outbox", *FOR)
    known, unknown = (outbox.get(f"/subjects/{who}/{what}") for who in (served.mia, NOBODY))
    assert (known.status_code, set(codes(known))) == (403, {"not-by"})
    assert {**known.json(), "entry": 0} == {**unknown.json(), "entry": 0}
    assert unknown.status_code == 403
    for answer in (known, unknown):
        assert served.lines()[answer.json()["entry"]]["kind"] == "request.refused"


@pytest.mark.parametrize("what", ["retention", "packages", "rights-cases"])
def test_a_key_that_is_not_for_everything_shows_nothing(served, what):
    answer = served.program("helpdesk", "contact").get(f"/subjects/{served.mia}/{what}")
    assert (answer.status_code, answer.json()["code"]) == (403, "api.purpose-not-of-key")


def test_a_key_for_one_category_says_why_that_one_is_kept_and_no_other(served):
    narrow = served.program("helpdesk", "security")
    assert set(kept(narrow.get(f"/subjects/{served.mia}/retention?category=activity"))) == {"activity"}
    assert narrow.get(f"/subjects/{served.mia}/retention?category=payment").status_code == 403


def test_of_nobody_of_the_erased_and_of_who_may_come_back_nothing_is_kept(served, helpdesk):
    unknown = helpdesk.get(f"/subjects/{NOBODY}/retention")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "person.not-found")
    noor = subject_id(joins(served.house, NOOR))
    served.house.erase_later(about=NOOR, days=3, code=served.house.recovery_code())
    away = helpdesk.get(f"/subjects/{noor}/retention")
    assert (away.status_code, away.json()["code"]) == (404, "person.in-grace")
    served.house.erase(about=MIA)
    gone = helpdesk.get(f"/subjects/{served.mia}/retention")
    assert (gone.status_code, gone.json()["code"]) == (410, "person.erased")


@pytest.mark.parametrize(
    "path", ["/subjects/canary/retention", f"/subjects/{NOBODY}/retention?category=a%20canary"]
)
def test_what_is_not_as_it_is_described_is_refused_and_repeated_nowhere(helpdesk, path):
    answer = helpdesk.get(path)
    assert answer.status_code == 422
    assert "canary" not in answer.text


# ---- packages


def test_how_a_package_stands_is_seen_and_nothing_by_which_it_is_fetched(served, helpdesk):
    path = f"/subjects/{served.mia}/packages"
    assert states(helpdesk.get(path)) == []
    package = served.house.package(about=MIA)
    answer = helpdesk.get(path)
    (shown,) = answer.json()["packages"]
    assert shown == {
        "right": "access", "state": "ready", "made_at": shown["made_at"],
        "ends_at": iso(served.clock.at + 7 * DAY),
    }  # fmt: skip
    assert package.id.hex() not in answer.text
    line = served.lines()[answer.json()["receipt"]["entry"]]
    assert (line["kind"], line["circumstance"], line["count"]) == ("demand.followed", "access", 1)
    assert b"".join(served.house.open_package(package.id, about=MIA))
    assert states(helpdesk.get(path)) == [("access", "taken")]
    served.clock.at += DAY
    served.house.package(about=MIA, right="port")
    served.clock.at += 8 * DAY
    assert states(helpdesk.get(path)) == [("access", "taken"), ("port", "gone")]


def test_packages_of_a_right_that_does_not_name_the_program_are_not_seen(new_api):
    api = new_api(text=TEXT.partition("right: port")[0] + "".join(MEMBER_TEXT.partition("right: port")[1:]))
    mia = subject_id(joins(api.house, MIA))
    for right in ("access", "port"):
        api.house.package(about=MIA, right=right)
        api.clock.at += DAY
    assert states(api.program("helpdesk", *FOR).get(f"/subjects/{mia}/packages")) == [("access", "ready")]
    portal = api.program("portal", "signin", *FOR).get(f"/subjects/{mia}/packages")
    assert states(portal) == [("access", "ready"), ("port", "ready")]  # for the person
    assert api.lines()[portal.json()["receipt"]["entry"]]["on_behalf_of"] == "self"


def test_of_nobody_there_are_no_packages_as_of_somebody_who_has_none(served, helpdesk):
    none, nobody = (helpdesk.get(f"/subjects/{who}/packages") for who in (served.mia, NOBODY))
    assert states(none) == states(nobody) == []
    assert none.json()["receipt"]["kind"] == nobody.json()["receipt"]["kind"] == "demand.followed"


# ---- requests of one person


def test_the_requests_of_a_person_are_seen_by_right_and_of_nobody_else(served, helpdesk):
    path = f"/subjects/{served.mia}/rights-cases"
    joins(served.house, NOOR)
    served.house.demand(about=NOOR, right="access", by=OFFICER)
    access = served.house.demand(about=MIA, right="access", by=OFFICER).case.reference
    served.clock.at += DAY
    served.house.demand(about=MIA, right="restrict", category="device")
    answer = helpdesk.get(path)
    assert answer.status_code == 200, answer.text
    assert [(each["reference"], each["right"]) for each in answer.json()["cases"]] == [(access, "access")]
    line = served.lines()[answer.json()["receipt"]["entry"]]
    assert (line["kind"], line["circumstance"], line["count"]) == ("demand.followed", "access", 1)
    own = served.program("portal", "signin", *FOR).get(path)  # for the person
    assert [each["right"] for each in own.json()["cases"]] == ["access", "restrict"]
