from dataclasses import replace

import pytest

from tests.rules.clinic import (
    BOOK,
    DOCTOR,
    DOCTORS,
    FACTS,
    NURSE,
    OPENING,
    PATIENT,
    STATISTICS,
    WARD,
    answer,
    ask,
    book,
    collect,
    disclose,
    grounds,
    said,
    use,
)
from troth.rules.decide import key_of
from troth.rules.decision import TIME, Act, Permit, Reason, Why, program, staff
from troth.rules.standing import Choice, Standing
from troth.terms.agreement import Keep, SignIn, Store, Target, Who
from troth.terms.vocabulary import Period

TO_LAB = ask(Act.DISCLOSE, DOCTOR, "chart", "weight", purpose="care", recipient="labs.north")
TO_SEA = replace(TO_LAB, recipient="labs.south")
SCAN = ask(Act.COLLECT, DOCTOR, "chart.scan", "picture", circumstance="visit", age=18)
IMAGED = Standing(consents=(said("imaging"),))


def test_a_permit_names_its_fields_and_its_clauses():
    assert answer(ask(Act.USE, NURSE, "chart", "weight", purpose="care")) == Permit(
        frozenset({"weight"}), ("caring",)
    )


def test_a_request_without_fields_gets_all_that_it_may_have():
    assert answer(ask(Act.USE, NURSE, "chart", purpose="care")).fields == {"weight", "note"}


def test_a_request_for_one_field_too_many_gets_none():
    found = answer(ask(Act.USE, NURSE, "chart", "weight", "blood", purpose="care"))
    assert grounds(found) == {("unknown-field", "blood")}


def test_a_rule_on_a_parent_covers_its_children():
    assert answer(ask(Act.USE, NURSE, "chart.scan", purpose="care")).fields == {"picture"}
    assert answer(ask(Act.USE, NURSE, "chart.scan", purpose="care")).clauses == ("caring",)


def test_a_purpose_below_a_clause_must_be_declared_by_some_clause():
    found = answer(ask(Act.USE, NURSE, "chart", purpose="care.gossip"))
    assert grounds(found) == {("unknown-purpose", "care.gossip")}
    declared = book(
        chart=collect("chart", "weight"), all=use("care", "chart"), one=use("care.meals", "patient")
    )
    assert answer(ask(Act.USE, NURSE, "chart", purpose="care.meals"), book=declared).clauses == ("all",)


def test_every_reason_of_a_refusal_is_listed_with_its_clauses():
    standing = Standing(restrictions=frozenset({"chart"}))
    early = replace(FACTS, now=OPENING - 1)
    found = answer(ask(Act.USE, STATISTICS, "chart", "note", purpose="audit", known=False), standing, early)
    assert set(found.reasons) == {
        Reason(Why.NOT_IN_FORCE),
        Reason(Why.UNKNOWN_PERSON),
        Reason(Why.RESTRICTED, (), "chart"),
        Reason(Why.DENIED, ("no-notes",), "note"),
        Reason(Why.NOT_BY, ("review",), "program statistics"),
        Reason(Why.CASE_MISSING, ("review",)),
        Reason(Why.REASON_MISSING, ("review",)),
    }
    assert set(found.considered) == {"review", "no-notes"}


def test_an_agreement_is_in_force_from_its_very_instant():
    request = ask(Act.USE, NURSE, "chart", purpose="care")
    assert isinstance(answer(request, facts=replace(FACTS, now=OPENING)), Permit)
    assert grounds(answer(request, facts=replace(FACTS, now=OPENING - 1))) == {("not-in-force", "")}


@pytest.mark.parametrize(
    ("asker", "word"),
    [
        (PATIENT, "self"),
        (STATISTICS, "program statistics"),
        (staff("sam", "porter"), "role porter"),
        (TIME, "time"),
    ],
)
def test_whoever_the_clause_does_not_name_is_named_by_role_and_never_by_name(asker, word):
    found = answer(ask(Act.USE, asker, "patient", purpose="outreach"))
    assert grounds(found) == {("not-by", word)}


