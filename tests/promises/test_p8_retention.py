"""PROMISES 8: kept only as long as the purpose needs, and gone at the end."""

import pytest

from tests.cast import ENGINEER, EVERYTHING, LAWYER, MIA, SECURITY, joins, tells, tells_everything
from tests.houses import LIBRARY_TEXT
from tests.inside import blobs_of, count_of, expect_refusal, ledger_of, rows_of, shown
from tests.town import OVER, PEOPLE, borrowed, everything, joined, totals
from troth.clock import DAY, FOREVER
from troth.evidence.report import verify
from troth.evidence.status import Status
from troth.store import schema


def test_p8_1_every_record_has_an_end(house, clock):
    tells_everything(house)

    assert all(clock.at < row.expires_at < FOREVER for row in rows_of(house, schema.records))


@pytest.mark.parametrize("category", [row[0] for row in EVERYTHING])
def test_p8_1_a_record_is_unreadable_from_its_very_instant_and_gone_with_the_next_sweep(
    house, clock, category
):
    tells_everything(house)
    held = house.access(about=MIA, category=category).records
    clock.at = max(one.expires_at for one in held) - 1
    assert house.teller.alone(lambda desk: desk.now) == clock.at
    ids = {one.id for one in held}

    clock.forward(1)

    with expect_refusal(house, "expired"):
        house.access(about=MIA, category=category)
    house.sweep()
    assert ids.isdisjoint(bytes(row.record) for row in rows_of(house, schema.records))
    assert ids.isdisjoint(bytes(row.record) for row in rows_of(house, schema.names))
    assert house.access(about=MIA, category=category).records == ()


def test_p8_1_an_expired_record_left_beyond_the_declared_bound_breaks_the_clause(house, clock):
    joins(house)
    tells(house, MIA, "transactions")
    clock.at = house.access(about=MIA, category="transactions").records[0].expires_at + DAY + 1

    found = {each.clause: each.status for each in verify(house.teller).clauses}
    assert found["keep.transactions"] is Status.BROKEN
    house.sweep()

    found = {each.clause: each.status for each in verify(house.teller).clauses}
    assert found["keep.transactions"] is Status.KEPT


def test_p8_2_usage_is_kept_for_a_shorter_time_than_anything_that_runs_from_its_recording(house):
    tells_everything(house)

    ends = {row.origin: row.expires_at - row.collected_at for row in rows_of(house, schema.records)}
    kept = {row.origin: row.kept for row in rows_of(house, schema.origins)}
    assert kept[min(ends, key=ends.__getitem__)] == "usage"
    assert min(ends.values()) == 30 * DAY


def test_p8_3_what_is_kept_longer_is_kept_for_its_one_reason_and_only_the_part_of_it(house, clock):
    tells_everything(house)
    clock.forward(91 * DAY)
    guarding = house.purpose("security.accounts", by=SECURITY)

    assert shown(guarding.read(about=MIA, category="device")) == [{"device_id": "dev-9f31aa07"}]
    assert set(shown(guarding.read(about=MIA, category="network"))[0]) == {"ip", "time"}
    with expect_refusal(house, "expired"):
        house.purpose("service.upkeep", by=ENGINEER, case="I-1", reason="crash").read(
            about=MIA, category="device"
        )


def test_p8_3_a_hold_keeps_what_its_clause_lets_it_and_is_seen_by_the_member(house):
    tells_everything(house)

    house.hold(about=MIA, matter="case-12", reason="litigation", by=LAWYER)

    assert house.entries(about=MIA)[-1][1].kind == "hold.placed"
    held = {stay.kept: stay.clause for stay in house.erase(about=MIA).stays if stay.why.startswith("held")}
    assert held == {"account": "keep.account", "activity": "keep.activity", "support": "keep.support"}


def test_p8_4_of_whoever_left_nothing_stays_when_every_time_is_over(house, clock):
    subject = tells_everything(house)
    house.leave(about=MIA)
    clock.forward(26 * 366 * DAY)
    house.sweep()

    for table in (schema.subjects, schema.names, schema.tokens, schema.keys, schema.holds, schema.leavers):
        assert count_of(house, table) == 0
    assert house.teller.alone(lambda desk: desk.pseudonym(subject)) is None


def test_p8_3_a_hold_keeps_no_more_than_the_classes_of_its_reason(house, clock):
    tells_everything(house)
    house.hold(about=MIA, matter="case-12", reason="litigation", by=LAWYER)
    clock.forward(6 * 366 * DAY)

    house.sweep()

    origins = {row.origin: row.kept for row in rows_of(house, schema.origins)}
    assert {origins[row.origin] for row in rows_of(house, schema.records)} == {
        "account", "identity", "transactions", "payment", "activity", "support",
    }  # fmt: skip


def test_p8_4_at_the_end_rows_files_and_names_are_gone_and_a_line_says_so(house, clock):
    tells_everything(house)
    house.leave(about=MIA)
    clock.forward(26 * 366 * DAY)
    size, held = len(ledger_of(house)), count_of(house, schema.records)

    house.sweep()

    assert rows_of(house, schema.records) == blobs_of(house) == rows_of(house, schema.blobs) == []
    *lines, last = ledger_of(house)[size:]
    assert {line.kind for line in lines} == {"record.expired"}
    assert (last.kind, last.count, last.clauses) == ("member.ended", 1, ("right.leave",))
    assert sum(line.count for line in lines) == held > 10
    assert all(line.commitment and line.clauses[0].startswith("keep.") for line in lines)


def test_p8_4_what_is_made_anonymous_is_totals_of_many_that_lead_to_nobody(new_house, clock):
    town = new_house(LIBRARY_TEXT, clock=clock)
    joined(town)
    borrowed(town, lambda n: {**everything(n), "days": n})
    people = {row.subject for row in rows_of(town, schema.subjects)}
    clock.forward(OVER)
    town.sweep()

    assert {row.subject for row in rows_of(town, schema.records)} == people  # as readers alone
    assert count_of(town, schema.records) == PEOPLE
    for row in rows_of(town, schema.tallies):
        assert row.field not in ("days", "late")  # of which no value was of twenty people
        assert row.count == PEOPLE
        assert people.isdisjoint(row)
    clock.forward(OVER)
    assert totals(town, fields=["kind"]) == {("kind", "book", "2027-06"): PEOPLE}
