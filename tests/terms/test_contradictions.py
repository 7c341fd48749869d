"""The sixteen cells of the contradiction matrix, each written as an agreement and found by `check`."""

import pytest

from tests.terms.small import agreement
from troth.terms.check import check
from troth.terms.contradictions import CELLS
from troth.terms.parse import parse

FIELDS = "{email: email, phone: phone, street: text}"
COLLECT = "collect: contact\nwhen: visit\nfields: %s\nbasis: contract\nfor: [care, send]\nkeep: all"
DEVICE = "collect: device\nwhen: visit\nfields: {serial: uid}\nbasis: contract\nfor: [care, send]\nkeep: all"
USE = "use: care\nof: [contact, device]\nby: {roles: [doctor]}\nbasis: contract"
KEEP = "keep: all\nof: [contact, device]\nfor: P1Y"
HERE = "{place: SG, relationship: processor}"
GIVE = "disclose: %s\nrecipients: {%s}\nof: %s\nfor: send\nby: {roles: [doctor]}\nbasis: contract"
NEVER = "never: disclose\nof: %s\nto: %s"

# To whom: what is permitted, what is denied.
WHO = {
    "same": (("departments", ["office", "lab"]), "departments"),
    "narrower": (("departments.office", ["front"]), "departments"),
    "broader": (("departments", ["office", "lab"]), "departments.office"),
    "overlap": (("departments", ["office", "lab"]), "[departments.office, others]"),
}
WHAT = {
    "same": ("contact.email", "contact.email"),
    "narrower": ("contact.email", "contact"),
    "broader": ("contact", "contact.email"),
    "overlap": ("[contact.email, contact.phone]", "[contact.phone, contact.street]"),
}


def check_text(*rules):
    return check(parse(agreement(COLLECT % FIELDS, DEVICE, USE, KEEP, *rules)))


def give(name, parties, of):
    return GIVE % (name, ", ".join(f"{party}: {HERE}" for party in parties), of)


@pytest.mark.parametrize(
    ("cell", "of", "to"), [(CELLS[key], *key) for key in CELLS], ids=list(CELLS.values())
)
def test_each_cell_is_found_and_named(cell, of, to):
    (name, parties), denied_to = WHO[to]
    permitted, denied = WHAT[of]
    more = [give("departments", ["desk"], "device")] if "." in name else []
    if "others" in denied_to:
        more.append(give("others", ["x"], "device"))
    found = [
        f
        for f in check_text(give(name, parties, permitted), *more, NEVER % (denied, denied_to))
        if f.code in ("L1", "L2")
    ]
    assert [f.code for f in found] == ["L2" if cell.startswith("N") else "L1"]
    assert f"({cell})" in found[0].sentence
    assert found[0].clause == "c5"
    assert found[0].other == f"c{6 + len(more)}"
    assert f"`c{6 + len(more)}`" in found[0].sentence
    assert found[0].fix


def test_there_are_sixteen_cells_twelve_of_them_contradictions():
    assert sorted(CELLS.values()) == sorted([f"C{n}" for n in range(1, 13)] + [f"N{n}" for n in range(1, 5)])


def codes(*rules):
    return [f.code for f in check_text(*rules) if f.level == "error"]


POST = give("post", ["a", "b"], "contact.email")


def test_disjoint_statements_do_not_conflict():
    assert codes(POST, "never: disclose\nof: contact.phone") == []
    assert codes(POST, "never: disclose\nfor: care") == []
    assert codes(POST, "never: disclose\nin: EEA") == []
    assert codes(POST, "never: use\nof: contact\nfor: send") == []
    assert codes(POST, "never: [sell, rent]") == []


def test_an_exception_resolves_a_contradiction():
    assert codes(POST, "never: disclose\nof: contact\nexcept: {of: contact.email, to: post}") == []


def test_several_exceptions_resolve_it_together():
    one = "never: disclose\nof: contact\nexcept:\n  - {of: contact.email, to: post.a}\n"
    assert codes(POST, one) == ["L1"]
    assert codes(POST, one + "  - {of: contact.email, to: post.b}\n") == []


def test_an_exception_of_an_exception_denies_again():
    nested = "never: disclose\nexcept: {to: post, except: {to: post.b}}"
    assert codes(POST, nested) == ["L1"]


def test_places_and_purposes_must_meet_as_well():
    assert codes(POST, "never: disclose\nin: SG") == ["L1", "L12"]
    assert codes(POST, "never: disclose\nfor: send") == ["L1", "L12"]


def test_a_rule_of_which_nothing_is_left_is_told_once_more():
    found = [f for f in check_text(POST, "never: disclose\nof: contact") if f.code == "L12"]
    assert [(f.clause, f.other) for f in found] == [("c5", "c6")]
    assert "nothing of this rule is left" in found[0].sentence


def test_uses_collections_and_transfers_are_held_against_what_never_happens():
    assert codes(POST, "never: use\nof: device\nfor: care") == ["L2"]
    assert codes(POST, "never: collect\nof: device") == ["L1", "L12"]
    move = "transfer: {from: SG, to: US}\nsafeguard: scc\nof: contact"
    assert codes(POST, "store: SG", move, "never: transfer\nin: US") == ["L1", "L12"]
    assert codes(POST, "store: SG", move, "never: transfer\nof: device") == []
    assert codes(POST, "store: SG", move, "never: transfer\nfor: care") == []


def test_collecting_nothing_else_is_no_contradiction():
    assert codes(POST, "never: collect\nof: '*'\nexcept: {of: [contact, device]}") == []


@pytest.mark.parametrize(
    "extra",
    [
        "never: use\nof: contact\nfor: send\nexcept: {of: device}",
        KEEP.replace("all", "more", 1).replace("[contact, device]", "device")
        + "\nlonger: {why: care, of: device, for: P6M}",
        USE,
    ],
)
def test_what_can_never_matter_is_told(extra):
    assert "L12" in [f.code for f in check_text(POST, extra)]
