"""Rights cases in a house: who may file, prove, decide, take back; what is sealed, and what is remembered."""

import pytest

from tests.cast import AGENT, CLERK, LAWYER, MIA, NOOR, OFFICER, joins, tells, tells_everything
from tests.inside import audited, expect_refusal, ledger_of, rows_of
from troth.acts import filing
from troth.clock import DAY, iso
from troth.errors import BadArgument, NotFound, NothingThere, Refused
from troth.rules.decision import member, program
from troth.rules.rights_cases import State
from troth.store import schema

SURE = member("portal", "step_up")


def demanded(house, right="complain", text="You never answered me.", **more):
    return house.demand(about=MIA, right=right, text=text if right == "complain" else "", **more)


@pytest.fixture
def mia(house):
    joins(house)
    return house


def test_it_has_a_reference_a_deadline_and_a_line_of_the_ledger(mia):
    lodged = demanded(mia)
    assert lodged.case.reference.startswith("CO-")
    assert (lodged.due.regime, iso(lodged.due.at)) == ("sg-pdpa", "2027-07-01T09:00:00Z")
    line = ledger_of(mia)[lodged.receipt.entry]
    assert (line.kind, line.circumstance, line.case, line.actor) == (
        "right.filed", "complain", lodged.case.reference, "self",
    )  # fmt: skip
    assert mia.demanded(reference=lodged.case.reference)[0] == lodged.case
    assert [case for case, _ in mia.demands(about=MIA)] == [lodged.case]


def test_what_was_told_with_it_is_sealed_and_gone_when_it_ends(mia):
    lodged = demanded(mia)
    (row,) = rows_of(mia, schema.rights_cases)
    assert row.sealed
    assert b"never answered" not in row.sealed
    assert "never answered" not in " ".join(str(each) for each in row)
    mia.decide_demand(case=lodged.case.id, decision="refuse", reasons=["unfounded"], by=AGENT)
    (row,) = rows_of(mia, schema.rights_cases)
    assert row.sealed == b""


def test_nobody_unknown_demands_and_the_refusal_is_remembered(house):
    with pytest.raises(NotFound):
        house.demand(about=NOOR, right="erase")
    assert ledger_of(house)[-1].kind == "request.refused"
    assert house.demands(about=NOOR) == ()
    with pytest.raises(NothingThere):
        house.demanded(reference="ER-0000-0000")


@pytest.mark.parametrize("by", [CLERK, program("payout"), program("portal")])
def test_who_is_not_named_by_the_clause_files_nothing(mia, by):
    with pytest.raises(Refused) as refused:
        mia.demand(about=MIA, right="erase", by=by)
    assert "not-by" in refused.value.codes
    assert rows_of(mia, schema.rights_cases) == []


def test_a_right_that_no_clause_gives_is_refused_by_its_name(mia):
    with pytest.raises(Refused) as refused:
        mia.demand(about=MIA, right="correct", category="usage", values={"page": "x"})
    assert refused.value.codes == ("no-clause",)


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ({"shoe": "42"}, ("field-not-covered",)),
        ({"birth_date": "yesterday"}, ("malformed",)),
        ({"birth_date": "1991-04-24", "name": 7, "shoe": "42"}, ("malformed", "field-not-covered")),
    ],
)
def test_a_correction_that_no_record_could_take_is_refused_when_it_is_filed(mia, values, codes):
    with pytest.raises(Refused) as refused:
        mia.demand(about=MIA, right="correct", category="identity", values=values)
    assert refused.value.codes == codes
    assert "yesterday" not in str(refused.value)
    assert rows_of(mia, schema.rights_cases) == []


