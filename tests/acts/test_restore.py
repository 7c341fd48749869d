"""Restoring: what was erased after the copy is not there, a no is a no, and all else is as it was."""

import json
import shutil
from dataclasses import replace

import pytest

from tests.cast import AGENT, LAWYER, MIA, NOOR, OFFICER, OUTBOX, ZOE, joins, tells, tells_everything
from tests.copies import everything_that_opens, scene
from tests.custody.systems.test_duties import Standin, away, with_systems
from tests.drawing import face
from tests.faults.soundness import must_be_sound
from tests.houses import MINIMAL_TEXT
from tests.inside import blobs_of, expect_refusal, kinds_since, ledger_of, rows_of, shown
from troth.acts.keys import make_key
from troth.acts.rights import erasing as asked_to_erase
from troth.acts.rights import removing
from troth.clock import DAY, FOREVER
from troth.custody.endings import erasing
from troth.errors import (
    CopiesUnfit,
    CopyBroken,
    Erased,
    ForkRefused,
    HouseExists,
    LossNotAccepted,
    NotFound,
    Quarantined,
    Refused,
    TrothError,
    WrongRoot,
)
from troth.evidence.report import verify
from troth.evidence.status import Status
from troth.rules.decision import member
from troth.store import schema, schema_keys


@pytest.fixture
def stage(new_house, tmp_path):
    return scene(new_house, tmp_path)


def test_a_house_that_was_lost_is_as_it_was_for_everybody(stage):
    subject = tells_everything(stage.house)
    joins(stage.house, NOOR)
    before = {name: shown(stage.house.access(about=MIA, category=name)) for name in ("account", "identity")}
    backup = stage.back_up()

    report, again = stage.drill(backup)

    assert backup.verified
    assert (report.erased, report.noes, report.aside, report.missing) == (0, 0, (), 0)
    assert report.opened >= 10
    for name, values in before.items():
        assert shown(again.access(about=MIA, category=name)) == values
    assert again.access(about=NOOR, category="account").records
    picture = again.access(about=MIA, category="camera.profile").records[0].values["picture"].reveal()
    assert picture
    assert subject in {row.subject for row in rows_of(again, schema.subjects)}
    must_be_sound(again, [])


def test_a_copy_of_either_kind_of_database_is_restored_into_either_kind(stage):
    tells_everything(stage.house)
    backup = stage.back_up()
    other = "postgresql" if stage.houses.kind == "sqlite" else "sqlite"

    _, again = stage.drill(backup, like=other)

    assert again.teller.house.filing.sqlite == (other == "sqlite")
    assert again.access(about=MIA, category="identity").records
    must_be_sound(again, [])


def test_whoever_was_erased_after_the_copy_is_not_there_and_nothing_of_theirs_opens(stage):
    joins(stage.house, NOOR, email="noor.canary@example.org")
    tells(stage.house, NOOR, "device")
    joins(stage.house, ZOE)
    backup = stage.back_up()
    assert stage.house.erase(about=NOOR).whole

    report, again = stage.drill(backup)

    assert report.erased == 1
    with pytest.raises((NotFound, Erased)):
        again.access(about=NOOR, category="account")
    assert b"noor.canary" not in everything_that_opens(again)
    assert again.access(about=ZOE, category="account").records
    assert kinds_since(again, backup.entries).count("erasure.replayed") == 1
    joins(again, NOOR, email="noor.canary@example.org")  # the address is free again


def test_what_was_erased_by_class_goes_with_its_files_and_what_a_duty_keeps_stays(stage):
    tells_everything(stage.house)
    backup = stage.back_up()
    gone = stage.house.erase(about=MIA)
    assert not gone.whole
    files = blobs_of(stage.house)

    report, again = stage.drill(backup)

    assert report.erased == 1
    assert blobs_of(again) == files
    assert not again.access(about=MIA, category="support").records
    assert again.access(about=MIA, category="transactions").records
    opened = everything_that_opens(again)
    assert b"A late payout" not in opened
    assert b"T-77-120" in opened


