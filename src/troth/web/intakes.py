"""What a clause takes in, as a form: how each field is asked for, and what was typed as values.

Everything comes from the agreement: names, words and types of the fields. Nothing is decided here. What is
written wrongly is told with the reason that its type gives; custody, which is asked all the same, refuses it.
"""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from troth.clock import iso
from troth.custody.plans import STORED_APART
from troth.errors import BadValue
from troth.rules.cases import Case
from troth.rules.rulebook import Intake, Rulebook
from troth.terms.agreement import CaseRule, FieldSpec
from troth.terms.kinds import KINDS
from troth.terms.kinds_text import COUNTRIES, GENDERS
from troth.terms.sentences import said, spaced
from troth.terms.vocabulary import Category, Circumstance, FieldName, covers
from troth.web import wordings
from troth.web.content import content

if TYPE_CHECKING:
    from troth.web.visit import Visit

OURS = frozenset({"csrf", "back", "version", "flow", "choice", "topic-ready"})  # of a form, and no field
AREAS = frozenset({"longtext", "json"})
_KEYBOARDS = {"email": "email", "phone": "tel", "url": "url", "date": "date"}
_TOKENS = {  # of HTML's autocomplete, where a type says who the value is about
    "name": "name", "email": "email", "phone": "tel", "gender": "sex", "country": "country",
}  # fmt: skip
_LTR = frozenset(
    {"iban", "account_number", "id_number", "money", "integer", "uid", "reference", "ip", "time"}
)
_LINES = 100  # letters up to which a field is one short line


@dataclass(frozen=True, slots=True)
class Asked:
    """One field of a form: which control asks for it, in which words, and what stands in it."""

    name: str
    control: str  # line, area, select, choices, file, country_number, money
    label: str
    kind: str = "text"  # of an `input`
    hint: str = ""
    error: str = ""
    value: str = field(default="", repr=False)
    beside: str = field(default="", repr=False)  # the country of a number, the currency of an amount
    options: tuple[tuple[str, str], ...] = ()
    required: bool = False
    autocomplete: str = "off"
    inputmode: str = ""
    accept: str = ""
    camera: str = ""
    most: str = ""  # size of a file, in words
    letters: int = 0
    ltr: bool = False


# ---- which intakes there are


def own_intakes(book: Rulebook) -> tuple[Intake, ...]:
    """Return every intake by which people give something themselves, in the order of the agreement."""
    every: dict[tuple[str, str], Intake] = {}  # a clause for several circumstances is asked once
    for intake in book.intakes.values():
        if intake.rule.by.subject:
            every.setdefault((intake.rule.category, intake.clause), intake)
    return tuple(every.values())


def offered(book: Rulebook) -> tuple[Intake, ...]:
    """Return those by which members give something on the pages for giving.

    What names somebody is not among them: it is taken in by pages that send a code to it, and counts
    once that came back. Nor is what they sign in with.
    """
    return tuple(intake for intake in own_intakes(book) if not _is_of_account(book, intake))


def _is_of_account(book: Rulebook, intake: Intake) -> bool:
    if book.sign_in is None:
        return False
    _, rule = book.sign_in
    names = any(spec.find == "unique" for spec in intake.specs.values())
    return intake.rule.category in (rule.credentials, rule.sessions) or (
        intake.rule.category == rule.identifiers and names
    )


def intake_of(book: Rulebook, category: str, circumstance: str) -> Intake | None:
    """Return the intake of a category at a circumstance, if members may give it on the pages for giving."""
    intake = book.intakes.get((Category(category), Circumstance(circumstance)))
    return intake if intake is not None and intake in offered(book) else None


def when_of(intake: Intake) -> Circumstance:
    """Return the circumstance of an intake; of several the first."""
    return intake.rule.circumstances[0]


def intakes_within(book: Rulebook, rule: CaseRule) -> tuple[Intake, ...]:
    """Return the intakes by which people give what belongs to a case themselves."""
    return tuple(i for i in offered(book) if belongs(rule, i.rule.category))


def belongs(rule: CaseRule, category: str) -> bool:
    """Whether a category's records may belong to cases of a rule."""
    return any(covers(word, category) for word in rule.of)


def cases_of_kind(book: Rulebook, kind: str) -> tuple[tuple[str, CaseRule], ...]:
    """Return the clause and rule of every case of a kind that people may open themselves."""
    return tuple((c, rule) for c, rule in book.cases.values() if rule.kind == kind and rule.by.subject)


def of_rule(some: Iterable[Case], rule: CaseRule) -> list[Case]:
    """Return those of some cases that are of a rule, the latest first."""
    return [case for case in reversed(list(some)) if case.name == rule.name]


def has_files(intake: Intake) -> bool:
    """Whether pictures or files are asked for, which no form can carry from page to page."""
    return any(spec.type in STORED_APART for spec in intake.specs.values())


def has_pictures(intake: Intake) -> bool:
    """Whether a camera may be wanted."""
    return any(spec.type == "picture" for spec in intake.specs.values())


# ---- how it is asked for


def asked(
    visit: "Visit",
    intake: Intake,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    names: Iterable[str] = (),
) -> list[Asked]:
    """Return the fields of a form with what was typed and what is wrong; `names` are the only ones asked."""
    wanted = set(names) or set(intake.specs)
    return [
        _asked(visit, intake, spec, typed, errors.get(name, ""))
        for name, spec in intake.specs.items()
        if name in wanted
    ]


