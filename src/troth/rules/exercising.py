"""What a clause about a right grants: to exercise it, to demand it, to prove it, to decide it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from troth.rules import channels
from troth.rules.decision import NO_CATEGORY, Act
from troth.rules.rulebook import Grant
from troth.terms.agreement import FieldSpec, RightRule, Target, Use, Who
from troth.terms.vocabulary import Category, ClauseId, FieldName, Purpose, RightName, covers

EVERYTHING = (Target(Category("*")),)
Key = tuple[Act, Category, str]
Fields = Mapping[Category, Mapping[FieldName, FieldSpec]]
_FIELD_RIGHTS = {
    RightName.ACCESS: (Act.ACCESS,),
    RightName.CORRECT: (Act.CORRECT,),
    RightName.ERASE: (Act.ERASE, Act.REMOVE),
    RightName.RESTRICT: (Act.RESTRICT, Act.LIFT),
    RightName.PORT: (Act.PORT,),
}
_SHOWING = frozenset({Act.ACCESS, Act.PORT})
_ANSWERING = frozenset({*_SHOWING, Act.CORRECT})  # what staff do as their task, when a person asked them to


def grants_of(
    clause: ClauseId,
    rule: RightRule,
    fields: Fields,
    covered: Callable[[Iterable[Target], Category], frozenset[FieldName]],
    *,
    uses: list[Use],
    objectable: Collection[Purpose],
    consentable: Collection[Purpose],
    proven: str = "",
) -> Iterator[tuple[Key, Grant]]:
    """Yield what one right of an agreement grants, by act, category and word.

    `covered` gives the fields of a category that targets reach; `objectable` and `consentable` are the
    purposes to which somebody may object, or for which they may consent. `proven` is how sure the agreement
    wants it to be who asks where staff file for them: then staff do nothing of it directly.
    """
    plain = Grant(clause, frozenset(), rule.by, review=rule.how == "review", assurance=rule.assurance)
    sure = replace(plain, proven=proven)
    for act in _FIELD_RIGHTS.get(rule.right, ()):
        yield from _over_fields(act, rule, plain if act in _ANSWERING else sure, fields, covered)
    plain = sure
    yield from _demanded(clause, rule)
    if rule.right is RightName.LEAVE:
        yield (Act.LEAVE, NO_CATEGORY, ""), plain
    yield from channels.stops(rule, plain, uses)
    if rule.right in (RightName.OBJECT, RightName.OPT_OUT):
        yield from _over_purposes(objectable, (Act.OBJECT, Act.YIELD), rule, plain)
    if rule.right in (RightName.WITHDRAW, RightName.OPT_OUT):
        yield from _over_purposes(consentable, (Act.WITHDRAW,), rule, plain)


def _over_fields(
    act: Act,
    rule: RightRule,
    plain: Grant,
    fields: Fields,
    covered: Callable[[Iterable[Target], Category], frozenset[FieldName]],
) -> Iterator[tuple[Key, Grant]]:
    for category, specs in fields.items():
        names = covered(rule.of or EVERYTHING, category)
        if act in _SHOWING:  # what proves who somebody is, is shown to nobody
            names -= {n for n, spec in specs.items() if spec.type == "secret"}
        if names:
            yield (act, category, ""), replace(plain, fields=names)
    if not rule.of or any(target.category == "*" for target in rule.of):
        yield (act, Category("*"), ""), plain
        if act is Act.ERASE:  # who may have everything erased may call it back, with the code alone
            yield (Act.RESTORE, Category("*"), ""), Grant(plain.clause, frozenset(), Who(subject=True))


def _demanded(clause: ClauseId, rule: RightRule) -> Iterator[tuple[Key, Grant]]:
    """Yield who demands a right, takes it back, follows and decides it; who they are, people prove alone.

    What was told with it is read, and what another system will never say that it did is settled, by somebody
    in a role, and by no program.
    """
    deciding, people = Who(rule.by.roles, rule.by.programs), Who(rule.by.roles)
    for act, by in (
        (Act.FILE, rule.by),
        (Act.CANCEL, rule.by),
        (Act.VOUCH, Who(subject=True)),
        (Act.FOLLOW, replace(rule.by, subject=True)),
        *([(Act.DETERMINE, deciding)] if deciding != Who() else []),
        *([(Act.HEAR, people), (Act.SETTLE, people)] if people != Who() else []),
    ):
        yield (act, NO_CATEGORY, rule.right.value), Grant(clause, frozenset(), by)


def _over_purposes(
    governed: Collection[Purpose], acts: tuple[Act, ...], rule: RightRule, grant: Grant
) -> Iterator[tuple[Key, Grant]]:
    for purpose in governed:
        if not rule.purposes or any(covers(p, purpose) for p in rule.purposes):
            for act in acts:
                yield (act, NO_CATEGORY, purpose), grant
