"""A root opens for its owner alone, and says what to do when it does not."""

import os

import pytest

from tests.vault.known import failures, page, vectors
from troth.errors import (
    RootExists,
    RootExposed,
    RootForeign,
    RootMalformed,
    RootMissing,
    RootNotFile,
    SealBroken,
    ShortPassphrase,
    WrongPassphrase,
)
from troth.vault.roots import Cost, KeyFileRoot, PassphraseRoot

PASSPHRASE = "a sentence that nobody else says"
CHEAP = Cost(memory=19_456, passes=2, lanes=1)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "root"


def known(path, vector):
    path.touch(0o600)
    path.write_text(vector["file"], encoding="utf-8")
    return path


def test_a_key_file_wraps_and_unwraps_also_when_read_again(path):
    wrapped = KeyFileRoot.create(path).wrap(b"secret", b"here")
    assert KeyFileRoot(path).unwrap(wrapped, b"here") == b"secret"
    with pytest.raises(SealBroken):
        KeyFileRoot(path).unwrap(wrapped, b"there")


def test_a_key_file_is_made_for_its_owner_alone_and_leaves_nothing_beside_it(path):
    KeyFileRoot.create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.stat().st_size == 32
    assert list(path.parent.iterdir()) == [path]


def test_a_root_is_never_overwritten(path):
    KeyFileRoot.create(path)
    before = path.read_bytes()
    with pytest.raises(RootExists):
        KeyFileRoot.create(path)
    with pytest.raises(RootExists):
        PassphraseRoot.create(path, PASSPHRASE, cost=CHEAP)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_missing_root_or_folder_is_named(path):
    with pytest.raises(RootMissing):
        KeyFileRoot(path)
    with pytest.raises(RootMissing):
        KeyFileRoot.create(path / "root")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601, 0o777])
def test_a_key_file_that_others_may_touch_is_refused_with_the_fix(path, mode):
    KeyFileRoot.create(path)
    path.chmod(mode)
    with pytest.raises(RootExposed, match=f"mode {mode:o}.*chmod 600"):
        KeyFileRoot(path)


def test_a_link_a_folder_and_a_pipe_are_no_key_files(path, tmp_path):
    KeyFileRoot.create(tmp_path / "real")
    path.symlink_to(tmp_path / "real")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    for each in (path, tmp_path, pipe):
        with pytest.raises(RootNotFile):
            KeyFileRoot(each)


@pytest.mark.parametrize("content", [b"", bytes(31), bytes(33), bytes(5_000)])
def test_a_key_file_of_another_size_is_refused(path, content):
    path.touch(0o600)
    path.write_bytes(content)
    with pytest.raises(RootMalformed):
        KeyFileRoot(path)


def test_a_key_file_of_another_account_is_refused(path):
    KeyFileRoot.create(path)
    if os.geteuid() == 0:
        os.chown(path, 65_534, -1)
        foreign = path
    else:
        foreign = "/etc/hostname"
    with pytest.raises(RootForeign):
        KeyFileRoot(foreign)


@pytest.mark.parametrize("vector", vectors("roots.json"))
def test_a_known_passphrase_root_opens(vector, path, tmp_path):
    key_file = tmp_path / "same.key"
    key_file.touch(0o600)
    key_file.write_bytes(bytes.fromhex(page("keyring.json")["held"]["root"]))
    wrapped = PassphraseRoot(known(path, vector), vector["passphrase"]).wrap(b"secret", b"here")
    assert KeyFileRoot(key_file).unwrap(wrapped, b"here") == b"secret"


@pytest.mark.parametrize(("vector", "failure"), failures("roots.json"))
def test_a_known_bad_passphrase_root_fails_as_named(vector, failure, path):
    with pytest.raises(failure) as caught:
        PassphraseRoot(known(path, vector), vector["passphrase"])
    assert caught.value.__cause__ is None
    assert not vector["passphrase"] or vector["passphrase"] not in str(caught.value)


def test_a_passphrase_root_opens_again_and_is_its_owners_alone(path):
    wrapped = PassphraseRoot.create(path, PASSPHRASE, cost=CHEAP).wrap(b"secret", b"here")
    assert PassphraseRoot(path, PASSPHRASE).unwrap(wrapped, b"here") == b"secret"
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.raises(RootExposed):
        PassphraseRoot(path, PASSPHRASE)


def test_a_changed_passphrase_opens_the_same_root_and_the_old_one_nothing(path):
    wrapped = PassphraseRoot.create(path, PASSPHRASE, cost=CHEAP).wrap(b"secret", b"here")
    PassphraseRoot.change(path, PASSPHRASE, "another sentence of mine", cost=CHEAP)
    assert PassphraseRoot(path, "another sentence of mine").unwrap(wrapped, b"here") == b"secret"
    with pytest.raises(WrongPassphrase):
        PassphraseRoot(path, PASSPHRASE)
    assert list(path.parent.iterdir()) == [path]


def test_a_passphrase_of_bytes_that_are_no_text_is_taken_as_it_is(path):
    PassphraseRoot.create(path, "fifteen of them \udcff", cost=CHEAP)
    with pytest.raises(WrongPassphrase):
        PassphraseRoot(path, "fifteen of them \udcfe")


def test_a_short_new_passphrase_changes_nothing(path):
    with pytest.raises(ShortPassphrase):
        PassphraseRoot.create(path, "only fourteen!", cost=CHEAP)
    assert not path.exists()
    PassphraseRoot.create(path, PASSPHRASE, cost=CHEAP)
    before = path.read_bytes()
    with pytest.raises(ShortPassphrase):
        PassphraseRoot.change(path, PASSPHRASE, "", cost=CHEAP)
    with pytest.raises(WrongPassphrase):
        PassphraseRoot.change(path, "a sentence that is not the one", PASSPHRASE, cost=CHEAP)
    assert path.read_bytes() == before


@pytest.mark.parametrize("cost", [{"memory": 19_455}, {"passes": 1}, {"lanes": 0}, {"memory": 2**23}])
def test_a_cost_out_of_bounds_cannot_be_asked_for(cost):
    with pytest.raises(ValueError, match="out of bounds"):
        Cost(**cost)


def test_the_cost_taken_by_default_is_the_second_recommendation_of_rfc_9106():
    assert Cost() == Cost(memory=64 * 1024, passes=3, lanes=4)
