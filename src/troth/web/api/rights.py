"""What people demand of their rights: file it, see where it stands, prove it, decide it, take it back.

A program acts for itself where a clause names it. The program that signs members in also acts for the person,
and says how sure it is that it is them; no other program proves anything of anybody.
"""

from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from pydantic import StringConstraints
from starlette.responses import Response

from troth.acts import filing, packages, proving
from troth.clock import iso
from troth.custody.demands.filing import Advance, Lodged, due_of
from troth.custody.demands.following import START, Followed
from troth.custody.demands.receipt import receipt_of
from troth.custody.desk import About
from troth.custody.packages.waiting import Waiting
from troth.custody.repeating import Once, is_repeated
from troth.errors import BodyUnreadable, TooManyAttempts, TrothError
from troth.ledger.receipt import Receipt
from troth.rules.decision import ASSURANCES, Actor, member
from troth.rules.program_keys import EVERYTHING
from troth.rules.rights_cases import Deadline, RightsCase
from troth.web import behind, carrying
from troth.web.api import bodies, kept_results, results, shapes
from troth.web.api.answers import answer, moment, receipt
from troth.web.api.calls import Acting, Call, Calling
from troth.web.api.casework import Cursor, Limit, Reference
from troth.web.api.ids import record_of, sealed, subject_id, subject_of, unsealed
from troth.web.api.operations import PREFIX, Operation, operation
from troth.web.api.reading import Subject, who
from troth.web.languages import Reader

router = APIRouter(prefix=PREFIX, route_class=Operation, tags=["rights"])

Preference = Annotated[
    Annotated[str, StringConstraints(max_length=200)] | None,
    Header(
        alias="Prefer",
        description="`respond-async` (RFC 7240): answered once it is filed, and carried out behind that.",
    ),
]
_PLACE = "/rights-cases"
_ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {
        "description": "It is filed, and carried out behind this answer; `Location` says where it stands.",
        "model": results.RightsFiled,
        "headers": {"Location": {"schema": {"type": "string"}}},
    }
}


@operation(
    router,
    "POST",
    _PLACE,
    answers=results.RightsFiled,
    status=201,
    takes=(bodies.JSON,),
    responses=_ACCEPTED,
)
async def file_rights_case(call: Acting, asked: shapes.RightsDemand, prefer: Preference = None) -> Response:
    """File what a person demands, and carry it out where nothing stands in the way.

    Without `assurance` the program demands it for the person, where a clause names it, and it waits until
    they proved that it is them.
    """
    by = _asking(call, asked.assurance)
    _within_key(call, by, asked.category, asked.purpose)
    job = filing.demanding(
        by=by,
        about=who(asked.about),
        right=asked.right,
        category=asked.category or "",
        classes=asked.classes,
        purpose=asked.purpose or "",
        channel=asked.channel or "",
        values=asked.values,
        record=record_of(asked.record) if asked.record else None,
        text=asked.text or "",
    )
    lodged: Lodged = await call.ask(job)
    where = f"{PREFIX}{_PLACE}/{lodged.case.reference}"
    if _is_async(prefer):
        with suppress(TooManyAttempts):  # it is filed: the next sweep carries it out
            behind.begin(call.hall, _carried_out(call, lodged.case), name="request")
        filed = await _filed(call, lodged)
        return answer(filed, 202, location=where, preference_applied="respond-async")
    return answer(await _went(call, lodged), 201, location=where)


