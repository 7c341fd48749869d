"""Promises above what the engine can do, and names that hide what they hold (L13 to L16, L19)."""

from collections.abc import Iterator, Mapping

from troth.terms.agreement import Collect, Contact, FieldSpec, Finding, Keep, Never, Protect, RightRule, Use
from troth.terms.contradictions import Flow, Stated, finding, named
from troth.terms.lattice import within
from troth.terms.universe import Universe
from troth.terms.vocabulary import Period, RightName

# How each right can be performed. Ending a consent or promotions must be as easy as it began (Art. 7(3)).
PERFORMABLE: Mapping[RightName, frozenset[str]] = {
    RightName.ACCESS: frozenset({"self", "review"}),
    RightName.CORRECT: frozenset({"self", "review"}),
    RightName.ERASE: frozenset({"self", "review"}),
    RightName.RESTRICT: frozenset({"self", "review"}),
    RightName.PORT: frozenset({"self", "review"}),
    RightName.OBJECT: frozenset({"self", "review"}),
    RightName.OPT_OUT: frozenset({"self"}),
    RightName.WITHDRAW: frozenset({"self"}),
    RightName.COMPLAIN: frozenset({"self", "review"}),
    RightName.LEAVE: frozenset({"self", "review"}),
}
SOONEST = Period(seconds=3600)  # what the sweep can promise from unreadable to physically gone
COUNTABLE = frozenset(
    {"choice", "gender", "country", "language", "integer", "boolean", "money", "date", "time"}
)
LEAST_GROUP = 10  # people: a total of fewer is about them
AGGREGATE_MEASURES = ("epsilon", "unit", "threshold")

# What a value of one type tells about others: birth and gender stand in many national numbers.
_BIRTH = "BE BG CN CU CZ DK EE FI HR IL IS IT KR LT LV MD MX MY NO PL RO SE SI SK UA ZA"
_GENDER = "BE BG CN CU CZ DK EE ES FI FR HR IT KR LT MD MX NO PL RO SE SI SK ZA"
_BORN_IN, _GENDER_IN = frozenset(_BIRTH.split()), frozenset(_GENDER.split())
TELLS: Mapping[str, frozenset[str]] = {
    "ip": frozenset({"country"}),
    "phone": frozenset({"country"}),
    "iban": frozenset({"country", "account_number"}),
    "id_number": frozenset({"country", "date", "gender"}),
    "picture": frozenset({"gender"}),
    "name": frozenset({"gender"}),
}
_LIKE = {
    "email": "email", "mail": "email", "phone": "phone", "mobile": "phone", "tel": "phone", "name": "name",
    "surname": "name", "firstname": "name", "lastname": "name", "gender": "gender", "sex": "gender",
    "birth": "date", "birthday": "date", "birthdate": "date", "dob": "date", "born": "date",
    "iban": "iban", "ip": "ip",
    "country": "country", "passport": "id_number", "ssn": "id_number",
}  # fmt: skip
_UNTYPED = frozenset({"text", "longtext", "reference", "uid"})


def rights(rules: list[Stated]) -> Iterator[Finding]:
    """Yield L13 for rights that the engine cannot perform as they are written."""
    uses = [at.rule for at in rules if isinstance(at.rule, Use)]
    contact = any(isinstance(at.rule, Contact) and at.rule.authority for at in rules)
    asked = {use.purpose for use in uses if use.consent}
    asked |= {at.rule.consent for at in rules if isinstance(at.rule, Collect) and at.rule.consent}
    ended = asked | {use.purpose for use in uses if use.objection}
    for at in rules:
        right = at.rule
        if not isinstance(right, RightRule):
            continue
        name = right.right
        if right.how not in PERFORMABLE[name]:
            yield finding(
                "L13", at, f"`{name}` takes effect at once and waits for no review", "set `how: self`"
            )
        elif right.how == "review" and not right.by.roles:
            yield finding(
                "L13", at, f"`{name}` is reviewed, and nobody is named to review it", "add `roles` to `by`"
            )
        if name is RightName.COMPLAIN and not contact:
            yield finding("L13", at, "a complaint has nowhere to go", "add a `contact` rule with `authority`")
        able = {RightName.WITHDRAW: asked, RightName.OBJECT: ended, RightName.OPT_OUT: ended}.get(name)
        if able is None:
            continue
        deaf = [p for p in right.purposes if not any(within((word,), (p,)) for word in able)]
        if deaf or not able:
            shown = ", ".join(f"`{p}`" for p in deaf) or "any purpose"
            need = "`consent: true`" if name is RightName.WITHDRAW else "`objection: true` or `consent: true`"
            yield finding(
                "L13",
                at,
                f"`{name}` would change nothing for {shown}",
                f"set {need} on its `use`, or leave it out",
            )


def bounds(rules: list[Stated], universe: Universe) -> Iterator[Finding]:
    """Yield L14 for erasure promised sooner than the store can do, or of data it cannot anonymise."""
    overall = None
    for at in rules:
        if isinstance(at.rule, Protect):
            said = dict(at.rule.measures).get("gone_within")
            bound = Period.parse(said) if said else None
            if bound:
                overall = (
                    (at, bound) if overall is None or bound.roughly() < overall[1].roughly() else overall
                )
                if bound.roughly() < SOONEST.roughly():
                    yield _too_soon(at, bound)
    for at in rules:
        if not isinstance(at.rule, Keep):
            continue
        keep = at.rule
        if keep.gone_within.roughly() < SOONEST.roughly():
            yield _too_soon(at, keep.gone_within)
        elif overall and keep.gone_within.roughly() > overall[1].roughly():
            there, bound = overall
            sentence = (
                f"`{keep.name}` is gone within {keep.gone_within}, later than the {bound} of {named(there)}"
            )
            yield finding("L14", at, sentence, f"set `gone_within: {bound}`", there)
        if keep.then == "anonymise":
            telling = sorted(
                f for f in universe.fields.reach(keep.of) if universe.specs[f].type not in COUNTABLE
            )
            if telling:
                shown = ", ".join(f"`{name}`" for name in telling[:3])
                sentence = f"{shown} cannot be anonymised: such values name a person by themselves"
                yield finding("L14", at, sentence, "set `then: erase`, or keep it in a class of its own")


