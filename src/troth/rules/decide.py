"""Decide: does the agreement allow this request of this person, now?

Deny by default; a denial beats a permission; every refusal lists all its reasons with their clauses.
A request is allowed when every field it names is; a request that names none asks for all it may have.
"""

from collections.abc import Sequence
from functools import lru_cache

from troth.rules.channels import KEYED, by_channel, is_stopped
from troth.rules.decision import (
    ASSURANCES,
    Act,
    Actor,
    ActorKind,
    Facts,
    Permit,
    Reason,
    Refusal,
    Request,
    Why,
)
from troth.rules.forbidding import prohibiting
from troth.rules.rulebook import NOTHING, Cell, Grant, Rulebook, delivery, passage
from troth.rules.signing_in import signs_in
from troth.rules.standing import Choice, Standing
from troth.terms.agreement import Who
from troth.terms.vocabulary import (
    Category,
    Circumstance,
    ClauseId,
    FieldName,
    Place,
    Purpose,
    Recipient,
    RightName,
    covers,
)

# Names of this module are looked up faster than members of a class, and every decision asks for these.
_USE, _COLLECT, _DISCLOSE, _JOIN, _ACCESS = Act.USE, Act.COLLECT, Act.DISCLOSE, Act.JOIN, Act.ACCESS
_OPEN, _MOVE, _SEND, _COUNT = Act.OPEN, Act.MOVE, Act.SEND, Act.COUNT
_SUBJECT, _STAFF, _PROGRAM = ActorKind.SUBJECT, ActorKind.STAFF, ActorKind.PROGRAM
_TIME = ActorKind.TIME
_GIVEN = Choice.GIVEN

_PURPOSE_KEYED = frozenset(
    {
        Act.USE,
        Act.FIND,
        Act.CONSENT,
        Act.DECLINE,
        Act.WITHDRAW,
        Act.OBJECT,
        Act.YIELD,
        Act.COUNT,
        Act.TALLY,
    }
)
_CIRCUMSTANCE_KEYED = frozenset({Act.COLLECT, Act.JOIN})
_CASE_KEYED = frozenset({Act.OPEN, Act.MOVE})
_RIGHT_KEYED = frozenset({Act.FILE, Act.VOUCH, Act.DETERMINE, Act.CANCEL, Act.HEAR, Act.FOLLOW, Act.SETTLE})
_CLASS_KEYED = frozenset({Act.SHORTEN, Act.LENGTHEN})  # their circumstance is the retention class
_REASON_KEYED = frozenset({Act.HOLD, Act.RELEASE, Act.RETIME})
_SERVING = frozenset({Act.USE, Act.DISCLOSE, Act.SEND, Act.COUNT})
_IN_GRACE = frozenset({Act.USE, Act.FIND, Act.DISCLOSE, Act.HOLD, Act.RELEASE, Act.RESTORE})
CONSENT_LACKS = {
    None: Why.CONSENT_MISSING,
    Choice.REFUSED: Why.CONSENT_REFUSED,
    Choice.WITHDRAWN: Why.CONSENT_WITHDRAWN,
}
_TELLING = ("before", "at_once", "after", "unless_forbidden", "on_change", "record")  # strictest first


def decide(book: Rulebook, request: Request, standing: Standing, facts: Facts) -> Permit | Refusal:
    """Return the Permit of a request, or a Refusal with every reason. Total: it never raises."""
    cell = book.cells.get((request.act, request.category, key_of(request)))
    if cell is not None and not _general(book, request, standing, facts):
        grants = [grant for grant in cell.grants if not _obstacles(grant, request, standing, facts)]
        if grants:
            permit = _permit(cell, request.fields, tuple(grants), _masked(request))
            if permit is not None:
                return permit
    return _refusal(book, request, standing, facts, cell)


def key_of(request: Request) -> str:
    """Return the word under which the agreement files this request."""
    act = request.act
    if act in _PURPOSE_KEYED:
        return request.purpose
    if act is _DISCLOSE:
        return delivery(request.recipient, request.purpose)
    if act in _REASON_KEYED:
        return request.reason
    if act in KEYED:
        return by_channel(request.purpose, request.channel)
    if act is _MOVE:
        return passage(request.circumstance, *request.states)
    named = act in _CIRCUMSTANCE_KEYED or act is _OPEN or act in _RIGHT_KEYED or act in _CLASS_KEYED
    return request.circumstance if named else ""