def test_whoever_left_after_the_copy_has_left_and_is_forgotten_when_their_time_is_over(stage):
    joins(stage.house, NOOR)
    joins(stage.house, ZOE)
    backup = stage.back_up()
    stage.house.leave(about=NOOR)
    left = rows_of(stage.house, schema.records)
    stage.clock.forward(400 * DAY)
    assert stage.house.sweep().ended == 1

    report, again = stage.drill(backup)

    assert report.left == 1
    assert len(left) == 2
    assert len(rows_of(again, schema.subjects)) == 1
    with pytest.raises((NotFound, Erased)):
        again.access(about=NOOR, category="account")
    assert again.access(about=ZOE, category="account").records


def test_every_no_that_was_said_after_the_copy_stands_and_no_yes_does(stage):
    for who in (MIA, NOOR):
        joins(stage.house, who)
    stage.house.consent(about=MIA, purpose="contact.promotion")
    stage.house.object(about=NOOR, purpose="service.upkeep")
    backup = stage.back_up()
    stage.house.withdraw(about=MIA, purpose="contact.promotion")
    stage.house.object(about=MIA, purpose="service.upkeep")
    stage.house.restrict(about=MIA, category="account")
    stage.house.end_objection(about=NOOR, purpose="service.upkeep")
    stage.house.consent(about=NOOR, purpose="contact.promotion")
    stage.house.refuse(about=NOOR, purpose="camera.profile")

    report, again = stage.drill(backup)

    assert report.noes == 4
    assert dict(report.widened) == {"objection.ended": 1, "consent.given": 1}
    rows = [json.loads(row.standing) for row in rows_of(again, schema.subjects)]
    said = {tuple(choice[:2]) for row in rows for choice in row.get("consents", ())}
    assert said == {("contact.promotion", "withdrawn"), ("camera.profile", "refused")}
    assert sorted(row["objections"] for row in rows) == [["service.upkeep"]] * 2
    assert sorted(len(row.get("restrictions", ())) for row in rows) == [0, 1]
    with expect_refusal(again, "restricted"):
        again.purpose("support.reply", by=AGENT, case="C-1").read(about=MIA, category="account")


def test_a_hold_that_was_placed_after_the_copy_keeps_what_it_holds(stage):
    tells_everything(stage.house)
    backup = stage.back_up()
    stage.house.hold(about=MIA, matter="LC-7", reason="litigation", by=LAWYER)

    report, again = stage.drill(backup)

    assert report.noes == 1
    assert any(stay.why for stay in again.erase(about=MIA).stays)
    assert rows_of(again, schema.holds)
    assert [entry.reasons for entry in ledger_of(again) if entry.kind == "hold.placed"] == [("litigation",)]


def test_a_matter_comes_back_as_it_was_opened_and_moved_after_the_copy(stage):
    tells_everything(stage.house)
    known = {"matter": "LC-1", "reason": "litigation"}
    late = {"matter": "LC-2", "reason": "investigation"}
    now = stage.house.teller.house.clock()
    stage.house.hold(about=MIA, by=LAWYER, until=now + 50 * DAY, **known)
    backup = stage.back_up()
    terms = {"until": now + 40 * DAY, "owner": "privacy-officer", "untold": "AMLR-73"}
    stage.house.hold(about=MIA, by=LAWYER, **terms, **late)
    stage.house.move_matter(until=now + 60 * DAY, by=LAWYER, **known)
    stage.house.move_matter(until=now + 70 * DAY, by=OFFICER, **late)
    before = [replace(it, opened_at=0) for it in stage.house.matters(by=LAWYER)]

    _, again = stage.drill(backup)

    assert [replace(it, opened_at=0) for it in again.matters(by=LAWYER)] == before
    assert {it.ends_at for it in before} == {now + 60 * DAY, now + 70 * DAY}
    assert verify(again.teller).count(Status.BROKEN) == 0


def test_a_record_that_was_removed_after_the_copy_is_removed_again(stage):
    joins(stage.house)
    stage.house.consent(about=MIA, purpose="camera.profile")
    tells(stage.house, MIA, "camera.profile")
    backup = stage.back_up()
    stage.house.teller.ask(removing(by=member(), about=MIA, category="camera.profile"))

    report, again = stage.drill(backup)

    assert (report.removed, report.aside) == (1, ())
    assert not again.access(about=MIA, category="camera.profile").records
    again.sweep()
    assert blobs_of(again) == []


