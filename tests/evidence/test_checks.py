import pytest

from tests.cast import (
    ACCOUNT,
    AGENT,
    DUTY,
    GUARD,
    LAWYER,
    LEAD,
    MIA,
    NOOR,
    OFFICER,
    OUTBOX,
    PAYOUT,
    SECOND_OFFICER,
    joins,
    tells,
    tells_everything,
)
from tests.houses import MEMBER_TEXT
from tests.inside import rows_of
from troth.acts.disclose import approve, disclosing
from troth.acts.rights import erasing
from troth.clock import DAY
from troth.custody.desk import SELF
from troth.custody.endings import erasing as custody_erasing
from troth.errors import Refused
from troth.evidence.history import History
from troth.evidence.holding import held_back
from troth.evidence.report import verify
from troth.evidence.status import Status
from troth.evidence.tried import Tried, note
from troth.ledger.entry import Entry
from troth.rules.decision import member
from troth.store import matters, schema
from troth.terms.agreement import Change, Contact

KEPT, AT_RISK, BROKEN, UNPROVEN = Status.KEPT, Status.AT_RISK, Status.BROKEN, Status.UNPROVEN
PAYMENTS = "processors.payments.payments-processor"


@pytest.fixture
def full(house):
    """A house in which Mia told everything."""
    tells_everything(house)
    return house


def words(house):
    return {each.clause: each.status for each in verify(house.teller).clauses}


def check(house, clause, name):
    found = next(each for each in verify(house.teller).clauses if each.clause == clause)
    return next(each for each in found.checks if each.name == name)


def names_of_checks(house, clause):
    (found,) = (each for each in verify(house.teller).clauses if each.clause == clause)
    return {each.name for each in found.checks}


def broken(house):
    return {clause for clause, status in words(house).items() if status is BROKEN}


def write(house, statement, which="store"):
    with house.teller.house.filing.connect(which) as connection:
        connection.execute(statement)


def forge(house, clause, **more):
    """Append a line that no decision stands behind, through the ledger's own door."""
    given = {
        "at": house.teller.house.clock(),
        "actor": "program:outbox",
        "act": "use",
        "outcome": "permitted",
    }
    house.teller.alone(
        lambda desk: desk.remember(
            Entry(**{**given, "clauses": (clause,), "agreement": 1, "subject": "A" * 22, **more})
        )
    )


# ---- unproven, then kept


def test_nothing_that_nobody_put_to_the_test_is_kept(house):
    found = words(house)

    assert {clause for clause, status in found.items() if status is KEPT} == {"never.sell"}
    assert set(found.values()) == {KEPT, UNPROVEN, None}


def test_a_collection_is_kept_once_something_was_collected_under_it_and_held(house):
    joins(house)

    found = words(house)

    assert found["collect.account"] is found["keep.account"] is KEPT
    assert found["collect.identity"] is found["keep.identity"] is UNPROVEN


def test_everything_a_member_can_tell_leaves_every_collection_kept_and_nothing_broken(full):
    found = words(full)

    ours = {"collect.codes", "collect.credentials", "collect.sessions", "collect.messages"}  # of the pages
    collections = {clause for clause in found if clause.startswith("collect.")} - ours
    noticed = {"collect.camera.identity", "collect.camera.profile"}  # nobody tried the pages that show them
    assert {clause for clause in collections if found[clause] is not KEPT} == noticed
    assert {check(full, clause, "records-map").status for clause in noticed} == {KEPT}
    assert broken(full) == set()


def test_a_use_is_kept_once_something_was_read_under_it(full):
    assert words(full)["use.support"] is UNPROVEN

    full.purpose("support.reply", by=AGENT, case="C-1").read(about=MIA, category="account")

    assert words(full)["use.support"] is KEPT
    assert words(full)["use.notices"] is UNPROVEN


def test_a_clause_with_two_rules_is_as_good_as_the_worse_of_them(full):
    full.purpose("service.payments", by=PAYOUT).read(about=MIA, category="payment")

    assert check(full, "use.payments", "reads-cite").status is KEPT
    assert broken(full) == set()


