from dataclasses import replace
from itertools import permutations

import pytest

from tests.houses import MEMBER_TEXT, START
from tests.properties.agreements import TARGETS, WHO, agreement_of
from troth.evidence.history import Reader
from troth.ledger.entry import Entry
from troth.rules.compiling import compile_rules
from troth.terms.agreement import (
    Collect,
    Disclose,
    FieldSpec,
    Keep,
    Never,
    Party,
    Scope,
    Target,
    Transfer,
    Use,
)
from troth.terms.parse import parse
from troth.terms.vocabulary import Basis, Period, Relationship

BOOK = compile_rules(parse(MEMBER_TEXT, "agreement.md"))
MIA, NOOR = "m" * 22, "n" * 22
SMS = "processors.messages.sms-gateway"
NEWSLETTER = "processors.promotions.newsletter-delivery"
POLICE = "authorities.financial-police"
OF_PROCESSORS, OF_AUTHORITIES = ("contract", "confidentiality", "safeguard"), ("legal_basis",)


def line(kind, clause="", **more):
    given = {"at": START, "kind": kind, "actor": "program:outbox", "act": "use", "outcome": "permitted"}
    return Entry(**{**given, "clauses": (clause,) if clause else (), "subject": MIA, **more})


def faults(*lines, book=BOOK, signed=()):
    """The faults that lines bring; `signed` are instruments recorded before all of them."""
    reader = Reader(book)
    reader.read([(-1, line("instrument.recorded", recipient=to, fields=(name,))) for to, name in signed])
    found = reader.read(enumerate(lines)).faults
    return {clause: some for clause, some in found.items() if some}


def signing(recipient, names):
    return [(recipient, name) for name in names]


PROCESSORS = signing(SMS, OF_PROCESSORS) + signing(NEWSLETTER, OF_PROCESSORS)
ALL = PROCESSORS + signing(POLICE, OF_AUTHORITIES)


def reading(clause="use.notices", **more):
    return line("record.used", clause, **{"category": "account", "purpose": "contact.service", **more})


def giving(clause="disclose.processors.messages", **more):
    given = {"category": "account", "purpose": "contact.service", "recipient": SMS, "fields": ("phone",)}
    return line("record.disclosed", clause, **{**given, **more})


CONSENT = line("consent.given", purpose="contact.promotion")
PROMOTED = {"purpose": "contact.promotion", "fields": ("email",)}
PROMOTION = {"clause": "use.promotions", **PROMOTED}


def test_what_was_done_as_its_clause_says_is_no_fault():
    assert faults(reading(), CONSENT, reading(**PROMOTION), giving(), signed=ALL) == {}


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
    given = giving("disclose.processors.promotions", **{**PROMOTED, "recipient": NEWSLETTER})
    assert list(faults(*before, given, signed=ALL)) == ["disclose.processors.promotions"]
    assert faults(CONSENT, given, signed=ALL) == {}


def test_a_use_against_an_objection_is_blamed_until_the_objection_ends():
    objected = line("objection.made", purpose="service.upkeep")
    upkeep = reading("use.upkeep", category="usage", purpose="service.upkeep", case="C-1")

    assert faults(upkeep) == {}
    assert list(faults(objected, upkeep)) == ["use.upkeep"]
    assert faults(objected, line("objection.ended", purpose="service.upkeep"), upkeep) == {}


@pytest.mark.parametrize("category", [None, "account"])
def test_a_use_and_a_disclosure_of_what_is_restricted_are_blamed_on_the_right(category):
    restricted = line("restriction.set", category=category)
    lifted = line("restriction.lifted", category=category)

    assert list(faults(restricted, reading())) == ["right.restrict"]
    assert list(faults(restricted, giving(), signed=ALL)) == ["right.restrict"]
    assert faults(restricted, lifted, reading()) == {}
    assert faults(restricted, reading(subject=NOOR)) == {}


SIGNING_IN = {"clause": "use.sign-in", "category": "signin.credentials", "purpose": "signin"}


def test_whoever_restricted_everything_signs_in_without_a_fault():
    restricted = line("restriction.set")

    assert faults(restricted, reading(**SIGNING_IN, actor="program:portal")) == {}


