import json
from hashlib import sha256
from importlib.resources import files as files_of

import pytest

from tests.cast import ACCOUNT, AGENT, EVERYTHING, MIA, PAYMENT, joins, tells, tells_everything
from tests.houses import MEMBER_TEXT
from tests.inside import ledger_of
from troth import canonical
from troth.clock import DAY, instant, iso
from troth.errors import BadNote
from troth.evidence.report import verify
from troth.evidence.status import Status, worst
from troth.ledger.checkpoint import Verifier, open_checkpoint, open_note
from troth.store import registry
from troth.terms.agreement import Inform

MINIMAL_TEXT = (files_of("troth") / "agreements" / "minimal" / "agreement.md").read_text("utf-8")


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


def test_a_first_word_has_the_date_of_the_first_look_also_where_nothing_is_promised(house, clock):
    first = verify(house.teller)
    clock.forward(DAY)

    assert {each.since for each in first.clauses} == {first.at}
    assert {each.since for each in verify(house.teller).clauses if each.status is None} == {first.at}


def test_a_word_keeps_its_date_over_a_restart(house, new_house, clock):
    joins(house)
    first = {each.clause: each.since for each in verify(house.teller).clauses}
    clock.forward(1)

    reopened = new_house.again(house)

    assert {each.clause: each.since for each in verify(reopened.teller).clauses} == first


def test_words_have_dates_beyond_the_year_in_which_microseconds_outgrow_json(house, clock):
    clock.at = instant("2300-01-01T00:00:00Z")
    first = verify(house.teller)
    clock.forward(DAY + 1)

    again = {each.clause: each.since for each in verify(house.teller).clauses if each.status is None}

    assert set(again.values()) == {first.at}


def test_dates_that_were_kept_as_numbers_are_still_read(house, clock):
    first = verify(house.teller)
    last = {each.clause: [each.status.value if each.status else "", first.at - DAY] for each in first.clauses}
    kept = canonical.encode(last).decode("utf-8")
    house.teller.alone(lambda desk: registry.set_setting(desk.unit, "evidence.last", kept))

    assert {each.since for each in verify(house.teller).clauses if each.status is None} == {first.at - DAY}


def test_a_word_that_changes_and_changes_back_has_the_date_of_the_last_change(house, clock):
    joins(house)
    tells(house, MIA, "transactions")
    clock.at = house.access(about=MIA, category="transactions").records[0].expires_at
    late = {each.clause: each for each in verify(house.teller).clauses}["keep.transactions"]
    clock.forward(7)
    house.sweep()

    kept = {each.clause: each for each in verify(house.teller).clauses}["keep.transactions"]

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


DAMAGES = {
    "text": ("UPDATE entries SET leaf = CAST(leaf AS TEXT) WHERE entry = 2", "not stored as bytes"),
    "text that is none": ("UPDATE entries SET leaf = CAST(x'ff' AS TEXT) WHERE entry = 2", "not stored as"),
    "no JSON": ("UPDATE entries SET leaf = x'00ff' WHERE entry = 2", "it is not JSON"),
    "no entry": ("UPDATE entries SET leaf = CAST('{}' AS BLOB) WHERE entry = 2", "is missing or not text"),
    "another entry": ("UPDATE entries SET leaf = (SELECT leaf FROM entries WHERE entry = 1) WHERE entry = 2",
                      "not what was written"),
    "nothing": ("DELETE FROM entries WHERE entry = 2", "missing"),
}  # fmt: skip


@pytest.mark.parametrize("text", [MEMBER_TEXT, MINIMAL_TEXT], ids=["a clause promises it", "no clause does"])
@pytest.mark.parametrize(("statement", "said"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_line_makes_the_ledger_broken_and_then_no_clause_is_kept(
    sqlite_house, text, statement, said
):
    house = sqlite_house(text)
    joins(house)
    house.access(about=MIA, category="account")
    with house.teller.house.filing.connect("store") as connection:
        connection.exec_driver_sql(statement)

    report = verify(house.teller)

    assert "entry 2 of the ledger is damaged" in report.ledger_fault
    assert said in report.ledger_fault
    assert report.plain()["ledger_fault"] == report.ledger_fault
    assert {each.status for each in report.clauses} <= {Status.UNPROVEN, Status.BROKEN, None}
    for each in report.clauses:
        if each.status is Status.UNPROVEN:
            assert any(report.ledger_fault in check.detail for check in each.checks)


@pytest.mark.parametrize("leaf", ["x'00'", "CAST(leaf AS TEXT)"])
def test_what_is_read_after_a_damaged_line_still_counts(sqlite_house, leaf):
    house = sqlite_house()
    joins(house)
    house.access(about=MIA, category="account")
    house.object(about=MIA, purpose="service.upkeep")
    with house.teller.house.filing.connect("store") as connection:
        connection.exec_driver_sql(f"UPDATE entries SET leaf = {leaf} WHERE entry = 3")

    found = {each.clause: each for each in verify(house.teller).clauses}

    assert next(c.status for c in found["right.object"].checks if c.name == "right-object") is Status.KEPT
    assert found["right.object"].status is Status.UNPROVEN


def test_a_ledger_that_is_whole_has_no_fault(house):
    joins(house)

    assert verify(house.teller).plain()["ledger_fault"] is None


def test_a_record_that_is_not_stored_as_bytes_is_not_sealed(sqlite_house):
    house = sqlite_house()
    joins(house)
    with house.teller.house.filing.connect("store") as connection:
        connection.exec_driver_sql("UPDATE records SET sealed = 'plain text'")

    found = {each.clause: each.status for each in verify(house.teller).clauses}

    assert found["collect.account"] is found["protect.encryption"] is Status.BROKEN


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
