"""Send a package straight to another provider, as its person directs, and keep the receipt."""

from contextlib import suppress
from functools import partial
from typing import TypeVar

from troth.custody.desk import About
from troth.custody.packages import giving, packing, parcels
from troth.custody.packages.arriving import receipt_of
from troth.custody.packages.judging import hashed, whole_text
from troth.errors import TransferFailed, TrothError
from troth.gates import transfer
from troth.gates.transfer import Place
from troth.house import House
from troth.ledger.checkpoint import Verifier, open_note
from troth.rules import given
from troth.rules.decision import Actor, asker
from troth.teller import Teller

T = TypeVar("T")
_PIECE = 65_536  # bytes that are sent at once


def sent(
    teller: Teller,
    package: bytes,
    *,
    by: Actor,
    about: About,
    address: str,
    place: Place,
    trust: str = "",
    here: bool = False,
) -> str:
    """Bring a package that is ready straight to another provider, and return their receipt.

    `place` is who is there, as `transfer.place_at` told it and the person confirmed; they are asked
    again, so that nothing is said to have been sent to whoever is not there. `here` lets it be on this
    machine. The package is spent once its receipt is verified and remembered; until then it can be sent
    again. Raises `Refused`, `PackageGone`, `PackageBusy`, `AddressRefused`, `TransferFailed`.
    """
    by, about, house = asker(by), given.about(about), teller.house
    if transfer.place_at(address, trust=trust, here=here) != place:
        raise TransferFailed(problem="somebody else is there now")
    claimed = _or_raised(teller.alone(lambda desk: giving.claim(desk, package, by, about, elsewhere=True)))
    row, told = claimed.row, ""
    try:
        with house.blobs.open(row.blob, under=claimed.key, about=row.package) as file:
            digest = hashed(file)
            signature = packing.signed(house, whole_text(house.signer.name, digest, row.size))
            chunks = iter(partial(file.read, _PIECE), b"")
            answer = transfer.bring(
                address,
                chunks,
                size=row.size,
                digest=digest,
                signature=signature,
                trust=trust,
                here=here,
            )
        told = _verified(answer, place, house, digest, row.size)
        teller.alone(lambda desk: giving.spend(desk, claimed, receipt=answer.decode("utf-8")))
        with suppress(TrothError):  # the next sweep does it
            teller.alone(parcels.clear)
        return told
    finally:
        if not told:
            with suppress(TrothError):
                teller.alone(lambda desk: giving.release(desk, claimed))


def _verified(answer: bytes, place: Place, house: House, digest: bytes, size: int) -> str:
    """Return the text of a receipt; raises `TransferFailed` unless it is theirs, and for this package."""
    try:
        by = Verifier.from_vkey(place.vkey)
        text = open_note(answer, by).text
    except TrothError:
        raise TransferFailed(problem="what was answered is not signed by the other side") from None
    lines = text.split("\n")
    said = receipt_of(by.name, house.signer.name, digest, size, at="", entry="").split("\n")
    if len(lines) != len(said) or lines[:5] != said[:5]:
        raise TransferFailed(problem="the receipt is for something else")
    return text


def receipt(teller: Teller, package: bytes, *, about: About) -> str:
    """Return the signed receipt of a package that was sent to another provider; empty where there is none."""
    return teller.alone(partial(giving.receipt_of, package=package, about=given.about(about)))


def _or_raised(outcome: T | TrothError) -> T:
    if isinstance(outcome, TrothError):
        raise outcome
    return outcome