@pytest.mark.parametrize(
    "other",
    [
        {"actor": "program:outbox"},
        {"actor": "staff:portal:portal"},
        {"actor": "program:portal", "on_behalf_of": "self"},
        {"actor": "program:portal", "purpose": "security.accounts"},
        {"actor": "program:portal", "act": "disclose"},
    ],
    ids=["another program", "staff", "on behalf of somebody", "for something else", "another act"],
)
def test_only_the_program_that_signs_in_reads_what_is_restricted_and_for_that_alone(other):
    assert "right.restrict" in faults(line("restriction.set"), reading(**{**SIGNING_IN, **other}))


@pytest.mark.parametrize("recipient", ["brokers.bigdata", NEWSLETTER, None])
def test_a_disclosure_to_somebody_whom_its_clause_does_not_list_is_blamed(recipient):
    assert list(faults(giving(recipient=recipient))) == ["disclose.processors.messages"]


AUTHORITIES = {
    "clause": "disclose.authorities",
    "recipient": POLICE,
    "purpose": "legal.request",
    "case": "C-1",
}


def yes(who, role="lawyer", **more):
    given = {"category": "account", "recipient": POLICE, "actor": f"staff:{role}:{who}"}
    return line("disclosure.approved", **{**given, **more})


def test_a_disclosure_without_its_approvals_is_blamed_and_approvals_serve_once():
    given = giving(**AUTHORITIES)

    assert list(faults(given, signed=ALL)) == ["disclose.authorities"]
    assert list(faults(yes("a"), given, signed=ALL)) == ["disclose.authorities"]
    assert list(faults(yes("a"), yes("a"), given, signed=ALL)) == ["disclose.authorities"]
    assert faults(yes("a"), yes("b"), given, signed=ALL) == {}
    assert list(faults(yes("a"), yes("b"), given, given, signed=ALL)) == ["disclose.authorities"]


@pytest.mark.parametrize(
    "approved",
    [
        [yes("a"), yes("a", "privacy-officer")],
        [yes("a"), yes("o", "privacy-officer")],
        [yes("a"), yes("b", "support-agent")],
        [yes("a"), yes("b", subject=NOOR)],
        [yes("a"), yes("b", category="payment")],
        [yes("a"), yes("b", recipient="authorities.court")],
    ],
    ids=["one in two roles", "the asker", "another role", "somebody else", "other data", "another recipient"],
)
def test_an_approval_that_does_not_count_is_not_counted(approved):
    given = giving(**AUTHORITIES, actor="staff:privacy-officer:o")

    assert list(faults(*approved, given, signed=ALL)) == ["disclose.authorities"]
    assert faults(*approved, yes("c"), given, signed=ALL) == {}


def test_disclosures_that_were_approved_together_may_follow_in_any_order():
    pairs = [("a", "b"), ("a", "c"), ("b", "c")]
    approved = [yes(who) for pair in pairs for who in pair]
    given = [giving(**{**AUTHORITIES, "fields": (name,)}) for name in ("phone", "email", "username")]

    for order in permutations(given):
        assert faults(*approved, *order, signed=ALL) == {}
    assert list(faults(*approved, *given, given[0], signed=ALL)) == ["disclose.authorities"]


def test_many_approvals_of_one_do_not_stand_for_those_of_two():
    approved = [yes("a"), yes("a"), yes("a"), yes("b")]
    given = giving(**AUTHORITIES)

    assert faults(*approved, given, signed=ALL) == {}
    assert list(faults(*approved, given, given, signed=ALL)) == ["disclose.authorities"]


@pytest.mark.parametrize("lacking", OF_PROCESSORS)
def test_a_disclosure_with_an_instrument_never_on_record_is_blamed(lacking):
    signed = signing(SMS, [name for name in OF_PROCESSORS if name != lacking])

    assert list(faults(giving(), signed=signed)) == ["disclose.processors.messages"]


@pytest.mark.parametrize(
    "act", [giving(**{**AUTHORITIES, "case": None}), reading("use.support", purpose="support.reply")]
)
def test_what_needs_a_case_and_has_none_is_blamed(act):
    assert list(faults(yes("a"), yes("b"), act, signed=ALL)) == list(act.clauses)


@pytest.mark.parametrize(
    "more", [{"purpose": "legal.request"}, {"category": "usage"}, {"fields": ("email",)}]
)
def test_a_disclosure_of_other_data_or_for_another_purpose_is_blamed(more):
    assert list(faults(giving(**more), signed=ALL)) == ["disclose.processors.messages"]


