"""The JSON Schema and the parser give the same answer, as far as a schema can say it."""

import pytest

from tests.terms.small import BASE, COLLECT, KEEP, USE, agreement
from tests.terms.small import FRONT as HEAD
from tests.terms.test_schema import FRONT, RULE, read
from troth.errors import AgreementFaulty
from troth.terms.parse import parse

LONG = "w" * 60
COLLECTS = {  # what is put in place of a part of the rule
    "when: joining": [
        "when: [joining]",
        "when: true",
        "when: 'true'",
        "when: False",
        "when: 12",
        "when: null",
        "when: Null",
        "when: []",
        "when: [joining, joining]",
        "when: [[joining]]",
        "when: 'a b'",
        "when: a..b",
        "when: '*'",
        f"when: {LONG}",
        f"when: {LONG}w",
        "when: \u00e9",
    ],
    "fields: {email: email}": [
        "fields: {}",
        "fields: {email: {}}",
        "fields: {email: []}",
        "fields: {email: null}",
        "fields: {email: {type: choice}}",
        "fields: {email: choice}",
        "fields: {email: {type: choice, choices: [a, 1]}}",
        "fields: {email: {type: choice, choices: []}}",
        "fields: {email: {type: choice, choices: [true]}}",
        "fields: {email: {type: gender, choices: [a]}}",
        "fields: {email: gender}",
        "fields: {email: {type: email, choices: [a]}}",
        "fields: {email: {type: card-last4, find: exact}}",
        "fields: {email: {type: account-number, find: exact}}",
        "fields: {email: {type: date, find: exact}}",
        "fields: {email: {type: email, find: unique}}",
        "fields: {email: {type: text, limit: 0}}",
        "fields: {email: {type: phone, countries: sg}}",
        "fields: {email: {type: phone, countries: [SG]}}",
        "fields: {email: {type: phone, countries: 12}}",
        "fields: {email: {type: text, words: ' '}}",
        "fields: {email: {type: text, required: 'true'}}",
        "fields: {e.mail: email}",
        f"fields: {{{LONG}: email}}",
        f"fields: {{{LONG}w: email}}",
    ],
    "basis: contract": [
        f"basis: contract\n{more}"
        for more in (
            "minimum_age: '16'",
            "minimum_age: 016",
            "minimum_age: 1_0",
            "minimum_age: \uff11\uff16",
            "minimum-age: 16",
            "minimum_age: 121",
            "notice: 12",
            "notice: 2027-01-01",
            "notice: true",
            "notice: TRUE",
            "notice: 'true'",
            "notice: null",
            "notice: ''",
            "notice: ' '",
            "notice: no",
            "notice: 1e5",
            f"notice: '{'x' * 2000}'",
            f"notice: '{'x' * 2001}'",
            f"notice: ' {'x' * 2000}'",
            'notice: "a\\tb"',
            'notice: "a\\x07b"',
            'notice: "a\\u2028b"',
            'notice: "\\x0ba"',
            'notice: "\\n a"',
            "need: any",
            "need: all",
            "need: email",
            "need: [email]",
            "need: []",
            "need: true",
            "by: subject",
            "by: {}",
            "by: {roles: []}",
            "by: {subject: true}",
            "by: {roles: desk}",
            "by: {roles: [desk, desk]}",
            "by: {roles: [a.b]}",
            f"by: {{roles: [{LONG}w]}}",
            "by: [subject]",
            "source: third-party",
            "special_condition: health-care",
            "special-condition: health_care",
            "opens: 'true'",
        )
    ],
}
KEEPS = [
    "P1Y",
    "P0Y",
    "P999999D",
    "P1000000D",
    "PT999999999S",
    "PT1000000000S",
    "P1W",
    "P1WT1H",
    "P1W1D",
    "P1Y1W",
    "P",
    "PT",
    "P1YT",
    "P01Y",
    "p1y",
    "365",
    "P\uff11Y",
    "P000001D",
    "P0000001D",
    "' P1Y'",
]
FRONTS = {
    "version: 1": [
        "version: '1'",
        "version: 0",
        "version: 1000001",
        "version: 01",
        "version: v1",
        "version: \uff11",
    ],
    "language: en": [
        "language: EN",
        "language: en-GB",
        "language: e",
        "language: eng",
        "language: zh-Hant-TW",
        "language: 12",
        "language: en-",
        "language: no",
    ],
    "title: A small agreement": [
        "title: 12",
        "title: ''",
        "title: true",
        "title: null",
        "title: [a]",
        "title: no",
        f"title: {'t' * 201}",
    ],
    "2027-01-01T00:00:00Z": [
        "2027-01-01",
        "2027-01-01T00:00:00",
        "2027-01-01t00:00:00z",
        "2027-01-01 00:00:00Z",
        "2027-01-01T00:00Z",
        "'2027-01-01T00:00:00Z'",
        "2027-13-01T00:00:00Z",
        "2027-01-32T00:00:00Z",
        "2027-01-01T24:00:00Z",
        "20270101T000000Z",
        "2027-01-01T00:00:00+08:00",
        "2027-01-01T00:00:00.5Z",
        "2027-01-01T00:00:00.1234567Z",
    ],
    "regimes: [eu-gdpr]": [
        "regimes: eu-gdpr",
        "regimes: []",
        "regimes: [a, a]",
        "regimes: 1",
        "regimes: [true]",
    ],
}
PROTECTS = [
    "epsilon: 0.5",
    "epsilon: 1e-9",
    "epsilon: '0.5'",
    "epsilon: -1",
    "epsilon: \uff11",
    "epsilon: true",
    "confidentiality: 2026-1",
    "confidentiality: 2026",
    "confidentiality: true",
    "rate_limit: 10/minute",
    "rate_limit: 10",
    "rate_limit: \uff11/minute",
    "rate-limit: 10/day",
    "rate-limit: 10/hour",
]


def cases():
    """Yield (what is judged, the schema that judges it, the agreement it stands in)."""
    for old, news in COLLECTS.items():
        for new in news:
            block = COLLECT.replace(old, new)
            yield pytest.param(
                block, RULE, agreement(block, USE, KEEP), id=f"collect {new[:60]!a} of {len(new)}"
            )
    for span in KEEPS:
        block = KEEP.replace("P1Y", span)
        yield pytest.param(block, RULE, agreement(COLLECT, USE, block), id=f"keep for {span!a}")
    for measure in PROTECTS:
        block = f"protect: {{{measure}}}"
        yield pytest.param(block, RULE, agreement(*BASE, block), id=f"protect {measure!a}")
    for old, news in FRONTS.items():
        for new in news:
            front = HEAD.replace(old, new)
            text = agreement(*BASE).replace(old, new, 1)
            yield pytest.param(front.split("---\n")[1], FRONT, text, id=f"front {new[:60]!a} of {len(new)}")


@pytest.mark.parametrize(("written", "schema", "text"), list(cases()))
def test_the_schema_accepts_what_the_parser_accepts_and_nothing_else(written, schema, text):
    try:
        parsed = bool(parse(text))
    except AgreementFaulty:
        parsed = False
    assert schema.is_valid(read(written)) == parsed


def test_the_cases_are_of_both_kinds():
    valid = [case.values[1].is_valid(read(case.values[0])) for case in cases()]
    assert min(valid.count(True), valid.count(False)) > 40


def test_a_key_written_in_both_ways_is_not_valid():
    twice = {"rate-limit": "10/day", "rate_limit": "10/day"}
    assert [RULE.is_valid({"protect": dict([pair])}) for pair in twice.items()] == [True, True]
    assert not RULE.is_valid({"protect": twice})
