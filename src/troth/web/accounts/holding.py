"""What an account has: its identifiers, as signing in reads them, and their masks."""

from troth.acts import use
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


def masked(identifier: Identifier) -> str:
    """Return an identifier as it is shown before its owner confirmed that it is them."""
    return KINDS[identifier.spec.type].mask(identifier.value)
