"""Newcomers of a stream: whose opening is refused stays unknown, and nothing told of them remains."""

import pytest

from tests.cast import ACTIVITY, AGENT, EXCHANGE, JPEG, MIA, NOOR, SUPPORT, ZOE, joins
from tests.inside import blobs_of, count_of, ledger_of, rows_of
from troth.acts.collect import offering, taking
from troth.acts.consent import giving
from troth.acts.use import reading
from troth.custody.serving import serve
from troth.custody.take_in import Taken
from troth.errors import NotFound, Refused
from troth.rules.decision import member
from troth.store import schema

TAKEN = {"email": "noor@example.org"}
OF_PEOPLE = (schema.subjects, schema.names, schema.tokens, schema.records, schema.blobs)


def account(who, **values):
    return offering(by=member(), about=who, category="account", when="registration", values=values)


def activity(who):
    return offering(by=EXCHANGE, about=who, category="activity", when="service_use", values=ACTIVITY)


def codes(outcomes):
    return [
        each.codes if isinstance(each, Refused) else "taken" if isinstance(each, Taken) else type(each)
        for each in outcomes
    ]


def held(house):
    return [count_of(house, table) for table in OF_PEOPLE]


@pytest.fixture
def busy(house):
    """A house in which Noor holds an e-mail address."""
    joins(house, NOOR, **TAKEN)
    return house


def test_a_newcomer_whose_circumstance_is_misspelt_is_told_that_it_is(house):
    with pytest.raises(Refused) as refused:
        house.collect(about=ZOE, category="account", when="registraton", values=TAKEN)

    assert refused.value.codes == ("unknown-circumstance", "unknown-person")
    assert refused.value.fix == "use one of the agreement"
    assert "`registraton`" in refused.value.message
    assert b"registraton" not in b"".join(bytes(row.leaf) for row in rows_of(house, schema.entries))


@pytest.mark.parametrize("known", [True, False])
def test_a_word_that_the_agreement_does_not_have_is_named_whoever_it_is_asked_about(busy, known):
    who = NOOR if known else ZOE
    tries = {
        "unknown-category": lambda: busy.access(about=who, category="acount"),
        "unknown-purpose": lambda: busy.purpose("suport", by=AGENT).read(about=who, category="account"),
        "unknown-field": lambda: busy.purpose("support.reply", by=AGENT, case="C-1").read(
            about=who, category="account", fields=["emil"]
        ),
        "unknown-recipient": lambda: busy.purpose("contact.service", by=AGENT).disclose(
            about=who, category="account", to="nobody.known"
        ),
        "unknown-class": lambda: busy.erase(about=who, classes=["acount"]),
    }
    for code, attempt in tries.items():
        with pytest.raises(Refused) as refused:
            attempt()
        assert code in refused.value.codes


@pytest.mark.parametrize("together", [True, False])
def test_whose_opening_is_refused_is_unknown_to_everything_later_in_the_stream(busy, together):
    before, size = held(busy), len(ledger_of(busy))

    found = busy.collect_many(
        [account(MIA, **TAKEN), activity(MIA), activity(NOOR), activity(MIA)], together=together
    )

    assert codes(found) == [("taken",), NotFound, "taken", NotFound]
    refused = [entry for entry in ledger_of(busy)[size:] if entry.kind == "request.refused"]
    assert {entry.reasons for entry in refused} == {("taken:email",), ("unknown-person",)}
    assert all(entry.subject is None for entry in refused)
    assert not [entry for entry in ledger_of(busy)[size:] if entry.kind == "member.joined"]
    with pytest.raises(NotFound):
        busy.access(about=MIA, category="activity")
    after = held(busy)
    assert after[-2] == before[-2] + 1  # Noor's activity
    assert after[:-2] == before[:-2]


