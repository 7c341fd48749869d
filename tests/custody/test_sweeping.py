"""Sweeping: what time demands, orphans of units that never committed, and who is spoken of where."""

from base64 import b64encode
from hashlib import sha256

import pytest

from tests.cast import AGENT, GUARD, JPEG, MIA, NOOR, SECURITY, joins, tells, tells_everything
from tests.inside import blobs_of, count_of, ledger_of, rows_of
from troth.clock import DAY
from troth.custody.keymaking import make_keys
from troth.errors import Refused
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