@pytest.mark.parametrize(
    "said",
    [
        {"right": "sing"},
        {"right": "object"},
        {"right": "withdraw"},
        {"right": "opt_out"},
        {"right": "correct", "category": "account"},
        {"right": "correct", "values": {"email": "a@example.org"}},
        {"right": "complain"},
        {"right": "complain", "text": " "},
        {"right": "complain", "text": "x" * 4_001},
        {"right": "complain", "text": "half \ud800"},
        {"right": "correct", "category": "support", "values": {"message": "half \ud800"}},
        {"right": "correct", "category": "support", "values": {"message": object()}},
        {"right": "correct", "category": "support", "values": {"message": float("nan")}},
        {"right": "correct", "category": "support", "values": {"attachment": b"bytes"}},
        {"right": "correct", "category": "support", "values": {"message": [[[[[[[[[["deep"]]]]]]]]]]}},
        {"right": "correct", "category": "support", "values": {"message": "it"}, "record": "no bytes"},
    ],
)
def test_a_demand_that_is_about_nothing_is_said_to_be_so_and_nothing_is_filed(mia, said):
    with pytest.raises(BadArgument):
        mia.demand(about=MIA, **said)
    assert rows_of(mia, schema.rights_cases) == []


def test_a_reference_a_matter_or_a_language_that_no_file_can_hold_is_refused_by_name(mia):
    half = "half \ud800"
    for asked in (
        lambda: mia.demanded(reference=half),
        lambda: mia.hold(about=MIA, matter=half, reason="litigation", by=LAWYER),
        lambda: mia.package(about=MIA, language=half),
    ):
        with pytest.raises(BadArgument):
            asked()


def test_the_same_demand_twice_is_one_and_another_scope_is_another(mia):
    tells(mia, MIA, "device")
    first = mia.demand(about=MIA, right="erase", by=AGENT)
    with expect_refusal(mia, "already-open", at=("right.erase",), leaving=(schema.rights_cases,)):
        mia.demand(about=MIA, right="erase", by=AGENT)
    other = mia.demand(about=MIA, right="erase", classes=["technical"], by=AGENT)
    assert other.case.id != first.case.id


# ---- who it is


def test_what_staff_file_waits_for_the_person_and_no_staff_proves_it(mia):
    lodged = mia.demand(about=MIA, right="restrict", by=AGENT)
    assert (lodged.case.state, lodged.case.is_proven) == (State.RECEIVED, False)
    mia.sweep()
    assert mia.demanded(reference=lodged.case.reference)[0].state is State.RECEIVED
    with pytest.raises(Refused) as refused:
        mia.prove_demand(case=lodged.case.id, by=AGENT)
    assert "not-by" in refused.value.codes
    with pytest.raises(Refused) as refused:
        mia.decide_demand(case=lodged.case.id, decision="grant", by=AGENT)
    assert refused.value.codes[0] in ("wrong-state", "assurance-missing")
    done = mia.prove_demand(case=lodged.case.id, by=SURE)
    assert done.case.state is State.DONE
    assert [one.by for one in done.case.events][:2] == ["staff:support-agent", "self"]


def test_a_proof_that_is_not_sure_enough_changes_nothing_but_is_kept(mia):
    lodged = mia.demand(about=MIA, right="erase", by=AGENT)
    weak = mia.prove_demand(case=lodged.case.id, by=member("portal", "signed_in"))
    assert (weak.case.state, weak.case.proven) == (State.RECEIVED, "signed_in")
    assert mia.access(about=MIA, category="account").records


def test_whoever_demands_for_themselves_without_being_sure_waits_for_their_proof(mia):
    lodged = mia.demand(about=MIA, right="erase", by=member("portal", "signed_in"))
    assert lodged.case.state is State.RECEIVED
    assert mia.prove_demand(case=lodged.case.id, by=SURE).case.state is State.DONE


def test_somebody_else_proves_nothing(mia):
    lodged = mia.demand(about=MIA, right="restrict", by=AGENT)
    with pytest.raises(Refused) as refused:
        mia.prove_demand(case=b"\0" * 16, by=SURE)
    assert refused.value.codes == ("unknown-case",)
    assert mia.demanded(reference=lodged.case.reference)[0].state is State.RECEIVED