@operation(router, "GET", _PLACE, answers=results.RightsQueue)
async def list_rights_cases(
    call: Calling,
    state: Annotated[shapes.RightsState, Query()],
    right: Annotated[shapes.Right, Query()],
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """List the demands of a right in a state, the oldest first, for a program that its clause names."""
    call.on(EVERYTHING)
    about = ("rights-cases", call.key.program, state, right)
    after = _after(unsealed(call.hall.key, cursor, *about)) if cursor else START
    job = filing.waiting(by=call.by, state=state, right=right, after=after, limit=limit + 1)
    found: Followed = await call.hall.teller.ask_soon(job)
    shown, more = found.cases[:limit], len(found.cases) > limit
    last = shown[-1][0] if more else None
    following = None if last is None else sealed(call.hall.key, [last.filed_at, last.id.hex()], *about)
    named = [_named(case, due) for case, due in shown]
    return answer({"cases": named, "next": following, "receipt": receipt(found.receipt)})


@operation(router, "GET", _PLACE + "/{reference}", answers=results.RightsSeen)
async def read_rights_case(call: Calling, reference: Reference) -> Response:
    """Read where a demand stands, for a program that its clause names; not what was told with it.

    The program that signs members in reads it for the person, with a key for signing in.
    """
    by = _looking(call)
    found: Followed = await call.hall.teller.ask_soon(filing.following(by=by, reference=reference))
    ((case, due),) = found.cases
    _within_key(call, by, case.scope.category, case.scope.purpose)
    shown = await _shown(call, case, due)
    return answer({"case": shown, "subject": subject_id(case.subject), "receipt": receipt(found.receipt)})


@operation(router, "POST", _PLACE + "/{reference}/proof", answers=results.RightsFiled, takes=(bodies.JSON,))
async def prove_rights_case(call: Acting, reference: Reference, asked: shapes.RightsProof) -> Response:
    """Say that it is the person themself who demands; it is carried out then, if it can be.

    It is for the program that signs members in alone, with a key for signing in: any other, and staff
    through any program, are refused.
    """
    by = _person(call, asked.assurance) if _signs_in(call) else call.by
    return await _step(call, reference, by, who(asked.about), lambda case: filing.proving(by=by, case=case))


@operation(
    router, "POST", _PLACE + "/{reference}/decision", answers=results.RightsFiled, takes=(bodies.JSON,)
)
async def decide_rights_case(call: Acting, reference: Reference, asked: shapes.RightsDecision) -> Response:
    """Decide a demand, or a step towards it, where the clause of its right names the program.

    To refuse and to extend take reasons, which are codes of closed lists. What is granted is carried out.
    """
    filing.deciding(by=call.by, case=bytes(16), decision=asked.decision, reasons=asked.reasons)
    return await _step(
        call,
        reference,
        call.by,
        None,
        lambda case: filing.deciding(by=call.by, case=case, decision=asked.decision, reasons=asked.reasons),
    )


@operation(
    router, "POST", _PLACE + "/{reference}/cancellation", answers=results.RightsFiled, takes=(bodies.JSON,)
)
async def cancel_rights_case(
    call: Acting, reference: Reference, asked: shapes.RightsCancellation
) -> Response:
    """Take a demand back, as long as nothing was begun; a program what it filed, until that is proven."""
    if (asked.about is None) is not (asked.assurance is None):
        raise BodyUnreadable(reason="`about` and `assurance` are given together, or neither is")
    by = _asking(call, asked.assurance)
    about = None if asked.about is None else who(asked.about)
    return await _step(call, reference, by, about, lambda case: filing.cancelling(by=by, case=case))


@operation(router, "GET", "/subjects/{subject}/rights-cases", answers=results.RightsOfOne)
async def list_own_rights_cases(call: Calling, subject: Subject) -> Response:
    """List the demands of a person, the oldest first: of rights whose clauses name the program.

    The program that signs members in lists them for the person, with a key for signing in.
    """
    by = _looking(call)
    _within_key(call, by, None, None)
    found: Followed = await call.hall.teller.ask_soon(filing.following_of(by=by, about=subject_of(subject)))
    named = [_named(case, due) for case, due in found.cases]
    return answer({"cases": named, "receipt": receipt(found.receipt)})


@operation(router, "GET", "/subjects/{subject}/packages", answers=kept_results.Packages)
async def list_packages(call: Calling, subject: Subject) -> Response:
    """Read how the packages of a person stand: being made, ready, taken or gone; never what is in one.

    For a program that the clause of the right names, or the one that signs members in, for the person. A
    package is given to its person alone, once, after they confirmed that it is them.
    """
    by = _looking(call)
    _within_key(call, by, None, None)
    work = packages.following(by=by, about=subject_of(subject))
    found: Waiting | TrothError = await call.hall.teller.alone_soon(work)
    if isinstance(found, TrothError):
        raise found
    shown = [
        {"right": p.right, "state": p.state, "made_at": iso(p.made_at), "ends_at": moment(p.ends_at or None)}
        for p in found.packages
    ]
    return answer({"packages": shown, "receipt": receipt(found.receipt)})


# ---- who asks


def _signs_in(call: Call) -> bool:
    """Whether the program is the one that signs members in."""
    found = call.house.book.sign_in
    return found is not None and found[1].program == call.key.program


def _person(call: Call, assurance: str) -> Actor:
    """Return the person, through the program that signed them in; its key must be for signing in."""
    call.within_key(_purpose_of_signing_in(call))
    return member(call.key.program, assurance)


def _looking(call: Call) -> Actor:
    """Return who looks where requests stand: the person, through the program that signs members in."""
    own = _signs_in(call) and call.key.serves(_purpose_of_signing_in(call))
    return _person(call, ASSURANCES[0]) if own else call.by


def _purpose_of_signing_in(call: Call) -> str:
    found = call.house.book.sign_in
    assert found is not None  # noqa: S101 - `_signs_in` saw that there is one
    return found[1].purpose


def _asking(call: Call, assurance: str | None) -> Actor:
    """Return who asks: the program, or the person through it; raises `PurposeNotOfKey`."""
    if assurance is None:
        return call.by
    if not _signs_in(call):
        call.turned_away()
    return _person(call, assurance)


def _within_key(call: Call, by: Actor, category: str | None, purpose: str | None) -> None:
    """Raise `PurposeNotOfKey` unless a program's key is for what its demand is about."""
    if by is not call.by:
        return
    call.on(category or EVERYTHING)
    if purpose:
        call.within_key(purpose)


# ---- steps, and what they come to


async def _step(call: Call, reference: str, by: Actor, about: About | None, make: Any) -> Response:  # noqa: ANN401
    """Let one thing happen to a demand, once; an unknown one and one of others are answered alike."""
    teller, once = call.hall.teller, call.once(None)
    if isinstance(once, Once) and await teller.alone_soon(lambda desk: is_repeated(desk, once)):
        case: bytes = await teller.alone_soon(filing.naming(reference))  # it was theirs, and may be gone now
        known = await teller.alone_soon(proving.known(case))
        seen = known[0] if known else None
    else:
        found: Followed = await teller.ask_soon(filing.following(by=by, reference=reference, about=about))
        ((seen, _),) = found.cases
        case = seen.id
    if seen is not None:
        _within_key(call, by, seen.scope.category, seen.scope.purpose)
    job: Advance = make(case)
    lodged: Lodged = await call.ask(job)
    return answer(await _went(call, lodged))


async def _carried_out(call: Call, case: RightsCase) -> RightsCase:
    reader = Reader(call.hall.languages[0])
    return await carrying.carry_out(call.hall, reader, case) or case


async def _went(call: Call, lodged: Lodged) -> dict[str, Any]:
    """Carry out a demand as far as it goes now, and return it as it stands then."""
    case = await _carried_out(call, lodged.case)
    due = await call.hall.teller.alone_soon(lambda desk: due_of(desk, case))
    return await _filed(call, Lodged(case, due, lodged.receipt))


async def _filed(call: Call, lodged: Lodged) -> dict[str, Any]:
    shown = await _shown(call, lodged.case, lodged.due)
    of: Receipt = lodged.receipt
    return {"case": shown, "receipt": receipt(of)}


async def _shown(call: Call, case: RightsCase, due: Deadline | None) -> dict[str, Any]:
    told = await call.hall.teller.alone_soon(receipt_of(case))
    return {
        **_named(case, due),
        "needs": case.needs,
        "proven": case.is_proven,
        "ended_at": moment(case.ended_at),
        **{name: told[name] for name in ("over", "events", "erased", "stays", "systems")},
    }


def _named(case: RightsCase, due: Deadline | None) -> dict[str, Any]:
    ends = None
    if due is not None and case.ended_at is None:
        ends = {
            "at": iso(due.at), "regime": due.regime, "law": due.law, "paused": due.paused,
            "extended": due.extended,
        }  # fmt: skip
    return {
        "reference": case.reference,
        "right": case.right.value,
        "state": case.state.value,
        "filed_at": iso(case.filed_at),
        "due": ends,
    }


def _after(place: Any) -> tuple[int, bytes]:  # noqa: ANN401 - whatever was sealed
    match place:
        case [int(at), str(last)]:
            return at, bytes.fromhex(last)
    raise BodyUnreadable(reason="the cursor is none of this list")


def _is_async(prefer: str | None) -> bool:
    said = (each.partition(";")[0].strip().lower() for each in (prefer or "").split(","))
    return "respond-async" in said
