"""What went wrong, in the words of pages: of each error and each reason of a refusal, and the way on.

The texts of the errors themselves are for those who run a house or write programs. Members and visitors read
these, in their own language; what has no text of its own here is told by what kind of error it is.
"""

from typing import TYPE_CHECKING, Any

from troth.errors import (
    Absent,
    AddressRefused,
    BadInput,
    BodyTooLarge,
    ChangedMeanwhile,
    CodeWrong,
    Conflict,
    CourierFull,
    CredentialRefused,
    Denied,
    Erased,
    FlowOver,
    FlowRefused,
    FormRefused,
    FormUnreadable,
    InGrace,
    KeyReused,
    LastWayIn,
    Misconfigured,
    NoGate,
    NoSuchEntry,
    NoSuchVersion,
    NotAbout,
    NothingHeld,
    NotProven,
    NotRestored,
    OutcomeUnknown,
    PackageBusy,
    PackageFaulty,
    PackageGone,
    PasskeyCopied,
    TooManyAttempts,
    TooManyWaiting,
    TransferFailed,
    TrothError,
    Unfinished,
)
from troth.rules.decision import Why
from troth.terms.sentences import spaced
from troth.terms.vocabulary import Period
from troth.web import wordings
from troth.web.languages import direction
from troth.web.lexicon import lexicon_of

if TYPE_CHECKING:
    from troth.web.visit import Visit

_UNNAMED = frozenset(why.value for why in Why if why.name.startswith("UNKNOWN_"))
_UNSAID = frozenset({Why.NO_PURPOSE, Why.CASE_MISSING, Why.REASON_MISSING, Why.FIELD_MISSING})


def told(visit: "Visit", problem: TrothError) -> tuple[str, str]:
    """Return (what happened, the way on); what no table has, as the error says it."""
    said = _entrance(visit) | _anywhere(visit) | _kinds(visit)
    found = next((said[kind] for kind in type(problem).__mro__ if kind in said), None)
    if found is None:
        return problem.message, problem.fix
    values = {"left": "", "number": "", "wait": "", "reason": ""} | _values(visit, problem)
    sentence, way = found
    return sentence % values, way % values


def sentence(visit: "Visit", problem: TrothError) -> str:
    """Return what happened and the way on, as one text."""
    return " ".join(filter(None, told(visit, problem)))


def _values(visit: "Visit", problem: TrothError) -> dict[str, Any]:
    _ = visit.words
    if isinstance(problem, FlowOver):
        return {
            "reason": {
                "used": _("It was done already."),
                "tries": _("There were too many wrong tries."),
            }.get(problem.reason, _("Its time is over."))
        }
    if isinstance(problem, TooManyAttempts):
        return {"wait": visit.reader.period(Period(seconds=problem.wait))}
    if isinstance(problem, CodeWrong):
        return {"left": visit.reader.number(problem.left)}
    if isinstance(problem, NotAbout | NoSuchEntry):
        return {"number": str(problem.number)}
    return {}


def _entrance(visit: "Visit") -> dict[type[TrothError], tuple[str, str]]:
    """Return what is said of errors on the way in, and of what members sign in with."""
    _ = visit.words
    return {
        CodeWrong: (
            _("This is not the code that we sent. Tries left: %(left)s."),
            _("Type in the newest code that you received, or ask for another one."),
        ),
        FlowOver: (
            _("This step cannot be continued. %(reason)s"),
            _("Begin again; what was confirmed stays confirmed."),
        ),
        NotProven: (
            _("An account has this address or number, and nobody proved there that it is theirs."),
            _("If it is your account, sign in another way and prove it there. If it is not, write to us."),
        ),
        FlowRefused: (
            _("This page continues nothing that was begun in this browser."),
            _("Begin again, in the browser in which you go on."),
        ),
        CredentialRefused: (
            _("What was given does not sign you in, or there were too many attempts."),
            _("Try again later, or choose another way."),
        ),
        PasskeyCopied: (
            _("This passkey was used more often elsewhere than here, so there may be a copy of it."),
            _("Sign in another way, remove the passkey, and add a new one."),
        ),
        LastWayIn: (
            _("This is the only thing that you can still sign in with."),
            _("Add a passkey, or prove an e-mail address or phone number. Then you can remove it."),
        ),
        TooManyAttempts: (_("There were too many attempts."), _("Try again in %(wait)s.")),
        FormRefused: (
            _("This form was made for another session, or is too old."),
            _("Open the page again and send the form from there. Your browser must keep our cookies."),
        ),
        FormUnreadable: (
            _("The form cannot be read, or holds too much."),
            _("Open the page again and send the form from there."),
        ),
        BodyTooLarge: (
            _("What you sent is too large, and nothing of it was kept."),
            _("Send fewer or smaller files, or less text."),
        ),
    }


