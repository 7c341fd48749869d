import json
from hashlib import sha256

import pytest

from tests.cast import ACCOUNT, AGENT, EVERYTHING, MIA, PAYMENT, joins, tells, tells_everything
from tests.inside import ledger_of
from troth.clock import DAY, iso
from troth.errors import BadNote
from troth.evidence.report import verify
from troth.evidence.status import Status, worst
from troth.ledger.checkpoint import Verifier, open_checkpoint, open_note
from troth.terms.agreement import Inform


def files(house):
    directory = house.teller.house.directory
    vkey = (directory / "log.vkey").read_text("utf-8").strip()
    return (
        (directory / "evidence.json").read_bytes(),
        (directory / "evidence.note").read_bytes(),
        Verifier.from_vkey(vkey),
    )


def test_every_clause_has_a_word_but_those_that_promise_nothing(house):
    report = verify(house.teller)

    assert [each.clause for each in report.clauses] == [clause.id for clause in house.agreement.clauses]
    silent = {c.id for c in house.agreement.clauses if all(isinstance(rule, Inform) for rule in c.rules)}
    assert {each.clause for each in report.clauses if each.status is None} == silent
    assert silent


def test_the_word_of_a_clause_is_the_worst_of_its_checks(house):
    tells_everything(house)

    for each in verify(house.teller).clauses:
        assert each.status is (worst(each.checks) if each.checks else each.status)


def test_the_words_are_counted(house):
    tells_everything(house)
    report = verify(house.teller)

    counts = {status: report.count(status) for status in Status}

    assert sum(counts.values()) == sum(each.status is not None for each in report.clauses)
    assert counts[Status.KEPT] > 10


def test_a_word_keeps_its_date_until_it_changes(house, clock):
    joins(house)
    first = {each.clause: each for each in verify(house.teller).clauses}
    clock.forward(DAY)
    house.purpose("support.reply", by=AGENT, case="C-1").read(about=MIA, category="account")
    house.checkpoint()

    second = {each.clause: each for each in verify(house.teller).clauses}
    clock.forward(DAY)
    third = {each.clause: each for each in verify(house.teller).clauses}

    changed = {clause for clause in first if first[clause].status is not second[clause].status}
    assert "use.support" in changed
    assert all(second[clause].since == first[clause].since + DAY for clause in changed)
    assert all(second[clause].since == first[clause].since for clause in first.keys() - changed)
    assert third["use.support"].since == second["use.support"].since
    assert third["use.notices"].since == first["use.notices"].since


def test_a_word_keeps_its_date_over_a_restart(house, new_house, clock):
    joins(house)
    first = {each.clause: each.since for each in verify(house.teller).clauses}
    clock.forward(1)

    reopened = new_house.again(house)

    assert {each.clause: each.since for each in verify(reopened.teller).clauses} == first


def test_a_word_that_changes_and_changes_back_has_the_date_of_the_last_change(house, clock):
    joins(house)
    tells(house, MIA, "usage")
    clock.at = house.access(about=MIA, category="usage").records[0].expires_at
    late = {each.clause: each for each in verify(house.teller).clauses}["keep.usage"]
    clock.forward(7)
    house.sweep()

    kept = {each.clause: each for each in verify(house.teller).clauses}["keep.usage"]

    assert (late.status, kept.status) == (Status.AT_RISK, Status.KEPT)
    assert kept.since == late.since + 7


def test_the_report_is_written_as_it_was_returned_and_signed_over_its_hash(house):
    tells_everything(house)

    report = verify(house.teller)

    body, note, by = files(house)
    assert json.loads(body) == json.loads(json.dumps(report.plain()))
    signed = open_note(note, by)
    assert signed.text.splitlines()[1:] == [sha256(body).hexdigest(), iso(report.at)]
    assert signed.text.splitlines()[0].endswith("/evidence")


@pytest.mark.parametrize("where", ["text", "signature"])
def test_a_note_that_was_changed_does_not_verify(house, where):
    verify(house.teller)
    _, note, by = files(house)
    changed = bytearray(note)
    changed[note.index(b"/evidence") + 12 if where == "text" else -10] ^= 1

    with pytest.raises(BadNote):
        open_note(bytes(changed), by)


def test_a_note_is_no_checkpoint_and_a_checkpoint_is_no_note(house):
    verify(house.teller)
    body, note, by = files(house)
    checkpoint = (house.teller.house.directory / "checkpoint").read_bytes()

    assert open_checkpoint(checkpoint, by).origin != open_note(note, by).text.splitlines()[0]
    assert sha256(body).hexdigest() not in checkpoint.decode()


def test_the_report_stands_on_a_signed_state_of_the_ledger(house):
    joins(house)

    report = verify(house.teller)

    assert report.checkpoint.size == len(ledger_of(house))
    assert report.plain()["ledger_root"] == report.checkpoint.root.hex()
    assert (report.version, report.hash) == (house.agreement.version, house.agreement.hash)


def test_verifying_writes_nothing_into_the_ledger_and_can_be_done_again(house):
    joins(house)
    size = len(ledger_of(house))

    first, second = verify(house.teller), verify(house.teller)

    assert len(ledger_of(house)) == size
    assert first == second


def test_no_personal_value_is_in_the_report(house):
    tells_everything(house)
    house.purpose("support.reply", by=AGENT, case="C-1").read(about=MIA, category="account")
    verify(house.teller)

    body, note, _ = files(house)

    for value in [*ACCOUNT.values(), *PAYMENT.values(), MIA, "anna"]:
        assert value.encode() not in body + note
    assert all(f"collect.{category}".encode() in body for category, *_ in EVERYTHING[:1])
