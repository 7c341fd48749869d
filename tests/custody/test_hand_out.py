"""Handing out: approvals that serve once, in one batch and over many; ends that differ by who looks."""

import pytest

from tests.cast import (
    ACCOUNT,
    AGENT,
    ENGINEER,
    LAWYER,
    MIA,
    NOOR,
    OFFICER,
    SECOND_OFFICER,
    SECURITY,
    joins,
    tells,
)
from tests.inside import count_of, ledger_of, shown
from troth.acts.disclose import approve, disclosing
from troth.acts.use import reading
from troth.clock import DAY
from troth.custody.hand_out import Handed
from troth.custody.serving import serve
from troth.errors import Refused
from troth.store import schema

POLICE = "authorities.financial-police"


def police(about=MIA, **changes):
    asked = {
        "category": "account",
        "to": POLICE,
        "purpose": "legal.request",
        "case": "A-1",
        "reason": "order",
    }
    return disclosing(by=OFFICER, about=about, **{**asked, **changes})


def approved(house, *jobs):
    for job in jobs:
        for somebody in (LAWYER, SECOND_OFFICER):
            approve(house.teller, by=somebody, job=job)


def batch(house, *jobs):
    """Serve jobs as one batch, in one transaction; return what each is answered with."""
    return house.teller.chore(lambda inner: serve(inner, jobs))


def outcomes(answers):
    return [answer.codes if isinstance(answer, Refused) else len(answer.records) for answer in answers]


@pytest.fixture
def asked(house):
    """A house that may disclose Mia's and Noor's accounts to the police, once approved."""
    joins(house, MIA, **ACCOUNT)
    joins(house, NOOR)
    until = house.teller.house.clock() + 365 * DAY
    house.record_instrument(by=OFFICER, recipient=POLICE, kind="legal_basis", reference="file/1", until=until)
    return house


# ---- approvals


def test_of_two_disclosures_in_one_batch_the_approvals_of_one_serve_only_the_first(asked):
    approved(asked, police())
    start = len(ledger_of(asked))

    assert outcomes(batch(asked, police(), police())) == [1, ("approval-missing",)]

    assert [entry.kind for entry in ledger_of(asked)[start:]] == ["record.disclosed", "request.refused"]
    assert count_of(asked, schema.approvals) == 0


def test_approvals_of_two_people_in_one_batch_serve_each_their_own_and_reads_beside_them_need_none(asked):
    approved(asked, police(MIA), police(NOOR))
    look = reading(by=AGENT, about=MIA, category="account", purpose="support.reply", case="C-1")

    answers = batch(asked, look, police(NOOR), police(MIA), look, police(NOOR))

    assert outcomes(answers) == [1, 1, 1, 1, ("approval-missing",)]
    assert shown(answers[2]) == [ACCOUNT]


def test_approvals_that_served_do_not_serve_in_a_later_batch_and_new_ones_do(asked):
    approved(asked, police())
    assert outcomes(batch(asked, police())) == [1]
    assert outcomes(batch(asked, police())) == [("approval-missing",)]
    approve(asked.teller, by=LAWYER, job=police())
    assert outcomes(batch(asked, police())) == [("approval-missing",)]
    approve(asked.teller, by=SECOND_OFFICER, job=police())
    assert outcomes(batch(asked, police())) == [1]


def test_approvals_are_not_used_up_by_what_was_refused_after_all(asked):
    approved(asked, police())
    asked.restrict(about=MIA, category="account")
    assert outcomes(batch(asked, police())) == [("restricted",)]
    asked.lift(about=MIA, category="account")
    assert outcomes(batch(asked, police())) == [1]


# ---- ends


def test_a_person_sees_their_own_until_it_expires_and_an_ordinary_purpose_until_it_narrows(house, clock):
    joins(house)
    tells(house, MIA, "device")

    def names(answer):
        return {name for held in answer.records for name in held.values}

    def own():
        return names(house.access(about=MIA, category="device"))

    def ordinary():
        engineer = house.purpose("service.upkeep", by=ENGINEER, case="C-1", reason="a crash")
        return names(engineer.read(about=MIA, category="device"))

    def guarding():
        return names(house.purpose("security.accounts", by=SECURITY).read(about=MIA, category="device"))

    rows = house.access(about=MIA, category="device").records
    narrows, expires = clock() + 90 * DAY, max(held.expires_at for held in rows)
    assert expires > narrows
    clock.at = narrows - 1
    assert own() == ordinary() == guarding() == {"device_id", "model", "system", "configuration"}
    clock.at = narrows
    with pytest.raises(Refused) as caught:
        ordinary()
    assert caught.value.codes == ("expired",)
    assert own() == guarding() == {"device_id"}
    clock.at = expires - 1
    assert own() == guarding() == {"device_id"}
    clock.at = expires
    for look in (own, guarding):
        with pytest.raises(Refused) as caught:
            look()
        assert caught.value.codes == ("expired",)


def test_whoever_answers_for_a_person_sees_no_longer_than_an_ordinary_purpose_does(house, clock):
    joins(house)
    tells(house, MIA, "network")
    clock.forward(91 * DAY)

    assert isinstance(house.access(about=MIA, category="network"), Handed)
    with pytest.raises(Refused) as caught:
        house.access(about=MIA, category="network", by=OFFICER)
    assert caught.value.codes == ("expired",)
