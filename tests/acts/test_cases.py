"""Cases as people meet them: who may open, feed, move and decide one, and what is refused."""

import pytest

from tests.cast import AGENT, MIA, NOOR, PICTURES, PORTAL, REVIEWER, VERIFICATION, joins
from tests.inside import expect_refusal, ledger_of, rows_of
from troth.acts import cases
from troth.errors import BadArgument, NotFound
from troth.rules.decision import member, program, staff
from troth.store import schema

CASES = (schema.cases, schema.case_records, schema.records)


def opens(house, about=MIA, name="identity-check", by=None):
    return house.open_case(about=about, name=name, by=by).case


def shows(house, case, about=MIA, by=None):
    """Give the pictures into a case."""
    return house.collect(
        about=about, category="camera.identity", when="camera", values=PICTURES, by=by, within=case.id
    )


def writes(house, within, about=MIA, by=None, text="hello"):
    return house.collect(
        about=about,
        category="support",
        when="customer_service",
        values={"message": text},
        by=by,
        within=within,
    )


def moves(house, case, *states, about=MIA):
    """Bring a case along, each step by whoever may."""
    sides = {"in_review": REVIEWER, "needs_more": REVIEWER, "verified": REVIEWER, "rejected": REVIEWER}
    for state in states:
        reasons = ["faces-differ"] if state in ("needs_more", "rejected") else []
        by = None if state == "in_review" and case.state == "rejected" else sides.get(state)
        filed = house.move_case(about=about, case=case.id, to=state, reasons=reasons, by=by)
        case = filed.case
    return case


# ---- what is refused


@pytest.mark.parametrize(
    ("name", "by", "code"),
    [
        ("identity-chek", None, "unknown-case"),
        ("", None, "unknown-case"),
        ("identity-check", AGENT, "not-by"),
        ("identity-check", VERIFICATION, "not-by"),
        ("conversation", AGENT, "not-by"),
    ],
)
def test_a_case_is_opened_by_whom_its_clause_names_or_not_at_all(house, name, by, code):
    joins(house)

    with expect_refusal(house, code, leaving=CASES):
        house.open_case(about=MIA, name=name, by=by)


def test_no_case_is_opened_for_somebody_unknown(house):
    with pytest.raises(NotFound):
        house.open_case(about="M-unknown", name="conversation")
    with pytest.raises(NotFound):
        house.move_case(about="M-unknown", case=b"\0" * 16, to="closed")
    assert rows_of(house, schema.cases) == []


def test_a_second_verification_is_refused_while_one_is_open_and_a_second_conversation_is_not(house):
    joins(house)
    first = opens(house)

    with expect_refusal(house, "already-open", at=("case.identity",), leaving=CASES):
        opens(house)
    moves(house, first, "withdrawn")
    assert opens(house).id != first.id
    assert opens(house, name="conversation").id != opens(house, name="conversation").id


@pytest.mark.parametrize(
    "to", ["verified", "rejected", "in_review", "collecting", "expired", "open", "", "a word"]
)
def test_a_step_that_its_state_does_not_allow_is_refused(house, to):
    joins(house)
    case = opens(house)

    with expect_refusal(house, "wrong-state", at=("case.identity",), leaving=CASES) as refused:
        house.move_case(about=MIA, case=case.id, to=to, by=REVIEWER)
    assert refused().words == ("collecting",)
    assert ledger_of(house)[-1].reasons == ("wrong-state:collecting",)


@pytest.mark.parametrize("by", [None, AGENT, PORTAL, staff("nell", "nobody")])
def test_nobody_decides_whom_the_clause_does_not_name(house, by):
    joins(house)
    case = moves(house, opens(house), "submitted", "in_review")

    with expect_refusal(house, "not-by", at=("case.identity",), leaving=CASES):
        house.move_case(about=MIA, case=case.id, to="verified", by=by)


def test_a_program_verifies_and_never_rejects(house):
    joins(house)
    case = moves(house, opens(house), "submitted", "in_review")

    with expect_refusal(house, "not-by", leaving=CASES):
        house.move_case(about=MIA, case=case.id, to="rejected", reasons=["faces-differ"], by=VERIFICATION)
    done = house.move_case(about=MIA, case=case.id, to="verified", by=VERIFICATION)
    assert done.case.state == "verified"