def test_while_a_proof_is_asked_for_the_clock_stands_still_where_the_law_lets_it(mia, clock):
    lodged = mia.demand(about=MIA, right="erase", by=AGENT)
    asked = mia.decide_demand(case=lodged.case.id, decision="ask", by=AGENT)
    assert asked.case.state is State.VERIFYING
    clock.forward(20 * DAY)
    ((_, due),) = mia.demands(about=MIA)
    assert (due.regime, due.paused) == ("sg-pdpa", False)  # the stricter one lets it run


# ---- who decides


def test_what_wants_a_review_is_decided_by_who_may_with_reasons(mia):
    lodged = demanded(mia)
    assert lodged.case.state is State.RECEIVED
    with pytest.raises(Refused):
        mia.decide_demand(case=lodged.case.id, decision="review", by=CLERK)
    mia.decide_demand(case=lodged.case.id, decision="review", by=AGENT)
    with pytest.raises(BadArgument):
        mia.decide_demand(case=lodged.case.id, decision="refuse", by=AGENT)
    refused = mia.decide_demand(case=lodged.case.id, decision="refuse", reasons=["unfounded"], by=AGENT)
    assert (refused.case.state, refused.case.events[-1].codes) == (State.REFUSED, ("unfounded",))
    line = ledger_of(mia)[refused.receipt.entry]
    assert (line.kind, line.fields, line.reasons) == ("right.determined", ("refused",), ("unfounded",))
    with pytest.raises(Refused):
        mia.decide_demand(case=lodged.case.id, decision="grant", by=AGENT)


def test_it_is_extended_once_with_a_reason_and_the_law_decides_by_how_much(mia):
    lodged = demanded(mia)
    longer = mia.decide_demand(case=lodged.case.id, decision="extend", reasons=["complex"], by=AGENT)
    assert longer.due.regime == "sg-pdpa"
    with pytest.raises(Refused):
        mia.decide_demand(case=lodged.case.id, decision="extend", reasons=["complex"], by=AGENT)


def test_a_demand_is_taken_back_before_it_is_begun_and_not_after(mia):
    lodged = demanded(mia)
    assert mia.cancel_demand(case=lodged.case.id).case.state is State.CANCELLED
    done = mia.demand(about=MIA, right="restrict")
    with pytest.raises(Refused):
        mia.cancel_demand(case=done.case.id)


def test_what_a_person_demands_is_taken_back_by_nobody_else(mia):
    own = demanded(mia, text="It is about your own staff.")
    filed = mia.demand(about=MIA, right="restrict", by=AGENT)
    proven = mia.demand(about=MIA, right="complain", text="In her name.", by=AGENT)
    mia.prove_demand(case=proven.case.id, by=SURE)
    for theirs in (own, proven):
        with pytest.raises(Refused) as refused:
            mia.cancel_demand(case=theirs.case.id, by=AGENT)
        assert refused.value.codes == ("not-by",)
        assert mia.demanded(reference=theirs.case.reference)[0].state is State.RECEIVED
    assert mia.cancel_demand(case=filed.case.id, by=AGENT).case.state is State.CANCELLED


def test_who_is_asked_for_another_proof_is_waited_for_and_gives_it(mia):
    lodged = demanded(mia)
    mia.decide_demand(case=lodged.case.id, decision="review", by=AGENT)
    asked = mia.decide_demand(case=lodged.case.id, decision="ask", by=AGENT).case
    assert (asked.state, asked.waits, asked.is_proven, asked.was_proven) == (
        State.VERIFYING,
        True,
        False,
        True,
    )
    proven = mia.prove_demand(case=lodged.case.id, by=SURE).case
    assert (proven.state, proven.waits) == (State.RECEIVED, False)
    mia.decide_demand(case=lodged.case.id, decision="review", by=AGENT)
    assert mia.decide_demand(case=lodged.case.id, decision="grant", by=AGENT).case.state is State.DONE


