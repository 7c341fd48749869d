"""Check what is left of data that was made anonymous: totals of many, coarse, and no more than went."""

from collections import Counter

from troth.evidence.status import CheckResult, judged
from troth.rules import tallying
from troth.rules.rulebook import Rulebook
from troth.store.tallies import Tally
from troth.terms.agreement import FieldSpec, Keep
from troth.terms.vocabulary import Category, FieldName

_MEASURES = "what remains of it are totals, each of {least} records or more, coarse, and no more than went"
_LIMITS = (
    "of how many people each total was; what somebody knows from elsewhere: a threshold is no differential"
    " privacy; totals that were written around the door"
)


def of_anonymised(
    rule: Keep, book: Rulebook, some: tuple[Tally, ...], expired: int
) -> tuple[CheckResult, ...]:
    """Return the check of a class that is made anonymous; of any other, none.

    `some` is all that was counted, `expired` how many records of the class went, as the ledger tells.
    """
    if rule.then != tallying.ANONYMISE:
        return ()
    least = tallying.least(book.agreement)
    mine = [tally for tally in some if _is_of(book, Category(tally.category), rule)]
    small = sum(tally.often < least for tally in mine)
    strange = sum(not _is_coarse(book, tally) for tally in mine)
    sums = Counter[tuple[str, str]]()
    for tally in mine:
        sums[tally.category, tally.field] += tally.often
    faults = [f"{small} totals are of fewer than {least}"] if small else []
    faults += [f"{strange} totals are of something that is not counted"] if strange else []
    faults += [
        f"of `{category}.{name}` {count} are counted, and only {expired} went by the ledger"
        for (category, name), count in sorted(sums.items())
        if count > expired
    ]
    nothing = "nothing of this class has gone yet"
    return (judged("anonymised", _MEASURES.format(least=least), _LIMITS, faults, expired, nothing),)


def _is_of(book: Rulebook, category: Category, rule: Keep) -> bool:
    intakes = (intake for (of, _), intake in book.intakes.items() if of == category)
    return any(part.keep.name == rule.name for intake in intakes for part in intake.parts)


def _is_coarse(book: Rulebook, tally: Tally) -> bool:
    spec: FieldSpec | None = book.fields.get(Category(tally.category), {}).get(FieldName(tally.field))
    return spec is not None and tallying.is_coarse(spec.type, tally.value, spec.choices)
