"""Which passwords are taken, how good one is, and how one is kept and checked.

After NIST SP 800-63B-4 3.1.1.2: 15 characters or more where the password stands alone and 8 beside a
second factor; any character; no composition rules and no truncation; a blocklist that compares the
whole password, with a reason. A password is put into NFKC first, as that section advises (Unicode
UAX 15, 12.1), so that the same keys on another device give the same password; what has no fixed
normal form yet is refused.

The blocklist is zxcvbn's lists and the words of the place: names of the organisation, the site and the
member. Beyond them `judge` refuses what zxcvbn takes to be guessed within 10**8 attempts.

Hashes are Argon2id in PHC text (RFC 9106; OWASP's least: 19 MiB, 2 passes, 1 lane). They are kept
as any credential is, sealed under the member's own key in the vault, which is the keyed step that
NIST asks for besides: whoever has the rows without the keys cannot even begin to guess.
"""

import re
import secrets
import unicodedata
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from troth.errors import CredentialRefused

ALONE = 15
BESIDE = 8
LONGEST = 256  # code points; NIST asks for 64
JUDGED = 64  # zxcvbn takes time with the square of the length: the rest can only make it better
GOOD = 3  # zxcvbn's score from 10**8 guesses on
WORDS = 64  # of the place; more would only cost time

MEMORY = 19 * 1024  # KiB
PASSES = 2
LANES = 1
SALT = 16
HASH = 32
_PARAMETERS = f"$argon2id$v=19$m={MEMORY},t={PASSES},p={LANES}$"

# What people write for letters. One sign, one letter, in two ways: zxcvbn's own table tries all
# combinations, which a password of signs alone turns into seconds.
_ONE_WAY = str.maketrans("4@8({[<3691!|0$5+7%2", "aabcccceggiiiossttxz")
_OTHER_WAY = str.maketrans("4@8({[<3691!|0$5+7%2", "aabccccegglilosstlxz")


class Reason(StrEnum):
    """Why a password is not taken; the codes stay."""

    SHORT = "short"
    LONG = "long"
    CHARACTERS = "characters"
    LISTED = "listed"
    CONTEXT = "context"
    GUESSABLE = "guessable"


class Advice(StrEnum):
    """What would make it better; the codes stay."""

    MORE_WORDS = "more-words"
    NO_REPEATS = "no-repeats"
    NO_SEQUENCES = "no-sequences"
    NO_KEYBOARD_ROWS = "no-keyboard-rows"
    NO_DATES = "no-dates"
    NO_OWN_WORDS = "no-own-words"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said of a password: why it is not taken, its strength, and what would help.

    `score` is 0 to 4 as zxcvbn counts, `guesses_log10` how many powers of ten of attempts it stands.
    """

    reasons: tuple[Reason, ...]
    score: int
    guesses_log10: float
    advice: tuple[Advice, ...]

    @property
    def accepted(self) -> bool:
        """Whether it is taken."""
        return not self.reasons


def shortest_for(agreed: int | None, *, alone: bool) -> int:
    """Return the fewest characters: what the agreement says, and never less than NIST does.

    `agreed` is `protect: password_length`; `alone` whether nothing else is asked at sign-in.
    """
    return max(agreed or 0, ALONE if alone else BESIDE)


def judge(password: str, *, shortest: int, blocklist: bool, context: Iterable[str] = ()) -> Judgement:
    """Judge a new password; `context` are texts that are expected in it, such as the member's names."""
    if len(password) > LONGEST:
        return Judgement((Reason.LONG,), 0, 0.0, ())
    clean = unicodedata.normalize("NFKC", password)
    if any(unicodedata.category(letter) in {"Cn", "Cs"} for letter in clean):
        return Judgement((Reason.CHARACTERS,), 0, 0.0, ())
    if not clean:
        return Judgement((Reason.SHORT,), 0, 0.0, (Advice.MORE_WORDS,))
    reasons = []
    if min(len(password), len(clean)) < shortest:  # one sign may become eighteen in NFKC
        reasons.append(Reason.SHORT)
    words = _words(context)
    found = _estimate(clean[:JUDGED], words)
    score = _score(found["guesses"])
    patterns = _patterns(found["sequence"])
    if blocklist:
        letters = _folded(clean)
        unit = _unit(letters)
        if _made_of(letters, words) or (score < GOOD and Advice.NO_OWN_WORDS in patterns):
            reasons.append(Reason.CONTEXT)
        elif _listed(clean.casefold()) or _listed(unit):
            reasons.append(Reason.LISTED)
        elif score < GOOD:
            reasons.append(Reason.GUESSABLE)
    advice = (*patterns, Advice.MORE_WORDS) if score < GOOD or reasons else ()
    return Judgement(tuple(reasons), score, float(found["guesses_log10"]), advice)


