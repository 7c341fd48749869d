"""A desk: one transaction with everything it has loaded, decided and still has to remember."""

import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256

from troth.clock import SECOND, Instant
from troth.custody import lines
from troth.custody.asking import joining
from troth.custody.keymaking import SELF, make_keys, open_key
from troth.errors import (
    Broken,
    ClockBackwards,
    EmptyNeedle,
    Erased,
    InGrace,
    NotFound,
    NotNormal,
    TrothError,
)
from troth.house import House
from troth.ledger import entry as ledger
from troth.ledger.entry import Entry, is_name
from troth.ledger.receipt import Receipt
from troth.ledger.tree import Tree, leaf_hash
from troth.rules.decide import decide
from troth.rules.decision import (
    ENTRY_KIND,
    UNKNOWN_WORD,
    Act,
    Actor,
    Facts,
    Permit,
    Reason,
    Refusal,
    Request,
    Why,
)
from troth.rules.explaining import refused
from troth.rules.standing import NEWCOMER, Standing
from troth.rules.standing import read as read_standing
from troth.rules.standing import write as write_standing
from troth.store import entries, erasures, keystore, matters, registry
from troth.store.unit import Unit
from troth.terms.vocabulary import FieldName
from troth.vault.keyring import KeyRow, SubjectKey
from troth.vault.lookup import normalise, token

About = int | str  # a subject's number, or the organisation's own reference for the person
LEAVE = "leave"  # the event from which a class may run that the engine itself knows
BACKWARDS = 60 * SECOND  # how far the clocks of several processes may differ


