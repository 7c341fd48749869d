"""A branch of a known house to seal flows with, and an empty memory of what was spent."""

import pytest

from tests.vault.known import known_keyring
from troth.clock import instant
from troth.vault.keyring import Branch
from troth.web.credentials.flows import Spent

NOW = instant("2027-06-01T12:00:00Z")


@pytest.fixture(scope="session")
def key(tmp_path_factory) -> Branch:
    return known_keyring(tmp_path_factory.mktemp("root")).branch("flows")


@pytest.fixture
def spent() -> Spent:
    return Spent(since=NOW)
