"""Recipients who got data are told by their systems, or the clause says whom nobody tells."""

from tests.cast import MIA, OFFICER, PAYOUT, joins, tells
from tests.custody.systems.test_duties import PAYMENTS, Standin, away, with_systems
from tests.evidence.test_checks import check
from troth.clock import DAY, Instant
from troth.evidence.status import Status
from troth.evidence.telling import Telling, of_telling
from troth.ledger.entry import Entry

CLAUSE, NAME = "right.correct", "recipients-told"
ACTS = ("correct", "erase")
SYSTEMS = {"bank": Standin(name="bank", recipient="payout.bank")}


def line(kind: str, at: Instant, **more):
    said = {"actor": "self", "act": "x", "outcome": "done", "subject": "aa" * 16, "agreement": 1}
    return Entry(**{"at": at, "kind": kind, **said, **more})


def judged_by(acts, systems, telling):
    return of_telling(acts, systems, telling, {"payment.paused": False})


def told(*lines):
    telling = Telling()
    for each in lines:
        telling.read(each)
    return telling


GOT = line("record.disclosed", 1, recipient="payout.bank")
CORRECTED = line("record.corrected", 2, category="payment", fields=("holder",))
NOTED = line("duty.noted", 2, act="correct", recipient="bank")


def test_a_correction_that_a_recipients_system_was_told_of_keeps_the_clause():
    assert judged_by(ACTS, SYSTEMS, told(GOT, NOTED, CORRECTED)).status is Status.KEPT


def test_one_that_it_was_not_told_of_breaks_it():
    found = judged_by(
        ACTS,
        SYSTEMS,
        told(GOT, NOTED, CORRECTED, line("record.corrected", 3, category="payment", fields=("holder",))),
    )
    assert found.status is Status.BROKEN
    assert "1 corrections or erasures" in found.detail


def test_an_erasure_of_whom_it_got_nothing_is_nothing_to_tell():
    other = line("erasure.begun", 3, subject="bb" * 16)
    assert judged_by(ACTS, SYSTEMS, told(GOT, NOTED, CORRECTED, other)).sample == 1


def test_the_end_of_a_grace_was_told_when_it_began():
    begun = line("grace.begun", 3)
    noted = line("duty.noted", 3, act="erase", recipient="bank")
    ended = line("erasure.begun", 4, actor="time")
    assert judged_by(ACTS, SYSTEMS, told(GOT, noted, begun, ended)).status is Status.KEPT


def test_a_recipient_without_a_system_is_named_as_told_by_nobody():
    found = judged_by(ACTS, {}, told(GOT, CORRECTED))
    assert found.status is Status.UNPROVEN
    assert "nobody tells payout.bank" in found.detail


def test_a_recipient_whose_system_cannot_be_told_of_everything_is_named_too():
    half = Standin(name="bank", recipient="payout.bank")
    half.acts = frozenset({"erase"})
    assert "payout.bank" in judged_by(ACTS, {"bank": half}, told(GOT, CORRECTED)).detail


def test_a_correction_of_what_is_no_text_is_nothing_that_can_be_told():
    paused = line("record.corrected", 3, category="payment", fields=("paused",))
    found = judged_by(ACTS, SYSTEMS, told(GOT, NOTED, CORRECTED, paused))
    assert (found.status, found.sample) == (Status.KEPT, 1)
    assert "no text" in found.cannot_see


def test_a_correction_of_whom_a_recipient_got_data_is_told_and_shown_to_be(house):
    joins(house)
    tells(house, MIA, "payment")
    for kind in ("contract", "confidentiality", "safeguard"):
        until = house.teller.house.clock() + DAY
        house.record_instrument(by=OFFICER, recipient=PAYMENTS, kind=kind, reference="file/1", until=until)
    house.purpose("service.payments", by=PAYOUT).disclose(about=MIA, category="payment", to=PAYMENTS)
    assert PAYMENTS in check(house, CLAUSE, NAME).detail
    with_systems(house, Standin(away(), recipient=PAYMENTS))
    house.correct(about=MIA, category="payment", values={"holder": "Mia Luna"})
    assert check(house, CLAUSE, NAME).status is Status.KEPT
