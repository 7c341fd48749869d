import pytest

from tests.terms.small import BASE, COLLECT, KEEP, USE, agreement
from troth.terms.abilities import PERFORMABLE
from troth.terms.check import check
from troth.terms.parse import parse
from troth.terms.vocabulary import RightName

CONTACT = "contact: {email: a@b.example}\nauthority: the authority"


def told(*rules):
    return [(f.code, f.clause) for f in check(parse(agreement(*rules)))]


def with_fields(fields):
    return COLLECT.replace("{email: email}", "{" + fields + "}")


def test_every_right_has_a_way_to_be_performed():
    assert set(PERFORMABLE) == set(RightName)


@pytest.mark.parametrize(
    "right",
    [
        "right: withdraw\nhow: review",
        "right: opt_out\nhow: review",
        "right: correct\nhow: review",
        "right: complain",
        "right: object\nfor: service",
        "right: withdraw\nfor: service",
        "right: object",
    ],
)
def test_a_right_that_cannot_be_performed_is_an_error(right):
    assert ("L13", "c4") in told(*BASE, right)


@pytest.mark.parametrize(
    "right",
    [
        "right: access",
        "right: erase\nof: account",
        "right: correct\nhow: review\nby: {subject: true, roles: [desk]}",
        "right: leave",
    ],
)
def test_a_right_that_can_be_performed_is_clean(right):
    assert told(*BASE, right) == []


def test_a_complaint_needs_an_authority():
    assert told(*BASE, "right: complain", CONTACT) == []
    assert ("L13", "c4") in told(*BASE, "right: complain", "contact: {email: a@b.example}")


def test_nothing_is_gone_sooner_than_the_store_can_do():
    assert ("L14", "c3") in told(COLLECT, USE, KEEP + "\ngone_within: PT59M")
    assert ("L14", "c4") in told(*BASE, "protect: {gone_within: PT1M}")
    assert told(COLLECT, USE, KEEP + "\ngone_within: PT1H") == []


def test_a_class_cannot_outlast_the_bound_promised_for_all():
    assert told(*BASE, "protect: {gone_within: PT12H}") == [("L14", "c3")]
    assert told(*BASE, "protect: {gone_within: P1D}") == []


def test_only_what_can_be_counted_can_be_anonymised():
    assert ("L14", "c3") in told(COLLECT, USE, KEEP + "\nthen: anonymise")
    assert (
        told(
            with_fields("mood: {type: choice, choices: [good, bad]}, age: integer, at: time"),
            USE + "\nleaves: aggregates",
            KEEP + "\nthen: anonymise",
            "protect: {epsilon: 1, unit: member, threshold: 10}",
        )
        == []
    )


def test_totals_of_a_few_are_no_anonymous_ones():
    counted = [with_fields("age: integer"), USE + "\nleaves: aggregates", KEEP + "\nthen: anonymise"]
    assert told(*counted, "protect: {epsilon: 1, unit: member, threshold: 9}") == [("L14", "c3")]
    assert (
        told(*counted, "protect: {epsilon: 1, unit: member, threshold: 9}", "protect: {threshold: 10}") == []
    )


def test_what_is_to_remain_and_nobody_reads_is_a_warning():
    assert told(with_fields("age: integer"), USE, KEEP + "\nthen: anonymise") == [("L16", "c3")]


BAN = "never: use\nof: account.%s"


@pytest.mark.parametrize(
    ("source", "hidden"),
    [
        ("number: {type: id_number, countries: [PL]}", "born: date"),
        ("number: {type: id_number, countries: [PL]}", "sex: gender"),
        ("number: {type: iban}", "land: country"),
        ("number: {type: ip}", "land: country"),
        ("number: {type: phone}", "land: country"),
        ("number: {type: name}", "sex: gender"),
    ],
)
def test_a_denied_field_that_another_tells_is_found(source, hidden):
    rules = (with_fields(f"{source}, {hidden}"), USE.replace("of: account", "of: account.number"), KEEP)
    hits = told(*rules, BAN % hidden.split(":", maxsplit=1)[0])
    assert ("L15", "c2") in hits


def test_a_number_that_tells_no_birth_is_clean_of_it():
    rules = (
        with_fields("number: {type: id_number, countries: [DE]}, born: date"),
        USE.replace("of: account", "of: account.number"),
        KEEP,
    )
    assert "L15" not in [code for code, _ in told(*rules, BAN % "born")]


def test_nothing_is_laundered_through_a_flow_with_another_aim():
    rules = (with_fields("number: ip, land: country"), USE.replace("of: account", "of: account.number"), KEEP)
    ban = (BAN % "land") + "\nfor: other"
    other = USE.replace("use: service", "use: other").replace("of: account", "of: account.number")
    both = with_fields("number: ip, land: country").replace("for: service", "for: [service, other]")
    assert ("L15", "c2") not in told(both, *rules[1:], ban, other)


@pytest.mark.parametrize("measures", ["{epsilon: 1, unit: member}", "{threshold: 20}"])
def test_aggregates_without_a_measured_privacy_are_a_warning(measures):
    assert told(COLLECT, USE + "\nleaves: aggregates", KEEP, f"protect: {measures}") == [("L16", "c2")]


@pytest.mark.parametrize(
    "field", ["e_mail: text", "home-phone: text", "birth_place: text", "password: text", "dob: reference"]
)
def test_a_plain_field_named_like_a_typed_one_is_a_warning(field):
    assert told(with_fields(field), USE, KEEP) == [("L19", "c1")]


@pytest.mark.parametrize("field", ["ship: text", "nickel: text", "username: handle", "tip: text"])
def test_a_field_that_only_contains_such_letters_is_clean(field):
    assert told(with_fields(field), USE, KEEP) == []