def _masked(request: Request) -> bool:
    """Whether masked values are enough for a request that shows values."""
    return request.masked and (request.act is _USE or request.act is _ACCESS)


@lru_cache(maxsize=8192)
def _permit(
    cell: Cell,
    wanted: frozenset[FieldName],
    grants: tuple[Grant, ...],
    masked: bool,  # noqa: FBT001 - hot
) -> Permit | None:
    """Return the permit of these grants for the fields wanted, or None when they do not give that.

    It depends on nothing else, so it is worked out once for each question (and kept: 1 µs saved).
    """
    allowed = NOTHING.union(*[g.fields for g in grants]).difference(cell.denied)
    # Acts that concern no field, such as leaving, are allowed with none.
    if not wanted <= allowed or (not allowed and any(g.fields for g in cell.grants)):
        return None
    fields = wanted or allowed
    grants = tuple(g for g in grants if not (fields and g.fields.isdisjoint(fields)))
    clear = NOTHING if masked else NOTHING.union(*[g.fields - g.mask for g in grants])
    cited = dict.fromkeys(c for g in grants for c in (g.clause, *(g.safeguards or ())))
    tell = next((word for word in _TELLING if any(g.tell == word for g in grants)), "")
    return Permit(fields, tuple(cited), fields - clear, tell)


# ---- what stands in the way


def _general(book: Rulebook, request: Request, standing: Standing, facts: Facts) -> list[Reason]:
    """Return what stands in the way whatever the clauses say."""
    act = request.act
    found: list[Reason] = []
    if facts.now < book.agreement.effective:
        found.append(Reason(Why.NOT_IN_FORCE))
    if not request.known and act is not _JOIN:
        found.append(Reason(Why.UNKNOWN_PERSON))
    if act is _COLLECT:
        _place(book, request, standing, facts, found)
    elif (
        standing.restrictions
        and act in _SERVING
        and standing.restricted(request.category)
        and not signs_in(book, act, request.by.name if request.by.kind is _PROGRAM else "", request.purpose)
    ):
        found.append(Reason(Why.RESTRICTED, book.rights.get(RightName.RESTRICT, ()), request.category))
    if standing.stopped and act is _SEND and is_stopped(standing, request.purpose, request.channel):
        stops = book.rights.get(RightName.OPT_OUT, ()) or book.rights.get(RightName.OBJECT, ())
        found.append(Reason(Why.STOPPED, stops, request.channel))
    if standing.grace is not None and act not in _IN_GRACE:
        found.append(Reason(Why.IN_GRACE, book.rights.get(RightName.ERASE, ())))
    if (standing.consents or standing.objections) and request.act in _SERVING:
        _own_choice(book, request.purpose, standing, found)
    return found


def _own_choice(book: Rulebook, purpose: Purpose, standing: Standing, found: list[Reason]) -> None:
    """A no to exactly this purpose stands, whichever clause would allow it: standing narrows."""
    said = next((c.choice for c in standing.consents if c.purpose == purpose), _GIVEN)
    if said is not _GIVEN:
        found.append(Reason(CONSENT_LACKS[said], book.consentable.get(purpose, ()), purpose))
    if purpose in standing.objections:
        found.append(Reason(Why.OBJECTED, book.objectable.get(purpose, ()), purpose))


def _place(book: Rulebook, request: Request, standing: Standing, facts: Facts, found: list[Reason]) -> None:
    place = facts.place
    if book.places and not _stands(place, [word for word, _ in book.places]):
        found.append(Reason(Why.WRONG_PLACE, tuple(dict.fromkeys(c for _, c in book.places)), place))
    if book.home and standing.home and not covers(standing.home, place):
        found.append(Reason(Why.WRONG_PLACE, (book.home,), place))
    for places, clause in book.residency.get(request.category, ()):
        if not _stands(place, places):
            found.append(Reason(Why.WRONG_PLACE, (clause,), place))


def _stands(place: Place, places: Sequence[Place]) -> bool:
    return place in places or any(covers(word, place) for word in places)


