"""The desk: words that the agreement does not know are refused by name, and never reach the ledger."""

import sqlite3

import pytest

from tests.cast import AGENT, MIA, NOOR, OFFICER, PAYOUT, joins
from tests.inside import ledger_of, rows_of
from troth.errors import Absent, BadInput, Erased, NotFound, Refused, TrothError
from troth.rules.decision import member, program, staff
from troth.store import entries, schema

HOSTILE = (
    "mia@example.org", "mia.moon", "Mia Moon", "+442079460958", "\N{GRINNING FACE}", "x" * 10_000, "a\x00b",
    "\ud800", "*", "..", "account.", "'; DROP TABLE records; --", "{}", "%s", "{word}", "\n", "",
)  # fmt: skip


def reading(house, *, purpose="support.reply", by=AGENT, case="C-1", **what):
    what = {"about": MIA, "category": "account", **what}
    return house.purpose(purpose, by=by, case=case).read(**what)


# What a caller may say, and a function that says it.
WORDS = {
    "category": lambda h, w: reading(h, category=w),
    "field": lambda h, w: reading(h, fields=[w]),
    "purpose": lambda h, w: reading(h, purpose=w),
    "role": lambda h, w: reading(h, by=staff("anna", w)),
    "program": lambda h, w: reading(h, by=program(w)),
    "consent": lambda h, w: h.consent(about=MIA, purpose=w),
    "objection": lambda h, w: h.object(about=MIA, purpose=w),
    "lifted": lambda h, w: h.lift(about=MIA, category=w),
    "corrected field": lambda h, w: h.correct(about=MIA, category="account", values={w: "new@example.org"}),
    "circumstance": lambda h, w: h.collect(
        about=NOOR, category="account", when=w, values={"email": "n@e.org"}
    ),
    "collected field": lambda h, w: h.collect(
        about=NOOR, category="account", when="registration", values={w: "x"}
    ),
    "collected category": lambda h, w: h.collect(
        about=NOOR, category=w, when="registration", values={"email": "n@e.org"}
    ),
    "recipient": lambda h, w: h.purpose("service.payments", by=PAYOUT).disclose(
        about=MIA, category="payment", to=w
    ),
    "retention class": lambda h, w: h.erase(about=MIA, classes=[w]),
    "instrument's recipient": lambda h, w: h.record_instrument(
        by=OFFICER, recipient=w, kind="contract", reference="binder/7", until=1 << 62
    ),
}


def unsaid(house, word, start):
    """Whether no ledger leaf from `start` on says a word."""
    spoken = house.teller.alone(lambda desk: list(entries.leaves(desk.unit, start, desk.unit.size)))
    return len(word) < 3 or word.encode("utf-8", "replace") not in b"\n".join(spoken)


@pytest.fixture
def mia(house):
    joins(house)
    return house


@pytest.mark.parametrize("said", WORDS)
def test_a_word_the_agreement_does_not_know_is_refused_and_never_reaches_the_ledger(mia, said):
    for word in HOSTILE:
        if (said, word) in {("lifted", "*"), ("retention class", "")}:
            continue  # the agreement's own
        start = len(ledger_of(mia))
        with pytest.raises(TrothError) as caught:
            WORDS[said](mia, word)
        assert isinstance(caught.value, BadInput | Absent | Refused)
        assert str(caught.value)
        assert unsaid(mia, word, start)
    assert reading(mia).records


@pytest.mark.parametrize("said", WORDS)
def test_nor_does_it_where_everything_of_the_person_is_restricted(mia, said):
    mia.restrict(about=MIA)
    for word in ("mia.moon", "mia@example.org", "\ud800"):
        start = len(ledger_of(mia))
        with pytest.raises(TrothError):
            WORDS[said](mia, word)
        assert unsaid(mia, word, start)


def test_restricting_what_no_clause_names_is_refused(mia):
    for word in HOSTILE:
        if word != "*":
            with pytest.raises(Refused):
                mia.restrict(about=MIA, category=word)
    assert all(row.standing == "" for row in rows_of(mia, schema.subjects))
    mia.restrict(about=MIA, category="*")
    entry = ledger_of(mia)[-1]
    assert (entry.kind, entry.category) == ("restriction.set", None)


