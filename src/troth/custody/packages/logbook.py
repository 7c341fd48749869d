"""Logbook: what the ledger says of a person, as their package tells it: in words, as lines, with proofs."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from json import JSONEncoder
from typing import TYPE_CHECKING, Any

from troth.clock import iso
from troth.custody.packages.packing import Making
from troth.custody.publishing import proof_of
from troth.custody.recalling import recall_some
from troth.custody.receipts import consent_receipt
from troth.ledger.entry import Entry, encode
from troth.ledger.proof import SUFFIX, format_proof
from troth.packages.manifest import pretty
from troth.packages.zipping import Files
from troth.rules.lexicon import Lexicon
from troth.store import entries

if TYPE_CHECKING:
    from troth.custody.desk import Desk
    from troth.custody.packages.contents import Asking

STEP = 500  # entries that are read in one unit
PROVEN = 200  # proofs that are made in one unit
DISCLOSED = b'"act":"disclose"'
CONSENTS = "consent."
_compact = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Logbook:
    """The part of a package that comes of the ledger."""

    def __init__(self, teller: "Asking", making: Making, origin: str) -> None:
        self._teller, self._making, self._origin = teller, making, origin
        self._house = teller.house
        self._known: dict[int, Lexicon] = {}
        self._proven: list[int] = [making.begun.entry]
        self._consents: list[tuple[int, Entry]] = []

    def files(self) -> Files:
        """Yield choices, receipts, disclosures, accesses, the lines themselves, and proofs of some."""
        yield "disclosures.json", self._listed("disclosures", self._disclosures())
        yield "accesses.json", self._listed("entries", self._accesses())
        yield "ledger/entries.jsonl", self._lines()
        yield "choices.json", [pretty(self._choices())]
        yield from self._receipts()
        yield "ledger/log.vkey", [f"{self._house.signer.verifier.vkey}\n".encode()]
        yield "ledger/checkpoint", [self._teller.alone(_checkpoint)]
        numbers = sorted(set(self._proven))
        for low in range(0, len(numbers), PROVEN):
            some = numbers[low : low + PROVEN]
            for number, proof in self._teller.alone(partial(_proofs, numbers=some)):
                yield f"ledger/{number}{SUFFIX}", [proof]

    def _entries(self, *, having: bytes = b"") -> Iterator[tuple[int, Entry]]:
        """Yield the entries about the person up to the beginning of the package, newest first."""
        before: int | None = self._making.begun.entry + 1
        subject = self._making.row.subject
        while before is not None:
            found = self._teller.alone(
                partial(recall_some, subject=subject, before=before, limit=STEP, having=having)
            )
            yield from found.entries
            before = found.older

    @staticmethod
    def _listed(name: str, items: Iterator[dict[str, Any]]) -> Iterator[bytes]:
        yield f'{{"{name}":['.encode()
        comma = b"\n"
        for item in items:
            yield comma + _compact(item).encode("utf-8")  # not hashed
            comma = b",\n"
        yield b"\n]}\n"

    def _disclosures(self) -> Iterator[dict[str, Any]]:
        for number, entry in self._entries(having=DISCLOSED):
            if entry.act == "disclose" and entry.outcome == "permitted":
                self._proven.append(number)
                yield self._told(number, entry)

    def _accesses(self) -> Iterator[dict[str, Any]]:
        for number, entry in self._entries():
            if entry.kind.startswith(CONSENTS):
                self._consents.append((number, entry))
                self._proven.append(number)
            yield self._told(number, entry)

    def _lines(self) -> Iterator[bytes]:
        for number, entry in self._entries():
            yield b'{"entry":%d,"leaf":%s}\n' % (number, encode(entry))

    def _told(self, number: int, entry: Entry) -> dict[str, Any]:
        """Return an entry in words and codes; of staff it names the role, as the ledger does."""
        words = self._lexicon(entry)
        clauses = (words.clause(each) for each in entry.clauses)
        told: dict[str, Any] = {
            "entry": number, "at": iso(entry.at), "kind": entry.kind, "act": entry.act,
            "outcome": entry.outcome, "actor": ":".join(entry.actor.split(":")[:2]),
        }  # fmt: skip
        if entry.category:
            told |= {"category": entry.category, "category_words": words.category(entry.category)}
            told["fields"] = list(entry.fields)
        if entry.purpose:
            told |= {"purpose": entry.purpose, "purpose_words": words.purpose(entry.purpose)}
        if entry.recipient:
            told |= {"recipient": entry.recipient, "recipient_words": words.recipient(entry.recipient)}
        if entry.case:
            told["case"] = entry.case
        if entry.reasons:
            told["reasons"] = list(entry.reasons)
        told["clauses"] = [{"id": c.id, "number": c.number, "title": c.title} for c in clauses if c]
        return told

    def _lexicon(self, entry: Entry) -> Lexicon:
        version = entry.agreement or 0
        if version not in self._known:
            self._known[version] = Lexicon(self._house.books.get(version, self._house.book).agreement)
        return self._known[version]

    def _choices(self) -> dict[str, Any]:
        standing = self._teller.alone(partial(_standing, subject=self._making.row.subject))
        return {
            "consents": [
                {"purpose": c.purpose, "choice": c.choice.value, "version": c.version, "at": iso(c.at)}
                for c in standing.consents
            ],
            "objections": sorted(standing.objections),
            "stopped": [list(pair) for pair in sorted(standing.stopped)],
            "restrictions": sorted(standing.restrictions),
            "shorter": [
                {"class": s.kept, "days": s.days, "ended": iso(s.until) if s.until else None}
                for s in standing.shorter
            ],
            "home": standing.home,
            "left": iso(standing.left) if standing.left else None,
        }

    def _receipts(self) -> Files:
        """Yield a receipt for each choice on a consent (ISO/IEC TS 27560), with all before it."""
        turns: dict[str, list[Entry]] = {}
        for number, entry in reversed(self._consents):
            history = turns.setdefault(entry.purpose or "", [])
            history.append(entry)
            leaf, so_far = encode(entry), list(history)
            said = consent_receipt(self._house, number, entry, leaf, so_far, origin=self._origin)
            yield f"receipts/consent-{number}.json", [pretty(said)]


def _standing(desk: "Desk", subject: int) -> Any:  # noqa: ANN401 - a Standing
    desk.find([subject])
    return desk.standing(subject)


def _checkpoint(desk: "Desk") -> bytes:
    found = entries.last_checkpoint(desk.unit)
    return str(found[1]).encode("utf-8") if found else b""


def _proofs(desk: "Desk", numbers: list[int]) -> list[tuple[int, bytes]]:
    """Return the proofs of some entries, each with its entry in it, so that it can be checked by itself."""
    found = []
    for number in numbers:
        proof, leaf = proof_of(desk, number)
        found.append((number, format_proof(replace(proof, extra=leaf))))
    return found
