from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.terms.small import BASE, COLLECT, FRONT, KEEP, USE, agreement
from troth.clock import iso
from troth.errors import AgreementFaulty, Fault
from troth.terms.agreement import Collect, Disclose, Keep, Never, Protect, Target, Use, Who
from troth.terms.parse import LONGEST, parse
from troth.terms.vocabulary import Basis, Period

CLINIC = (Path(__file__).parents[1] / "agreements" / "clinic.md").read_text(encoding="utf-8")


def faults(text: str) -> tuple[Fault, ...]:
    with pytest.raises(AgreementFaulty) as caught:
        parse(text, "a.md")
    return caught.value.problems


def only(text: str) -> Fault:
    found = faults(text)
    assert len(found) == 1, [str(f) for f in found]
    return found[0]


def rule(text: str, kind: type):
    return next(r for _, r in parse(text).rules() if isinstance(r, kind))


def test_the_clinic_has_every_kind_of_rule():
    agreement = parse(CLINIC)
    kinds = {type(rule).__name__ for _, rule in agreement.rules()}
    assert kinds == {
        "Collect", "Use", "Disclose", "Never", "Keep", "Store", "Transfer", "Protect", "Change", "RightRule",
        "Contact", "Inform", "SignIn", "CaseRule",
    }  # fmt: skip
    assert agreement.name == "clinic-privacy"
    assert iso(agreement.effective) == "2027-03-01T00:00:00Z"
    assert agreement.organisation.regimes == ("eu-gdpr",)


@pytest.mark.parametrize(
    "text", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00", "10000-01-01T00:00:00Z"]
)
def test_an_instant_beyond_the_calendar_is_a_fault_at_its_place(text):
    fault = only(agreement(*BASE).replace("2027-01-01T00:00:00Z", text))
    assert (fault.line, fault.code) == (6, "value")


def test_a_clause_knows_its_number_title_prose_and_places():
    clause = parse(CLINIC).clause("use.billing")
    assert (clause.number, clause.title) == ("2.3", "To send the bill")
    assert clause.text == "The office reads the codes of a diagnosis, never the findings."
    lines = CLINIC.split("\n")
    assert lines[clause.spot.line - 1].startswith("## 2.3")
    assert lines[clause.rule_spots[0].line - 1] == "use: billing"


def test_defaults_are_filled_in():
    collect = rule(agreement(*BASE), Collect)
    assert collect.by == Who(subject=True)
    assert (collect.need, collect.source, collect.records, collect.basis) == (
        "all",
        "subject",
        "many",
        Basis.CONTRACT,
    )


def test_need_defaults_to_the_fields_marked_required():
    text = COLLECT.replace("{email: email}", "{email: {type: email, required: true}, name: name}")
    assert rule(agreement(text, USE, KEEP), Collect).need == ("email",)


def test_a_target_is_a_field_when_its_longest_prefix_is_a_category():
    use = rule(agreement(COLLECT, USE.replace("of: account", "of: [account.email, account]"), KEEP), Use)
    assert use.of == (Target("account", "email"), Target("account"))


def test_a_category_above_a_collected_one_is_known():
    text = [part.replace("account", "people.account") for part in BASE]
    use = rule(agreement(text[0], USE.replace("of: account", "of: people"), text[2]), Use)
    assert use.of == (Target("people"),)


def test_exceptions_of_a_never_nest():
    never = rule(CLINIC, Never)
    assert never.practices == ("sell", "rent")
    text = agreement(
        *BASE, "never: use\nexcept:\n  - of: account\n    except:\n      - of: account.email\n        in: US"
    )
    inner = rule(text, Never).scope.excepts[0].excepts[0]
    assert (inner.of, inner.places) == ((Target("account", "email"),), ("US",))


def test_a_plain_list_of_data_holds_for_every_recipient():
    text = "disclose: post\nrecipients: {a: {place: SG, relationship: joint_controller}, b: {place: SG, "
    text += "relationship: processor}}\n"
    text += "of: account\nfor: service\nby: {roles: desk}\nbasis: contract"
    assert rule(agreement(*BASE, text), Disclose).of == (
        ("a", (Target("account"),)),
        ("b", (Target("account"),)),
    )


def test_scalars_are_what_was_typed_and_nothing_yaml_thinks_of_them():
    text = COLLECT.replace(
        "{email: email}",
        "{email: email, mood: {type: choice, choices: [no, on, 1_000, 2027-01-01, null-ish]}}",
    )
    spec = rule(agreement(text, USE, KEEP), Collect).fields[1]
    assert spec.choices == ("no", "on", "1_000", "2027-01-01", "null-ish")