def test_a_disclosure_and_its_transfer_are_counted_where_they_were_cited(full):
    for kind in ("contract", "confidentiality", "safeguard"):
        full.record_instrument(
            by=OFFICER, recipient=PAYMENTS, kind=kind, reference="file/1",
            until=full.teller.house.clock() + DAY,
        )  # fmt: skip
    full.purpose("service.payments", by=PAYOUT).disclose(about=MIA, category="payment", to=PAYMENTS)

    found = words(full)
    assert check(full, "disclose.processors.payments", "disclosures-cite").status is KEPT
    assert found["transfer.to-ireland"] is KEPT
    assert found["transfer.to-singapore"] is UNPROVEN
    assert broken(full) == set()


@pytest.mark.parametrize(
    ("clause", "act"),
    [
        ("right.restrict", lambda house: house.restrict(about=MIA)),
        ("right.object", lambda house: house.object(about=MIA, purpose="service.upkeep")),
        ("right.withdraw", lambda house: house.withdraw(about=MIA, purpose="camera.profile")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_right_is_kept_once_somebody_exercised_it(full, clause, act):
    assert words(full)[clause] is UNPROVEN

    act(full)

    assert words(full)[clause] is KEPT
    assert broken(full) == set()


@pytest.mark.parametrize(
    ("clause", "name", "act"),
    [
        ("right.access", "right-access", lambda house: house.access(about=MIA, category="account")),
        ("right.leave", "right-leave", lambda house: house.leave(about=MIA)),
        ("right.erase", "erasures-end", lambda house: house.erase(about=MIA)),
    ],
    ids=["access", "leave", "erase"],
)
def test_a_right_with_an_assurance_is_kept_once_somebody_exercised_it(full, clause, name, act):
    assert check(full, clause, "assurance").status is KEPT
    assert words(full)[clause] is UNPROVEN

    full.teller.alone(lambda desk: note(desk, [Tried("copy", passed=True, sample=5)]))
    act(full)

    assert check(full, clause, name).status is KEPT
    assert words(full)[clause] is KEPT


@pytest.mark.parametrize(
    ("clause", "part"),
    [
        ("keep.identity-pictures", "clocks-run"),
        ("keep.support", "clocks-run"),
    ],
)
def test_a_retention_of_which_a_part_is_not_carried_out_is_not_kept(full, clause, part):
    assert check(full, clause, "gone-in-time").status is KEPT
    assert check(full, clause, part).status is UNPROVEN
    assert words(full)[clause] is UNPROVEN


def test_a_use_that_names_channels_is_not_kept_while_nothing_is_sent(full):
    full.purpose("contact.service", by=OUTBOX).read(about=MIA, category="account")

    assert check(full, "use.notices", "reads-cite").status is KEPT
    assert words(full)["use.notices"] is UNPROVEN


def test_an_emergency_is_not_kept_while_nothing_reviews_it_nor_ends_it(full):
    officer = full.purpose("emergency.life", by=DUTY, case="C-1", reason="a fall")
    officer.disclose(about=MIA, category="account", to="emergency.life.emergency-services")

    found = {each.name for each in next(
        each for each in verify(full.teller).clauses if each.clause == "disclose.emergency"
    ).checks if each.status is UNPROVEN}  # fmt: skip

    assert check(full, "disclose.emergency", "disclosures-cite").status is KEPT
    assert found >= {"member-told", "reviewed", "opening-ends"}
    assert words(full)["disclose.emergency"] is UNPROVEN


def test_a_right_is_kept_in_the_part_of_it_that_is_built(full):
    full.correct(about=MIA, category="account", values={"phone": "+6561234567"})

    assert check(full, "right.correct", "right-correct").status is KEPT
    assert check(full, "right.correct", "recipients-told").status is UNPROVEN
    assert words(full)["right.correct"] is UNPROVEN


def test_holds_refusals_and_expiry_break_nothing(full, clock):
    full.hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)
    with pytest.raises(Refused):
        full.purpose("support.quality", by=OUTBOX).read(about=MIA, category="support.feedback")
    clock.forward(400 * DAY)
    full.sweep()

    assert broken(full) == set()


def test_a_hold_that_matters_placed_is_told_until_they_end_it(full):
    full.hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)
    full.hold(about=MIA, matter="case-2", reason="litigation", by=LAWYER)
    full.end_hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)
    full.end_hold(about=MIA, matter="case-2", reason="investigation", by=LAWYER)  # it was not held for that
    assert check(full, "keep.account", "holds-told").status is KEPT

    full.end_hold(about=MIA, matter="case-2", reason="litigation", by=LAWYER)

    assert full.teller.alone(lambda desk: held_back(desk, History())) == {}


