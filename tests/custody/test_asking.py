"""Asking: a job is for requests of its own acts alone, so that no permit opens what it was not asked for."""

import pytest

from tests.cast import AGENT, MIA
from troth.acts.collect import offering
from troth.custody.amend import Amend
from troth.custody.cases import Move, Open
from troth.custody.demands.filing import Advance, Demand
from troth.custody.demands.following import Follow
from troth.custody.demands.hearing import Hear
from troth.custody.drafts import Offer
from troth.custody.endings.erasing import Erase
from troth.custody.endings.removing import Remove
from troth.custody.endings.returning import ComeBack
from troth.custody.endings.shortening import Shorten
from troth.custody.finding import Find
from troth.custody.hand_out import HandOut
from troth.custody.matters import Retime
from troth.custody.sending import Send
from troth.custody.stand import Stand
from troth.custody.systems.settling import Settle
from troth.custody.totals import Tallying
from troth.errors import BadInput, WrongAct
from troth.rules.decision import Act, Request, member
from troth.rules.rights_cases import Event

STANDING = {
    Act.CONSENT, Act.DECLINE, Act.WITHDRAW, Act.OBJECT, Act.YIELD, Act.RESTRICT, Act.LIFT, Act.HOLD,
    Act.RELEASE, Act.LEAVE, Act.PROVE, Act.STOP, Act.START,
}  # fmt: skip
JOBS = {
    HandOut: (lambda request: HandOut(request, MIA), {Act.USE, Act.ACCESS, Act.DISCLOSE, Act.PORT}),
    Offer: (lambda request: Offer(request, MIA, {}), {Act.COLLECT}),
    Amend: (lambda request: Amend(request, MIA, {}), {Act.CORRECT}),
    Erase: (lambda request: Erase(request, MIA), {Act.ERASE}),
    Stand: (lambda request: Stand(request, MIA), STANDING),
    Shorten: (lambda request: Shorten(request, MIA), {Act.SHORTEN, Act.LENGTHEN}),
    Find: (lambda request: Find(request, "mia@example.org"), {Act.FIND}),
    Demand: (lambda request: Demand(request, MIA), {Act.FILE}),
    Advance: (
        lambda request: Advance(request, bytes(16), next(iter(Event))),
        {Act.VOUCH, Act.DETERMINE, Act.CANCEL},
    ),
    Hear: (lambda request: Hear(request, bytes(16)), {Act.HEAR}),
    Follow: (lambda request: Follow(request, "CO-1"), {Act.FOLLOW}),
    Settle: (lambda request: Settle(request, bytes(16), "system-gone"), {Act.SETTLE}),
    Retime: (lambda request: Retime(request, None), {Act.RETIME}),
    Send: (lambda request: Send(request, MIA), {Act.SEND}),
    ComeBack: (lambda request: ComeBack(request, "M-1001", ""), {Act.RESTORE}),
    Remove: (lambda request: Remove(request, MIA), {Act.REMOVE}),
    Open: (lambda request: Open(request, MIA), {Act.OPEN}),
    Move: (lambda request: Move(request, MIA, bytes(16)), {Act.MOVE}),
    Tallying: (Tallying, {Act.TALLY}),
}


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("kind", JOBS, ids=lambda kind: kind.__name__)
def test_a_job_takes_a_request_of_its_own_acts_and_no_other(kind, act):
    make, own = JOBS[kind]
    if act in own:
        assert make(Request(act, AGENT)).request.act is act
        return
    with pytest.raises(WrongAct) as caught:
        make(Request(act, AGENT))
    assert caught.value.act == act.value
    assert isinstance(caught.value, BadInput)


# Done with a first collection; and by time, when a sweep removes.
NO_JOBS = {Act.JOIN, Act.COUNT}


def test_every_act_that_somebody_asks_for_has_exactly_one_kind_of_job():
    for act in Act:
        kinds = [kind.__name__ for kind, (_, own) in JOBS.items() if act in own]
        assert len(kinds) == (act not in NO_JOBS), act


# ---- the age that a clause asks for


@pytest.mark.parametrize("age", [float("nan"), float("inf"), "36", True, 36.0, b"36", [36], None], ids=repr)
def test_an_age_that_is_no_whole_number_counts_as_unknown(age):
    offer = offering(
        by=member(), about=MIA, category="identity", when="identity_verification", values={}, age=age
    )
    assert offer.request.age is None


def test_an_age_that_is_a_whole_number_counts():
    offer = offering(
        by=member(), about=MIA, category="identity", when="identity_verification", values={}, age=18
    )
    assert offer.request.age == 18
