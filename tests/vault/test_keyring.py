"""A subject key opens for its subject and class, in an epoch that is held, and for nobody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vault.conftest import ANN
from tests.vault.known import failures, known_keyring, known_row, page, vectors
from troth.errors import EpochNeeded, EpochUnknown, SealBroken, WrongRoot
from troth.vault.keyring import Epoch, Keyring, KeyRow, VerifiedCopy, commit, new_pseudonym
from troth.vault.lookup import token
from troth.vault.roots import KeyFileRoot

BEN = 43
PHONE = {"record": b"r" * 16, "category": "account.phone", "schema": 1}


def rotated(keyring, times=1):
    for _ in range(times):
        keyring.adopt(keyring.new_epoch())
    return keyring


@pytest.mark.parametrize("vector", vectors("keyring.json"))
def test_a_known_row_gives_its_pseudonym_and_opens_its_value(vector, tmp_path):
    opened = known_keyring(tmp_path).unwrap(vector["subject"], vector["retention_class"], known_row(vector))
    value = vector["value"]
    parts = {**value["parts"], "record": bytes.fromhex(value["parts"]["record"])}
    assert opened.pseudonym.hex() == vector["pseudonym"]
    assert opened.unseal(bytes.fromhex(value["sealed"]), **parts).hex() == value["plaintext"]


@pytest.mark.parametrize(("vector", "failure"), failures("keyring.json"))
def test_a_known_forged_row_fails_as_named(vector, failure, tmp_path):
    with pytest.raises(failure):
        known_keyring(tmp_path).unwrap(vector["subject"], vector["retention_class"], known_row(vector))


def test_the_branches_of_the_house_key_are_as_specified(tmp_path):
    keyring, known = known_keyring(tmp_path), page("keyring.json")
    index, secret, actor = known["index"], known["secret"], known["actor"]
    key = keyring.index_key(index["category"], index["field"], index["version"])
    assert token(key, index["value"].encode()).hex() == index["token"]
    assert keyring.unseal_secret(secret["name"], bytes.fromhex(secret["sealed"])).hex() == secret["secret"]
    assert keyring.actor_pseudonym(actor["name"]) == actor["pseudonym"]


def test_a_branch_is_as_specified(tmp_path):
    known = page("keyring.json")["branch"]
    branch = known_keyring(tmp_path).branch(known["name"])
    assert branch.digest(*known["parts"]).hex() == known["digest"]
    opened = branch.unseal(bytes.fromhex(known["sealed"]), *known["about"], salt=bytes.fromhex(known["salt"]))
    assert opened.hex() == known["plaintext"]


def test_what_one_branch_sealed_opens_with_its_salt_and_for_its_parts_alone(keyring):
    salt = bytes(16)
    sealed = keyring.branch("flows").seal(b"begun", "kind", b"browser", salt=salt)
    assert keyring.branch("flows").unseal(sealed, "kind", b"browser", salt=salt) == b"begun"
    for branch, parts, other in [
        ("limits", ("kind", b"browser"), salt),
        ("flows", ("kindb", b"rowser"), salt),
        ("flows", ("kind", b"browser"), bytes(15) + b"\1"),
    ]:
        with pytest.raises(SealBroken):
            keyring.branch(branch).unseal(sealed, *parts, salt=other)


def test_two_branches_hash_the_same_thing_differently(keyring):
    assert keyring.branch("flows").digest("a") == keyring.branch("flows").digest("a")
    assert keyring.branch("flows").digest("a") != keyring.branch("limits").digest("a")
    assert repr(keyring.branch("flows")) == "<branch>"


def test_a_row_gives_back_the_key_and_the_pseudonym_it_was_made_with(keyring):
    pseudonym = new_pseudonym()
    row = keyring.make(ANN, "account", pseudonym)
    sealed = keyring.unwrap(ANN, "account", row).seal(b"+852", **PHONE)
    again = keyring.unwrap(ANN, "account", row)
    assert (again.unseal(sealed, **PHONE), again.pseudonym, again.commitment) == (
        b"+852",
        pseudonym,
        row.commitment,
    )
    assert (row.epoch, len(row.wrapped), len(row.commitment)) == (1, 77, 32)


def test_a_pseudonym_of_another_length_is_not_taken(keyring):
    with pytest.raises(ValueError, match="16 bytes"):
        keyring.make(ANN, "account", b"short")


@given(st.data())
def test_no_bit_of_a_row_can_be_flipped(keyring, chosen):
    row = keyring.make(ANN, "account", new_pseudonym())
    wrapped = bytearray(row.wrapped + row.commitment)
    bit = chosen.draw(st.integers(8, 8 * len(wrapped) - 1))
    wrapped[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealBroken):
        keyring.unwrap(ANN, "account", KeyRow(1, bytes(wrapped[:77]), bytes(wrapped[77:])))


def test_a_value_does_not_open_under_the_key_of_another_subject_or_class(keyring, ann):
    sealed = ann.seal(b"+852", **PHONE)
    for subject, retention_class in ((BEN, "account"), (ANN, "usage"), (ANN, "account")):
        other = keyring.unwrap(
            subject, retention_class, keyring.make(subject, retention_class, new_pseudonym())
        )
        with pytest.raises(SealBroken):
            other.unseal(sealed, **PHONE)


def test_destroying_the_row_of_one_class_leaves_the_other_readable(keyring, ann):
    kept = keyring.make(ANN, "payments", ann.pseudonym)
    sealed = keyring.unwrap(ANN, "payments", kept).seal(b"IBAN", **PHONE)
    lost = ann.seal(b"+852", **PHONE)
    del ann  # the account row is deleted: nothing that is left derives its key
    opened = keyring.unwrap(ANN, "payments", kept)
    assert opened.unseal(sealed, **PHONE) == b"IBAN"
    with pytest.raises(SealBroken):
        opened.unseal(lost, **PHONE)


def test_a_keyring_opens_again_from_what_the_keystore_holds(root):
    keyring, house, first = Keyring.create(root)
    second = keyring.new_epoch()
    keyring.adopt(second)
    row = keyring.make(ANN, "account", new_pseudonym())
    again = Keyring(root, house, dict([first, second]))
    assert again.epochs == (1, 2)
    assert again.unwrap(ANN, "account", row).commitment == row.commitment
    assert again.actor_pseudonym("staff:1") == keyring.actor_pseudonym("staff:1")


def test_an_epoch_is_current_only_once_it_is_adopted(keyring):
    fresh = keyring.new_epoch()
    assert (fresh.number, keyring.current_epoch, keyring.make(ANN, "account", bytes(16)).epoch) == (2, 1, 1)
    keyring.adopt(fresh)
    assert (keyring.current_epoch, keyring.make(ANN, "account", bytes(16)).epoch) == (2, 2)


def test_adopting_an_older_epoch_does_not_turn_the_current_one_back(root):
    keyring, house, first = Keyring.create(root)
    second = keyring.new_epoch()
    again = Keyring(root, house, dict([second]))
    again.adopt(first)
    assert again.current_epoch == 2


def test_a_rewrapped_row_opens_the_same_values_in_the_current_epoch(keyring):
    row = keyring.make(ANN, "account", new_pseudonym())
    before = keyring.unwrap(ANN, "account", row)
    sealed = before.seal(b"+852", **PHONE)
    moved = rotated(keyring).rewrap(ANN, "account", row)
    after = keyring.unwrap(ANN, "account", moved)
    assert (moved.epoch, moved.commitment, after.pseudonym) == (2, row.commitment, before.pseudonym)
    assert after.unseal(sealed, **PHONE) == b"+852"


def test_a_row_that_commits_to_another_key_than_it_holds_is_not_rewrapped(keyring):
    forged = keyring._wrap(ANN, "account", b"k" * 32 + new_pseudonym(), commit(b"another key"))
    with pytest.raises(SealBroken):
        keyring.rewrap(ANN, "account", forged)


def test_without_an_epoch_no_key_is_made(root):
    with pytest.raises(EpochUnknown):
        Keyring(root, Keyring.new_house(root), {}).make(ANN, "account", new_pseudonym())


def test_an_epoch_two_behind_is_destroyed_when_the_verified_copy_needs_it_no_more(keyring):
    row = keyring.make(ANN, "account", new_pseudonym())
    rotated(keyring, 2).destroy_epoch(1, verified_copy=VerifiedCopy(epoch=3, oldest=2, at=0))
    assert keyring.epochs == (2, 3)
    with pytest.raises(EpochUnknown):
        keyring.unwrap(ANN, "account", row)


@pytest.mark.parametrize(
    ("epoch", "copy", "reason"),
    [
        (2, VerifiedCopy(epoch=3, oldest=3, at=0), "two epochs old"),
        (3, VerifiedCopy(epoch=3, oldest=3, at=0), "two epochs old"),
        (1, VerifiedCopy(epoch=2, oldest=2, at=0), "no copy of the current epoch"),
        (1, VerifiedCopy(epoch=3, oldest=1, at=0), "key rows in the verified copy"),
    ],
)
def test_an_epoch_that_is_still_needed_is_not_destroyed(keyring, epoch, copy, reason):
    rotated(keyring, 2)
    with pytest.raises(EpochNeeded, match=reason):
        keyring.destroy_epoch(epoch, verified_copy=copy)
    assert keyring.epochs == (1, 2, 3)


def test_an_epoch_is_destroyed_only_once(keyring):
    copy = VerifiedCopy(epoch=3, oldest=2, at=0)
    rotated(keyring, 2).destroy_epoch(1, verified_copy=copy)
    with pytest.raises(EpochUnknown):
        keyring.destroy_epoch(1, verified_copy=copy)


def test_another_root_opens_neither_house_nor_epoch(root, keyring, tmp_path):
    other = KeyFileRoot.create(tmp_path / "other.key")
    with pytest.raises(WrongRoot, match="house key"):
        Keyring(other, Keyring.new_house(root), {})
    with pytest.raises(WrongRoot, match="epoch 1"):
        Keyring(other, Keyring.new_house(other), {1: keyring.new_epoch().wrapped})


def test_an_epoch_does_not_open_under_another_number(keyring):
    with pytest.raises(WrongRoot, match="epoch 7"):
        keyring.adopt(Epoch(7, keyring.new_epoch().wrapped))


def test_index_keys_differ_by_category_field_and_version(keyring):
    names = [
        ("account", "phone", 1),
        ("account", "email", 1),
        ("support", "phone", 1),
        ("account", "phone", 2),
    ]
    assert len({token(keyring.index_key(*name), b"+852") for name in names}) == len(names)
    assert keyring.index_key(*names[0]) is keyring.index_key(*names[0])


def test_a_secret_of_the_house_opens_under_its_own_name_only(keyring):
    sealed = keyring.seal_secret("ledger.signing", b"seed")
    assert keyring.unseal_secret("ledger.signing", sealed) == b"seed"
    with pytest.raises(SealBroken):
        keyring.unseal_secret("ledger.witness", sealed)


def test_an_actor_has_one_pseudonym_in_a_house_and_another_elsewhere(root, keyring):
    elsewhere = Keyring.create(root)[0]
    assert keyring.actor_pseudonym("staff:1") == keyring.actor_pseudonym("staff:1")
    assert len({keyring.actor_pseudonym(name) for name in ("staff:1", "staff:2", "")}) == 3
    assert keyring.actor_pseudonym("staff:1") != elsewhere.actor_pseudonym("staff:1")
    assert len(keyring.actor_pseudonym("staff:1")) == 22
