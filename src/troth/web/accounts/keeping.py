"""What proves who somebody is: credentials, kept, found, changed and removed like any other record.

Each is a record of the category that the `sign_in` rule names: `kind`, `key` (what it is found by),
`label` (its owner's name for it) and `secret` (what verifies it, as JSON text of this module's own).
Only the program that signs people in reads them, for that purpose alone.
"""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from troth.acts import collect, correct, find, rights, use
from troth.clock import Instant
from troth.rules.decision import program
from troth.teller import Teller
from troth.terms.agreement import SignIn
from troth.terms.vocabulary import Circumstance, FieldName
from troth.web.accounts.sign_ins import SignedIn

if TYPE_CHECKING:
    from troth.web.hall import Hall


@dataclass(frozen=True, slots=True)
class Credential:
    """One credential of somebody."""

    record: bytes
    kind: str  # passkey, password, totp, recovery
    key: str
    label: str
    made_at: Instant
    secret: Mapping[str, Any] = field(repr=False)
    version: bytes = b""  # another one after each change


def _rule_of(hall: "Hall") -> SignIn:
    found = hall.house.book.sign_in
    assert found is not None  # noqa: S101 - somebody is signed in
    return found[1]


def circumstance_of(teller: Teller, category: str) -> Circumstance:
    """Return the circumstance in which a category is taken in; of several the first."""
    return next(when for (name, when), _ in teller.house.book.intakes.items() if name == category)


def key_of_passkey(passkey: bytes) -> str:
    """Return what a passkey is found by: the SHA-256 of its id, in hex."""
    return sha256(passkey).hexdigest()


async def credentials_of(teller: Teller, rule: SignIn, subject: int) -> tuple[Credential, ...]:
    """Return every credential of somebody, oldest first; read for signing in, and remembered as that."""
    job = use.reading(
        by=program(rule.program), about=subject, category=rule.credentials, purpose=rule.purpose
    )
    handed = await teller.ask_soon(job)
    found = []
    for held in handed.records:
        values = {name: value.reveal() for name, value in held.values.items()}
        found.append(
            Credential(
                held.id,
                values[FieldName("kind")],
                values[FieldName("key")],
                values.get(FieldName("label"), ""),
                held.collected_at,
                json.loads(values[FieldName("secret")]),
                held.version,
            )
        )
    return tuple(found)


async def keep(
    hall: "Hall", by: SignedIn, kind: str, secret: Mapping[str, Any], *, label: str = "", key: str = ""
) -> bytes:
    """Keep a credential of whoever is signed in; return its record.

    Here is the only place where one is added. Raises `Refused` unless they just proved that it is them:
    the program says how sure it is, and custody decides.
    """
    rule = _rule_of(hall)
    values = {"kind": kind, "key": key or secrets.token_hex(32), "secret": _text(secret)}
    if label.strip():
        values["label"] = label.strip()
    offer = collect.offering(
        by=replace(program(rule.program), assurance=by.assurance(hall.now)),
        about=by.subject,
        category=rule.credentials,
        when=circumstance_of(hall.teller, rule.credentials),
        values=values,
    )
    (taken,) = await hall.teller.ask_soon(collect.taking([offer]))
    if isinstance(taken, Exception):
        raise taken
    record: bytes = taken.records[0]
    return record


async def replace_all(hall: "Hall", by: SignedIn, kind: str, secret: Mapping[str, Any]) -> bool:
    """Keep a credential in place of all of its kind; return whether there was one. Raises `Refused`.

    Where it ends between the two steps, the newest is the one that counts (`newest`).
    """
    held = await credentials_of(hall.teller, _rule_of(hall), by.subject)
    before = [each for each in held if each.kind == kind]
    await keep(hall, by, kind, secret)
    if before:
        await remove(hall, by, before)
    return bool(before)


def newest(held: Iterable[Credential], kind: str) -> Credential | None:
    """Return the credential of a kind that counts: the one that was kept last; None when there is none."""
    return max((each for each in held if each.kind == kind), key=lambda each: each.made_at, default=None)


async def change(
    teller: Teller, rule: SignIn, subject: int, held: Credential, secret: Mapping[str, Any]
) -> None:
    """Replace what verifies a credential: a count that rose, codes that were used, a newer hash.

    Raises `ChangedMeanwhile` when somebody changed it since it was read: what counts once is used once.
    """
    await teller.ask_soon(
        correct.correcting(
            by=program(rule.program),
            about=subject,
            category=rule.credentials,
            values={"secret": _text(secret)},
            record=held.record,
            version=held.version,
        )
    )


async def rename(teller: Teller, rule: SignIn, subject: int, record: bytes, label: str) -> None:
    """Replace its owner's name for a credential; raises `Refused` for what is no such name."""
    await teller.ask_soon(
        correct.correcting(
            by=program(rule.program),
            about=subject,
            category=rule.credentials,
            values={"label": label},
            record=record,
        )
    )


async def remove(hall: "Hall", by: SignedIn, gone: Sequence[Credential]) -> None:
    """Remove some of what somebody holds; raises `Refused` unless they just proved that it is them."""
    rule = _rule_of(hall)
    await hall.teller.ask_soon(
        rights.removing(
            by=by.actor(rule, hall.now),
            about=by.subject,
            category=rule.credentials,
            records=[each.record for each in gone],
        )
    )


def opens(held: Iterable[Credential], *, by_code: bool) -> bool:
    """Whether somebody who has these gets in; `by_code` says that a code can be sent to them."""
    kinds = {each.kind for each in held}
    return by_code or "passkey" in kinds or {"password", "totp"} <= kinds


async def whose(teller: Teller, rule: SignIn, passkey: bytes) -> int | None:
    """Return the number of the person whose passkey it is, or None."""
    found = await teller.ask_soon(
        find.finding(
            by=program(rule.program),
            field=f"{rule.credentials}.key",
            value=key_of_passkey(passkey),
            purpose=rule.purpose,
        )
    )
    return found.people[0][0] if len(found.people) == 1 else None


def _text(secret: Mapping[str, Any]) -> str:
    return json.dumps(secret, separators=(",", ":"))  # not hashed