def _anywhere(visit: "Visit") -> dict[type[TrothError], tuple[str, str]]:
    """Return what is said of other errors that have a text of their own."""
    _ = visit.words
    again = _("Open the page again and send the form from there.")
    return {
        NothingHeld: (_("Nothing of this is held."), _("It was never given, or is gone.")),
        NotAbout: (
            _("The log has no entry %(number)s about you."),
            _("Take the number from the list of who saw your data."),
        ),
        NoSuchEntry: (_("Entry %(number)s is in no signed state of the log yet."), _("Try again later.")),
        NoSuchVersion: (
            _("The agreement never had this version here."),
            _("The page of the agreement lists its versions."),
        ),
        Erased: (
            _("This account is erased, and nothing of it is left."),
            _("There is no way back. You can register again, as somebody new."),
        ),
        InGrace: (
            _("Everything of this account is sealed away, and nobody can read it."),
            _("Until it is erased you can bring it back, with your recovery code."),
        ),
        NotRestored: (
            _("Nothing can be brought back with this name and this code."),
            _("Check both. After the last day nobody can bring anything back."),
        ),
        ChangedMeanwhile: (_("This was changed since you opened the page."), again),
        KeyReused: (_("This form was sent before, with something else in it."), again),
        NoGate: (_("No message can be sent from here."), _("Choose another way, or write to us.")),
        CourierFull: (_("Too many messages wait to be sent."), _("Try again in a minute.")),
        OutcomeUnknown: (
            _("It is not known whether this was done."),
            _("Look under “Who saw my data” before you do it again."),
        ),
        PackageGone: (
            _("There is no such package any more: it was fetched already, or its time is over."),
            _("Have a new one made under “Copy and move”."),
        ),
        PackageBusy: (
            _("The package is being made or fetched at this moment."),
            _("Wait until that has ended, and try again."),
        ),
        PackageFaulty: (_("What arrived cannot be read."), _("Destroy it, and have it sent again.")),
        TooManyWaiting: (
            _("Too many packages wait already."),
            _("Fetch what is ready, take in or destroy what arrived, or try again in an hour."),
        ),
        AddressRefused: (
            _("Nothing can be sent to this address."),
            _("Ask the other provider for an address again, and paste all of it."),
        ),
        TransferFailed: (
            _("The other provider did not answer as they should."),
            _("Try again, or ask them. Your package stays here until it is fetched or sent."),
        ),
        Unfinished: (_("The erasure has begun and is not finished yet."), _("It goes on by itself.")),
    }


def _kinds(visit: "Visit") -> dict[type[TrothError], tuple[str, str]]:
    """Return what is said of all other errors, by their kind."""
    _ = visit.words
    return {
        BadInput: (
            _("What was sent cannot be taken."),
            _("Open the page again and send the form from there."),
        ),
        Denied: (_("This is not allowed."), ""),
        Absent: (_("There is nothing here."), _("Check the address, or go on from the menu.")),
        Conflict: (_("This was done or changed meanwhile."), _("Open the page again.")),
        Misconfigured: (_("This is not possible at the moment."), _("Try again later, or write to us.")),
    }


