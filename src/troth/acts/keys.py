"""Keys of programs: make one, end one, list them; several of one program may be valid at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from troth.clock import FOREVER, Instant
from troth.custody import program_keys
from troth.custody.desk import Desk
from troth.errors import BadArgument, NoSuchKey, UnknownProgram, UnknownServedPurpose
from troth.rules import given
from troth.rules.program_keys import ProgramKey, is_purpose
from troth.store import program_keys as rows
from troth.teller import Teller
from troth.terms.vocabulary import Program, Purpose

FASTEST = 60_000_000  # requests a minute


@dataclass(frozen=True, slots=True)
class Made:
    """A key that was just made, and its text, which is shown this once."""

    key: ProgramKey
    text: str = field(repr=False)


def make_key(teller: Teller, *, program: str, purposes: Iterable[str], rate: int, until: Instant) -> Made:
    """Make a key of a program, for purposes of the agreement, at most `rate` requests a minute.

    Raises `UnknownProgram`, `UnknownServedPurpose`, and `BadArgument` without a purpose, for a rate that
    is none, or an end that is over.
    """
    name, words = given.text("program", program), tuple(sorted(given.texts("purposes", purposes)))
    if not words:
        raise BadArgument(name="purposes", wanted="a list of purposes, with one at least")
    if type(rate) is not int or not 0 < rate <= FASTEST:
        raise BadArgument(name="rate", wanted=f"a whole number from 1 to {FASTEST}")

    def work(desk: Desk) -> Made:
        book = desk.house.book
        if name not in book.programs:
            raise UnknownProgram(program=name)
        for word in words:
            if not is_purpose(book, word):
                raise UnknownServedPurpose(purpose=word)
        if type(until) is not int or not desk.now < until <= FOREVER:
            raise BadArgument(name="until", wanted="an instant to come")
        some = tuple(map(Purpose, words))
        return Made(*program_keys.make(desk, program=Program(name), purposes=some, rate=rate, until=until))

    return teller.alone(work)


def end_key(teller: Teller, *, key: str) -> ProgramKey:
    """End a key, by its id; servers refuse it within a second. Raises `NoSuchKey`."""
    given.text("key", key)
    found = teller.alone(lambda desk: program_keys.end(desk, key))
    if found is None:
        raise NoSuchKey
    return found


def keys(teller: Teller) -> tuple[ProgramKey, ...]:
    """Return every key that was not ended, the oldest first; some of them may be over."""
    return teller.alone(lambda desk: tuple(key for key, _ in rows.every(desk.unit)))