def test_hyphens_may_stand_for_underscores_in_keys_and_closed_words():
    keep = rule(agreement(COLLECT, USE, KEEP + "\nfrom: leave\nat-most: P9Y\ngone-within: PT6H"), Keep)
    assert (keep.maximum, keep.gone_within) == (Period(months=108), Period(seconds=21600))
    protect = rule(agreement(*BASE, "protect: {encryption: per-subject-key, mfa: staff}"), Protect)
    assert protect.measures == (("encryption", "per_subject_key"), ("mfa", "staff"))


@pytest.mark.parametrize(
    ("old", "new", "point", "code", "fix"),
    [
        ("type: phone, find: exact", "type: phon, find: exact", "phon,", "value", "did you mean `phone`?"),
        ("opens: true", "opnes: true", "opnes", "key", "did you mean `opens`?"),
        ("appointment, diagnosis]", "apointment]", "apointment", "L3", "did you mean `appointment`?"),
        ("keep: chart\n```", "keep: chrt\n```", "chrt", "L3", "did you mean `chart`?"),
        ("consent: research", "consent: reserch", "reserch", "L3", "did you mean `research`?"),
        ("insurers.public]", "insurers.publik]", "insurers.publik", "L3", "did you mean `insurers.public`?"),
        ("of:\n  public:", "of:\n  publik:", "publik", "L7", "did you mean `public`?"),
        ("home: true", "home: yes", "yes", "value", "write `true` or `false`"),
        ("version: 1", "version: one", "one", "value", "write a whole number from 1 to 1000000"),
        ("T00:00:00Z", "", "2027-03-01", "value", "write an instant such as `2027-01-01T00:00:00Z`"),
        ("for: P90D", "for: 90 days", "90 days", "value", "write a period such as `P90D`, `P1Y` or `PT72H`"),
        ("needs: [case]", "needs: [case, cause]", "cause", "value", "did you mean `case`?"),
        ("basis: contract\nneeds: [case]", "needs: [case]", "use: care\n", "L4", "add `basis: ...`"),
        ("right: restrict", "right: restrain", "restrain", "value", "did you mean `restrict`?"),
        ("CH, relationship", "CH, relation", "relation:", "key", "did you mean `relationship`?"),
        ("{#use.care}", "{#use care}", "## 2.1", "heading", "use letters, digits, `-`, `_` and dots"),
        ("{#use.care}", "{#take.lab}", "## 2.1", "duplicate", "give one of them another id"),
    ],
)  # fmt: skip
def test_a_fault_names_its_line_and_column_and_the_fix(old, new, point, code, fix):
    assert old in CLINIC
    broken = CLINIC.replace(old, new, 1)
    found = [f for f in faults(broken) if f.code == code]
    assert len(found) == 1, [str(f) for f in faults(broken)]
    at = broken.index(point)
    expected = (broken.count("\n", 0, at) + 1, at - broken.rfind("\n", 0, at))
    assert (found[0].line, found[0].column) == expected
    assert found[0].fix == fix


def test_all_problems_are_told_at_once():
    text = agreement(COLLECT.replace("email: email", "email: emial"), USE + "\nwhy: x", KEEP + "\nfor: P2Y")
    assert {f.code for f in faults(text)} == {"value", "key", "duplicate"}


