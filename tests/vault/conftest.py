"""A keyring in epoch 1, and Ann's key in it."""

import pytest

from troth.vault.keyring import Keyring, new_pseudonym
from troth.vault.roots import KeyFileRoot

ANN = 42


@pytest.fixture
def root(tmp_path):
    return KeyFileRoot.create(tmp_path / "root.key")


@pytest.fixture
def keyring(root):
    return Keyring.create(root)[0]


@pytest.fixture
def ann(keyring):
    return keyring.unwrap(ANN, "account", keyring.make(ANN, "account", new_pseudonym()))
