"""Try the door: how many attempts it takes from one place, how pages travel, who may write to us."""

from troth.gates.addresses import is_loopback
from troth.terms.agreement import Contact
from troth.web.credentials.limits import Rate
from troth.web.probes.stage import Outcome, Stage

MOST = 300  # attempts of one kind that are made
# One path for each kind of attempt that is counted; what is sent there is refused before a look-up.
COUNTED = (
    "/sign-in", "/sign-in/code", "/sign-in/password", "/sign-in/passkey", "/register", "/security/strength"
)  # fmt: skip


async def rate_limit(stage: Stage, promised: str) -> Outcome:
    """Try each kind of attempt once more than promised, from one place; then once from another."""
    rate, count = Rate.of(promised), 0
    if rate.count > MOST:
        return Outcome(0, "too-many")
    for path in COUNTED:
        browser = stage.stranger(stays=True)
        mark = (await browser.get("/sign-in")).form("/sign-in").fields.get("csrf", "")
        began, taken, answer = stage.hall.now, 0, None
        while taken <= rate.count + 1 + rate.count * (stage.hall.now - began) // rate.period:
            answer = await browser.post(path, {"csrf": mark})
            if answer.status == 429:
                break
            taken += 1
        count += taken + 1
        if answer is None or answer.status != 429:
            return Outcome(count, "never-refused")
        wait = answer.headers.get("retry-after", "")
        if not wait.isdecimal() or int(wait) < 1:
            return Outcome(count, "no-wait-told")
        other = stage.stranger()
        mark = (await other.get("/sign-in")).form("/sign-in").fields.get("csrf", "")
        if (await other.post(path, {"csrf": mark})).status == 429:
            return Outcome(count, "others-refused")
    return Outcome(count)


async def transit(stage: Stage, _: str) -> Outcome:
    """Look how browsers reach the pages, and what they are told about it."""
    if not stage.hall.secure:
        return (
            Outcome(0, "plain-loopback") if is_loopback(stage.hall.site.host) else Outcome(1, "in-the-clear")
        )
    said = (await stage.stranger().get("/sign-in")).headers.get("strict-transport-security", "")
    age = said.partition("max-age=")[2].partition(";")[0]
    return Outcome(1, "" if age.isdecimal() and int(age) > 0 else "not-by-tls-alone")


async def contact(stage: Stage, clause: str) -> Outcome:
    """Open the contact page as somebody without an account, and look for what the clause promises."""
    answer = await stage.stranger().get("/contact")
    found = stage.hall.agreement.clause(clause)
    if answer.status != 200 or found is None:
        return Outcome(1, "closed")
    words, count = answer.page.words, 1
    for rule in found.rules:
        if isinstance(rule, Contact):
            for name, route in rule.routes:
                count += 1
                if route not in words:
                    return Outcome(count, f"route-missing:{name}")
            count += 1
            if any(each.strip() not in words for each in rule.authority.split(";")):
                return Outcome(count, "authority-missing")
    return Outcome(count)
