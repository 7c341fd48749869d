"""`troth demo` tells its story, on a terminal, in a pipe and as JSON."""

import sys

import pytest

import troth
from tests.cli.conftest import answer


@pytest.fixture(scope="module")
def where(tmp_path_factory):
    return tmp_path_factory.mktemp("demo") / "house"


def test_the_story_is_told_and_the_house_left_where_it_was_asked_for(run, where):
    done = run("demo", "--once", "--members", "12", "--dir", str(where))
    assert "\x1b" not in done.stdout
    assert done.stdout.count("\n") > 100
    assert f"troth verify --dir {where}" in done.stdout
    with troth.open(where) as house:
        assert house.agreement.name == "member-privacy"


def test_the_commands_that_it_ends_with_work(run, where, tmp_path):
    done = run("demo", "--once", "--members", "12", "--dir", str(tmp_path / "house"))
    commands = [line.split()[1:] for line in done.stdout.splitlines() if line.startswith("  troth ")]
    assert [command[0] for command in commands] == ["verify", "read", "erase", "ledger"]
    for command in commands:
        run(*command, *(["--yes"] if command[0] == "erase" else []))


def test_as_json_it_is_one_document(run, tmp_path):
    found = answer(run("demo", "--once", "--json", "--members", "12", "--dir", str(tmp_path / "house")))
    assert {"scenes", "figures"} == found.keys()
    assert len(found["scenes"]) == 15
    assert found["figures"]["ledger_verified"] is True


def test_a_directory_in_use_is_an_error_and_stays_as_it_was(run, directory):
    before = sorted(path.name for path in directory.iterdir())
    done = run("demo", "--once", "--dir", str(directory), exit=1)
    assert "house.exists" in done.stderr
    assert sorted(path.name for path in directory.iterdir()) == before


def test_without_faker_it_says_what_to_install(run, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "faker.factory", None)
    done = run("demo", "--once", "--dir", str(tmp_path / "house"), exit=1)
    assert "demo.faker-missing" in done.stderr
    assert not (tmp_path / "house").exists()


def test_too_few_people_is_a_usage_error(run, tmp_path):
    assert run("demo", "--members", "3", exit=2).stderr