def test_a_case_that_is_not_a_number_of_one_discloses_nothing(mia):
    for case in HOSTILE:
        if case in ("mia.moon", "..", "account."):
            continue  # they could be one
        start = len(ledger_of(mia))
        with pytest.raises(TrothError):
            reading(mia, case=case)
        assert unsaid(mia, case, start)
        assert not [entry for entry in ledger_of(mia)[start:] if entry.outcome == "permitted"]


def test_whoever_signs_in_is_written_as_a_pseudonym_only(mia):
    for name in filter(None, HOSTILE):
        start = len(ledger_of(mia))
        reading(mia, by=staff(name, "support-agent"))
        assert unsaid(mia, name, start)
        assert ledger_of(mia)[-1].actor.startswith("staff:support-agent:")


def test_a_program_nobody_named_is_written_without_its_name(mia):
    mia.access(about=MIA, category="account", by=member(through="mia.moon"))
    entry = ledger_of(mia)[-1]
    assert (entry.actor, entry.on_behalf_of) == ("program", "self")


# ---- who is meant


def test_nobody_is_found_under_what_is_no_reference(mia):
    for about in (*HOSTILE, 0, -1, 1 << 62, 1 << 63, -(1 << 63) - 1, 1 << 80):
        with pytest.raises(NotFound):
            mia.access(about=about, category="account")
        assert ledger_of(mia)[-1].reasons == ("unknown-person",)
        assert ledger_of(mia)[-1].subject is None


def test_nobody_joins_under_what_is_no_reference(house):
    for about in ("", " ", "\n", "\ud800", "M-\udfff"):
        with pytest.raises(Refused) as caught:
            joins(house, about, email="noor@example.org")
        assert (caught.value.codes, caught.value.words) == (("malformed",), ("reference",))
    assert rows_of(house, schema.subjects) == []
    assert rows_of(house, schema.names) == []


def test_references_that_differ_are_different_people_and_white_space_around_them_is_none(house):
    from troth.acts.collect import offering, taking

    offers = [
        offering(
            by=member(), about=about, category="support", when="customer_service", values={"message": "hello"}
        )
        for about in ("1-23", "12-3", "123", "aB3x", "Ab3X", " 1-23 ", "1-23\n")
    ]
    taken = house.teller.ask(taking(offers))
    assert len({each.subject for each in taken}) == 5
    assert taken[0].subject == taken[5].subject == taken[6].subject
    again = house.teller.ask(taking(offers))
    assert [each.subject for each in again] == [each.subject for each in taken]


def test_a_person_is_found_by_number_and_by_reference_and_an_erased_number_says_erased(mia):
    subject = rows_of(mia, schema.subjects)[0].subject
    assert mia.access(about=subject, category="account").records
    mia.erase(about=subject)
    with pytest.raises(Erased):
        mia.access(about=subject, category="account")
    with pytest.raises(NotFound):
        mia.access(about=MIA, category="account")


def test_no_table_holds_a_reference_or_a_value_in_the_clear(mia):
    for table in (*schema.store.sorted_tables, *schema.keystore.sorted_tables):
        if table.name != "agreements":
            assert all(
                needle not in repr(tuple(row))
                for row in rows_of(mia, table)
                for needle in (MIA, "example.org")
            ), table.name


def test_time_is_read_once_a_transaction(mia, clock):
    desks = []
    mia.teller.alone(lambda desk: (desks.append(desk), clock.forward(5), desks.append(desk))[2:])
    assert desks[0].now == desks[1].now == clock.at - 5


def test_sqlite_is_never_asked_beyond_its_integers(sqlite_house):
    house = sqlite_house()
    connection = house.teller.house.filing.store.raw()
    assert isinstance(connection, sqlite3.Connection)
    with pytest.raises(NotFound):
        house.access(about=(1 << 63) + 1, category="account")
