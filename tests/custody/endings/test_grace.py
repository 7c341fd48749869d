"""Grace: sealed away, brought back by the code alone, gone at the end; cut off anywhere."""

import threading

import pytest

from tests.cast import AGENT, MIA, NOOR, OFFICER, PORTAL, joins, tells, tells_everything
from tests.inside import expect_refusal, kinds_since, ledger_of, rows_of, shown
from troth.clock import DAY
from troth.custody.copies import rotating
from troth.custody.finding import Find
from troth.errors import (
    BadArgument,
    ClockBackwards,
    EpochUnknown,
    InGrace,
    NotFound,
    NotRestored,
    Refused,
    SealBroken,
)
from troth.evidence.report import verify
from troth.rules.decision import Act, Request
from troth.store import keystore, schema
from troth.terms.vocabulary import Category, Purpose
from troth.vault import recovery
from troth.vault.keyring import KeyRow

FIRST = ("records", "names", "tokens", "blobs", "holds", "cases")


def everything(house, about=MIA):
    return [shown(house.access(about=about, category=each)) for each in ("account", "activity", "identity")]


def test_what_was_sealed_away_comes_back_exactly_as_it_was(house):
    subject = tells_everything(house)
    before, rows = everything(house), {t: rows_of(house, schema.store.tables[t]) for t in FIRST}
    standing = rows_of(house, schema.subjects)
    keys = {(k.subject, k.kept, bytes(k.commitment)) for k in rows_of(house, schema.keys)}
    code = house.recovery_code()
    away = house.erase_later(about=MIA, days=14, code=code)
    assert away.ends_at == house.teller.house.clock() + 14 * DAY
    assert shown_or_refused(house, "account") == "in-grace"
    receipt = house.come_back(about=MIA, code=code)
    assert receipt.kind == "grace.ended"
    assert everything(house) == before
    assert rows_of(house, schema.subjects) == standing
    assert {t: rows_of(house, schema.store.tables[t]) for t in FIRST} == rows
    assert {(k.subject, k.kept, bytes(k.commitment)) for k in rows_of(house, schema.keys)} == keys
    assert house.access(about=subject, category="account").records


def shown_or_refused(house, category):
    try:
        return shown(house.access(about=MIA, category=category))
    except Refused as problem:
        return ",".join(problem.codes)


def test_where_everything_goes_the_person_is_as_unknown(house):
    subject = joins(house)
    code = house.recovery_code()
    away = house.erase_later(about=MIA, days=1, code=code)
    assert away.whole
    assert [row.kept for row in rows_of(house, schema.keys)] == [":grace"]
    with pytest.raises(InGrace):
        house.access(about=MIA, category="account")
    with pytest.raises(InGrace):
        house.access(about=subject, category="account")
    with pytest.raises(InGrace):
        house.erase(about=MIA)
    assert house.entries(about=MIA) == []
    house.come_back(about=MIA, code=code.lower().replace("-", " "))
    assert house.access(about=MIA, category="account").records
    assert [entry.kind for _, entry in house.entries(about=MIA)][-2:] == ["grace.ended", "record.accessed"]


def test_at_the_end_it_is_an_erasure_and_no_code_opens_anything(house):
    joins(house)
    code = house.recovery_code()
    house.erase_later(about=MIA, days=3, code=code)
    house.teller.house.clock.forward(3 * DAY)
    with pytest.raises(NotRestored):
        house.come_back(about=MIA, code=code)
    size = len(ledger_of(house))
    house.sweep()
    assert kinds_since(house, size) == ["erasure.begun", "erasure.done"]
    for table in (
        schema.subjects,
        schema.keys,
        schema.sealed_keys,
        schema.names,
        schema.graces,
        schema.records,
    ):
        assert rows_of(house, table) == [], table.name
    with pytest.raises(NotRestored):
        house.come_back(about=MIA, code=code)
    with pytest.raises(NotFound):
        house.access(about=MIA, category="account")


