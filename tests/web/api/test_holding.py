"""Holds by programs: placed, ended and moved where a clause names the program, by a matter's owner alone."""

import pytest

from tests.cast import LAWYER, MIA, NOOR, joins
from tests.houses import MEMBER_TEXT
from tests.web.api.calling import codes
from troth.clock import DAY, iso
from troth.errors import Refused

TEXT = MEMBER_TEXT.replace(
    "held_by: {roles: [lawyer, privacy-officer]}",
    "held_by: {roles: [lawyer, privacy-officer], programs: [exchange, payout]}",
)
FOR = ("support", "service", "security", "analysis", "contact", "identity", "legal")
CASE = {"matter": "LIT/2027#4", "reason": "litigation"}
OF_MIA = {"about": {"reference": MIA}, **CASE}


@pytest.fixture
def served(new_api):
    api = new_api(text=TEXT)
    for who in (MIA, NOOR):
        joins(api.house, who)
    return api


@pytest.fixture
def exchange(served):
    return served.program("exchange", *FOR)


def stays(house):
    """Return which classes of Mia something holds."""
    return {each.kept for each in house.why_kept(about=MIA) if each.held}


def names(answer):
    assert answer.status_code == 200, answer.text
    return [each["matter"] for each in answer.json()["matters"]]


# ---- refused


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/holds", OF_MIA),
        ("/holds/end", OF_MIA),
        ("/matters/end", CASE),
        ("/matters/move", {**CASE, "until": "2030-01-01T00:00:00Z"}),
    ],
)
def test_a_program_that_no_clause_names_holds_nothing_and_that_is_remembered(served, path, body):
    served.house.hold(about=MIA, by=LAWYER, **CASE)
    answer = served.program("helpdesk", *FOR).post(path, body)
    assert (answer.status_code, set(codes(answer))) == (403, {"not-by"})
    assert served.lines()[answer.json()["entry"]]["kind"] == "request.refused"
    assert [it.people for it in served.house.matters(by=LAWYER)] == [1]
    assert stays(served.house)
    if "about" in body:  # whether anybody is known is not told to who may not hold them
        unknown = served.program("helpdesk", *FOR).post(path, {**body, "about": {"reference": "M-9"}})
        assert (unknown.status_code, unknown.json() | {"entry": 0}) == (403, answer.json() | {"entry": 0})


