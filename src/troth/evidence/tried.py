"""What came of trying the pages: for each promise of theirs what trying it shows, and what that cannot see.

The faces stand above this room, so they try themselves (`web/probing.py`) and leave a row for each promise.
A row counts for two hours. A promise that was not tried since is unproven: nothing is kept because a
check did not run.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from troth.clock import SECOND, Instant, iso
from troth.custody.desk import Desk
from troth.evidence.status import CheckResult, Status
from troth.store import probes

FRESH = 2 * 3_600 * SECOND  # PT2H: how long a row counts; the pages are tried each hour
EARLY = 60 * SECOND  # how far the clocks of several processes may differ
_LONGEST = 192  # letters of a name

# Of each kind of promise: what trying it measures, and what that cannot see.
KINDS: Mapping[str, tuple[str, str]] = {
    "codes": (
        "in a rehearsal nobody joined by a wrong code, and whoever typed in the one that was sent did",
        "whether a message arrives, and who reads it",
    ),
    "same_answer": (
        "in a rehearsal each page of registering and signing in answered a known and an unknown one alike",
        "how long an answer takes; what a mailbox shows to whoever reads it",
    ),
    "reminders": (
        "each reminder stood on the pages where it matters",
        "whether it was read; mails that are written elsewhere",
    ),
    "rate_limit": (
        "of each kind of attempt no more than promised was taken from one place, and the wait was told",
        "attempts from many places at once; a restart, which begins to count anew; pages that are only read",
    ),
    "lockout": (
        "in a rehearsal an account paused after so many failures, known or not, and other accounts did not",
        "failures from several places, which slow an account rather than pause it; a restart forgets them",
    ),
    "password_length": (
        "a password one character too short was refused, and one of the promised length was not",
        "passwords that were chosen before this was promised",
    ),
    "password_blocklist": (
        "passwords that everybody uses were refused, and one of chance was not",
        "leaks that the list does not know",
    ),
    "passkeys": (
        "the page for signing in offers a passkey, with a challenge that is new each time",
        "whether a browser or a device can use one",
    ),
    "transit": (
        "browsers reach the pages by TLS, and are told to come by nothing else",
        "what a proxy before it does; the ways to mail servers and to the database",
    ),
    "sign_in": (
        "just the ways that the clause names are offered; what is wrong opens nothing; a new browser is told",
        "whether a device, a mailbox or a telephone is still its owner's",
    ),
    "contact": (
        "the contact page opens without an account, and names each way to turn to us, and the authorities",
        "whether a letter or a mail is answered",
    ),
    "copy": (
        "in a rehearsal a member's copies held what was given, with all that belongs to it, and who got what",
        "kinds of data that the rehearsal did not give; copies that are handed over elsewhere",
    ),
    "notice": (
        "in a rehearsal a member saw the notice before each form that asks for this data",
        "whether it was read; what programs bring",
    ),
}

# What may be found, by its code; behind a `:` stands a word of the agreement.
FOUND: Mapping[str, str] = {
    # nothing could be tried
    "no-page": "there is no page on which it could be tried",
    "page-unlike": "a page is not as it has to be to be tried",
    "too-many": "it would take more attempts than are made for this",
    "nothing-disclosed": "no disclosure could be made to look for in a copy",
    "plain-loopback": "the pages are reached in the clear, on this machine alone",
    # it was tried, and failed
    "wrong-code-taken": "somebody joined by a wrong code",
    "no-code-sent": "no code was sent",
    "right-code-refused": "the code that was sent was refused",
    "answers-differ": "a known one is answered otherwise than an unknown one",
    "reminder-missing": "the reminder `{word}` does not stand where it matters",
    "never-refused": "more attempts than promised are taken from one place",
    "no-wait-told": "nobody is told how long to wait",
    "others-refused": "another place is refused as well",
    "never-paused": "an account does not pause after as many failures as promised",
    "others-paused": "another account pauses as well",
    "short-taken": "a password shorter than promised is taken",
    "long-refused": "a password of the promised length is refused",
    "common-taken": "a password that everybody uses is taken",
    "not-offered": "a passkey is not offered",
    "in-the-clear": "the pages are reached in the clear",
    "not-by-tls-alone": "browsers are not told to come by TLS alone",
    "way-missing": "signing in by `{word}` is not offered",
    "way-unnamed": "signing in by `{word}` is offered, and no clause names it",
    "wrong-taken": "something wrong opened an account, by `{word}`",
    "page-open": "a page of members opens to somebody who is not signed in",
    "form-taken": "a form that is not from our pages is taken",
    "untold": "somebody signed in with a browser that is new, and their inbox does not tell it",
    "closed": "the contact page does not open without an account",
    "route-missing": "the contact page does not name the way `{word}`",
    "authority-missing": "the contact page does not name the authorities",
    "not-in-copy": "a copy does not hold `{word}` of what it should",
    "not-told": "the page of a kind of data does not tell the `{word}`",
    "notice-missing": "its notice does not stand before its form",
}
UNTRIED = frozenset({"no-page", "page-unlike", "too-many", "nothing-disclosed", "plain-loopback"})


@dataclass(frozen=True, slots=True)
class Tried:
    """One promise that was tried: `promise` names it, `detail` is a code of `FOUND`, or empty."""

    promise: str
    passed: bool
    sample: int  # how much was tried; 0: nothing could be
    detail: str = ""
    at: Instant = 0


def named(kind: str, word: str = "") -> str:
    """Return the name of a promise: its kind and what was promised; another value is another promise."""
    return f"{kind}:{word}"[:_LONGEST] if word else kind


def note(desk: Desk, found: Iterable[Tried]) -> None:
    """Note what came of trying, now."""
    rows = [(each.promise, desk.now, int(each.passed), each.sample, each.detail) for each in found]
    if rows:
        probes.put(desk.unit, rows)


def read(desk: Desk) -> dict[str, Tried]:
    """Return what came of trying each promise the last time, by its name."""
    rows = probes.every(desk.unit)
    return {name: Tried(name, passed == 1, sample, detail, at) for name, at, passed, sample, detail in rows}


def judge(kind: str, word: str, found: Mapping[str, Tried], *, now: Instant, since: Instant) -> CheckResult:
    """Return how a promise stands by what came of trying it; `since` is when the agreement took effect."""
    measures, blind = KINDS[kind]
    check, last = kind.replace("_", "-"), found.get(named(kind, word))
    if last is None:
        said = "the pages were never tried for it: a house that is served tries them each hour"
        return CheckResult(check, measures, blind, Status.UNPROVEN, 0, said)
    if not max(since, now - FRESH) <= last.at <= now + EARLY:
        said = f"the pages were last tried for it at {iso(last.at)}, which is too long ago"
        return CheckResult(check, measures, blind, Status.UNPROVEN, last.sample, said)
    if not last.passed:
        return CheckResult(check, measures, blind, Status.BROKEN, last.sample, _said(last.detail))
    if not last.sample:
        return CheckResult(check, measures, blind, Status.UNPROVEN, 0, _said(last.detail))
    return CheckResult(check, measures, blind, Status.KEPT, last.sample)


def _said(detail: str) -> str:
    code, _, word = detail.partition(":")
    return FOUND.get(code, "what was found has no name here").format(word=word)
