"""Erasing: by class, whole, in the midst of other acts, and again and again."""

import threading
from contextlib import closing
from hashlib import sha256

import pytest

import troth
from tests.cast import (
    ACTIVITY,
    AGENT,
    EXCHANGE,
    LAWYER,
    MIA,
    NOOR,
    OFFICER,
    SECOND_OFFICER,
    USAGE_SCRIPT,
    joins,
    tells,
    tells_everything,
)
from tests.houses import MEMBER_TEXT, START
from tests.inside import blobs_of, ledger_of, rows_of
from troth import canonical
from troth.acts import collect, rights, use
from troth.acts.disclose import approve, disclosing
from troth.clock import DAY, Settable
from troth.custody.endings import erasing, finishing
from troth.errors import Absent, Erased, NotFound, Refused
from troth.rules.decision import member, staff
from troth.store import schema

DUTY = {"identity", "payment", "transactions"}


def kept_of(house):
    origins = {row.origin: row.kept for row in rows_of(house, schema.origins)}
    return {origins[row.origin] for row in rows_of(house, schema.records)}


def test_what_a_duty_keeps_stays_and_is_named_and_the_rest_is_gone(house):
    subject = tells_everything(house)
    gone = house.erase(about=MIA)
    assert {kept.kept for kept in gone.stays} == DUTY
    assert all(kept.clause and kept.why for kept in gone.stays)
    assert not gone.whole
    assert kept_of(house) == DUTY
    assert {row.kept for row in rows_of(house, schema.keys)} == DUTY | {":self"}
    assert blobs_of(house) == []
    assert rows_of(house, schema.blobs) == []
    assert {bytes(row.record) for row in rows_of(house, schema.names)} == {b""}
    assert rows_of(house, schema.tokens) == []
    assert house.access(about=subject, category="transactions").records
    assert house.access(about=MIA, category="account").records == ()
    with pytest.raises(Refused) as caught:
        house.erase(about=MIA)
    assert set(caught.value.codes) == {"duty"}


def test_one_class_goes_with_its_longer_part_and_its_neighbours_stay(house):
    tells_everything(house)
    before = kept_of(house)
    gone = house.erase(about=MIA, classes=["technical"])
    assert "technical:security.accounts" in gone.erased
    assert kept_of(house) == {kept for kept in before if not kept.startswith("technical")}
    assert house.access(about=MIA, category="account").records
    assert house.access(about=MIA, category="camera.profile").records


def test_the_last_class_to_go_takes_the_person_along(house):
    subject = joins(house)
    tells(house, MIA, "support")
    assert not house.erase(about=MIA, classes=["support"]).whole
    assert house.erase(about=MIA, classes=["account"]).whole
    for table in (schema.subjects, schema.keys, schema.names, schema.tokens, schema.records, schema.blobs):
        assert rows_of(house, table) == []
    with pytest.raises(Erased):
        house.access(about=subject, category="account")


def test_who_joins_again_is_somebody_new_and_unlinked(house):
    before = joins(house, MIA, email="mia@example.org")
    old = {entry.subject for entry in ledger_of(house) if entry.subject}
    house.erase(about=MIA)
    after = joins(house, MIA, email="mia@example.org")
    new = {entry.subject for entry in ledger_of(house) if entry.subject} - old
    assert after != before
    assert len(old) == len(new) == 1
    assert {entry.subject for _, entry in house.entries(about=MIA)} == new
    assert house.access(about=MIA, category="account").records


def test_once_begun_the_whole_person_is_found_by_nobody(house):
    subject = joins(house)
    house.teller.alone(lambda desk: erasing.begin(desk, rights.erasing(by=member(), about=MIA)))
    with pytest.raises(NotFound):
        house.access(about=MIA, category="account")
    with pytest.raises(Erased):
        house.access(about=subject, category="account")
    with pytest.raises(Absent):
        house.erase(about=MIA)
    assert joins(house, MIA) != subject
    assert house.teller.resume() == (1, ())
    assert house.access(about=MIA, category="account").records


def test_between_the_keys_and_the_rows_nothing_is_read_and_nobody_fails(house):
    tells_everything(house)
    begun = house.teller.alone(
        lambda desk: erasing.begin(
            desk, rights.erasing(by=member(), about=MIA, classes=["account", "support"])
        )
    )
    house.teller.chore(
        lambda inner: finishing.destroy_keys(inner, begun.subject, begun.classes, whole=begun.whole)
    )
    reading = house.purpose("support.reply", by=AGENT, case="C-1")
    assert reading.read(about=MIA, category="account").records == ()
    with pytest.raises(Refused):
        house.correct(about=MIA, category="account", values={"email": "new@example.org"})
    assert house.leave(about=MIA)
    assert reading.read(about=MIA, category="transactions").records
    assert house.teller.resume() == (1, ())


