"""What the agreement's own words are called: kinds of data, fields, purposes, recipients.

Purposes are called by the titles of their clauses, kinds of data by the titles of the clauses that keep
them, fields and recipients by their own `words`. All of it is content, in the agreement's language.
"""

from collections.abc import Iterator
from functools import cached_property

from troth.rules.rulebook import class_of
from troth.terms.agreement import (
    Agreement,
    Clause,
    Collect,
    Disclose,
    FieldSpec,
    Keep,
    Party,
    Target,
    Use,
)
from troth.terms.sentences import said, spaced
from troth.terms.vocabulary import Relationship, above, covers

_OUTSIDE = {Relationship.AUTHORITY, Relationship.EMERGENCY}


class Lexicon:
    """The words of one agreement."""

    def __init__(self, agreement: Agreement) -> None:
        self.agreement = agreement
        self.language = agreement.language

    def said(self, words: str) -> str:
        """Return words of the agreement as what they are."""
        return words

    def spaced(self, word: str) -> str:
        """Return a word of the agreement as people read it."""
        return self.said(spaced(word))

    @property
    def categories(self) -> tuple[str, ...]:
        """Every kind of data that a clause takes in."""
        return tuple(dict.fromkeys(str(rule.category) for rule in self._collects))

    def clause(self, by_id: str) -> Clause | None:
        """Return a clause by its id."""
        return self._clauses.get(by_id)

    def category(self, name: str) -> str:
        """Return a kind of data in words; one whose clause keeps several kinds with its own name behind."""
        kept = next((rule.keep for rule in self._collects if rule.category == name), None)
        found = self._keeps.get(kept or "")
        if found is None:
            return self.spaced(name)
        title, of = found
        base = next((word for word in of if covers(word, name)), name)
        parts = [spaced(base.rpartition(".")[2])] if len(of) > 1 else []
        parts += [spaced(name[len(base) + 1 :].replace(".", " "))] if name != base else []
        return self.said(f"{title}: {', '.join(parts)}" if parts else title)

    def kept(self, name: str) -> str:
        """Return a retention class in words: the title of its clause."""
        found = self._keeps.get(class_of(name))  # type: ignore[arg-type]
        return self.said(found[0]) if found else self.spaced(name)

    def spec(self, category: str, name: str) -> FieldSpec | None:
        """Return what a field is."""
        return self._specs.get((category, name))

    def field(self, category: str, name: str) -> str:
        """Return a field in words."""
        spec = self.spec(category, name)
        return self.said(said(spec)) if spec else self.spaced(name)

    def purpose(self, name: str) -> str:
        """Return a purpose in words: the title of its clause, or of that of a purpose above it."""
        found = next((self._purposes[word][1] for word in above(name) if word in self._purposes), "")
        return self.said(found) if found else self.spaced(name)

    def purposes(self, name: str) -> tuple[str, ...]:
        """Return a purpose in words; of a word that stands for several, each of them."""
        if any(word in self._purposes for word in above(name)):
            return (self.purpose(name),)
        below = (self.said(title) for word, (_, title) in self._purposes.items() if covers(name, word))
        return tuple(dict.fromkeys(below)) or (self.spaced(name),)

    def purpose_clause(self, name: str) -> Clause | None:
        """Return the clause that a purpose is called by."""
        return next((self._clauses[self._purposes[w][0]] for w in above(name) if w in self._purposes), None)

    def party(self, recipient: str) -> Party | None:
        """Return a recipient by its full name, `class.name`."""
        return self._parties.get(recipient)

    def recipient(self, name: str) -> str:
        """Return a recipient in words."""
        party = self.party(name)
        words = party.words if party else ""
        return self.said(words) if words else self.spaced(name.rpartition(".")[2])

    def is_authority(self, recipient: str) -> bool:
        """Whether a recipient is an authority or an emergency service."""
        party = self.party(recipient)
        return party is not None and party.relationship in _OUTSIDE

    def target(self, target: Target) -> str:
        """Return what a rule speaks of, in words."""
        if target.field is not None:
            return self.field(target.category, target.field)
        return self.category(target.category)

    def first_sentence(self, clause: Clause) -> str:
        """Return the first sentence of a clause, which says what it means."""
        text = " ".join(clause.text.split())
        sentence, dot, _ = text.partition(". ")
        return f"{sentence}." if dot else sentence

    def disclosures(self) -> Iterator[tuple[Clause, Disclose]]:
        """Yield every rule by which somebody outside receives something."""
        for clause, rule in self.agreement.rules():
            if isinstance(rule, Disclose):
                yield clause, rule

    def uses(self) -> Iterator[tuple[Clause, Use]]:
        """Yield every rule by which something is read."""
        for clause, rule in self.agreement.rules():
            if isinstance(rule, Use):
                yield clause, rule

    # ---- tables, made when first asked for

    @cached_property
    def _clauses(self) -> dict[str, Clause]:
        return {clause.id: clause for clause in self.agreement.clauses}

    @cached_property
    def _collects(self) -> tuple[Collect, ...]:
        return tuple(rule for _, rule in self.agreement.rules() if isinstance(rule, Collect))

    @cached_property
    def _keeps(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        found: dict[str, tuple[str, tuple[str, ...]]] = {}
        for clause, rule in self.agreement.rules():
            if isinstance(rule, Keep):
                found[str(rule.name)] = (clause.title, tuple(rule.of))
        return found

    @cached_property
    def _specs(self) -> dict[tuple[str, str], FieldSpec]:
        found: dict[tuple[str, str], FieldSpec] = {}
        for rule in self._collects:
            for spec in rule.fields:
                found.setdefault((rule.category, spec.name), spec)
        return found

    @cached_property
    def _purposes(self) -> dict[str, tuple[str, str]]:
        found: dict[str, tuple[str, str]] = {}
        for clause, use in self.uses():
            found.setdefault(use.purpose, (clause.id, clause.title))
        for clause, rule in self.disclosures():
            for purpose in rule.purposes:
                found.setdefault(purpose, (clause.id, clause.title))
        for clause, each in self.agreement.rules():
            if isinstance(each, Collect) and each.consent:
                found.setdefault(each.consent, (clause.id, clause.title))
        return found

    @cached_property
    def _parties(self) -> dict[str, Party]:
        return {
            f"{rule.name}.{party.name}": party for _, rule in self.disclosures() for party in rule.parties
        }
