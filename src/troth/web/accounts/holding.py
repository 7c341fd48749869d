"""What an account has: its identifiers, as signing in reads them, which of them count, and their masks."""

from functools import partial

from troth.acts import use
from troth.custody.knowing import Known, know
from troth.custody.labels import label
from troth.errors import Absent, Denied
from troth.rules.decision import program
from troth.terms.kinds import KINDS
from troth.web.accounts.entering import Identifier, identifiers, rule_of
from troth.web.hall import Hall


async def identifiers_of(hall: Hall, subject: int) -> tuple[Identifier, ...]:
    """Return the identifiers that somebody has; read for signing in, and remembered as that."""
    rule = rule_of(hall)
    names = [spec.name for spec in identifiers(hall)]
    job = use.reading(
        by=program(rule.program), about=subject, category=rule.identifiers, fields=names, purpose=rule.purpose
    )
    try:
        handed = await hall.teller.ask_soon(job)
    except (Absent, Denied):
        return ()
    values = {name: str(v.reveal()) for held in handed.records for name, v in held.values.items()}
    return tuple(Identifier(spec, values[spec.name]) for spec in identifiers(hall) if spec.name in values)


async def proven_of(hall: Hall, subject: int) -> tuple[Identifier, ...]:
    """Return the identifiers of somebody that they proved by a code."""
    rule, known = rule_of(hall), await _known(hall, subject)
    return tuple(
        each
        for each in await identifiers_of(hall, subject)
        if label(rule.identifiers, each.spec.name) in known.standing.proven
    )


async def counts(hall: Hall, subject: int, identifier: Identifier) -> bool:
    """Whether a code sent to an identifier lets whoever types it in into the account that holds it.

    One that was never proven, such as one that a program brought along, does so for the first who comes.
    Once somebody was let in, they alone may prove it: else the owner of an address that somebody had put
    into their own account would go on there, before their eyes.
    """
    rule, known = rule_of(hall), await _known(hall, subject)
    proven = known.standing.proven
    if identifier not in await identifiers_of(hall, subject):  # it stands in an older record alone
        return False
    if label(rule.identifiers, identifier.spec.name) in proven:
        return True
    entered = {rule.credentials, rule.sessions}
    return not any(label(rule.identifiers, spec.name) in proven for spec in identifiers(hall)) and not any(
        held.category in entered for held in known.held
    )


async def _known(hall: Hall, subject: int) -> Known:
    return await hall.teller.alone_soon(partial(know, subject=subject))


def masked(identifier: Identifier) -> str:
    """Return an identifier as it is shown before its owner confirmed that it is them."""
    return KINDS[identifier.spec.type].mask(identifier.value)
