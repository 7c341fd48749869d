"""Explain a clause of the agreement, or a code: of an error, of a refusal, of a lint."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from troth.cli.agreements import MEMBER, text_of
from troth.cli.asking import FILE, directory, of_house, opened
from troth.cli.speaking import emit, say, shown, wants_json
from troth.errors import TrothError, UnknownWord

if TYPE_CHECKING:
    from troth.terms.agreement import Agreement, Clause, Rule

Found = dict[str, Any]
LINTS = {
    "L1": "a permission meets a `never`",
    "L2": "a `never` takes a part out of a permission, and neither says so",
    "L3": "a word that nothing declares, or that is nearly another; or one field defined in two ways",
    "L4": "a category without basis, purpose or retention, or a special category without its condition",
    "L5": "a purpose without data, or a field that no purpose reads",
    "L6": "a retention without an end",
    "L7": "a recipient without a name, such as `partners`",
    "L8": "data serves a purpose that its collection never named",
    "L9": "consent that nothing asks for or that cannot be withdrawn, or objection without a right to it",
    "L10": "an open list: `such as`, `including`",
    "L11": "a hedge of condition, generalisation, modality or quantity",
    "L12": "a rule said twice, wholly denied, or without effect",
    "L13": "a right that the engine cannot perform as it is written",
    "L14": "erasure promised sooner than the store can do, or anonymising what names a person or a few",
    "L15": "a denied field that a permitted one tells",
    "L16": "aggregates without `epsilon`, `unit` and `threshold`, or that nobody reads",
    "L17": "a statement without a rule, or a rule without a statement",
    "L18": "a change of version that widens without renewed consent",
    "L19": "plain text named like a typed field: `home_phone: text`",
    "L20": "a record without an owner; it cannot happen here",
}


@click.command()
@click.argument("word")
@click.option("--agreement", "file", type=FILE, help="The agreement to look in, instead of the house's own.")
@of_house
def explain(word: str, file: Path | None) -> None:
    """Explain WORD: a clause by its id or number, or the code of an error, a refusal or a lint.

    Clauses are those of the house in --dir; where there is none, of the shipped reference agreement.
    """
    found = _error(word) or _refusal(word) or _lint(word) or _clause(word, _agreement(file))
    if wants_json():
        emit(found)
        return
    say(f"{found['kind']} {found['word']}: {shown(found['title'])}")
    for title, lines in found.items():
        if title in ("kind", "word", "title") or not lines:
            continue
        say(f"\n{title.replace('_', ' ')}")
        for line in [lines] if isinstance(lines, str) else lines:
            say(click.wrap_text(shown(line), 100, "  ", "  "))


def _error(code: str) -> Found | None:
    for kind in _below(TrothError):
        if vars(kind).get("code") == code:
            sentence = " ".join((kind.__doc__ or "").split())
            return {
                "kind": "error",
                "word": code,
                "title": sentence,
                "says": kind.sentence,
                "fix": kind.remedy,
            }
    return None


def _below(kind: type[TrothError]) -> list[type[TrothError]]:
    return [each for child in kind.__subclasses__() for each in (child, *_below(child))]


def _refusal(code: str) -> Found | None:
    from troth.rules.decision import Why
    from troth.rules.explaining import SENTENCES

    if code not in {why.value for why in Why}:
        return None
    says, fix = SENTENCES[Why(code)]
    return {"kind": "refusal", "word": code, "title": says.format(word="…"), "fix": fix}


def _lint(code: str) -> Found | None:
    if code.upper() not in LINTS:
        return None
    fix = "`troth check` names the place and one way to mend it"
    return {"kind": "lint", "word": code.upper(), "title": LINTS[code.upper()], "fix": fix}


def _agreement(file: Path | None) -> "Agreement":
    from troth.terms.parse import parse

    if file is None and (directory() / "troth.toml").exists():
        with opened() as house:
            return house.agreement
    return parse(text_of(file or MEMBER), str(file or MEMBER))


def _clause(word: str, agreement: "Agreement") -> Found:
    clause = next((c for c in agreement.clauses if word in (c.id, c.number)), None)
    if clause is None:
        from troth.rules.decision import Why
        from troth.terms.faults import nearest

        codes = [str(kind.code) for kind in _below(TrothError)] + [why.value for why in Why]
        like = nearest(word, [*codes, *(str(c.id) for c in agreement.clauses)])
        near = (
            f"did you mean `{like}`?"
            if like
            else "`troth check` lists an agreement's clauses by their findings"
        )
        raise UnknownWord(word=word, near=near)
    return _told(agreement, clause)


def _told(agreement: "Agreement", clause: "Clause") -> Found:
    """Return a clause: its prose, what each rule does, notices, who asks, what for, how long."""
    from troth.terms.agreement import Collect, Disclose, Keep, Use
    from troth.terms.prose import notice
    from troth.terms.sentences import ending, length, plain, who

    keeps = {rule.name: rule for _, rule in agreement.rules() if isinstance(rule, Keep)}
    found: Found = {
        "kind": "clause",
        "word": str(clause.id),
        "title": f"{clause.number} {clause.title}",
        "the_agreement_says": [" ".join(part.split()) for part in clause.text.split("\n\n") if part.strip()],
        "the_engine_does": [plain(rule) for rule in clause.rules],
        "notice": [notice(agreement, rule) for rule in clause.rules if isinstance(rule, Collect)],
        "who": [], "what": [], "how_long": [],
    }  # fmt: skip
    for rule in clause.rules:
        if isinstance(rule, Collect | Use | Disclose):
            found["who"] += who(rule.by)
        found["what"] += _targets(rule)
        if isinstance(rule, Collect) and rule.keep in keeps:
            found["how_long"].append(f"{rule.keep}: {ending(keeps[rule.keep])}")
        if isinstance(rule, Keep):
            found["how_long"].append(f"{rule.name}: {ending(rule)}")
            found["how_long"] += [
                f"{', '.join(map(str, m.of))}: {length(m.period)}, for {m.why} alone" for m in rule.longer
            ]
    for title in ("who", "what", "how_long"):
        found[title] = list(dict.fromkeys(found[title]))
    return found


def _targets(rule: "Rule") -> list[str]:
    from troth.terms.agreement import Collect, Disclose, Use

    if isinstance(rule, Collect):
        return [f"{rule.category}.{spec.name}" for spec in rule.fields]
    if isinstance(rule, Use):
        return [str(target) for target in rule.of]
    if isinstance(rule, Disclose):
        return [f"{rule.name}.{party} receives {', '.join(map(str, of))}" for party, of in rule.of]
    return []
