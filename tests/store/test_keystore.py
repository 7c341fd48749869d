"""The keystore: keys in transactions of their own, found by person and class, gone when destroyed."""

import pytest

from troth.errors import StoreUnavailable
from troth.store import keystore


def key(subject, kept, epoch=1):
    return (subject, kept, epoch, f"{subject}{kept}".encode(), bytes(32))


@pytest.fixture
def filing(house):
    return house.teller.house.filing


def test_keys_are_found_by_person_and_class_together(filing):
    with keystore.keeping(filing) as keeping:
        keystore.add(keeping, [key(7, "a"), key(7, "b"), key(8, "a"), key(1 << 62, "it's {odd}, \\")])
    with keystore.looking(filing) as looking:
        wanted = [(7, "a"), (8, "b"), (8, "a"), (9, "a"), (1 << 62, "it's {odd}, \\")]
        assert set(keystore.find(looking, wanted)) == {(7, "a"), (8, "a"), (1 << 62, "it's {odd}, \\")}
        assert keystore.find(looking, []) == {}
        assert keystore.find(looking, [(7, "a")])[7, "a"] == (1, b"7a", bytes(32))
        assert list(keystore.of(looking, 7)) == ["a", "b"]
        assert keystore.people(looking, 0, 2) == [7, 8]
        assert keystore.people(looking, 8, 2) == [1 << 62]


def test_destroyed_keys_are_gone_and_their_neighbours_stay(filing):
    with keystore.keeping(filing) as keeping:
        keystore.add(keeping, [key(7, "a"), key(7, "b"), key(8, "a")])
    with keystore.keeping(filing) as keeping:
        keystore.destroy(keeping, 7, ["a", "nothing"])
    with keystore.looking(filing) as looking:
        assert set(keystore.find(looking, [(7, "a"), (7, "b"), (8, "a")])) == {(7, "b"), (8, "a")}


def test_a_transaction_that_fails_keeps_nothing(filing):
    def cut_off():
        with keystore.keeping(filing) as keeping:
            keystore.add(keeping, [key(7, "a")])
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        cut_off()
    with pytest.raises(StoreUnavailable), keystore.keeping(filing) as keeping:
        keystore.add(keeping, [key(7, "a"), key(7, "a")])
    with keystore.looking(filing) as looking:
        assert keystore.of(looking, 7) == {}


def test_only_keys_of_earlier_epochs_are_wrapped_anew(filing):
    with keystore.keeping(filing) as keeping:
        keystore.add(keeping, [key(n, "a", epoch) for n, epoch in ((7, 1), (8, 2), (9, 3))])
        start = (0, "")
        assert [row[0] for row in keystore.older(keeping, 3, start, 10)] == [7, 8]
        assert [row[0] for row in keystore.older(keeping, 3, start, 1)] == [7]
        assert [row[0] for row in keystore.older(keeping, 3, (7, "a"), 10)] == [8]
        keystore.rewrapped(keeping, 7, "a", (3, b"again", bytes(32)))
        keystore.rewrapped(keeping, 8, "a", (3, b"of another key", bytes(31) + b"1"))
        assert [row[0] for row in keystore.older(keeping, 3, start, 10)] == [8]
        assert keystore.find(keeping, [(7, "a")])[7, "a"] == (3, b"again", bytes(32))


def test_secrets_and_epochs_of_the_house_are_kept_once(filing):
    with keystore.looking(filing) as looking:
        assert set(keystore.all_secrets(looking)) >= {"house.key", "ledger.seed"}
        assert [number for number, _ in keystore.all_epochs(looking)] == [1]
        assert keystore.epoch_made_at(looking, 1) > 0
    with pytest.raises(StoreUnavailable), keystore.keeping(filing) as keeping:
        keystore.add_secret(keeping, "house.key", b"another")
