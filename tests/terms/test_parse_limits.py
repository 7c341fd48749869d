"""How long and how many words may be, so that every line of the ledger can name them; and what is no text."""

import pytest

from tests.terms.small import BASE, COLLECT, KEEP, USE, agreement
from tests.terms.test_parse import faults, only, rule
from troth.terms.agreement import Collect, Target, Use
from troth.terms.parse import LINE, parse
from troth.terms.vocabulary import LONGEST_WORD

# ---- what a ledger line must be able to name

LONG = "w" * LONGEST_WORD
DISCLOSE = (
    "disclose: DISCLOSED\nrecipients: {PARTY: {place: SG, relationship: processor}}\nof: account\n"
    "for: service\nby: {roles: [ROLE], programs: [PROGRAM]}\nbasis: contract"
)
STRETCHED = {
    "category": (BASE, "account"),
    "purpose": (BASE, "service"),
    "circumstance": (BASE, "joining"),
    "field": ((COLLECT.replace("email:", "FIELD:"), USE, KEEP), "FIELD"),
    "retention class": (tuple(rule.replace("keep: account", "keep: KEPT") for rule in BASE), "KEPT"),
    "class of recipients": ((*BASE, DISCLOSE), "DISCLOSED"),
    "recipient": ((*BASE, DISCLOSE), "PARTY"),
    "role": ((*BASE, DISCLOSE), "ROLE"),
    "program": ((*BASE, DISCLOSE), "PROGRAM"),
    "hold": ((COLLECT, USE, KEEP + "\nholds: [HOLD]\nheld_by: {roles: [desk]}"), "HOLD"),
    "place": ((*BASE, "store: [PLACE]"), "PLACE"),
}  # fmt: skip


@pytest.mark.parametrize(("rules", "word"), STRETCHED.values(), ids=STRETCHED)
def test_a_word_longer_than_the_ledger_can_compose_is_a_fault_and_one_shorter_is_none(rules, word):
    assert parse(agreement(*(rule.replace(word, LONG) for rule in rules)))
    found = faults(agreement(*(rule.replace(word, LONG + "w") for rule in rules)))
    assert {fault.code for fault in found} == {"value"}
    assert "of at most 60 characters" in found[0].sentence


def test_two_words_of_a_target_may_each_be_as_long_as_a_word():
    text = agreement(COLLECT.replace("account", LONG).replace("email:", f"{LONG}:"),
                     USE.replace("account", f"{LONG}.{LONG}"), KEEP.replace("account", LONG))  # fmt: skip
    assert rule(text, Use).of == (Target(LONG, LONG),)


def test_a_clause_id_is_as_long_as_a_word_at_most():
    text = agreement(*BASE)
    assert parse(text.replace("{#c1}", f"{{#{LONG}}}"))
    fault = only(text.replace("{#c1}", f"{{#{LONG}w}}"))
    assert (fault.line, fault.code, fault.fix) == (9, "heading", "shorten it")


def test_a_word_that_is_declared_and_is_no_word_is_a_fault_all_the_same():
    found = faults(agreement(*(rule.replace("service", "'a b'") for rule in BASE)))
    assert {fault.code for fault in found} == {"value"}


def fields(count: int, length: int) -> str:
    return "{" + ", ".join(f"f{n:06}".ljust(length, "x") + ": integer" for n in range(count)) + "}"


def test_fields_that_one_line_of_the_ledger_cannot_name_are_a_fault_at_their_clause():
    most = (LINE - 3 * 5) // (2 * 40 + 25)
    assert parse(agreement(COLLECT.replace("{email: email}", fields(most, 40)), USE, KEEP))

    fault = only(agreement(COLLECT.replace("{email: email}", fields(most + 1, 40)), USE, KEEP))
    assert (fault.line, fault.code) == (9, "size")
    assert "the fields of `account`" in fault.sentence


def test_fields_of_several_collections_of_a_category_are_counted_together_and_once():
    half = (LINE - 3 * 6) // (2 * 40 + 25) // 2 + 1
    first = COLLECT.replace("{email: email}", fields(half, 40))
    again = first.replace("when: joining", "when: later")
    assert parse(agreement(first, again, USE, KEEP))

    fault = only(agreement(first, again.replace("f0", "g0"), USE, KEEP))
    assert (fault.line, fault.code) == (21, "size")


def test_classes_that_one_line_of_the_ledger_cannot_name_are_a_fault():
    longer = "".join(f"\n  - {{why: service.{'x' * 40}{n}, of: account, for: P2Y}}" for n in range(100, 500))
    uses = [f"use: service.{'x' * 40}{n}\nof: account\nby: subject\nbasis: contract" for n in range(100, 500)]
    found = faults(agreement(*BASE[:2], f"{KEEP}\nlonger:{longer}", *uses))
    assert [(fault.code, fault.sentence[:11]) for fault in found] == [("size", "the classes")]


def test_clauses_that_one_line_of_the_ledger_cannot_cite_are_a_fault():
    many = [f"inform: reason {n}" for n in range(LINE // 6)]
    fault = only(agreement(*BASE, *many))
    assert (fault.line, fault.code) == (1, "size")


# ---- one value where a list may stand, and what is no text


@pytest.mark.parametrize(
    ("need", "meant"), [("email", ("email",)), ("[email]", ("email",)), ("any", "any"), ("all", "all")]
)
def test_what_a_collection_needs_may_be_one_field_without_brackets(need, meant):
    assert rule(agreement(f"{COLLECT}\nneed: {need}", USE, KEEP), Collect).need == meant


def test_a_needed_field_that_is_none_is_told_with_the_nearest_one():
    fault = only(agreement(f"{COLLECT}\nneed: emial", USE, KEEP))
    assert (fault.code, fault.fix) == ("L3", "did you mean `email`?")


@pytest.mark.parametrize("flag", ["true", "True", "FALSE"])
@pytest.mark.parametrize(
    ("here", "key"),
    [("when: joining", "when"), ("basis: contract", "notice"), ("title: A small agreement", "title")],
)
def test_a_flag_where_text_is_wanted_is_a_fault_unless_it_is_quoted(flag, here, key):
    new = f"{here}\nnotice: {flag}" if key == "notice" else f"{key}: {flag}"
    text = agreement(*BASE)
    fault = only(text.replace(here, new, 1))
    assert (fault.code, fault.fix) == ("value", "put it into quotes")
    assert text.split("\n")[fault.line - 1].startswith(key) or key == "notice"
    assert parse(text.replace(here, new.replace(flag, f"'{flag}'"), 1))


@pytest.mark.parametrize("digits", ["\uff11", "\u0661"])
def test_digits_are_those_of_ascii(digits):
    assert only(agreement(*BASE).replace("version: 1", f"version: {digits}")).code == "value"
    protect = f"protect: {{epsilon: {digits}, unit: member, threshold: 10}}"
    assert only(agreement(*BASE, protect)).code == "value"


@pytest.mark.parametrize(
    "text",
    [
        "20270101T000000Z",
        "2027-W01-1T00:00:00Z",
        "2027-01-01 00:00:00Z",
        "2027-01-01T00:00:00",
        "2027-02-30T00:00:00Z",
    ],
)
def test_an_instant_is_written_in_one_form(text):
    assert only(agreement(*BASE).replace("2027-01-01T00:00:00Z", text)).code == "value"


def test_a_type_written_with_a_hyphen_is_not_found_by_either():
    fault = only(
        agreement(COLLECT.replace("email: email", "email: {type: card-last4, find: exact}"), USE, KEEP)
    )
    assert "too few values" in fault.sentence
