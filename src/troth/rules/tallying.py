"""Tally: what may be counted of values whose time is over, how coarsely, and of how many people at least."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from troth.clock import DAY, FOREVER, Instant, instant, iso
from troth.rules.decision import Act
from troth.rules.record import lifetime
from troth.rules.rulebook import Grant, Intake, Rulebook
from troth.terms.abilities import COUNTABLE
from troth.terms.agreement import Agreement, Keep, Protect, Target, Use, Who
from troth.terms.vocabulary import Category, ClauseId, FieldName, Purpose, covers

Key = tuple[Act, Category, str]
Reading = tuple[int, int, Mapping[FieldName, str | None]]  # month, person, what each field comes to
Tallies = dict[tuple[FieldName, str, int], int]  # (field, value, month) -> how often

THRESHOLD = 20  # people in the smallest group, where the agreement does not say
ANONYMISE = "anonymise"
_CARRIED = frozenset({"case", "reason"})
_AMOUNT = re.compile(r"(-?)(\d+)(?:\.\d+)?\Z", re.ASCII)
_FORMS = {
    "money": re.compile(r"-?(0|10*) [A-Z]{3}\Z", re.ASCII),
    "date": re.compile(r"\d{4}\Z", re.ASCII),
    "time": re.compile(r"\d{4}-\d{2}\Z", re.ASCII),
    "integer": re.compile(r"-?\d+\Z", re.ASCII),
    "boolean": re.compile(r"(true|false)\Z"),
}


def least(agreement: Agreement) -> int:
    """Return how many people the smallest group has that may be counted: the largest `threshold`."""
    said = [
        dict(rule.measures).get("threshold") for _, rule in agreement.rules() if isinstance(rule, Protect)
    ]
    return max((int(each) for each in said if each), default=THRESHOLD)


def promises_noise(agreement: Agreement) -> bool:
    """Whether totals are promised with noise (`epsilon`): a tally has none, so nobody may read one then."""
    measures = (rule.measures for _, rule in agreement.rules() if isinstance(rule, Protect))
    return any(name == "epsilon" for some in measures for name, _ in some)


# ---- who may count, and who may read


def counted(intakes: Iterable[tuple[Category, Intake]]) -> dict[Category, frozenset[FieldName]]:
    """Return the fields that are counted at their end; what is kept longer for one purpose is not."""
    found: dict[Category, set[FieldName]] = defaultdict(set)
    for category, intake in intakes:
        for part in intake.parts:
            if part.keep.then == ANONYMISE and part.longer < 0:
                found[category] |= {n for n in part.fields if intake.specs[n].type in COUNTABLE}
    return {category: frozenset(names) for category, names in found.items() if names}


def grants_of(
    agreement: Agreement,
    taken: Sequence[tuple[Category, Intake]],
    covered: Callable[[Iterable[Target], Category], frozenset[FieldName]],
    words: Iterable[Purpose],
) -> Iterator[tuple[Key, Grant]]:
    """Yield what lets time count fields for a use that leaves aggregates alone, and who reads the tallies.

    Of somebody is counted only what that use might count of them today. Where more than one consent would
    have to stand (to the collection, and to the use), nothing is counted.
    """
    fields, noise, words = counted(taken), promises_noise(agreement), tuple(words)
    for clause, rule in agreement.rules():
        if not isinstance(rule, Use) or rule.leaves != "aggregates":
            continue
        serving = [purpose for purpose in words if covers(rule.purpose, purpose)]
        for category, some in fields.items():
            names = covered(rule.of, category) & some
            consents = {c for of, intake in taken if of == category and (c := intake.rule.consent)}
            for act, grant in _of_use(clause.id, rule, names, consents, noise=noise) if names else ():
                yield from (((act, category, purpose), grant) for purpose in serving)


def _of_use(
    clause: ClauseId, rule: Use, names: frozenset[FieldName], consents: set[Purpose], *, noise: bool
) -> Iterator[tuple[Act, Grant]]:
    needed = consents | ({rule.purpose} if rule.consent else set[Purpose]())
    if len(needed) <= 1:
        objection = rule.purpose if rule.objection else None
        yield Act.COUNT, Grant(clause, names, Who(), consent=next(iter(needed), None), objection=objection)
    needs = tuple(need for need in rule.needs if need in _CARRIED)
    yield Act.TALLY, Grant(clause, names, rule.by, needs=needs, noise=noise)


def purposes(book: Rulebook, category: Category) -> dict[Purpose, frozenset[FieldName]]:
    """Return the purposes for which fields of a category are counted, with the fields of each."""
    return {
        Purpose(word): frozenset[FieldName]().union(*[grant.fields for grant in cell.grants])
        for (act, of, word), cell in book.cells.items()
        if act is Act.COUNT and of == category
    }


# ---- what is counted


def month_of(at: Instant) -> int:
    """Return the month of an instant in UTC, counted from the year 0."""
    return _month_of(at // DAY)


@lru_cache(maxsize=4096)
def _month_of(day: int) -> int:
    year, month = iso(day * DAY)[:7].split("-")
    return int(year) * 12 + int(month) - 1


def month_text(month: int) -> str:
    """Return a month as `YYYY-MM`."""
    return f"{month // 12:04}-{month % 12 + 1:02}"


def coarse(kind: str, value: object) -> str | None:
    """Return what a value of a field type is counted as; None for what is not counted at all.

    Money: the power of ten below it, with its currency. A date: its year. A time: its month.
    """
    if kind not in COUNTABLE or value is None:
        return None
    if kind == "money":
        return _magnitude(value)
    if kind == "boolean":
        return {True: "true", False: "false"}.get(value) if isinstance(value, bool) else None
    if kind == "integer":
        return str(value) if type(value) is int else None
    if type(value) is not str:
        return None
    return value[:4] if kind == "date" else value[:7] if kind == "time" else value


def _magnitude(value: object) -> str | None:
    if not isinstance(value, Mapping):
        return None
    found = _AMOUNT.match(str(value.get("amount")))
    if found is None:
        return None
    sign, whole = found.groups()
    power = "0" if whole == "0" else "1" + "0" * (len(whole) - 1)
    return f"{sign if power != '0' else ''}{power} {value.get('currency')}"


def is_coarse(kind: str, value: str, choices: Sequence[str] = ()) -> bool:
    """Whether text is what a value of a field type may be counted as."""
    if kind not in COUNTABLE or (choices and value not in choices):
        return False
    form = _FORMS.get(kind)
    return form is None or bool(form.match(value))


# ---- which groups are large enough


def tallied(readings: Iterable[Reading], smallest: int) -> Tallies:
    """Return how often each value stands in records that go together, each field and month by itself.

    Counted are only values of `smallest` people or more, of whom no single one has more than half of
    the records. What is left out of a field (none at all counts as a value, too) is of as many people
    by the same rule, or of nobody: else it could be had by subtracting from another field's sum, so
    the smallest of what would be counted is left out as well.
    """
    groups: dict[tuple[FieldName, int], dict[str | None, Counter[int]]] = defaultdict(dict)
    for month, person, values in readings:
        for name, value in values.items():
            groups[name, month].setdefault(value, Counter())[person] += 1
    return {
        (name, value, month): people.total()
        for (name, month), values in groups.items()
        for value, people in _shown(values, smallest).items()
    }


def _shown(values: Mapping[str | None, Counter[int]], smallest: int) -> dict[str, Counter[int]]:
    shown = {v: people for v, people in values.items() if v is not None and _enough(people, smallest)}
    hidden = Counter[int]()
    for value, people in values.items():
        if value not in shown:
            hidden += people
    for value in sorted(shown, key=lambda v: (len(shown[v]), shown[v].total(), v)):
        if not hidden or _enough(hidden, smallest):
            break
        hidden += shown.pop(value)
    return shown


def _enough(people: Counter[int], smallest: int) -> bool:
    return len(people) >= smallest and max(people.values()) * 2 <= people.total()


# ---- which months may be read


def is_over(books: Iterable[Rulebook], category: Category, month: int, now: Instant) -> bool:
    """Whether all that was collected of a category in a month is over, and gone by what was promised."""
    year, number = divmod(month + 1, 12)
    last = instant(f"{year:04}-{number + 1:02}-01T00:00:00Z") - 1
    ends = [
        _gone_by(part.keep, lifetime(part, last)[1])
        for book in books
        for (of, _), intake in book.intakes.items()
        if of == category
        for part in intake.parts
        if part.keep.then == ANONYMISE and part.longer < 0
    ]
    return all(end <= now for end in ends)


def _gone_by(keep: Keep, end: Instant) -> Instant:
    return FOREVER if end >= FOREVER else min(FOREVER, keep.gone_within.after(end))