def _too_soon(at: Stated, bound: Period) -> Finding:
    return finding("L14", at, f"nothing is gone within {bound}; the store promises {SOONEST} at the soonest",
                   f"set `gone_within: {SOONEST}` or longer")  # fmt: skip


def laundering(rules: list[Stated], universe: Universe, permitted: list[Flow]) -> Iterator[Finding]:
    """Yield L15 where a denied field can be told from a permitted one of the same flow."""
    for at in rules:
        if not isinstance(at.rule, Never):
            continue
        for flow in permitted:
            if flow.act not in at.rule.practices or flow.at.rule is at.rule:
                continue
            whole = (universe.fields.all, *flow.box[1:])
            for denied in universe.denied((whole[0], whole[1], whole[2], whole[3]), at.rule.scope):
                yield from _told(at, flow, denied[0], universe)


def _told(at: Stated, flow: Flow, denied: frozenset[str], universe: Universe) -> Iterator[Finding]:
    scope = at.rule.scope if isinstance(at.rule, Never) else None
    said = {str(target) for target in scope.of} if scope else set()
    for source in sorted(flow.box[0] - denied):
        for hidden in sorted(denied - flow.box[0]):
            near = source.rpartition(".")[0] == hidden.rpartition(".")[0]
            if (near or hidden in said) and _tells(universe.specs[source], universe.specs[hidden], near=near):
                sentence = f"`{hidden}`, which {named(at)} denies, can be told from `{source}`"
                fix = f"leave `{source}` out here, or deny it as well"
                yield finding("L15", flow.at, sentence, fix, at)


def _tells(source: FieldSpec, hidden: FieldSpec, *, near: bool) -> bool:
    """Whether a value of `source` tells one of `hidden`; `near`: both are of one category."""
    if hidden.type not in TELLS.get(source.type, ()):
        return False
    if source.type == "id_number" and hidden.type != "country":
        known = _BORN_IN if hidden.type == "date" else _GENDER_IN
        return near and (not source.countries or not known.isdisjoint(source.countries))
    return True


def aggregates(rules: list[Stated]) -> Iterator[Finding]:
    """Yield L16 (warning) for aggregates whose privacy nobody measured."""
    said = {name for at in rules if isinstance(at.rule, Protect) for name, _ in at.rule.measures}
    lacking = [name for name in AGGREGATE_MEASURES if name not in said]
    for at in rules:
        if isinstance(at.rule, Use) and at.rule.leaves == "aggregates" and lacking:
            shown = ", ".join(f"`{name}`" for name in lacking)
            sentence = f"`{at.rule.purpose}` gives out aggregates, and no clause says their {shown}"
            yield finding("L16", at, sentence, "add them to a `protect` rule", level="warning")


def remaining(rules: list[Stated], universe: Universe) -> Iterator[Finding]:
    """Yield L14 where what remains would be of too few people, and L16 (warning) where nobody reads it."""
    said = [
        (at, int(value))
        for at in rules
        if isinstance(at.rule, Protect)
        for name, value in at.rule.measures
        if name == "threshold"
    ]
    largest = max(said, key=lambda pair: pair[1], default=None)
    read = [
        universe.fields.reach(at.rule.of)
        for at in rules
        if isinstance(at.rule, Use) and at.rule.leaves == "aggregates"
    ]
    for at in rules:
        if not isinstance(at.rule, Keep) or at.rule.then != "anonymise":
            continue
        if largest and largest[1] < LEAST_GROUP:
            there, least = largest
            sentence = f"a total of {least} people is no anonymous one, which {named(there)} calls enough"
            yield finding("L14", at, sentence, f"set `threshold: {LEAST_GROUP}` or more", there)
        if all(universe.fields.reach(at.rule.of).isdisjoint(some) for some in read):
            sentence = f"nothing of `{at.rule.name}` is counted: no clause reads totals of it"
            fix = "add a `use` with `leaves: aggregates`, or set `then: erase`"
            yield finding("L16", at, sentence, fix, level="warning")


def names(rules: list[Stated]) -> Iterator[Finding]:
    """Yield L19 (warning) for fields of plain text that are named like something with a type of its own."""
    for at in rules:
        for spec in at.rule.fields if isinstance(at.rule, Collect) else ():
            if spec.type not in _UNTYPED:
                continue
            parts = spec.name.lower().replace("-", "_").split("_")
            if "password" in parts:
                sentence = f"`{spec.name}` looks like a password; passwords are never collected as data"
                yield finding("L19", at, sentence, "remove it; sign-in keeps its own", level="warning")
                continue
            like = next((_LIKE[part] for part in (spec.name.lower(), *parts) if part in _LIKE), None)
            if like:
                sentence = f"`{spec.name}` is plain {spec.type}, and named like {like}"
                fix = f"give it `type: {like}`, so that it is checked and masked"
                yield finding("L19", at, sentence, fix, level="warning")