@pytest.mark.parametrize("category", ["usage", "activity"])
def test_a_shorter_time_that_somebody_chose_is_kept_until_it_is_over(house, clock, category):
    joins(house)
    tells(house, MIA, category)
    house.keep_shorter(about=MIA, kept=category, days=5)
    tells(house, MIA, category)
    assert check(house, f"keep.{category}", "shorter").status is KEPT
    assert check(house, f"keep.{category}", "shorter").sample == 2

    house.end_shorter(about=MIA, kept=category)
    clock.forward(1)
    tells(house, MIA, category)  # for as long as the clause says, since the choice ended

    assert check(house, f"keep.{category}", "shorter").status is KEPT
    assert check(house, f"keep.{category}", "shorter").sample == 2
    clock.forward(5 * DAY)
    house.sweep()
    assert names_of_checks(house, f"keep.{category}").isdisjoint({"shorter"})


@pytest.mark.parametrize("category", ["usage", "activity"])
def test_what_is_to_stay_longer_than_somebody_chose_breaks_its_clause(house, category):
    joins(house)
    tells(house, MIA, category)
    house.keep_shorter(about=MIA, kept=category, days=5)
    (row,) = rows_of(house, schema.subjects)
    assert ",5," in row.standing
    write(house, schema.subjects.update().values(standing=row.standing.replace(",5,", ",3,")))

    assert check(house, f"keep.{category}", "shorter").status is BROKEN
    assert f"keep.{category}" in broken(house)


def test_a_clause_that_lets_people_choose_is_proven_without_anybody_who_chose(full):
    assert names_of_checks(full, "keep.usage") == {"gone-in-time"}


def test_a_hold_written_into_the_store_breaks_the_retention_that_it_holds_up(full, clock):
    (subject,) = [row.subject for row in rows_of(full, schema.subjects)]
    write(full, schema.holds.insert().values(subject=subject, kept="usage", matter="m", reason="litigation"))
    clock.forward(400 * DAY)
    full.sweep()

    assert check(full, "keep.usage", "gone-in-time").status is KEPT  # nothing is overdue that is held
    assert check(full, "keep.usage", "holds-told").status is BROKEN
    assert "keep.usage" in broken(full)


def test_a_hold_written_into_the_standing_too_is_told_by_no_line(full):
    joins(full, NOOR, email="noor@example.org")
    full.hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)
    (text,) = {row.standing for row in rows_of(full, schema.subjects)} - {""}
    write(full, schema.subjects.update().values(standing=text))
    for row in rows_of(full, schema.subjects):
        full.teller.alone(
            lambda desk, row=row: matters.set_holds(
                desk.unit, row.subject, [("account", "case-1", "litigation")]
            )
        )

    found = check(full, "keep.account", "holds-told")

    assert (found.status, found.sample) == (BROKEN, 2)
    assert found.detail == "of 2 holds, no line of the ledger tells of 1"


@pytest.mark.parametrize("keys", ["gone", "altered"])
def test_a_hold_of_somebody_whose_keys_do_not_open_is_told_by_nothing(full, keys):
    full.hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)
    own = schema.keys.c.kept == SELF
    change = schema.keys.delete() if keys == "gone" else schema.keys.update().values(wrapped=b"x" * 60)
    write(full, change.where(own), "keystore")

    assert check(full, "keep.account", "holds-told").status is BROKEN


