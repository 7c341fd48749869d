"""`init` founds a whole house or none, and says what to keep and what to publish."""

import stat

from tests.cli.conftest import answer, troth_command
from troth.cli.agreements import MINIMAL

SECRET = "a long canary of a sentence"


def test_a_house_is_founded_under_the_minimal_agreement_when_none_is_named(run, tmp_path):
    found = answer(run("init", "--json"))
    assert found["agreement"] == "minimal"
    assert (found["root"], found["store"], found["place"]) == ("key-file", "sqlite", "EEA.IE")
    assert (tmp_path / "troth-house" / "log.vkey").read_text("utf-8").strip() == found["vkey"]
    assert stat.S_IMODE((tmp_path / "troth-house").stat().st_mode) == 0o700


def test_a_house_is_founded_where_dir_says_under_the_agreement_named(run, tmp_path):
    (tmp_path / "mine.md").write_text(MINIMAL.read_text("utf-8").replace("Example Club", "Our Club"), "utf-8")
    done = run("init", "mine.md", "--dir", "deep/down")
    assert "A house stands in deep/down" in done.stdout
    assert (tmp_path / "deep/down/store.db").exists()


def test_nothing_is_overwritten(run, directory):
    assert "error[house.exists]" in run("init", exit=1).stderr
    assert (directory / "store.db").exists()


def test_a_place_that_is_no_word_and_a_directory_that_cannot_be_are_named(run):
    assert "error[door.bad-argument]: `place`" in run("init", "--place", "Hongkong!", exit=1).stderr
    for directory in ("/dev/null/x", "/proc/x"):
        assert f"error[cli.file-unusable]: `{directory}`" in run("init", "--dir", directory, exit=1).stderr


def test_an_unsound_agreement_founds_nothing(run, tmp_path):
    text = MINIMAL.read_text("utf-8").replace("of: [account]\nfor: P30D", "of: [accounts]\nfor: P30D")
    (tmp_path / "bad.md").write_text(text, "utf-8")
    assert "error[terms." in run("init", "bad.md", exit=1).stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.md"]


def test_member_and_a_file_together_are_wrong_usage(run):
    assert "Usage: " in run("init", MINIMAL, "--member", exit=2).stderr


def test_a_passphrase_comes_from_stdin_a_file_or_the_environment_and_never_shows(run, tmp_path, monkeypatch):
    (tmp_path / "phrase").write_text(SECRET + "\n", "utf-8")
    for at, (options, stdin) in enumerate(
        [(["--passphrase-stdin"], SECRET + "\n"), (["--passphrase-file", "phrase"], "")]
    ):
        assert answer(run("init", "--dir", f"h{at}", *options, "--json", stdin=stdin))["root"] == "passphrase"
        run("sweep", "--dir", f"h{at}", "--passphrase-file", "phrase")
    monkeypatch.setenv("TROTH_PASSPHRASE", SECRET)
    assert answer(run("init", "--dir", "h2", "--json"))["root"] == "passphrase"
    run("sweep", "--dir", "h2")
    run("sweep", "--dir", "h0")


def test_a_short_passphrase_founds_nothing(run, tmp_path):
    assert (
        "error[vault.short-passphrase]" in run("init", "--passphrase-stdin", stdin="canary\n", exit=1).stderr
    )
    assert list(tmp_path.iterdir()) == []


def test_two_sources_of_a_passphrase_are_wrong_usage(run, tmp_path):
    (tmp_path / "phrase").write_text(SECRET, "utf-8")
    assert (
        "Usage: "
        in run("init", "--passphrase-stdin", "--passphrase-file", "phrase", stdin=SECRET, exit=2).stderr
    )


def test_off_a_terminal_nothing_asks_for_a_passphrase(tmp_path):
    done = troth_command("init", "--passphrase", cwd=tmp_path)
    assert done.returncode == 2
    assert "--passphrase-stdin" in done.stderr


def test_a_house_may_stand_on_postgresql_and_shows_no_address(run, postgres_databases):
    store, keystore = postgres_databases.pair()
    found = answer(run("init", "--store", store, "--keystore", keystore, "--json"))
    assert found["store"] == "postgresql"
    assert store not in run("verify").stdout


def test_a_store_without_its_keystore_founds_nothing(run, tmp_path):
    done = run("init", "--store", "postgresql://canary@localhost/none", exit=1)
    assert "error[house.bad-settings]" in done.stderr
    assert list(tmp_path.iterdir()) == []
