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


def test_it_says_that_nothing_can_be_sent_when_nothing_is_set(run, directory):
    found = answer(run("doctor", "--json"))["house"]
    assert (found["server"], found["mail"], found["sms"]) == (
        "not set",
        "not set ([mail])",
        "not set ([sms])",
    )


def test_it_shows_what_mail_and_text_messages_go_through_and_no_secret(run, directory):
    with (directory / "troth.toml").open("a", encoding="utf-8") as file:
        file.write(
            '[server]\nurl = "https://members.example.org"\n'
            '[mail]\nhost = "mail.example.org"\nfrom = "club@example.org"\n'
            'login = "canary"\npassword_file = "keys/mail"\n'
            '[sms]\nurl = "https://sms.example.net/send?token=canary"\nfrom = "Club"\n'
            'secret_file = "keys/sms"\n'
        )
    for name in ("mail", "sms"):
        (directory / "keys" / name).write_text("canary", "utf-8")
        (directory / "keys" / name).chmod(0o600)
    done = run("doctor", "--json")
    found = answer(done)["house"]
    assert found["server"] == "https://members.example.org"
    assert found["mail"] == "mail.example.org, port 587, TLS: starttls"
    assert found["sms"] == "https://sms.example.net"
    assert found["problems"] == []
    assert "canary" not in done.stdout
    (directory / "keys/mail").chmod(0o640)
    (directory / "keys/sms").unlink()
    first, second = answer(run("doctor", "--json", exit=1))["house"]["problems"]
    assert "keys/mail is open to others" in first
    assert "keys/sms is missing" in second


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
