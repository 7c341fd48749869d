"""How a request of an agent stands, in the protocol's words: alike for everybody until a person proved it."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from troth.clock import Instant, iso
from troth.custody.demands import agents
from troth.custody.desk import Desk
from troth.rules.rights_cases import ENDED, PROOF_LASTS, Deadline, Event, RightsCase, State
from troth.store.agents import AgentCase
from troth.terms.vocabulary import RightName
from troth.web import proofs_by_letter, signals
from troth.web.hall import Hall
from troth.web.proofs_by_letter import Link

OPT_OUT, OPT_IN = "sale:opt-out", "sale:opt-in"
RIGHTS: Mapping[str, RightName] = {
    "deletion": RightName.ERASE,
    "access": RightName.ACCESS,
    "access:categories": RightName.ACCESS,
    "access:specific": RightName.ACCESS,
}
EXERCISES = (OPT_OUT, OPT_IN, *RIGHTS)
FINAL = ("fulfilled", "denied", "revoked", "expired")
_COVERED = frozenset({"erased", "no-clause", "not-allowed"})
_PARTLY = "what clauses of the agreement keep for a time stays until then; the person sees which and why"


@dataclass(frozen=True, slots=True)
class Stands:
    """What is looked up of a request in one transaction."""

    row: AgentCase
    said: Mapping[str, str]
    case: RightsCase | None  # None before its person proved it
    due: Deadline | None
    earliest: Instant | None
    trusted: bool = True  # its agent, still: nobody else is called back


def looked_up(desk: Desk, row: AgentCase) -> Stands:
    """Return how a request stands."""
    case, due = agents.stands(desk, row)
    right = RIGHTS.get(row.exercise)
    earliest = agents.earliest(desk, right, row.made_at) if right else None
    return Stands(row, agents.said_with(desk, row), case, due, earliest, agents.is_trusted(desk, row.agent))


def status_of(hall: Hall, it: Stands) -> dict[str, str]:
    """Return the status object of a request (Data Rights Protocol 1.0)."""
    row = it.row
    found = {"request_id": str(UUID(bytes=row.request)), "received_at": iso(row.made_at)}
    if it.said.get("own"):
        found["agent_request_id"] = it.said["own"]
    return found | _standing(hall, it)


def told_of(status: Mapping[str, str]) -> str:
    """Return what changes when there is something new to tell."""
    return "/".join(status.get(name, "") for name in ("status", "reason", "expected_by"))


def _standing(hall: Hall, it: Stands) -> dict[str, str]:
    row, case = it.row, it.case
    if row.revoked_at:
        return {"status": "revoked"}
    if row.exercise == OPT_OUT:
        return {"status": "fulfilled", "processing_details": not_sold(hall)}
    if row.exercise == OPT_IN:
        return {"status": "denied", "reason": "claim_not_covered"}
    if case is None:
        return _unproven(hall, it)
    if case.state in (State.DONE, State.PARTLY):
        more = {"processing_details": _PARTLY} if case.state is State.PARTLY else {}
        return {"status": "fulfilled", **_results(hall, it, case), **more}
    if case.state is State.REFUSED:
        codes = {code for one in case.events if one.event is Event.REFUSED for code in one.codes}
        reason = "claim_not_covered" if codes & _COVERED else "other"
        return {"status": "denied", "reason": reason, "processing_details": ", ".join(sorted(codes))}
    if case.state in ENDED:
        return {"status": "revoked"}
    found = {"status": "in_progress"}
    if it.due is not None:
        found["expected_by"] = iso(it.due.at)
    extended = [one for one in case.events if one.event is Event.EXTENDED]
    if extended:
        found["processing_details"] = "more time is taken: " + ", ".join(extended[-1].codes)
    return found


def _unproven(hall: Hall, it: Stands) -> dict[str, str]:
    """Return what stands where nobody proved it: whether somebody was found, it does not tell."""
    until = it.row.made_at + PROOF_LASTS
    if hall.now >= until:
        return {"status": "expired"}
    path = proofs_by_letter.link(hall, Link.AGENT, it.row.request, mark=b"", until=until)
    found = {
        "status": "in_progress",
        "reason": "need_user_verification",
        "user_verification_url": hall.site.origins[0] + path,
        "expires_at": iso(until),
    }
    return found | ({"expected_by": iso(it.earliest)} if it.earliest is not None else {})


def _results(hall: Hall, it: Stands, case: RightsCase) -> dict[str, str]:
    """Return where the person fetches what they asked for: by a letter, so that the agent sees none."""
    until = case.outcome.get("until")
    if case.right is not RightName.ACCESS or type(until) is not int:
        return {}
    mark = bytes.fromhex(it.said.get("mark", ""))
    path = proofs_by_letter.link(hall, Link.TRACK, case.id, mark=mark)
    return {"results_url": hall.site.origins[0] + path, "expires_at": iso(until)}


def not_sold(hall: Hall) -> str:
    """Return what an opt-out of sale comes to, with the clauses that say so."""
    found = signals.of_agreement(hall.house.book)
    parts = [f"nothing is sold: clause {', '.join(found.never_sold)}"] if found.never_sold else []
    parts += ["whatever passes data on is objected to"] if found.objects else []
    return "; ".join(parts) or "no clause lets anything be sold or shared"
