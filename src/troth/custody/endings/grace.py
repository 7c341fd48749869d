"""Grace: an erasure that its person can call back for some days, and nobody else can.

The keys of what goes are sealed together under a key that a recovery code gives. The person alone has the
code, so that until the end nobody else reads anything, and after it nobody at all: the end destroys what
the code opens, and is an erasure like any other. It is sealed once more, under a key of the grace that is
wrapped like every key: so a copy of it that somebody keeps closes with its epoch, to the code as well.
As with erasing, each step may be cut off:

1. in the store: the decision, a row of the grace, the line `grace.begun`; from here on the person is found
   by nobody where everything goes, and where something stays only that is read;
2. in the keystore: the keys are sealed away, and are keys no more;
3. in the store: that it is so, the line `grace.sealed`.

To finish the second step after a cut, the row holds what the code gives, sealed under one of the keys that
are sealed away by it: once they are, it opens for nobody but whoever has the code.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from os import urandom
from typing import Any

from troth.clock import DAY, FOREVER, Instant
from troth.custody.asking import of_act, refusal_of
from troth.custody.desk import About, Desk
from troth.custody.endings import erasing, finishing
from troth.custody.endings.completing import keep_outside
from troth.custody.endings.erasing import Erase, Kept, Outlook
from troth.custody.finding import token_of
from troth.custody.keymaking import DUTIES, GRACE, PACKAGES, SELF, adopt_epochs, open_key
from troth.custody.serving import in_unit, remembered
from troth.custody.systems import duties
from troth.errors import (
    BadArgument,
    BadValue,
    EmptyNeedle,
    EpochUnknown,
    NotErased,
    NotKeptOutside,
    NotNormal,
    NotRestored,
    RowBroken,
    SealBroken,
    TrothError,
    Unfinished,
    UnknownSuite,
)
from troth.house import House
from troth.ledger.entry import Entry
from troth.ledger.receipt import Receipt
from troth.rules.decision import ENTRY_KIND, TIME, Act, ActorKind, Refusal, Request, Why, member
from troth.rules.standing import NEWCOMER, Standing, read, write
from troth.store import graces, keystore, registry, sealed_keys
from troth.store.graces import Grace
from troth.terms.vocabulary import Category, ClauseId, RetentionClass
from troth.vault import recovery
from troth.vault.keyring import KeyRow, new_pseudonym
from troth.vault.recovery import Recovery

LONGEST = 30  # days
_KIND = "troth.grace"


@dataclass(frozen=True, slots=True)
class PutAway:
    """An ERASE request of everything that is carried out some days later, unless the code calls it back."""

    erase: Erase
    days: int
    code: str = field(repr=False)

    def __post_init__(self) -> None:
        """Raise `BadArgument` for other days than 1 to 30, for what is no code, and for a part alone."""
        if type(self.days) is not int or not 1 <= self.days <= LONGEST:
            raise BadArgument(name="days", wanted=f"a whole number from 1 to {LONGEST}")
        if not isinstance(self.code, str) or not recovery.is_code(self.code):
            raise BadArgument(name="code", wanted="a recovery code, as `recovery_code` makes them")
        if self.erase.classes:
            raise BadArgument(name="classes", wanted="nothing: a grace is of everything")


@dataclass(frozen=True, slots=True)
class ComeBack:
    """A RESTORE request of somebody in grace, with the code that they alone have."""

    request: Request
    about: About = field(repr=False)
    code: str = field(repr=False)

    def __post_init__(self) -> None:
        """Raise `WrongAct` for a request of another act."""
        of_act(self.request, Act.RESTORE)


@dataclass(frozen=True, slots=True)
class Away:
    """A grace that runs: what is sealed away and what stays, when it ends, and the lines that say so."""

    goes: tuple[RetentionClass, ...]
    stays: tuple[Kept, ...]
    whole: bool
    ends_at: Instant
    subject: int
    begun: Receipt
    sealed: Receipt  # of the line that says it is so; of the first one when another house finished it


# ---- beginning


def put_away(house: House, job: PutAway) -> Away | TrothError:
    """Begin a grace, and seal the keys away; the ledger kept outside knows it before it is answered.

    Raises `Unfinished` when it is begun and cut off, `NotErased`, `NotKeptOutside`.
    """
    with house.filing.alone():
        begun = remembered(house, job.erase, lambda desk: begin(desk, job))
        if isinstance(begun, TrothError):
            return begun
        try:
            sealed = in_unit(house, lambda desk: finish(desk, begun.subject))
            house.filing.fold()
            keep_outside(house, sealed or begun.begun)
        except (NotErased, NotKeptOutside):
            raise
        except TrothError as problem:
            raise Unfinished(entry=begun.begun.entry, problem=problem.code) from None
    return begun if sealed is None else replace(begun, sealed=sealed)


def begin(desk: Desk, job: PutAway) -> Away | TrothError:
    """Decide a grace and note it, to be finished whatever happens."""
    erase = job.erase
    desk.find([erase.about])
    finishing.finish_of(desk, desk.people.values())
    decided = erasing.decided(desk, erase)
    if isinstance(decided, TrothError):
        return decided
    request, outlook, keys = decided
    going = _going(outlook, keys)
    if request.by.kind is not ActorKind.SUBJECT:  # whoever has the code can undo it: nobody else may
        return desk.refuse(
            request, refusal_of(Why.NOT_BY, *outlook.clauses, word="anybody else"), erase.about
        )
    if not going:
        nothing = refusal_of(Why.NO_CLAUSE, *outlook.clauses, word="nothing is held")
        return desk.refuse(request, nothing, erase.about)
    subject, ends_at = desk.people[erase.about], desk.now + job.days * DAY
    commitment = desk.commitment(keys[kept].commitment for kept in going)
    before, salt = desk.standings[subject], urandom(recovery.SALT)
    carrier = SELF if SELF in going else going[0]
    desk.open_keys([(subject, carrier)])
    closing = {"key": recovery.key_of(job.code, salt).secret().hex(), "standing": write(before)}
    noted = {
        "carrier": carrier,
        "goes": outlook.goes,
        "keys": going,
        "clauses": outlook.clauses,
        "whole": outlook.whole,
        "commitment": commitment,
        "salt": salt.hex(),
    }
    sealed = desk.keys[subject, carrier].seal(
        json.dumps(closing).encode("ascii"), record=salt, category=_KIND, schema=1  # not hashed
    )  # fmt: skip
    case_id = urandom(16)
    graces.begin(desk.unit, Grace(subject, case_id, ends_at, 0, json.dumps(noted), sealed))  # not hashed
    erasing.tell_elsewhere(desk, erase, outlook, put_off=True, case_id=case_id)
    after = _within(before, ends_at, whole=outlook.whole)
    registry.set_standing(desk.unit, subject, write(after))
    receipt = desk.remember(_line(desk, "grace.begun", request, noted, desk.pseudonym(subject)))
    desk.standings[subject] = after
    return Away(outlook.goes, outlook.stays, outlook.whole, ends_at, subject, receipt, receipt)


def _going(outlook: Outlook, keys: Mapping[str, KeyRow]) -> list[str]:
    """Return the classes whose keys are sealed away: what an erasure would destroy, and packages."""
    if outlook.whole:
        return [kept for kept in keys if kept != DUTIES]
    return [kept for kept in keys if kept in outlook.goes or kept == PACKAGES]


def _within(before: Standing, ends_at: Instant, *, whole: bool) -> Standing:
    """Return what is known of somebody in grace: where everything goes, no choice of theirs."""
    if whole:
        return replace(NEWCOMER, left=before.left, holds=before.holds, grace=ends_at, hidden=True)
    return replace(before, grace=ends_at)


def finish(desk: Desk, subject: int) -> Receipt | None:
    """Seal the keys away, read back that none is left, and say so; None when it was done meanwhile."""
    house, grace = desk.house, graces.one(desk.unit, subject)
    if grace is None or grace.sealed_at:
        return None
    noted = json.loads(grace.noted)
    with keystore.keeping(house.filing) as keeping:
        if sealed_keys.one(keeping, subject) is None:
            rows = {kept: KeyRow(*row) for kept, row in keystore.of(keeping, subject).items()}
            salt = bytes.fromhex(noted["salt"])
            carrier = open_key(house, keeping, subject, noted["carrier"], rows[noted["carrier"]])
            closing = carrier.unseal(grace.standing, record=salt, category=_KIND, schema=1)
            code = Recovery(bytes.fromhex(json.loads(closing)["key"]))
            adopt_epochs(house, keeping)
            some = [house.keyring.carried(subject, k, rows[k]) for k in noted["keys"] if k in rows]
            own = house.keyring.make(subject, GRACE, new_pseudonym())  # theirs is sealed away
            sealed = house.keyring.unwrap(subject, GRACE, own).seal(
                code.seal(some, subject), record=salt, category=_KIND, schema=1
            )
            keystore.destroy(keeping, subject, [*noted["keys"], GRACE])
            keystore.add(keeping, [(subject, GRACE, *own)])
            sealed_keys.add(keeping, subject, salt, sealed, grace.ends_at)
    with keystore.looking(house.filing) as looking:
        left = [kept for kept in keystore.of(looking, subject) if kept in noted["keys"]]
    if left:
        raise NotErased(rows=0, keys=len(left))
    graces.sealed(desk.unit, subject, desk.now)
    return desk.remember(_line(desk, "grace.sealed", _by_time(), noted, None))


# ---- coming back


def come_back(house: House, job: ComeBack) -> Receipt | TrothError:
    """Bring back what a grace sealed away; `NotRestored`, whatever the reason."""
    with house.filing.alone():
        outcome = in_unit(house, lambda desk: _restore(desk, job))
        if isinstance(outcome, Receipt):
            with suppress(NotKeptOutside):  # they are back all the same; the next publication tells it
                keep_outside(house, outcome)
    return outcome


def _whose(desk: Desk, about: About) -> int | None:
    """Return who is meant: by number, by reference, or by what they sign in with."""
    desk.find([about])
    subject = desk.away.get(about, desk.people.get(about))
    if subject is not None or not isinstance(about, str) or desk.house.book.sign_in is None:
        return subject
    category = desk.house.book.sign_in[1].identifiers
    tokens = []
    for name, spec in desk.house.book.fields[category].items():
        if spec.find == "unique":
            with suppress(BadValue, EmptyNeedle, NotNormal, UnicodeEncodeError):
                tokens.append(token_of(desk, category, name, spec, about.strip()))
    subjects = {subject for subject, _ in registry.holders(desk.unit, tokens).values()} if tokens else set()
    desk.find(subjects)
    return subjects.pop() if len(subjects) == 1 else None


def _restore(desk: Desk, job: ComeBack) -> Receipt | TrothError:
    subject = _whose(desk, job.about)
    grace = None if subject is None else graces.one(desk.unit, subject)
    request = replace(job.request, known=grace is not None)
    decision = desk.admit(request, job.about)
    may = not isinstance(decision, Refusal) and grace is not None and desk.now < grace.ends_at
    if may and grace is not None and grace.sealed_at and _opened(desk, grace, job.code):
        return settle(desk, grace)
    refusal = decision if isinstance(decision, Refusal) else refusal_of(Why.UNKNOWN_PERSON)
    desk.refuse(request, refusal, None)
    return NotRestored()


def _opened(desk: Desk, grace: Grace, code: str) -> bool:
    """Make the sealed keys keys again, under the present epoch; False where the code does not open them."""
    house, subject = desk.house, grace.subject
    with keystore.keeping(house.filing) as keeping:
        found = sealed_keys.one(keeping, subject)
        if found is None:
            return False
        salt, sealed = found
        here = keystore.of(keeping, subject)
        if GRACE not in here:
            return False
        adopt_epochs(house, keeping)
        try:
            own = house.keyring.unwrap(subject, GRACE, KeyRow(*here[GRACE]))
            within = own.unseal(sealed, record=salt, category=_KIND, schema=1)
            carried = recovery.key_of(code, salt).unseal(within, subject)
        except (EpochUnknown, SealBroken, UnknownSuite):
            return False
        rows = [(key[0], house.keyring.arrived(subject, key)) for key in carried if key[0] not in here]
        keystore.add(keeping, [(subject, kept, *row) for kept, row in rows])
        keystore.destroy(keeping, subject, [GRACE])
        sealed_keys.destroy(keeping, subject)
    return True


def settle(desk: Desk, grace: Grace) -> Receipt:
    """End a grace whose keys are keys again: the person is as they were, and is found again."""
    subject, noted = grace.subject, json.loads(grace.noted)
    desk.open_keys([(subject, noted["carrier"]), (subject, SELF)])
    if (subject, noted["carrier"]) not in desk.keys:
        raise RowBroken(table="graces")
    salt = bytes.fromhex(noted["salt"])
    closing = desk.keys[subject, noted["carrier"]].unseal(
        grace.standing, record=salt, category=_KIND, schema=1
    )
    here = desk.standings[subject]
    before = read(json.loads(closing)["standing"]) if noted["whole"] else here
    if noted["whole"]:  # nobody chose anything meanwhile, but a restore may have replayed what was refused
        before = replace(before.stricter(here), left=before.left or here.left)
    after = replace(before, holds=here.holds, grace=None, hidden=False)
    desk.standings[subject] = after
    registry.set_standing(desk.unit, subject, write(after))
    graces.end(desk.unit, subject)
    duties.take_back(desk, grace.case, subject)
    request = Request(Act.RESTORE, member(), Category("*"))
    return desk.remember(_line(desk, ENTRY_KIND[Act.RESTORE], request, noted, desk.pseudonym(subject)))


# ---- what time demands


def look(house: House) -> tuple[int, tuple[TrothError, ...]]:
    """Finish what was cut off, and end what is over; return how many graces ended, and what is in the way.

    What an end begins is an erasure that `Teller.resume` finishes.
    """
    ended, stuck = 0, list[TrothError]()
    with house.filing.alone():
        for subject in in_unit(house, _waiting):
            try:
                ended += in_unit(house, lambda desk, one=subject: _attend(desk, one))  # type: ignore[misc]
            except TrothError as problem:
                stuck.append(problem)
        if ended:
            house.filing.fold()
    return ended, tuple(stuck)


def _waiting(desk: Desk) -> Sequence[int]:
    """Return whose grace is cut off, or over: a code that opened keys may have come to nothing, too."""
    some = graces.waiting(desk.unit, desk.now)
    with keystore.looking(desk.house.filing) as looking:
        away = sealed_keys.people(looking)
    back = (subject for subject in graces.subjects(desk.unit) if subject not in away)
    return tuple(dict.fromkeys((*some, *back)))


def _attend(desk: Desk, subject: int) -> int:
    """Bring one grace a step on; return 1 when it ended for good."""
    finish(desk, subject)
    grace = graces.one(desk.unit, subject)
    if grace is None:
        return 0
    desk.find([subject])
    with keystore.looking(desk.house.filing) as looking:
        is_back = sealed_keys.one(looking, subject) is None
    if is_back:
        settle(desk, grace)
        return 0
    if grace.ends_at > desk.now:
        return 0
    _end(desk, grace)
    return 1


def _end(desk: Desk, grace: Grace) -> None:
    """Begin the erasure that a grace put off; finishing it destroys what the code opens."""
    subject, noted = grace.subject, json.loads(grace.noted)
    goes = tuple(map(RetentionClass, noted["goes"]))
    clauses = tuple(map(ClauseId, noted["clauses"]))
    stays: list[Kept] = []
    if not noted["whole"]:
        desk.standings[subject] = replace(desk.standings[subject], grace=None)
        registry.set_standing(desk.unit, subject, write(desk.standings[subject]))
        kept = [RetentionClass(each) for each in desk.key_rows(subject) if not each.startswith(":")]
        stays = [Kept(each, FOREVER, "", "") for each in kept]
    outlook = Outlook(goes, tuple(stays), noted["whole"], clauses)
    graces.end(desk.unit, subject)
    duties.begin(desk, grace.case)
    leaves = desk.standings[subject].left is None
    erasing.enter(desk, _by_time(), outlook, subject, noted["commitment"], leaves=leaves)


def _by_time() -> Request:
    return Request(Act.ERASE, TIME, Category("*"))


def _line(desk: Desk, kind: str, request: Request, noted: Mapping[str, Any], pseudonym: str | None) -> Entry:
    actor, behalf = desk.actor(request.by)
    return Entry(
        at=desk.now,
        kind=kind,
        actor=actor,
        on_behalf_of=behalf,
        act=request.act.value,
        circumstance=erasing.WHOLE if noted["whole"] else None,
        outcome="done" if request.by is TIME else "permitted",
        subject=pseudonym,
        fields=tuple(noted["goes"]),
        clauses=tuple(noted["clauses"]),
        agreement=desk.house.book.agreement.version,
        count=len(noted["keys"]),
        commitment=noted["commitment"],
    )
