"""`doctor` says what there is, opens nothing, and shows no secret."""

import pytest

from tests.cli.conftest import answer
from troth.cli.doctor import without_secret


def test_it_names_versions_and_how_the_race_is_ruled_out(run, directory):
    found = answer(run("doctor", "--json"))
    assert found["sqlite"].startswith("3.")
    assert "exclusive lock" in found["sqlite_race"]
    assert found["libraries"]["cryptography"]
    assert found["house"]["root"] == "key-file"
    assert found["house"]["problems"] == []


def test_it_needs_no_house(run):
    assert "no house there" in run("doctor").stdout


def test_keys_that_others_can_read_are_a_problem(run, directory):
    (directory / "keys/root").chmod(0o644)
    assert "run chmod go-rwx" in run("doctor", exit=1).stdout


def test_settings_that_cannot_be_used_are_a_problem(run, directory):
    (directory / "troth.toml").write_text("house = 1", "utf-8")
    assert "cannot be used" in run("doctor", exit=1).stdout


def test_settings_that_move_the_cursor_are_shown_without_doing_so(run, directory):
    settings = (directory / "troth.toml").read_text("utf-8")
    root = settings.replace('kind = "key-file"', 'kind = "\\u001b[2Jkey-file"')
    (directory / "troth.toml").write_text(root, "utf-8")
    shown = run("doctor").stdout
    assert "\x1b" not in shown
    assert "\\x1b[2Jkey-file" in shown


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://troth:canary@db/troth",
        "postgresql://troth:can@ary@db/troth",
        "postgresql://db/troth?user=troth&password=canary&sslmode=require",
    ],
)
def test_no_password_of_a_database_is_shown(url):
    shown = without_secret(url)
    assert "can" not in shown
    assert "***" in shown
    assert shown.startswith("postgresql://")