def test_what_its_clause_has_carried_out_at_once_is_held_up_by_no_review(mia):
    lodged = mia.teller.ask(filing.demanding(by=SURE, about=MIA, right="restrict"))  # cut off behind this
    with pytest.raises(Refused) as refused:
        mia.decide_demand(case=lodged.case.id, decision="review", by=AGENT)
    assert refused.value.codes == ("wrong-state",)
    mia.sweep()
    assert mia.demanded(reference=lodged.case.reference)[0].state is State.DONE


def test_no_more_time_is_taken_once_the_time_is_over(mia, clock):
    lodged = demanded(mia)
    clock.forward(30 * DAY)
    with pytest.raises(Refused) as refused:
        mia.decide_demand(case=lodged.case.id, decision="extend", reasons=["complex"], by=AGENT)
    assert refused.value.codes == ("wrong-state",)
    assert mia.demanded(reference=lodged.case.reference)[1].at == lodged.due.at


def test_an_access_answer_is_filed_by_the_officer_and_never_by_support(mia):
    with pytest.raises(Refused):
        mia.demand(about=MIA, right="access", by=AGENT)
    lodged = mia.demand(about=MIA, right="access", by=OFFICER)
    assert lodged.case.state is State.RECEIVED


def test_queues_name_no_more_than_a_page_and_are_in_the_order_of_filing(mia, clock):
    first = demanded(mia)
    clock.forward(DAY)
    second = demanded(mia)
    some = mia.demands_in(state="received", by=AGENT, limit=1)
    assert [case.reference for case, _ in some] == [first.case.reference]
    after = (first.case.filed_at, first.case.id)
    rest = mia.demands_in(state="received", by=AGENT, after=after)
    assert [case.reference for case, _ in rest] == [second.case.reference]
    with pytest.raises(BadArgument):
        filing.waiting(by=AGENT, state="received", limit=0)


def test_every_event_is_a_line_and_the_ledger_verifies(house, tmp_path):
    tells_everything(house)
    lodged = house.demand(about=MIA, right="correct", category="identity", values={"name": "Mia L. Moon"})
    house.decide_demand(case=lodged.case.id, decision="review", by=AGENT)
    done = house.decide_demand(case=lodged.case.id, decision="grant", by=AGENT)
    assert done.case.state is State.DONE
    lines = [e for e in ledger_of(house) if e.case == lodged.case.reference and e.kind.startswith("right.")]
    assert [line.fields[0] for line in lines] == [one.event.value for one in done.case.events]
    house.checkpoint()
    audited(house, tmp_path / "ledger")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"right": "restrict", "category": "07700.900123"}, "unknown-category"),
        ({"right": "erase", "classes": ["mia"]}, "unknown-class"),
        ({"right": "object", "purpose": "my-neighbour"}, "unknown-purpose"),
        ({"right": "opt_out", "purpose": "contact.promotion", "channel": "pigeon"}, "no-clause"),
    ],
)
def test_words_that_are_none_of_the_agreement_are_refused_and_never_stand_in_the_ledger(mia, said, code):
    with pytest.raises(Refused) as refused:
        mia.demand(about=MIA, **said)
    assert code in refused.value.codes or "no-clause" in refused.value.codes
    word = next(value if isinstance(value, str) else value[0] for value in list(said.values())[-1:])
    assert word not in " ".join(str(entry) for entry in ledger_of(mia))
    assert rows_of(mia, schema.rights_cases) == []


def test_everything_is_said_by_a_star_or_by_no_word_and_is_the_same(mia):
    starred = mia.demand(about=MIA, right="restrict", category="*", by=AGENT)
    assert starred.case.scope.category is None
    with pytest.raises(Refused) as refused:
        mia.demand(about=MIA, right="restrict", by=AGENT)
    assert refused.value.codes == ("already-open",)
