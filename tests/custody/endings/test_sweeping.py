"""Sweeping: what time demands, orphans of units that never committed, and who is spoken of where."""

from base64 import b64encode
from hashlib import sha256

import pytest

from tests.cast import AGENT, GUARD, JPEG, LAWYER, MIA, NOOR, SECURITY, joins, tells, tells_everything
from tests.houses import MEMBER_TEXT
from tests.inside import blobs_of, count_of, ledger_of, rows_of
from troth.clock import DAY
from troth.custody.keymaking import make_keys
from troth.errors import Refused
from troth.evidence.report import verify
from troth.evidence.status import Status
from troth.rules.decision import staff
from troth.store import schema


def test_what_expired_is_unreadable_at_once_and_gone_with_the_sweep(house, clock):
    joins(house)
    record = tells(house, MIA, "usage")
    clock.forward(30 * DAY)
    with pytest.raises(Refused) as caught:
        house.access(about=MIA, category="usage")
    assert caught.value.codes == ("expired",)
    swept = house.sweep()
    assert swept.expired == 1
    line = next(entry for entry in ledger_of(house) if entry.kind == "record.expired")
    assert (line.category, line.count, line.clauses) == ("usage", 1, ("keep.usage",))
    assert line.commitment == b64encode(sha256(record).digest()).decode()
    assert house.sweep().expired == 0
    assert house.access(about=MIA, category="usage").records == ()


def test_a_longer_part_is_read_for_its_own_purpose_alone_after_the_ordinary_end(house, clock):
    joins(house)
    tells(house, MIA, "device")
    engineer = house.purpose("service.upkeep", by=staff("emil", "engineer"), case="C-1", reason="a crash")
    security = house.purpose("security.accounts", by=SECURITY)
    names = {"device_id", "model", "system", "configuration"}

    def shown(context):
        return {name for held in context.read(about=MIA, category="device").records for name in held.values}

    assert shown(engineer) == shown(security) == names
    clock.forward(91 * DAY)
    with pytest.raises(Refused) as caught:
        engineer.read(about=MIA, category="device")
    assert caught.value.codes == ("expired",)
    assert shown(security) == {"device_id"}
    assert house.sweep().expired == 1
    assert shown(security) == {"device_id"}
    assert shown(house.purpose("security.accounts", by=GUARD)) == {"device_id"}
    clock.forward(276 * DAY)
    with pytest.raises(Refused):
        security.read(about=MIA, category="device")
    assert house.sweep().expired == 1
    assert security.read(about=MIA, category="device").records == ()


def test_leaving_starts_the_clocks_that_run_from_it_and_no_other(house, clock):
    tells_everything(house)
    before = {(row.subject, row.record): row.expires_at for row in rows_of(house, schema.records)}
    house.leave(about=MIA)
    origins = {row.origin: row.kept for row in rows_of(house, schema.origins)}
    moved = {
        origins[row.origin]: (row.expires_at - clock.at) // DAY
        for row in rows_of(house, schema.records)
        if before[row.subject, row.record] != row.expires_at
    }
    assert moved == {"account": 30, "profile-picture": 1, "identity": 5 * 365 + 2, "payment": 7 * 365 + 2}
    clock.forward(2 * DAY)
    house.leave(about=MIA)  # to say it again moves nothing
    house.sweep()
    assert house.purpose("camera.profile", by=AGENT).read(about=MIA, category="camera.profile").records == ()
    assert [row for row in rows_of(house, schema.records) if origins[row.origin] == "profile-picture"] == []
    assert len(blobs_of(house)) == count_of(house, schema.blobs)


def test_files_that_no_record_knows_are_removed_and_others_stay(house, clock):
    joins(house)
    house.consent(about=MIA, purpose="camera.profile")
    tells(house, MIA, "camera.profile")
    (known,) = blobs_of(house)
    directory = house.teller.house.directory / "blobs"
    orphan = "ab" * 16
    (directory / "ab").mkdir(exist_ok=True)
    (directory / "ab" / orphan).write_bytes((directory / known[:2] / known).read_bytes())
    assert house.sweep().files == 1
    assert blobs_of(house) == [known]
    assert house.access(about=MIA, category="camera.profile").records[0].values["picture"].reveal() == JPEG


def test_keys_that_were_made_for_nobody_are_destroyed(house):
    joins(house)
    house.teller.chore(lambda inner: make_keys(inner, [(7, "account"), (8, "support")]))
    assert count_of(house, schema.keys) == 6
    house.sweep()
    assert count_of(house, schema.keys) == 2
    assert house.access(about=MIA, category="account").records


