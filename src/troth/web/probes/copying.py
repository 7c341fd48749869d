"""Try what somebody gets who asks for all that is held of them: the package, and the page of each kind.

Something of a member who does not exist is disclosed first, where the agreement lets one alone disclose
anything: the package must say who got it.
"""

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from troth.acts import consent, disclose, use
from troth.clock import DAY, iso
from troth.custody.hand_out import HandOut
from troth.errors import Absent, PageUnlike, Refused
from troth.ledger.proof import SUFFIX
from troth.ledger.receipt import Receipt
from troth.rules.decision import Act, member, program, staff
from troth.rules.rulebook import Grant, delivery
from troth.rules.signing_in import SURELY
from troth.terms.vocabulary import Category
from troth.web import disclosures
from troth.web.accounts import entering
from troth.web.probes.stage import Outcome, Stage
from troth.web.probes.stranger import Stranger

_TURNS, _WAIT = 100, 0.1  # how often, and after how many seconds, it is looked whether it is ready
_WORD = "rehearsal"  # of a case, a reason and a paper that do not exist
_TOLD = ("collected", "kept", "clause", "source", "basis", "purposes")  # of each record


async def copy(stage: Stage, _: str) -> Outcome:
    """Have a package made and fetch it, and compare it with what is held and what was disclosed."""
    hall = stage.hall
    browser, subject = await stage.entered()
    rule, passed = entering.rule_of(hall), await _disclosed(stage, subject)
    if passed is None and disclosures.kinds(hall.house):
        return Outcome(0, "nothing-disclosed")
    package = await _package(browser)
    job = use.accessing(
        by=member(rule.program, SURELY), about=subject, category=rule.identifiers, masked=False
    )
    (held,) = (await hall.teller.ask_soon(job)).records
    mine = _json(package, f"data/{rule.identifiers}.json").get("records", [])
    values = {str(name): value.reveal() for name, value in held.values.items()}
    found = next((each for each in mine if values.items() <= each.get("values", {}).items()), None)
    if found is None:
        return Outcome(1, "not-in-copy:values")
    missing = next((word for word in _TOLD if not found.get(word)), "")
    if missing or passed is None:
        return Outcome(2, f"not-in-copy:{missing}" if missing else "")
    return await _told(browser, package, *passed)


async def _package(browser: Stranger) -> ZipFile:
    """Have a package made, wait for it and fetch it; raises `PageUnlike` for what is none."""
    await browser.send((await browser.get("/copy")).form("/copy/make"))
    for _turn in range(_TURNS):
        page = await browser.get("/copy")
        if any(form.action == "/copy/fetch" for form in page.page.forms):
            answer = await browser.send(page.form("/copy/fetch"))
            with suppress(BadZipFile):
                return ZipFile(BytesIO(answer.body))
            break
        await asyncio.sleep(_WAIT)
    raise PageUnlike


def _json(package: ZipFile, name: str) -> dict[str, Any]:
    """Return a document of a package; an empty one where there is none. Raises `PageUnlike`."""
    try:
        found = json.loads(package.read(name)) if name in package.namelist() else {}
    except (ValueError, BadZipFile):
        raise PageUnlike from None
    return found if isinstance(found, dict) else {}


async def _told(browser: Stranger, package: ZipFile, job: HandOut, receipt: Receipt) -> Outcome:
    """Return whether the package, and the page of the kind where there is one, say who got it."""
    category, to, at = str(job.request.category), str(job.request.recipient), iso(receipt.at)
    passed = _json(package, "disclosures.json").get("disclosures", [])
    one: dict[str, Any] = next((d for d in passed if (d.get("recipient"), d.get("at")) == (to, at)), {})
    if one.get("entry") != receipt.entry or f"ledger/{receipt.entry}{SUFFIX}" not in package.namelist():
        return Outcome(3, "not-in-copy:disclosed")
    name = one.get("recipient_words", "")
    if not name:
        return Outcome(4, "not-in-copy:recipient")
    page = await browser.get(f"/data/{category}")
    told = page.status != 200 or name in page.page.words
    return Outcome(5, "" if told else "not-told:recipient")


async def _disclosed(stage: Stage, subject: int) -> tuple[HandOut, Receipt] | None:
    """Have something disclosed that nobody else has to approve; None where nothing can be."""
    teller, rule = stage.hall.teller, entering.rule_of(stage.hall)
    for category, to, purpose, grant in _deliveries(stage):
        papers = {*grant.instruments, *(("safeguard",) if grant.safeguards else ())}
        programs, roles = sorted(grant.by.programs), sorted(grant.by.roles)
        by = program(programs[0]) if programs else staff(_WORD, roles[0])
        for kind in sorted(papers):
            disclose.record_instrument(
                teller, by=by, recipient=to, kind=kind, reference=_WORD, until=stage.hall.now + DAY
            )
        if grant.consent:
            with suppress(Refused):
                me = member(rule.program, SURELY)
                await teller.ask_soon(consent.giving(by=me, about=subject, purpose=str(grant.consent)))
        job = disclose.disclosing(
            by=by, about=subject, category=category, to=to, purpose=purpose, case=_WORD, reason=_WORD
        )
        with suppress(Refused, Absent):
            return job, (await teller.ask_soon(job)).receipt
    return None


def _deliveries(stage: Stage) -> Iterator[tuple[str, str, str, Grant]]:
    """Yield (category, recipient, purpose, clause) of what one alone may disclose; first of what is held."""
    book = stage.hall.house.book
    mine = entering.rule_of(stage.hall).identifiers
    for category in sorted(disclosures.kinds(stage.hall.house), key=lambda each: each != mine):
        for to in book.recipients:
            for purpose in sorted(book.purposes):
                cell = book.cells.get((Act.DISCLOSE, Category(category), delivery(to, purpose)))
                for grant in cell.grants if cell else ():
                    somebody = grant.by.programs or grant.by.roles
                    if somebody and not grant.approvals and grant.safeguards != ():
                        yield category, str(to), str(purpose), grant