def test_a_key_that_is_not_for_everything_that_its_program_uses_holds_nothing(served):
    narrow = served.program("exchange", "security")
    for answer in (
        narrow.post("/holds", OF_MIA),
        narrow.post("/holds/end", OF_MIA),
        narrow.post("/matters/end", CASE),
        narrow.get("/matters"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "api.purpose-not-of-key")
    assert stays(served.house) == set()


def test_a_program_that_may_hold_for_nothing_sees_no_matter(served, exchange):
    exchange.post("/holds", OF_MIA)
    answer = served.program("helpdesk", *FOR).get("/matters")
    assert (answer.status_code, set(codes(answer))) == (403, {"not-by"})
    assert "LIT" not in answer.text


def test_the_matter_of_another_is_ended_and_moved_by_nobody_else(served, exchange):
    exchange.post("/holds", OF_MIA)
    payout = served.program("payout", *FOR)
    until = {"until": iso(served.clock.at + 5 * DAY)}
    for path, body in (("/holds/end", OF_MIA), ("/matters/end", CASE), ("/matters/move", {**CASE, **until})):
        answer = payout.post(path, body)
        assert (answer.status_code, codes(answer)) == (403, ["not-by"])
    with pytest.raises(Refused):
        served.house.end_hold(about=MIA, by=LAWYER, **CASE)
    assert stays(served.house)


@pytest.mark.parametrize(
    "more",
    [
        {"matter": "canary of Mia"},
        {"until": "tomorrow, canary"},
        {"until": "2030-02-31T00:00:00Z"},
        {"until": "2030-01-01T00:00:00"},
        {"until": "2001-01-01T00:00:00Z"},
        {"untold": "canary ground"},
        {"untold": "AMLR-73"},
        {"owner": "the canary"},
        {"owner": "canary"},
        {"canary": 1},
    ],
)
def test_what_is_not_as_it_is_described_is_refused_and_repeated_nowhere(served, exchange, more):
    answer = exchange.post("/holds", {**OF_MIA, **more})
    assert answer.status_code == 422, answer.text
    assert "canary" not in answer.text
    assert stays(served.house) == set()


def test_nobody_known_is_held_for_nothing(served, exchange):
    for about in ({"reference": "M-9"}, {"subject": "s_0000000000000007"}):
        answer = exchange.post("/holds", {**CASE, "about": about})
        assert (answer.status_code, answer.json()["code"]) == (404, "person.not-found")
    assert names(exchange.get("/matters")) == []


# ---- held


def test_what_a_program_holds_outlasts_an_erasure_until_it_ends_it(served, exchange):
    until = iso(served.clock.at + 90 * DAY)
    placed = exchange.post("/holds", {**OF_MIA, "until": until})
    assert placed.status_code == 200, placed.text
    line = served.lines()[placed.json()["receipt"]["entry"]]
    assert (line["kind"], line["actor"], line["case"]) == ("hold.placed", "program:exchange", "LIT/2027#4")
    (it,) = exchange.get("/matters").json()["matters"]
    assert it == {
        **CASE, "owner": "program:exchange", "opened_at": iso(served.clock.at), "ends_at": until,
        "untold": None,
    }  # fmt: skip
    assert stays(served.house)
    with pytest.raises(Refused, match="legal reason"):
        served.house.erase(about=MIA)

    ended = exchange.post("/holds/end", OF_MIA)
    assert (ended.status_code, ended.json()["receipt"]["kind"]) == (200, "hold.ended")
    assert names(exchange.get("/matters")) == []
    assert stays(served.house) == set()
    assert served.house.erase(about=MIA).whole


def test_the_end_of_a_matter_is_moved_for_everybody_and_it_ends_by_itself(served, exchange):
    for who in (MIA, NOOR):
        exchange.post("/holds", {**CASE, "about": {"reference": who}})
    until = iso(served.clock.at + 3 * DAY)
    moved = exchange.post("/matters/move", {**CASE, "until": until})
    assert (moved.status_code, moved.json()["receipt"]["kind"]) == (200, "matter.moved")
    assert exchange.get("/matters").json()["matters"][0]["ends_at"] == until
    served.clock.at += 3 * DAY
    assert names(exchange.get("/matters")) == []
    assert stays(served.house) == set()


def test_a_matter_is_ended_for_everybody_once_under_a_key(served, exchange):
    for who in (MIA, NOOR):
        exchange.post("/holds", {**CASE, "about": {"reference": who}})
    first, again = (exchange.post("/matters/end", CASE, idempotency_key="end 4") for _ in range(2))
    assert (first.status_code, first.json()) == (200, again.json())
    assert [line["kind"] for line in served.lines()].count("matter.moved") == 1
    assert stays(served.house) == set()
    other = exchange.post("/matters/end", {**CASE, "reason": "investigation"}, idempotency_key="end 4")
    assert (other.status_code, other.json()["code"]) == (422, "door.key-reused")


def test_other_words_for_an_open_matter_are_a_conflict(served, exchange):
    exchange.post("/holds", OF_MIA)
    answer = exchange.post("/holds", {**OF_MIA, "until": iso(served.clock.at + DAY)})
    assert answer.status_code == 409
    assert exchange.post("/matters/end", {**CASE, "matter": "LIT-0"}).status_code == 409


def test_a_person_is_not_told_of_a_matter_that_is_untold_but_its_program_is(served, exchange):
    until = iso(served.clock.at + 9 * DAY)
    exchange.post("/holds", {**OF_MIA, "until": until, "untold": "AMLR-73"})
    assert exchange.get("/matters").json()["matters"][0]["untold"] == "AMLR-73"
    told = [hold for each in served.house.why_kept(about=MIA) for hold in each.held]
    assert {hold.matter for hold in told} == {""}


def test_matters_come_by_pages_the_oldest_first_also_when_one_ends_meanwhile(served, exchange):
    every = [f"LIT-{n}" for n in range(5)]
    for name in every:
        exchange.post("/holds", {**OF_MIA, "matter": name})
        served.clock.at += 1
    first = exchange.get("/matters?limit=2")
    assert names(first) == every[:2]
    again = exchange.get(f"/matters?limit=1&cursor={first.json()['next']}")
    assert names(again) == every[2:3]
    exchange.post("/matters/end", {**CASE, "matter": "LIT-1"})
    rest = exchange.get(f"/matters?limit=3&cursor={first.json()['next']}")
    assert (names(rest), rest.json()["next"]) == (every[2:], None)
    payout = served.program("payout", *FOR)
    assert payout.get(f"/matters?cursor={first.json()['next']}").status_code == 422
