"""Markdown and rules become an Agreement; everything that is wrong is told at once, with place and fix.

Rules this module keeps: a clause has an id, prose and at least one rule; ids are unique; text outside of
clauses promises something nobody keeps, so there is none; every word used is declared.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from troth.errors import AgreementFaulty
from troth.terms.agreement import Agreement, Clause, Collect, Keep, Organisation, Rule, Spot
from troth.terms.build import build
from troth.terms.declared import Declared, declare
from troth.terms.faults import Faults, nearest
from troth.terms.form import named
from troth.terms.grammar import FRONT, NAMED, RULES
from troth.terms.kinds import KINDS, WITH_CHOICES
from troth.terms.markdown import Block, Section, split
from troth.terms.nodes import Here, Node, read_yaml
from troth.terms.reading import Reader
from troth.terms.vocabulary import LONGEST_WORD, WORD, ClauseId, Place

LONGEST = 1_000_000  # bytes of UTF-8
LINE = 50_000  # bytes of a ledger line, of 65,535, for clauses and for fields or classes with reasons
_REASON = 25  # bytes of a reason beside its word, with quotes and commas
_HIDDEN = frozenset("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def parse(text: str, file: str = "agreement.md") -> Agreement:
    """Return the agreement that `text` is, named by its hash.

    `file` is only the name shown in places. Raises `AgreementFaulty` with every fault found.
    """
    faults = Faults(file)
    if len(text.encode("utf-8", "replace")) > LONGEST:
        faults.add(Here(1), "size", f"the text is longer than {LONGEST} bytes", "split it")
        raise AgreementFaulty(problems=faults.in_order())
    parts = split(_lines(text, faults), faults)
    written = [_Written(s, tuple(_rule_node(block, faults) for block in s.blocks)) for s in parts.sections]
    declared = declare(node for part in written for node in part.nodes if node)
    complete = all(node for part in written for node in part.nodes)
    reader = Reader(faults, declared.known if complete else {}, NAMED)
    front = _front(parts.front, reader)
    clauses = _clauses(written, reader, declared, file)
    _fits(clauses, faults)
    if faults.found:
        raise AgreementFaulty(problems=faults.in_order())
    organisation = front["organisation"] | {"place": Place(front["organisation"]["place"])}
    agreement = Agreement(
        name=front["agreement"],
        title=front["title"],
        organisation=Organisation(**organisation),
        version=front["version"],
        effective=front["effective"],
        language=front["language"],
        clauses=tuple(clauses),
        hash="",
        source=text,
    )
    return replace(agreement, hash=named(agreement))


@dataclass(frozen=True, slots=True)
class _Written:
    """A section with its rules as they were written; None for one that is no YAML."""

    section: Section
    nodes: tuple[Node | None, ...]


def _lines(text: str, faults: Faults) -> str:
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    for number, line in enumerate(text.split("\n"), 1):
        if line.isprintable():
            continue
        column = next((at for at, sign in enumerate(line, 1) if _forbidden(sign)), None)
        if column:
            faults.add(
                Here(number, column), "character", "a control or direction character is here", "remove it"
            )
    return text.replace("\0", " ")


def _forbidden(sign: str) -> bool:
    control = (sign < " " and sign != "\t") or "\x7f" <= sign <= "\x9f"
    return control or sign in _HIDDEN or "\ud800" <= sign <= "\udfff"


def _rule_node(block: Block, faults: Faults) -> Node | None:
    node = read_yaml(block.text, faults, block.line, block.indents)
    if node is None and not block.text.strip():
        faults.add(Here(block.line - 1), "L17", "this rule is empty", "write it, or `inform: REASON`")
    return node


def _front(block: Block | None, reader: Reader) -> dict[str, Any]:
    if block is None:
        return {}
    node = read_yaml(block.text, reader.faults, block.line)
    if node is None:
        if not block.text.strip():
            reader.faults.add(Here(1), "front", "the front matter is empty", "add `agreement: NAME`")
        return {}
    return reader.keys(node, node.pairs, FRONT.keys)


def _clauses(written: Sequence[_Written], reader: Reader, declared: Declared, file: str) -> list[Clause]:
    clauses: list[Clause] = []
    seen: dict[str, int] = {}
    for part in written:
        section = part.section
        if not section.id:
            _chapter(section, reader.faults)
            continue
        _clause_form(section, seen, reader.faults)
        rules = [(_rule(node, reader, declared), node) for node in part.nodes if node]
        made = tuple(rule for rule, _ in rules if rule)
        spots = tuple(Spot(file, node.line, node.column) for rule, node in rules if rule)
        clauses.append(
            Clause(
                id=ClauseId(section.id),
                number=section.number,
                title=section.title,
                text=section.text,
                rules=made,
                spot=Spot(file, section.line),
                rule_spots=spots,
            )
        )
    if not clauses and not reader.faults.found:
        reader.faults.add(
            Here(1), "L17", "there is no clause", "add a heading with `{#an.id}`, prose and a rule"
        )
    return clauses


def _clause_form(section: Section, seen: dict[str, int], faults: Faults) -> None:
    at, name = Here(section.line), section.id[:60]
    if not WORD.match(section.id):
        faults.add(at, "heading", f"`{name}` is no clause id", "use letters, digits, `-`, `_` and dots")
    elif len(section.id) > LONGEST_WORD:
        sentence = f"the clause id `{name}…` is longer than {LONGEST_WORD} characters"
        faults.add(at, "heading", sentence, "shorten it")
    elif section.id in seen:
        sentence = f"the clause `{name}` stands already on line {seen[section.id]}"
        faults.add(at, "duplicate", sentence, "give one of them another id")
    seen.setdefault(section.id, section.line)
    if not section.blocks:
        fix = "add a rule that keeps it, or `inform: REASON` if nothing is to be kept"
        faults.add(at, "L17", f"the clause `{name}` has no rule", fix)
    if not section.text:
        sentence = f"the clause `{name}` says nothing to its reader"
        faults.add(at, "L17", sentence, "write in prose what its rule does")


def _fits(clauses: Sequence[Clause], faults: Faults) -> None:
    """Note a category, or all retention classes, that one line of the ledger could not name.

    A refusal cites clauses, names every field, and gives a reason for each; an erasure names every class.
    """
    cited = sum(len(clause.id) + 3 for clause in clauses)
    if cited > LINE:
        sentence = "the ids of all clauses do not fit into one line of the ledger"
        faults.add(Here(1), "size", sentence, "use shorter ids, or fewer clauses")
        return
    seen: set[tuple[str, str]] = set()
    size: dict[str, int] = {}
    for clause in clauses:
        for rule in clause.rules:
            if isinstance(rule, Collect):
                whose = f"the fields of `{rule.category}`"
                words = [str(spec.name) for spec in rule.fields]
            elif isinstance(rule, Keep):
                whose, words = (
                    "the classes",
                    [rule.name, *(f"{rule.name}:{part.why}" for part in rule.longer)],
                )
            else:
                continue
            new = {(whose, word) for word in words} - seen
            seen |= new
            before = size.get(whose, cited)
            size[whose] = before + sum(2 * len(word) + _REASON for _, word in new)
            if before <= LINE < size[whose]:
                sentence = f"{whose} and the ids of all clauses do not fit into one line of the ledger"
                faults.add(clause.spot, "size", sentence, "use shorter words, or fewer of them")


def _chapter(section: Section, faults: Faults) -> None:
    title = section.title[:60]
    if section.blocks:
        sentence = f"the heading `{title}` has a rule but no id"
        faults.add(Here(section.line), "L17", sentence, "end it with `{#an.id}`")
    elif section.text:
        fix = "end the heading with `{#an.id}` and add a rule, or `inform: REASON`"
        faults.add(Here(section.prose_line), "L17", f"the text under `{title}` belongs to no clause", fix)


def _rule(node: Node, reader: Reader, declared: Declared) -> Rule | None:
    if not node.pairs:
        return None
    head, value = node.pairs[0]
    kind = RULES.get(head.text)
    if kind is None:
        reader.faults.add(head, "key", f"`{head.text[:40]}` begins no rule", _begin(node))
        return None
    reader.own = {
        name: frozenset(key.text for key, _ in inner.pairs)
        for name, of in (("own_field", "fields"), ("own_party", "recipients"))
        if (inner := node.get(of))
    }
    before = len(reader.faults.found)
    named_by = reader.read(value, kind.shape)
    read = reader.keys(node, node.pairs[1:], kind.keys)
    if head.text == "collect":
        _fields(node, value.text, declared, reader.faults)
    if len(reader.faults.found) > before or named_by is None:
        return None
    return build(kind.head, {kind.head: named_by, **read}, declared.categories)


def _begin(node: Node) -> str:
    inside = next((key.text for key, _ in node.pairs if key.text in RULES), None)
    if inside:
        return f"put `{inside}` first"
    like = nearest(node.pairs[0][0].text, RULES)
    return f"did you mean `{like}`?" if like else "begin with " + ", ".join(f"`{head}`" for head in RULES)


def _fields(node: Node, category: str, declared: Declared, faults: Faults) -> None:
    """Note fields that nobody could tell from a category, look up, or choose from."""
    fields = node.get("fields")
    for key, spec in fields.pairs if fields else ():
        word = f"{category}.{key.text}"
        if word in declared.known["category"]:
            faults.add(key, "L3", f"`{word}` is a field here and a category elsewhere", "rename one of them")
        find, choices = spec.get("find"), spec.get("choices")
        kind = (spec.get("type") or spec).text.replace("-", "_")
        if find and kind in KINDS and not KINDS[kind].findable:
            fix = "remove `find`; look the record up by an identifier"
            faults.add(find, "value", f"`{kind}` has too few values, or too long ones, to find by", fix)
        if kind == "choice" and not choices:
            faults.add(key, "missing", f"`{key.text}` has no choices", "add `choices: [ONE, ANOTHER]`")
        if choices and kind not in WITH_CHOICES:
            faults.add(choices, "key", f"`{kind}` takes no choices", "set `type: choice`, or remove them")
