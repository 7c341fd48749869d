"""The receipt of a demand: its right, its events and what came of it, in names, codes and counts alone.

Nothing that anybody told is in it, and nothing by which a person is known: it can be kept, or shown to an
authority, when nothing of the person is left.
"""

from collections.abc import Callable
from typing import Any

from troth.clock import FOREVER, iso
from troth.custody.demands.filing import clause_of, due_of
from troth.custody.desk import Desk
from troth.rules.grounds import LAWS
from troth.rules.rights_cases import Event, RightsCase
from troth.store import duties
from troth.store.duties import SETTLED, Duty

FORMAT = "troth-request/1"


def receipt_of(case: RightsCase) -> Callable[[Desk], dict[str, Any]]:
    """Return the work that writes the receipt of a demand, as it stands now, as plain values for JSON."""

    def work(desk: Desk) -> dict[str, Any]:
        book, due = desk.house.book, due_of(desk, case)
        clause = clause_of(book, case)
        ends = None if due is None else {"at": iso(due.at), "regime": due.regime, "law": due.law}
        return {
            "format": FORMAT,
            "organisation": book.agreement.organisation.name,
            "agreement": {
                "name": book.agreement.name, "version": book.agreement.version, "hash": book.agreement.hash,
            },
            "written": iso(desk.now),
            "reference": case.reference,
            "right": case.right.value,
            "clause": clause[0] if clause else "",
            "over": {
                "category": case.scope.category or "", "classes": list(case.scope.classes),
                "purpose": case.scope.purpose or "", "channel": case.scope.channel,
            },
            "state": case.state.value,
            "received": iso(case.filed_at),
            "due": ends if case.ended_at is None else None,
            "ended": iso(case.ended_at) if case.ended_at is not None else None,
            "events": [
                {"at": iso(one.at), "event": one.event.value, "by": one.by, "codes": list(one.codes)}
                for one in case.events
            ],
            "grounds": _grounds(case),
            "erased": _names(case, "erased"),
            "stays": [_stay(*each) for each in _some(case, "stays")],
            "systems": [_system(each) for each in duties.of_case(desk.unit, case.id)],
            "entries": _some(case, "entries"),
        }  # fmt: skip

    return work


def _some(case: RightsCase, what: str) -> list[Any]:
    found = case.outcome.get(what)
    return found if isinstance(found, list) else []


def _names(case: RightsCase, what: str) -> list[str]:
    return [str(each) for each in _some(case, what)]


def _grounds(case: RightsCase) -> list[dict[str, str]]:
    """Return the codes for which it was refused or given more time, each with the law it rests on."""
    told = (one for one in case.events if one.event in (Event.REFUSED, Event.EXTENDED))
    laws = {ground.value: law for ground, law in LAWS.items()}
    return [{"code": code, "law": laws.get(code, "")} for one in told for code in one.codes]


def _stay(kept: str, until: int, clause: str, why: str) -> dict[str, Any]:
    duty = why.startswith("duty")
    ends = None if until >= FOREVER else iso(until)
    return {"kept": kept, "until": ends, "clause": clause, "because": "duty" if duty else "legal-reason"}


def _system(duty: Duty) -> dict[str, Any]:
    clauses = sorted({clause for clause, _ in duty.kept.values()})
    return {
        "system": duty.system, "act": duty.act, "state": duty.state, "since": iso(duty.since),
        "changed": sum(duty.counts.values()), "keeps": clauses,
        "settled": {"reason": duty.code, "by": duty.settled_by} if duty.state == SETTLED else None,
    }  # fmt: skip
