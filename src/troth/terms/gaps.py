"""What an agreement leaves open: data without retention, purpose, recipient or a way out (L3 to L9, L12).

Every lint yields findings at the rule that lacks something, and names one way to mend it.
"""

from collections.abc import Iterator

from troth.terms.agreement import (
    Collect,
    Disclose,
    FieldSpec,
    Finding,
    Keep,
    RightRule,
    Store,
    Target,
    Transfer,
    Use,
)
from troth.terms.contradictions import Stated, finding, named
from troth.terms.lattice import within, words
from troth.terms.universe import Universe
from troth.terms.vocabulary import Basis, Period, RightName, above, covers

_LONGEST = Period(months=150 * 12)  # longer than anyone lives


def fields_agree(rules: list[Stated]) -> Iterator[Finding]:
    """Yield L3 for a field that two clauses define differently."""
    first: dict[str, tuple[Stated, FieldSpec]] = {}
    for at in rules:
        for spec in at.rule.fields if isinstance(at.rule, Collect) else ():
            word = f"{at.rule.category}.{spec.name}" if isinstance(at.rule, Collect) else ""
            there, known = first.setdefault(word, (at, spec))
            if (known.type, known.find, known.choices) != (spec.type, spec.find, spec.choices):
                sentence = (
                    f"`{word}` is {spec.type} here and {known.type}, or found otherwise, in {named(there)}"
                )
                yield finding("L3", at, sentence, "give it one type, find and choices in both", there)


def retention(rules: list[Stated]) -> Iterator[Finding]:
    """Yield L4 where the retention of a category is missing or twofold, L6 where it has no end."""
    classes: dict[str, Stated] = {}
    homes: dict[str, Stated] = {}
    for at in rules:
        if not isinstance(at.rule, Keep):
            continue
        keep = at.rule
        twin = classes.setdefault(keep.name, at)
        if twin is not at and twin.rule != keep:
            sentence = f"the class `{keep.name}` is set already in {named(twin)}"
            yield finding("L4", at, sentence, "keep one of them", twin)
        for category in keep.of:
            there = homes.setdefault(category, at)
            if there is not at and there.rule != keep:
                sentence = f"`{category}` is in two classes, here and in {named(there)}"
                yield finding("L4", at, sentence, "leave it in one", there)
        yield from _ends(at, keep)
    for at in rules:
        if isinstance(at.rule, Collect):
            yield from _kept(at, at.rule, classes, homes)


def _ends(at: Stated, keep: Keep) -> Iterator[Finding]:
    if keep.event and keep.maximum is None:
        yield finding(
            "L6",
            at,
            f"`{keep.name}` waits for `{keep.event}`, which may never come",
            "add `at_most` with a period from collection",
        )
    elif keep.event and keep.maximum and keep.maximum.roughly() < keep.period.roughly():
        sentence = f"`{keep.name}` runs {keep.period} after `{keep.event}`, beyond its maximum {keep.maximum}"
        yield finding("L6", at, sentence, "raise `at_most` or shorten `for`")
    elif keep.maximum and not keep.event:
        yield finding(
            "L6",
            at,
            f"`{keep.name}` has a maximum but no event before it",
            "add `from` with the event, or remove `at_most`",
        )
    elif not keep.event and keep.period == Period():
        yield finding("L6", at, f"`{keep.name}` is kept for no time at all", "give a period such as `P30D`")
    for period in dict.fromkeys((keep.period, keep.maximum, *(longer.period for longer in keep.longer))):
        if period and period.roughly() > _LONGEST.roughly():
            sentence = f"`{keep.name}` names {period}, which outlasts everyone and is no end"
            yield finding("L6", at, sentence, f"give a period of at most `{_LONGEST}`")