def _asked(visit: "Visit", intake: Intake, spec: FieldSpec, typed: Mapping[str, str], error: str) -> Asked:
    kind, name = KINDS[spec.type], str(spec.name)
    control, options = _control(visit, spec)
    birth = spec.type == "date" and intake.rule.minimum_age is not None
    limit = spec.limit or kind.limit
    return Asked(
        name=name,
        control=control,
        label=label_of(spec),
        kind=_KEYBOARDS.get(spec.type, "text"),
        hint=wordings.hint(visit, spec),
        error=error,
        value=typed.get(f"{name}.number", "") if control == "country_number" else typed.get(name, ""),
        beside=typed.get(f"{name}.country", "") or typed.get(f"{name}.currency", ""),
        options=options,
        required=name in intake.needed,
        autocomplete="bday" if birth else _TOKENS.get(spec.type, "off"),
        inputmode="decimal" if control == "money" else "numeric" if spec.type == "integer" else "",
        accept="image/*" if spec.type == "picture" else "",
        camera="environment" if spec.type == "picture" else "",
        most=wordings.size(visit, limit) if control == "file" else "",
        letters=limit if control in ("line", "area") and spec.type not in _KEYBOARDS else 0,
        ltr=spec.type in _LTR,
    )


def label_of(spec: FieldSpec) -> str:
    """Return what a field is called, as a label begins."""
    words = said(spec)
    return words[:1].upper() + words[1:]


def _control(visit: "Visit", spec: FieldSpec) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the control that asks for a field, and what there is to choose."""
    _ = visit.words
    if spec.type in STORED_APART:
        return "file", ()
    if spec.type == "boolean":
        return "choices", (("yes", _("Yes")), ("no", _("No")))
    if spec.type == "gender" and not spec.choices:
        return "select", tuple((each, wordings.gender(visit, each)) for each in GENDERS)
    if spec.type in ("choice", "gender"):
        language = visit.hall.agreement.language
        return "select", tuple((each, content(spaced(each), language)) for each in spec.choices)
    if spec.type == "country":
        return "select", wordings.countries(visit, spec.countries or COUNTRIES)
    if spec.type == "id_number" and len(spec.countries) != 1:
        return "country_number", wordings.countries(visit, spec.countries or COUNTRIES)
    if spec.type == "money":
        return "money", ()
    return "area" if spec.type in AREAS else "line", ()


# ---- what was typed


async def read(
    visit: "Visit", intake: Intake, names: Iterable[str] = ()
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what a form gives as values, and of each that its type refuses the reason.

    What is left empty is not given. What no clause names is a value like others: custody refuses it.
    """
    wanted = set(names) or set(intake.specs)
    values: dict[str, Any] = {}
    known = set(OURS)
    for name in wanted:
        spec = intake.specs[FieldName(name)]
        known |= {name, f"{name}.country", f"{name}.number", f"{name}.currency"}
        if spec.type in STORED_APART:
            upload = visit.files.get(name)
            found: Any = await upload.read() if upload is not None else None
        else:
            found = _typed(spec, visit.form)
        if found not in (None, "", b""):
            values[name] = found
    values |= {n: visit.form[n] for n in visit.form if n not in known}
    values |= {n: b"" for n in visit.files if n not in wanted}
    return values, faults(visit, intake, values)


def faults(visit: "Visit", intake: Intake, values: Mapping[str, Any]) -> dict[str, str]:
    """Return why each value is not of its type; pictures and files are looked at in custody alone."""
    found: dict[str, str] = {}
    for name, value in values.items():
        spec = intake.specs.get(FieldName(name))
        if spec is not None and spec.type not in STORED_APART:
            try:
                KINDS[spec.type].accepts(value, spec)
            except BadValue as problem:
                found[name] = wordings.not_taken(visit, spec, problem)
    return found


def canonical(intake: Intake, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as they will be kept; each is of its type."""
    specs = {name: intake.specs[FieldName(name)] for name in values}
    return {name: KINDS[spec.type].accepts(values[name], spec) for name, spec in specs.items()}


def _typed(spec: FieldSpec, form: Mapping[str, str]) -> Any:  # noqa: ANN401 - what its type takes
    name, text = str(spec.name), form.get(str(spec.name), "").strip()
    if spec.type == "id_number" and len(spec.countries) != 1:
        number, country = form.get(f"{name}.number", "").strip(), form.get(f"{name}.country", "").strip()
        return f"{country}:{number}" if number else text
    if spec.type == "money":
        currency = form.get(f"{name}.currency", "").strip().upper()
        return {"amount": text, "currency": currency} if text or currency else None
    if spec.type == "integer":
        with suppress(ValueError):
            return int(text)
    elif spec.type == "boolean":
        return {"yes": True, "no": False}.get(text, text)
    elif spec.type == "json" and text:
        with suppress(ValueError, RecursionError):
            return json.loads(text)
    return text


def age_of(visit: "Visit", intake: Intake, values: Mapping[str, Any]) -> int | None:
    """Return the age that a date of birth says, where a clause asks for one; it is never asked for apart."""
    if intake.rule.minimum_age is None:
        return None
    dates = [str(values[n]) for n, spec in intake.specs.items() if spec.type == "date" and n in values]
    today = iso(visit.now)[:10]
    if len(dates) != 1 or len(dates[0]) != 10 or not dates[0][:4].isdecimal():
        return None
    return int(today[:4]) - int(dates[0][:4]) - (today[5:] < dates[0][5:])
