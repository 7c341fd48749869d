"""What a disclosure needs before it is decided: contracts in force, and the yes of second persons."""

from dataclasses import replace

from troth import canonical
from troth.canonical import Plain
from troth.custody.desk import About, Desk
from troth.rules.decision import Request
from troth.store import registry
from troth.vault.lookup import token


def consult(desk: Desk, request: Request, about: About) -> None:
    """Load what a disclosure needs to be decided: instruments in force, approvals given by others."""
    asker = desk.house.keyring.actor_pseudonym(request.by.name)
    given = registry.approvals_of(desk.unit, fingerprint(desk, request, about))
    if not desk.facts.instruments:
        desk.facts = replace(desk.facts, instruments=registry.valid_instruments(desk.unit, desk.now))  # type: ignore[arg-type]
    approvals = frozenset((role, name) for role, name in given if name != asker)
    desk.facts = replace(desk.facts, approvals=approvals)  # type: ignore[arg-type]


def fingerprint(desk: Desk, request: Request, about: About) -> bytes:
    """Return 16 keyed bytes that name exactly one request about one person, for approvals."""
    subject = desk.people.get(about, 0)
    named: list[Plain] = ["troth.request", request.act.value, str(subject), request.category]
    named += [request.purpose, request.recipient, request.case, request.reason]
    named += sorted(request.fields)
    return token(desk.house.keyring.index_key("", "approvals", 1), canonical.encode(named))