@pytest.mark.parametrize("house_is", ["empty", "busy"])
def test_a_promise_whose_machinery_is_missing_is_never_kept(house, house_is):
    if house_is == "busy":
        tells_everything(house)
        house.purpose("support.quality", by=LEAD).read(about=MIA, category="support.feedback")
        house.sweep()

    report = verify(house.teller)

    later = [
        (each, one) for each in report.clauses for one in each.checks if one.detail == "no check exists yet"
    ]
    assert len(later) > 30
    assert {one.status for _, one in later} == {UNPROVEN}
    assert {each.status for each, _ in later} <= {UNPROVEN, BROKEN}


def test_every_measure_of_protection_change_and_contact_has_a_check_of_its_own(house):
    report = {each.clause: each.checks for each in verify(house.teller).clauses}

    for clause, rule in house.agreement.rules():
        names = {one.name for one in report[clause.id]}
        measures = {name.replace("_", "-") for name, _ in getattr(rule, "measures", ())}
        assert measures - names <= {"encryption", "checkpoint", "ledger", "records-of-access", "restore"}
        if isinstance(rule, Change | Contact):
            assert names


def test_what_erased_means_is_kept_after_an_erasure_and_broken_by_what_stays_beyond_its_bound(house, clock):
    """Clause 8.14: gone within a day, and a receipt for what was erased."""
    joins(house, MIA)
    joins(house, NOOR, email="noor@example.org")
    tells(house, NOOR, "usage")
    assert check(house, "protect.erasure", "receipts").status is UNPROVEN
    house.erase(about=MIA)
    assert words(house)["protect.erasure"] is KEPT
    clock.forward(30 * DAY + 1)
    assert check(house, "protect.erasure", "gone-within").status is AT_RISK
    clock.forward(DAY)
    assert words(house)["protect.erasure"] is BROKEN
    house.sweep()
    assert words(house)["protect.erasure"] is KEPT


def test_an_erasure_that_nothing_will_end_has_no_receipt(house):
    joins(house, MIA)
    house.erase(about=MIA)
    begun = {"kind": "erasure.begun", "actor": "time", "act": "erase", "outcome": "permitted"}
    house.teller.alone(lambda desk: desk.remember(Entry(at=desk.now, **begun)))
    assert check(house, "protect.erasure", "receipts").status is BROKEN


def test_every_check_says_what_it_measures_and_what_it_cannot_see(full):
    for each in verify(full.teller).clauses:
        for one in each.checks:
            assert one.measures
            assert one.cannot_see
            assert (one.status is KEPT) <= (one.sample > 0)
            assert (one.status in (BROKEN, AT_RISK, UNPROVEN)) == bool(one.detail)


# ---- broken, when something is forced wrong


def test_a_record_that_came_in_around_the_door_breaks_its_clause(full):
    row = next(row for row in rows_of(full, schema.records) if len(row.sealed) > 20)
    write(full, schema.records.insert().values({**row._mapping, "record": b"\0" * 16}))

    origin = next(each for each in rows_of(full, schema.origins) if each.origin == row.origin)
    assert broken(full) == {origin.clause}


def test_a_record_that_is_not_sealed_breaks_its_clause_and_the_promise_of_encryption(full):
    origin = next(each for each in rows_of(full, schema.origins) if each.category == "support")
    write(
        full,
        schema.records.update().where(schema.records.c.origin == origin.origin).values(sealed=b'["hello"]'),
    )

    assert broken(full) == {"collect.support", "protect.encryption"}


def test_a_record_whose_key_is_lost_breaks_its_clause(full):
    write(full, schema.keys.delete().where(schema.keys.c.kept == "usage"), "keystore")

    assert "collect.usage" in broken(full)


def test_an_expired_record_is_at_risk_within_the_bound_and_broken_beyond_it(house, clock):
    joins(house)
    tells(house, MIA, "transactions")
    clock.at = house.access(about=MIA, category="transactions").records[0].expires_at
    house.checkpoint()
    assert words(house)["keep.transactions"] is AT_RISK
    clock.forward(DAY)
    assert words(house)["keep.transactions"] is AT_RISK

    clock.forward(1)

    assert words(house)["keep.transactions"] is BROKEN
    house.sweep()
    assert words(house)["keep.transactions"] is KEPT