def reason(visit: "Visit", code: str, word: str) -> tuple[str, str]:
    """Return (a reason of a refusal, the way on)."""
    _ = visit.words
    own = {why.value: said for why, said in (_of_people(visit) | _of_cases(visit)).items()}
    if code in own:
        found = own[code]
    elif code in _UNNAMED:
        found = _("The agreement does not name “%(word)s”."), _("Check the address, or go on from the menu.")
    elif code in _UNSAID:
        found = _("Something is missing that the clause asks for: %(word)s."), _("Fill in the whole form.")
    else:
        of_form = wordings.mendable(visit, code)
        found = of_form or _("No clause allows this: %(word)s."), "" if of_form else _("Ask us about it.")
    name = (_named(visit, code, word) if word else "") or "…"
    words = {"word": f"\u2068{name}\u2069" if direction(visit.reader.language) == "rtl" else name}
    return found[0] % words, found[1] % words


def _named(visit: "Visit", code: str, word: str) -> str:
    """Return what a reason is about in words; a kind of data as the agreement calls it."""
    if code == Why.RESTRICTED.value:
        return lexicon_of(visit.hall.agreement).category(word)
    return spaced(word)


def _of_people(visit: "Visit") -> dict[Why, tuple[str, str]]:
    """Return what is said where it is about somebody and what they chose."""
    _ = visit.words
    choices = _("You can change that under Choices.")
    return {
        Why.NOT_IN_FORCE: (_("The agreement is not in force yet."), _("Wait until it takes effect.")),
        Why.UNKNOWN_PERSON: (_("There is no account here any more."), _("You can register again.")),
        Why.CONSENT_MISSING: (_("You have not agreed to this: %(word)s."), choices),
        Why.CONSENT_REFUSED: (_("You refused your consent to this: %(word)s."), choices),
        Why.CONSENT_WITHDRAWN: (_("You withdrew your consent to this: %(word)s."), choices),
        Why.OBJECTED: (_("You objected to this: %(word)s."), choices),
        Why.RESTRICTED: (_("You set this to be stored and not used: %(word)s."), choices),
        Why.NOT_GOVERNED: (_("This is nothing that you can choose about: %(word)s."), ""),
        Why.LEFT: (_("You closed your account, so nothing more is taken in."), ""),
        Why.NEEDS_REVIEW: (_("We must review this first."), _("Write to us, and say what is to change.")),
        Why.ASSURANCE_MISSING: (
            _("It must be surer that it is you: %(word)s."),
            _("Confirm that it is you, and try again."),
        ),
        Why.IN_GRACE: (
            _("It is sealed away, and nobody can read it."),
            _("Until it is erased you can bring it back, with your recovery code."),
        ),
        Why.EXPIRED: (_("The time to keep it is over."), _("Nobody can read it any more.")),
        Why.DUTY: (_("A law demands that we keep it: %(word)s."), _("It goes when its time is over.")),
        Why.HELD: (_("It is kept for a legal reason: %(word)s."), _("When it goes says until when.")),
    }


def _of_cases(visit: "Visit") -> dict[Why, tuple[str, str]]:
    """Return what is said where it is about a case, or what is there already."""
    _ = visit.words
    return {
        Why.UNKNOWN_CASE: (_("There is no such case: %(word)s."), _("Take it from the list of your cases.")),
        Why.WRONG_STATE: (
            _("The state of the case does not allow this: %(word)s."),
            _("Open the page again; it shows what can be done."),
        ),
        Why.NOT_OF_CASE: (_("This does not belong to such a case: %(word)s."), ""),
        Why.ALREADY_HELD: (_("We hold this already: %(word)s."), _("Correct it under “My data”.")),
        Why.ALREADY_OPEN: (_("There is an open case already: %(word)s."), _("Go on with that one.")),
    }
