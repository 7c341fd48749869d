"""Try how one gets in: passwords, passkeys, codes, like answers, pauses, and ways that must stay shut."""

import json
import re
import secrets
from collections.abc import AsyncIterator, Iterator

from troth.rules.signing_in import PROVABLE
from troth.terms.agreement import FieldSpec
from troth.web.accounts import entering
from troth.web.accounts.entering import Identifier
from troth.web.credentials.limits import Rate
from troth.web.pages import MEMBER_COOKIE
from troth.web.permission import Permission
from troth.web.portal import pages as portal
from troth.web.probes.stage import Outcome, Stage
from troth.web.probes.stranger import Answer, Form, Stranger

MOST = 200  # attempts that are made for a pause
LONGEST = 96  # letters of chance
# What everybody uses; said again until it is long enough.
USUAL = ("password", "123456789", "qwertyuiop", "iloveyou", "aaaaaaaa", "letmein")
_SECRET = re.compile(r'(value|data-passkey-options)="[^"]{40,}"')
_FLOW = re.compile(r"(?<=flow=)[\w-]+|(?<=flow%3D)[\w-]+")
_CHANGING = frozenset({"x-request-id", "set-cookie", "content-length"})


# ---- passwords, on the house itself


async def choosing(stage: Stage) -> tuple[Stranger, Answer] | None:
    """Return the page on which somebody without an account chooses a password; None where there is none."""
    some = [spec for spec in stage.identifiers() if spec.type not in PROVABLE]
    if not some:
        return None
    browser = stage.stranger()
    form = (await browser.get("/register")).form("/register")
    return browser, await browser.send(form, identifier=stage.made_up(some[0]).value, accept="yes")


async def _faults(browser: Stranger, page: Answer, password: str) -> int:
    """Return how much is wrong with a password; nobody joins, as the second factor is wrong, too."""
    answer = await browser.send(page.form("/register/secure"), password=password, code="none")
    return answer.page.faults if answer.status == 422 else 0


async def password_length(stage: Stage, promised: str) -> Outcome:
    """Choose a password that is one character too short, one that is just long enough, and a long one."""
    chosen, shortest = await choosing(stage), int(promised)
    if chosen is None:
        return Outcome(0, "no-page")
    chance = secrets.token_urlsafe(2 * shortest)
    long, just, short = [await _faults(*chosen, chance[:n]) for n in (LONGEST, shortest, shortest - 1)]
    if short <= long:
        return Outcome(3, "short-taken")
    return Outcome(3, "long-refused" if just >= short else "")