@pytest.mark.parametrize("to", ["rejected", "needs_more"])
@pytest.mark.parametrize(
    ("reasons", "code"),
    [([], "reason-missing"), (["ugly"], "unknown-reason"), (["faces-differ", "ugly"], "unknown-reason")],
)
def test_what_goes_against_somebody_takes_a_reason_of_the_list(house, to, reasons, code):
    joins(house)
    case = moves(house, opens(house), "submitted", "in_review")

    with expect_refusal(house, code, at=("case.identity",), leaving=CASES):
        house.move_case(about=MIA, case=case.id, to=to, reasons=reasons, by=REVIEWER)
    done = house.move_case(
        about=MIA, case=case.id, to=to, reasons=["names-differ", "faces-differ"], by=REVIEWER
    )
    assert done.case.reasons == ("faces-differ", "names-differ")
    assert ledger_of(house)[done.receipt.entry].reasons == ("faces-differ", "names-differ")


def test_a_reason_that_the_caller_made_up_is_not_in_the_ledger(house):
    joins(house)
    case = moves(house, opens(house), "submitted", "in_review")

    with expect_refusal(house, "unknown-reason", leaving=CASES):
        house.move_case(about=MIA, case=case.id, to="rejected", reasons=["mia-moon"], by=REVIEWER)
    assert ledger_of(house)[-1].reasons == ("unknown-reason",)


def test_the_case_of_another_person_is_as_unknown_as_none(house):
    joins(house)
    joins(house, NOOR)
    case = opens(house)

    for strange in (case.id, b"\0" * 16):
        with expect_refusal(house, "unknown-case", leaving=CASES) as refused:
            house.move_case(about=NOOR, case=strange, to="submitted")
        assert refused().words == ("",)
        assert ledger_of(house)[-1].case is None
    assert cases.records_of(house.teller, NOOR, case.id) == frozenset()


def test_a_rejection_is_reviewed_once(house):
    joins(house)
    case = moves(house, opens(house), "submitted", "in_review", "rejected", "in_review", "rejected")

    with expect_refusal(house, "wrong-state", at=("case.identity",), leaving=CASES):
        house.move_case(about=MIA, case=case.id, to="in_review")
    assert case.resumed == 1


def test_a_rejection_is_not_reviewed_beside_a_new_check(house):
    joins(house)
    case = moves(house, opens(house), "submitted", "in_review", "rejected")
    opens(house)

    with expect_refusal(house, "already-open", leaving=CASES):
        house.move_case(about=MIA, case=case.id, to="in_review")


@pytest.mark.parametrize("states", [("submitted",), ("submitted", "in_review", "verified"), ("withdrawn",)])
def test_nothing_is_added_to_a_case_whose_state_takes_nothing_in(house, states):
    joins(house)
    house.consent(about=MIA, purpose="camera.identity")
    case = moves(house, opens(house), "collecting", *states)

    with expect_refusal(house, "wrong-state", at=("case.identity",), leaving=CASES):
        shows(house, case)


def test_what_no_case_of_its_kind_takes_is_refused_with_its_category(house):
    joins(house)
    case = opens(house)

    with expect_refusal(house, "not-of-case", at=("case.identity",), leaving=CASES) as refused:
        writes(house, case.id)
    assert refused().words == ("support",)


@pytest.mark.parametrize("within", [b"\0" * 16, b"", "conversatoin", ""], ids=range(4))
def test_an_offer_for_a_case_that_is_none_is_refused(house, within):
    joins(house)

    with expect_refusal(house, "unknown-case", leaving=CASES):
        writes(house, within)


def test_a_verification_does_not_open_with_a_record(house):
    joins(house)
    house.consent(about=MIA, purpose="camera.identity")

    with expect_refusal(house, "wrong-state", leaving=CASES):
        house.collect(
            about=MIA, category="camera.identity", when="camera", values=PICTURES, within="identity-check"
        )


@pytest.mark.parametrize(
    "wrong",
    [
        {"case": "IC-0000-0000"},
        {"case": b"short"},
        {"to": None},
        {"reasons": "faces-differ"},
        {"about": 1.5},
        {"by": "rosa"},
    ],
)
def test_what_is_not_of_its_type_is_said_so(house, wrong):
    joins(house)
    case = opens(house)

    with pytest.raises(BadArgument):
        house.move_case(**{"about": MIA, "case": case.id, "to": "submitted", "by": member(), **wrong})
    with pytest.raises(BadArgument):
        house.open_case(about=MIA, name=3)
    with pytest.raises(BadArgument):
        writes(house, 7)


# ---- what is allowed


