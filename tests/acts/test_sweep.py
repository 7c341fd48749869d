import pytest

from tests.cast import MIA, NOOR, SECURITY, ZOE, joins, tells, tells_everything
from tests.inside import audited, blobs_of, count_of, kinds_since, ledger_of, rows_of
from troth.acts.rights import erasing
from troth.acts.sweep import sweep
from troth.clock import DAY
from troth.custody.endings import erasing as custody_erasing
from troth.rules.decision import member
from troth.store import schema


def test_what_is_over_is_physically_gone_and_what_is_not_stays(house, clock):
    joins(house)
    tells(house, MIA, "usage")
    tells(house, MIA, "transactions")
    clock.forward(30 * DAY)

    swept = house.sweep()

    assert swept.expired == 1
    assert count_of(house, schema.records) == 2
    assert house.access(about=MIA, category="transactions").records


def test_each_kind_of_expired_record_leaves_one_line_that_commits_to_all_of_them(house, clock):
    for who in (MIA, NOOR, ZOE):
        joins(house, who)
    records = [tells(house, who, "usage") for who in (MIA, NOOR, ZOE)]
    clock.forward(31 * DAY)
    size = len(ledger_of(house))

    house.sweep()

    (line,) = ledger_of(house)[size:]
    assert (line.kind, line.category, line.count, line.clauses) == (
        "record.expired", "usage", 3, ("keep.usage",)
    )  # fmt: skip
    assert (line.actor, line.subject) == ("time", None)
    assert line.commitment == house.teller.alone(lambda desk: desk.commitment(records))


def test_files_and_names_go_with_their_records(house, clock):
    tells_everything(house)
    assert len(blobs_of(house)) == 5
    clock.forward(31 * 366 * DAY)

    house.sweep()

    assert blobs_of(house) == rows_of(house, schema.blobs) == rows_of(house, schema.records) == []
    assert [bytes(row.record) for row in rows_of(house, schema.names)] == [b""]
    assert rows_of(house, schema.tokens) == []


def test_whoever_left_is_forgotten_with_the_last_of_their_records(house, clock):
    tells_everything(house)
    joins(house, NOOR)
    house.leave(about=MIA)
    clock.forward(8 * 366 * DAY)

    swept = house.sweep()

    assert swept.ended == 1
    assert ledger_of(house)[-1].kind == "member.ended"
    (left,) = rows_of(house, schema.subjects)
    for table in (schema.names, schema.keys, schema.records):
        assert {row.subject for row in rows_of(house, table)} == {left.subject}
    assert blobs_of(house) == rows_of(house, schema.blobs) == rows_of(house, schema.tokens) == []
    assert house.sweep().ended == 0


def test_the_narrow_part_stays_until_its_own_end(house, clock):
    joins(house)
    tells(house, MIA, "network")
    tells(house, MIA, "device")
    clock.forward(91 * DAY)
    house.sweep()

    guarding = house.purpose("security.accounts", by=SECURITY)
    assert guarding.read(about=MIA, category="network").records
    assert count_of(house, schema.records) == 3

    clock.forward(276 * DAY)
    assert house.sweep().expired == 2
    assert count_of(house, schema.records) == 1


def test_a_sweep_with_nothing_to_do_changes_nothing(house):
    joins(house)
    house.sweep()
    size = len(ledger_of(house))

    swept = house.sweep()

    assert (swept.expired, swept.resumed, swept.files, swept.noted) == (0, 0, 0, 0)
    assert kinds_since(house, size) == []


def test_files_that_no_record_knows_are_removed(house):
    tells_everything(house)
    files = blobs_of(house)
    with house.teller.house.filing.connect("store") as connection:
        connection.execute(schema.blobs.delete().where(schema.blobs.c.blob == files[0]))

    swept = house.sweep()

    assert swept.files == 1
    assert blobs_of(house) == files[1:]


def test_an_erasure_that_was_interrupted_is_finished(house):
    joins(house)
    tells(house, MIA, "usage")
    job = erasing(by=member(), about=MIA)
    house.teller.alone(lambda desk: custody_erasing.begin(desk, job))
    assert count_of(house, schema.erasures) == 1

    swept = house.sweep()

    assert swept.resumed == 1
    assert count_of(house, schema.erasures) == count_of(house, schema.records) == 0
    assert count_of(house, schema.keys) == 0
    assert ledger_of(house)[-1].kind == "erasure.done"


def test_an_erasure_that_was_interrupted_is_finished_by_opening_again(house, new_house):
    joins(house)
    job = erasing(by=member(), about=MIA)
    house.teller.alone(lambda desk: custody_erasing.begin(desk, job))

    reopened = new_house.again(house)

    assert count_of(reopened, schema.keys) == count_of(reopened, schema.erasures) == 0
    assert ledger_of(reopened)[-1].kind == "erasure.done"


def test_a_sweep_signs_the_state_that_it_leaves_and_a_stranger_can_verify_it(house, tmp_path, clock):
    joins(house)
    tells(house, MIA, "usage")
    clock.forward(31 * DAY)

    swept = house.sweep()

    assert swept.checkpoint.size == len(ledger_of(house))
    assert audited(house, tmp_path / "log").root == swept.checkpoint.root


def test_a_sweep_notes_which_lines_speak_of_whom_and_a_person_finds_them_all(house):
    joins(house)
    joins(house, NOOR)
    tells(house, MIA, "usage")
    before = house.entries(about=MIA)

    assert house.sweep().noted > 0
    tells(house, MIA, "activity")

    after = house.entries(about=MIA)
    assert after[: len(before)] == before
    assert [entry.category for _, entry in after] == [None, "account", "usage", "activity"]
    assert all(ledger_of(house)[number] == entry for number, entry in after)


def test_progress_is_told(house, clock):
    joins(house)
    for _ in range(5):
        tells(house, MIA, "usage")
    clock.forward(31 * DAY)
    told = []

    sweep(house.teller, progress=told.append)

    assert told == [5]


@pytest.mark.parametrize("before_the_end", [1, 0])
def test_the_end_is_exact_to_the_microsecond(house, clock, before_the_end):
    joins(house)
    tells(house, MIA, "usage")
    end = house.access(about=MIA, category="usage").records[0].expires_at
    clock.at = end - before_the_end

    assert house.sweep().expired == (0 if before_the_end else 1)
