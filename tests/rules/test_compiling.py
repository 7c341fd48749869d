import pytest

from tests.rules.clinic import (
    CLINIC,
    DOCTOR,
    NURSE,
    PATIENT,
    WARD,
    agreement,
    answer,
    ask,
    book,
    collect,
    disclose,
    grounds,
    never,
    of,
    use,
)
from troth.rules.compiling import compile_rules
from troth.rules.decision import Act, Permit, Why, member, program
from troth.terms.agreement import Keep, Longer, RightRule, Scope, Transfer, Who
from troth.terms.vocabulary import Period, RightName

TO_LAB = {"purpose": "care", "recipient": "labs.south"}
CHART = collect("chart", "weight", "note")


def test_the_words_of_an_agreement_are_those_its_rules_speak():
    clinic = compile_rules(agreement(**CLINIC))
    assert set(clinic.fields) == {"patient", "chart", "chart.scan"}
    assert clinic.purposes == {"care", "imaging", "outreach", "counting", "audit"}
    assert clinic.circumstances == {"arrival", "visit"}
    assert set(clinic.recipients) == {"labs.north", "labs.south"}
    assert clinic.recipients["labs.south"].place == "SEA"
    assert clinic.consentable == {"imaging": ("scans", "imaging")}
    assert clinic.objectable == {"outreach": ("outreach",)}
    assert clinic.places == (("HILL", "standing"), ("PEAK", "standing"))
    assert clinic.home == "standing"
    assert clinic.residency["chart.scan"] == ((("HILL.TOWN", "HILL.PEAK"), "standing"),)
    assert clinic.everything == tuple(CLINIC)
    assert clinic.rights[RightName.LEAVE] == ("leaving",)


def test_a_longer_reason_makes_a_part_of_its_own_and_the_rest_comes_first():
    keep = Keep(
        "file", ("chart",), Period(days=90), longer=(Longer("safety", of("chart:ip"), Period(months=12)),)
    )
    parts = book(keeping=keep, logs=collect("chart", "page", "ip", "time")).intakes["chart", "visit"].parts
    assert [(part.kept, part.fields, part.only_for, part.longer) for part in parts] == [
        ("file", ("page", "time"), None, -1),
        ("file:safety", ("ip",), "safety", 0),
    ]


def test_every_field_of_a_collection_is_in_exactly_one_part():
    reasons = (Longer("a", of("chart"), Period(days=2)), Longer("b", of("chart:ip"), Period(days=3)))
    keep = Keep("file", ("chart",), Period(days=1), longer=reasons)
    parts = book(keeping=keep, logs=collect("chart", "page", "ip")).intakes["chart", "visit"].parts
    assert sorted(name for part in parts for name in part.fields) == ["ip", "page"]


@pytest.mark.parametrize(
    ("need", "marked", "needed", "at_least_one"),
    [
        ("all", (), ("weight", "note"), False),
        ("any", (), (), True),
        (("note",), (), ("note",), False),
    ],
)
def test_what_a_collection_needs(need, marked, needed, at_least_one):
    intake = book(chart=collect("chart", "weight", "note", need=need)).intakes["chart", "visit"]
    assert (intake.needed, intake.any) == (needed, at_least_one)


def test_a_prohibition_on_disclosing_for_a_purpose_looks_at_the_purpose_asked_for():
    shared = book(
        chart=CHART,
        labs=disclose("labs", {"north": "HILL"}, "chart", serving=("care", "ads")),
        no_ads=never("disclose", purposes=("ads",)),
    )
    request = ask(Act.DISCLOSE, DOCTOR, "chart", "note", recipient="labs.north", purpose="care")
    assert isinstance(answer(request, book=shared), Permit)
    sold = ask(Act.DISCLOSE, DOCTOR, "chart", "note", recipient="labs.north", purpose="ads")
    assert grounds(answer(sold, book=shared)) == {("denied", "note")}


def test_a_collection_for_a_forbidden_purpose_is_forbidden_whatever_else_it_serves():
    mixed = book(
        chart=collect("chart", "weight", serving=("care", "ads.others")),
        no_ads=never("collect", purposes=("ads",), excepts=(Scope(purposes=("care",)),)),
    )
    request = ask(Act.COLLECT, NURSE, "chart", circumstance="visit")
    assert grounds(answer(request, book=mixed)) == {("denied", "weight")}


def test_a_forbidden_collection_does_not_spoil_its_neighbour():
    two = book(
        weights=collect("chart", "weight"),
        steps=collect("chart", "steps", serving=("ads",)),
        no_ads=never("collect", purposes=("ads",)),
    )
    assert answer(ask(Act.COLLECT, NURSE, "chart", circumstance="visit"), book=two).fields == {"weight"}


def test_a_transfer_is_allowed_field_by_field():
    sent = book(
        chart=CHART,
        labs=disclose("labs", {"south": "SEA"}, "chart"),
        weights=Transfer("HILL", "SEA", "clauses", of("chart:weight")),
    )
    assert answer(ask(Act.DISCLOSE, DOCTOR, "chart", **TO_LAB), book=sent).fields == {"weight"}
    found = answer(ask(Act.DISCLOSE, DOCTOR, "chart", "note", **TO_LAB), book=sent)
    assert grounds(found) == {("transfer-missing", "labs.south")}


