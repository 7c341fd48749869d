"""The receipt of a demand as a file: as JSON for programs, and as text in its reader's language."""

import json
from collections.abc import Iterable, Iterator

from starlette.responses import Response

from troth.custody.demands.receipt import receipt_of
from troth.errors import NothingThere
from troth.rules.rights_cases import Deadline, RightsCase
from troth.web import tracking
from troth.web.outcomes import Elsewhere, Stay
from troth.web.tracking import Tracked
from troth.web.visit import Visit

ENDINGS = ("json", "txt")


async def given(visit: Visit, case: RightsCase, due: Deadline | None, ending: str) -> Response:
    """Return the receipt of a demand as a file; raises `NothingThere` for an ending that there is not."""
    if ending not in ENDINGS:
        raise NothingThere
    headers = {
        "content-disposition": f'attachment; filename="request-{case.reference}.{ending}"',
        "cache-control": "no-store",
    }
    if ending == "json":
        said = await visit.hall.teller.alone_soon(receipt_of(case))
        body = json.dumps(said, ensure_ascii=False, indent=2)  # not hashed
        return Response(f"{body}\n", media_type="application/json", headers=headers)
    lines = "\n".join(_lines(visit, await tracking.shown(visit, case, due)))
    return Response(f"{lines}\n", media_type="text/plain; charset=utf-8", headers=headers)


def _lines(visit: Visit, it: Tracked) -> Iterator[str]:
    _, reader = visit.words, visit.reader
    yield visit.hall.agreement.organisation.name
    yield f"{_('Your request')}: {' · '.join((it.right, *it.over))}"
    yield f"{_('Your reference number')}: {it.reference}"
    yield f"{_('State')}: {it.state}"
    if it.due:
        law = it.due.law or _("as the agreement promises")
        yield f"{_('Answer by')}: {reader.day(it.due.at)} ({it.nears}; {law})"
    if it.clause:
        yield f"{_('By clause')}: {it.clause[0]} {it.clause[1]}"
    yield from _part(_("What comes next, and who acts"), it.ahead)
    moved = (
        f"{reader.day(each.at)}{f' - {reader.day(each.until)}' if each.until else ''}: "
        f"{' '.join((each.words, *each.because))}{f' ({each.law})' if each.law else ''}"
        for each in it.times
    )
    yield from _part(_("What moved the day"), moved)
    yield from _part(_("Why"), (*it.reasons, *it.laws))
    yield from _part(_("Erased"), it.erased)
    yield from _part(_("What stays, and until when"), (_stay(visit, each) for each in it.stays))
    yield from _part(_("Other systems"), (_elsewhere(visit, each) for each in it.elsewhere))
    events = (f"{reader.moment(at)}: {words} ({by})" for at, words, by in it.events)
    yield from _part(_("What happened"), events)


def _part(title: str, lines: Iterable[str]) -> Iterator[str]:
    some = list(lines)
    if some:
        yield from ("", title, *(f"- {line}" for line in some))


def _stay(visit: Visit, stay: Stay) -> str:
    _ = visit.words
    until = _("as long as a legal reason keeps it")
    if stay.until is not None:
        until = f"{visit.reader.day(stay.until)}, {stay.then}"
    clause = f" ({stay.clause[0]} {stay.clause[1]})" if stay.clause else ""
    return f"{stay.kept}: {until}. {stay.because or _('It is kept for a legal reason.')}{clause}"


def _elsewhere(visit: Visit, each: Elsewhere) -> str:
    since = visit.words("since %(day)s") % {"day": visit.reader.day(each.since)}
    return f"{each.system}: {each.state}, {since}"
