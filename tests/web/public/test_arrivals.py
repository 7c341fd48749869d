"""A package goes from one house to another over the network, and a receipt comes back; nobody is believed."""

import json

import pytest

import troth
from tests.cast import MIA, PAYMENT, joins, tells
from tests.gates.test_transfer import answering
from tests.houses import MEMBER_TEXT
from tests.inside import ledger_of, shown
from tests.web.serving import serving
from troth.acts.arrivals import arrivals_of, expecting, taking_in
from troth.acts.transfers import receipt, sent
from troth.custody.packages import packing
from troth.custody.packages.arriving import receipt_of
from troth.errors import AddressRefused, TransferFailed
from troth.gates.transfer import FORMAT, Place, place_at
from troth.ledger.checkpoint import open_note
from troth.rules.decision import member


@pytest.fixture
def here(sqlite_house):
    house = sqlite_house(name="here")
    joins(house)
    tells(house, MIA, "payment")
    return house


def test_a_package_is_sent_and_its_receipt_is_kept_and_what_a_clause_takes_is_taken_in(tmp_path, here):
    there = troth.init(
        tmp_path / "there", MEMBER_TEXT.replace("effective: 2026-01-01", "effective: 2020-01-01")
    )
    joins(there)
    expected = expecting(there.teller, by=member(), about=MIA)
    directory = there.teller.house.directory
    there.close()
    package = here.package(about=MIA, right="port")

    with serving(directory) as server:
        address = f"{server.origin}/api/v1/arrivals/{expected.code}"
        place = place_at(address, here=True)
        told = sent(here.teller, package.id, by=member(), about=MIA, address=address, place=place, here=True)
        wrong = server.client.put(
            "/api/v1/arrivals/nothing", content=b"x", headers={"troth-signature": "eA=="}
        )

    assert place.organisation == "Example Exchange Ltd"
    assert (wrong.status_code, wrong.json()["code"]) == (404, "package.gone")
    assert f"size {package.size}\n" in told
    there = troth.open(directory)
    kept = receipt(here.teller, package.id, about=MIA)
    assert open_note(kept.encode(), there.teller.house.signer.verifier).text == told
    line = next(entry for entry in ledger_of(here) if entry.kind == "package.sent")
    assert (line.act, line.recipient) == ("disclose", "member_directed")
    assert [each.state for each in here.packages(about=MIA)] == ["taken"]
    (arrival,) = arrivals_of(there.teller, MIA)
    taking_in(there.teller, by=member(), about=MIA, arrival=arrival.id)
    assert shown(there.access(about=MIA, category="payment")) == [PAYMENT]
    there.close()


def said_at(place):
    said = {"format": FORMAT, "organisation": place.organisation, "vkey": place.vkey, "takes": []}
    return json.dumps(said).encode()


def bring_to(here, package, address, place):
    return sent(here.teller, package.id, by=member(), about=MIA, address=address, place=place, here=True)


def for_something_else(house, package):
    text = receipt_of(house.signer.name, house.signer.name, bytes(32), package.size, at="now", entry=1)
    return packing.signed(house, text)


@pytest.mark.parametrize("body", [b"thanks", b"troth-receipt/1\n\n", b"x" * 70_000, for_something_else])
def test_who_takes_a_package_and_gives_no_receipt_for_it_leaves_it_unspent(here, body):
    package, house = here.package(about=MIA, right="port"), here.teller.house
    place = Place("X", house.signer.verifier.vkey)
    answer = body if isinstance(body, bytes) else body(house, package)

    with answering(201, answer, asked=said_at(place)) as address, pytest.raises(TransferFailed):
        bring_to(here, package, address, place)

    assert "package.sent" in [entry.kind for entry in ledger_of(here)]
    assert [each.state for each in here.packages(about=MIA)] == ["ready"]
    assert b"".join(here.open_package(package.id, about=MIA)).startswith(b"PK")


def test_nothing_is_said_to_be_sent_to_whoever_is_not_there(here):
    package, place = here.package(about=MIA, right="port"), Place("X", here.teller.house.signer.verifier.vkey)

    with answering(201, b"", asked=said_at(Place("Y", place.vkey))) as elsewhere:
        for address in (elsewhere, "http://127.0.0.1:9/x", "https://10.0.0.1/x", "nothing"):
            with pytest.raises((TransferFailed, AddressRefused)):
                bring_to(here, package, address, place)

    assert not {"package.sent", "package.opened"} & {entry.kind for entry in ledger_of(here)}
