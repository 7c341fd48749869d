"""Makes the rule of each kind from what was read, with every default filled in."""

from collections.abc import Callable, Mapping
from typing import Any

from troth.terms.agreement import (
    CaseRule,
    Change,
    Collect,
    Contact,
    Disclose,
    FieldSpec,
    Inform,
    Keep,
    Longer,
    Never,
    Party,
    Protect,
    RightRule,
    Rule,
    Scope,
    SignIn,
    Store,
    Target,
    Transfer,
    Use,
    Who,
)
from troth.terms.vocabulary import (
    Basis,
    Category,
    FieldName,
    Place,
    Program,
    Purpose,
    Recipient,
    Relationship,
    RetentionClass,
    RightName,
)

Read = Mapping[str, Any]
Fields = Mapping[str, frozenset[str]]  # each collected category, with its fields


def build(head: str, read: Read, fields: Fields) -> Rule:
    """Return the rule of kind `head` from values that `reading` found faultless."""
    return _BUILDERS[head](read, fields)


def target(word: str, fields: Fields) -> Target:
    """Return the target a known word means: a category (the longest prefix wins), or a field of one."""
    category, _, name = word.rpartition(".")
    if word not in fields and name in fields.get(category, ()):
        return Target(Category(category), FieldName(name))
    return Target(Category(word))


def _targets(words: tuple[str, ...], fields: Fields) -> tuple[Target, ...]:
    return tuple(target(word, fields) for word in words)


def _who(read: Any, absent: Who = Who(subject=True)) -> Who:  # noqa: ANN401, B008
    if read is None:
        return absent
    if read == "subject":
        return Who(subject=True)
    return Who(
        frozenset(read.get("roles", ())), frozenset(read.get("programs", ())), read.get("subject", False)
    )


def _field(name: str, read: Read) -> FieldSpec:
    return FieldSpec(**{"name": FieldName(name), **read})


def _collect(read: Read, fields: Fields) -> Rule:  # noqa: ARG001 - one signature for all
    specs = tuple(_field(name, spec) for name, spec in read["fields"].items())
    marked = any(spec.required for spec in specs)
    required = tuple(spec.name for spec in specs if spec.required)
    return Collect(
        category=read["collect"],
        circumstances=read["when"],
        fields=specs,
        basis=Basis(read["basis"]),
        purposes=read["for"],
        keep=read["keep"],
        by=_who(read.get("by")),
        need=read.get("need", required if marked else "all"),
        **_some(
            read,
            "consent",
            "source",
            "opens",
            "records",
            "stream",
            "minimum_age",
            "special_condition",
            "notice",
        ),
    )


def _use(read: Read, fields: Fields) -> Rule:
    return Use(
        purpose=read["use"],
        of=_targets(read["of"], fields),
        by=_who(read["by"]),
        basis=Basis(read["basis"]),
        mask=_targets(read.get("mask", ()), fields),
        **_some(read, "consent", "objection", "leaves", "needs", "channels"),
    )


def _disclose(read: Read, fields: Fields) -> Rule:
    parties = tuple(
        Party(
            Recipient(name),
            Place(party["place"]),
            Relationship(party["relationship"]),
            party.get("words", ""),
        )
        for name, party in read["recipients"].items()
    )
    of = read["of"]
    each = of if isinstance(of, dict) else {party.name: of for party in parties}
    approvals = read.get("approvals", {})
    return Disclose(
        name=read["disclose"],
        parties=parties,
        of=tuple((party.name, _targets(each[party.name], fields)) for party in parties if party.name in each),
        purposes=read["for"],
        by=_who(read["by"]),
        basis=Basis(read["basis"]),
        approvals=approvals.get("count", 0),
        approvers=frozenset(approvals.get("roles", ())),
        **_some(read, "needs", "tell", "review", "within"),
    )


def _scope(read: Read, fields: Fields) -> Scope:
    return Scope(
        _targets(read.get("of", ()), fields),
        tuple(Purpose(word) for word in read.get("for", ())),
        tuple(Recipient(word) for word in read.get("to", ())),
        tuple(Place(word) for word in read.get("in", ())),
        tuple(_scope(inner, fields) for inner in read.get("except", ())),
    )


def _never(read: Read, fields: Fields) -> Rule:
    return Never(read["never"], _scope(read, fields))


def _keep(read: Read, fields: Fields) -> Rule:
    longer = tuple(
        Longer(Purpose(reason["why"]), _targets(reason["of"], fields), reason["for"])
        for reason in read.get("longer", ())
    )
    return Keep(
        name=RetentionClass(read["keep"]),
        of=read["of"],
        period=read["for"],
        event=read.get("from"),
        maximum=read.get("at_most"),
        longer=longer,
        held_by=_who(read.get("held_by"), Who()),
        **_some(read, "then", "duty", "holds", "shorter", "gone_within"),
    )


def _store(read: Read, fields: Fields) -> Rule:  # noqa: ARG001
    return Store(read["store"], read.get("home", False), tuple(read.get("residency", {}).items()))


def _transfer(read: Read, fields: Fields) -> Rule:
    way = read["transfer"]
    return Transfer(
        Place(way["from"]), Place(way["to"]), read["safeguard"], _targets(read.get("of", ()), fields)
    )


def _protect(read: Read, fields: Fields) -> Rule:  # noqa: ARG001
    return Protect(tuple((name, measure(value)) for name, value in read["protect"].items()))


def measure(value: object) -> str:
    """Return a measure's value as text: lists by comma, flags as `true` or `false`."""
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _change(read: Read, fields: Fields) -> Rule:  # noqa: ARG001
    how = read["change"]
    return Change(
        how["notice"], how["ahead"], read["material"], **_some(read, "fresh_consent", "continued_use_accepts")
    )


def _right(read: Read, fields: Fields) -> Rule:
    return RightRule(
        right=RightName(read["right"]),
        of=_targets(read.get("of", ()), fields),
        by=_who(read.get("by")),
        purposes=tuple(Purpose(word) for word in read.get("for", ())),
        **_some(read, "how", "assurance", "deadline"),
    )


def _sign_in(read: Read, fields: Fields) -> Rule:  # noqa: ARG001
    return SignIn(
        Program(read["sign_in"]),
        Category(read["identifiers"]),
        Category(read["credentials"]),
        Category(read["sessions"]),
        Purpose(read["for"]),
        read["methods"],
        *(Category(read[key]) if key in read else None for key in ("messages", "activity", "usage")),
    )


def _contact(read: Read, fields: Fields) -> Rule:  # noqa: ARG001
    return Contact(tuple(read["contact"].items()), read.get("languages", ()), read.get("authority", ""))


def _case(read: Read, fields: Fields) -> Rule:  # noqa: ARG001
    return CaseRule(
        name=read["case"],
        kind=read["kind"],
        of=read["of"],
        by=_who(read.get("by")),
        decided_by=_who(read.get("decided_by"), Who()),
        **_some(read, "event", "reasons"),
    )


def _inform(read: Read, fields: Fields) -> Rule:  # noqa: ARG001
    return Inform(read["inform"])


def _some(read: Read, *names: str) -> dict[str, Any]:
    return {name: read[name] for name in names if name in read}


_BUILDERS: Mapping[str, Callable[[Read, Fields], Rule]] = {
    "collect": _collect, "use": _use, "disclose": _disclose, "never": _never, "keep": _keep, "store": _store,
    "transfer": _transfer, "protect": _protect, "change": _change, "right": _right,
    "sign_in": _sign_in, "contact": _contact, "case": _case, "inform": _inform,
}  # fmt: skip