class Desk:
    """Everything one transaction knows. Made per batch, thrown away after its commit."""

    __slots__ = (
        "_arriving",
        "_hashes",
        "_joined",
        "_leaves",
        "_numbers",
        "_pseudonyms",
        "away",
        "ending",
        "facts",
        "house",
        "keys",
        "now",
        "people",
        "standings",
        "unit",
    )

    def __init__(self, house: House, unit: Unit) -> None:
        self.house = house
        self._arriving: dict[int, bytes] = {}
        self._joined: list[tuple[bytes, int]] = []
        self._numbers: dict[bytes, int] = {}
        self._pseudonyms: dict[int, bytes | None] = {}
        self.unit = unit
        self.now: Instant = self._present()
        self.facts = Facts(self.now, house.place)
        self.people: dict[About, int] = {}
        self.away: dict[About, int] = {}  # people in grace, of whom all is sealed away: nobody is told
        self.standings: dict[int, Standing] = {}
        self.keys: dict[tuple[int, str], SubjectKey] = {}
        self.ending = erasures.under_way(unit) if unit.erasing else frozenset()  # as good as erased
        self._leaves: list[bytes] = []
        self._hashes: list[bytes] = []

    def _present(self) -> Instant:
        """Return the present, never before the last ledger line; raises `ClockBackwards` when far before.

        A clock that is set back must not bring expired records back, nor make a ledger that runs
        backwards: without a clock that can be trusted nothing is decided.
        """
        now, last = self.house.clock(), self.house.last_at
        if now < last - BACKWARDS:
            raise ClockBackwards(by=(last - now) // SECOND)
        self.house.last_at = max(now, last)
        return self.house.last_at

    # ---- people

    def reference_token(self, reference: str) -> bytes:
        """Return the blind token of the organisation's own reference for a person; b"" when it is none."""
        key = self.house.keyring.index_key("", "reference", 1)
        try:
            return token(key, normalise("exact", reference.strip()).encode("utf-8"))
        except (EmptyNeedle, NotNormal):
            return b""

    def find(self, abouts: Iterable[About]) -> None:
        """Load who is meant and what is true of them; whoever is unknown stays absent."""
        fresh = [about for about in dict.fromkeys(abouts) if about not in self.people]
        tokens: dict[bytes, list[About]] = {}  # a reference may be spelled in several ways
        for about in fresh:
            if isinstance(about, str) and (token_ := self.reference_token(about)):
                tokens.setdefault(token_, []).append(about)
        for found, subject, text in registry.known(self.unit, tokens):
            self.people.update(dict.fromkeys(tokens[found], subject))
            self.standings.setdefault(subject, self._stands(text))
        numbers = [about for about in fresh if type(about) is int and 0 < about < 1 << 63]
        self.people.update(zip(numbers, numbers, strict=True))
        wanted = [number for number in numbers if number not in self.standings]
        for subject, text in registry.standings(self.unit, wanted).items():
            self.standings[subject] = self._stands(text)
        for about in fresh:
            standing = self.standings.get(self.people.get(about, 0))
            if standing is None:
                self.people.pop(about, None)
            elif standing.hidden:
                self.away[about] = self.people.pop(about)

    def _stands(self, text: str) -> Standing:
        standing = read_standing(text)
        return matters.with_terms(self.unit, standing) if standing.holds else standing

    def standing(self, about: About) -> Standing:
        """Return a person's standing; a newcomer's when unknown."""
        subject = self.people.get(about)
        return NEWCOMER if subject is None else self.standings[subject]

    def arrive(self, reference: str) -> int:
        """Give a newcomer a random number, for now; `join` makes it last."""
        token = self.reference_token(reference)
        subject = self._numbers.setdefault(token, secrets.randbits(62) | 1 << 62)
        self._arriving[subject] = token
        self.people[reference] = subject
        self.standings[subject] = NEWCOMER
        return subject

    def is_arriving(self, subject: int) -> bool:
        """Whether a person is a newcomer of this transaction who has not joined yet."""
        return subject in self._arriving

    def join(self, subject: int) -> bool:
        """Let a newcomer in; False for a person who is here already. `file_joined` files who came."""
        token = self._arriving.pop(subject, None)
        if token is None:
            return False
        self._joined.append((token, subject))
        return True

    def file_joined(self) -> None:
        """File the rows and references of everybody who was let in."""
        standing = write_standing(NEWCOMER)
        registry.add_subjects(self.unit, [(subject, self.now, standing) for _, subject in self._joined])
        registry.add_names(self.unit, [(token, subject, b"") for token, subject in self._joined])
        self._joined.clear()

    def let_go(self, subject: int) -> None:
        """Forget a person who was ended in this transaction."""
        self.people = {a: s for a, s in self.people.items() if s != subject}
        del self.standings[subject]

    def turn_away(self) -> None:
        """Forget newcomers of whom nothing was taken in."""
        if self._arriving:
            self.people = {a: s for a, s in self.people.items() if s not in self._arriving}
            self._arriving.clear()

    # ---- keys

    def open_keys(self, wanted: Iterable[tuple[int, str]]) -> None:
        """Open the keys of (subject, retention class); those that do not exist, or are to go, stay absent."""
        fresh = [pair for pair in dict.fromkeys(wanted) if pair not in self.keys and pair not in self.ending]
        if not fresh:
            return
        with keystore.looking(self.house.filing) as looking:
            for (subject, kept), row in keystore.find(looking, fresh).items():
                self._open(looking, subject, kept, KeyRow(*row))

    def need_keys(self, wanted: Iterable[tuple[int, str]]) -> None:
        """Open keys that must exist; those that do not are made, durably, before anything is sealed."""
        wanted = list(dict.fromkeys(wanted))
        self.open_keys(wanted)
        missing = frozenset(pair for pair in wanted if pair not in self.keys)
        if missing:
            make_keys(self.house, missing)
            self.open_keys(missing)

    def key_rows(self, subject: int) -> dict[str, KeyRow]:
        """Return every key of a person as it is kept, by retention class; their pseudonym is known then."""
        with keystore.looking(self.house.filing) as looking:
            rows = {kept: KeyRow(*row) for kept, row in keystore.of(looking, subject).items()}
            if SELF in rows:
                with suppress(Broken):  # of an altered one there is no pseudonym, as of one that is missing
                    self._open(looking, subject, SELF, rows[SELF])
        self._pseudonyms.setdefault(subject, None)
        return rows

    def _open(self, looking: Unit, subject: int, kept: str, row: KeyRow) -> None:
        key = self.keys[subject, kept] = open_key(self.house, looking, subject, kept, row)
        self._pseudonyms[subject] = key.pseudonym

    def pseudonym(self, subject: int | None) -> str | None:
        """Return the name under which the ledger knows a person; None once their keys are gone."""
        if subject is None:
            return None
        if subject not in self._pseudonyms:
            self.open_keys([(subject, SELF)])
        name = self._pseudonyms.get(subject)
        return None if name is None else urlsafe_b64encode(name)[:22].decode("ascii")

    # ---- deciding and remembering

    def admit(self, request: Request, about: About) -> Permit | Refusal:
        """Decide one request with what is true of the person in this transaction.

        A case that is no name (it may be text about somebody) is refused, and left out of the ledger.
        """
        if request.case and not is_name(request.case):
            return Refusal((Reason(Why.MALFORMED, (), "case"),))
        return decide(self.house.book, request, self.standing(about), self.facts)

    def admit_known(self, request: Request, about: About) -> tuple[Request, Permit | Refusal]:
        """Decide a request about somebody who has to be known, and return it as it was decided.

        That nobody is known is told to those alone who could do it if somebody were.
        """
        decision = self.admit(request, about)
        if isinstance(decision, Permit) and about not in self.people:
            request = replace(request, known=False)
            decision = self.admit(request, about)
        return request, decision

    @staticmethod
    def commitment(ids: Iterable[bytes]) -> str:
        """Return what a line for many records commits to: SHA-256 over their sorted ids, in base64."""
        return b64encode(sha256(b"".join(sorted(ids))).digest()).decode("ascii")

    def actor(self, by: Actor) -> tuple[str, str | None]:
        """Return (actor, on behalf of) as the ledger names them; a person by pseudonym only."""
        return lines.actor(self.house, by)

    def remember(self, entry: Entry) -> Receipt:
        """Append a ledger line to this transaction."""
        return self._append(ledger.encode(entry), entry.kind, entry.at)

    def _append(self, leaf: bytes, kind: str, at: Instant) -> Receipt:
        hashed = leaf_hash(leaf)
        self._leaves.append(leaf)
        self._hashes.append(hashed)
        return Receipt(self.unit.size + len(self._leaves) - 1, hashed, kind, at)

    def remember_act(
        self,
        request: Request,
        permit: Permit,
        subject: int | None,
        *,
        fields: frozenset[FieldName] | None = None,
        count: int | None = None,
        commitment: str | None = None,
    ) -> Receipt:
        """Append the line of an act that was permitted and done; `fields` of several acts together."""
        actor, behalf = self.actor(request.by)
        why = request.reason if request.act in lines.HOLDING else ""
        asked = (request.act, actor, request.category, request.purpose, request.circumstance, why)
        key = (id(permit), *asked, request.recipient, fields)
        known = self.house.lines.get(key)
        if known is None:
            known = (
                ledger.alike(lines.of_act(self.house, self.now, request, permit, fields)),
                permit,
            )  # it lives while its id is used
            self.house.keep(self.house.lines, key, known)
        leaf = ledger.write(
            known[0],
            self.now,
            subject=self.pseudonym(subject),
            on_behalf_of=behalf,
            case=request.case or None,
            count=count,
            commitment=commitment,
        )
        return self._append(leaf, ENTRY_KIND[request.act], self.now)

    def remember_joining(self, request: Request, subject: int | None, *, count: int | None = None) -> Receipt:
        """Append the line of a newcomer, or of several at once, who join by a first collection."""
        permit = decide(self.house.book, joining(request), NEWCOMER, self.facts)
        assert isinstance(permit, Permit)  # noqa: S101 - it was decided so before anything was filed
        return self.remember_act(joining(request), permit, subject, count=count)

    def refuse(
        self, request: Request, refusal: Refusal, about: About | None, *, count: int | None = None
    ) -> TrothError:
        """Append the line of a refusal, and return the error that says it.

        Words that the agreement does not know are the caller's own: they are left out of the ledger.
        """
        subject = None if about is None else self.people.get(about)
        receipt = self.remember(
            lines.of_refusal(
                self.house, self.now, request, refusal, subject=self.pseudonym(subject), count=count
            )
        )
        others = tuple(reason for reason in refusal.reasons if reason.why is not Why.UNKNOWN_PERSON)
        if len(others) == len(refusal.reasons):
            return refused(self.house.book, request, refusal, receipt.entry)
        # Whoever may not begin where a newcomer could is told why: that nobody is known is no answer to that,
        # nor to a word that the agreement does not have, whoever it is asked about.
        if any(reason.why in UNKNOWN_WORD for reason in others) or (others and self._may_begin(request)):
            nobody = (reason for reason in refusal.reasons if reason not in others)
            told = replace(refusal, reasons=(*others, *nobody))  # what can be mended first
            return refused(self.house.book, request, told, receipt.entry)
        if about in self.away and not others:
            return InGrace(entry=receipt.entry)
        gone = type(about) is int and 0 < about < 1 << 63 and registry.was_erased(self.unit, about)
        return Erased(entry=receipt.entry) if gone else NotFound(entry=receipt.entry)

    def _may_begin(self, request: Request) -> bool:
        """Whether a request collects where somebody unknown so far may begin."""
        intake = self.house.book.intakes.get((request.category, request.circumstance))
        return request.act is Act.COLLECT and intake is not None and intake.rule.opens

    def settle(self) -> Tree:
        """Write the ledger lines of this transaction; the tree is adopted once it commits."""
        if not self._leaves:
            return self.house.tree
        tree, full = self.house.tree.extend(self._hashes)
        entries.append(self.unit, self.unit.size, self._leaves)
        entries.add_tiles(self.unit, [(tile.level, tile.index, tile.hashes) for tile in full])
        return tree

    def undo(self) -> None:
        """Undo what was written to the store since `unit.mark`, and forget every line: nothing of it was."""
        self.unit.undo()
        self.house.origins.forget()
        self._leaves.clear()
        self._hashes.clear()

    def appended(self) -> Sequence[bytes]:
        """Return the ledger lines of this transaction so far."""
        return self._leaves

    def stands_in(self, unit: Unit) -> bool:
        """Whether the ledger has this desk's lines, at their numbers: its commit took place."""
        start, end = self.unit.size, self.unit.size + len(self._leaves)
        return bool(self._leaves) and list(entries.leaves(unit, start, end)) == self._leaves
