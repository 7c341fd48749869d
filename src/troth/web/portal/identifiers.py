"""How a member is named: each identifier, whether it was proven, and how it is added or changed by a code.

What can be proven counts only once a code that was sent to it came back; so it is sent first, and what is
kept changes afterwards. Whoever types in what somebody else has sees the same page: the difference is in
the letter that its owner reads.
"""

from starlette.responses import Response

from troth.acts import collect, correct
from troth.canonical import Plain
from troth.custody.hand_out import Held
from troth.custody.labels import label
from troth.custody.take_in import Taken
from troth.errors import BadValue, CodeWrong, CredentialRefused, FlowOver, FlowRefused, NothingHeld
from troth.ledger.receipt import Receipt
from troth.rules.signing_in import PROVABLE
from troth.terms.agreement import FieldSpec
from troth.terms.vocabulary import FieldName
from troth.web import belongings, intakes, mishaps, wordings
from troth.web.accounts import entering
from troth.web.accounts.entering import Identifier
from troth.web.accounts.keeping import circumstance_of
from troth.web.accounts.telling import reached, tell
from troth.web.credentials import codes
from troth.web.credentials.flows import Flow, open_flow, page_of, seal_flow
from troth.web.knowing import known_of
from troth.web.lexicon import lexicon_of
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.portal.letting_in import asker_of, guarded, settled
from troth.web.visit import Visit

pages = Pages()
KIND = "identifier"


@pages.page("/identifiers", permission=Permission.MEMBER)
async def names(visit: Visit) -> Response:
    """Show every identifier, masked, and whether it was proven."""
    rule, known = entering.rule_of(visit.hall), await known_of(visit)
    held = await _held(visit, masked=True, name="")
    values = {str(n): str(v.reveal()) for each in held for n, v in each.values.items()}
    return visit.page(
        "portal/identifiers.html",
        visit.words("How you are named"),
        identifiers=[
            (
                str(spec.name),
                intakes.label_of(spec),
                values.get(str(spec.name), ""),
                spec.type in PROVABLE,
                label(rule.identifiers, spec.name) in known.standing.proven,
            )
            for spec in entering.identifiers(visit.hall)
        ],
        category=rule.identifiers,
        lang=visit.hall.agreement.language,
    )


async def _held(visit: Visit, *, masked: bool, name: str) -> tuple[Held, ...]:
    category = entering.rule_of(visit.hall).identifiers
    handed = await belongings.read(visit, category, masked=masked, fields=[name] if name else ())
    return handed.records


def _spec(visit: Visit) -> FieldSpec:
    """Return the identifier that the address names; raises `NothingHeld`."""
    name = visit.http.path_params["name"]
    for spec in entering.identifiers(visit.hall):
        if spec.name == name:
            return spec
    raise NothingHeld(field="identifier")


async def _now(visit: Visit, spec: FieldSpec) -> str:
    """Return the value that is kept; for that, it must be as sure as the agreement wants that it is them."""
    held = await _held(visit, masked=False, name=str(spec.name))
    found = [each.values[spec.name].reveal() for each in held if spec.name in each.values]
    return str(found[-1]) if found else ""


@pages.page("/identifiers/{name}", permission=Permission.MEMBER)
async def ask(visit: Visit) -> Response:
    """Ask for the new value; the one that is kept stands in the form, to be proven as it is."""
    spec = _spec(visit)
    return await _ask(visit, spec, await _now(visit, spec), "", 200)


async def _ask(visit: Visit, spec: FieldSpec, typed: str, error: str, status: int) -> Response:
    return visit.page(
        "portal/identifier.html",
        visit.words("Change how you are named"),
        status,
        spec=spec,
        label=intakes.label_of(spec),
        hint=wordings.hint(visit, spec),
        typed=typed,
        error=error,
        provable=spec.type in PROVABLE,
        digits=entering.DIGITS,
        action=visit.http.url.path,
        lang=visit.hall.agreement.language,
        failed=bool(error),
    )


async def _too_late(visit: Visit) -> Response:
    return await _ask(visit, _spec(visit), visit.form.get("value", ""), wordings.over(visit), 422)


@pages.page(
    "/identifiers/{name}", permission=Permission.MEMBER, methods=("POST",), over=_too_late, typed=True
)
async def change(visit: Visit) -> Response:
    """Send a code to the new value; one that no code can prove changes at once, with digits behind it."""
    visit.limit("code")
    spec, typed = _spec(visit), visit.form.get("value", "")
    now = await _now(visit, spec)
    try:
        identifier = entering.read_identifier(visit.hall, str(spec.name), typed)
    except BadValue as problem:
        return await _ask(visit, spec, typed, wordings.not_taken(visit, spec, problem), 422)
    if not identifier.provable:
        if identifier.value == now:
            return await _ask(visit, spec, typed, visit.words("This is the one you have."), 422)
        fresh = Identifier(spec, entering.suffixed(identifier.value))
        receipt = await _change(visit, fresh, now)
        return _done(visit, spec, receipt, shown=await _now(visit, spec))
    asker = asker_of(visit, identifier)
    entering.check_way(visit.hall, identifier, asker)
    code, until = codes.new_code(visit.hall.key, about=identifier.about), visit.now + codes.LIFETIME
    holder = await entering.whose(visit.hall, identifier)
    if holder in (None, visit.member.subject):
        entering.send(
            visit.hall, visit.reader, identifier, "code", asker=asker, until=until, code=code.digits
        )
    else:
        entering.send(visit.hall, visit.reader, identifier, "known", asker=asker, until=until)
    state: dict[str, Plain] = {"name": str(spec.name), "value": identifier.value, "mark": code.mark}
    flow = seal_flow(visit.hall.key, KIND, state, at=visit.now, until=until, bound_to=_bound(visit))
    return visit.go(page_of(f"/identifiers/{spec.name}/code", flow))


