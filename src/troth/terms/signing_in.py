"""What a `sign_in` rule needs of the rest of its agreement to be carried out (L13)."""

from collections.abc import Iterator, Mapping

from troth.terms.agreement import Collect, Finding, SignIn, Use
from troth.terms.contradictions import Stated, finding, named
from troth.terms.universe import Universe
from troth.terms.vocabulary import covers

CREDENTIALS: Mapping[str, tuple[str, str | None]] = {  # field -> its type, and how it is found
    "kind": ("choice", None),
    "key": ("uid", "exact"),
    "label": ("text", None),
    "secret": ("secret", None),
}
SESSIONS: Mapping[str, tuple[str, str | None]] = {
    "key": ("uid", "exact"),
    "started": ("time", None),
    "method": ("text", None),
    "browser": ("useragent", None),
    "address": ("ip", None),
}
MESSAGES: Mapping[str, tuple[str, str | None]] = {"subject": ("text", None), "text": ("longtext", None)}
ACTIVITY: Mapping[str, tuple[str, str | None]] = {
    "time": ("time", None),
    "action": ("choice", None),
    "succeeded": ("boolean", None),
}
USAGE: Mapping[str, tuple[str, str | None]] = {"time": ("time", None), "page": ("url", None)}
TOLD: Mapping[str, tuple[str, str | None]] = {  # of a page that was opened, where a clause takes it
    "browser": ("useragent", None),
    "language": ("language", None),
    "came_from": ("url", None),
}
CHOICES: Mapping[str, tuple[str, ...]] = {
    "kind": ("passkey", "password", "totp", "recovery"),
    "action": ("sign_in", "sign_out", "settings"),
}


def signing_in(rules: list[Stated], universe: Universe) -> Iterator[Finding]:
    """Yield L13 where members could not sign in as their clause says."""
    mine = [at for at in rules if isinstance(at.rule, SignIn)]
    for at in mine[1:]:
        sentence = f"members sign in as {named(mine[0])} says already"
        yield finding("L13", at, sentence, "keep one of the two rules", mine[0])
    for at in mine:
        rule = at.rule
        if not isinstance(rule, SignIn):
            continue
        shapes = {rule.credentials: CREDENTIALS, rule.sessions: SESSIONS}
        optional = ((rule.messages, MESSAGES), (rule.activity, ACTIVITY), (rule.usage, USAGE))
        shapes |= {category: shape for category, shape in optional if category}
        for category, shape in shapes.items():
            yield from _shaped(at, category, shape, universe)
        told = {name: shape for name, shape in TOLD.items() if f"{rule.usage}.{name}" in universe.specs}
        yield from _shaped(at, rule.usage or "", told, universe)
        specs = [spec for word, spec in universe.specs.items() if word.rpartition(".")[0] == rule.identifiers]
        if not any(spec.find == "unique" for spec in specs):
            sentence = f"no field of `{rule.identifiers}` is `find: unique`, so nothing names a member"
            yield finding("L13", at, sentence, "set `find: unique` on one of its fields")
        yield from _by_the_program(at, rule, rules, universe)


def _shaped(
    at: Stated, category: str, shape: Mapping[str, tuple[str, str | None]], universe: Universe
) -> Iterator[Finding]:
    for name, (kind, find) in shape.items():
        spec = universe.specs.get(f"{category}.{name}")
        if spec is None or (spec.type, spec.find) != (kind, find):
            wanted = f"`{name}: {{type: {kind}{f', find: {find}' if find else ''}}}`"
            sentence = f"`{category}` has no field {wanted}, which signing in needs"
            yield finding("L13", at, sentence, f"collect {wanted} in `{category}`")
        elif not set(CHOICES.get(name, ())) <= set(spec.choices):
            sentence = f"`{category}.{name}` lacks one of the choices that signing in needs"
            yield finding("L13", at, sentence, f"set `choices: [{', '.join(CHOICES[name])}]`")


def _by_the_program(at: Stated, rule: SignIn, rules: list[Stated], universe: Universe) -> Iterator[Finding]:
    """Yield L13 unless the program may take in, and read for the purpose, what signing in needs."""
    kept = (rule.identifiers, rule.credentials, rule.sessions, rule.messages, rule.activity, rule.usage)
    for category in filter(None, kept):
        takers = [o.rule for o in rules if isinstance(o.rule, Collect) and o.rule.category == category]
        if category == rule.usage:
            if not any(taker.by.programs for taker in takers):
                sentence = f"no program may take in `{category}`"
                yield finding("L13", at, sentence, "name one in `by` where that is collected")
        elif not any(rule.program in taker.by.programs for taker in takers):
            sentence = f"the program `{rule.program}` may not take in `{category}`"
            yield finding("L13", at, sentence, "name it in `by` where that is collected")
    for category in (rule.identifiers, rule.credentials, rule.sessions):
        wanted = {word for word in universe.specs if word.rpartition(".")[0] == category}
        readable = set[str]()
        for other in rules:
            use = other.rule
            if (
                isinstance(use, Use)
                and covers(use.purpose, rule.purpose)
                and rule.program in use.by.programs
                and not (use.consent or use.objection or use.needs or use.leaves != "rows")
            ):
                readable |= universe.fields.reach(use.of)
        if not wanted <= readable:
            sentence = f"the program `{rule.program}` may not read `{category}` for `{rule.purpose}`"
            yield finding(
                "L13", at, sentence, "add a `use` of that purpose, by that program, with no conditions"
            )
