"""kill -9 at any statement of a transfer: it comes once, is taken in once, and both sides say the same."""

import secrets
from hashlib import sha256

import pytest

import troth
from tests.cast import MIA, PAYMENT, joins, tells
from tests.drawing import letter
from tests.faults.soundness import must_be_sound
from tests.faults.test_kill_demands import closed, goes_on
from tests.faults.test_kill_grace import at_every_cut
from tests.houses import MEMBER_TEXT
from tests.inside import ledger_of, rows_of, shown
from tests.web.serving import serving
from troth.acts.arrivals import Reception, arrivals_of, expecting, taking_in
from troth.acts.transfers import receipt, sent
from troth.clock import SECOND
from troth.custody.packages import packing
from troth.custody.packages.judging import whole_text
from troth.gates.transfer import place_at
from troth.ledger.checkpoint import open_note
from troth.rules.decision import member
from troth.store import schema

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")


def here(sqlite_house):
    """A house with a package to move with."""
    house = sqlite_house(name="here")
    joins(house)
    tells(house, MIA, "payment")
    tells(house, MIA, "support", attachment=letter(secrets.token_hex(45_000)))
    return house, house.package(about=MIA, right="port").id


def there(sqlite_house):
    """Another provider, where she is a member too, who lets a package come."""
    house = sqlite_house(name="there")
    joins(house, MIA, email="mia@elsewhere.example")
    return house, expecting(house.teller, by=member(), about=MIA)


def kinds_of(house, *kinds):
    return [entry.kind for entry in ledger_of(house) if entry.kind in kinds]


def test_a_package_whose_sending_is_cut_off_is_sent_again_and_comes_once(sqlite_house, tmp_path):
    text = MEMBER_TEXT.replace("effective: 2026-01-01", "effective: 2020-01-01")
    directory = tmp_path / "served"  # by the clock of this machine
    with troth.init(directory, text) as other:
        joins(other, MIA, email="mia@elsewhere.example")
        expected = expecting(other.teller, by=member(), about=MIA)
    house, package = here(sqlite_house)
    model, at = closed(house)
    ways = set()
    with serving(directory) as server:
        address = f"{server.origin}/api/v1/arrivals/{expected.code}"
        place = place_at(address, here=True)

        def send(house):
            return sent(
                house.teller, package, by=member(), about=MIA, address=address, place=place, here=True
            )

        for again, _ in at_every_cut(model, at, tmp_path, lambda house, _: send(house) and None):
            goes_on(again)
            (now,) = again.packages(about=MIA)
            ways.add(now.state)
            told = send(again) if now.state == "ready" else receipt(again.teller, package, about=MIA)
            assert f"size {now.size}\n" in told
            assert [each.state for each in again.packages(about=MIA)] == ["taken"]
            assert kinds_of(again, "package.fetched") == ["package.fetched"]
            must_be_sound(again, [])
    assert ways == {"ready", "taken"}
    with troth.open(directory) as again:
        assert [each.state for each in arrivals_of(again.teller, MIA)] == ["here"]
        assert kinds_of(again, "arrival.received") == ["arrival.received"]


def test_a_package_whose_coming_is_cut_off_comes_again_once_or_is_here(sqlite_house, tmp_path):
    house, package = here(sqlite_house)
    raw = b"".join(house.open_package(package, about=MIA))
    inner = house.teller.house
    signature = packing.signed(inner, whole_text(inner.signer.name, sha256(raw).digest(), len(raw)))
    other, expected = there(sqlite_house)
    vkey = other.teller.house.signer.verifier
    model, at = closed(other)

    def come(house):
        reception = Reception(house.teller, expected.code, signature)
        for low in range(0, len(raw), 30_000):
            reception.write(raw[low : low + 30_000])
        return reception.finish()

    ways = set()
    for again, _ in at_every_cut(model, at, tmp_path, lambda house, _: come(house) and None, least=5):
        again.teller.house.clock.forward(60 * SECOND)
        again.sweep()
        (now,) = arrivals_of(again.teller, MIA)
        ways.add(now.state)
        said = [open_note(come(again), vkey).text for _ in range(2)]
        assert said[0] == said[1]
        number = int(said[0].rpartition("entry ")[2])
        assert ledger_of(again)[number].kind == "arrival.received"
        assert kinds_of(again, "arrival.received") == ["arrival.received"]
        assert [each.state for each in arrivals_of(again.teller, MIA)] == ["here"]
        must_be_sound(again, [])
    assert ways == {"awaited", "here"}


def test_what_is_taken_in_of_a_package_is_there_once_wherever_that_is_cut_off(sqlite_house, tmp_path):
    house, package = here(sqlite_house)
    raw = b"".join(house.open_package(package, about=MIA))
    inner = house.teller.house
    signature = packing.signed(inner, whole_text(inner.signer.name, sha256(raw).digest(), len(raw)))
    other, expected = there(sqlite_house)
    reception = Reception(other.teller, expected.code, signature)
    reception.write(raw)
    reception.finish()
    model, at = closed(other)

    def take(house):
        return taking_in(house.teller, by=member(), about=MIA, arrival=expected.id)

    ways = set()
    for again, _ in at_every_cut(model, at, tmp_path, lambda house, _: take(house) and None):
        goes_on(again)
        (now,) = arrivals_of(again.teller, MIA)
        ways.add(now.state)
        if now.state == "here":
            take(again)
        (now,) = arrivals_of(again.teller, MIA)
        assert (now.state, now.outcome["categories"]["payment"]["taken"]) == ("taken", 1)
        assert shown(again.access(about=MIA, category="payment")) == [PAYMENT]
        assert kinds_of(again, "arrival.taken") == ["arrival.taken"]
        must_be_sound(again, [])
        assert [row.blob for row in rows_of(again, schema.arrivals)] == [""]
    assert ways == {"here", "taken"}
