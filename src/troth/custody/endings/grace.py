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
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from os import urandom
from typing import Any

from troth.clock import DAY, Instant
from troth.custody.asking import refusal_of
from troth.custody.desk import Desk
from troth.custody.endings import erasing, finishing
from troth.custody.endings.completing import keep_outside
from troth.custody.endings.erasing import Erase, Kept, Outlook
from troth.custody.keymaking import DUTIES, GRACE, PACKAGES, SELF, adopt_epochs, open_key
from troth.custody.serving import in_unit, remembered
from troth.errors import (
    BadArgument,
    NotErased,
    NotKeptOutside,
    TrothError,
    Unfinished,
)
from troth.house import House
from troth.ledger.entry import Entry
from troth.ledger.receipt import Receipt
from troth.rules.decision import TIME, Act, ActorKind, Request, Why
from troth.rules.standing import NEWCOMER, Standing, write
from troth.store import graces, keystore, registry, sealed_keys
from troth.store.graces import Grace
from troth.terms.vocabulary import Category, RetentionClass
from troth.vault import recovery
from troth.vault.keyring import KeyRow, new_pseudonym
from troth.vault.recovery import Recovery

LONGEST = 30  # days
KIND = "troth.grace"


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


def preview(desk: Desk, erase: Erase) -> Outlook | TrothError:
    """Return what a grace would seal away now; nothing is done, and only a refusal is remembered."""
    decided = _decided(desk, erase)
    return decided if isinstance(decided, TrothError) else decided[1]


def _decided(desk: Desk, erase: Erase) -> tuple[Request, Outlook, dict[str, KeyRow], list[str]] | TrothError:
    """Decide a grace; return the request, what goes and stays, the keys, and which of them go."""
    decided = erasing.decided(desk, erase)
    if isinstance(decided, TrothError):
        return decided
    request, outlook, keys = decided
    if request.by.kind is not ActorKind.SUBJECT:  # whoever has the code can undo it: nobody else may
        return desk.refuse(
            request, refusal_of(Why.NOT_BY, *outlook.clauses, word="anybody else"), erase.about
        )
    going = _going(outlook, keys)
    if not going:
        nothing = refusal_of(Why.NO_CLAUSE, *outlook.clauses, word="nothing is held")
        return desk.refuse(request, nothing, erase.about)
    return request, outlook, keys, going


def begin(desk: Desk, job: PutAway) -> Away | TrothError:
    """Decide a grace and note it, to be finished whatever happens."""
    erase = job.erase
    desk.find([erase.about])
    finishing.finish_of(desk, desk.people.values())
    decided = _decided(desk, erase)
    if isinstance(decided, TrothError):
        return decided
    request, outlook, keys, going = decided
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
        json.dumps(closing).encode("ascii"), record=salt, category=KIND, schema=1  # not hashed
    )  # fmt: skip
    case_id = urandom(16)
    graces.begin(desk.unit, Grace(subject, case_id, ends_at, 0, json.dumps(noted), sealed))  # not hashed
    erasing.tell_elsewhere(desk, erase, outlook, put_off=True, case_id=case_id)
    after = _within(before, ends_at, whole=outlook.whole)
    registry.set_standing(desk.unit, subject, write(after))
    receipt = desk.remember(line(desk, "grace.begun", request, noted, desk.pseudonym(subject)))
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
            closing = carrier.unseal(grace.standing, record=salt, category=KIND, schema=1)
            code = Recovery(bytes.fromhex(json.loads(closing)["key"]))
            adopt_epochs(house, keeping)
            some = [house.keyring.carried(subject, k, rows[k]) for k in noted["keys"] if k in rows]
            own = house.keyring.make(subject, GRACE, new_pseudonym())  # theirs is sealed away
            sealed = house.keyring.unwrap(subject, GRACE, own).seal(
                code.seal(some, subject), record=salt, category=KIND, schema=1
            )
            keystore.destroy(keeping, subject, [*noted["keys"], GRACE])
            keystore.add(keeping, [(subject, GRACE, *own)])
            sealed_keys.add(keeping, subject, salt, sealed, grace.ends_at)
    with keystore.looking(house.filing) as looking:
        left = [kept for kept in keystore.of(looking, subject) if kept in noted["keys"]]
    if left:
        raise NotErased(rows=0, keys=len(left))
    graces.sealed(desk.unit, subject, desk.now)
    return desk.remember(line(desk, "grace.sealed", by_time(), noted, None))


def by_time() -> Request:
    """Return the request of time to erase what was put off."""
    return Request(Act.ERASE, TIME, Category("*"))


def line(desk: Desk, kind: str, request: Request, noted: Mapping[str, Any], pseudonym: str | None) -> Entry:
    """Return the line of what happened to a grace."""
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
