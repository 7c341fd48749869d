"""The file of rejects names lines, reasons, clauses and fixes, for its owner alone, and no value."""

import stat

import pytest

from tests.cli.conftest import lines_of
from tests.houses import MEMBER_TEXT
from troth.cli.rejects import Rejects, told, words_of
from troth.errors import BadLine, FileUnusable, NotFound, Refused
from troth.rules.compiling import compile_rules
from troth.terms.parse import parse


@pytest.fixture(scope="module")
def book():
    return compile_rules(parse(MEMBER_TEXT, "agreement.md"), "SG")


def refused(**changes) -> Refused:
    given = {
        "asked": "collect `account.canary`", "grounds": "`canary`", "way_on": "canary",
        "codes": ("unknown-field", "malformed"), "clauses": ("collect.account",),
        "words": ("canary@example.org", "email"), "allowed": (), "entry": 7,
    }  # fmt: skip
    return Refused(**{**given, **changes})


def test_of_a_refusal_only_words_of_the_agreement_are_repeated(tmp_path, book):
    path = tmp_path / "in.jsonl.rejects.jsonl"
    with Rejects(path, book) as rejects:
        rejects.add(12, refused())
    assert "canary" not in path.read_text("utf-8")
    (row,) = lines_of(path)
    assert row == {
        "line": 12,
        "code": "door.refused",
        "reasons": ["unknown-field", "malformed"],
        "message": "no clause names the field `(no word of the agreement)`; "
        "the value of `email` is not of its type",
        "clauses": ["collect.account"],
        "fix": "leave it out",
        "entry": 7,
    }


def test_of_many_alike_words_and_reasons_each_is_said_and_counted_once_a_line(tmp_path, book):
    path = tmp_path / "in.jsonl.rejects.jsonl"
    many = refused(codes=("unknown-field",) * 20_000, words=tuple(f"f{number}" for number in range(20_000)))
    with Rejects(path, book) as rejects:
        rejects.add(1, many)
        rejects.add(2, refused())
    first, _ = lines_of(path)
    assert first["message"] == "no clause names the field `(no word of the agreement)`"
    assert first["reasons"] == ["unknown-field"]
    assert rejects.codes == {"unknown-field": 2, "malformed": 1}


def test_a_message_has_no_more_than_twenty_sentences_and_says_how_many_there_are(book):
    words = sorted(words_of(book))[:25]
    said = told(refused(codes=("unknown-field",) * 25, words=tuple(words)), words_of(book))["message"]
    assert said.count("no clause names the field") == 20
    assert said.endswith("; and 5 more")


def test_where_nobody_is_known_the_ledger_entry_is_named_too(tmp_path, book):
    assert told(NotFound(entry=7), words_of(book))["entry"] == 7
    assert "entry" not in told(BadLine(problem="it is not JSON"), words_of(book))


def test_it_is_for_its_owner_alone_and_is_made_only_when_it_is_needed(tmp_path, book):
    path = tmp_path / "in.jsonl.rejects.jsonl"
    with Rejects(path, book) as rejects:
        assert not path.exists()
        rejects.add(1, BadLine(problem="it is not JSON"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert rejects.codes == {"cli.bad-line": 1}


def test_what_an_earlier_run_left_is_replaced_and_not_mixed_with(tmp_path, book):
    path = tmp_path / "in.jsonl.rejects.jsonl"
    path.write_text("older", "utf-8")
    path.chmod(0o644)
    with Rejects(path, book) as rejects:
        rejects.add(1, BadLine(problem="it is not JSON"))
    assert [row["line"] for row in lines_of(path)] == [1]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_is_none_of_ours_is_not_replaced(tmp_path, book):
    (tmp_path / "diary.txt").write_text("dear", "utf-8")
    with pytest.raises(FileUnusable):
        Rejects(tmp_path / "diary.txt", book)
    assert (tmp_path / "diary.txt").read_text("utf-8") == "dear"


def test_a_link_is_not_followed(tmp_path, book):
    path, target = tmp_path / "x.rejects.jsonl", tmp_path / "target"
    with Rejects(path, book) as rejects:
        path.symlink_to(target)
        with pytest.raises(FileUnusable):
            rejects.add(1, BadLine(problem="it is not JSON"))
    assert not target.exists()


def test_the_words_of_an_agreement_are_its_own(book):
    words = words_of(book)
    assert {"account", "email", "support.reply", "registration", "portal"} <= words
    assert "canary" not in words
