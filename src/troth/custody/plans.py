"""How one kind of collection is carried out: its checks, its parts and its indexes, worked out once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from os import urandom
from typing import Any

from troth.clock import Instant
from troth.errors import BadValue, EmptyNeedle, NotNormal
from troth.house import House
from troth.rules.decision import Reason, Why
from troth.rules.record import Origin
from troth.rules.rulebook import Intake, Part
from troth.terms.agreement import FieldSpec
from troth.terms.kinds import KINDS, Accepts
from troth.terms.vocabulary import Category, Circumstance, FieldName
from troth.vault.lookup import IndexKey, normalise, token

MOST_PARTS = 256  # of one record, as the last byte of its ids counts them
STORED_APART = frozenset({"picture", "file"})
_ONE_LINE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


@dataclass(frozen=True, slots=True)
class Plan:
    """One intake made ready: what checks each field, what finds it, how its parts are filed."""

    intake: Intake
    accepts: Mapping[FieldName, tuple[Accepts, FieldSpec]]
    finds: tuple[tuple[FieldName, IndexKey, str, bool], ...]  # field, key, normalisation, unique
    parts: tuple[tuple[Part, Origin], ...]
    whole: bool  # every value is short: none is stored apart


def plan_of(house: House, category: Category, circumstance: Circumstance) -> Plan:
    """Return the plan of an intake that a Permit was given for."""
    key = (category, circumstance)
    found = house.plans.get(key)
    if found is None:
        found = house.plans[key] = _planned(house, house.book.intakes[key])
    return found


def _planned(house: House, intake: Intake) -> Plan:
    rule, version = intake.rule, house.book.agreement.version
    circumstance = rule.circumstances[0] if len(rule.circumstances) == 1 else Circumstance("")
    return Plan(
        intake,
        {name: (KINDS[spec.type].accepts, spec) for name, spec in intake.specs.items()},
        tuple(
            (
                name,
                house.keyring.index_key(rule.category, name, 1),
                KINDS[spec.type].index or "exact",
                spec.find == "unique",
            )
            for name, spec in intake.specs.items()
            if spec.find
        ),
        tuple(
            (
                part,
                Origin(
                    rule.category, circumstance, intake.clause, version, part.kept, part.fields, part.only_for
                ),
            )
            for part in intake.parts
        ),
        not any(spec.type in STORED_APART for spec in intake.specs.values()),
    )


def cleaned(
    plan: Plan, values: Mapping[FieldName, Any], *, needed: bool = True
) -> tuple[dict[FieldName, Any], list[Reason]]:
    """Return the values in canonical form, and a reason for every one that cannot be taken."""
    clean: dict[FieldName, Any] = {}
    reasons: list[Reason] = []
    at = (plan.intake.clause,)
    for name, value in values.items():
        accepts, spec = plan.accepts[name]
        try:
            clean[name] = value if spec.type in STORED_APART else accepts(value, spec)
        except BadValue:
            reasons.append(Reason(Why.MALFORMED, at, name))
    if needed:
        reasons += [Reason(Why.FIELD_MISSING, at, name) for name in plan.intake.needed if name not in values]
        if plan.intake.any and not values:
            reasons.append(Reason(Why.FIELD_MISSING, at, next(iter(plan.intake.specs))))
    return clean, reasons


def misfits(house: House, category: Category, values: Mapping[str, Any]) -> tuple[Reason, ...]:
    """Return why values could be none of a category's, however it is collected, whatever is held."""
    intakes = [(each, when) for each, when in house.book.intakes if each == category]
    plans = [plan_of(house, each, when) for each, when in intakes]
    found = list[Reason]()
    for name, value in values.items():
        one = {FieldName(name): value}
        some = [cleaned(plan, one, needed=False)[1] for plan in plans if name in plan.accepts]
        if not some:
            found.append(Reason(Why.FIELD_NOT_COVERED, (), name))
        elif all(some):
            found.append(some[0][0])
    return tuple(found)


def tokens_of(plan: Plan, clean: Mapping[FieldName, Any]) -> list[tuple[FieldName, bytes, bool]]:
    """Return (field, blind token, unique) for every value by which a record may be found."""
    found = []
    for name, key, kind, unique in plan.finds:
        value = clean.get(name)
        if value is not None:
            try:
                found.append((name, token(key, normalise(kind, value).encode("utf-8")), unique))
            except (EmptyNeedle, NotNormal):
                continue
    return found


def sealed_form(fields: tuple[FieldName, ...], values: Mapping[FieldName, Any]) -> bytes:
    """Return the values of one part as they are sealed: a JSON list in the origin's order."""
    return _ONE_LINE([values.get(name) for name in fields]).encode("utf-8")  # not hashed


def new_records(at: Instant, parts: int) -> list[bytes]:
    """Return the ids of the parts of one record: alike but for their last byte.

    48 bits of milliseconds, 72 random bits (as UUID version 7 orders), 8 bits that count the parts.
    """
    stem = (at // 1000).to_bytes(6, "big") + urandom(9)
    return [stem + bytes((n,)) for n in range(parts)]


def stem_of(record: bytes) -> bytes:
    """Return what the ids of the parts of one record share."""
    return record[:-1]