def _kept(
    at: Stated, collect: Collect, classes: dict[str, Stated], homes: dict[str, Stated]
) -> Iterator[Finding]:
    nearest = next((homes[word] for word in above(collect.category) if word in homes), None)
    if nearest is None:
        yield finding("L4", at, f"no `keep` rule names `{collect.category}`",
                      f"add it to the `of` of `{collect.keep}`", classes.get(collect.keep))  # fmt: skip
    elif isinstance(nearest.rule, Keep) and nearest.rule.name != collect.keep:
        other = f"as `{nearest.rule.name}` in {named(nearest)}"
        sentence = f"`{collect.category}` is kept as `{collect.keep}` here and {other}"
        yield finding("L4", at, sentence, "name the same class in both", nearest)
    if any(spec.special for spec in collect.fields) and not collect.special_condition:
        sentence = f"`{collect.category}` holds a special category, and nothing says why that is lawful"
        yield finding("L4", at, sentence, "add `special_condition` (GDPR Art. 9(2))")


def unused(rules: list[Stated], universe: Universe) -> Iterator[Finding]:
    """Yield L5 (warning) for fields that are collected and that no purpose reads."""
    read: set[str] = set()
    for at in rules:
        if isinstance(at.rule, Use):
            read |= universe.fields.reach(at.rule.of)
        elif isinstance(at.rule, Disclose):
            read |= {name for _, of in at.rule.of for name in universe.fields.reach(of)}
    for at in rules:
        if isinstance(at.rule, Collect):
            idle = [spec.name for spec in at.rule.fields if f"{at.rule.category}.{spec.name}" not in read]
            if idle:
                shown = ", ".join(f"`{name}`" for name in idle)
                yield finding("L5", at, f"no purpose reads {shown} of `{at.rule.category}`",
                              "stop collecting it, or name it in a `use`", level="warning")  # fmt: skip


def purposes(rules: list[Stated], universe: Universe) -> Iterator[Finding]:
    """Yield L8 where data serves a purpose its collection never named; a warning where data is `*`."""
    taken: dict[str, set[str]] = {}
    for at in rules:
        for spec in at.rule.fields if isinstance(at.rule, Collect) else ():
            if isinstance(at.rule, Collect):
                taken.setdefault(f"{at.rule.category}.{spec.name}", set()).update(at.rule.purposes)
    for at in rules:
        if isinstance(at.rule, Use):
            yield from _beyond(at, at.rule.of, (at.rule.purpose,), taken, universe)
            if any(str(target) == "*" for target in at.rule.of):
                yield finding(
                    "L8",
                    at,
                    f"`{at.rule.purpose}` reads everything",
                    "name the categories it reads",
                    level="warning",
                )
        elif isinstance(at.rule, Disclose):
            of = tuple(dict.fromkeys(target for _, targets in at.rule.of for target in targets))
            yield from _beyond(at, of, at.rule.purposes, taken, universe)


def _beyond(
    at: Stated, of: tuple[Target, ...], aims: tuple[str, ...], taken: dict[str, set[str]], universe: Universe
) -> Iterator[Finding]:
    for target in of:
        for aim in aims:
            stray = sorted(f for f in universe.fields.reach((target,)) if not taken[f] & set(above(aim)))
            if stray:
                shown = str(target) if len(stray) > 3 else ", ".join(stray)
                sentence = f"`{shown}` serves `{aim}` here, and no clause collects it for that"
                fix = f"add `{aim}` to `for` where it is collected, or leave the data out here"
                yield finding("L8", at, sentence, fix)


def consents(rules: list[Stated]) -> Iterator[Finding]:
    """Yield L9 where consent cannot be withdrawn, is not asked, or its end leaves a flow running."""
    asked: dict[str, Stated] = {}
    for at in rules:
        rule = at.rule
        if isinstance(rule, Use) and rule.consent:
            asked.setdefault(rule.purpose, at)
        elif isinstance(rule, Collect) and rule.consent:
            asked.setdefault(rule.consent, at)
    rights = [at.rule for at in rules if isinstance(at.rule, RightRule)]
    ways = [words(right.purposes) for right in rights if right.right is RightName.WITHDRAW]
    for purpose, at in asked.items():
        if not any(within((purpose,), way) for way in ways):
            yield finding("L9", at, f"consent to `{purpose}` cannot be withdrawn",
                          f"add `right: withdraw` with `for: {purpose}`")  # fmt: skip
    for at in rules:
        yield from _runs_on(at, asked)
    ends = [words(right.purposes) for right in rights if right.right in (RightName.OBJECT, RightName.OPT_OUT)]
    for at in rules:
        if (
            isinstance(at.rule, Use)
            and at.rule.objection
            and not any(within((at.rule.purpose,), end) for end in ends)
        ):
            yield finding("L9", at, f"`{at.rule.purpose}` ends on objection, and no right lets anyone object",
                          f"add `right: object` with `for: {at.rule.purpose}`")  # fmt: skip


