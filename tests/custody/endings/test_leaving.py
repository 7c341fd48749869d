"""Leaving, coming back, and the end: what was promised at leaving holds, and nobody is kept for nothing."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from tests.cast import ACCOUNT, IDENTITY, LAWYER, MIA, NOOR, ZOE, joins, tells, tells_everything
from tests.custody.systems.test_duties import Standin, away, with_systems
from tests.houses import MINIMAL_TEXT
from tests.inside import blobs_of, count_of, expect_refusal, kinds_since, ledger_of, rows_of
from troth.acts.collect import offering
from troth.acts.rights import erasing as wish
from troth.clock import DAY, FOREVER
from troth.custody.endings import erasing, expiring, finishing, leaving
from troth.custody.keymaking import DUTIES
from troth.custody.take_in import Taken
from troth.errors import Erased, NotFound
from troth.evidence.report import verify
from troth.evidence.status import Status
from troth.rules.decision import member, program
from troth.store import schema, schema_keys, schema_rights
from troth.terms.vocabulary import Period

PAYOUT = program("payout")
YEAR = 366 * DAY
PEOPLE = (schema.subjects, schema.names, schema.tokens, schema.keys, schema.leavers, schema.holds)


def account(who=MIA, **values):
    values = values or {"email": f"{who.lower()}@example.org"}
    return offering(by=member(), about=who, category="account", when="registration", values=values)


def identity(who=MIA):
    return offering(
        by=member(), about=who, category="identity", when="identity_verification", values=IDENTITY, age=36
    )


def ends(house, category, who=MIA):
    return sorted(held.expires_at for held in house.access(about=who, category=category).records)


def erased():
    return wish(by=member(), about=MIA)


def standing_of(house, who=MIA):
    def look(desk):
        desk.find([who])
        return desk.standing(who)

    return house.teller.alone(look)


# ---- coming back


def test_whoever_left_and_opens_an_account_again_is_back(house, clock):
    subject = joins(house, MIA, email="mia@example.org")
    house.leave(about=MIA)
    promised = clock.at + 30 * DAY
    clock.forward(3 * DAY)
    size = len(ledger_of(house))

    assert joins(house, MIA, email="mia@example.org") == subject

    assert kinds_since(house, size) == ["member.joined", "record.collected"]
    assert {entry.subject for entry in ledger_of(house)[size:]} == {
        entry.subject for entry in ledger_of(house)[:size] if entry.subject
    }
    assert standing_of(house).left is None
    old, new = ends(house, "account")
    assert old == promised
    assert new > clock.at + 19 * YEAR
    tells(house, MIA, "identity")
    assert ends(house, "identity")[0] > clock.at + 24 * 365 * DAY


def test_the_old_account_ends_as_promised_and_the_name_stays_with_the_new_one(house, clock):
    joins(house, MIA, email="mia@example.org", username="moon")
    house.leave(about=MIA)
    joins(house, MIA, email="mia@example.org")
    clock.forward(30 * DAY)

    assert house.sweep().expired == 1

    assert len(ends(house, "account")) == 1
    with expect_refusal(house, "taken"):
        joins(house, NOOR, email="mia@example.org")
    joins(house, ZOE, username="moon")
    clock.forward(YEAR)
    assert house.sweep().ended == 0


def test_choices_survive_leaving_and_coming_back(house):
    joins(house)
    house.consent(about=MIA, purpose="contact.promotion")
    house.object(about=MIA, purpose="service.upkeep")
    house.restrict(about=MIA, category="usage")
    house.hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)
    before = standing_of(house)
    house.leave(about=MIA)

    joins(house)

    assert standing_of(house) == before


def test_whoever_is_back_holds_one_set_and_no_second(house):
    joins(house)
    house.leave(about=MIA)
    joins(house)

    with expect_refusal(house, "already-held"):
        joins(house)


def test_leaving_again_gives_the_new_an_end_and_moves_no_older_one(house, clock):
    joins(house)
    house.leave(about=MIA)
    clock.forward(10 * DAY)
    joins(house)
    clock.forward(5 * DAY)

    house.leave(about=MIA)

    assert ends(house, "account") == [clock.at + 15 * DAY, clock.at + 30 * DAY]
    joins(house)
    assert len(ends(house, "account")) == 3


def test_what_is_told_while_away_and_opens_nothing_is_taken_as_before(house, clock):
    joins(house)
    tells(house, MIA, "identity")
    house.leave(about=MIA)

    with expect_refusal(house, "already-held"):
        tells(house, MIA, "identity")
    tells(house, MIA, "support")  # it opens, and no time of it runs from leaving
    tells(house, MIA, "payment")
    assert standing_of(house).left == clock.at
    assert ends(house, "payment")[0] <= clock.at + 7 * YEAR


def test_what_leaving_gave_an_end_does_not_stand_against_a_new_set_of_whoever_is_back(house, clock):
    joins(house)
    tells(house, MIA, "identity")
    house.leave(about=MIA)
    joins(house)

    tells(house, MIA, "identity")

    old, new = ends(house, "identity")
    assert old < clock.at + 6 * YEAR
    assert new > clock.at + 24 * 365 * DAY
    with expect_refusal(house, "already-held"):
        tells(house, MIA, "identity")


def test_somebody_may_come_back_on_the_last_day_of_what_they_told_first(house, clock):
    joins(house)
    clock.at = ends(house, "account")[0] - DAY
    house.leave(about=MIA)

    joins(house)

    assert len(ends(house, "account")) == 2


def test_who_comes_back_in_a_stream_is_back_for_all_of_it(house, clock):
    joins(house)
    tells(house, MIA, "identity")
    house.leave(about=MIA)
    clock.forward(40 * DAY)
    size = len(ledger_of(house))

    found = house.collect_many([identity(), account(), account(), identity(NOOR)], together=False)

    assert [isinstance(each, Taken) for each in found] == [True, True, False, False]
    assert kinds_since(house, size).count("member.joined") == 1
    assert ends(house, "identity")[1] > clock.at + 24 * 365 * DAY
    assert standing_of(house).left is None


@pytest.mark.parametrize("why", ["malformed", "taken"])
def test_who_is_refused_to_come_back_is_still_away(house, clock, why):
    joins(house)
    joins(house, NOOR, email="noor@example.org")
    house.leave(about=MIA)
    left = clock.at
    clock.forward(6 * YEAR)
    again = account(email="noor@example.org" if why == "taken" else "nonsense")

    found = house.collect_many([again, identity()], together=False)

    assert [each.codes for each in found] == [(why,), ("left",)]
    assert standing_of(house).left == left
    assert count_of(house, schema.leavers) == 1


def test_newcomers_and_who_comes_back_share_one_line_of_a_stream(house):
    joins(house)
    house.leave(about=MIA)
    size = len(ledger_of(house))

    house.collect_many([account(), account(NOOR), account(ZOE)])

    assert [(entry.kind, entry.count) for entry in ledger_of(house)[size:]] == [
        ("member.joined", 3), ("record.collected", 3),
    ]  # fmt: skip


def test_whoever_is_back_is_kept_and_whoever_was_forgotten_is_somebody_new(house, clock):
    subject = joins(house)
    house.leave(about=MIA)
    clock.forward(31 * DAY)
    assert joins(house) == subject  # nothing was held of them any more, and no sweep has run
    assert house.sweep().ended == 0
    house.leave(about=MIA)
    clock.forward(31 * DAY)
    assert house.sweep().ended == 1

    assert joins(house) != subject


# ---- leaving by an erasure of everything


def test_whoever_has_everything_erased_has_left_and_what_a_duty_keeps_ends_as_after_leaving(house, clock):
    subject = tells_everything(house)
    transactions = ends(house, "transactions")
    (before,) = ends(house, "payment")
    outlook = house.teller.alone(lambda desk: erasing.preview(desk, erased()))

    gone = house.erase(about=MIA)

    until = {stay.kept: stay.until for stay in gone.stays}
    assert until == {stay.kept: stay.until for stay in outlook.stays}
    assert standing_of(house).left == clock.at
    assert until["payment"] == Period(months=7 * 12).after(clock.at) < before
    for kept in ("payment", "identity", "transactions"):
        assert ends(house, kept) == [until[kept]]
    assert ends(house, "transactions") == transactions
    clock.at = until["payment"]
    assert house.sweep().ended == 1
    with pytest.raises(Erased):
        house.purpose("service.payments", by=PAYOUT).read(about=subject, category="payment")
    assert [count_of(house, table) for table in PEOPLE] == [0] * len(PEOPLE)
    assert verify(house.teller).count(Status.BROKEN) == 0


def test_the_ledger_says_that_they_left_under_the_clause_that_let_them_erase(house):
    tells_everything(house)
    size = len(ledger_of(house))

    house.erase(about=MIA, by=member())

    begun, left, done = ledger_of(house)[size:]
    assert [each.kind for each in (begun, left, done)] == ["erasure.begun", "member.left", "erasure.done"]
    assert (left.act, left.clauses, left.subject) == ("leave", begun.clauses, begun.subject)


def test_whoever_left_before_keeps_the_earlier_date(house, clock):
    tells_everything(house)
    house.leave(about=MIA)
    left, promised = clock.at, ends(house, "payment")
    clock.forward(20 * DAY)
    size = len(ledger_of(house))

    gone = house.erase(about=MIA)

    assert kinds_since(house, size) == ["erasure.begun", "erasure.done"]
    assert standing_of(house).left == left
    assert ends(house, "payment") == promised == [s.until for s in gone.stays if s.kept == "payment"]


def test_an_erasure_of_some_classes_is_no_leaving(house):
    tells_everything(house)
    promised = ends(house, "payment")

    house.erase(about=MIA, classes=["account", "payment"])

    assert standing_of(house).left is None
    assert ends(house, "payment") == promised


def test_a_refused_erasure_is_no_leaving(house):
    joins(house)
    house.hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)
    promised = ends(house, "account")

    with expect_refusal(house, "held"):
        house.erase(about=MIA)

    assert standing_of(house).left is None
    assert ends(house, "account") == promised


def test_what_a_matter_holds_ends_as_after_leaving_once_the_matter_does(house, clock):
    joins(house)
    tells(house, MIA, "device")
    house.hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)

    (stay,) = house.erase(about=MIA).stays

    assert (stay.kept, stay.until) == ("account", FOREVER)
    assert ends(house, "account") == [clock.at + 30 * DAY]
    clock.forward(31 * DAY)
    assert house.sweep().ended == 0
    house.end_hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)
    assert house.sweep().ended == 1


def test_whoever_was_erased_but_for_a_duty_and_opens_an_account_is_back(house, clock):
    subject = tells_everything(house)
    promised = [each.until for each in house.erase(about=MIA).stays if each.kept == "payment"]
    clock.forward(DAY)

    assert joins(house, MIA) == subject

    assert standing_of(house).left is None
    assert ends(house, "payment") == promised


# ---- the end


def test_who_left_is_wholly_forgotten_when_nothing_is_held_of_them(house, clock):
    subject = joins(house, MIA, **ACCOUNT)
    house.consent(about=MIA, purpose="camera.profile")
    tells(house, MIA, "camera.profile")
    tells(house, MIA, "transactions")
    house.leave(about=MIA)
    for days in (31, 366, 4 * 366):
        clock.forward(days * DAY)
        assert house.sweep().ended == 0
    assert house.teller.alone(lambda desk: desk.pseudonym(subject))
    clock.forward(3 * YEAR)
    size = len(ledger_of(house))

    swept = house.sweep()

    assert (swept.expired, swept.ended) == (1, 1)
    assert all(rows_of(house, table) == [] for table in PEOPLE)
    assert house.teller.alone(lambda desk: desk.pseudonym(subject)) is None
    line = ledger_of(house)[size:][-1]
    assert (line.kind, line.actor, line.outcome, line.subject, line.count) == (
        "member.ended", "time", "done", None, 1,
    )  # fmt: skip
    assert line.clauses == ("right.leave",)
    assert line.commitment
    (gone,) = rows_of(house, schema.erased)
    assert gone.subject == subject
    assert gone.erased_on % DAY == 0
    assert clock.at - DAY < gone.erased_on <= clock.at
    with pytest.raises(Erased):
        house.access(about=subject, category="account")
    with pytest.raises(NotFound):
        house.access(about=MIA, category="account")
    assert verify(house.teller).count(Status.BROKEN) == 0


def ends_elsewhere(house, clock, *systems):
    """Let somebody leave, and time end all that is held of them; return their number."""
    subject = joins(house, MIA)
    with_systems(house, *systems)
    house.leave(about=MIA)
    clock.forward(31 * DAY)
    house.sweep()
    house.sweep()
    assert rows_of(house, schema.subjects) == []
    return subject


def test_other_systems_erase_whom_time_ended_here_where_they_know_them_by_number(house, clock):
    crm, news = Standin(), Standin(name="news", wants=("account.email",))
    subject = ends_elsewhere(house, clock, crm, news)
    (order,) = crm.orders
    assert (order.act, dict(order.known), order.categories) == (
        "erase",
        {"number": (str(subject),)},
        frozenset(),
    )
    assert news.orders == []
    (duty,) = rows_of(house, schema_rights.duties)
    assert (duty.system, duty.state, bytes(duty.sealed)) == ("crm", "done", b"")
    assert rows_of(house, schema_keys.keys) == []
    assert verify(house.teller).count(Status.BROKEN) == 0


def test_a_system_that_is_away_erases_whom_time_ended_later_though_they_are_forgotten_here(house, clock):
    crm = Standin(away(), away())
    subject = ends_elsewhere(house, clock, crm)
    assert [row.kept for row in rows_of(house, schema_keys.keys)] == [DUTIES]
    with pytest.raises(Erased):
        house.access(about=subject, category="account")
    clock.forward(DAY)
    house.sweep()
    clock.forward(DAY)
    house.sweep()
    assert {order.known["number"] for order in crm.orders} == {(str(subject),)}
    assert [row.state for row in rows_of(house, schema_rights.duties)] == ["done"]
    assert rows_of(house, schema_keys.keys) == []


def test_an_end_that_was_cut_off_after_the_keys_tells_other_systems_all_the_same(house, clock):
    subject, crm = joins(house), with_systems(house, Standin())
    house.leave(about=MIA)
    clock.forward(31 * DAY)
    house.teller.chore(lambda inner: finishing.destroy_keys(inner, subject, ["account"], whole=True))
    house.sweep()
    assert [order.known["number"] for order in crm.orders] == [(str(subject),)]
    assert all(rows_of(house, table) == [] for table in PEOPLE)


def test_whose_key_was_altered_stays_until_others_can_be_told_and_keeps_nobody_else(house, clock):
    altered, other = joins(house, MIA), joins(house, NOOR)
    crm = with_systems(house, Standin())
    for who in (MIA, NOOR):
        house.leave(about=who)
    clock.forward(31 * DAY)
    for row in rows_of(house, schema_keys.keys):
        if row.subject == altered:
            spoiled = bytes(row.wrapped[:-1]) + bytes([row.wrapped[-1] ^ 1])
            mine = (schema_keys.keys.c.subject == altered) & (schema_keys.keys.c.kept == row.kept)
            with house.teller.house.filing.connect("keystore") as keys:
                keys.execute(update(schema_keys.keys).where(mine).values(wrapped=spoiled))
    house.sweep()
    house.sweep()
    assert {order.known["number"] for order in crm.orders} == {(str(other),)}
    assert [row.subject for row in rows_of(house, schema.subjects)] == [altered]
    assert {row.subject for row in rows_of(house, schema_keys.keys)} == {altered}
    assert rows_of(house, schema.leavers)[0].due_at == clock.at + DAY


def test_who_leaves_with_nothing_held_ends_with_the_next_sweep(house):
    joins(house)
    house.consent(about=MIA, purpose="contact.promotion")
    tells(house, MIA, "usage")
    house.hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)
    house.erase(about=MIA, classes=["usage"])
    joins(house, NOOR)
    house.leave(about=NOOR)

    assert house.sweep().ended == 0
    house.end_hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)
    house.leave(about=MIA)
    assert house.sweep().ended == 0


def test_who_never_left_stays_though_nothing_is_held_of_them(house, clock):
    joins(house)
    clock.forward(30 * YEAR)

    swept = house.sweep()

    assert (swept.expired, swept.ended) == (1, 0)
    assert count_of(house, schema.subjects) == 1


def test_whoever_is_back_stays_though_nothing_is_held_of_them_any_more(house, clock):
    joins(house)
    house.leave(about=MIA)
    joins(house)
    tells(house, MIA, "usage")
    house.erase(about=MIA, classes=["account"])
    clock.forward(31 * DAY)

    swept = house.sweep()

    assert (swept.expired, swept.ended, count_of(house, schema.records)) == (1, 0, 0)
    assert count_of(house, schema.leavers) == 0


def test_a_hold_keeps_who_left_until_it_ends(house, clock):
    joins(house)
    house.hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)
    house.leave(about=MIA)
    for days in (0, 31, YEAR // DAY):
        clock.forward(days * DAY)
        assert house.sweep().ended == 0
    house.hold(about=MIA, matter="case-2", reason="investigation", by=LAWYER)
    house.end_hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)
    assert house.sweep().ended == 0

    house.end_hold(about=MIA, matter="case-2", reason="investigation", by=LAWYER)

    assert (house.sweep().ended, count_of(house, schema.subjects)) == (1, 0)


def test_a_hold_keeps_who_left_though_nothing_of_theirs_is_left_to_hold(house, clock):
    joins(house)
    tells(house, MIA, "usage")
    house.leave(about=MIA)
    house.erase(about=MIA, classes=["account"])
    house.hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)
    clock.forward(31 * DAY)
    assert (house.sweep().ended, count_of(house, schema.records)) == (0, 0)

    house.end_hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)

    assert house.sweep().ended == 1


def test_what_is_told_while_away_is_waited_for(house, clock):
    joins(house)
    house.leave(about=MIA)
    house.sweep()
    tells(house, MIA, "support")
    clock.forward(31 * DAY)
    assert house.sweep().ended == 0
    assert house.access(about=MIA, category="support").records
    clock.forward(5 * YEAR)
    assert house.sweep().ended == 1


def test_an_erasure_of_what_is_left_is_noticed_by_the_next_sweep(house, clock):
    joins(house)
    tells(house, MIA, "support")  # for years to come
    house.leave(about=MIA)
    house.sweep()
    house.erase(about=MIA, classes=["support"])
    assert house.sweep().ended == 0
    clock.forward(30 * DAY)

    assert house.sweep().ended == 1


def test_one_transaction_ends_many_and_one_line_says_so(house, clock):
    people = [f"S-{n}" for n in range(150)]
    house.collect_many([account(who) for who in people])
    for who in people[:149]:
        house.leave(about=who)
    clock.forward(30 * DAY)
    size = len(ledger_of(house))

    assert house.sweep().ended == 149

    assert [(e.kind, e.count) for e in ledger_of(house)[size:]] == [
        ("record.expired", 149), ("member.ended", 149),
    ]  # fmt: skip
    assert count_of(house, schema.subjects) == count_of(house, schema.records) == 1
    assert count_of(house, schema.keys) == 2
    assert count_of(house, schema.erased) == 149


def test_chunks_of_any_size_come_to_the_end(house, clock):
    for n in range(7):
        joins(house, f"S-{n}")
        house.leave(about=f"S-{n}")
    house.hold(about="S-3", matter="case-1", reason="litigation", by=LAWYER)
    tells(house, "S-5", "support")
    clock.forward(30 * DAY)
    found = [house.teller.alone(lambda desk: leaving.end(desk, 2)) for _ in range(5)]
    assert [ended for _, ended in found] == [0] * 5  # no record was removed yet
    house.teller.alone(expiring.expire)

    found = [house.teller.alone(lambda desk: leaving.end(desk, 2)) for _ in range(5)]

    assert sum(ended for _, ended in found) == 5
    assert found[-1] == (0, 0)
    assert {row.subject for row in rows_of(house, schema.leavers)} == {
        row.subject for row in rows_of(house, schema.subjects)
    }
    assert count_of(house, schema.leavers) == 2


def test_an_end_that_was_cut_off_after_the_keys_is_done_by_the_next_sweep(house, clock):
    subject = joins(house)
    house.leave(about=MIA)
    clock.forward(30 * DAY)
    house.teller.chore(lambda inner: finishing.destroy_keys(inner, subject, ["account"], whole=True))

    assert house.sweep().ended == 1

    assert all(rows_of(house, table) == [] for table in PEOPLE)


def test_leaving_keeps_the_rule_of_a_class_that_the_agreement_names_no_more(house, clock):
    joins(house)
    inner = house.teller.house
    book = inner.book
    shorter = replace(book, keeps={name: kept for name, kept in book.keeps.items() if name != "account"})
    inner.book = shorter.following([book])

    house.leave(about=MIA)

    assert {row.expires_at for row in rows_of(house, schema.records)} == {clock.at + 30 * DAY}
    gone = house.erase(about=MIA)
    assert gone.erased == ("account",)


def test_whoever_comes_back_after_an_end_that_was_cut_off_is_new(house, clock):
    joins(house)
    house.consent(about=MIA, purpose="contact.promotion")
    house.leave(about=MIA)
    clock.forward(21 * YEAR)
    while house.teller.alone(expiring.expire).more:
        pass

    def cut_off(desk):
        leaving.end(desk)
        raise KeyboardInterrupt  # the keys are gone, and what the store was to forget is not

    with pytest.raises(KeyboardInterrupt):
        house.teller.alone(cut_off)
    assert count_of(house, schema.subjects) == 1
    size = len(ledger_of(house))

    joins(house)

    assert kinds_since(house, size) == ["member.ended", "member.joined", "record.collected"]
    assert standing_of(house).consents == ()
    assert count_of(house, schema.subjects) == 1
    house.sweep()  # which signs the ledger: that was long ago
    assert [c for c in verify(house.teller).clauses if c.status is Status.BROKEN] == []


def test_whoever_comes_back_without_their_own_key_keeps_what_is_held(house, clock):
    subject = joins(house)
    tells(house, MIA, "transactions")
    house.leave(about=MIA)
    clock.forward(DAY)
    with house.teller.house.filing.connect("keystore") as connection:
        connection.execute(schema.keys.delete().where(schema.keys.c.kept == ":self"))
    assert joins(house) == subject
    assert house.access(about=MIA, category="transactions").records


def test_a_stream_may_tell_anything_of_somebody_whose_end_was_cut_off(house, clock):
    before = joins(house)
    tells(house, MIA, "usage")
    house.leave(about=MIA)
    clock.forward(400 * DAY)
    while house.teller.alone(expiring.expire).more:
        pass
    with house.teller.house.filing.connect("keystore") as connection:
        connection.execute(schema.keys.delete())
    support = offering(
        by=member(), about=MIA, category="support", when="customer_service", values={"message": "hello"}
    )
    taken = house.collect_many([support, account()])
    assert {type(each) for each in taken} == {Taken}
    assert before not in {each.subject for each in taken}


def test_a_package_goes_with_whoever_is_forgotten(new_house):
    house = new_house(MINIMAL_TEXT)
    clock = house.teller.house.clock
    house.collect(about=MIA, category="account", when="registration", values={"email": "mia@example.org"})
    house.leave(about=MIA)
    clock.forward(29 * DAY)
    house.package(about=MIA)
    assert blobs_of(house)

    clock.forward(DAY)
    assert house.sweep().ended == 1

    assert rows_of(house, schema.packages) == blobs_of(house) == []