def _bound(visit: Visit) -> bytes:
    return visit.member.key.encode("ascii")


def _opened(visit: Visit) -> tuple[Flow, Identifier]:
    """Return the flow and the new value in it; raises `FlowRefused` for one of another identifier."""
    spec = _spec(visit)
    flow = open_flow(visit.hall.key, KIND, visit.flow, at=visit.now, bound_to=_bound(visit))
    if flow.state["name"] != spec.name:
        raise FlowRefused
    return flow, Identifier(spec, str(flow.state["value"]))


@pages.page("/identifiers/{name}/code", permission=Permission.MEMBER)
async def code(visit: Visit) -> Response:
    """Ask for the code that was sent to the new value."""
    return _code(visit, "", 200) if visit.flow else visit.go(f"/identifiers/{_spec(visit).name}")


def _code(visit: Visit, error: str, status: int) -> Response:
    _, identifier = _opened(visit)
    return visit.page(
        "entry/code.html",
        visit.words("Type in the code"),
        status,
        flow=visit.flow,
        step=page_of(f"/identifiers/{identifier.spec.name}/code", visit.flow),
        to=identifier.value,
        kind=identifier.spec.type,
        minutes=codes.LIFETIME // 60_000_000,
        error=error,
        action=f"/identifiers/{identifier.spec.name}/code",
        again=f"/identifiers/{identifier.spec.name}",
        failed=bool(error),
    )


@pages.page("/identifiers/{name}/code", permission=Permission.MEMBER, methods=("POST",))
async def prove(visit: Visit) -> Response:
    """Keep the new value once its code came back, and note that it was proven."""
    visit.limit("code")
    flow, identifier = _opened(visit)
    spec = identifier.spec
    now = await _now(visit, spec)
    counted = Identifier(spec, f"{entering.rule_of(visit.hall).program}:{visit.member.subject}")
    try:
        await guarded(visit, counted, lambda: _check(visit, flow, identifier))
    except (CodeWrong, FlowOver, CredentialRefused) as problem:
        return _code(visit, mishaps.sentence(visit, problem), 422)
    settled(visit, counted)
    subject, receipt = visit.member.subject, None
    if identifier.value != now:
        receipt = await _change(visit, identifier, now)
    proof = await entering.prove(visit.hall, subject, identifier)
    return _done(visit, spec, receipt or proof)


async def _check(visit: Visit, flow: Flow, identifier: Identifier) -> None:
    codes.check_code(
        visit.hall.key, visit.form.get("code", ""), mark=str(flow.state["mark"]),
        about=identifier.about, flow=flow, spent=visit.hall.spent, at=visit.now,
    )  # fmt: skip


async def _change(visit: Visit, identifier: Identifier, now: str) -> Receipt:
    """Keep a new value, and tell whom it is about: where the old one leads, once the new one is kept."""
    before = await reached(visit.hall, visit.member.subject)
    receipt = await _keep(visit, identifier, now)
    title = visit.words("What you sign in with was changed")
    text = visit.words("It was changed on the page on how you are named, by somebody who was signed in.")
    await tell(visit.hall, visit.member.subject, title, text, reader=visit.reader, to=before)
    return receipt


async def _keep(visit: Visit, identifier: Identifier, now: str) -> Receipt:
    """Keep a new value: corrected where anything is held, taken in where nothing is. Raises `Refused`."""
    rule = entering.rule_of(visit.hall)
    values = {str(identifier.spec.name): identifier.value}
    if now or await _held(visit, masked=True, name=""):
        job = correct.correcting(
            by=visit.by, about=visit.member.subject, category=rule.identifiers, values=values
        )
        corrected: Receipt = await visit.ask(job)
        return corrected
    when = circumstance_of(visit.hall.teller, rule.identifiers)
    offer = collect.offering(
        by=visit.by, about=visit.member.subject, category=rule.identifiers, when=when, values=values
    )
    (taken,) = await visit.ask(collect.taking([offer]))
    if not isinstance(taken, Taken):
        raise taken
    return taken.receipt


def _done(visit: Visit, spec: FieldSpec, receipt: Receipt, shown: str = "") -> Response:
    title = visit.words("It is kept")
    lexicon = lexicon_of(visit.hall.agreement)
    rule = entering.rule_of(visit.hall)
    lines = [(visit.words("What"), lexicon.field(rule.identifiers, FieldName(spec.name)))]
    if shown:
        lines.append((visit.words("You sign in with"), shown))
    return visit.page(
        "portal/receipt.html",
        title,
        200,
        title=title,
        reference=str(receipt),
        entry=receipt.entry,
        at=receipt.at,
        lines=lines,
        ways=(("/identifiers", visit.words("How you are named")), ("/data", visit.words("My data"))),
    )