def test_a_denial_beats_a_permission_and_only_where_it_reaches():
    assert answer(ask(Act.USE, NURSE, "chart", purpose="audit", case="7", reason="asked")).fields == {
        "weight"
    }
    denied = answer(ask(Act.USE, NURSE, "chart", "note", purpose="audit", case="7", reason="asked"))
    assert denied.reasons == (Reason(Why.DENIED, ("no-notes",), "note"),)


@pytest.mark.parametrize(
    ("choice", "why"),
    [
        (None, "consent-missing"),
        (Choice.REFUSED, "consent-refused"),
        (Choice.WITHDRAWN, "consent-withdrawn"),
    ],
)
def test_consent_must_stand(choice, why):
    standing = Standing(consents=(said("imaging", choice),)) if choice else Standing()
    request = ask(Act.USE, NURSE, "chart.scan", purpose="imaging")
    assert grounds(answer(request, standing)) == {(why, "imaging")}
    assert grounds(answer(SCAN, standing)) == {(why, "imaging")}
    assert isinstance(answer(request, IMAGED), Permit)


def test_an_objection_above_the_purpose_closes_it():
    request = ask(Act.USE, DOCTOR, "patient", purpose="outreach")
    assert isinstance(answer(request), Permit)
    assert grounds(answer(request, Standing(objections=frozenset({"outreach"})))) == {
        ("objected", "outreach")
    }
    assert isinstance(answer(request, Standing(objections=frozenset({"out"}))), Permit)


WHOLE_AND_PART = book(
    chart=collect("chart", "weight"),
    whole=use("care", "chart"),
    part=use("care.meals", "chart", consent=True),
    asked=use("care.walks", "chart", objection=True),
    labs=disclose("labs", {"north": "HILL"}, "chart"),
)


@pytest.mark.parametrize("choice", [Choice.REFUSED, Choice.WITHDRAWN])
def test_a_no_to_exactly_a_purpose_closes_it_though_a_clause_on_its_parent_would_open_it(choice):
    request = ask(Act.USE, NURSE, "chart", purpose="care.meals")
    assert answer(request, book=WHOLE_AND_PART).clauses == ("whole",)
    said_no = Standing(consents=(said("care.meals", choice),))
    refused = answer(request, said_no, book=WHOLE_AND_PART)
    assert refused.reasons == (Reason(Why(f"consent-{choice.value}"), ("part",), "care.meals"),)
    agreed = Standing(consents=(said("care.meals"),))
    assert answer(request, agreed, book=WHOLE_AND_PART).clauses == ("whole", "part")
    parent = replace(request, purpose="care")
    assert answer(parent, said_no, book=WHOLE_AND_PART).clauses == ("whole",)


def test_an_objection_to_exactly_a_purpose_closes_it_though_a_clause_on_its_parent_would_open_it():
    objecting = Standing(objections=frozenset({"care.walks"}))
    for act, word in ((Act.USE, ""), (Act.DISCLOSE, "labs.north")):
        request = ask(act, DOCTOR, "chart", purpose="care.walks", recipient=word)
        assert isinstance(answer(request, book=WHOLE_AND_PART), Permit)
        refused = answer(request, objecting, book=WHOLE_AND_PART)
        assert ("objected", "care.walks") in grounds(refused)
        assert any(reason.clauses for reason in refused.reasons)
        assert isinstance(answer(replace(request, purpose="care"), objecting, book=WHOLE_AND_PART), Permit)


def test_a_restriction_closes_use_and_disclosure_and_nothing_else():
    limited = Standing(restrictions=frozenset({"chart"}))
    assert grounds(answer(ask(Act.USE, NURSE, "chart.scan", purpose="care"), limited)) == {
        ("restricted", "chart.scan")
    }
    assert grounds(answer(TO_LAB, limited)) == {("restricted", "chart")}
    assert isinstance(answer(ask(Act.ACCESS, PATIENT, "chart"), limited), Permit)
    assert isinstance(
        answer(ask(Act.COLLECT, NURSE, "chart", "weight", circumstance="visit"), limited), Permit
    )


