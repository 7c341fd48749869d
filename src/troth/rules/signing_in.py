"""What a `sign_in` rule allows: to prove identifiers, to keep credentials, to end sessions."""

from collections.abc import Iterator, Mapping

from troth.rules.decision import Act
from troth.rules.rulebook import Grant, Rulebook
from troth.terms.agreement import FieldSpec, SignIn, Who
from troth.terms.vocabulary import Category, ClauseId, FieldName, Purpose

PROVABLE = frozenset({"email", "phone"})  # types of which a code proves that a person holds the value
SURELY = "step_up"  # how sure it must be that it is them before what proves it is added or removed

Key = tuple[Act, Category, str]
Fields = Mapping[Category, Mapping[FieldName, FieldSpec]]


def grants_of(clause: ClauseId, rule: SignIn, fields: Fields) -> Iterator[tuple[Key, Grant]]:
    """Yield what the rule allows besides what `collect` and `use` clauses do.

    A member ends a session as easily as it began; a credential goes only when it is surely them.
    """
    program = Who(programs=frozenset({rule.program}))
    both = Who(programs=frozenset({rule.program}), subject=True)
    identifiers = fields.get(rule.identifiers, {})
    provable = frozenset(name for name, spec in identifiers.items() if spec.type in PROVABLE)
    if provable:
        yield (Act.PROVE, rule.identifiers, ""), Grant(clause, provable, program)
    for category, assurance in {rule.sessions: "signed_in", rule.credentials: SURELY}.items():
        if names := frozenset(fields.get(category, ())):
            yield (Act.REMOVE, category, ""), Grant(clause, names, both, assurance=assurance)
    if names := frozenset(fields.get(rule.credentials, ())):
        yield (Act.CORRECT, rule.credentials, ""), Grant(clause, names, program)


def signs_in(book: Rulebook, act: str, program: str, purpose: Purpose) -> bool:
    """Whether a program's act is for signing in: a restriction leaves that alone, or nobody could lift one.

    Deciding asks it of a request, evidence of a line; without a program it is never so.
    """
    if book.sign_in is None:
        return False
    _, rule = book.sign_in
    return act == Act.USE and (program, purpose) == (rule.program, rule.purpose)


def adds_credential(key: Key, rule: SignIn) -> bool:
    """Whether a grant of this key lets something be added that proves who somebody is.

    Whoever came upon an open session must not make a way in of their own: the program that signed them in
    names how sure it is of them, and the clause that collects demands `SURELY`.
    """
    return key[0] is Act.COLLECT and key[1] == rule.credentials
