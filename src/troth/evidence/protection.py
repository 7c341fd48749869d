"""The checks of `protect` rules: of the store, of the ledger, and of what came of trying the pages."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from troth.clock import DAY, Instant
from troth.evidence import tried
from troth.evidence.demands import of_keeping, of_proofs
from troth.evidence.probing import probe
from troth.evidence.status import CheckResult, Status, judged
from troth.evidence.telling import of_telling
from troth.terms.agreement import Protect
from troth.terms.vocabulary import Period

if TYPE_CHECKING:
    from troth.evidence.checks import Sight

_NO_TEXT = frozenset({"boolean", "money", "json", "integer", "number", "decimal", "picture", "file"})
COPIED_WITHIN = 8 * DAY
EPOCHS_IN_USE = 3  # the current one, and the two before it that copies may need

# The measures that the pages are tried for.
OF_PAGES = frozenset(
    {"codes", "same_answer", "reminders", "rate_limit", "lockout", "password_length", "password_blocklist",
     "passkeys", "transit"}
)  # fmt: skip


def of_protect(rule: Protect, sight: "Sight") -> tuple[CheckResult, ...]:
    """Return the results of every measure that is carried out and looked at; `later` names the others."""
    found = []
    for name, value in rule.measures:
        if name in _CHECKS:
            found.append(_CHECKS[name](value, sight))
        elif name in OF_PAGES and (name, value) not in UNBUILT:
            found.append(of_pages(name, value, sight))
    return tuple(found)


UNBUILT = frozenset({("passkeys", "required")})
"""Values of measures that nothing carries out, though it does others of the same measure."""


def of_pages(kind: str, word: str, sight: "Sight") -> CheckResult:
    """Return how a promise of the pages stands."""
    since = sight.house.book.agreement.effective
    return tried.judge(kind, word, sight.probes, now=sight.now, since=since)


def of_ends(name: str, within: Period, late: Sequence[Instant], count: int, sight: "Sight") -> CheckResult:
    """Return whether what is over goes in time; `late` are ends of what still is here."""
    measures = f"nothing expired stays longer than {within} before it is physically gone"
    limits = (
        "backups, copies made by the operating system or the storage below it, "
        "and in pages until a database is written anew; other systems"
    )
    if not late:
        return judged(name, measures, limits, [], count, "nothing is held in this class yet")
    if within.after(min(late)) < sight.now:
        detail = "an expired record is still stored beyond the bound; run `troth sweep`"
        return CheckResult(name, measures, limits, Status.BROKEN, count, detail)
    detail = "expired records wait to be swept, within the bound"
    return CheckResult(name, measures, limits, Status.AT_RISK, count, detail)


def _gone_within(value: str, sight: "Sight") -> CheckResult:
    within = Period.parse(value)
    assert within is not None  # noqa: S101 - the grammar read it as a period
    count = sum(held.records for held in sight.held) + sight.history.kinds.get("record.expired", 0)
    return of_ends("gone-within", within, [*sight.overdue.values()], count, sight)


def _receipts(_: str, sight: "Sight") -> CheckResult:
    history = sight.history
    faults = [f"no proof can be made: {sight.ledger_fault}"] if sight.ledger_fault else []
    if history.begun - history.done > sight.under_way:
        faults.append("an erasure was begun that nothing will end, so it has no receipt of its end")
    measures = "each erasure that ended is a line of the signed ledger, which its receipt proves"
    limits = "whether somebody looked at their receipt, or kept it"
    return judged("receipts", measures, limits, faults, history.done, "nobody was erased yet")


def _encryption(_: str, sight: "Sight") -> CheckResult:
    count = sum(held.records for held in sight.held)
    faults = [f"{h.malformed} records are not sealed" for h in sight.held if h.malformed]
    measures = "records are sealed, each under a key of its person and class"
    limits = "keys in the memory of a running house"
    return judged("sealed", measures, limits, faults, count, "nothing is held yet")


def _checkpoint(value: str, sight: "Sight") -> CheckResult:
    faults = [sight.ledger_fault] if sight.ledger_fault else []
    period = Period.parse(value)
    if period and sight.checkpoint_at and period.after(sight.checkpoint_at) < sight.now:
        faults.append("the last checkpoint is older than promised; run `troth sweep`")
    measures = "the ledger makes its signed root and continues the last checkpoint, which is recent"
    limits = "a fork that is shown to others only: keep checkpoints elsewhere too"
    return judged("ledger-continues", measures, limits, faults, sight.history.entries, "it is empty")


def _uploads(value: str, _: "Sight") -> CheckResult:
    faults, count = probe(frozenset(value.split(", ")))
    measures = "samples of hostile uploads, sent through the checks now, are refused, or lose what they hide"
    limits = "what was taken in before this was promised; viruses; what a picture shows"
    nothing = "no picture is taken in: what opens them is not installed"
    return judged("uploads", measures, limits, faults, count, nothing)


def _timeline(_: str, sight: "Sight") -> CheckResult:
    faults, count = sight.timelines
    measures = "of some people by chance, their list gives each of the last lines of the ledger about them"
    limits = "lines for many people at once, which name nobody; how the page words them"
    return judged("timeline", measures, limits, faults, count, "no line names anybody yet")


def _filed_by_staff(_: str, sight: "Sight") -> CheckResult:
    return of_proofs(sight.demanded)


def _requests_kept(_: str, sight: "Sight") -> CheckResult:
    return of_keeping(sight.demanded)


def _recipients_told(value: str, sight: "Sight") -> CheckResult:
    house = sight.house
    texts = {
        f"{category}.{name}": spec.type not in _NO_TEXT
        for category, specs in house.book.fields.items()
        for name, spec in specs.items()
    }
    return of_telling(value.split(", "), house.systems, sight.history.telling, texts)


def _restore(_: str, sight: "Sight") -> CheckResult:
    """Whether copies are made, and one was restored: erasures are replayed by nothing else."""
    kinds, faults = sight.history.kinds, list[str]()
    count = kinds.get("restore.drilled", 0) + kinds.get("restore.done", 0)
    if sight.copied and sight.copied + COPIED_WITHIN < sight.now:
        faults.append("the last verified copy is older than eight days; run `troth backup`")
    if sight.epochs > EPOCHS_IN_USE and sight.copied:
        faults.append(f"keys of {sight.epochs} epochs are kept, so that old copies of the keys still open")
    measures = "copies are verified weekly, one was restored with erasures replayed, and old ones are closed"
    limits = "copies that were not made by `troth backup`; whether the places for copies are safe"
    nothing = "no copy was restored yet; run `troth backup --drill`"
    if faults:
        return CheckResult("restores", measures, limits, Status.AT_RISK, count, "; ".join(faults))
    return judged("restores", measures, limits, [], count, nothing)


_CHECKS = {
    "filed_by_staff": _filed_by_staff,
    "gone_within": _gone_within,
    "receipts": _receipts,
    "recipients_told": _recipients_told,
    "requests_kept": _requests_kept,
    "restore": _restore,
    "encryption": _encryption,
    "checkpoint": _checkpoint,
    "uploads": _uploads,
    "timeline": _timeline,
}
CHECKED_MEASURES = frozenset(_CHECKS) | OF_PAGES
