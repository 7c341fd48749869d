import pytest

from tests.terms.small import BASE, COLLECT, KEEP, USE, agreement
from troth.terms.check import check
from troth.terms.parse import parse

CONSENT = COLLECT.replace("basis: contract", "basis: consent\nconsent: service")
ASKED = USE.replace("basis: contract", "basis: consent\nconsent: true")
WITHDRAW = "right: withdraw"
POST = (
    "disclose: post\nrecipients: {a: {place: %s, relationship: processor}}\nof: account\nfor: service\n"
    "by: {roles: [desk]}\nbasis: %s"
)


def told(*rules):
    return [(f.code, f.clause, f.other) for f in check(parse(agreement(*rules)))]


def test_a_small_agreement_is_clean():
    assert told(*BASE) == []
    assert told(CONSENT, ASKED, KEEP, WITHDRAW) == []


def test_a_category_in_two_classes_is_an_error():
    assert ("L4", "c4", "c3") in told(*BASE, "keep: other\nof: account\nfor: P2Y")


def test_a_class_set_twice_is_an_error():
    other = COLLECT.replace("account", "more").replace("keep: more", "keep: account")
    hits = told(
        COLLECT,
        other,
        USE.replace("of: account", "of: [account, more]"),
        KEEP,
        "keep: account\nof: more\nfor: P2Y",
    )
    assert ("L4", "c5", "c4") in hits


def test_a_collection_and_its_class_must_name_each_other():
    other = COLLECT.replace("account", "spare").replace("keep: spare", "keep: other")
    elsewhere = COLLECT.replace("keep: account", "keep: other")
    assert ("L4", "c1", "c4") in told(elsewhere, USE, "keep: other\nof: spare\nfor: P1Y", KEEP, other)


def test_a_child_is_kept_as_its_parent_unless_a_class_names_it():
    child = COLLECT.replace("collect: account", "collect: account.notes")
    assert told(COLLECT, child, USE, KEEP) == []
    own = child.replace("keep: account", "keep: notes")
    assert told(COLLECT, own, USE, KEEP, "keep: notes\nof: account.notes\nfor: P30D") == []
    assert ("L4", "c2", "c5") in told(COLLECT, child, USE, KEEP, "keep: notes\nof: account.notes\nfor: P30D")


def test_a_special_category_needs_its_condition():
    special = COLLECT.replace("email: email", "email: {type: email, special: true}")
    assert told(special, USE, KEEP) == [("L4", "c1", None)]
    assert told(special + "\nspecial_condition: health-care", USE, KEEP) == []


@pytest.mark.parametrize("time", ["from: leave", "from: leave\nat_most: P1M", "at_most: P9Y"])
def test_a_retention_without_a_true_end_is_an_error(time):
    assert ("L6", "c3", None) in told(COLLECT, USE, f"{KEEP}\n{time}")


@pytest.mark.parametrize(
    "old_new",
    [
        ("for: P1Y", "for: P99999Y"),
        ("for: P1Y", "for: P151Y"),
        ("for: P1Y", "for: P54789D"),
        ("for: P1Y", "for: P1Y\nfrom: leave\nat_most: P200Y"),
        ("for: P1Y", "for: P1Y\nlonger:\n  - {why: service, of: account.email, for: P9999Y}"),
    ],
)
def test_a_retention_that_outlasts_everyone_has_no_end(old_new):
    assert told(COLLECT, USE, KEEP.replace(*old_new)) == [("L6", "c3", None)]


def test_a_retention_as_long_as_a_life_has_an_end():
    assert told(COLLECT, USE, KEEP.replace("P1Y", "P150Y")) == []


def test_a_retention_of_no_time_needs_an_event():
    assert told(COLLECT, USE, KEEP.replace("P1Y", "P0D")) == [("L6", "c3", None)]
    assert told(COLLECT, USE, KEEP.replace("P1Y", "P0D") + "\nfrom: leave\nat_most: P9Y") == []


def test_a_purpose_may_stand_under_the_one_it_was_collected_for():
    assert told(COLLECT, USE.replace("use: service", "use: service.letters"), KEEP) == []
    hits = told(
        COLLECT.replace("for: service", "for: service.letters"),
        USE + "\n",
        KEEP,
        USE.replace("service", "service.letters"),
    )
    assert ("L8", "c2", None) in hits


def test_reading_everything_is_a_warning():
    hits = check(parse(agreement(COLLECT, USE.replace("of: account", "of: '*'"), KEEP)))
    assert [(f.code, f.level) for f in hits] == [("L8", "warning")]


@pytest.mark.parametrize(
    ("rules", "clause"),
    [
        ((CONSENT, ASKED, KEEP), "c1"),
        ((COLLECT, ASKED.replace("\nconsent: true", ""), KEEP, WITHDRAW), "c2"),
        ((CONSENT, ASKED, KEEP, WITHDRAW, USE.replace("[desk]", "[agent]")), "c5"),
        ((CONSENT, ASKED, KEEP, WITHDRAW, POST % ("SG", "contract")), "c5"),
        ((*BASE, POST % ("SG", "consent")), "c4"),
        ((COLLECT.replace("basis: contract", "basis: consent"), USE, KEEP), "c1"),
        ((COLLECT, USE + "\nobjection: true", KEEP), "c2"),
        ((CONSENT, ASKED, KEEP, "right: withdraw\nfor: other", USE.replace("service", "other")), "c1"),
    ],
)
def test_consent_that_cannot_end_a_flow_is_an_error(rules, clause):
    assert ("L9", clause) in [hit[:2] for hit in told(*rules)]


def test_a_disclosure_on_consent_that_is_asked_is_clean():
    assert told(CONSENT, ASKED, KEEP, WITHDRAW, POST % ("SG", "consent")) == []


def test_a_recipient_that_nothing_can_reach_is_told():
    assert told(*BASE, "store: SG", POST % ("US", "contract")) == [("L12", "c5", None)]
    moved = "transfer: {from: SG, to: US}\nsafeguard: scc"
    assert told(*BASE, "store: SG", POST % ("US", "contract"), moved) == []
    assert told(*BASE, "store: SG", POST % ("US", "contract"), moved + "\nof: account.email") == [
        ("L12", "c5", None)
    ]


def test_fields_that_nobody_reads_are_a_warning():
    hits = check(parse(agreement(COLLECT.replace("{email: email}", "{email: email, phone: phone}"),
                                 USE.replace("of: account", "of: account.email"), KEEP)))  # fmt: skip
    assert [(f.code, f.level) for f in hits] == [("L5", "warning")]
    assert "`phone`" in hits[0].sentence


def test_a_category_taken_in_twice_in_one_circumstance_is_an_error():
    again = COLLECT.replace("{email: email}", "{phone: phone}")
    assert ("L12", "c2", "c1") in told(COLLECT, again, USE, KEEP)
    assert told(COLLECT, again.replace("when: joining", "when: later"), USE, KEEP) == []


def test_a_reason_to_keep_longer_said_twice_is_an_error():
    once = "\n  - {why: service, of: account.email, for: P2Y}"
    longer = f"\nlonger:{once}{once.replace('P2Y', 'P3Y')}"
    assert ("L12", "c3", None) in told(COLLECT, USE, KEEP + longer)


def test_a_hold_that_nobody_may_place_is_an_error():
    assert ("L12", "c3", None) in told(COLLECT, USE, KEEP + "\nholds: [lawsuit]")
    assert told(COLLECT, USE, KEEP + "\nholds: [lawsuit]\nheld_by: {roles: [lawyer]}") == []
