"""Keys of programs are made, shown once, listed without their secrets, and ended."""

from tests.cli.conftest import answer

PORTAL = ("--program", "portal", "--purpose", "service", "--purpose", "support.reply")


def test_a_program_that_no_clause_names_gets_no_key(run, directory):
    done = run("key", "make", "--program", "spider", "--purpose", "service", exit=1)
    assert "error[key.unknown-program]" in done.stderr


def test_a_purpose_that_no_clause_names_gets_no_key(run, directory):
    done = run("key", "make", "--program", "portal", "--purpose", "wealth", exit=1)
    assert "error[key.unknown-purpose]" in done.stderr


def test_a_key_without_a_purpose_is_not_made(run, directory):
    assert "Usage: " in run("key", "make", "--program", "portal", exit=2).stderr


def test_a_key_that_is_none_cannot_be_ended(run, directory):
    assert "error[key.none]" in run("key", "end", "nothing", exit=1).stderr


def test_a_key_is_printed_once_and_listed_without_its_secret(run, directory):
    made = answer(run("key", "make", *PORTAL, "--rate", 60, "--days", 2, "--json"))
    secret = made["key"].removeprefix(f"troth_{made['id']}_")
    assert len(secret) == 43
    done = run("key", "list", "--json")
    assert secret not in done.output
    (listed,) = answer(done)["keys"]
    assert (listed["id"], listed["program"], listed["rate"]) == (made["id"], "portal", 60)
    assert listed["purposes"] == ["service", "support.reply"]
    assert listed["valid"] is True
    assert listed["ends_at"] == made["ends_at"]


def test_several_keys_of_a_program_are_valid_until_one_is_ended(run, directory):
    first, second = (answer(run("key", "make", *PORTAL, "--json")) for _ in range(2))
    assert len(answer(run("key", "list", "--json"))["keys"]) == 2
    assert answer(run("key", "end", first["id"], "--json")) == {"ended": first["id"], "program": "portal"}
    (left,) = answer(run("key", "list", "--json"))["keys"]
    assert left["id"] == second["id"]


def test_people_are_told_the_same_as_programs(run, directory):
    made = run("key", "make", *PORTAL).stdout
    key, said = made.splitlines()
    assert key.startswith("troth_")
    assert "not shown again" in said
    key_id = key.split("_")[1]
    assert key_id in run("key", "list").stdout
    assert f"ended {key_id} of portal" in run("key", "end", key_id).stdout


def test_making_and_ending_are_in_the_ledger(run, directory, opened):
    made = answer(run("key", "make", *PORTAL, "--json"))
    run("key", "end", made["id"])
    with opened() as house:
        from troth.store import entries

        leaves = house.teller.alone(lambda desk: list(entries.leaves(desk.unit, 0, desk.unit.size)))
    kinds = [leaf for leaf in leaves if b'"key.' in leaf]
    assert len(kinds) == 2
    assert all(made["id"].encode() in leaf for leaf in kinds)
    assert not any(made["key"].rpartition("_")[2].encode() in leaf for leaf in kinds)


def test_a_house_with_keys_is_as_sound_as_before(run, directory):
    run("key", "make", *PORTAL)
    found = answer(run("verify", "--json"))
    assert found["ledger_fault"] is None
    assert not [each for each in found["clauses"] if each["status"] == "broken"]
