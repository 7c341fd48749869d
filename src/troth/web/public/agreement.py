"""The agreement as everybody reads it: each clause with its status, its days, its versions."""

from starlette.responses import HTMLResponse, Response

from troth.errors import NoSuchVersion
from troth.terms.agreement import Agreement, Change, Clause, Contact
from troth.web import pictures
from troth.web.languages import direction
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.public import clauses
from troth.web.visit import Visit

pages = Pages()
MOST_BODIES = 64
_SHORT = "public, max-age=60"  # nothing in it is about anybody


@pages.page("/agreement", permission=Permission.PUBLIC)
async def agreement(visit: Visit) -> Response:
    """Show every clause of the version in force, or those of one status."""
    hall, now = visit.hall, visit.now
    promised, watch = hall.agreement, hall.watch
    reader, asked = visit.reader, visit.http.query_params.get("status", "")[:20]
    at = watch.report.at if watch.report else 0
    look = (promised.hash, at, watch.is_fresh(now), asked, reader, visit.theme)
    if look in watch.bodies:
        return _kept(HTMLResponse(watch.bodies[look]))
    every = clauses.shown(promised, watch, now)
    counted = clauses.counted(every)
    only = asked if asked in dict(counted) else ""
    report = clauses.report_of(promised, watch)
    contacts = [rule for _, rule in promised.rules() if isinstance(rule, Contact)]
    page = visit.page(
        "public/agreement.html",
        visit.words("The agreement, and whether it is kept"),
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
        numbers=clauses.numbers(report, visit.words),
        sales=clauses.sales(report),
        fewest=clauses.FEWEST,
        versions=_versions(visit),
        contacts=contacts,
    )
    if len(watch.bodies) >= MOST_BODIES:
        watch.bodies.clear()
    watch.bodies[look] = bytes(page.body)
    return _kept(page)


def _kept(response: Response) -> Response:
    """Let a public page be kept for a minute by whoever fetched it, in the language that was asked for."""
    response.headers["cache-control"] = _SHORT
    response.headers["vary"] = "accept-language, cookie"
    return response


def _versions(visit: Visit) -> list[Agreement]:
    """Return every version that was adopted, the latest first."""
    return [book.agreement for _, book in sorted(visit.hall.house.books.items(), reverse=True)]


@pages.page("/agreement/days", permission=Permission.PUBLIC)
async def days(visit: Visit) -> Response:
    """Show how each clause stood on each of the last ninety days."""
    every = clauses.shown(visit.hall.agreement, visit.hall.watch, visit.now)
    rows = clauses.days(every, visit.hall.watch, visit.now)
    rtl = direction(visit.reader.language) == "rtl"
    first = min((day for past in visit.hall.watch.past.values() for day in past), default=None)
    return _kept(
        visit.page(
            "public/days.html",
            visit.words("The last ninety days"),
            drawn=pictures.strip(rows, today=visit.now, rtl=rtl),
            first=first,
        ),
    )


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
    change = next((rule for _, rule in said.rules() if isinstance(rule, Change)), None)
    return _kept(
        visit.page(
            "public/version.html",
            visit.words("The text of one version"),
            agreement=said,
            sections=clauses.sections(said, map(_text, said.clauses)),
            in_force=said.version == visit.hall.agreement.version,
            ahead=change.ahead if change else None,
        ),
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