def test_a_check_goes_from_its_opening_to_its_decision_and_the_ledger_tells_each_step(house):
    joins(house)
    before = len(ledger_of(house))
    house.consent(about=MIA, purpose="camera.identity")
    case = opens(house)
    assert case.state == "consented"
    moves(house, case, "collecting")
    taken = shows(house, case)
    moves(house, case, "submitted", "in_review", "needs_more", "submitted", "in_review", "verified")

    lines = [entry for entry in ledger_of(house)[before + 1 :] if entry.case == case.reference]
    assert [(line.kind, *line.fields) for line in lines if line.kind.startswith("case.")] == [
        ("case.opened", "consented"),
        ("case.moved", "collecting"),
        ("case.moved", "submitted"),
        ("case.moved", "in_review"),
        ("case.moved", "needs_more"),
        ("case.moved", "submitted"),
        ("case.moved", "in_review"),
        ("case.moved", "verified"),
    ]
    assert {line.circumstance for line in lines} == {"identity-check", "camera"}
    assert len({line.subject for line in lines}) == 1
    assert cases.records_of(house.teller, MIA, case.id) == set(taken.records)


def test_without_the_consent_that_pictures_need_a_check_opens_without_it(house):
    joins(house)
    assert opens(house).state == "collecting"


def test_a_reference_is_short_distinct_and_made_of_letters_that_nobody_mistakes(house):
    joins(house)
    references = {opens(house, name="conversation").reference for _ in range(20)}

    assert len(references) == 20
    for reference in references:
        assert reference.startswith("C-")
        assert set(reference[2:]) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ-")
    assert opens(house).reference.startswith("IC-")


def test_a_stranger_s_first_message_opens_a_conversation(house):
    taken = writes(house, "conversation", about="letter-1")

    (case,) = house.cases(about="letter-1")
    assert (case.name, case.state, case.subject) == ("conversation", "open", taken.subject)
    assert cases.records_of(house.teller, "letter-1", case.id) == set(taken.records)
    assert [e.kind for e in ledger_of(house)][-3:] == ["member.joined", "case.opened", "record.collected"]
    assert {entry.case for entry in ledger_of(house)[-2:]} == {case.reference}


def test_a_conversation_goes_to_and_fro_is_closed_by_either_side_and_opened_again_by_one(house):
    writes(house, "conversation", about="letter-1")
    (case,) = house.cases(about="letter-1")
    writes(house, case.id, about="letter-1", by=AGENT, text="hello to you")
    house.move_case(about="letter-1", case=case.id, to="answered", by=AGENT)
    house.move_case(about="letter-1", case=case.id, to="open")
    house.move_case(about="letter-1", case=case.id, to="closed", by=AGENT)
    with expect_refusal(house, "not-by", leaving=CASES):
        house.move_case(about="letter-1", case=case.id, to="open", by=AGENT)
    for _ in range(3):
        house.move_case(about="letter-1", case=case.id, to="open")
        house.move_case(about="letter-1", case=case.id, to="closed")

    (case,) = house.cases(about="letter-1")
    assert (case.state, case.resumed) == ("closed", 3)
    assert len(cases.records_of(house.teller, "letter-1", case.id)) == 2


def test_the_queue_shows_who_waits_longest_first_page_by_page(house, clock):
    people = [f"Q-{n}" for n in range(5)]
    for who in people:
        writes(house, "conversation", about=who)
        clock.forward(1)
    numbers = [house.cases(about=who)[0].subject for who in people]

    seen, after = [], cases.START
    while page := cases.queue(house.teller, "conversation", "open", after, 2):
        seen += page
        after = page[-1].changed_at, page[-1].id
    assert [case.subject for case in seen] == numbers
    assert cases.queue(house.teller, "conversation", "closed") == ()
    assert cases.queue(house.teller, "identity-check", "open") == ()


@pytest.mark.parametrize("limit", [0, -1, 1001, "all", True])
def test_a_page_of_the_queue_has_a_size(house, limit):
    with pytest.raises(BadArgument):
        cases.queue(house.teller, "conversation", "open", limit=limit)


def test_nobody_unknown_has_a_case(house):
    assert house.cases(about="M-unknown") == ()
    assert cases.records_of(house.teller, "M-unknown", b"\0" * 16) == frozenset()


def test_what_belongs_to_a_case_says_whose_side_gave_it_and_never_which_member_of_staff(house):
    writes(house, "conversation", about="letter-1", by=member("portal", "signed_in"))
    (case,) = house.cases(about="letter-1")
    mine = cases.records_of(house.teller, "letter-1", case.id)
    writes(house, case.id, about="letter-1", by=AGENT)
    writes(house, case.id, about="letter-1", by=program("helpdesk"))

    givers = house.teller.alone(cases.contents("letter-1", case.id))
    assert sorted(givers.values()) == ["program:helpdesk", "self", "staff:support-agent"]
    assert {record for record, giver in givers.items() if giver == "self"} == mine
    assert house.teller.alone(cases.contents("letter-2", case.id)) == {}
