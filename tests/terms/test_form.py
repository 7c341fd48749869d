from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.terms.small import BASE, COLLECT, KEEP, USE, agreement
from troth.canonical import encode
from troth.terms.form import canonical_form
from troth.terms.parse import parse

CLINIC = (Path(__file__).parents[1] / "agreements" / "clinic.md").read_text(encoding="utf-8")
LINES = CLINIC.split("\n")
NAME = parse(CLINIC).hash
PROSE = [n for n, line in enumerate(LINES) if line.endswith(".") and ":" not in line]


def test_the_name_is_the_sha_256_of_the_canonical_form():
    from hashlib import sha256

    read = parse(CLINIC)
    assert read.hash == sha256(encode(canonical_form(read))).hexdigest() == NAME
    assert len(NAME) == 64


def test_line_ends_do_not_change_the_name():
    assert parse(CLINIC.replace("\n", "\r\n")).hash == NAME
    assert parse(CLINIC.replace("\n", "\r")).hash == NAME
    assert parse("\ufeff" + CLINIC).hash == NAME


@given(st.lists(st.tuples(st.integers(0, len(LINES) - 1), st.sampled_from([" ", "  ", "\t"])), max_size=20))
def test_trailing_space_does_not_change_the_name(spaces):
    lines = list(LINES)
    for at, space in spaces:
        lines[at] += space
    assert parse("\n".join(lines)).hash == NAME


def test_empty_lines_and_comments_do_not_change_the_name():
    assert parse(CLINIC.replace("\n\n", "\n\n\n")).hash == NAME
    assert parse(CLINIC.replace("use: care", "# why\nuse: care  # so")).hash == NAME


def test_the_file_it_was_read_from_does_not_change_the_name():
    assert parse(CLINIC, "elsewhere.md").hash == NAME


def test_composed_and_decomposed_letters_are_the_same_words():
    from unicodedata import normalize

    assert parse(normalize("NFD", CLINIC)).hash == NAME


@given(st.sampled_from(PROSE), st.text(alphabet="abcdefghij", min_size=1, max_size=8))
def test_any_word_added_to_the_prose_changes_the_name(at, word):
    lines = list(LINES)
    lines[at] = lines[at].removesuffix(".") + " " + word + "."
    assert parse("\n".join(lines)).hash != NAME


def test_each_part_of_the_front_matter_changes_the_name():
    for old, new in (
        ("agreement: clinic-privacy", "agreement: clinic-privacy-2"),
        ("version: 1", "version: 2"),
        ("effective: 2027-03-01", "effective: 2027-03-02"),
        ("language: en", "language: de"),
        ("name: Lindenhof Clinic", "name: Lindenhof Hospital"),
        ("regimes: [eu-gdpr]", "regimes: [eu-gdpr, uk-gdpr]"),
        ("title: How the clinic", "title: How our clinic"),
    ):
        assert parse(CLINIC.replace(old, new, 1)).hash != NAME, old


def test_a_changed_rule_changes_the_name():
    for old, new in (
        ("for: P90D", "for: P91D"),
        ("by: {roles: [doctor, nurse]}", "by: {roles: [doctor]}"),
        ("mask: patient.insurance\n", ""),
        ("find: unique, words: an e-mail", "words: an e-mail"),
        ("{#use.care}", "{#use.treatment}"),
    ):
        assert parse(CLINIC.replace(old, new, 1)).hash != NAME, old


def test_a_default_said_or_left_unsaid_is_the_same_rule():
    said = agreement(
        COLLECT + "\nneed: all\nby: subject\nsource: subject\nrecords: many", USE, KEEP + "\nthen: erase"
    )
    assert parse(said).hash == parse(agreement(*BASE)).hash


def test_the_order_of_keys_and_roles_does_not_matter():
    other = "use: service\nbasis: contract\nby: {roles: [desk, agent]}\nof: [account]"
    one = agreement(COLLECT, USE.replace("[desk]", "[agent, desk]"), KEEP)
    assert parse(one).hash == parse(agreement(COLLECT, other, KEEP)).hash
