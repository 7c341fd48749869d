"""The ledger goes out, is verified by anyone with neither database nor keys, and proves single lines."""

import os
import resource
import subprocess
import sys

import pytest

from tests.cast import MIA
from tests.cli.conftest import QUIET, TROTH, answer
from troth.ledger.entry import Entry


@pytest.fixture
def exported(run, directory, tmp_path):
    run("consent", "give", "--purpose", "contact.promotion", "--about", MIA)
    return tmp_path / "log", answer(run("ledger", "export", "log", "--json"))["vkey"]


def test_an_export_is_verified_with_the_key_of_the_log(run, exported):
    log, vkey = exported
    found = answer(run("ledger", "verify", log, "--vkey", vkey, "--json"))
    assert found["trusted_on_first_use"] is False
    assert found["size"] >= 4
    assert len(found["root"]) == 64


def test_without_a_key_it_says_that_it_believed_the_one_beside_it(run, exported):
    assert "the key came with the ledger itself" in run("ledger", "verify", exported[0]).stdout


def test_verifying_loads_no_database(exported):
    code = (
        "import sys; from troth.cli import main; sys.argv = ['troth', *sys.argv[1:]]\n"
        "try: main()\nexcept SystemExit as done: assert not done.code\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    log = str(exported[0])
    done = subprocess.run(
        [sys.executable, "-c", code, "ledger", "verify", log], capture_output=True, text=True, check=True
    )
    assert {"sqlalchemy", "alembic", "sqlite3", "psycopg"} & set(done.stderr.split()) == set()


def test_a_changed_entry_is_found_and_exits_with_1(run, exported):
    bundle = next(path for path in sorted((exported[0] / "tile/entries").rglob("*")) if path.is_file())
    raw = bytearray(bundle.read_bytes())
    raw[40] ^= 1
    bundle.chmod(0o644)
    bundle.write_bytes(raw)
    assert answer(run("ledger", "verify", exported[0], "--json", exit=1))["error"]["code"].startswith(
        "ledger."
    )


def test_another_key_is_not_believed(run, exported, tmp_path, directory):
    run("init", "--dir", "another")
    done = run("ledger", "verify", exported[0], "--vkey", tmp_path / "another/log.vkey", exit=1)
    assert "error[ledger.bad-note]" in done.stderr


def test_a_checkpoint_kept_earlier_shows_that_the_ledger_continues(run, exported, tmp_path):
    (tmp_path / "kept").write_bytes((exported[0] / "checkpoint").read_bytes())
    run("consent", "withdraw", "--purpose", "contact.promotion", "--about", MIA)
    run("ledger", "export", "later")
    assert "continues the checkpoint kept" in run("ledger", "verify", "later", "--since", "kept").stdout
    (tmp_path / "newer").write_bytes((tmp_path / "later/checkpoint").read_bytes())
    done = run("ledger", "verify", exported[0], "--since", "newer", exit=1)
    assert "error[ledger.forked]" in done.stderr


def test_an_entry_is_proven_by_a_file_that_holds_it(run, exported, tmp_path):
    found = answer(run("ledger", "prove", 2, "-o", "proof", "--json"))
    assert found == {"entry": 2, "file": "proof", "vkey": exported[1]}
    assert "proven: entry 2" in run("ledger", "check-proof", "proof", "--vkey", exported[1]).stdout
    assert answer(run("ledger", "check-proof", "proof", "--json"))["entry"] == 2


def test_a_proof_for_which_there_is_no_room_leaves_the_one_before_and_nothing_else(run, opened, tmp_path):
    with opened() as house:
        words = tuple(f"word-{number}-{'x' * 100}" for number in range(500))
        line = Entry(
            at=house.teller.house.clock(), kind="note.made", actor="time", act="note", outcome="done",
            fields=words,
        )  # fmt: skip
        long = house.teller.alone(lambda desk: desk.remember(line)).entry
    run("ledger", "prove", 0, "-o", "proof")
    before, names = (tmp_path / "proof").read_bytes(), sorted(tmp_path.iterdir())

    for file in ("proof", "another"):
        done = subprocess.run(
            [TROTH, "ledger", "prove", str(long), "-o", file],
            capture_output=True, text=True, check=False, env=QUIET, preexec_fn=_may_write_40_kilobytes,
        )  # fmt: skip
        assert done.returncode == 1
        assert "error[vault.no-room]" in done.stderr

    assert (tmp_path / "proof").read_bytes() == before
    assert sorted(tmp_path.iterdir()) == names


def _may_write_40_kilobytes():
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, resource.RLIM_INFINITY))  # the store needs 32 of them


def test_a_proof_may_go_into_a_pipe(run, exported, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["cat", "pipe"], stdout=subprocess.PIPE) as reader:
        run("ledger", "prove", 2, "-o", "pipe")
        assert reader.stdout.read().startswith(b"c2sp.org/tlog-proof@v1")


def test_where_nothing_can_be_written_no_ledger_is_exported(run, directory):
    for target in ("/proc/x", "/dev/null/x", "x" * 5_000):
        done = run("ledger", "export", target, exit=1)
        assert f"error[cli.file-unusable]: `{target}` cannot be used" in done.stderr


def test_a_changed_proof_proves_nothing(run, exported, tmp_path):
    run("ledger", "prove", 2)
    (tmp_path / "leaf").write_bytes(b"{}")
    done = run("ledger", "check-proof", "2.tlog-proof", "--leaf", "leaf", exit=1)
    assert "error[ledger.bad-proof]" in done.stderr


def test_a_proof_without_its_entry_or_a_key_is_wrong_usage(run, exported, tmp_path):
    run("ledger", "prove", 2)
    assert "Usage: " in run("ledger", "check-proof", "2.tlog-proof", "--dir", "nowhere", exit=2).stderr
    assert "Usage: " in run("ledger", "verify", exported[0], "--vkey", "no key and no file", exit=2).stderr


def test_an_entry_that_is_not_signed_yet_cannot_be_proven(run, directory):
    assert "error[ledger.no-such-entry]" in run("ledger", "prove", 10_000, exit=1).stderr
