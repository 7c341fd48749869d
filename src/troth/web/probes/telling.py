"""Try what is told where it matters: the notice before each form that asks for data, and reminders.

Somebody who does not exist walks through all pages of a rehearsal: once as they are at first, and once more
with every consent given and every case opened that a page offers.
"""

from collections.abc import Mapping

from troth.rules.rulebook import Intake, Rulebook
from troth.terms.prose import notice
from troth.web import intakes
from troth.web.permission import Permission
from troth.web.portal import pages as portal
from troth.web.probes.entry import choosing
from troth.web.probes.stage import Outcome, Stage
from troth.web.probes.stranger import Answer, Form, Stranger

MOST = 150  # pages of one walk
_AT_COLLECTION = "purpose_at_collection"  # the reminder that each notice is
_CHOOSING = {"long_password": "new-password"}  # reminders that stand beside what HTML calls so
_FREE = ("/contact", "/support/new")  # forms that say by their fields alone what they ask for
_GIVING = ("/give/", "/verification/", "/support/")  # what is followed from the pages of members


async def walk(stage: Stage) -> tuple[Answer, ...]:
    """Walk through all pages, of strangers and of members, and return them."""
    stranger, member = stage.stranger(), await stage.member()
    seen = [await stranger.get(path) for path in ("/register", "/contact")]
    chosen = await choosing(stage)
    if chosen is not None:
        seen.append(chosen[1])
    first = await _through(member)
    for page in first:
        for form in page.page.forms:
            if form.action.endswith("/consent"):
                await member.send(form, choice="given")
            elif form.action.endswith("/open"):
                await member.send(form)
    return (*seen, *first, *await _through(member))


async def _through(browser: Stranger) -> list[Answer]:
    """Return the pages of members whose address is known, and those for giving that they link."""
    ahead = [
        route.path
        for route in portal.routes()
        if getattr(route.endpoint, "permission", None) is Permission.MEMBER
        and "GET" in (route.methods or ())
        and "{" not in route.path
    ]
    seen: dict[str, Answer] = {}
    while ahead and len(seen) < MOST:
        path = ahead.pop(0)
        if path not in seen:
            seen[path] = await browser.get(path)
            if seen[path].status == 200:
                ahead += [
                    each for each in seen[path].page.links if each.startswith(_GIVING) and "?" not in each
                ]
    return [answer for answer in seen.values() if answer.status == 200]


def notices(book: Rulebook, pages: tuple[Answer, ...]) -> Mapping[str, Outcome]:
    """Return of each clause under which people give something whether its notice stood before its forms."""
    found: dict[str, Outcome] = {}
    for intake in intakes.own_intakes(book):
        said = " ".join(notice(book.agreement, intake.rule).split())
        asking = [page for page in pages if any(_asks(form, intake, book) for form in page.page.forms)]
        missing = any(said not in page.page.words for page in asking)
        before = found.get(intake.clause, Outcome(0))
        detail = "notice-missing" if missing else before.detail
        found[intake.clause] = Outcome(before.sample + len(asking), detail)
    return {clause: each if each.sample else Outcome(0, "no-page") for clause, each in found.items()}


def _asks(form: Form, intake: Intake, book: Rulebook) -> bool:
    """Whether a form asks for what an intake takes, or for the consent to that."""
    here = f"/{intake.rule.category}/{intakes.when_of(intake)}"
    if form.action.endswith((here, f"{here}/consent")):
        return True
    if form.action == "/register":
        return book.sign_in is not None and book.sign_in[1].identifiers == intake.rule.category
    names, needed = set(map(str, intake.specs)), set(map(str, intake.needed))
    return form.action in _FREE and needed <= form.asks <= names


def reminders(promised: str, book: Rulebook, pages: tuple[Answer, ...]) -> Outcome:
    """Return whether each reminder stands where it matters."""
    count = 0
    for word in promised.split(", "):
        if word == _AT_COLLECTION:
            told = notices(book, pages).values()
            missing = any(each.detail == "notice-missing" for each in told) or not any(e.sample for e in told)
            count += sum(each.sample for each in told)
        else:
            marked = [page for page in pages if word in page.page.reminders]
            beside = [page for page in pages if _CHOOSING.get(word) in page.page.kinds]
            missing = not marked or any(page not in marked for page in beside)
            count += len(marked)
        if missing:
            return Outcome(count, f"reminder-missing:{word}"[:64])
    return Outcome(count)
