"""A refusal in plain words: what was asked, every ground with its clause, and the way on."""

from troth.errors import Refused
from troth.rules.decision import Act, Reason, Refusal, Request, Why
from troth.rules.rulebook import Rulebook
from troth.terms.kinds_numbers import MOST_PIXELS, MOST_SIDE

SENTENCES: dict[Why, tuple[str, str]] = {
    Why.NOT_IN_FORCE: ("the agreement is not in force yet", "wait for its effective time"),
    Why.UNKNOWN_CATEGORY: ("no clause names the category `{word}`", "use a category of the agreement"),
    Why.UNKNOWN_FIELD: ("no clause names the field `{word}`", "leave it out"),
    Why.UNKNOWN_PURPOSE: ("no clause names the purpose `{word}`", "use a purpose of the agreement"),
    Why.UNKNOWN_CIRCUMSTANCE: ("no clause names the circumstance `{word}`", "use one of the agreement"),
    Why.UNKNOWN_RECIPIENT: ("no clause names the recipient `{word}`", "name one that the agreement lists"),
    Why.UNKNOWN_CLASS: (
        "no clause names the retention class `{word}`",
        "name one that a `keep` clause names",
    ),
    Why.UNKNOWN_PERSON: ("the person is not known", "check the reference"),
    Why.NO_PURPOSE: ("no purpose was given", "say what it is for"),
    Why.NO_CLAUSE: ("no clause allows this for `{word}`", "ask for what a clause allows"),
    Why.NOT_BY: ("{word} may not ask for this", "let somebody ask whom the clause names"),
    Why.FIELD_NOT_COVERED: ("the field `{word}` is not covered", "leave it out"),
    Why.DENIED: ("`{word}` is forbidden", "leave it out; a prohibition beats every permission"),
    Why.CONSENT_MISSING: ("consent to `{word}` was not given", "ask the person first"),
    Why.CONSENT_REFUSED: ("consent to `{word}` was refused", "respect the refusal"),
    Why.CONSENT_WITHDRAWN: ("consent to `{word}` was withdrawn", "stop, until it is given again"),
    Why.OBJECTED: ("the person objected to `{word}`", "stop, until the objection ends"),
    Why.RESTRICTED: ("processing of `{word}` is restricted", "store it and leave it alone"),
    Why.LEFT: ("the person has left, and it would be over at once", "do not collect it"),
    Why.ONLY_AGGREGATES: ("only aggregates may leave", "ask for a release of aggregates"),
    Why.CASE_MISSING: ("no case was named", "name the case it is for"),
    Why.REASON_MISSING: ("no reason was given", "write down the reason"),
    Why.INSTRUMENT_MISSING: ("the recipient has no valid `{word}` on record", "record one that is in force"),
    Why.APPROVAL_MISSING: ("{word} more approval(s) are needed", "let a second person approve this request"),
    Why.TRANSFER_MISSING: ("no clause allows a transfer to `{word}`", "choose a recipient in this place"),
    Why.WRONG_PLACE: ("it may not be kept in `{word}`", "keep it where the clause says"),
    Why.TOO_YOUNG: ("the person's age is below the least age, or unknown", "do not collect it"),
    Why.NEEDS_REVIEW: ("this needs a review", "ask customer service to make the change"),
    Why.FIELD_MISSING: ("the field `{word}` is needed", "give it"),
    Why.MALFORMED: ("the value of `{word}` is not of its type", "write it as the type demands"),
    Why.TAKEN: ("somebody holds this `{word}` already", "give another one"),
    Why.ALREADY_HELD: ("`{word}` is held already", "correct it instead of collecting it again"),
    Why.EXPIRED: ("the time to keep it is over", "it is unreadable and will be removed"),
    Why.DUTY: ("the law demands to keep `{word}`", "it goes when its time is over"),
    Why.HELD: ("`{word}` is kept for a legal reason", "wait until that is over"),
    Why.ASSURANCE_MISSING: (
        "it must be surer who asks: `{word}`",
        "confirm that it is you, and try again; what somebody else wants is filed, and proven by them",
    ),
    Why.STOPPED: ("the person wants nothing of this by `{word}`", "leave it, or use a way that is open"),
    Why.NOISE_MISSING: ("totals are promised with noise, and this has none", "wait for a release with noise"),
    Why.IN_GRACE: ("it is sealed away, to be erased", "wait: only the person may call it back"),
    Why.UNKNOWN_CASE: ("there is no such case `{word}`", "name one of the person's, or of the agreement"),
    Why.UNKNOWN_REASON: ("`{word}` is no reason that the clause lists", "give one that it lists"),
    Why.WRONG_STATE: ("a case that is `{word}` does not allow that", "see what its state allows"),
    Why.NOT_OF_CASE: ("`{word}` does not belong to such a case", "give it to a case of its clause"),
    Why.ALREADY_OPEN: ("a case `{word}` is open already", "go on with that one"),
    Why.NOT_GOVERNED: ("`{word}` is not a matter of this choice", "name a purpose that is"),
    Why.NOT_A_PICTURE: ("`{word}` is no JPEG, PNG or WebP picture", "send it as JPEG, PNG or WebP"),
    Why.NOT_A_FILE: (
        "`{word}` is of no kind of file that is taken",
        "send a PDF, a picture (JPEG, PNG, WebP) or plain text (UTF-8)",
    ),
    Why.TOO_LARGE: ("`{word}` is larger than its clause lets it be", "send a smaller one"),
    Why.TOO_MANY_PIXELS: (
        f"`{{word}}` has more than {MOST_PIXELS // 1_000_000} megapixels, or a side over {MOST_SIDE} pixels",
        "make the picture smaller",
    ),
    Why.DAMAGED: ("`{word}` is cut short or damaged", "save it anew and send that"),
    Why.LOCKED: ("`{word}` is locked by a password", "send it without one"),
    Why.ACTIVE: (
        "`{word}` holds something that runs, or carries other files",
        "print it to a new PDF and send that",
    ),
}