def test_the_grace_that_two_ask_for_at_once_begins_once(house):
    joins(house)
    codes, outcomes = [house.recovery_code() for _ in range(4)], list[object]()

    def ask(code):
        try:
            outcomes.append(house.erase_later(about=MIA, days=2, code=code))
        except InGrace as problem:
            outcomes.append(problem)

    threads = [threading.Thread(target=ask, args=(code,)) for code in codes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(type(each).__name__ for each in outcomes) == ["Away", "InGrace", "InGrace", "InGrace"]
    assert len(rows_of(house, schema.graces)) == len(rows_of(house, schema.sealed_keys)) == 1


def test_nothing_new_is_collected_about_somebody_in_grace_and_nobody_takes_their_names(house):
    joins(house, MIA, email="mia@example.org")
    house.erase_later(about=MIA, days=2, code=house.recovery_code())
    with expect_refusal(house, "in-grace"):
        joins(house, MIA, email="other@example.org")
    with expect_refusal(house, "taken"):
        joins(house, NOOR, email="mia@example.org")
    with pytest.raises(InGrace):
        tells(house, MIA, "activity")
    house.teller.house.clock.forward(2 * DAY)
    house.sweep()
    assert joins(house, NOOR, email="mia@example.org")


def test_where_a_duty_keeps_something_that_is_read_as_before_and_the_rest_by_nobody(house):
    tells_everything(house)
    house.erase_later(about=MIA, days=2, code=house.recovery_code())
    reading = house.purpose("support.reply", by=AGENT, case="C-1")
    assert reading.read(about=MIA, category="transactions").records
    with expect_refusal(house, "in-grace"):
        reading.read(about=MIA, category="account")
    with expect_refusal(house, "in-grace"):
        house.correct(about=MIA, category="account", values={"email": "new@example.org"})
    with expect_refusal(house, "in-grace"):
        house.consent(about=MIA, purpose="contact.promotion")
    with expect_refusal(house, "in-grace"):
        house.erase(about=MIA)
    with expect_refusal(house, "in-grace"):
        house.erase_later(about=MIA, days=2, code=house.recovery_code())
    found = house.teller.ask(finding(by=PORTAL, value="mia@example.org"))
    assert found.people == ()


def finding(*, by, value):
    request = Request(
        Act.FIND, by, Category("account"), fields=frozenset({"email"}), purpose=Purpose("signin")
    )
    return Find(request, value)


def test_where_a_duty_keeps_something_the_end_erases_the_rest_and_the_person_leaves(house):
    tells_everything(house)
    code = house.recovery_code()
    away = house.erase_later(about=MIA, days=2, code=code)
    assert {kept.kept for kept in away.stays} == {"identity", "payment", "transactions"}
    house.teller.house.clock.forward(2 * DAY)
    size = len(ledger_of(house))
    house.sweep()
    kinds = kinds_since(house, size)
    assert [kind for kind in kinds if kind != "record.expired"] == [
        "erasure.begun",
        "member.left",
        "erasure.done",
    ]
    assert {row.kept for row in rows_of(house, schema.keys)} == {
        "identity",
        "payment",
        "transactions",
        ":self",
    }
    assert rows_of(house, schema.sealed_keys) == rows_of(house, schema.graces) == []
    with pytest.raises(NotRestored):
        house.come_back(about=MIA, code=code)


def test_records_end_at_their_instant_in_a_grace_too(house):
    joins(house)
    tells(house, MIA, "usage")
    code = house.recovery_code()
    house.erase_later(about=MIA, days=30, code=code)
    house.teller.house.clock.forward(29 * DAY)
    house.sweep()
    house.come_back(about=MIA, code=code)
    assert house.access(about=MIA, category="usage").records
    code = house.recovery_code()
    house.erase_later(about=MIA, days=30, code=code)
    house.teller.house.clock.forward(2 * DAY)
    house.sweep()
    house.come_back(about=MIA, code=code)
    assert house.access(about=MIA, category="usage").records == ()
    assert house.access(about=MIA, category="account").records


def test_the_answer_to_another_code_is_the_answer_to_an_unknown_name(house):
    joins(house)
    code = house.recovery_code()
    house.erase_later(about=MIA, days=2, code=code)
    answers = set()
    for about, tried in ((MIA, house.recovery_code()), (NOOR, code), (MIA, "MOON"), (7, code), (MIA, "")):
        with pytest.raises(NotRestored) as caught:
            house.come_back(about=about, code=tried)
        answers.add(str(caught.value))
    assert len(answers) == 1
    with pytest.raises(NotRestored):
        house.come_back(about=MIA, code=code, by=AGENT)
    assert house.come_back(about=MIA, code=code)
    with pytest.raises(NotRestored):
        house.come_back(about=MIA, code=code)


def test_staff_begin_no_grace_as_whoever_has_the_code_undoes_it(house):
    joins(house)
    with expect_refusal(house, "not-by"):
        house.erase_later(about=MIA, days=2, code=house.recovery_code(), by=OFFICER)
    assert rows_of(house, schema.graces) == []


@pytest.mark.parametrize("days", [0, 31, -1, True, 1.5, "7", None])
def test_a_grace_lasts_one_to_thirty_days(house, days):
    joins(house)
    with pytest.raises(BadArgument):
        house.erase_later(about=MIA, days=days, code=house.recovery_code())


def test_a_code_of_another_make_begins_nothing(house):
    joins(house)
    for code in ("", "MOON", "0" * 40, None):
        with pytest.raises(BadArgument):
            house.erase_later(about=MIA, days=2, code=code)
    assert rows_of(house, schema.graces) == []


def test_what_is_sealed_away_comes_back_under_the_epoch_of_the_day(house):
    joins(house)
    code = house.recovery_code()
    house.erase_later(about=MIA, days=30, code=code)
    for _ in range(3):
        house.teller.house.clock.forward(8 * DAY)
        house.sweep()
    epoch = house.teller.house.keyring.current_epoch
    assert epoch > 2
    house.come_back(about=MIA, code=code)
    assert {row.epoch for row in rows_of(house, schema.keys)} == {epoch}
    assert house.access(about=MIA, category="account").records


def test_a_clock_that_is_set_back_brings_no_grace_back_that_has_ended(house):
    joins(house)
    code = house.recovery_code()
    house.erase_later(about=MIA, days=2, code=code)
    house.teller.house.clock.forward(2 * DAY)
    house.sweep()
    house.teller.house.clock.forward(-DAY)
    with pytest.raises(ClockBackwards):
        house.come_back(about=MIA, code=code)
    assert rows_of(house, schema.sealed_keys) == []


def test_whoever_left_and_has_nothing_any_more_is_forgotten_with_what_was_sealed_away(house):
    joins(house)
    house.leave(about=MIA)
    code = house.recovery_code()
    house.erase_later(about=MIA, days=30, code=code)
    house.teller.house.clock.forward(30 * DAY)
    house.sweep()
    for table in (schema.subjects, schema.sealed_keys, schema.graces, schema.names, schema.records):
        assert rows_of(house, table) == [], table.name
    with pytest.raises(NotRestored):
        house.come_back(about=MIA, code=code)


def test_a_grace_breaks_no_promise_that_evidence_looks_at(house):
    tells_everything(house)
    joins(house, NOOR)
    house.sweep()
    before = words_of(house)
    for who in (MIA, NOOR):
        house.erase_later(about=who, days=2, code=house.recovery_code())
    house.sweep()
    assert {name: word for name, word in words_of(house).items() if word == "broken"} == {
        name: word for name, word in before.items() if word == "broken"
    }


def words_of(house):
    return {each.clause: each.status and each.status.value for each in verify(house.teller).clauses}


def test_a_code_opens_nothing_without_the_key_of_the_grace_and_what_is_kept_of_both_closes_with_the_epoch(
    house,
):
    subject = joins(house)
    code = house.recovery_code()
    house.erase_later(about=MIA, days=2, code=code)
    inner = house.teller.house
    (away,), (own,) = rows_of(house, schema.sealed_keys), rows_of(house, schema.keys)
    assert own.kept == ":grace"

    def opens(keyring):
        key = keyring.unwrap(subject, ":grace", KeyRow(own.epoch, bytes(own.wrapped), bytes(own.commitment)))
        within = key.unseal(bytes(away.sealed), record=bytes(away.salt), category="troth.grace", schema=1)
        return recovery.key_of(code, bytes(away.salt)).unseal(within, subject)

    assert {kept for kept, *_ in opens(inner.keyring)} >= {":self", "account"}
    with pytest.raises(SealBroken):  # the code alone
        recovery.key_of(code, bytes(away.salt)).unseal(bytes(away.sealed), subject)
    inner.clock.forward(2 * DAY)
    house.sweep()
    assert rows_of(house, schema.keys) == rows_of(house, schema.sealed_keys) == []
    for _ in range(2):
        inner.clock.forward(8 * DAY)
        house.sweep()
    with keystore.keeping(inner.filing) as keeping:
        keystore.add_copy(keeping, bytes(16), inner.keyring.current_epoch, 3, inner.clock())
    assert own.epoch in rotating.retire(inner)
    with pytest.raises(EpochUnknown):
        opens(inner.keyring)