def test_a_restriction_leaves_signing_in_alone_and_nobody_of_that_name_but_the_program():
    limited = Standing(restrictions=frozenset({"*"}))
    door = Who(frozenset({"nurse"}), frozenset({"door"}))
    signing = book(
        arrival=collect("patient", "name"),
        sign_in=SignIn("door", "patient", "patient", "patient", "entry", ("code",)),
        entering=use("entry", "patient", by=door),
        caring=use("care", "patient", by=door),
    )
    request = ask(Act.USE, program("door"), "patient", purpose="entry")
    assert isinstance(answer(request, limited, book=signing), Permit)
    for other in (replace(request, by=staff("door", "nurse")), replace(request, purpose="care")):
        assert isinstance(answer(other, book=signing), Permit)
        assert grounds(answer(other, limited, book=signing)) == {("restricted", "patient")}


def test_what_may_only_leave_as_aggregates_gives_no_row():
    assert grounds(answer(ask(Act.USE, STATISTICS, "chart", purpose="counting"))) == {("only-aggregates", "")}


def test_a_mask_falls_only_on_fields_that_no_open_clause_gives_in_clear():
    request = ask(Act.USE, DOCTOR, "patient", purpose="outreach")
    assert answer(request).mask == {"phone"}
    assert answer(replace(request, fields=frozenset({"name"}))).mask == frozenset()
    clearer = book(
        arrival=collect("patient", "name", "phone"),
        masked=use("outreach", "patient", mask=(Target("patient"),)),
        clear=use("outreach", "patient:phone", by=DOCTORS),
    )
    assert answer(request, book=clearer).mask == {"name"}
    assert answer(replace(request, by=NURSE), book=clearer).mask == {"name", "phone"}


def test_a_closed_clause_explains_only_the_fields_it_would_have_opened():
    two = book(
        arrival=collect("patient", "name", "phone"),
        names=use("outreach", "patient:name"),
        phones=use("outreach", "patient:phone", consent=True),
    )
    request = ask(Act.USE, NURSE, "patient", purpose="outreach")
    assert answer(request, book=two).clauses == ("names",)
    both = answer(replace(request, fields=frozenset({"name", "phone"})), book=two)
    assert grounds(both) == {("consent-missing", "outreach")}
    other = answer(replace(request, fields=frozenset({"name", "size"})), book=two)
    assert grounds(other) == {("unknown-field", "size")}


def test_a_permit_cites_only_the_clauses_that_give_what_was_asked():
    two = book(
        arrival=collect("patient", "name", "phone"),
        names=use("outreach", "patient:name"),
        phones=use("outreach", "patient:phone"),
    )
    request = ask(Act.USE, NURSE, "patient", "name", purpose="outreach")
    assert answer(request, book=two).clauses == ("names",)
    assert answer(replace(request, fields=frozenset()), book=two).clauses == ("names", "phones")


def test_a_disclosure_needs_its_instruments():
    assert answer(TO_LAB) == Permit(frozenset({"weight"}), ("labs",), tell="after")
    assert grounds(answer(TO_LAB, facts=replace(FACTS, instruments=frozenset()))) == {
        ("instrument-missing", "contract"),
    }


def test_a_disclosure_elsewhere_needs_a_transfer_clause_and_its_safeguard_and_cites_it():
    assert answer(TO_SEA).clauses == ("far-labs", "abroad")
    bare = replace(FACTS, instruments=frozenset())
    assert grounds(answer(TO_SEA, facts=bare)) == {("instrument-missing", "safeguard")}
    shut = book(chart=collect("chart", "weight"), labs=disclose("labs", {"south": "SEA"}, "chart"))
    assert grounds(answer(TO_SEA, book=shut)) == {("transfer-missing", "labs.south")}


def test_approvals_are_counted_by_person_in_the_right_role_and_never_by_the_asker():
    def approved(*names, by=DOCTOR):
        return answer(replace(TO_SEA, by=by), facts=replace(FACTS, approvals=frozenset(names)))

    assert isinstance(approved(("nurse", "nia"), ("nurse", "noa")), Permit)
    assert grounds(approved(("nurse", "nia"), ("doctor", "dan"))) == {("approval-missing", "1")}
    assert grounds(approved(("nurse", "dov"), ("nurse", "noa"))) == {("approval-missing", "1")}
    assert grounds(approved()) == {("approval-missing", "2")}