def test_a_value_that_was_corrected_after_the_copy_is_set_aside_until_somebody_looked(stage):
    joins(stage.house, email="old@example.org")
    joins(stage.house, NOOR)
    backup = stage.back_up()
    stage.house.correct(about=MIA, category="account", values={"email": "new@example.org"})

    report, again = stage.drill(backup)

    ((number, kind),) = report.aside
    assert kind == "record.corrected"
    assert ledger_of(again)[number].category == "account"
    with expect_refusal(again, "restricted"):
        again.purpose("support.reply", by=AGENT, case="C-1").read(about=MIA, category="account")
    assert again.purpose("support.reply", by=AGENT, case="C-1").read(about=NOOR, category="account")
    again.correct(about=MIA, category="account", values={"email": "new@example.org"})
    again.lift(about=MIA, category="account")
    assert again.purpose("support.reply", by=AGENT, case="C-1").read(about=MIA, category="account").records


def test_a_correction_of_what_came_after_the_copy_concerns_nobody(stage):
    joins(stage.house)
    backup = stage.back_up()
    stage.house.consent(about=MIA, purpose="camera.profile")
    tells(stage.house, MIA, "camera.profile")
    stage.house.correct(about=MIA, category="camera.profile", values={"picture": face("another")})

    report, again = stage.drill(backup)

    assert report.aside == ()
    assert dict(report.lost) == {"record.collected": 1}
    assert not again.access(about=MIA, category="camera.profile").records


def test_keys_of_programs_end_since_no_line_says_which_were_ended(stage):
    made = make_key(stage.house.teller, program="portal", purposes=["service"], rate=60, until=FOREVER)
    backup = stage.back_up()

    report, again = stage.drill(backup)

    assert made.key.program == "portal"
    assert report.keys == 1
    assert rows_of(again, schema.program_keys) == []


def test_an_erasure_that_was_under_way_when_the_copy_was_taken_ends(stage):
    joins(stage.house)
    subject = joins(stage.house, NOOR)
    stage.house.teller.alone(lambda desk: begin_only(desk, NOOR))
    backup = stage.back_up()
    stage.house.teller.resume()

    report, again = stage.drill(backup)

    assert report.erased == 1
    assert rows_of(again, schema.erasures) == []
    assert subject not in {row.subject for row in rows_of(again, schema.keys)}
    assert [entry.kind for entry in ledger_of(again)].count("erasure.done") == 1


def begin_only(desk, who):
    return erasing.begin(desk, asked_to_erase(by=member(), about=who))


def test_rows_whose_keys_a_later_copy_lacks_go(stage):
    joins(stage.house)
    tells(stage.house, MIA, "support")
    joins(stage.house, NOOR)
    early = stage.back_up()
    stage.house.erase(about=NOOR)
    stage.house.erase(about=MIA, classes=["support"])
    late = stage.back_up()

    stage.lose()
    report = stage.restore(early, keys=late.keys)
    again = stage.open()

    assert report.erased >= 2
    assert len(rows_of(again, schema.subjects)) == 1
    assert {row.kept for row in rows_of(again, schema.keys)} == {":self", "account"}
    assert blobs_of(again) == []
    must_be_sound(again, [])


def test_without_the_ledger_that_outlived_the_house_loss_has_to_be_accepted(stage):
    joins(stage.house)
    joins(stage.house, NOOR)
    backup = stage.back_up()
    stage.house.erase(about=NOOR)
    stage.lose()
    with pytest.raises(LossNotAccepted):
        stage.restore(backup, ledger=None)
    assert not (stage.place / "again").exists()

    report = stage.restore(backup, ledger=None, accept_loss=True)
    again = stage.open()

    assert report.loss_accepted
    assert again.access(about=NOOR, category="account").records  # this is what was accepted
    assert [e.reasons for e in ledger_of(again) if e.kind == "restore.done"] == [("loss-accepted",)]


def test_a_ledger_that_is_older_than_the_newest_state_known_is_refused(stage, tmp_path):
    joins(stage.house)
    backup = stage.back_up()
    shutil.copytree(stage.outside, tmp_path / "stale")
    stage.house.erase(about=MIA)
    checkpoint = shutil.copy(stage.outside / "checkpoint", tmp_path / "newest")
    stage.lose()

    with pytest.raises(LossNotAccepted, match="published"):
        stage.restore(backup, ledger=tmp_path / "stale", checkpoint=checkpoint)
    assert stage.restore(backup, checkpoint=checkpoint).erased == 1


