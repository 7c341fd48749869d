"""Codes of what happened to a demand, in words: one table, in which every code has some."""

from collections.abc import Callable, Iterable

from troth.rules.decision import ASSURANCES, Why
from troth.rules.grounds import LAWS, Ground
from troth.rules.rights_cases import BY_HAND, LETTER, NOT_ME, NOT_PROVEN, PARTIAL

Words = Callable[[str], str]
ERASED, SOON, LATE = "erased", "soon", "late"
_NOT_TAKEN = frozenset(
    {Why.MALFORMED, Why.NOT_A_PICTURE, Why.NOT_A_FILE, Why.TOO_LARGE, Why.TOO_MANY_PIXELS, Why.DAMAGED,
     Why.LOCKED, Why.ACTIVE, Why.FIELD_MISSING}
)  # fmt: skip
_NO_CONSENT = frozenset({Why.CONSENT_MISSING, Why.CONSENT_REFUSED, Why.CONSENT_WITHDRAWN})
_MOVED = frozenset({Why.ALREADY_OPEN, Why.ALREADY_HELD, Why.WRONG_STATE, Why.TAKEN})
_GONE = frozenset({Why.EXPIRED, Why.UNKNOWN_PERSON, Why.LEFT})


def words_of(words: Words, code: str) -> str:
    """Return a code in words; one that is none of the house's is told as what it means: it could not be."""
    found = _grounds(words) | _ours(words)
    return found.get(code) or _whys(words).get(code) or words("It could not be carried out.")


def laws_of(codes: Iterable[str]) -> tuple[str, ...]:
    """Return what some codes rest on, in law."""
    known = {ground.value: law for ground, law in LAWS.items() if law}
    return tuple(dict.fromkeys(known[code] for code in codes if code in known))


def _grounds(words: Words) -> dict[str, str]:
    """Return what is said of the grounds of whoever decides."""
    return {
        Ground.UNFOUNDED: words("The request has no ground that can be seen."),
        Ground.EXCESSIVE: words("The same was asked for again and again."),
        Ground.NOT_IDENTIFIED: words("It could not be made sure that it was you."),
        Ground.OTHERS: words("It would harm the rights of other people."),
        Ground.LEGAL_DUTY: words("A law obliges us to keep it as it is."),
        Ground.LEGAL_CLAIMS: words("It is needed for a legal claim."),
        Ground.PUBLIC_INTEREST: words("It is needed in the public interest."),
        Ground.EXPRESSION: words("It is needed for the freedom of expression and information."),
        Ground.COMPELLING: words("There are compelling reasons to go on with it."),
        Ground.ACCURATE: words("We looked into it, and it is right as it is."),
        Ground.NOTHING_HELD: words("Nothing of this is held."),
        Ground.ANSWERED: words("It was answered already."),
        Ground.COMPLEX: words("It takes long to find and check all that belongs to it."),
        Ground.MANY: words("There are many requests to answer at once."),
    }  # fmt: skip


def _ours(words: Words) -> dict[str, str]:
    """Return what is said of the codes that the house itself gives."""
    sure = words("It was made sure that it was you.")
    return {
        NOT_PROVEN: words("Nobody proved in time that it was them."),
        ERASED: words("All that was held is erased already."),
        PARTIAL: words("Something stays: the law or a clause keeps it."),
        BY_HAND: words("A part in another system was settled by hand, and not read back."),
        NOT_ME: words("You said that it was not you."),
        LETTER: words("A letter with a link went to an address that was proven."),
        SOON: words("The end of the time is near."),
        LATE: words("The time is over."),
        **dict.fromkeys(ASSURANCES, sure),
    }


def _whys(words: Words) -> dict[str, str]:
    """Return what is said of the reasons for which deciding refuses; nothing that anybody typed is in it."""
    no_clause = words("No clause of the agreement allows it.")
    told = {
        Why.NOT_IN_FORCE: words("The agreement is not in force yet."),
        Why.NEEDS_REVIEW: words("Somebody has to look into it first."),
        Why.ASSURANCE_MISSING: words("It could not be made sure that it was you."),
        Why.IN_GRACE: words("It is sealed away, and nobody can read it."),
        Why.DUTY: words("A law obliges us to keep it as it is."),
        Why.HELD: words("It is kept for a legal reason."),
        Why.OBJECTED: words("You objected to this use."),
        Why.RESTRICTED: words("You set this to be stored and not used."),
        Why.APPROVAL_MISSING: words("A second person has to agree to it."),
        **dict.fromkeys(_NOT_TAKEN, words("What was given cannot be taken in as it was written.")),
        **dict.fromkeys(_NO_CONSENT, words("You have not agreed to this use.")),
        **dict.fromkeys(_MOVED, words("Something else was there first, or changed it meanwhile.")),
        **dict.fromkeys(_GONE, words("Nothing of this is held.")),
    }
    return {why.value: told.get(why, no_clause) for why in Why}