def _obstacles(grant: Grant, request: Request, standing: Standing, facts: Facts) -> list[Reason]:
    """Return what one grant demands that is lacking."""
    found = _asked(grant, request)
    if grant.consent is not None:
        choice = standing.choice(grant.consent)
        if choice is not _GIVEN:
            found.append(Reason(CONSENT_LACKS[choice], (grant.clause,), grant.consent))
    if grant.objection is not None and standing.objections:
        for word in (grant.objection, request.purpose):
            if standing.objected(word):
                found.append(Reason(Why.OBJECTED, (grant.clause,), word))
                break
    if grant.aggregates or grant.noise:
        why = Why.ONLY_AGGREGATES if grant.aggregates else Why.NOISE_MISSING
        found.append(Reason(why, (grant.clause,)))
    if "case" in grant.needs and not request.case:
        found.append(Reason(Why.CASE_MISSING, (grant.clause,)))
    if "reason" in grant.needs and not request.reason:
        found.append(Reason(Why.REASON_MISSING, (grant.clause,)))
    if grant.review and request.by.kind is _SUBJECT and not request.reviewed:
        found.append(Reason(Why.NEEDS_REVIEW, (grant.clause,)))
    if grant.assurance and request.by.assurance:
        _surely(grant, request, found)
    if grant.minimum_age is not None and (request.age is None or request.age < grant.minimum_age):
        found.append(Reason(Why.TOO_YOUNG, (grant.clause,)))
    if request.act is _DISCLOSE:
        _disclosing(grant, request, facts, found)
    elif request.act is _MOVE:
        strange = dict.fromkeys(code for code in request.reason.split() if code not in grant.reasons)
        found += [Reason(Why.UNKNOWN_REASON, (grant.clause,), code) for code in strange]
    return found


def _surely(grant: Grant, request: Request, found: list[Reason]) -> None:
    """A program that signed somebody in must be as sure that it is them as the clause demands."""
    needed = ASSURANCES[0] if _masked(request) else grant.assurance
    if ASSURANCES.index(request.by.assurance) < ASSURANCES.index(needed):
        found.append(Reason(Why.ASSURANCE_MISSING, (grant.clause,), needed))


def _asked(grant: Grant, request: Request) -> list[Reason]:
    """Return what is wrong with who asks; staff file what a person wants, who then proves that it is them."""
    by = request.by
    if not is_by(grant.by, by) and not (request.act is _COUNT and by.kind is _TIME):
        return [Reason(Why.NOT_BY, (grant.clause,), _asker(by))]
    if grant.proven and by.kind is _STAFF:
        return [Reason(Why.ASSURANCE_MISSING, (grant.clause,), grant.proven)]
    return []


def _disclosing(grant: Grant, request: Request, facts: Facts, found: list[Reason]) -> None:
    at = (grant.clause,)
    if grant.safeguards is not None:
        if not grant.safeguards:
            found.append(Reason(Why.TRANSFER_MISSING, at, request.recipient))
        elif "safeguard" not in grant.instruments:
            _instrument("safeguard", at, request, facts, found)
    for instrument in grant.instruments:
        _instrument(instrument, at, request, facts, found)
    if grant.approvals:
        approvers = {
            name
            for role, name in facts.approvals
            if (not grant.approvers or role in grant.approvers) and name != request.by.name
        }
        if len(approvers) < grant.approvals:
            found.append(Reason(Why.APPROVAL_MISSING, at, f"{grant.approvals - len(approvers)}"))


def _instrument(
    name: str, at: tuple[ClauseId, ...], request: Request, facts: Facts, found: list[Reason]
) -> None:
    if (request.recipient, name) not in facts.instruments:
        found.append(Reason(Why.INSTRUMENT_MISSING, at, name))


def is_by(allowed: Who, asker: Actor) -> bool:
    """Whether somebody is among those who may."""
    kind = asker.kind
    if kind is _STAFF:
        return asker.role in allowed.roles
    if kind is _PROGRAM:
        return asker.name in allowed.programs
    return allowed.subject and kind is _SUBJECT


def _asker(asker: Actor) -> str:
    """Name the asker without naming a person: the role, the program, or `self`."""
    if asker.kind is _STAFF:
        return f"role {asker.role}"
    return f"program {asker.name}" if asker.kind is _PROGRAM else asker.kind.value