def test_of_a_newcomer_who_was_refused_nothing_remains_once_a_sweep_has_run(busy):
    people = {row.subject for row in rows_of(busy, schema.subjects)}

    busy.collect_many([account(MIA, **TAKEN), activity(MIA), account(ZOE, email="none")])
    busy.sweep()

    for table in OF_PEOPLE[1:]:
        assert {row.subject for row in rows_of(busy, table)} <= people
    assert {row.subject for row in rows_of(busy, schema.keys)} == people
    assert blobs_of(busy) == []


def test_whoever_was_refused_in_one_stream_joins_with_the_next_as_if_nothing_had_been(busy):
    busy.collect_many([account(MIA, **TAKEN), activity(MIA)])

    found = busy.collect_many([account(MIA, email="mia@example.org"), activity(MIA)])

    assert codes(found) == ["taken", "taken"]
    assert len({taken.subject for taken in found}) == 1
    assert len(busy.access(about=MIA, category="activity").records) == 1


def test_what_is_told_before_the_opening_is_refused_and_what_comes_after_it_is_taken(house):
    found = house.collect_many([activity(MIA), account(MIA, email="mia@example.org"), activity(MIA)])

    assert codes(found) == [NotFound, "taken", "taken"]
    assert len(house.access(about=MIA, category="activity").records) == 1


def test_a_newcomer_of_one_job_is_known_to_the_next_job_of_the_batch_only_if_they_joined(busy):
    jobs = [taking([account(MIA, **TAKEN)]), taking([activity(MIA)])]
    jobs += [taking([account(ZOE, email="zoe@example.org")]), taking([activity(ZOE)])]

    answers = busy.teller.chore(lambda inner: serve(inner, jobs))

    assert codes(one for answer in answers for one in answer) == [("taken",), NotFound, "taken", "taken"]
    assert count_of(busy, schema.subjects) == 2


def test_who_was_turned_away_is_unknown_to_whatever_else_is_in_the_batch(busy):
    look = reading(by=AGENT, about=MIA, category="account", purpose="support.reply", case="C-1")
    jobs = [
        taking([account(MIA, **TAKEN)]),
        look,
        giving(by=member(), about=MIA, purpose="contact.promotion"),
    ]

    taken, read, chosen = busy.teller.chore(lambda inner: serve(inner, jobs))

    assert codes(taken) == [("taken",)]
    assert isinstance(read, NotFound)
    assert isinstance(chosen, NotFound)


def test_whose_opening_is_refused_for_its_file_is_unknown_to_everything_later_in_the_stream(house):
    letter = {**SUPPORT, "attachment": b"x" * 10**7 + b"x"}
    writes = offering(by=member(), about=MIA, category="support", when="customer_service", values=letter)
    acts = offering(by=EXCHANGE, about=MIA, category="activity", when="service_use", values=ACTIVITY)

    first, second = house.collect_many([writes, acts], together=False)

    assert isinstance(first, Refused)
    assert isinstance(second, NotFound)
    assert count_of(house, schema.records) == count_of(house, schema.subjects) == 0


@pytest.mark.parametrize("together", [True, False])
def test_a_newcomer_whose_first_name_was_taken_joins_with_the_next(house, together):
    joins(house, NOOR, email="noor@example.org")

    first, second = house.collect_many(
        [account(MIA, email="noor@example.org"), account(MIA, email="mia@example.org")], together=together
    )

    assert first.codes == ("taken",)
    assert isinstance(second, Taken)


def test_a_picture_that_could_not_be_taken_does_not_count_as_held_for_the_next_of_the_stream(house):
    joins(house)
    house.consent(about=MIA, purpose="camera.profile")

    def portrait(picture):
        return offering(
            by=member(), about=MIA, category="camera.profile", when="camera", values={"picture": picture}
        )

    first, second = house.collect_many([portrait(b"no picture"), portrait(JPEG)], together=False)

    assert first.codes == ("not-a-picture",)
    assert isinstance(second, Taken)


def test_whoever_may_not_open_an_account_is_told_why(house):
    with pytest.raises(Refused) as caught:
        house.collect(
            about=MIA, category="account", when="registration", values={"email": "mia@example.org"}, by=AGENT
        )
    assert set(caught.value.codes) == {"unknown-person", "not-by"}
