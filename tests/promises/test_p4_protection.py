"""PROMISES 4: encrypted; not lost, altered, leaked, or seen by the unauthorised."""

import pytest

from tests.cast import AGENT, CLERK, EVERYTHING, MIA, NOOR, joins, tells_everything
from tests.inside import audited, ledger_of, rows_of
from troth.errors import SealBroken
from troth.store import schema
from troth.terms.agreement import Collect
from troth.terms.prose import notice
from troth.vault.keyring import looks_sealed


@pytest.mark.parametrize("category", [row[0] for row in EVERYTHING])
def test_p4_1_each_collection_is_told_with_its_purposes_and_its_end_from_the_clause_itself(house, category):
    _, rule = next(
        (clause, rule)
        for clause, rule in house.agreement.rules()
        if isinstance(rule, Collect) and rule.category == category
    )

    said = notice(house.agreement, rule)

    assert "erased" in said
    assert rule.notice in said if rule.notice else all(spec.words in said for spec in rule.fields)


def test_p4_2_every_record_is_sealed_under_a_key_of_its_person_and_class(house):
    tells_everything(house)
    tells = {"email": "noor@example.org"}
    joins(house, NOOR, **tells)

    rows = rows_of(house, schema.records)
    assert all(looks_sealed(bytes(row.sealed)) for row in rows)
    origins = {row.origin: row.kept for row in rows_of(house, schema.origins)}
    keys = {(row.subject, row.kept) for row in rows_of(house, schema.keys)}
    assert {(row.subject, origins[row.origin]) for row in rows} <= keys


def test_p4_2_a_record_that_was_moved_to_somebody_else_does_not_open(house):
    mine, theirs = joins(house), joins(house, NOOR)
    with house.teller.house.filing.connect("store") as connection:
        sealed = {row.subject: row.sealed for row in connection.execute(schema.records.select())}
        connection.execute(
            schema.records.update().where(schema.records.c.subject == theirs).values(sealed=sealed[mine])
        )

    with pytest.raises(SealBroken) as broken:
        house.access(about=NOOR, category="account")
    assert "example.org" not in str(broken.value)


def test_p4_2_a_record_that_was_altered_does_not_open(house):
    joins(house)
    with house.teller.house.filing.connect("store") as connection:
        sealed = bytearray(connection.execute(schema.records.select()).one().sealed)
        sealed[-1] ^= 1
        connection.execute(schema.records.update().values(sealed=bytes(sealed)))

    with pytest.raises(SealBroken):
        house.access(about=MIA, category="account")


def test_p4_2_nothing_is_lost_over_a_restart(house, new_house):
    tells_everything(house)
    before = _all(house)

    reopened = new_house.again(house)

    assert _all(reopened) == before


def _all(house):
    return [
        [(held.id, {name: value.reveal() for name, value in held.values.items()}) for held in handed.records]
        for handed in (house.access(about=MIA, category=category) for category, *_ in EVERYTHING)
    ]


def test_p4_4_the_ledger_shows_whoever_looks_that_nothing_in_it_was_changed(house, tmp_path):
    tells_everything(house)

    report = audited(house, tmp_path / "log")

    assert report.size == len(ledger_of(house))


def test_p4_6_staff_see_masked_what_the_clause_masks(house):
    tells_everything(house)

    reply = house.purpose("support.reply", by=AGENT, case="C-1")
    inquiry = house.purpose("service.payments.inquiry", by=CLERK, case="C-1", reason="returned")
    assert reply.one(about=MIA, field="account.email").reveal() == "m***@e***.org"
    assert reply.one(about=MIA, field="account.phone").reveal() == "+442****0958"
    assert inquiry.one(about=MIA, field="payment.iban").reveal() == "DE****3000"
