"""Cases in custody: clocks that their ends start and stop, what goes with a person, and what time does."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.acts.test_cases import moves, opens, shows, writes
from tests.cast import AGENT, EXCHANGE, MIA, NOOR, REVIEWER, TRANSACTION, joins, tells
from tests.houses import MEMBER_TEXT
from tests.inside import count_of, expect_refusal, ledger_of, rows_of
from troth.acts import cases
from troth.acts.collect import offering, taking
from troth.clock import DAY
from troth.custody.cases import Move, Open
from troth.custody.endings.removing import Remove
from troth.custody.take_in import Taken
from troth.errors import TrothError, WrongAct
from troth.evidence.report import verify
from troth.evidence.status import Status
from troth.rules.decision import Act, Request, member, program
from troth.store import schema

YEAR = 366 * DAY


def checked(house, *states, who=MIA):
    """Open a check, give the pictures, and bring it along; return it."""
    house.consent(about=who, purpose="camera.identity")
    case = moves(house, opens(house, who), "collecting", about=who)
    shows(house, case, who)
    return moves(house, case, *states, about=who)


def ends(house, about=MIA, category="camera.identity"):
    """Return when each record of a category ends, counted from when it came."""
    held = house.access(about=about, category=category).records
    return [record.expires_at - record.collected_at for record in held]


def proven(house, about=MIA):
    def work(desk):
        desk.find([about])
        return desk.standing(about).proven

    return house.teller.alone(work)


def nothing_broken(house):
    house.checkpoint()
    assert verify(house.teller).count(Status.BROKEN) == 0


def test_a_job_is_of_its_own_act_alone():
    for make in (
        lambda: Open(Request(Act.MOVE, member()), MIA),
        lambda: Move(Request(Act.OPEN, member()), MIA, b""),
    ):
        with pytest.raises(WrongAct):
            make()


# ---- clocks


DECIDED = ["submitted in_review verified", "submitted in_review rejected", "withdrawn"]


@pytest.mark.parametrize("end", DECIDED)
def test_from_the_end_of_a_check_its_pictures_have_the_time_of_their_clause(house, clock, end):
    joins(house)
    case = checked(house)
    clock.forward(10 * DAY)
    assert ends(house) == [180 * DAY]

    case = moves(house, case, *end.split())

    assert case.ended_at == clock.at
    assert ends(house) == [40 * DAY]
    nothing_broken(house)
    clock.forward(30 * DAY - 1)
    assert house.access(about=MIA, category="camera.identity").records
    clock.forward(1)
    with expect_refusal(house, "expired"):
        house.access(about=MIA, category="camera.identity")
    house.sweep()
    assert [count_of(house, table) for table in (schema.case_records, schema.blobs)] == [0, 0]
    nothing_broken(house)


def test_an_end_never_moves_a_record_beyond_its_maximum(house, clock):
    joins(house)
    case = checked(house, "submitted", "in_review")
    clock.forward(170 * DAY)

    moves(house, case, "verified")

    assert ends(house) == [180 * DAY]
    nothing_broken(house)


def test_while_a_rejection_is_reviewed_its_pictures_have_their_maximum_back(house, clock):
    joins(house)
    case = checked(house, "submitted", "in_review", "rejected")
    clock.forward(DAY)
    case = moves(house, case, "in_review")
    assert (case.ended_at, ends(house)) == (None, [180 * DAY])
    clock.forward(DAY)

    moves(house, case, "rejected")

    assert ends(house) == [32 * DAY]
    nothing_broken(house)


def test_what_was_over_is_not_brought_back_by_taking_its_case_up_again(house, clock):
    joins(house)
    case = checked(house, "submitted", "in_review", "rejected")
    clock.forward(30 * DAY)

    moves(house, case, "in_review")

    with expect_refusal(house, "expired"):
        house.access(about=MIA, category="camera.identity")
    assert house.sweep().expired == 1


def test_a_conversation_that_is_closed_opened_and_closed_again_runs_from_its_last_end(house, clock):
    joins(house)
    writes(house, "conversation")
    (case,) = house.cases(about=MIA)
    moves(house, case, "closed")
    first = ends(house, category="support")
    clock.forward(100 * DAY)
    case = moves(house, case, "open")
    (whole,) = ends(house, category="support")
    writes(house, case.id, by=AGENT)
    clock.forward(100 * DAY)
    moves(house, case, "closed")

    assert first == [731 * DAY]  # a leap year is among the two
    assert whole > 5 * 365 * DAY
    assert [(end - 731 * DAY) // DAY for end in ends(house, category="support")] == [200, 100]
    nothing_broken(house)


def test_a_shorter_time_leaves_what_is_kept_longer_when_a_conversation_is_opened_again(new_house, clock):
    ordinary = "at_most: P5Y\nthen: erase\nholds:"
    longer = "longer:\n  - {why: security.accounts, of: [support.message], for: P6Y}\n"
    assert MEMBER_TEXT.count(ordinary) == 1
    house = new_house(MEMBER_TEXT.replace(ordinary, longer + ordinary), clock=clock)
    joins(house)
    house.keep_shorter(about=MIA, kept="support", days=10)
    writes(house, "conversation")
    before = ends(house, category="support")
    (case,) = house.cases(about=MIA)
    moves(house, moves(house, case, "closed"), "open")
    assert before > [10 * DAY]
    assert ends(house, category="support") == before


def test_what_belongs_to_no_case_or_another_keeps_its_time(house):
    joins(house)
    writes(house, None)
    writes(house, "conversation")
    writes(house, "conversation")
    tells(house, MIA, "identity")
    first, *_ = house.cases(about=MIA)
    before = ends(house, category="identity")

    moves(house, first, "closed")

    assert sorted(end > 5 * 365 * DAY for end in ends(house, category="support")) == [False, True, True]
    checked(house, "submitted", "in_review", "verified")
    assert ends(house, category="identity") == before


def test_a_check_keeps_to_its_event_when_identity_is_fed_into_it_as_well(house):
    joins(house)
    case = opens(house)
    house.collect(
        about=MIA, category="identity", when="identity_verification", age=36, within=case.id,
        values={"name": "Mia Moon", "birth_date": "1991-04-23", "id_number": "PL:44051401458"},
    )  # fmt: skip
    before = ends(house, category="identity")

    moves(house, case, "submitted", "in_review", "verified")

    assert ends(house, category="identity") == before
    assert len(cases.records_of(house.teller, MIA, case.id)) == 1


# ---- what is proven


def test_a_person_is_proven_for_as_long_as_a_check_of_theirs_is_verified(house):
    joins(house)
    first = checked(house, "submitted", "in_review")
    assert proven(house) == frozenset()
    moves(house, first, "verified")
    assert proven(house) == {"case:identity-check"}
    second = moves(house, opens(house), "collecting", "submitted", "in_review", "verified")
    house.move_case(about=MIA, case=first.id, to="expired", by=REVIEWER)
    assert proven(house) == {"case:identity-check"}

    house.move_case(about=MIA, case=second.id, to="expired", by=REVIEWER)

    assert proven(house) == frozenset()


def test_what_is_proven_stands_again_when_the_house_is_opened_again(new_house):
    house = new_house()
    joins(house)
    checked(house, "submitted", "in_review", "verified")

    house = new_house.again(house)

    assert proven(house) == {"case:identity-check"}


# ---- in batches


def test_offers_of_one_call_go_into_their_cases_in_one_transaction(house):
    joins(house)
    writes(house, "conversation")
    (case,) = house.cases(about=MIA)
    offers = [
        offering(by=member(), about=who, category="support", when="customer_service", within=within,
                 values={"message": "hello"})
        for who, within in ((MIA, case.id), (MIA, None), ("letter-1", "conversation"), (NOOR, case.id))
    ]  # fmt: skip

    outcomes = house.teller.ask(taking(offers, together=True))

    assert [isinstance(each, Taken) for each in outcomes] == [True, True, True, False]
    assert outcomes[3].codes == ("unknown-case",)
    assert cases.records_of(house.teller, MIA, case.id) >= set(outcomes[0].records)
    assert count_of(house, schema.cases) == 2
    assert count_of(house, schema.case_records) == 3
    nothing_broken(house)


def test_an_offer_that_is_refused_opens_no_conversation(house):
    with pytest.raises(TrothError):
        house.collect(
            about="letter-1", category="support", when="customer_service", values={"topic": "no message"},
            within="conversation",
        )  # fmt: skip
    assert [count_of(house, table) for table in (schema.cases, schema.subjects)] == [0, 0]


# ---- what goes


def test_an_erasure_leaves_no_row_of_any_case(house):
    joins(house)
    joins(house, NOOR)
    checked(house, "submitted", "in_review", "verified")
    writes(house, "conversation")
    writes(house, "conversation", NOOR)

    assert house.erase(about=MIA).whole

    assert [len(rows_of(house, table)) for table in (schema.cases, schema.case_records)] == [1, 1]
    assert {row.subject for row in rows_of(house, schema.cases)} == {house.cases(about=NOOR)[0].subject}
    nothing_broken(house)


def test_erasing_a_class_unties_its_records_and_leaves_the_case(house):
    joins(house)
    house.collect(about=MIA, category="transactions", when="service_use", values=TRANSACTION, by=EXCHANGE)
    case = checked(house)

    house.erase(about=MIA, classes=["identity-pictures"])

    assert cases.records_of(house.teller, MIA, case.id) == frozenset()
    assert house.cases(about=MIA) == (case,)
    assert not house.erase(about=MIA).whole
    assert house.cases(about=MIA) == (case,)
    nothing_broken(house)


def test_removing_one_record_unties_it(house):
    joins(house)
    case = checked(house)
    (record,) = cases.records_of(house.teller, MIA, case.id)

    request = Request(Act.REMOVE, member(), "camera.identity")
    assert house.teller.ask(Remove(request, MIA, frozenset({record})))

    assert rows_of(house, schema.case_records) == []


def test_whoever_left_takes_their_cases_with_them(house, clock):
    joins(house)
    writes(house, "conversation")
    (case,) = house.cases(about=MIA)
    moves(house, case, "closed")
    house.leave(about=MIA)
    clock.forward(3 * YEAR)

    assert house.sweep().ended == 1

    assert [count_of(house, table) for table in (schema.cases, schema.case_records)] == [0, 0]
    nothing_broken(house)


def test_closing_the_last_conversation_of_somebody_who_left_lets_them_end_sooner(house, clock):
    joins(house)
    writes(house, "conversation")
    house.leave(about=MIA)
    clock.forward(40 * DAY)
    house.sweep()  # notes that something is kept for five years
    (case,) = house.cases(about=MIA)
    moves(house, case, "closed")
    clock.forward(2 * YEAR)

    assert house.sweep().ended == 1


# ---- time


def test_a_check_that_nobody_moves_expires_with_its_pictures_and_the_ledger_says_so(house, clock):
    joins(house)
    case = checked(house)
    clock.forward(182 * DAY)
    assert house.sweep().cases == 0
    clock.forward(2 * DAY)

    assert house.sweep().cases == 1

    (after,) = house.cases(about=MIA)
    assert (after.state, after.ended_at) == ("expired", clock.at)
    entry = next(e for e in reversed(ledger_of(house)) if e.kind == "case.moved")
    assert (entry.actor, entry.outcome, entry.case) == ("time", "done", case.reference)
    assert entry.subject == house.entries(about=MIA)[0][1].subject
    assert house.sweep().cases == 0
    assert opens(house).id != case.id
    nothing_broken(house)


def test_a_conversation_that_nobody_moves_is_closed_by_time_and_goes_when_nothing_of_it_is_left(house, clock):
    joins(house)
    writes(house, "conversation")
    clock.forward(5 * YEAR)

    assert (house.sweep().cases, house.cases(about=MIA)[0].state) == (1, "closed")
    assert rows_of(house, schema.case_records) == []
    clock.forward(5 * YEAR)
    size = len(ledger_of(house))
    assert house.sweep().cases == 1

    assert house.cases(about=MIA) == ()
    (line,) = [entry for entry in ledger_of(house)[size:] if entry.kind.startswith("case.")]
    assert (line.kind, line.count, line.circumstance) == ("case.removed", 1, "conversation")
    nothing_broken(house)


def test_a_verified_check_is_no_proof_any_more_once_it_is_gone(house, clock):
    joins(house)
    checked(house, "submitted", "in_review", "verified")
    for _ in range(2):
        clock.forward(13 * YEAR)
        house.sweep()

    assert (house.cases(about=MIA), proven(house)) == ((), frozenset())


def test_under_an_agreement_that_no_longer_has_the_case_nothing_moves_it(new_house):
    text = MEMBER_TEXT.replace("case: identity-check", "case: another-check", 1)
    house = new_house(text)
    joins(house)
    case = opens(house, name="another-check")
    name = schema.cases.update().values(name="identity-check")
    with house.teller.house.filing.connect("store") as connection:
        connection.execute(name)
        connection.commit()

    with expect_refusal(house, "unknown-case", leaving=(schema.cases,)):
        house.move_case(about=MIA, case=case.id, to="submitted")


# ---- whatever is done

STATES = [
    "collecting",
    "submitted",
    "in_review",
    "needs_more",
    "verified",
    "rejected",
    "withdrawn",
    "expired",
]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(STATES), st.booleans(), st.integers(0, 40)), max_size=25))
def test_whatever_is_tried_store_ledger_and_clocks_agree(sqlite_house, walk):
    house = sqlite_house()
    clock = house.teller.house.clock
    joins(house)
    house.consent(about=MIA, purpose="camera.identity")
    case = opens(house)
    for state, ours, days in walk:
        clock.forward(days * DAY)
        try:
            by = REVIEWER if ours else program("portal")
            case = house.move_case(about=MIA, case=case.id, to=state, reasons=["names-differ"], by=by).case
            shows(house, case)
        except TrothError:
            continue
    house.sweep()
    case = next(each for each in house.cases(about=MIA) if each.id == case.id)
    for record in rows_of(house, schema.records):
        if record.category_code == 2:
            latest = record.collected_at + 180 * DAY
            assert record.expires_at <= latest
            if case.ended_at is not None:
                assert record.expires_at <= max(case.ended_at + 30 * DAY, record.collected_at)
            elif record.expires_at > clock.at:
                assert record.expires_at == latest
    nothing_broken(house)