def test_a_ledger_older_than_the_copy_itself_is_refused(stage, tmp_path):
    joins(stage.house)
    stage.house.checkpoint()
    shutil.copytree(stage.outside, tmp_path / "stale")
    joins(stage.house, NOOR)
    backup = stage.back_up()
    stage.lose()

    with pytest.raises(LossNotAccepted):
        stage.restore(backup, ledger=tmp_path / "stale")


def test_the_restored_ledger_continues_the_old_one_and_holds_what_came_after(stage):
    joins(stage.house)
    backup = stage.back_up()
    stage.house.consent(about=MIA, purpose="contact.promotion")
    stage.house.checkpoint()
    before = ledger_of(stage.house)

    report, again = stage.drill(backup)

    assert report.continued == len(before) - backup.entries
    assert ledger_of(again)[: len(before)] == before
    again.checkpoint()  # into the ledger outside, which refuses a fork
    stage.houses.again(again)


def test_an_old_copy_of_the_whole_directory_does_not_open_beside_the_ledger_outside(sqlite_house, tmp_path):
    stage = scene(sqlite_house, tmp_path)
    joins(stage.house)
    stage.house.close()
    directory, clock = stage.house.teller.house.directory, stage.clock
    shutil.copytree(directory, tmp_path / "old")
    house = sqlite_house.open(directory, clock)
    house.erase(about=MIA)
    house.close()
    shutil.rmtree(directory)
    shutil.copytree(tmp_path / "old", directory)

    with pytest.raises(ForkRefused):
        sqlite_house.open(directory, clock)


def test_a_directory_or_databases_that_hold_anything_are_left_alone(stage, databases_of):
    joins(stage.house)
    backup = stage.back_up()
    (stage.place / "taken").mkdir()
    (stage.place / "taken/mine.txt").write_text("mine")
    with pytest.raises(HouseExists):
        stage.restore(backup, "taken")
    assert (stage.place / "taken/mine.txt").read_text() == "mine"
    pair = databases_of("postgresql").pair()
    stage.restore(backup, "first", store=pair[0], keystore=pair[1])
    with pytest.raises(HouseExists):
        stage.restore(backup, "second", store=pair[0], keystore=pair[1])
    assert stage.open("first").access(about=MIA, category="account").records


def test_copies_that_do_not_belong_together_are_refused(stage, new_house, tmp_path):
    joins(stage.house)
    first = stage.back_up()
    joins(stage.house, NOOR)
    second = stage.back_up()
    (tmp_path / "b").mkdir()
    other = scene(new_house, tmp_path / "b", MINIMAL_TEXT)
    theirs = other.back_up()

    with pytest.raises(CopiesUnfit, match="before the data"):
        stage.restore(second, keys=first.keys)
    with pytest.raises(CopiesUnfit):
        stage.restore(second, keys=second.content)
    with pytest.raises((CopiesUnfit, WrongRoot, CopyBroken)):
        stage.restore(second, keys=theirs.keys)
    (tmp_path / "wrong").write_bytes(b"\1" * 32)
    (tmp_path / "wrong").chmod(0o600)
    with pytest.raises(WrongRoot):
        stage.restore(second, root=tmp_path / "wrong")
    assert not (stage.place / "again").exists()


@pytest.mark.parametrize("which", ["records.rows", "subjects.rows", "manifest", "blobs.list", "checkpoint"])
def test_a_file_that_is_altered_or_missing_is_found_before_anything_is_built(sqlite_house, tmp_path, which):
    stage = scene(sqlite_house, tmp_path)
    tells_everything(stage.house)
    backup = stage.back_up()
    file = backup.content / which
    whole = file.read_bytes()
    for broken in (whole[:-1], whole[:-9] + b"\0" + whole[-8:], None):
        if broken is None:
            file.unlink()
        else:
            file.write_bytes(broken)
        with pytest.raises(CopyBroken):
            stage.restore(backup)
        assert not (stage.place / "again").exists()
    file.write_bytes(whole)
    (backup.content / "more.rows").write_bytes(b"")
    with pytest.raises(CopyBroken, match="not listed"):
        stage.restore(backup)


