"""Lines of the ledger under the longest words that an agreement may have: none is lost for its length."""

import pytest

from tests.inside import ledger_of
from tests.terms.small import FRONT
from troth.errors import Refused
from troth.rules.decision import member, program, staff
from troth.terms.check import check
from troth.terms.parse import LINE, parse
from troth.terms.vocabulary import LONGEST_WORD

WORDS = ("reader", "joining", "lending", "returning", "desk", "scanner", "couriers", "shop", "email", "kept")
LONG = {word: word.ljust(LONGEST_WORD, "x") for word in WORDS}
RULES = (
    (
        "collect: {reader}\nwhen: {joining}\nopens: true\nrecords: one\nfields: {{{email}: email}}\n"
        "basis: contract\nfor: [{lending}, {returning}]\nkeep: {kept}"
    ),
    "use: {lending}\nof: {reader}\nby: {{roles: [{desk}], programs: [{scanner}]}}\nbasis: contract",
    "use: {returning}\nof: {reader}\nby: {{roles: [{desk}]}}\nbasis: legal-obligation",
    (
        "keep: {kept}\nof: {reader}\nfor: P1Y\nduty: the law of libraries\n"
        "longer:\n  - {{why: {returning}, of: {reader}, for: P2Y}}"
    ),
    (
        "disclose: {couriers}\nrecipients: {{{shop}: {{place: US, relationship: processor}}}}\nof: {reader}\n"
        "for: {lending}\nby: {{roles: [{desk}]}}\nbasis: contract"
    ),
    "right: erase\nhow: self",
)
CLAUSE = "# Clause {{#{id}}}\nWe keep to this.\n\n```rule\n{rule}\n```\n"
TEXT = FRONT.replace("2027-01-01", "2020-01-01") + "".join(
    CLAUSE.format(id=f"c{n}".ljust(LONGEST_WORD, "x"), rule=rule.format(**LONG))
    for n, rule in enumerate(RULES)
)
COLLECT = {"about": "R1", "category": LONG["reader"], "when": LONG["joining"]}
DESK, SCANNER = staff("ada", LONG["desk"]), program(LONG["scanner"])


@pytest.fixture
def library(new_house):
    """A house in which every word is as long as may be; one reader is known."""
    house = new_house(TEXT)
    house.collect(**COLLECT, values={LONG["email"]: "rosa@example.org"})
    return house


def reasons(house):
    return ledger_of(house)[-1].reasons


def test_every_word_of_this_agreement_is_as_long_as_may_be():
    assert [finding for finding in check(parse(TEXT)) if finding.level == "error"] == []
    assert all(len(word) == LONGEST_WORD for word in LONG.values())


@pytest.mark.parametrize("by", [DESK, SCANNER], ids=["role", "program"])
def test_a_read_by_the_longest_role_or_program_is_remembered(library, by):
    library.purpose(LONG["lending"], by=by).read(about="R1", category=LONG["reader"])

    assert LONG["desk" if by is DESK else "scanner"] in ledger_of(library)[-1].actor


def test_a_refusal_names_the_longest_category(library):
    with pytest.raises(Refused):
        library.collect(**COLLECT, values={LONG["email"]: "rosa@example.org"})

    assert reasons(library) == (f"already-held:{LONG['reader']}",)


def test_a_refusal_names_the_longest_field(library):
    with pytest.raises(Refused):
        library.collect(**COLLECT | {"about": "R2"}, values={LONG["email"]: "no address"})

    assert reasons(library) == (f"malformed:{LONG['email']}",)


def test_a_refused_erasure_names_the_longest_class_with_the_longest_reason_to_keep_longer(library):
    with pytest.raises(Refused):
        library.erase(about="R1", by=member())

    assert reasons(library) == (f"duty:{LONG['kept']}:{LONG['returning']}",)


def test_a_reason_that_is_longer_than_a_name_is_remembered_by_its_code_alone(library):
    sharing = library.purpose(LONG["lending"], by=DESK)
    with pytest.raises(Refused):
        sharing.disclose(about="R1", category=LONG["reader"], to=f"{LONG['couriers']}.{LONG['shop']}")

    line = ledger_of(library)[-1]
    assert (line.reasons, line.recipient) == (
        ("transfer-missing",),
        f"{LONG['couriers']}.{LONG['shop']}",
    )


def test_a_refusal_for_every_field_of_the_widest_category_is_remembered(new_house):
    count = (LINE - 6 * 63) // (2 * LONGEST_WORD + 25)
    names = [f"f{n}".ljust(LONGEST_WORD, "x") for n in range(count)]
    wide = TEXT.replace(f"{{{LONG['email']}: email}}", "{" + ", ".join(f"{n}: integer" for n in names) + "}")
    house = new_house(wide)

    with pytest.raises(Refused):
        house.collect(**COLLECT, values=dict.fromkeys(names, "x"))

    assert len(reasons(house)) == len(ledger_of(house)[-1].fields) == count
