"""What a `sign_in` rule needs of its agreement, and what is said when it is lacking."""

import pytest

from tests.houses import MEMBER_TEXT
from troth.terms.agreement import SignIn
from troth.terms.check import check
from troth.terms.parse import parse
from troth.terms.sentences import plain


def told(text):
    """Every L13 of an agreement, as sentences."""
    return [finding.sentence for finding in check(parse(text, "a.md")) if finding.code == "L13"]


def without(*pairs):
    text = MEMBER_TEXT
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


def test_the_shipped_agreement_has_all_that_signing_in_needs():
    assert told(MEMBER_TEXT) == []


def test_activity_and_usage_are_left_out_where_a_clause_wants_neither():
    assert told(without(("activity: activity\n", ""), ("usage: usage\n", ""))) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("choices: [sign_in, sign_out, settings, order]", "choices: [order]", "`activity.action` lacks"),
        ("  succeeded: {type: boolean", "  succeeded: {type: text", "`succeeded: {type: boolean}`"),
        ("  page: {type: url", "  page: {type: text", "`page: {type: url}`"),
        ("  came_from: {type: url", "  came_from: {type: text", "`came_from: {type: url}`"),
        ("  language: {type: language", "  language: {type: text", "`language: {type: language}`"),
        ("by: {programs: [portal, exchange]}\n```\n\n## 1.13", "by: {programs: [exchange]}\n```\n\n## 1.13",
         "may not take in `activity`"),
        ("by: {programs: [usage-script]}", "by: {roles: [engineer]}", "no program may take in `usage`"),
    ],
)  # fmt: skip
def test_what_cannot_be_noted_as_it_is_promised_is_an_error(old, new, said):
    assert any(said in sentence for sentence in told(without((old, new))))


def test_a_page_may_be_noted_without_what_a_browser_need_not_tell():
    assert told(without(("  came_from: {type: url, words: the page you came from}\n", ""))) == []


def test_the_sentence_of_the_rule_says_what_is_noted():
    rule = next(rule for _, rule in parse(MEMBER_TEXT).rules() if isinstance(rule, SignIn))
    assert (rule.activity, rule.usage) == ("activity", "usage")
    assert "sign-ins are noted as activity and pages that you open as usage" in plain(rule)