def test_a_disclosure_is_for_a_purpose_of_its_clause():
    assert grounds(answer(replace(TO_LAB, purpose=""))) == {("no-purpose", "")}
    assert grounds(answer(replace(TO_LAB, purpose="outreach"))) == {("no-clause", "labs.north for outreach")}
    assert grounds(answer(replace(TO_LAB, purpose="sport"))) == {("unknown-purpose", "sport")}
    assert grounds(answer(replace(TO_LAB, recipient="labs.east"))) == {("unknown-recipient", "labs.east")}


def test_the_strictest_duty_to_tell_comes_with_a_permit():
    both = book(
        chart=collect("chart", "weight", "note"),
        one=disclose("labs", {"north": "HILL"}, "chart", tell="on_change"),
        two=disclose("labs", {"north": "HILL"}, "chart:note", tell="before"),
    )
    assert answer(replace(TO_LAB, fields=frozenset()), book=both).tell == "before"
    assert answer(TO_LAB, book=both).tell == "on_change"


def test_the_young_and_those_of_unknown_age_are_not_collected_from():
    assert isinstance(answer(SCAN, IMAGED), Permit)
    assert grounds(answer(replace(SCAN, age=17), IMAGED)) == {("too-young", "")}
    assert grounds(answer(replace(SCAN, age=None), IMAGED)) == {("too-young", "")}


@pytest.mark.parametrize(
    ("place", "home", "clauses"),
    [
        ("HILL.TOWN", "HILL", []),
        ("HILL.TOWN", None, []),
        ("HILL.TOWN", "SEA", [("standing",)]),
        ("HILL", None, [("standing",)]),  # within the store's places, not within the chart's
        ("SEA", "SEA", [("standing",)]),
    ],
)
def test_what_is_collected_stands_where_the_clauses_say(place, home, clauses):
    request = ask(Act.COLLECT, NURSE, "chart", "weight", circumstance="visit")
    found = answer(request, Standing(home=home), replace(FACTS, place=place))
    reasons = () if isinstance(found, Permit) else found.reasons
    assert [reason.clauses for reason in reasons if reason.why is Why.WRONG_PLACE] == clauses


def test_residency_of_one_category_in_two_clauses_must_fit_both():
    two = book(
        chart=collect("chart", "weight"),
        a=Store((), residency=(("chart", ("HILL",)),)),
        b=Store((), residency=(("chart", ("HILL.TOWN", "SEA")),)),
    )
    request = ask(Act.COLLECT, NURSE, "chart", "weight", circumstance="visit")
    assert isinstance(answer(request, book=two), Permit)
    for place, clauses in (("SEA", ("a",)), ("HILL.PEAK", ("b",))):
        found = answer(request, facts=replace(FACTS, place=place), book=two)
        assert found.reasons == (Reason(Why.WRONG_PLACE, clauses, place),)


def test_home_holds_even_where_no_clause_lists_places():
    homely = book(chart=collect("chart", "weight"), home=Store((), home=True))
    request = ask(Act.COLLECT, NURSE, "chart", "weight", circumstance="visit")
    found = answer(request, Standing(home="SEA"), book=homely)
    assert found.reasons == (Reason(Why.WRONG_PLACE, ("home",), "HILL.TOWN"),)


def test_an_unknown_person_may_only_join():
    assert isinstance(answer(ask(Act.JOIN, PATIENT, circumstance="arrival", known=False)), Permit)
    assert grounds(answer(ask(Act.JOIN, PATIENT, circumstance="visit", known=False))) == {
        ("no-clause", "visit")
    }
    found = answer(ask(Act.COLLECT, PATIENT, "patient", "name", circumstance="arrival", known=False))
    assert grounds(found) == {("unknown-person", "")}


