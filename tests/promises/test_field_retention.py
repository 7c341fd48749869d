"""What FIELD.md asks of retention, items 17 to 21, each in the words of its item."""

import pytest

from tests.cast import LAWYER, MIA, joins, tells, tells_everything
from tests.houses import MEMBER_TEXT, MINIMAL_TEXT
from tests.inside import count_of, rows_of
from troth.clock import DAY, FOREVER
from troth.errors import Refused
from troth.evidence.report import verify
from troth.evidence.status import Status
from troth.rules.compiling import compile_rules
from troth.store import schema
from troth.terms.parse import parse
from troth.terms.vocabulary import Period, RetentionClass

HOUR = DAY // 24


def test_field_17_each_record_has_an_expiry_or_an_until_event_with_a_maximum(house):
    tells_everything(house)
    rows = rows_of(house, schema.records)
    origins = {row.origin: row for row in rows_of(house, schema.origins)}
    assert len(rows) > 10
    for row in rows:
        _, keep = house.teller.house.book.keep(RetentionClass(origins[row.origin].kept))
        assert row.collected_at < row.narrows_at <= row.expires_at < FOREVER
        assert keep.event is None or keep.maximum is not None


@pytest.mark.parametrize("category", ["usage", "support"])
def test_field_18_expired_data_is_unreadable_from_the_very_instant_and_not_from_the_sweep(
    house, clock, category
):
    joins(house)
    tells(house, MIA, category)
    (record,) = house.access(about=MIA, category=category).records
    clock.at = record.expires_at - 1
    assert len(house.access(about=MIA, category=category).records) == 1
    clock.at = record.expires_at
    with pytest.raises(Refused) as caught:
        house.access(about=MIA, category=category)
    assert caught.value.codes == ("expired",)
    assert count_of(house, schema.records) == 2  # nothing was swept


def test_field_19_the_measured_maximum_is_within_the_declared_bound(house, clock):
    joins(house)
    for _ in range(30):
        tells(house, MIA, "usage")
        clock.forward(HOUR)
    measured = []
    clock.forward(28 * DAY)
    for _ in range(100):
        clock.forward(HOUR)
        measured.append(house.sweep().late)
    bounds = {keep.gone_within.after(0) for _, keep in house.teller.house.book.keeps.values()}
    assert max(measured) <= min(bounds)
    assert count_of(house, schema.streams) == 0


def test_field_19_what_stays_beyond_the_bound_breaks_the_clause_until_it_is_swept(house, clock):
    joins(house)
    tells(house, MIA, "usage")
    clock.forward(32 * DAY)

    def of_the_clause():
        clause = next(each for each in verify(house.teller).clauses if each.clause == "keep.usage")
        return next(check.status for check in clause.checks if check.name == "gone-in-time")

    assert of_the_clause() is Status.BROKEN
    house.sweep()
    assert of_the_clause() is Status.KEPT


@pytest.mark.parametrize("category", ["activity", "support"])
def test_field_20_a_hold_beats_the_time_visibly_and_when_it_ends_the_time_applies(house, clock, category):
    joins(house)
    tells(house, MIA, category)
    house.hold(about=MIA, matter="case-7", reason="litigation", by=LAWYER)
    clock.forward(6 * 366 * DAY)
    held = count_of(house, schema.records)
    assert house.sweep().expired == 0
    assert count_of(house, schema.records) == held == 2
    with pytest.raises(Refused) as caught:
        house.access(about=MIA, category=category)
    assert caught.value.codes == ("expired",)  # a hold keeps, and permits no reading
    assert "hold.placed" in {entry.kind for _, entry in house.entries(about=MIA)}
    assert ("case-7", "litigation") in {
        (h.matter, h.reason) for why in house.why_kept(about=MIA) for h in why.held
    }
    house.end_hold(about=MIA, matter="case-7", reason="litigation", by=LAWYER)
    house.sweep()
    assert count_of(house, schema.records) == held - 1


def test_field_21_the_rule_of_a_class_is_that_of_the_newest_version_that_names_it(house):
    """A second version cannot be adopted yet: that it moves the ends of what is held is not tried here."""
    book, kept = house.teller.house.book, RetentionClass("usage")
    text = MEMBER_TEXT.replace("of: [usage]\nfor: P30D", "of: [usage]\nfor: P10D")
    assert compile_rules(parse(text)).following([book]).keep(kept)[1].period == Period(days=10)
    assert compile_rules(parse(MINIMAL_TEXT)).following([book]).keep(kept)[1].period == Period(days=30)


def test_field_21_a_time_that_was_shortened_applies_to_what_is_held_already(house):
    joins(house)
    tells(house, MIA, "usage")
    house.keep_shorter(about=MIA, kept="usage", days=2)  # today by the member's choice alone
    assert all(row.expires_at <= row.collected_at + 2 * DAY for row in rows_of(house, schema.streams))
