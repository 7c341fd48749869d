import pytest

from tests.houses import MEMBER_TEXT, START
from troth.evidence.history import Reader
from troth.ledger.entry import Entry
from troth.rules.compiling import compile_rules
from troth.terms.parse import parse

BOOK = compile_rules(parse(MEMBER_TEXT, "agreement.md"))
MIA, NOOR = "m" * 22, "n" * 22
SMS = "processors.messages.sms-gateway"
NEWSLETTER = "processors.promotions.newsletter-delivery"
POLICE = "authorities.financial-police"


def line(kind, clause="", **more):
    given = {"at": START, "kind": kind, "actor": "program:outbox", "act": "use", "outcome": "permitted"}
    return Entry(**{**given, "clauses": (clause,) if clause else (), "subject": MIA, **more})


def faults(*lines):
    found = Reader(BOOK).read(enumerate(lines)).faults
    return {clause: some for clause, some in found.items() if some}


def reading(clause="use.notices", **more):
    return line("record.used", clause, **{"category": "account", "purpose": "contact.service", **more})


def giving(clause="disclose.processors.messages", **more):
    given = {"category": "account", "purpose": "contact.service", "recipient": SMS, "fields": ("phone",)}
    return line("record.disclosed", clause, **{**given, **more})


CONSENT = line("consent.given", purpose="contact.promotion")
PROMOTION = {"clause": "use.promotions", "purpose": "contact.promotion", "fields": ("email",)}


def test_what_was_done_as_its_clause_says_is_no_fault():
    assert faults(reading(), CONSENT, reading(**PROMOTION), giving()) == {}


def test_lines_are_counted_by_kind_and_by_clause_and_refusals_apart():
    found = Reader(BOOK).read(
        enumerate(
            [
                reading(),
                line("record.collected", "collect.usage", category="usage", count=40),
                line("request.refused", "use.notices", outcome="refused", count=3),
            ]
        )
    )

    assert found.entries == 3
    assert found.cited["use.notices", "record.used"] == 1
    assert found.cited["collect.usage", "record.collected"] == found.kinds["record.collected"] == 40
    assert found.cited["", "request.refused"] == 3
    assert found.cited["use.notices", "request.refused"] == 0


@pytest.mark.parametrize("clause", ["use.security", "keep.account", "no.such-clause"])
def test_a_use_that_cites_another_clause_is_blamed_on_it(clause):
    assert list(faults(reading(clause))) == [clause]


def test_each_rule_of_a_clause_with_several_counts():
    paying = reading("use.payments", category="payment", purpose="service.payments")
    inquiring = reading("use.payments", category="payment", purpose="service.payments.inquiry")

    assert faults(paying, inquiring) == {}


@pytest.mark.parametrize(
    "before",
    [
        (),
        (line("consent.refused", purpose="contact.promotion"),),
        (CONSENT, line("consent.withdrawn", purpose="contact.promotion")),
        (line("consent.given", purpose="contact.promotion", subject=NOOR),),
        (line("consent.given", purpose="camera.profile"),),
    ],
    ids=["never", "refused", "withdrawn", "of somebody else", "for something else"],
)
def test_a_use_and_a_disclosure_without_a_consent_that_stood_are_blamed(before):
    assert list(faults(*before, reading(**PROMOTION))) == ["use.promotions"]
    given = giving("disclose.processors.promotions", purpose="contact.promotion", recipient=NEWSLETTER)
    assert list(faults(*before, given)) == ["disclose.processors.promotions"]


def test_a_use_against_an_objection_is_blamed_until_the_objection_ends():
    objected = line("objection.made", purpose="service.upkeep")
    upkeep = reading("use.upkeep", category="usage", purpose="service.upkeep")

    assert faults(upkeep) == {}
    assert list(faults(objected, upkeep)) == ["use.upkeep"]
    assert faults(objected, line("objection.ended", purpose="service.upkeep"), upkeep) == {}


@pytest.mark.parametrize("category", [None, "account"])
def test_a_use_and_a_disclosure_of_what_is_restricted_are_blamed_on_the_right(category):
    restricted = line("restriction.set", category=category)
    lifted = line("restriction.lifted", category=category)

    assert list(faults(restricted, reading())) == ["right.restrict"]
    assert list(faults(restricted, giving())) == ["right.restrict"]
    assert faults(restricted, lifted, reading()) == {}
    assert faults(restricted, reading(subject=NOOR)) == {}


@pytest.mark.parametrize("recipient", ["brokers.bigdata", NEWSLETTER, None])
def test_a_disclosure_to_somebody_whom_its_clause_does_not_list_is_blamed(recipient):
    assert list(faults(giving(recipient=recipient))) == ["disclose.processors.messages"]


def test_a_disclosure_without_its_approvals_is_blamed_and_approvals_serve_once():
    given = giving("disclose.authorities", recipient=POLICE, purpose="legal.request")
    yes = [
        line("disclosure.approved", category="account", recipient=POLICE, actor=f"staff:lawyer:{who}")
        for who in ("a", "b")
    ]

    assert list(faults(given)) == list(faults(yes[0], given)) == ["disclose.authorities"]
    assert list(faults(yes[0], yes[0], given)) == ["disclose.authorities"]
    assert faults(*yes, given) == {}
    assert list(faults(*yes, given, given)) == ["disclose.authorities"]


def test_a_disclosure_abroad_with_no_safeguard_ever_on_record_is_blamed_on_the_transfer():
    abroad = giving(clauses=("disclose.processors.messages", "transfer.to-singapore"))
    signed = line("instrument.recorded", recipient=SMS, fields=("safeguard",))

    assert list(faults(abroad)) == ["transfer.to-singapore"]
    assert list(faults(line("instrument.recorded", recipient=SMS, fields=("contract",)), abroad)) == [
        "transfer.to-singapore"
    ]
    assert faults(signed, abroad) == {}


@pytest.mark.parametrize(
    ("act", "blamed"),
    [
        (reading("use.security", category="payment", purpose="security.accounts"), "never.payment-elsewhere"),
        (reading("use.security", category="support", purpose="security.accounts"), "never.support-elsewhere"),
        (reading(category="camera.profile"), "never.pictures-elsewhere"),
        (line("record.collected", "collect.usage", category="horoscope"), "never.collect-else"),
        (giving(purpose="analysis.improve"), "never.disclose-analysis"),
    ],
)
def test_what_a_clause_forbids_is_blamed_on_it(act, blamed):
    assert blamed in faults(act)


def test_an_exception_that_is_written_is_no_fault():
    paying = reading("use.payments", category="payment", purpose="service.payments")

    assert "never.payment-elsewhere" not in faults(paying)


def test_blame_says_which_entry_and_stops_at_a_hundred_for_each_clause():
    found = faults(*[reading("no.such-clause")] * 150)

    assert len(found["no.such-clause"]) == 100
    assert found["no.such-clause"][7].startswith("entry 7 ")
