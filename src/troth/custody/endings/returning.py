"""Return: what a grace sealed away is keys again for whoever has the code, and the person as they were."""

import json
from contextlib import suppress
from dataclasses import dataclass, field, replace

from troth.custody.asking import of_act, refusal_of
from troth.custody.desk import About, Desk
from troth.custody.endings.completing import keep_outside
from troth.custody.endings.grace import KIND, line
from troth.custody.finding import token_of
from troth.custody.keymaking import GRACE, SELF, adopt_epochs
from troth.custody.serving import in_unit
from troth.custody.systems import duties
from troth.errors import (
    BadValue,
    EmptyNeedle,
    EpochUnknown,
    NotKeptOutside,
    NotNormal,
    NotRestored,
    RowBroken,
    SealBroken,
    TrothError,
    UnknownSuite,
)
from troth.house import House
from troth.ledger.receipt import Receipt
from troth.rules.decision import ENTRY_KIND, Act, Refusal, Request, Why, member
from troth.rules.standing import read, write
from troth.store import graces, keystore, registry, sealed_keys
from troth.store.graces import Grace
from troth.terms.vocabulary import Category
from troth.vault import recovery
from troth.vault.keyring import KeyRow


@dataclass(frozen=True, slots=True)
class ComeBack:
    """A RESTORE request of somebody in grace, with the code that they alone have."""

    request: Request
    about: About = field(repr=False)
    code: str = field(repr=False)

    def __post_init__(self) -> None:
        """Raise `WrongAct` for a request of another act."""
        of_act(self.request, Act.RESTORE)


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
            within = own.unseal(sealed, record=salt, category=KIND, schema=1)
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
        grace.standing, record=salt, category=KIND, schema=1
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
    return desk.remember(line(desk, ENTRY_KIND[Act.RESTORE], request, noted, desk.pseudonym(subject)))