def test_rights_are_for_the_person_and_through_staff_after_review():
    assert answer(ask(Act.ACCESS, PATIENT, "chart")).fields == {"weight", "note"}
    assert answer(ask(Act.ACCESS, PATIENT, "*")) == Permit(frozenset(), ("reading",))
    assert grounds(answer(ask(Act.CORRECT, PATIENT, "patient", "name"))) == {("needs-review", "")}
    assert answer(ask(Act.CORRECT, NURSE, "patient", "name")).clauses == ("mending",)
    assert grounds(answer(ask(Act.CORRECT, NURSE, "chart", "weight"))) == {("no-clause", "chart")}
    assert answer(ask(Act.LEAVE, PATIENT)).clauses == ("leaving",)
    assert grounds(answer(ask(Act.LEAVE, NURSE))) == {("not-by", "role nurse")}


def test_choices_are_made_on_the_purposes_that_hang_on_them():
    assert isinstance(answer(ask(Act.CONSENT, PATIENT, purpose="imaging")), Permit)
    assert isinstance(answer(ask(Act.DECLINE, NURSE, purpose="imaging")), Permit)
    assert isinstance(answer(ask(Act.WITHDRAW, PATIENT, purpose="imaging")), Permit)
    assert isinstance(answer(ask(Act.OBJECT, PATIENT, purpose="outreach")), Permit)
    assert isinstance(answer(ask(Act.YIELD, PATIENT, purpose="outreach")), Permit)
    assert grounds(answer(ask(Act.OBJECT, PATIENT, purpose="care"))) == {("no-clause", "care")}
    assert grounds(answer(ask(Act.CONSENT, PATIENT, purpose="care"))) == {("no-clause", "care")}
    assert grounds(answer(ask(Act.CONSENT, PATIENT))) == {("no-purpose", "")}


def test_words_that_no_clause_speaks_are_each_named():
    found = answer(ask(Act.USE, NURSE, "garden", "rose", purpose="sport"))
    assert grounds(found) == {("unknown-category", "garden"), ("unknown-purpose", "sport")}
    found = answer(ask(Act.COLLECT, NURSE, "chart", "shoe", circumstance="dance"))
    assert grounds(found) == {("unknown-field", "shoe"), ("unknown-circumstance", "dance")}
    assert grounds(answer(ask(Act.USE, NURSE, "chart"))) == {("no-purpose", "")}


def test_a_hold_is_placed_for_a_reason_of_its_clause_and_no_other_reason_is_repeated():
    kept = book(keeping=Keep("file", ("chart",), Period(days=9), holds=("litigation",), held_by=DOCTORS))
    request = ask(Act.HOLD, DOCTOR, case="7", reason="litigation")
    assert answer(request, book=kept).clauses == ("keeping",)
    assert answer(replace(request, act=Act.RELEASE), book=kept).clauses == ("keeping",)
    assert grounds(answer(replace(request, case=""), book=kept)) == {("case-missing", "")}
    assert grounds(answer(replace(request, by=NURSE), book=kept)) == {("not-by", "role nurse")}
    other = replace(request, reason="Mrs Smith is cross")
    assert grounds(answer(other, book=kept)) == {("no-clause", "hold")}


def test_an_act_without_fields_is_refused_any():
    assert grounds(answer(ask(Act.LEAVE, PATIENT, "", "name"))) == {("unknown-field", "name")}


def test_a_recipient_and_a_purpose_cannot_be_read_as_another_pair():
    request = replace(TO_LAB, recipient="labs.north for care", purpose="")
    assert key_of(request) not in {word for _, _, word in BOOK.cells}
    assert not isinstance(answer(request), Permit)


def test_software_acting_for_a_person_is_judged_as_the_person():
    anyone = book(chart=collect("chart", "weight"), own=use("care", "chart", by=Who(subject=True)))
    request = ask(Act.USE, PATIENT, "chart", purpose="care")
    through = replace(request, by=replace(PATIENT, through="portal"))
    assert answer(request, book=anyone) == answer(through, book=anyone)
    assert isinstance(answer(through, book=anyone), Permit)
    assert WARD.subject
