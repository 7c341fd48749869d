"""`collect` keeps what is good, names what is not, and says how far it came."""

import json
import stat

import pytest

from tests.cast import EVERYTHING, JPEG, MIA
from tests.cli.conftest import answer, assert_silent, lines_of, troth_command
from tests.inside import ledger_of


def act(n, **changes):
    row = {"reference": f"N-{n}", "circumstance": "registration", "category": "account"}
    return {**row, "fields": {"email": f"canary.{n}@example.org"}, **changes}


def write(path, *rows):
    path.write_bytes(b"".join((r if isinstance(r, bytes) else json.dumps(r).encode()) + b"\n" for r in rows))
    return path


@pytest.fixture
def acts(tmp_path):
    return lambda *rows: write(tmp_path / "acts.jsonl", *rows)


def test_a_stream_is_taken_in_and_can_be_read(run, directory, acts):
    found = answer(run("collect", acts(*map(act, range(25))), "--batch", 10, "--json"))
    assert found == {"lines": 25, "taken": 25, "rejected": 0, "reasons": {}, "rejects": None}
    words = ["--purpose", "service.account", "--category", "account", "--program", "portal", "--reveal"]
    assert "canary.24@example.org" in run("read", "--about", "N-24", *words, canaries=True).stdout


def test_the_ledger_has_one_line_a_batch_or_one_for_each_act(run, directory, acts, opened):
    file = acts(*map(act, range(20)))
    with opened() as house:
        before = len(ledger_of(house))
    run("collect", file, "--batch", 10)
    with opened() as house:
        collected = [e for e in ledger_of(house)[before:] if e.kind == "record.collected"]
        assert [entry.count for entry in collected] == [10, 10]
        before = len(ledger_of(house))
    run("collect", acts(*map(act, range(20, 40))), "--each")
    with opened() as house:
        assert sum(e.kind == "record.collected" for e in ledger_of(house)[before:]) == 20


BAD = {
    3: (b"canary, canary", "cli.bad-line", None),
    5: (act(5, fields={"email": "no canary at all"}), "refused", ["malformed"]),
    6: (act(6, category="canary"), "refused", ["unknown-category"]),
    7: (act(7, fields={"email": "canary.7@example.org", "canary": "canary"}), "refused", ["unknown-field"]),
    8: (act(2, circumstance="canary"), "refused", ["unknown-circumstance"]),
    9: (act(9, fields={"email": "canary.1@example.org"}), "refused", ["taken"]),
    11: (act(1, category="payment", circumstance="payment", fields={"holder": "canary"}), "refused", None),
    12: (act(12, category="activity", circumstance="service_use", fields={}), "person.not-found", None),
}


def test_bad_lines_are_named_without_their_values_and_the_good_ones_are_kept(run, directory, acts, tmp_path):
    rows = [BAD[n][0] if n in BAD else act(n) for n in range(1, 15)]
    found = answer(run("collect", acts(*rows), "--batch", 5, "--json", exit=1))
    assert (found["taken"], found["rejected"]) == (14 - len(BAD), len(BAD))
    rejects = tmp_path / "acts.jsonl.rejects.jsonl"
    assert found["rejects"] == str(rejects)
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600
    assert_silent(rejects.read_text("utf-8"))
    for row, (line, (_, code, reasons)) in zip(lines_of(rejects), BAD.items(), strict=True):
        assert (row["line"], row["code"]) == (line, code)
        assert reasons is None or row["reasons"] == reasons
        assert {"message", "clauses", "fix"} <= row.keys()
        assert row["fix"]


def test_rejects_may_be_allowed(run, directory, acts):
    file = acts(act(1), b"canary")
    run("collect", file, exit=1)
    done = run("collect", file, "--allow-rejects")
    assert "taken 0   rejected 2" in done.stdout
    assert "already-held 1" in done.stdout


def test_a_reference_that_is_none_does_not_fail_its_neighbours(run, directory, acts, tmp_path):
    run("collect", acts(act(1), act(2, reference="- -"), act(3)), exit=1)
    assert [row["line"] for row in lines_of(tmp_path / "acts.jsonl.rejects.jsonl")] == [2]


def test_pictures_are_taken_from_beside_the_stream(run, directory, tmp_path, opened):
    run("consent", "give", "--purpose", "camera.profile", "--about", MIA)
    (tmp_path / "in").mkdir()
    (tmp_path / "in/mia.jpg").write_bytes(JPEG)
    row = {"reference": MIA, "circumstance": "camera", "category": "camera.profile"}
    file = write(
        tmp_path / "in/acts.jsonl",
        {**row, "fields": {"picture": {"file": "../troth-house/keys/root"}}},
        {**row, "fields": {"picture": {"file": "mia.jpg"}}},
    )
    assert "taken 1   rejected 1" in run("collect", file, exit=1).stdout
    with opened() as house:
        (record,) = house.access(about=MIA, category="camera.profile").records
        assert record.values["picture"].reveal() == JPEG


def test_every_circumstance_of_the_reference_agreement_comes_in_by_a_stream(run, directory, tmp_path, opened):
    rows = []
    for category, when, values, by in EVERYTHING:
        row = {"reference": "N-1", "circumstance": when, "category": category, "age": 36}
        row["by"] = {"program": by.name} if by else {"program": "portal"}
        row["fields"] = {**values}
        if category == "account":
            row["fields"] = {"email": "canary@example.org"}
        for name, value in values.items():
            if isinstance(value, bytes):
                (tmp_path / f"{category}.{name}").write_bytes(value)
                row["fields"][name] = {"file": f"{category}.{name}"}
        rows.append(row)
    run("collect", write(tmp_path / "first.jsonl", rows[0]))
    for purpose in ("camera.identity", "camera.profile"):
        run("consent", "give", "--purpose", purpose, "--about", "N-1")
    assert "rejected 0" in run("collect", write(tmp_path / "rest.jsonl", *rows[1:])).stdout
    with opened() as house:
        for category, _, values, _ in EVERYTHING[1:]:
            names = {n for r in house.access(about="N-1", category=category).records for n in r.values}
            assert names == set(values)


def test_lines_that_name_nobody_are_by_the_program_that_is_named(run, directory, acts, opened):
    run("collect", acts(act(1)), "--by-program", "portal")
    with opened() as house:
        assert ledger_of(house)[-1].actor == "program:portal"


def test_a_stream_may_come_by_stdin(directory, tmp_path):
    stdin = json.dumps(act(1)) + "\ncanary\n"
    done = troth_command("collect", "-", "--json", cwd=tmp_path, stdin=stdin)
    assert done.returncode == 1
    assert json.loads(done.stdout)["taken"] == 1
    assert [row["line"] for row in lines_of(tmp_path / "stdin.rejects.jsonl")] == [2]
    assert_silent(done.stdout + done.stderr)


def test_an_error_of_the_house_says_how_far_it_came(run, directory, acts):
    file = acts(*map(act, range(10)))
    (directory / "keys/root").unlink()
    done = run("collect", file, exit=1)
    assert "error[vault.root-missing]" in done.stderr


def test_a_stream_that_is_not_there_is_an_error(run, directory):
    assert "error[cli.file-unusable]" in run("collect", "nowhere.jsonl", exit=1).stderr
