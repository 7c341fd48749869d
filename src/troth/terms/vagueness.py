"""Words that promise less than they seem to: open lists, hedges and recipients without a name (L7, L10, L11).

English only. A hedge that its own sentence clarifies, by naming a clause or giving the list, is left alone.
"""

import re
from collections.abc import Iterator

from troth.terms.agreement import Agreement, Clause, Disclose, Finding, Never, Spot
from troth.terms.contradictions import Stated, finding

_OPEN = re.compile(
    r"\b(including,? but not limited to|such as|including|for example|for instance|among others"
    r"|among other things|and so on|and the like)\b|\b(e\.g\.|etc\b\.?)",
    re.IGNORECASE,
)
HEDGES: dict[str, re.Pattern[str]] = {
    "condition": re.compile(
        r"\b(as needed|as necessary|as appropriate|where appropriate|depending|sometimes)\b", re.IGNORECASE
    ),
    "generalisation": re.compile(r"\b(generally|mostly|typically|usually|normally)\b", re.IGNORECASE),
    "modality": re.compile(r"(?<![Yy]ou )\b(may(?! not\b)|might|could|possibly|likely)\b"),
    "quantifier": re.compile(
        r"(?<!at )(?<!at the )(?<!how )\b(some|most|many|certain|various)\b", re.IGNORECASE
    ),
}
_INSTEAD = {
    "condition": "say when",
    "generalisation": "say when it is otherwise",
    "modality": "say what happens, or what never does",
    "quantifier": "say how many, or which",
}
_VAGUE = (
    r"(?:(?:selected|trusted|certain|other|business|carefully chosen)\s+)*"
    r"(partners|affiliates|third.parties|other companies|selected companies|subsidiaries|group companies)"
)
_SHARED = re.compile(
    r"\b(share[sd]?|disclose[sd]?|provide[sd]?|give[ns]?|pass(?:es|ed)?|transfer(?:s|red)?|sen[dt]s?)\b.*?\b"
    + _VAGUE,
    re.IGNORECASE | re.DOTALL,
)
_DENIED = re.compile(r"\b(never|no|not|nobody|none)\b", re.IGNORECASE)
_VAGUE_NAMES = frozenset({
    "partner", "partners", "affiliate", "affiliates", "third_party", "third_parties", "others", "anyone",
    "companies", "subsidiaries", "group",
})  # fmt: skip
_CLARIFIED = re.compile(r"\b(?:clauses?|sections?)\s+\d|\(#|:\s*$", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])|\n\n+")


def vague(agreement: Agreement, rules: list[Stated]) -> Iterator[Finding]:
    """Yield L7 for recipients that nobody can resolve; L10, L11 (warnings) for open lists and hedges."""
    for at in rules:
        if isinstance(at.rule, Disclose):
            for party in at.rule.parties:
                if party.name.lower().replace("-", "_") in _VAGUE_NAMES:
                    yield finding("L7", at, f"`{at.rule.name}.{party.name}` names nobody in particular",
                                  "list each recipient by its own name")  # fmt: skip
    if not agreement.language.lower().startswith("en"):
        return
    lines = agreement.source.splitlines()
    for clause in agreement.clauses:
        yield from _prose(clause, lines)


def _prose(clause: Clause, lines: list[str]) -> Iterator[Finding]:
    resolved = any(isinstance(rule, Disclose | Never) for rule in clause.rules)
    for sentence in _SENTENCE.split(clause.text):
        shared = None if resolved or _DENIED.search(sentence) else _SHARED.search(sentence)
        if shared:
            phrase = shared[2]
            said = f"`{phrase}` receive data here, and nobody can tell who they are"
            fix = "add a `disclose` rule that lists them by name, or take the sentence out"
            yield _at(clause, lines, phrase, "L7", "error", said, fix)
        opened = _OPEN.search(sentence)
        if opened:
            yield _at(
                clause,
                lines,
                opened[0],
                "L10",
                "warning",
                f"`{opened[0]}` leaves the list open",
                "give the whole list",
            )
        if _CLARIFIED.search(sentence):
            continue
        for family, pattern in HEDGES.items():
            hedge = pattern.search(sentence)
            if hedge and not (family == "modality" and re.search(r"\bonly\b", sentence, re.IGNORECASE)):
                yield _at(
                    clause,
                    lines,
                    hedge[0],
                    "L11",
                    "warning",
                    f"`{hedge[0]}` hedges ({family})",
                    _INSTEAD[family],
                )


def _at(
    clause: Clause, lines: list[str], phrase: str, code: str, level: str, sentence: str, fix: str
) -> Finding:
    shown = " ".join(phrase.split())
    spot = clause.spot
    for number in range(clause.spot.line, len(lines)):
        column = lines[number].find(phrase)
        if column >= 0:
            spot = Spot(clause.spot.file, number + 1, column + 1)
            break
        if lines[number].startswith("#"):
            break
    return Finding(code, level, spot, clause.id, sentence.replace(phrase, shown), fix)
