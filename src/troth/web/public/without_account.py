"""Ask for a right by an e-mail address or a number alone: without an account, a password or a visit here.

What is answered never depends on who is known: what was asked is kept, sealed, before the page is answered,
and is filed behind it (`troth.web.asked`). Who opens the link in the letter proves that it is them.
"""

import asyncio
from contextlib import suppress

from starlette.responses import Response

from troth.custody.demands import awaiting
from troth.errors import TooManyAttempts
from troth.rules.decision import Actor, member
from troth.terms.agreement import RightRule
from troth.terms.vocabulary import RightName
from troth.web import asked, behind, notices, tracking
from troth.web.accounts import entering
from troth.web.hall import Hall, sign_in_of
from troth.web.news import telling
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.portal import letting_in
from troth.web.public.pages import missing
from troth.web.visit import Visit

pages = Pages()
PATH = "/requests/without-account"
_WHOLE = (RightName.ACCESS, RightName.PORT, RightName.ERASE, RightName.LEAVE)
_OVER = (RightName.OBJECT, RightName.OPT_OUT, RightName.WITHDRAW)


def options(visit: Visit) -> list[tuple[str, str, str]]:
    """Return what can be asked for here, by the agreement: a value, its words, and the purpose it is over."""
    found: dict[str, tuple[str, str]] = {}
    named = tracking.rights(visit.words)
    rules = [
        rule for _, rule in visit.hall.agreement.rules() if isinstance(rule, RightRule) and rule.by.subject
    ]
    for right in _WHOLE:
        if any(rule.right is right for rule in rules):
            found[right.value] = named[right.value], ""
    for right in _OVER:
        for rule in (rule for rule in rules if rule.right is right):
            for word in rule.purposes:
                found[f"{right.value} {word}"] = named[right.value], tracking.over(visit, word)
    return [(value, *words) for value, words in found.items()]


def person(visit: Visit, assurance: str) -> Actor:
    """Return the person themself, as sure as it is that it is them."""
    rule = sign_in_of(visit.hall.house)
    return member(rule.program if rule else None, assurance)


@pages.page(PATH, permission=Permission.VISITOR)
async def begin(visit: Visit) -> Response:
    """Ask what for, and by which address."""
    if sign_in_of(visit.hall.house) is None:
        return await missing(visit)
    return _first(visit, {}, 200)


def _first(visit: Visit, errors: dict[str, str], status: int) -> Response:
    specs = [spec for spec in entering.offered(visit.hall) if spec.type in entering.WAYS]
    return visit.page(
        "public/without_account.html",
        visit.words("Ask without an account"),
        status,
        options=options(visit),
        chosen=visit.form.get("right", ""),
        typed=visit.form.get("identifier", ""),
        label=notices.named_by(visit, specs),
        errors=errors,
        lang=visit.hall.agreement.language,
        failed=bool(errors),
    )


@pages.page(PATH, permission=Permission.VISITOR, methods=("POST",), lasting=True, limit="request")
async def ask(visit: Visit) -> Response:
    """Answer alike whoever asks for whomever; what is done is done behind the page."""
    if sign_in_of(visit.hall.house) is None:
        return await missing(visit)
    errors: dict[str, str] = {}
    right, typed = visit.form.get("right", ""), visit.form.get("identifier", "")
    if all(right != value for value, *_ in options(visit)):
        errors["right"] = visit.words("Choose what you ask for.")
    identifier = entering.guess_identifier(visit.hall, typed)
    if identifier is None or not identifier.provable:
        errors["identifier"] = visit.words("This is none of them as they are written.")
    elif not entering.is_reached(visit.hall, identifier):
        errors["identifier"] = notices.unreached(visit)
    if errors or identifier is None:
        return _first(visit, errors, 422)
    asker = letting_in.asker_of(visit, identifier)
    entering.check_way(visit.hall, identifier, asker)
    named, _, purpose = right.partition(" ")
    said = asked.said_of(named, purpose, identifier, visit.reader, asker)
    mark = visit.hall.key.digest("troth.asked", visit.ticket, right, identifier.about).hex()
    if not await visit.hall.teller.alone_soon(awaiting.keeping(mark, said)):
        raise TooManyAttempts(wait=behind.WAIT)
    with suppress(TooManyAttempts):  # then it is filed a little later
        behind.begin(visit.hall, _filed(visit.hall), name="request")
    return visit.page(
        "public/without_account_asked.html",
        visit.words("Look for our letter"),
        200,
        to=identifier.value,
        kind=identifier.spec.type,
    )


async def _filed(hall: Hall) -> None:
    """File what waits, and send the letters that ask for a proof."""
    await asyncio.to_thread(asked.run, hall)
    await asyncio.to_thread(telling.run, hall)