def test_a_person_s_history_is_the_same_before_and_after_it_was_indexed(house):
    joins(house)
    joins(house, NOOR)
    house.consent(about=MIA, purpose="contact.promotion")
    tells(house, NOOR, "usage")
    before = house.entries(about=MIA)
    house.sweep()
    house.withdraw(about=MIA, purpose="contact.promotion")
    after = house.entries(about=MIA)
    assert after[:-1] == before
    assert [entry.kind for _, entry in after] == [
        "member.joined", "record.collected", "consent.given", "consent.withdrawn",
    ]  # fmt: skip
    house.sweep()
    assert house.entries(about=MIA) == after
    assert [number for number, _ in after] == sorted(number for number, _ in after)


def test_nobody_s_history_is_empty(house):
    assert house.entries(about=MIA) == []
    joins(house)
    house.erase(about=MIA)
    assert house.entries(about=MIA) == []


def test_a_sweep_may_be_run_again_at_any_time(house, clock):
    tells_everything(house)
    for days in (0, 0, 31, 31, 100, 400, 3000, 3000, 20_000):
        clock.forward(days * DAY)
        swept = house.sweep()
        assert swept.checkpoint.size == len(ledger_of(house))
        assert house.sweep().expired == 0
    assert count_of(house, schema.records) == 0
    assert blobs_of(house) == []


# ---- holds, and the logs


def kept_of(house):
    origins = {row.origin: row.kept for row in rows_of(house, schema.origins)}
    return sorted(origins[row.origin] for row in rows_of(house, schema.records))


def test_a_hold_keeps_its_own_classes_and_the_others_expire_beside_it(house, clock):
    tells_everything(house)
    house.hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)
    clock.forward(2 * 366 * DAY)

    assert verify(house.teller).count(Status.BROKEN) > 0  # what no hold keeps is overdue
    house.sweep()

    assert "activity" in kept_of(house)  # a year is over, and it is held
    assert not {"usage", "technical", "technical:security.accounts", "identity-pictures"} & {*kept_of(house)}
    assert verify(house.teller).count(Status.BROKEN) == 0
    house.end_hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)
    found = {each.clause: each.status for each in verify(house.teller).clauses}
    assert [found[clause] for clause in ("keep.activity", "keep.technical")] == [Status.BROKEN, Status.KEPT]
    house.sweep()
    assert "activity" not in kept_of(house)


def test_a_hold_of_one_person_keeps_nothing_of_another(house, clock):
    for who in (MIA, NOOR):
        joins(house, who)
        tells(house, who, "activity")
    house.hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)
    clock.forward(367 * DAY)

    assert house.sweep().expired == 1

    assert kept_of(house) == ["account", "account", "activity"]


def test_a_hold_of_a_class_keeps_the_part_of_it_that_is_kept_longer(new_house, clock):
    start = MEMBER_TEXT.index("keep: technical\nof:")
    text = MEMBER_TEXT[:start] + MEMBER_TEXT[start:].replace(
        "then: erase", "then: erase\nholds: [theft]\nheld_by: {roles: [lawyer]}", 1
    )
    house = new_house(text, clock=clock)
    tells_everything(house)
    house.hold(about=MIA, matter="case-1", reason="theft", by=LAWYER)
    clock.forward(367 * DAY)

    house.sweep()

    assert set(kept_of(house)) >= {"technical", "technical:security.accounts"}
    assert not {"activity", "usage"} & {*kept_of(house)}


def test_two_matters_keep_a_class_until_the_last_of_them_ends(house, clock):
    joins(house)
    tells(house, MIA, "activity")
    for matter in ("case-1", "case-2"):
        house.hold(about=MIA, matter=matter, reason="litigation", by=LAWYER)
    clock.forward(367 * DAY)
    for matter, expired in (("case-1", 0), ("case-2", 1)):
        house.end_hold(about=MIA, matter=matter, reason="litigation", by=LAWYER)
        assert house.sweep().expired == expired


def test_a_sweep_leaves_no_value_that_was_corrected_in_the_log(sqlite_house):
    house = sqlite_house()
    joins(house)
    (before,) = (bytes(row.sealed) for row in rows_of(house, schema.records))
    house.sweep()
    house.correct(about=MIA, category="account", values={"email": "mia.two@example.org"})
    (after,) = (bytes(row.sealed) for row in rows_of(house, schema.records))
    place = house.teller.house.directory

    def stands(sealed):
        return [path.name for path in sorted(place.glob("store.db*")) if sealed in path.read_bytes()]

    assert stands(before)

    house.sweep()

    assert stands(before) == []
    assert stands(after) == ["store.db"]
