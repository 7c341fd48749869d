"""Publishing: what is signed, proven and exported is what was written, whatever was interrupted."""

import pytest

from tests.cast import MIA, joins
from tests.inside import audited, ledger_of
from troth.custody import publishing
from troth.errors import ForkRefused, LeafDamaged, NoSuchEntry, TileBroken
from troth.ledger.entry import parse
from troth.ledger.proof import verify_proof
from troth.ledger.tree import leaf_hash


def proof_of(house, number):
    return house.teller.alone(lambda desk: publishing.proof_of(desk, number))


def test_every_receipt_of_a_signed_ledger_is_proven(house):
    receipts = [
        house.collect(about=MIA, category="account", when="registration", values={"email": "a@e.org"}).receipt
    ]
    receipts += [house.access(about=MIA, category="account").receipt for _ in range(300)]
    house.checkpoint()
    for receipt in receipts[::37] + receipts[-1:]:
        proof, leaf = proof_of(house, receipt.entry)
        assert leaf_hash(leaf) == receipt.hash
        assert verify_proof(proof, leaf, house.teller.house.signer.verifier).size == len(ledger_of(house))
        assert parse(leaf).kind == receipt.kind


def test_what_no_checkpoint_reaches_is_not_proven(house):
    joins(house)
    for number in (len(ledger_of(house)) - 1, 1 << 40, -1):
        with pytest.raises(NoSuchEntry):
            proof_of(house, number)


def test_signing_twice_signs_the_same(house):
    joins(house)
    assert house.checkpoint() == house.checkpoint()


def test_exports_grow_and_each_verifies(house, tmp_path):
    joins(house)
    for count in (1, 3, 260, 300):
        for _ in range(count):
            house.access(about=MIA, category="account")
        assert audited(house, tmp_path / "log").size == len(ledger_of(house))


def test_a_checkpoint_whose_row_was_lost_is_kept_again(sqlite_house, tmp_path):
    """The file is written before its unit commits; a crash in between leaves it ahead of its row."""
    house = sqlite_house()
    joins(house)
    house.checkpoint()
    with house.teller.house.filing.connect("store") as connection:
        connection.exec_driver_sql("DELETE FROM checkpoints")
    again = sqlite_house.again(house)
    assert audited(again, tmp_path / "log").size == len(ledger_of(again))
    assert proof_of(again, 1)


def test_an_export_that_another_ledger_began_is_refused(new_house, tmp_path):
    one, two = new_house(), new_house()  # two worlds that began alike
    joins(one)
    joins(two)
    joins(two, "M-2")
    audited(one, tmp_path / "log")
    with pytest.raises(ForkRefused):
        audited(two, tmp_path / "log")


# ---- what another hand did to the rows


DAMAGES = {
    "text": "UPDATE entries SET leaf = CAST(leaf AS TEXT) WHERE entry = {0}",
    "text that is none": "UPDATE entries SET leaf = CAST(x'ff' || leaf AS TEXT) WHERE entry = {0}",
    "a number": "UPDATE entries SET leaf = 7 WHERE entry = {0}",
    "no JSON": "UPDATE entries SET leaf = x'00' WHERE entry = {0}",
    "another entry": "UPDATE entries SET leaf = (SELECT leaf FROM entries WHERE entry = 0) WHERE entry = {0}",
    "nothing": "DELETE FROM entries WHERE entry = {0}",
    "too much": "UPDATE entries SET leaf = zeroblob(70000) WHERE entry = {0}",
}


def damaged(house, statement, number):
    with house.teller.house.filing.connect("store") as connection:
        connection.exec_driver_sql(statement.format(number))


@pytest.mark.parametrize("number", [7, 280], ids=["in a full tile", "at the edge"])
@pytest.mark.parametrize("statement", DAMAGES.values(), ids=DAMAGES)
def test_an_export_names_the_entry_that_is_not_what_was_written(sqlite_house, tmp_path, statement, number):
    house = sqlite_house()
    joins(house)
    for _ in range(300):
        house.access(about=MIA, category="account")
    damaged(house, statement, number)

    with pytest.raises(LeafDamaged) as found:
        audited(house, tmp_path / "log")

    assert found.value.entry == number
    assert f"entry {number} " in str(found.value)


def test_an_export_that_goes_on_names_the_entry_too(sqlite_house, tmp_path):
    house = sqlite_house()
    joins(house)
    audited(house, tmp_path / "log")
    house.access(about=MIA, category="account")
    damaged(house, DAMAGES["no JSON"], 1)

    with pytest.raises(LeafDamaged) as found:
        audited(house, tmp_path / "log")

    assert found.value.entry == 1


@pytest.mark.parametrize("statement", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("number", [1, 2], ids=["before the last", "the last"])
def test_a_house_with_a_damaged_line_does_not_open_and_says_which(sqlite_house, statement, number):
    house = sqlite_house()
    joins(house)
    house.checkpoint()
    damaged(house, statement, number)

    with pytest.raises((LeafDamaged, ForkRefused)) as found:
        sqlite_house.again(house)

    assert isinstance(found.value, LeafDamaged) or statement in (DAMAGES["another entry"], DAMAGES["nothing"])


def test_no_entry_is_blamed_for_a_tile_that_was_changed(sqlite_house, tmp_path):
    house = sqlite_house()
    joins(house)
    for _ in range(300):
        house.access(about=MIA, category="account")
    house.checkpoint()
    damaged(house, "UPDATE tiles SET hashes = zeroblob(8192)", 0)
    damaged(house, DAMAGES["no JSON"], 299)

    with pytest.raises(TileBroken) as found:
        audited(house, tmp_path / "log")

    assert "`0/0`" in str(found.value)


def test_a_tile_that_is_not_stored_as_bytes_is_named(sqlite_house):
    house = sqlite_house()
    joins(house)
    for _ in range(300):
        house.access(about=MIA, category="account")
    damaged(house, "UPDATE tiles SET hashes = CAST(hashes AS TEXT)", 0)

    with pytest.raises(TileBroken) as found:
        sqlite_house.again(house)

    assert "`0/0` is not stored as bytes" in str(found.value)
