"""A consent receipt that other programs read: ISO/IEC TS 27560:2023 in the words of the DPV (JSON-LD).

After the DPV's guide to TS 27560 (https://w3id.org/dpv/guides/consent-27560): a receipt names records,
a record names what was asked and every state it has had. There is no value of a person in it: they stand
in it by the name that the ledger has for them.
"""

import uuid
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from troth.clock import iso
from troth.house import House
from troth.ledger.entry import Entry
from troth.ledger.tree import leaf_hash
from troth.rules.lexicon import Lexicon
from troth.terms.agreement import (
    Agreement,
    Clause,
    Collect,
    Contact,
    Disclose,
    Keep,
    RightRule,
    Store,
    Target,
    Use,
)
from troth.terms.vocabulary import RightName, covers

SCHEMA = "https://w3id.org/dpv/schema/dpv-27560"
CONTEXT = {
    "dpv": "https://w3id.org/dpv#",
    "dct": "http://purl.org/dc/terms/",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "troth": "urn:troth:",
}
_STATES = {
    "consent.given": "dpv:ConsentGiven",
    "consent.refused": "dpv:ConsentRefused",
    "consent.withdrawn": "dpv:ConsentWithdrawn",
}
_GDPR = "eu-gdpr"


def consent_receipt(
    house: House, number: int, entry: Entry, leaf: bytes, history: Sequence[Entry], *, origin: str
) -> dict[str, Any]:
    """Return the receipt of one choice about a consent; `history` are all choices on it up to this one."""
    lexicon = Lexicon(house.books.get(entry.agreement or 0, house.book).agreement)
    agreement = lexicon.agreement
    gdpr = "-eu-gdpr" if _GDPR in agreement.organisation.regimes else ""
    hashed = leaf_hash(leaf)
    return {
        "@context": CONTEXT,
        "@type": "dpv:ConsentReceipt",
        "dct:conformsTo": f"{SCHEMA}#receipt{gdpr}",
        "dct:identifier": _uuid("receipt", hashed),
        "dct:created": iso(entry.at),
        "dpv:hasRecordOfActivity": [_record(lexicon, entry, history, f"{SCHEMA}#record{gdpr}", origin)],
        "troth:proof": {
            "troth:log": house.signer.name,
            "troth:entry": number,
            "troth:leafHash": hashed.hex(),
            "troth:proofAt": f"{origin}/seen/{number}/proof",
        },
    }


def _record(
    lexicon: Lexicon, entry: Entry, history: Sequence[Entry], schema: str, origin: str
) -> dict[str, Any]:
    agreement, purpose = lexicon.agreement, entry.purpose or ""
    clause = lexicon.purpose_clause(purpose)
    return {
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": schema,
        "dct:identifier": _uuid("record", f"{entry.subject} {purpose}".encode()),
        "dpv:hasDataSubject": f"troth:subject/{entry.subject}",
        "dpv:hasNotice": _notice(agreement, clause, origin),
        "dct:language": agreement.language,
        "dpv:hasProcess": [_served(lexicon, purpose, origin)],
        "dpv:hasConsentStatus": [
            {
                "@type": _STATES[each.kind],
                "dpv:isIndicatedAtTime": iso(each.at),
                "dpv:isIndicatedBy": "dpv:DataSubject",
                "dpv:hasDuration": "until withdrawn",
                "dpv:hasLegalBasis": "eu-gdpr:A6-1-a"
                if _GDPR in agreement.organisation.regimes
                else "dpv:Consent",
                "troth:agreement": each.agreement,
            }
            for each in history
        ],
    }


def _notice(agreement: Agreement, clause: Clause | None, origin: str) -> dict[str, Any]:
    return {
        "@type": "dpv:ConsentNotice",
        "dct:title": clause.title if clause else agreement.title,
        "dct:hasVersion": str(agreement.version),
        "dct:source": f"{origin}/agreement#{clause.id if clause else ''}",
        "troth:agreementHash": agreement.hash,
        "troth:textHash": f"sha256:{hash_of(clause)}" if clause else "",
    }


def _served(lexicon: Lexicon, purpose: str, origin: str) -> dict[str, Any]:
    agreement = lexicon.agreement
    rules = [rule for _clause, rule in agreement.rules()]
    targets = _targets(rules, purpose)
    organisation = agreement.organisation
    return {
        "@type": "dpv:Process",
        "dpv:hasPurpose": {
            "@type": "dpv:Purpose",
            "dct:identifier": purpose,
            "dct:title": lexicon.purpose(purpose),
        },
        "dpv:hasPersonalData": [{"dct:identifier": str(t), "dct:title": lexicon.target(t)} for t in targets],
        "dpv:hasDataController": [
            {
                "dct:identifier": agreement.name,
                "dct:title": organisation.name,
                "dpv:hasContact": organisation.contact,
            }
        ],
        "dpv:hasDataSource": "dpv:DataSubjectDataSource",
        "dpv:hasStorageCondition": {
            "dpv:hasLocation": sorted({str(p) for r in rules if isinstance(r, Store) for p in r.places}),
            "dpv:hasDuration": sorted(
                {_kept(rule) for rule in rules if isinstance(rule, Keep) and _keeps(rule, targets)}
            ),
        },
        "dpv:hasJurisdiction": str(organisation.place),
        "dpv:hasRecipient": [
            {
                "dct:identifier": f"{rule.name}.{party.name}",
                "dct:title": party.words,
                "dpv:hasLocation": str(party.place),
            }
            for rule in rules
            if isinstance(rule, Disclose) and any(covers(each, purpose) for each in rule.purposes)
            for party in rule.parties
        ],
        "dpv:hasConsentControl": {"@type": "dpv:WithdrawConsent", "dpv:isExercisedAt": f"{origin}/choices"},
        "dpv:hasRight": sorted(
            f"eu-gdpr:{_RIGHTS[rule.right]}"
            for rule in rules
            if isinstance(rule, RightRule) and rule.right in _RIGHTS
        ),
        "dpv:hasAuthority": [
            rule.authority for rule in rules if isinstance(rule, Contact) and rule.authority
        ],
    }


_RIGHTS = {
    RightName.ACCESS: "A15", RightName.CORRECT: "A16", RightName.ERASE: "A17", RightName.RESTRICT: "A18",
    RightName.PORT: "A20", RightName.OBJECT: "A21", RightName.WITHDRAW: "A7-3", RightName.COMPLAIN: "A77",
}  # fmt: skip


def _targets(rules: Iterable[object], purpose: str) -> tuple[Target, ...]:
    """Return the data that a purpose reads, or that is taken in for it."""
    found: dict[Target, None] = {}
    for rule in rules:
        if isinstance(rule, Use) and rule.purpose == purpose:
            found |= dict.fromkeys(rule.of)
        elif isinstance(rule, Collect) and rule.consent == purpose:
            found[Target(rule.category)] = None
    return tuple(found)


def _keeps(keep: Keep, targets: Iterable[Target]) -> bool:
    return any(
        covers(of, target.category) or covers(target.category, of) for target in targets for of in keep.of
    )


def _kept(keep: Keep) -> str:
    return f"{keep.period} from {keep.event}" if keep.event else str(keep.period)


def hash_of(clause: Clause) -> str:
    """Return what names the exact text that was shown: the SHA-256 of the clause's text, in hexadecimal."""
    return sha256(clause.text.encode("utf-8")).hexdigest()


def _uuid(kind: str, about: bytes) -> str:
    """Return a UUID in the form that the schema wants (version 4), the same for the same entry for ever."""
    return str(uuid.UUID(bytes=sha256(kind.encode() + b"\0" + about).digest()[:16], version=4))
