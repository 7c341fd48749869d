"""The agreement as everybody reads it: each clause with its status, its days, its versions."""

from collections.abc import Callable
from functools import partial
from urllib.parse import quote

from starlette.responses import HTMLResponse, Response

from troth.clock import DAY
from troth.errors import NoSuchVersion
from troth.evidence.figures import STEP
from troth.evidence.status import Status
from troth.terms.agreement import Agreement, Change, Clause, Contact
from troth.web import pictures
from troth.web.languages import direction
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.public import clauses, numbers
from troth.web.visit import Visit

pages = Pages()
MOST_BODIES = 64
_SHORT = "public, max-age=60"  # nothing in it is about anybody
_WORDS = frozenset(word.value for word in Status)


@pages.page("/agreement", permission=Permission.PUBLIC)
async def agreement(visit: Visit) -> Response:
    """Show every clause of the version in force, or those of one status."""
    said = visit.http.query_params.get("status", "")
    asked = said if said in _WORDS else ""
    return _kept(visit, f"status {asked}", partial(_agreement, visit, asked))


def _agreement(visit: Visit, asked: str) -> Response:
    hall, now = visit.hall, visit.now
    promised, watch = hall.agreement, hall.watch
    every = clauses.shown(promised, watch, now)
    counted = clauses.counted(every)
    only = asked if asked in dict(counted) else ""
    report = clauses.report_of(promised, watch)
    contacts = [rule for _, rule in promised.rules() if isinstance(rule, Contact)]
    return visit.page(
        "public/agreement.html",
        visit.words("The agreement, and whether it is kept"),
        step=f"/agreement?status={quote(only)}" if only else "/agreement",
        agreement=promised,
        sections=clauses.sections(promised, (each for each in every if only in ("", each.word))),
        counted=counted,
        only=only,
        fresh=watch.is_fresh(now),
        checked=report.at if report else None,
        next_check=report.at + watch.pause if report else None,
        fault=report.ledger_fault if report else "",
        checkpoint=report.checkpoint if report else None,
        vkey=hall.house.signer.verifier.vkey,
        numbered=numbers.is_counted(report),
        quarters=tuple(numbers.told(visit, report)),
        sales=clauses.sales(report),
        fewest=STEP,
        versions=_versions(visit),
        contacts=contacts,
    )


def _kept(visit: Visit, name: str, drawn: Callable[[], Response]) -> Response:
    """Return a page as it was drawn before; drawing it counts as an attempt of its place.

    Of what a visitor sends, only what chooses among our own words is in it: others are given the same.
    Whoever fetched it may keep it for a minute, in the language that was asked for.
    """
    hall, now, bodies = visit.hall, visit.now, visit.hall.watch.bodies
    at = hall.watch.report.at if hall.watch.report else 0
    fresh, today = hall.watch.is_fresh(now), now - now % DAY
    look = (name, hall.agreement.hash, at, fresh, today, visit.reader, visit.theme)
    body = bodies.pop(look, None)
    if body is None:
        visit.limit("agreement")
        body = bytes(drawn().body)
        while len(bodies) >= MOST_BODIES:
            del bodies[next(iter(bodies))]
    bodies[look] = body  # the last one: the first is the one that was asked for longest ago
    return HTMLResponse(body, headers={"cache-control": _SHORT, "vary": "accept-language, cookie"})


def _versions(visit: Visit) -> list[Agreement]:
    """Return every version that was adopted, the latest first."""
    return [book.agreement for _, book in sorted(visit.hall.house.books.items(), reverse=True)]


@pages.page("/agreement/days", permission=Permission.PUBLIC)
async def days(visit: Visit) -> Response:
    """Show how each clause stood on each of the last ninety days."""
    return _kept(visit, "days", partial(_days, visit))


def _days(visit: Visit) -> Response:
    every = clauses.shown(visit.hall.agreement, visit.hall.watch, visit.now)
    rows = clauses.days(every, visit.hall.watch, visit.now)
    rtl = direction(visit.reader.language) == "rtl"
    first = min((day for past in visit.hall.watch.past.values() for day in past), default=None)
    return visit.page(
        "public/days.html",
        visit.words("The last ninety days"),
        drawn=pictures.strip(rows, today=visit.now, rtl=rtl),
        first=first,
    )


@pages.page("/agreement/numbers", permission=Permission.PUBLIC)
async def in_numbers(visit: Visit) -> Response:
    """Show what was asked of the house, and what came of it, by quarter."""
    return _kept(visit, "numbers", partial(numbers.page, visit))


def _asked(visit: Visit) -> Agreement:
    """Return the version that the address names; raises `NoSuchVersion`."""
    said = visit.http.path_params["version"]
    number = int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else -1
    book = visit.hall.house.books.get(number)
    if book is None:
        raise NoSuchVersion
    return book.agreement


@pages.page("/agreement/versions/{version}", permission=Permission.PUBLIC)
async def version(visit: Visit) -> Response:
    """Show the whole text of one version: it stays readable for ever."""
    said = _asked(visit)
    return _kept(visit, f"version {said.version}", partial(_version, visit, said))


def _version(visit: Visit, said: Agreement) -> Response:
    change = next((rule for _, rule in said.rules() if isinstance(rule, Change)), None)
    return visit.page(
        "public/version.html",
        visit.words("The text of one version"),
        step=f"/agreement/versions/{said.version}",
        agreement=said,
        sections=clauses.sections(said, map(_text, said.clauses)),
        in_force=said.version == visit.hall.agreement.version,
        ahead=change.ahead if change else None,
    )


def _text(clause: Clause) -> clauses.Shown:
    return clauses.Shown(
        clause.id, clause.number, clause.title, clauses.rendered(clause.text), (), "", None, ()
    )


@pages.page("/agreement/versions/{version}/agreement.md", permission=Permission.PUBLIC)
async def source(visit: Visit) -> Response:
    """Give the text of a version as it was adopted, with the rules in it."""
    said = _asked(visit)
    name = f'attachment; filename="agreement-{said.version}.md"'
    return Response(
        said.source,
        media_type="text/markdown; charset=utf-8",
        headers={"content-disposition": name, "cache-control": _SHORT},
    )
