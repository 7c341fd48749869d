"""Ask for a right by an e-mail address or a number alone: without an account, a password or a visit here.

What is answered never depends on who is known: the demand is filed, and its letter sent, behind the page
that was answered. Only an address that one person alone has, and proved, leads to them; every other gets
the letter that says so, whichever it is. Who opens the link in the letter proves that it is them.
"""

from functools import partial

from starlette.responses import Response

from troth.acts import filing, proving
from troth.errors import BadArgument, Refused
from troth.rules.decision import Actor, member
from troth.rules.rights_cases import RightsCase
from troth.terms.agreement import RightRule
from troth.terms.vocabulary import RightName
from troth.web import behind, notices, proofs_by_letter, tracking
from troth.web.accounts import entering
from troth.web.accounts.entering import Identifier
from troth.web.credentials.letters import Asker
from troth.web.hall import sign_in_of
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
    behind.begin(visit.hall, _file(visit, right, identifier, asker), name="request")
    return visit.page(
        "public/without_account_asked.html",
        visit.words("Look for our letter"),
        200,
        to=identifier.value,
        kind=identifier.spec.type,
    )


async def _file(visit: Visit, asked: str, identifier: Identifier, asker: Asker) -> None:
    """File a demand for whoever proved an address, and send the letter; else the one that leads nowhere."""
    hall = visit.hall
    right, _, purpose = asked.partition(" ")
    subject = await proofs_by_letter.whose(hall, identifier)
    case = None if subject is None else await _filed(visit, subject, right, purpose)
    if case is not None:
        what = tracking.said(visit, right, purpose)
        ask = partial(proofs_by_letter.ask_for_proof, hall, visit.reader, case, identifier, asker=asker)
        await (ask(what=what) if proving.waits(case) else _tell(visit, case, identifier, asker))
    elif identifier.spec.type == "email":  # a text to whoever has the number would tell, and cost
        until = visit.now + proofs_by_letter.LIFETIME
        proofs_by_letter.send(hall, visit.reader, identifier, "nobody", asker=asker, until=until)


async def _filed(visit: Visit, subject: int, right: str, purpose: str) -> RightsCase | None:
    """Return the demand that was filed, or the one that is open already; None where nobody may demand it."""
    teller = visit.hall.teller
    try:
        job = filing.demanding(
            by=person(visit, "signed_in"), about=subject, right=right, purpose=purpose,
            language=visit.reader.language, proven="", as_="self",
        )  # fmt: skip
        lodged = await teller.ask_soon(job)
    except BadArgument:
        return None
    except Refused as problem:
        open_already = "already-open" in problem.codes
        return await teller.alone_soon(proving.open_same(subject, right, purpose)) if open_already else None
    case: RightsCase = lodged.case
    return case


async def _tell(visit: Visit, case: RightsCase, identifier: Identifier, asker: Asker) -> None:
    """Send the link by which a demand is followed that is proven already."""
    hall, mark = visit.hall, proofs_by_letter.mark_of(visit.hall, identifier)
    path = proofs_by_letter.link(hall, proofs_by_letter.Link.TRACK, case.id, mark=mark)
    until = visit.now + proofs_by_letter.LIFETIME
    proofs_by_letter.send(
        hall, visit.reader, identifier, "track", asker=asker, until=until,
        link=hall.site.origins[0] + path, reference=case.reference,
    )  # fmt: skip
