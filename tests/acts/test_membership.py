import pytest

from tests.cast import ACCOUNT, AGENT, MIA, PORTAL, joins, tells
from tests.inside import count_of, expect_refusal, ledger_of, rows_of
from troth.clock import DAY
from troth.errors import NotFound
from troth.store import schema


def end_of(house, category):
    return house.access(about=MIA, category=category).records[0].expires_at


def test_whoever_leaves_sets_the_clocks_running_that_begin_with_leaving(house, clock):
    joins(house)
    tells(house, MIA, "transactions")
    before = end_of(house, "transactions")
    assert end_of(house, "account") > clock.at + 19 * 365 * DAY
    clock.forward(10 * DAY)

    receipt = house.leave(about=MIA)

    assert end_of(house, "account") == clock.at + 30 * DAY
    assert end_of(house, "transactions") == before
    assert ledger_of(house)[receipt.entry].kind == "member.left"


def test_leaving_again_moves_no_end(house, clock):
    joins(house)
    house.leave(about=MIA)
    end = end_of(house, "account")
    clock.forward(5 * DAY)

    house.leave(about=MIA)

    assert end_of(house, "account") == end


def test_leaving_never_keeps_anything_longer_than_its_maximum(house, clock):
    joins(house)
    end = end_of(house, "account")
    clock.at = end - DAY

    house.leave(about=MIA)

    assert end_of(house, "account") == end


def test_what_comes_after_leaving_ends_as_if_it_had_been_there(house, clock):
    joins(house)
    house.leave(about=MIA)
    left = clock.at
    clock.forward(3 * DAY)

    tells(house, MIA, "identity")

    assert end_of(house, "identity") < left + (5 * 365 + 3) * DAY


def test_nothing_is_taken_in_that_would_be_over_at_once_because_somebody_left(house, clock):
    joins(house)
    house.consent(about=MIA, purpose="camera.profile")
    house.leave(about=MIA)
    clock.forward(DAY - 1)
    assert tells(house, MIA, "camera.profile")
    clock.forward(1)

    for _ in range(2):
        with expect_refusal(house, "left", at=("collect.camera.profile",)):
            tells(house, MIA, "camera.profile")
        house.sweep()
    assert tells(house, MIA, "usage")


def test_whoever_left_comes_back_by_opening_an_account_again(house, clock):
    joins(house)
    receipt = house.leave(about=MIA)
    clock.forward(40 * DAY)

    joins(house)

    assert [entry.kind for entry in ledger_of(house)[receipt.entry :]] == [
        "member.left", "member.joined", "record.collected",
    ]  # fmt: skip
    assert end_of(house, "account") > clock.at + 19 * 366 * DAY
    clock.forward(400 * DAY)
    house.sweep()
    assert house.access(about=MIA, category="account").records


def test_leaving_ends_nothing_whose_time_runs_from_something_else(house, clock):
    joins(house)
    house.leave(about=MIA)
    clock.forward(6 * 366 * DAY)

    tells(house, MIA, "support")

    assert end_of(house, "support") > clock.at + 4 * 365 * DAY


def test_neither_a_program_nor_customer_service_leaves_for_a_person_who_did_not_prove_it(house):
    joins(house)
    for by, codes in ((PORTAL, {"not-by"}), (AGENT, {"assurance-missing"})):
        with expect_refusal(house, *codes, at=("right.leave",)):
            house.leave(about=MIA, by=by)


def test_nobody_unknown_leaves(house):
    with pytest.raises(NotFound):
        house.leave(about="nobody")


def test_who_left_is_gone_when_the_clocks_ran_out(house, clock):
    joins(house, MIA, **ACCOUNT)
    house.leave(about=MIA)
    clock.forward(30 * DAY)

    house.sweep()

    for table in (schema.records, schema.subjects, schema.names, schema.keys):
        assert count_of(house, table) == 0
    joins(house, "M-2", **ACCOUNT)
    assert len(rows_of(house, schema.subjects)) == 1
