"""kill -9 at any statement and at any moment: whole or absent, and nothing lost that was answered."""

import secrets
import shutil

import pytest

import troth
from tests.cast import AGENT, EXCHANGE, JPEG, MIA, NOOR, PDF, REVIEWER, TRANSACTION, joins, tells
from tests.drawing import face
from tests.faults.cutting import Cut, in_child, kill
from tests.faults.soundness import must_be_sound
from troth.acts.collect import offering
from troth.clock import DAY, Settable
from troth.rules.decision import member

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")


def newcomers(house, say):
    say(
        house.collect(
            about="N-1", category="account", when="registration", values={"email": "n1@e.org"}
        ).receipt
    )
    offers = [
        offering(
            by=member(),
            about=f"N-{n}",
            category="support",
            when="customer_service",
            values={"message": "hello", "attachment": PDF},
        )
        for n in (2, 3)
    ]
    for taken in house.collect_many(offers):
        say(taken.receipt)


def corrections(house, say):
    say(house.correct(about=MIA, category="account", values={"email": "mia.two@example.org"}))
    say(house.consent(about=MIA, purpose="contact.promotion"))
    say(house.purpose("support.reply", by=AGENT, case="C-1").read(about=MIA, category="account").receipt)
    say(house.leave(about=MIA))


def erasure_of_some(house, say):
    gone = house.erase(about=MIA)
    assert (gone.whole, gone.records) == (False, 4)
    say(gone.begun)
    say(gone.done)


def erasure_of_all(house, say):
    gone = house.erase(about=NOOR)
    assert gone.whole
    say(gone.begun)
    say(gone.done)


def casework(house, say):
    offer = {"category": "support", "when": "customer_service"}
    say(house.collect(about="L-1", values={"message": "hello"}, within="conversation", **offer).receipt)
    (case,) = house.cases(about="L-1")
    say(house.move_case(about="L-1", case=case.id, to="answered", by=AGENT).receipt)
    say(house.collect(about="L-1", values={"message": "thanks"}, within=case.id, **offer).receipt)
    say(house.move_case(about="L-1", case=case.id, to="closed").receipt)
    say(house.move_case(about="L-1", case=case.id, to="open").receipt)
    check = house.open_case(about=MIA, name="identity-check")
    say(check.receipt)
    for state, by in (("submitted", None), ("in_review", REVIEWER), ("verified", REVIEWER)):
        say(house.move_case(about=MIA, case=check.case.id, to=state, by=by).receipt)
    say(house.erase(about="L-1").done)


def sweeping(house, say):
    say(house.leave(about=NOOR))  # who is forgotten with the last of their records
    house.teller.house.clock.forward(3 * 366 * DAY)
    house.sweep()
    say(
        house.collect(
            about=MIA, category="transactions", when="service_use", values=TRANSACTION, by=EXCHANGE
        ).receipt
    )


WORKS = {
    work.__name__: work
    for work in (newcomers, corrections, erasure_of_some, erasure_of_all, casework, sweeping)
}


def cuts_of(statements):
    """Before and after every commit, and here and there in between."""
    commits = [n for n, said in enumerate(statements) if said == "COMMIT"]
    between = [n for n in range(0, len(statements), 1 + len(statements) // 5) if n not in commits]
    return [(n, "before") for n in sorted(commits + between)] + [(n, "after") for n in commits]


def prepared(house):
    for who in (MIA, NOOR):
        joins(house, who)
        house.consent(about=who, purpose="camera.profile")
        tells(house, who, "camera.profile", picture=face(who))
    tells(house, MIA, "device")
    tells(house, MIA, "transactions")
    house.checkpoint()


@pytest.mark.parametrize("name", WORKS)
def test_a_house_that_is_killed_at_any_statement_is_whole(sqlite_house, tmp_path, name):
    house = sqlite_house()
    prepared(house)
    model, at = house.teller.house.directory, house.teller.house.clock.at
    house.close()
    whole = in_child(
        shutil.copytree(model, tmp_path / "whole"), Settable(at), WORKS[name], cut=Cut(-1, "", kill)
    )
    assert whole.wrong == ""
    cuts = cuts_of(whole.statements)
    assert len(cuts) > 8
    for number, when in cuts:
        place = shutil.copytree(model, tmp_path / f"{number}-{when}")
        clock = Settable(at)
        fate = in_child(place, clock, WORKS[name], cut=Cut(number, when, kill))
        assert (fate.killed, fate.wrong) == (True, "")
        clock.forward(3 * 366 * DAY if name == "sweeping" else 1)
        with troth.open(place, clock=clock) as again:
            must_be_sound(again, fate.receipts)
            assert again.access(
                about=MIA, category="account" if name != "erasure_of_some" else "transactions"
            )
        shutil.rmtree(place)


def everything(house, say):
    """Act without end, on people of one's own."""
    for n in range(100_000):
        who = f"K-{secrets.token_hex(4)}"
        say(
            house.collect(
                about=who, category="account", when="registration", values={"email": f"{who}@e.org"}
            ).receipt
        )
        if n % 3 == 0:
            house.consent(about=who, purpose="camera.profile")
            say(
                house.collect(
                    about=who, category="camera.profile", when="camera", values={"picture": JPEG}
                ).receipt
            )
        say(house.correct(about=who, category="account", values={"email": f"{who}-new@e.org"}))
        say(house.access(about=who, category="account").receipt)
        if n % 2:
            say(house.erase(about=who).done)
        if n % 7 == 0:
            house.sweep()


@pytest.mark.parametrize("times", [6])
def test_a_house_that_is_killed_at_any_moment_is_whole(new_house, times):
    house = new_house()
    clock, directory = house.teller.house.clock, house.teller.house.directory
    house.close()
    answered = []
    for turn in range(times):
        fate = in_child(directory, clock, everything, after=0.03 + 0.05 * turn + secrets.randbelow(40) / 1000)
        assert (fate.killed, fate.wrong) == (True, "")
        answered += fate.receipts
        house = new_house.open(directory, clock)
        must_be_sound(house, answered)
        house.close()
    assert len(answered) > 20