def test_the_error_is_one_page_with_a_line_a_problem():
    with pytest.raises(AgreementFaulty) as caught:
        parse(FRONT, "a.md")
    assert str(caught.value).startswith("the agreement cannot be read:\na.md:1:1: L17: there is no clause; ")


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("# Alone {#a}\nWords.\n", "L17", "has no rule"),
        ("# Silent {#a}\n```rule\ninform: a reason\n```\n", "L17", "says nothing"),
        ("# Chapter\n```rule\ninform: a reason\n```\n", "L17", "a rule but no id"),
        ("# Chapter\nWords.\n", "L17", "belongs to no clause"),
        ("Words.\n", "L17", "belongs to no clause"),
        ("```rule\ninform: a reason\n```\n", "L17", "under no clause"),
        ("# A {#a}\nx\n```rule\n```\n", "L17", "is empty"),
        ("# A {#a}\nx\n```Rule\ninform: a\n```\n", "fence", "has `Rule`"),
        ("# A {#a}\nx\n> ```rule\n> inform: a\n> ```\n", "fence", "inside a list or a quotation"),
        ("# A {#a}\nx\n```rule\ninform: a\n", "fence", "has no end"),
        ("# A {#a}\nx <b\n\n<!-- hidden -->\n\n```rule\ninform: a\n```\n", "markdown", "HTML"),
        ("# A {#a\nx\n", "heading", "not closed"),
        ("# {#a}\nx\n```rule\ninform: a\n```\n", "heading", "no title"),
        ("# A {#a}\nx\n```rule\n- inform\n```\n", "shape", "a map"),
        ("# A {#a}\nx\n```rule\ninform: &x a\n```\n", "yaml", "anchors"),
        ("# A {#a}\nx\n```rule\ninform: *x\n```\n", "yaml", "anchors"),
        ("# A {#a}\nx\n```rule\ninform: !!str a\n```\n", "yaml", "tags"),
        ("# A {#a}\nx\n```rule\ninform: [a\n```\n", "yaml", "not YAML"),
        ("# A {#a}\nx\n```rule\ninform: a\n---\ninform: b\n```\n", "yaml", "second"),
        ("# A {#a}\nx\n```rule\ninform:\n```\n", "value", "missing"),
        ("# A {#a}\nx\n```rule\ninfrom: a\n```\n", "key", "begins no rule"),
        ("# A {#a}\nx\n```rule\nof: a\nuse: b\n```\n", "key", "begins no rule"),
        ("# A {#a}\nx\n```rule\ninform: a\n? [b]\n: c\n```\n", "shape", "a key is a word"),
        ("# A {#a}\nx \u202e y\n```rule\ninform: a\n```\n", "character", "direction"),
        ("# A {#a}\nx\n```rule\nstore: []\n```\n", "value", "empty"),
        ("# A {#a}\nx\n```rule\nstore: [SG, SG]\n```\n", "duplicate", "twice"),
        ("# A {#a}\nx\n```rule\nstore: {SG: 1}\n```\n", "value", "single value"),
        ("# A {#a}\nx\n```rule\nstore: " + "[" * 20 + "SG" + "]" * 20 + "\n```\n", "yaml", "deep"),
    ],
)
def test_a_text_that_is_not_an_agreement_is_refused(text, code, says):
    found = faults(FRONT + text)
    assert any(f.code == code and says in f.sentence for f in found), [str(f) for f in found]


@pytest.mark.parametrize("text", ["", "# A {#a}\n", "---\nagreement: x\n", "---\n---\n", "---\n[\n---\n"])
def test_front_matter_is_needed(text):
    assert faults(text)


def test_a_long_text_is_refused():
    assert only("x" * (LONGEST + 1)).code == "size"


def test_places_are_true_inside_an_indented_fence():
    text = FRONT + "# A {#a}\nx\n\n  ```rule\n  inform: a\n  more: b\n  ```\n"
    fault = only(text)
    assert text.split("\n")[fault.line - 1][fault.column - 1 :] == "more: b"


@pytest.mark.parametrize(
    ("field", "says"),
    [
        ("{type: boolean, find: exact}", "too few values"),
        ("{type: longtext, find: exact}", "too few values"),
        ("{type: choice}", "no choices"),
        ("{type: text, choices: [a]}", "takes no choices"),
    ],
)
def test_a_field_that_makes_no_sense_is_refused(field, says):
    assert (
        says in only(agreement(COLLECT.replace("{email: email}", "{x: " + field + "}"), USE, KEEP)).sentence
    )


def test_a_word_cannot_be_both_a_field_and_a_category():
    other = COLLECT.replace("collect: account", "collect: account.email")
    assert "a category elsewhere" in only(agreement(COLLECT, other, USE, KEEP)).sentence


def test_a_rule_that_is_no_yaml_does_not_make_other_words_unknown():
    assert {f.code for f in faults(agreement(COLLECT + "\nbad: [", USE, KEEP))} == {"yaml"}


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="#`-:[]{}&*!|> \n\tabr01\"'ule", max_size=200))
def test_any_text_is_read_or_refused_and_nothing_else(text):
    for whole in (text, FRONT + text, FRONT + "# A {#a}\nx\n```rule\n" + text + "\n```\n"):
        with suppress(AgreementFaulty):
            parse(whole)
            continue
        problems = faults(whole)
        assert problems
        last = whole.count("\n") + 2
        assert all(1 <= f.line <= last and f.column >= 1 and f.fix for f in problems)
