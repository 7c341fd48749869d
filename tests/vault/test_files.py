"""A file is there whole, or not there."""

import pytest

from troth.errors import RootExists
from troth.vault.files import whole, write_secret


def test_a_file_is_not_there_until_it_is_whole(tmp_path):
    path = tmp_path / "kept"
    with whole(path) as file:
        file.write(b"all of it")
        assert not path.exists()
    assert path.read_bytes() == b"all of it"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_on_the_way_leaves_what_was_there(tmp_path):
    path = tmp_path / "kept"
    path.write_bytes(b"before")
    with pytest.raises(TypeError), whole(path) as file:
        file.write(b"half", "of it")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_secret_replaces_another_only_when_told(tmp_path):
    path = tmp_path / "secret"
    write_secret(path, b"one")
    with pytest.raises(RootExists):
        write_secret(path, b"two")
    write_secret(path, b"two", replace=True)
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