def test_a_disclosure_against_an_objection_to_its_purpose_is_blamed():
    book = book_of(
        ("use", Use("p", TARGETS[:1], WHO[0], Basis.LEGITIMATE_INTERESTS, objection=True)),
        ("give", disclose("p.q")),
    )
    given = line("record.disclosed", "give", category="a", purpose="p.q", recipient="c.m", fields=("x",))

    assert faults(given, book=book) == {}
    assert list(faults(line("objection.made", purpose="p"), given, book=book)) == ["give"]


def test_a_disclosure_abroad_with_no_safeguard_ever_on_record_is_blamed_on_the_transfer():
    abroad = giving(clauses=("disclose.processors.messages", "transfer.to-singapore"))
    others = signing(SMS, ("contract", "confidentiality"))

    assert "transfer.to-singapore" in faults(abroad, signed=others)
    assert faults(abroad, signed=ALL) == {}


# ---- several rules in one clause


def book_of(*rules):
    """The rulebook of an agreement whose clauses are named, and may be named again."""
    agreement = agreement_of([rule for _, rule in rules])
    clauses = [replace(clause, id=name) for clause, (name, _) in zip(agreement.clauses, rules, strict=True)]
    keep = replace(clauses[0], id="keep", rules=(Keep("k", ("a",), Period(days=1)),))
    fields = tuple(FieldSpec(name, "text") for name in ("x", "y"))
    take = Collect("a", ("w",), fields, Basis.CONTRACT, ("p", "s"), "k", WHO[0])
    return compile_rules(
        replace(agreement, clauses=(*clauses, keep, replace(keep, id="take", rules=(take,))))
    )


def disclose(purpose, **more):
    party = Party("m", "E.I", Relationship.PROCESSOR)
    return replace(
        Disclose("c", (party,), (("m", (Target("a"),)),), (purpose,), WHO[0], Basis.CONTRACT), **more
    )


def use(purpose, of="a", **more):
    return Use(purpose, (Target(of),), WHO[0], Basis.CONTRACT, **more)


@pytest.mark.parametrize("turned", [False, True])
def test_a_use_that_any_rule_of_its_clause_allows_is_no_fault(turned):
    rules = [use("p", consent=True), use("p.q", objection=True)]
    book = book_of(*[("c1", rule) for rule in (reversed(rules) if turned else rules)])
    read = line("record.used", "c1", category="a", purpose="p.q", fields=("x",))
    against = line("objection.made", purpose="p.q")

    assert faults(read, book=book) == {}
    assert faults(line("consent.given", purpose="p"), against, read, book=book) == {}
    assert list(faults(against, read, book=book)) == ["c1"]


def test_a_rule_for_other_data_of_the_same_clause_allows_nothing():
    rules = [use("p", consent=True), use("p", of="ab")]
    read = line("record.used", "c1", category="a", purpose="p", fields=("x",))

    assert list(faults(read, book=book_of(*[("c1", rule) for rule in rules]))) == ["c1"]


def test_a_use_that_gives_rows_where_only_aggregates_may_leave_is_blamed():
    read = line("record.used", "c1", category="a", purpose="p", fields=("x",))

    assert list(faults(read, book=book_of(("c1", use("p", leaves="aggregates"))))) == ["c1"]


def test_a_withdrawal_of_the_whole_stops_its_parts_for_the_ledger_too():
    book = book_of(("c1", use("p.q", consent=True)), ("c2", use("p", consent=True)))
    read = line("record.used", "c1", category="a", purpose="p.q", fields=("x",))
    part, whole = line("consent.given", purpose="p.q"), line("consent.withdrawn", purpose="p", at=START + 1)

    assert faults(part, read, book=book) == {}
    assert list(faults(part, whole, read, book=book)) == ["c1"]


@pytest.mark.parametrize("turned", [False, True])
def test_a_disclosure_that_any_rule_of_its_clause_allows_is_no_fault(turned):
    rules = [disclose("p", approvals=2), disclose("p.q", approvals=1), disclose("s", basis=Basis.CONSENT)]
    book = book_of(*[("c1", rule) for rule in (reversed(rules) if turned else rules)])
    given = {"category": "a", "recipient": "c.m", "fields": ("x",)}
    one = line("disclosure.approved", category="a", recipient="c.m", actor="staff:r1:a")
    part, whole = (line("record.disclosed", "c1", purpose=word, **given) for word in ("p.q", "p"))

    assert faults(one, part, book=book) == {}
    assert list(faults(one, whole, book=book)) == ["c1"]
    assert list(faults(one, part, part, book=book)) == ["c1"]