def sentence(reason: Reason) -> str:
    """Return one reason in plain words, with its clauses."""
    said = SENTENCES[reason.why][0].format(word=reason.word)
    if not reason.clauses:
        return said
    return f"{said} (clause {', '.join(f'`{clause}`' for clause in reason.clauses)})"


def asked(request: Request) -> str:
    """Return what was asked, in the agreement's words and without any value."""
    what: str = request.category
    if request.fields and what:
        what = ", ".join(f"{what}.{name}" for name in sorted(request.fields))
    words = [request.act.value]
    if what:
        words.append(f"`{what}`")
    if request.act is Act.DISCLOSE:
        words.append(f"to `{request.recipient}`")
    if request.purpose:
        words.append(f"for `{request.purpose}`")
    if request.channel:
        words.append(f"by `{request.channel}`")
    if request.circumstance and request.act in (Act.OPEN, Act.MOVE):
        words.append(f"`{request.circumstance}`")
    elif request.circumstance:
        words.append(f"at `{request.circumstance}`")
    return " ".join(words)


def allowed_instead(book: Rulebook, request: Request) -> tuple[str, ...]:
    """Return the purposes for which the same asker might read the same category."""
    if request.act is not Act.USE:
        return ()
    return tuple(
        sorted(
            word
            for (act, category, word), cell in book.cells.items()
            if act is Act.USE
            and category == request.category
            and any(
                request.by.role in grant.by.roles or request.by.name in grant.by.programs
                for grant in cell.grants
            )
        )
    )


def refused(book: Rulebook, request: Request, refusal: Refusal, entry: int) -> Refused:
    """Return the error of a refusal that was remembered in ledger entry `entry`."""
    instead = allowed_instead(book, request)
    fix = SENTENCES[refusal.reasons[0].why][1]
    if instead:
        fix += "; allowed: " + ", ".join(f"`{word}`" for word in instead)
    return Refused(
        asked=asked(request),
        grounds="; ".join(sentence(reason) for reason in refusal.reasons),
        way_on=fix,
        codes=tuple(reason.why.value for reason in refusal.reasons),
        clauses=tuple(dict.fromkeys(c for reason in refusal.reasons for c in reason.clauses)),
        words=tuple(reason.word for reason in refusal.reasons),
        allowed=instead,
        entry=entry,
    )
