"""`collect` keeps what is good, names what is not, and says how far it came."""

import json
import signal
import stat
import subprocess
import time
from subprocess import PIPE

import pytest

from tests.cast import EVERYTHING, JPEG, MIA
from tests.cli.conftest import QUIET, TROTH, answer, assert_silent, lines_of, troth_command
from tests.inside import count_of, ledger_of
from troth.store import schema


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
    5: (act(5, fields={"email": "no canary at all"}), "door.refused", ["malformed"]),
    6: (act(6, category="canary"), "door.refused", ["unknown-category"]),
    7: (
        act(7, fields={"email": "canary.7@example.org", "canary": "canary"}),
        "door.refused",
        ["unknown-field"],
    ),
    8: (act(2, circumstance="canary"), "door.refused", ["unknown-circumstance"]),
    9: (act(9, fields={"email": "canary.1@example.org"}), "door.refused", ["taken"]),
    11: (
        act(1, category="payment", circumstance="payment", fields={"holder": "canary"}),
        "door.refused",
        None,
    ),
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
    run("collect", acts(act(1), act(2, reference=" "), act(3)), exit=1)
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


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGINT], ids=["killed", "interrupted"])
def test_whatever_ends_it_whole_batches_are_kept(directory, tmp_path, opened, by):
    command = [TROTH, "collect", "-", "--batch", "10"]
    with subprocess.Popen(command, cwd=tmp_path, env=QUIET, stdin=PIPE, stdout=PIPE, stderr=PIPE) as running:
        for n in range(25):
            running.stdin.write(json.dumps(act(n)).encode() + b"\n")
        running.stdin.flush()
        expect_soon(lambda: held_by(opened) == 20)
        running.send_signal(by)
        _, said = running.communicate()
    assert running.returncode == (-by if by is signal.SIGKILL else 1)
    assert (b"what was read up to line 20 is kept or rejected" in said) == (by is signal.SIGINT)
    assert held_by(opened) == 20


def held_by(opened):
    """Return how many accounts are held, besides Mia's."""
    with opened() as house:
        return count_of(house, schema.records) - 1


def expect_soon(true):
    for _ in range(200):
        if true():
            return
        time.sleep(0.1)
    pytest.fail("it did not happen within a while")


def test_a_stream_that_is_not_there_is_an_error(run, directory):
    assert "error[cli.file-unusable]" in run("collect", "nowhere.jsonl", exit=1).stderr