# ---- every reason why not


def _refusal(
    book: Rulebook, request: Request, standing: Standing, facts: Facts, cell: Cell | None
) -> Refusal:
    reasons = _general(book, request, standing, facts)
    if cell is None:
        reasons += _unspoken(book, request)
        return Refusal(tuple(dict.fromkeys(reasons)))
    found = [(grant, _obstacles(grant, request, standing, facts)) for grant in cell.grants]
    grants = tuple(grant for grant, obstacles in found if not obstacles)
    if not grants or _permit(cell, request.fields, grants, _masked(request)) is None:
        spoken = NOTHING.union(*[g.fields for g in cell.grants])
        # Who asks for all that is allowed is not refused for what is denied, unless that is all there is.
        wanted = request.fields or spoken.difference(cell.denied) or spoken
        reasons += _field_reasons(book, request, cell, wanted, spoken)
        lacking = wanted.difference(*[g.fields for g in grants])
        for grant, obstacles in found:
            if not (grant.fields and grant.fields.isdisjoint(lacking)):
                reasons += obstacles
    return Refusal(tuple(dict.fromkeys(reasons)), cell.considered)


def _field_reasons(
    book: Rulebook, request: Request, cell: Cell, wanted: frozenset[FieldName], spoken: frozenset[FieldName]
) -> list[Reason]:
    known = book.fields.get(request.category, {})
    near = tuple(dict.fromkeys(g.clause for g in cell.grants))  # the clauses that name what is covered
    found: list[Reason] = []
    for name in sorted(wanted):
        if name not in known:
            found.append(Reason(Why.UNKNOWN_FIELD, near, name))
        elif name in cell.denied:
            found.append(Reason(Why.DENIED, cell.denied[name], name))
        elif name not in spoken:
            found.append(Reason(Why.FIELD_NOT_COVERED, near, name))
    return found


def _unspoken(book: Rulebook, request: Request) -> list[Reason]:
    """Return the reasons of a request that no clause speaks of."""
    found: list[Reason] = []
    act = request.act
    known = book.fields.get(request.category, {})
    party = book.recipients.get(request.recipient)
    nevers = book.nevers.get((act, request.category if known else Category("")), ())
    names = request.fields or known
    against = prohibiting(nevers, request.category, sorted(names), request.purpose, party)
    if request.category not in ("", "*") and request.category not in book.fields:
        found.append(Reason(Why.UNKNOWN_CATEGORY, against, request.category))
    if known:
        found += [Reason(Why.UNKNOWN_FIELD, word=n) for n in sorted(request.fields) if n not in known]
    if act in _PURPOSE_KEYED or act is _DISCLOSE or act in KEYED:
        purpose = Purpose(request.purpose)
        if not purpose:
            found.append(Reason(Why.NO_PURPOSE))
        elif purpose not in book.purposes and purpose not in book.consentable:
            found.append(Reason(Why.UNKNOWN_PURPOSE, word=purpose))
    if act in _CIRCUMSTANCE_KEYED and Circumstance(request.circumstance) not in book.circumstances:
        found.append(Reason(Why.UNKNOWN_CIRCUMSTANCE, word=request.circumstance))
    if act is _DISCLOSE and Recipient(request.recipient) not in book.recipients:
        found.append(Reason(Why.UNKNOWN_RECIPIENT, word=request.recipient))
    if act in _CASE_KEYED:
        _no_step(book, request, found)
    if not found:
        # The reason of a hold is free text, and may name somebody: it is never repeated.
        word = "" if act in _REASON_KEYED else key_of(request)
        found.append(Reason(Why.NO_CLAUSE, against, word or request.category or act.value))
    return found


def _no_step(book: Rulebook, request: Request, found: list[Reason]) -> None:
    """Say that no clause has such a case, or that none lets it go from where it is to there."""
    if request.circumstance not in book.cases:
        found.append(Reason(Why.UNKNOWN_CASE, word=request.circumstance))
    elif request.act is _MOVE and (_MOVE, Category(""), key_of(request)) not in book.cells:
        found.append(Reason(Why.WRONG_STATE, (book.cases[request.circumstance][0],), request.states[0]))