def test_the_narrow_part_of_a_class_is_not_overdue_before_its_own_end(house, clock):
    joins(house)
    tells(house, MIA, "network")
    clock.forward(100 * DAY)

    assert words(house)["keep.technical"] is KEPT


def test_a_leaf_that_was_changed_in_the_database_breaks_the_promise_of_the_ledger(full):
    entry = next(row for row in rows_of(full, schema.entries) if b'"category":"usage"' in bytes(row.leaf))
    forged = bytes(entry.leaf).replace(b'"category":"usage"', b'"category":"device"')
    write(full, schema.entries.update().where(schema.entries.c.entry == entry.entry).values(leaf=forged))

    assert "protect.attacks" in broken(full)
    assert check(full, "protect.attacks", "ledger-continues").status is BROKEN


def test_a_leaf_that_is_no_entry_breaks_the_promise_of_the_ledger(full):
    write(full, schema.entries.update().where(schema.entries.c.entry == 3).values(leaf=b"{}"))

    assert check(full, "protect.attacks", "ledger-continues").status is BROKEN


def test_a_checkpoint_that_is_older_than_promised_breaks_the_promise(full, clock):
    full.checkpoint()
    clock.forward(DAY)

    assert check(full, "protect.attacks", "ledger-continues").status is BROKEN


@pytest.mark.parametrize(
    ("clause", "more"),
    [
        ("use.support", {"kind": "record.used", "category": "account", "purpose": "contact.promotion"}),
        ("keep.usage", {"kind": "record.used", "category": "usage", "purpose": "service.upkeep"}),
        ("use.promotions", {"kind": "record.used", "category": "account", "purpose": "contact.promotion"}),
        ("disclose.authorities", {
            "kind": "record.disclosed", "category": "account", "purpose": "legal.request",
            "recipient": "authorities.court",
        }),
        ("disclose.processors.messages", {
            "kind": "record.disclosed", "category": "account", "purpose": "contact.service",
            "recipient": "brokers.bigdata",
        }),
    ],
    ids=["another purpose", "another clause", "no consent", "no approval", "no recipient"],
)  # fmt: skip
def test_a_line_that_no_decision_stands_behind_breaks_the_clause_that_it_cites(full, clause, more):
    forge(full, clause, **more)

    assert broken(full) == {clause}


def test_a_line_that_does_what_is_forbidden_breaks_the_prohibition(full):
    forge(full, "use.security", kind="record.used", category="payment", purpose="security.accounts")

    assert broken(full) == {"never.payment-elsewhere"}


@pytest.mark.parametrize("kind", ["sale.made", "rent.paid"])
def test_a_sale_that_somebody_wrote_into_the_ledger_breaks_the_promise_not_to_sell(full, kind):
    forge(full, "never.sell", kind=kind, act="sell")

    assert broken(full) == {"never.sell"}


def test_an_erasure_under_way_is_at_risk_until_it_ended(house):
    joins(house)
    job = erasing(by=member(), about=MIA)
    house.teller.alone(lambda desk: custody_erasing.begin(desk, job))
    assert check(house, "right.erase", "erasures-end").status is AT_RISK

    house.sweep()

    assert check(house, "right.erase", "erasures-end").status is KEPT


def test_an_erasure_whose_note_was_lost_is_broken_as_nothing_will_finish_it(house):
    joins(house)
    job = erasing(by=member(), about=MIA)
    house.teller.alone(lambda desk: custody_erasing.begin(desk, job))
    write(house, schema.erasures.delete())
    house.sweep()

    found = check(house, "right.erase", "erasures-end")

    assert (found.status, found.sample) == (BROKEN, 1)
    assert "neither ended nor noted" in found.detail