def hash_password(password: str) -> str:
    """Return the PHC text of a password that `judge` accepted: to be kept sealed, like any credential.

    Raises `ValueError` for one that is too long to have been accepted.
    """
    if len(password) > LONGEST:
        raise ValueError("a password that long is not accepted")
    return _argon2(secrets.token_bytes(SALT)).derive_phc_encoded(_bytes(password))


def verify_password(password: str, phc: str) -> None:
    """Return when the whole of `password` is the one that was hashed; raises `CredentialRefused`."""
    if len(password) > LONGEST:
        pretend("")
    try:
        Argon2id.verify_phc_encoded(_bytes(password), phc)
    except InvalidKey:
        raise CredentialRefused from None


def pretend(password: str) -> NoReturn:
    """Raise `CredentialRefused` after as much work as a wrong password costs, for accounts without one.

    As much as today's hashes cost: one that `needs_rehash` tells itself apart until it is made anew.
    """
    verify_password(password, _NOBODY)
    raise CredentialRefused


def needs_rehash(phc: str) -> bool:
    """Whether a hash was made with other costs than those of today; hash anew at the next sign-in."""
    return not phc.startswith(_PARAMETERS)


def _argon2(salt: bytes) -> Argon2id:
    return Argon2id(salt=salt, length=HASH, iterations=PASSES, lanes=LANES, memory_cost=MEMORY)


def _bytes(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _base64(raw: bytes) -> str:
    return b64encode(raw).rstrip(b"=").decode("ascii")


_NOBODY = f"{_PARAMETERS}{_base64(bytes(SALT))}${_base64(bytes(HASH))}"


# ---- the estimate


def _estimate(password: str, words: tuple[str, ...]) -> dict[str, Any]:
    """Return zxcvbn's estimate, which its own entrance would make slowly and remember `words` after."""
    from zxcvbn import matching, scoring  # type: ignore[import-untyped]  # it has no types

    lists = {**matching.RANKED_DICTIONARIES, "own": matching.build_ranked_dict(words)}
    matches = [
        match
        for find in (
            matching.dictionary_match,
            matching.reverse_dictionary_match,
            matching.spatial_match,
            matching.sequence_match,
            matching.regex_match,
            matching.date_match,
        )
        for match in find(password, _ranked_dictionaries=lists)
    ]
    for letters in {password.translate(_ONE_WAY), password.translate(_OTHER_WAY)}:
        for find in (matching.dictionary_match, matching.reverse_dictionary_match, matching.repeat_match):
            matches += find(letters, _ranked_dictionaries=lists)
    found: dict[str, Any] = scoring.most_guessable_match_sequence(password, matches)
    return found


def _score(guesses: float) -> int:
    from zxcvbn import time_estimates

    return int(time_estimates.guesses_to_score(guesses))


def _patterns(sequence: Iterable[dict[str, Any]]) -> tuple[Advice, ...]:
    """Return what the parts of a password have against them, each once."""
    advice: dict[Advice, None] = {}
    for part in sequence:
        match part["pattern"]:
            case "repeat":
                advice[Advice.NO_REPEATS] = None
            case "sequence":
                advice[Advice.NO_SEQUENCES] = None
            case "spatial":
                advice[Advice.NO_KEYBOARD_ROWS] = None
            case "date" | "regex":
                advice[Advice.NO_DATES] = None
            case "dictionary" if part["dictionary_name"] == "own":
                advice[Advice.NO_OWN_WORDS] = None
    return tuple(advice)


def _listed(word: str) -> bool:
    from zxcvbn import matching

    return any(word in ranked for ranked in matching.RANKED_DICTIONARIES.values())


def _words(context: Iterable[str]) -> tuple[str, ...]:
    """Return each text as one word, and its parts of three letters or more: `ann.archer`, `ann`."""
    words: dict[str, None] = {}
    for text in context:
        clean = unicodedata.normalize("NFKC", text[:LONGEST])
        for part in (clean, *re.split(r"[\s@]+", clean), *re.split(r"[\W_]+", clean)):
            folded = _folded(part)
            if len(folded) >= 3:
                words[folded] = None
    return tuple(words)[:WORDS]


def _folded(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _made_of(text: str, words: tuple[str, ...]) -> bool:
    """Whether `text` is words in a row, and nothing besides."""
    ends = {0}
    for start in range(len(text)):
        if start in ends:
            ends |= {start + len(word) for word in words if text.startswith(word, start)}
    return bool(text) and len(text) in ends


def _unit(text: str) -> str:
    """Return the shortest text that repeated gives `text`."""
    return text[: (text + text).find(text, 1)]