def test_erasing_in_the_midst_of_reads_and_collections_ends_and_leaves_nothing(new_house):
    house = new_house()
    teller = house.teller
    wrong = []

    def busy(stop, who):
        offer = collect.offering(
            by=EXCHANGE, about=who, category="activity", when="service_use", values=ACTIVITY
        )
        while not stop.is_set():
            try:
                teller.ask(collect.taking([offer]))
                teller.ask(use.accessing(by=member(), about=who, category="activity"))
            except (Absent, Refused):
                continue
            except BaseException as problem:  # noqa: BLE001 - the test looks at it
                wrong.append(problem)
                return

    for turn in range(6):
        who = f"E-{turn}"
        joins(house, who)
        stop = threading.Event()
        threads = [threading.Thread(target=busy, args=(stop, who)) for _ in range(3)]
        for thread in threads:
            thread.start()
        tells(house, who, "activity")
        gone = house.erase(about=who, classes=() if turn % 2 else ["activity"])
        assert gone.done.kind == "erasure.done"
        stop.set()
        for thread in threads:
            thread.join(20)
    assert wrong == []
    house.sweep()
    assert rows_of(house, schema.erasures) == []
    whole = {row.subject for row in rows_of(house, schema.erased)}
    assert len(whole) == 3
    for table in (schema.records, schema.keys, schema.names):
        assert not {row.subject for row in rows_of(house, table)} & whole


def test_two_who_finish_one_erasure_write_one_closing_line(house):
    joins(house)
    begun = house.teller.alone(lambda desk: erasing.begin(desk, rights.erasing(by=member(), about=MIA)))
    threads = [threading.Thread(target=house.teller.resume) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [entry.kind for entry in ledger_of(house)].count("erasure.done") == 1
    assert rows_of(house, schema.erasures) == []
    assert begun.whole


def test_a_class_nobody_named_or_nothing_is_held_of_is_refused(house):
    joins(house)
    for classes in (["shoes"], ["usage"], ["usage", "support"]):
        with pytest.raises(Refused):
            house.erase(about=MIA, classes=classes)
    with pytest.raises(NotFound):
        house.erase(about=NOOR)
    assert rows_of(house, schema.erasures) == []


def test_the_closing_line_names_no_person_and_commits_to_the_destroyed_keys(house):
    joins(house)
    house.erase(about=MIA)
    begun, done = ledger_of(house)[-2:]
    assert begun.kind == "erasure.begun"
    assert begun.subject
    assert done.subject is None
    assert done.commitment
    assert done.clauses == begun.clauses


def test_expired_classes_under_duty_may_go(house, clock):
    joins(house)
    tells(house, MIA, "transactions")
    clock.forward(8 * 366 * DAY)
    gone = house.erase(about=MIA)
    assert gone.whole
    assert "transactions" in gone.erased


# ---- what a crash of another process leaves under way


def begun(house, *classes):
    """Begin an erasure as a process does that stops right after it, and destroy its keys or not."""
    job = rights.erasing(by=member(), about=MIA, classes=classes)
    return house.teller.alone(lambda desk: erasing.begin(desk, job))


def destroyed(house, it):
    house.teller.chore(lambda inner: finishing.destroy_keys(inner, it.subject, it.classes, whole=it.whole))


@pytest.mark.parametrize("keys", ["there", "gone"])
def test_what_is_being_erased_is_absent_to_everybody_from_the_decision_on(house, keys):
    tells_everything(house)
    it = begun(house, "account", "support")
    if keys == "gone":
        destroyed(house, it)

    assert house.access(about=MIA, category="account").records == ()
    assert (
        house.purpose("support.reply", by=AGENT, case="C-1").read(about=MIA, category="account").records == ()
    )
    with pytest.raises(Refused) as caught:
        house.correct(about=MIA, category="account", values={"email": "new@example.org"})
    assert caught.value.codes == ("field-missing",)
    assert house.access(about=MIA, category="usage").records
    assert house.teller.resume() == (1, ())


@pytest.mark.parametrize("keys", ["there", "gone"])
def test_what_is_told_while_an_erasure_waits_to_be_finished_is_no_part_of_it(house, keys):
    joins(house, MIA, email="mia@example.org")
    tells(house, MIA, "usage")
    it = begun(house, "account")
    if keys == "gone":
        destroyed(house, it)
    size = len(ledger_of(house))

    joins(house, MIA, email="mia@example.org")

    assert [entry.kind for entry in ledger_of(house)[size:]] == ["erasure.done", "record.collected"]
    assert house.teller.resume() == (0, ())
    house.sweep()
    (held,) = house.access(about=MIA, category="account").records
    assert held.values["email"].reveal() == "mia@example.org"


def test_a_second_erasure_finishes_the_first(house):
    joins(house)
    tells(house, MIA, "usage")
    tells(house, MIA, "support")
    destroyed(house, begun(house, "usage"))

    gone = house.erase(about=MIA)

    assert set(gone.erased) == {"account", "support"}
    assert [entry.kind for entry in ledger_of(house)[-4:]] == [
        "erasure.begun", "erasure.done", "erasure.begun", "erasure.done",
    ]  # fmt: skip
    for table in (schema.records, schema.keys, schema.subjects, schema.erasures):
        assert rows_of(house, table) == []


def test_an_erasure_that_waits_is_finished_when_another_process_opens_the_house(house, new_house):
    joins(house)
    tells(house, MIA, "usage")
    destroyed(house, begun(house, "usage"))

    again = new_house.again(house)

    assert rows_of(again, schema.erasures) == []
    assert kept_of(again) == {"account"}


# ---- nothing stays behind


def test_holds_and_approvals_go_with_the_person_and_only_the_day_of_the_erasure_stays(house, clock):
    subject = joins(house)
    tells(house, MIA, "usage")
    house.hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)
    house.leave(about=MIA)
    for officer, about in ((OFFICER, MIA), (SECOND_OFFICER, MIA)):
        job = disclosing(
            by=LAWYER, about=about, category="account", to="authorities.financial-police",
            purpose="legal.request", case="A-1",
        )  # fmt: skip
        approve(house.teller, by=officer, job=job)
    assert {row.subject for row in rows_of(house, schema.approvals)} == {subject}
    assert {row.kept for row in rows_of(house, schema.holds)} >= {"account", "activity"}
    house.end_hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)
    assert rows_of(house, schema.holds) == []
    tells(house, MIA, "usage")
    house.erase(about=MIA, classes=["account"])
    house.hold(about=MIA, matter="case-2", reason="litigation", by=LAWYER)  # of nothing that is here
    clock.forward(7 * 3_600_000_007)

    assert house.erase(about=MIA).whole

    for table in (schema.holds, schema.approvals, schema.leavers, schema.subjects):
        assert rows_of(house, table) == []
    (gone,) = rows_of(house, schema.erased)
    assert gone.erased_on % DAY == 0
    assert 0 < clock.at - gone.erased_on < DAY