def test_a_prohibition_is_unproven_until_something_it_speaks_of_was_done(house):
    joins(house)
    house.purpose("support.reply", by=AGENT, case="C-1").read(about=MIA, category="account")
    assert words(house)["never.payment-elsewhere"] is UNPROVEN
    assert words(house)["never.pictures-elsewhere"] is UNPROVEN

    tells(house, MIA, "payment")
    house.purpose("service.payments", by=PAYOUT).read(about=MIA, category="payment")

    assert words(house)["never.payment-elsewhere"] is KEPT
    assert words(house)["never.pictures-elsewhere"] is UNPROVEN


def test_a_house_outside_of_the_promised_places_is_broken(full):
    full.teller.house.place = "EEA.NO"

    assert "store.places" in broken(full)


def changed(text, *pairs):
    for old, new in pairs:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


def test_data_that_stands_outside_of_where_it_must_stay_breaks_the_clause(sqlite_house):
    stay = ("store: [SG, EEA.IE]\n", "store: [SG, EEA.IE]\nresidency: {payment: [EEA], usage: [SG]}\n")
    house = sqlite_house(changed(MEMBER_TEXT, stay))
    joins(house)
    tells(house, MIA, "usage")
    assert check(house, "store.places", "stands-in").status is KEPT

    house.teller.house.place = "EEA.IE"

    result = check(house, "store.places", "stands-in")
    assert (result.status, result.detail) == (BROKEN, "`usage` is held in `EEA.IE`")


def test_the_places_of_all_rules_together_are_where_data_may_stand(sqlite_house):
    both = ("store: [SG, EEA.IE]\n", "store: [EEA.IE]\n```\n\n```rule\nstore: [SG]\n")
    house = sqlite_house(changed(MEMBER_TEXT, both))
    joins(house)

    assert broken(house) == set()


def test_a_sale_breaks_a_prohibition_that_names_other_practices_too(sqlite_house):
    rule = "never: use\nof: [payment]\n"
    house = sqlite_house(changed(MEMBER_TEXT, (rule, rule.replace("use", "[use, sell]"))))
    forge(house, "never.sell", kind="sale.made", act="sell")

    assert broken(house) == {"never.sell", "never.payment-elsewhere"}


def test_an_erasure_shows_nothing_of_a_clause_that_did_not_allow_it(sqlite_house):
    more = "## 7.12 Also this {#right.erase-usage}\nYou have usage logs erased.\n\n"
    more += "```rule\nright: erase\nof: [usage]\n```\n\n"
    house = sqlite_house(
        changed(MEMBER_TEXT, ("# 8 How long we keep it\n", more + "# 8 How long we keep it\n"))
    )
    joins(house)

    house.erase(about=MIA)

    assert check(house, "right.erase", "erasures-end").status is KEPT
    assert check(house, "right.erase-usage", "erasures-end").status is UNPROVEN


def test_disclosures_that_were_approved_together_break_nothing_in_whatever_order_they_follow(full):
    to = "authorities.court"
    full.record_instrument(
        by=OFFICER, recipient=to, kind="legal_basis", reference="file/1",
        until=full.teller.house.clock() + DAY,
    )  # fmt: skip
    jobs = [
        disclosing(
            by=OFFICER, about=MIA, category="account", to=to, purpose="legal.request", fields=[name],
            case=case, reason="a court asks",
        )
        for name, case in (("phone", "C-1"), ("email", "C-1"), ("phone", "C-2"))
    ]  # fmt: skip
    for job in jobs:
        for by in (SECOND_OFFICER, LAWYER):
            approve(full.teller, by=by, job=job)

    for job in reversed(jobs):
        assert full.teller.ask(job).records

    assert check(full, "disclose.authorities", "disclosures-cite").status is KEPT
    assert broken(full) == set()


def test_what_was_erased_is_neither_missed_nor_counted(full):
    joins(full, NOOR, phone="+6561234567")
    full.purpose("security.accounts", by=GUARD).read(about=NOOR, category="account")

    full.erase(about=NOOR)

    assert broken(full) == set()
    assert {row.kept for row in rows_of(full, schema.keys)} >= {SELF, "account"}
    assert ACCOUNT["phone"] not in str(verify(full.teller).plain())