def test_two_transfers_may_share_the_fields_of_one_disclosure():
    sent = book(
        chart=CHART,
        labs=disclose("labs", {"south": "SEA"}, "chart"),
        weights=Transfer("HILL", "SEA", "clauses", of("chart:weight")),
        notes=Transfer("HILL", "SEA", "clauses", of("chart:note")),
    )
    assert answer(ask(Act.DISCLOSE, DOCTOR, "chart", **TO_LAB), book=sent).clauses == (
        "labs",
        "notes",
        "weights",
    )
    assert answer(ask(Act.DISCLOSE, DOCTOR, "chart", "note", **TO_LAB), book=sent).clauses == (
        "labs",
        "notes",
    )


@pytest.mark.parametrize(
    ("place", "denied"), [("SEA", True), ("HILL.PEAK", True), ("HILL", False), ("HILL.TOWN.EAST", False)]
)
def test_a_prohibition_of_transfers_meets_recipients_outside_of_the_house_s_place(place, denied):
    kept = book(
        chart=CHART,
        labs=disclose("labs", {"south": place}, "chart"),
        allowed=Transfer("HILL", place, "clauses"),
        no_transfer=never("transfer"),
    )
    found = answer(ask(Act.DISCLOSE, DOCTOR, "chart", "note", **TO_LAB), book=kept)
    assert isinstance(found, Permit) is not denied
    if denied:
        assert grounds(found) == {("denied", "note")}


def test_a_house_may_stand_elsewhere_than_the_organisation():
    rules = {
        "keeping": Keep("file", ("chart",), Period(days=1)),
        "chart": CHART,
        "labs": disclose("labs", {"south": "SEA.PORT"}, "chart"),
    }
    request = ask(Act.DISCLOSE, DOCTOR, "chart", "note", **TO_LAB)
    assert grounds(answer(request, book=compile_rules(agreement(**rules)))) == {
        ("transfer-missing", "labs.south")
    }
    assert isinstance(answer(request, book=compile_rules(agreement(**rules), at="SEA")), Permit)


def test_selling_and_renting_are_practices_of_no_act():
    unsold = book(chart=CHART, care=use("care", "chart"), no_sale=never("sell", "rent"))
    assert isinstance(answer(ask(Act.USE, NURSE, "chart", purpose="care"), book=unsold), Permit)


def test_every_member_of_staff_whom_a_collection_names_may_record_the_consent_it_waits_for():
    asked = book(both=(
        collect("chart", "weight", consent="care", by=Who(frozenset({"doctor"}))),
        collect("patient", "name", consent="care", by=Who(frozenset({"nurse"}))),
        use("care", "chart"),
    ))  # fmt: skip
    for by in (DOCTOR, NURSE, PATIENT):
        assert answer(ask(Act.CONSENT, by, purpose="care"), book=asked).clauses == ("both",)
    assert asked.consentable == {"care": ("both",)}


@pytest.mark.parametrize("act", [Act.CONSENT, Act.DECLINE])
def test_a_program_that_collects_on_consent_says_yes_or_no_in_the_persons_session_alone(act):
    asked = book(
        chart=collect("chart", "weight", consent="care", by=Who(programs=frozenset({"portal"}))),
        care=use("care", "chart", consent=True),
    )
    refusal = answer(ask(act, program("portal"), purpose="care"), book=asked)

    assert isinstance(answer(ask(act, member(through="portal"), purpose="care"), book=asked), Permit)
    assert {(reason.why, reason.word) for reason in refusal.reasons} == {(Why.NOT_BY, "program portal")}


@pytest.mark.parametrize("right", [RightName.OBJECT, RightName.OPT_OUT])
def test_a_right_to_object_is_for_the_purposes_it_names_and_all_below(right):
    some = book(
        chart=CHART,
        news=use("news.weekly", "chart", objection=True),
        ads=use("ads", "chart", objection=True),
        right=RightRule(right, purposes=("news",)),
    )
    assert isinstance(answer(ask(Act.OBJECT, PATIENT, purpose="news.weekly"), book=some), Permit)
    assert grounds(answer(ask(Act.OBJECT, PATIENT, purpose="ads"), book=some)) == {("no-clause", "ads")}


def test_a_right_over_everything_may_say_so_with_a_star():
    starred = book(chart=CHART, erasing=RightRule(RightName.ERASE, of("*")))
    assert isinstance(answer(ask(Act.ERASE, PATIENT, "*"), book=starred), Permit)
    named = book(chart=CHART, erasing=RightRule(RightName.ERASE, of("chart")))
    assert grounds(answer(ask(Act.ERASE, PATIENT, "*"), book=named)) == {("no-clause", "*")}


def test_the_clauses_considered_are_all_that_could_have_mattered():
    cell = book(
        chart=CHART,
        care=use("care", "chart", by=WARD),
        elsewhere=never("use", targets=("patient",)),
        unrelated=never("disclose"),
    ).cells[Act.USE, "chart", "care"]
    assert cell.considered == ("care", "elsewhere")
    assert cell.denied == {}