def test_a_clause_that_is_cited_for_a_transfer_is_not_judged_by_what_it_discloses_itself():
    abroad = disclose("p", parties=(Party("m", "U", Relationship.PROCESSOR),))
    book = book_of(("c1", abroad), ("c2", replace(abroad, approvals=2)), ("c2", Transfer("E", "U", "scc")))
    given = line(
        "record.disclosed", clauses=("c1", "c2"), category="a", purpose="p", recipient="c.m", fields=("x",)
    )

    assert faults(given, book=book, signed=signing("c.m", ["safeguard"])) == {}
    assert list(faults(given, book=book)) == ["c2"]


def test_a_clause_that_discloses_and_transfers_is_judged_by_what_was_done():
    abroad = disclose("p", parties=(Party("m", "U", Relationship.PROCESSOR),))
    here = disclose("p", name="c.d")
    book = book_of(("c1", abroad), ("c1", here), ("c1", Transfer("E", "U", "scc")))
    given = {"category": "a", "purpose": "p", "fields": ("x",)}
    at_home = line("record.disclosed", "c1", recipient="c.d.m", **given)
    away = line("record.disclosed", "c1", recipient="c.m", **given)

    assert faults(at_home, book=book) == {}
    assert list(faults(away, book=book)) == ["c1"]
    assert faults(away, book=book, signed=signing("c.m", ["safeguard"])) == {}


# ---- what is forbidden


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


def never(*practices, **scope):
    return Never(practices, Scope(**scope))


def test_a_collection_is_judged_by_each_purpose_that_its_fields_serve():
    taken = line("record.collected", "take", category="a", circumstance="w", fields=("x",))
    excepted = never("collect", excepts=(Scope(purposes=("p",)),))
    open_for_both = never("collect", excepts=(Scope(purposes=("p",)), Scope(purposes=("s",))))
    nested = never("collect", purposes=("p",), excepts=(Scope(excepts=(Scope(purposes=("p",)),)),))

    assert list(faults(taken, book=book_of(("n", excepted)))) == ["n"]
    assert faults(taken, book=book_of(("n", open_for_both))) == {}
    assert list(faults(taken, book=book_of(("n", never("collect", purposes=("s",)))))) == ["n"]
    assert faults(taken, book=book_of(("n", never("collect", purposes=("pq",))))) == {}
    assert list(faults(taken, book=book_of(("n", nested)))) == ["n"]


def test_a_field_is_judged_by_the_purposes_of_the_rules_that_collect_it():
    def take(name, purpose):
        return Collect("a", ("v",), (FieldSpec(name, "text"),), Basis.CONTRACT, (purpose,), "k", WHO[0])

    rules = [("c1", take("x", "p")), ("c2", take("y", "s")), ("n", never("collect", purposes=("s",)))]
    x, y, other = (
        line("record.collected", category="a", circumstance="v", fields=(name,)) for name in ("x", "y", "z")
    )

    assert faults(x, book=book_of(*rules)) == {}
    assert list(faults(y, book=book_of(*rules))) == ["n"]
    assert list(faults(other, book=book_of(*rules))) == ["n"]  # none collects it: all their purposes


def test_one_field_of_several_is_enough_to_do_what_is_forbidden():
    read = line("record.used", "c1", category="a", purpose="p", fields=("x", "y"))
    book = book_of(
        ("c1", use("p")), ("n", never("use", of=(Target("a"),), excepts=(Scope(of=(Target("a", "x"),)),)))
    )

    assert list(faults(read, book=book)) == ["n"]
    assert faults(replace(read, fields=("x",)), book=book) == {}


def test_a_forbidden_transfer_is_a_disclosure_abroad():
    abroad = disclose("p", parties=(Party("m", "U", Relationship.PROCESSOR),))
    rules = [("c1", abroad), ("c1", disclose("p", name="c.d")), ("n", never("transfer"))]
    given = {"category": "a", "purpose": "p", "fields": ("x",)}
    book, signed = book_of(*rules, ("t", Transfer("E", "U", "scc"))), signing("c.m", ["safeguard"])

    assert list(
        faults(line("record.disclosed", "c1", recipient="c.m", **given), book=book, signed=signed)
    ) == ["n"]
    assert faults(line("record.disclosed", "c1", recipient="c.d.m", **given), book=book) == {}


def test_blame_says_which_entry_and_stops_at_a_hundred_for_each_clause():
    found = faults(*[reading("no.such-clause")] * 150)

    assert len(found["no.such-clause"]) == 100
    assert found["no.such-clause"][7].startswith("entry 7 ")