def test_a_sealed_file_that_is_altered_is_found(sqlite_house, tmp_path):
    stage = scene(sqlite_house, tmp_path)
    tells_everything(stage.house)
    backup = stage.back_up()
    blob = next(path for path in (backup.content / "blobs").rglob("*") if path.is_file())
    blob.write_bytes(blob.read_bytes()[:-1])

    with pytest.raises(CopyBroken):
        stage.restore(backup)


def test_a_house_in_quarantine_does_not_open_and_the_same_restore_begins_anew(stage, tmp_path):
    joins(stage.house)
    backup = stage.back_up()
    stage.lose()
    pair = stage.databases()
    stalled = stage.clock.at
    stage.clock.forward(-30 * DAY)  # the copy is of a time to come, so that it stops in the middle
    with pytest.raises(TrothError):
        stage.restore(backup, store=pair[0], keystore=pair[1])
    with pytest.raises(Quarantined):
        stage.open()
    (stage.place / "again/quarantine").rename(tmp_path / "mark")
    with pytest.raises(Quarantined):
        stage.open()
    (tmp_path / "mark").rename(stage.place / "again/quarantine")
    stage.clock.at = stalled

    stage.restore(backup, store=pair[0], keystore=pair[1])

    assert stage.open().access(about=MIA, category="account").records
    assert not (stage.place / "again/quarantine").exists()


def test_what_was_demanded_after_the_copy_is_known_again_and_goes_on(stage):
    joins(stage.house)
    tells(stage.house, MIA, "device")
    joins(stage.house, NOOR)
    before = stage.house.demand(about=NOOR, right="complain", text="Too slow.")
    backup = stage.back_up()
    stage.house.decide_demand(case=before.case.id, decision="review", by=AGENT)
    done = stage.house.demand(about=MIA, right="restrict", category="device")
    open_ = stage.house.demand(about=MIA, right="erase", classes=["technical"], by=AGENT)
    lost = stage.house.demand(about=NOOR, right="complain", text="Still too slow.")
    stage.house.checkpoint()

    report, again = stage.drill(backup)

    def state(lodged):
        return again.demanded(reference=lodged.case.reference)[0].state.value

    assert [state(each) for each in (before, done, open_, lost)] == [
        "deciding",
        "done",
        "received",
        "received",
    ]
    assert [kind for _, kind in report.aside] == ["right.filed"]  # what was told with the second complaint
    case, _ = again.demanded(reference=open_.case.reference)
    assert case.scope.classes == ("technical",)
    proven = again.prove_demand(case=case.id, by=member("portal", "step_up"))
    assert proven.case.state.value == "done"
    assert not again.access(about=MIA, category="device").records
    assert again.access(about=MIA, category="account").records
    must_be_sound(again, [])


def test_a_way_that_was_stopped_and_a_time_that_was_shortened_after_the_copy_stay_so(stage):
    joins(stage.house)
    tells(stage.house, MIA, "activity")
    stage.house.consent(about=MIA, purpose="contact.promotion")
    backup = stage.back_up()
    stage.house.stop(about=MIA, purpose="contact.promotion", channel="email")
    stage.house.keep_shorter(about=MIA, kept="activity", days=30)
    stage.house.checkpoint()
    (end,) = {row.expires_at for row in rows_of(stage.house, schema.streams)}

    report, again = stage.drill(backup)

    assert report.noes == 2
    assert {row.expires_at for row in rows_of(again, schema.streams)} == {end}
    with pytest.raises(Refused):
        again.may_send(about=MIA, purpose="contact.promotion", channel="email", by=OUTBOX)


def test_what_was_settled_by_hand_after_the_copy_stays_settled(stage):
    joins(stage.house)
    with_systems(stage.house, Standin(away("unknown-there", stuck=True)))
    case = stage.house.demand(
        about=MIA, right="correct", category="account", values={"email": "n@example.org"}
    )
    backup = stage.back_up()
    (duty,) = stage.house.open_duties(by=AGENT)
    settled = stage.house.settle_duty(duty=duty.id, reason="done-by-hand", by=AGENT)
    stage.house.checkpoint()

    _, again = stage.drill(backup)

    assert again.open_duties(by=AGENT) == ()
    assert ":duties" not in {row.kept for row in rows_of(again, schema_keys.keys)}
    assert again.demanded(reference=case.case.reference)[0].state.value == "partly"
    assert again.settle_duty(duty=duty.id, reason="done-by-hand", by=AGENT).receipt == settled.receipt