def _runs_on(at: Stated, asked: dict[str, Stated]) -> Iterator[Finding]:
    rule = at.rule
    if isinstance(rule, Use) and not rule.consent:
        if rule.basis is Basis.CONSENT:
            yield finding(
                "L9", at, f"`{rule.purpose}` rests on consent, and nothing asks for it", "add `consent: true`"
            )
        elif rule.purpose in asked:
            there = asked[rule.purpose]
            sentence = f"`{rule.purpose}` goes on here when the consent of {named(there)} is withdrawn"
            yield finding("L9", at, sentence, "add `consent: true`, or give this its own purpose", there)
    elif isinstance(rule, Collect) and rule.basis is Basis.CONSENT and not rule.consent:
        yield finding(
            "L9",
            at,
            f"`{rule.category}` is collected on consent, and nothing asks for it",
            "add `consent: PURPOSE`",
        )
    elif isinstance(rule, Disclose):
        governed = [purpose for purpose in rule.purposes if purpose in asked]
        if rule.basis is Basis.CONSENT and len(governed) < len(rule.purposes):
            yield finding("L9", at, f"`{rule.name}` is given data on consent, and nothing asks for it",
                          "give it for a purpose whose `use` or `collect` asks consent")  # fmt: skip
        elif rule.basis is not Basis.CONSENT and governed:
            there = asked[governed[0]]
            sentence = f"`{rule.name}` goes on receiving data when the consent of {named(there)} is withdrawn"
            yield finding("L9", at, sentence, "set `basis: consent`", there)


def blocked(rules: list[Stated]) -> Iterator[Finding]:
    """Yield L12 for a recipient in a place that nothing may be moved to."""
    stores = [str(place) for at in rules if isinstance(at.rule, Store) for place in at.rule.places]
    ways = [at.rule for at in rules if isinstance(at.rule, Transfer)]
    if not stores:
        return
    for at in rules:
        if not isinstance(at.rule, Disclose):
            continue
        gets = dict(at.rule.of)
        for party in at.rule.parties:
            near = any(party.place.split(".")[0] == store.split(".")[0] for store in stores)
            lands = [way for way in ways if covers(way.destination, party.place)]
            reach = {word for way in lands for word in words(way.of)}
            cut = [t for t in words(gets.get(party.name, ())) if not near and not within((t,), reach)]
            if cut:
                shown = ", ".join(f"`{word}`" for word in cut[:3])
                sentence = f"{shown} can never reach `{at.rule.name}.{party.name}`: nothing moves it there"
                fix = f"add `transfer` to {party.place} with its safeguard, or leave the data out"
                yield finding("L12", at, sentence, fix)


def once(rules: list[Stated]) -> Iterator[Finding]:
    """Yield L12 where a second rule would never be reached, or a hold never placed."""
    taken: dict[tuple[str, str], Stated] = {}
    for at in rules:
        if isinstance(at.rule, Collect):
            for when in at.rule.circumstances:
                there = taken.setdefault((at.rule.category, when), at)
                if there is not at and there.rule != at.rule:
                    sentence = f"`{at.rule.category}` is taken in at `{when}` already, in {named(there)}"
                    yield finding("L12", at, sentence, "put the fields into one rule", there)
        elif isinstance(at.rule, Keep):
            reasons = [longer.why for longer in at.rule.longer]
            for why in sorted({why for why in reasons if reasons.count(why) > 1}):
                sentence = f"`{at.rule.name}` is kept longer for `{why}` twice"
                yield finding("L12", at, sentence, "say it once, with all its data and one period")
            if at.rule.holds and not (at.rule.held_by.roles or at.rule.held_by.programs):
                sentence = f"nobody may place the holds of `{at.rule.name}`"
                yield finding("L12", at, sentence, "add `held_by` with the roles that may")