async def password_blocklist(stage: Stage, promised: str) -> Outcome:
    """Choose passwords that everybody uses."""
    chosen = await choosing(stage) if promised == "true" else None
    if chosen is None:
        return Outcome(0, "no-page")
    chance = await _faults(*chosen, secrets.token_urlsafe(LONGEST))
    for each in USUAL:
        said = each * (30 // len(each) + 1)
        if await _faults(*chosen, said[:60]) <= chance:
            return Outcome(len(USUAL), "common-taken")
    return Outcome(len(USUAL))


async def passkeys(stage: Stage, _: str) -> Outcome:
    """Look for the offer of a passkey, twice."""
    seen = []
    for _n in range(2):
        form = _offers_passkey(await stage.stranger().get("/sign-in"))
        try:
            seen.append(json.loads(form.about["data-passkey-options"])["challenge"] if form else "")
        except (ValueError, KeyError, TypeError):
            seen.append("")
    return Outcome(2, "" if all(seen) and seen[0] != seen[1] else "not-offered")


def _offers_passkey(answer: Answer) -> Form | None:
    return next((form for form in answer.page.forms if form.about.get("data-passkey") == "get"), None)


# ---- codes and answers, in a rehearsal


async def codes(stage: Stage, promised: str) -> Outcome:
    """Join by a wrong code, then by the right one."""
    count, rehearsed = 0, stage.hall
    for spec in stage.identifiers():
        if not {str(spec.name), spec.type} & set(promised.split(", ")):
            continue
        browser, one = stage.stranger(), stage.made_up(spec)
        form = (await browser.get("/register")).form("/register")
        asked = await browser.send(form, identifier=one.value, accept="yes")
        digits, form = await stage.letter(one.value), asked.form("/register/code")
        if not digits:
            return Outcome(count, "no-code-sent")
        count += 2
        await browser.send(form, code=digits[:-1] + str((int(digits[-1]) + 1) % 10))
        if MEMBER_COOKIE in browser.cookies or await entering.whose(rehearsed, one) is not None:
            return Outcome(count, "wrong-code-taken")
        await browser.send(form, code=digits)
        if MEMBER_COOKIE not in browser.cookies or await entering.whose(rehearsed, one) is None:
            return Outcome(count, "right-code-refused")
    return Outcome(count, "" if count else "no-page")


async def same_answer(stage: Stage, _: str) -> Outcome:
    """Go the same way with a known and with an unknown identifier of each kind, and compare what is seen."""
    count = 0
    for spec in stage.identifiers():
        known = await stage.join(stage.made_up(spec))
        unknown = stage.made_up(spec)
        if not known.provable:  # a number stands behind a name that nobody can prove
            unknown = Identifier(spec, entering.suffixed(unknown.value))
        one = [each async for each in _walk(stage, known)]
        other = [each async for each in _walk(stage, unknown)]
        count += len(one)
        if one != other:
            return Outcome(count, "answers-differ")
    return Outcome(count, "" if count else "no-page")


async def _walk(stage: Stage, one: Identifier) -> AsyncIterator[tuple[object, ...]]:
    """Yield what somebody sees who registers, and signs in, with nothing that is right."""
    browser = stage.stranger()
    if one.provable:
        form = (await browser.get("/register")).form("/register")
        asked = await browser.send(form, identifier=one.value, accept="yes")
        yield _bare(asked, one)
        yield _bare(await browser.send(asked.form("/register/code"), code="none"), one)
    ways = await browser.send((await browser.get("/sign-in")).form("/sign-in"), identifier=one.value)
    yield _bare(ways, one)
    for form in ways.page.forms:
        if form.action == "/sign-in/code":
            asked = await browser.send(form)
            yield _bare(asked, one)
            yield _bare(await browser.send(asked.form("/sign-in/code/check"), code="none"), one)
        elif form.action == "/sign-in/password":
            yield _bare(await browser.send(form, password=secrets.token_urlsafe(LONGEST)), one)
    yield _bare(await browser.get("/sign-in"), one)


def _bare(answer: Answer, one: Identifier) -> tuple[object, ...]:
    """Return an answer without what is another one each time: tokens, and what was typed."""
    headers = sorted(
        (n, _FLOW.sub(_length, v)) for n, v in answer.headers.multi_items() if n not in _CHANGING
    )
    cookies = sorted(line.partition("=")[0] for line in answer.headers.get_list("set-cookie"))
    lengths = [
        len(each) for form in answer.page.forms for name, each in form.fields.items() if name == "flow"
    ]
    text = _FLOW.sub(_length, _SECRET.sub("", answer.text)).replace(one.value, "-")
    by = _bare(answer.by, one) if answer.by else ()
    return answer.path, answer.status, headers, cookies, lengths, text, by


def _length(found: re.Match[str]) -> str:
    return str(len(found[0]))


# ---- pauses, in a rehearsal


async def _asked_for_code(browser: Stranger, one: Identifier) -> Form:
    ways = await browser.send((await browser.get("/sign-in")).form("/sign-in"), identifier=one.value)
    return (await browser.send(ways.form("/sign-in/code"))).form("/sign-in/code/check")


async def lockout(stage: Stage, promised: str) -> Outcome:
    """Type in wrong codes, of an account that is known and of one that is not, until there is a pause."""
    some = [spec for spec in stage.identifiers() if spec.type in PROVABLE]
    times = Rate.of(promised).count
    if not some or times > MOST:
        return Outcome(0, "too-many" if some else "no-page")
    browser, count = stage.stranger(stays=True), 0
    for one in (await stage.join(stage.made_up(some[0])), stage.made_up(some[0])):
        form = await _asked_for_code(browser, one)
        statuses = [(await browser.send(form, code="none")).status for _ in range(times + 1)]
        count += len(statuses)
        if statuses[-1] != 429:
            return Outcome(count, "never-paused")
        other = await _asked_for_code(browser, stage.made_up(some[0]))
        if (await browser.send(other, code="none")).status == 429:
            return Outcome(count, "others-paused")
    return Outcome(count)


# ---- ways in, in a rehearsal


async def sign_in(stage: Stage, promised: str) -> Outcome:
    """Try each way in with something wrong, doors and forms without any, and two new browsers."""
    browser, named = stage.stranger(), set(promised.split())
    some = stage.identifiers()
    if not some:
        return Outcome(0, "no-page")
    one = await stage.join(stage.made_up(some[0]))
    first = await browser.get("/sign-in")
    ways = await browser.send(first.form("/sign-in"), identifier=one.value)
    offered = {"passkey": _offers_passkey(first)}
    for way in ("code", "password"):
        offered[way] = next((form for form in ways.page.forms if form.action == f"/sign-in/{way}"), None)
    count = len(offered)
    for way, form in offered.items():
        if form is None and way in named and (way != "code" or one.provable):
            return Outcome(count, f"way-missing:{way}")
        if form is not None and way not in named:
            return Outcome(count, f"way-unnamed:{way}")
        if form is None:
            continue
        answer = await browser.send(form, credential="{}", password=secrets.token_urlsafe(LONGEST))
        if way == "code":
            await browser.send(answer.form("/sign-in/code/check"), code="none")
        count += 1
        if MEMBER_COOKIE in browser.cookies:
            return Outcome(count, f"wrong-taken:{way}")
    for path in _of_members():
        answer = await browser.get(path)
        count += 1
        if answer.status != 303 or not answer.headers.get("location", "").startswith("/sign-in"):
            return Outcome(count, "page-open")
    forged = await _forged(stage, first)
    count += len(forged)
    if set(forged) != {403}:
        return Outcome(count, "form-taken")
    if offered["code"] is None or entering.rule_of(stage.hall).messages is None:
        return Outcome(count)
    return Outcome(count + 2, "" if await _is_told(stage, some[0]) else "untold")


async def _is_told(stage: Stage, spec: FieldSpec) -> bool:
    """Sign in with two new browsers of one kind; return whether the inbox tells of each."""
    one = await stage.join(stage.made_up(spec))
    for times in (1, 2):
        browser = stage.stranger()
        form = await _asked_for_code(browser, one)
        # what comes first may be the letter that tells of the browser before
        digits = await stage.letter(one.value) or await stage.letter(one.value)
        await browser.send(form, code=digits)
        inbox = await browser.get("/messages")
        if sum(href.startswith("/messages/") for href in inbox.page.links) != times:
            return False
    return True


def _of_members() -> Iterator[str]:
    """Yield the address of every page of members that needs no more than that to be asked for."""
    for route in portal.routes():
        permission = getattr(route.endpoint, "permission", None)
        if permission is Permission.MEMBER and "GET" in (route.methods or ()) and "{" not in route.path:
            yield route.path


async def _forged(stage: Stage, first: Answer) -> list[int]:
    """Send a form without its mark, with that of another browser, from another site; return the statuses."""
    browser = stage.stranger()
    own = (await browser.get("/sign-in")).form("/sign-in").fields
    strange = {**own, "csrf": first.form("/sign-in").fields.get("csrf", "")}
    elsewhere = {"origin": "https://elsewhere.example", "sec_fetch_site": "cross-site"}
    return [
        (await browser.post("/sign-in", {**own, "csrf": ""})).status,
        (await browser.post("/sign-in", strange)).status,
        (await browser.post("/sign-in", own, **elsewhere)).status,
    ]
