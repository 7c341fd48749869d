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
KINDS = ("passkey", "password", "totp", "recovery")  # of credentials


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
        if rule.messages:
            shapes[rule.messages] = MESSAGES
        for category, shape in shapes.items():
            yield from _shaped(at, category, shape, universe)
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
        elif name == "kind" and not set(KINDS) <= set(spec.choices):
            sentence = f"`{category}.kind` lacks one of the choices that signing in needs"
            yield finding("L13", at, sentence, f"set `choices: [{', '.join(KINDS)}]`")


def _by_the_program(at: Stated, rule: SignIn, rules: list[Stated], universe: Universe) -> Iterator[Finding]:
    """Yield L13 unless the program may take in, and read for the purpose, what signing in needs."""
    for category in filter(None, (rule.identifiers, rule.credentials, rule.sessions, rule.messages)):
        takers = [o.rule for o in rules if isinstance(o.rule, Collect) and o.rule.category == category]
        if not any(rule.program in taker.by.programs for taker in takers):
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
