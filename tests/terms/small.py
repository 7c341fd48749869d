"""Builds small agreements for tests, so that a test shows only what it is about."""

FRONT = """---
agreement: small
title: A small agreement
organisation: {name: Small Club, contact: desk@small.example, place: EEA.NL, regimes: [eu-gdpr]}
version: 1
effective: 2027-01-01T00:00:00Z
language: en
---
"""


def agreement(*rules: str, prose: str = "We keep to this.") -> str:
    """Return an agreement with one clause a rule, `c1`, `c2` and so on."""
    clause = "# Clause {{#c{}}}\n{}\n\n```rule\n{}\n```\n"
    clauses = [clause.format(n, prose, rule.strip()) for n, rule in enumerate(rules, 1)]
    return FRONT + "\n".join(clauses)


COLLECT = (
    "collect: account\nwhen: joining\nfields: {email: email}\nbasis: contract\nfor: service\nkeep: account"
)
USE = "use: service\nof: account\nby: {roles: [desk]}\nbasis: contract"
KEEP = "keep: account\nof: account\nfor: P1Y"
BASE = (COLLECT, USE, KEEP)