def test_who_knows_a_request_cannot_tell_from_the_store_that_it_was_approved(house):
    subject = joins(house)
    job = disclosing(
        by=LAWYER, about=MIA, category="account", to="authorities.financial-police", purpose="legal.request"
    )
    for by in (OFFICER, SECOND_OFFICER):
        approve(house.teller, by=by, job=job)
    (token,) = {bytes(row.request) for row in rows_of(house, schema.approvals)}
    plain = ["disclose", str(subject), "account", "legal.request", "authorities.financial-police"]
    assert token not in sha256(canonical.encode(["troth.request", *plain, "", ""])).digest()


def test_an_approval_keeps_no_word_that_the_agreement_does_not_know(house):
    joins(house)
    job = disclosing(by=LAWYER, about=MIA, category="mia-luna-moon", to="mia.moon", purpose="legal.request")
    approve(house.teller, by=staff("Omar", role="Mia Luna Moon"), job=job)
    assert "mia" not in repr(ledger_of(house)[-1]).lower()
    assert {row.role for row in rows_of(house, schema.approvals)} == {""}


def test_an_approval_about_nobody_is_refused_and_nothing_of_it_is_kept_but_the_refusal(house):
    job = disclosing(
        by=LAWYER, about="M-404", category="account", to="authorities.financial-police", purpose="x"
    )
    with pytest.raises(NotFound):
        approve(house.teller, by=OFFICER, job=job)
    assert rows_of(house, schema.approvals) == []
    assert ledger_of(house)[-1].kind == "request.refused"


def test_whoever_has_a_hundred_times_the_records_is_as_soon_unreadable(tmp_path):
    with closing(troth.init(tmp_path / "house", MEMBER_TEXT, clock=Settable(START))) as house:
        steps = [steps_to_unreadable(house, reference, count) for reference, count in SIZES.items()]
    assert steps[1] < steps[0] * 1.5, steps


SIZES = {"M-few": 20, "M-many": 2_000}


def steps_to_unreadable(house, reference, count):
    """How many steps SQLite takes from the wish to the keys' destruction, in tens."""
    joins(house, reference)
    page = {"time": "2027-06-01T09:00:00Z", "page": "https://example.org/"}
    offers = [
        collect.offering(by=USAGE_SCRIPT, about=reference, category="usage", when="usage_log", values=page)
    ] * count
    house.collect_many(offers, together=True)
    taken = []
    filing = house.teller.house.filing
    for database in (filing.store, filing.keystore):
        database.raw().set_progress_handler(lambda: taken.append(1), 10)
    job = rights.erasing(by=member(), about=reference)
    begun = house.teller.alone(lambda desk: erasing.begin(desk, job))
    assert begun.whole
    house.teller.chore(
        lambda within: finishing.destroy_keys(within, begun.subject, begun.classes, whole=begun.whole)
    )
    for database in (filing.store, filing.keystore):
        database.raw().set_progress_handler(None, 0)
    return len(taken)
