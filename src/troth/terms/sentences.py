"""One plain English sentence for each kind of rule, and the small words that make them."""

from collections.abc import Callable, Iterable, Mapping
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
    Never,
    Protect,
    RightRule,
    Rule,
    Scope,
    SignIn,
    Store,
    Transfer,
    Use,
    Who,
)
from troth.terms.vocabulary import Period, RightName


def plain(rule: Rule) -> str:
    """Return one sentence that says what a rule does."""
    return _SENTENCES[type(rule)](rule)


def spaced(word: str) -> str:
    """Return a word of the agreement as people read it: `last-treatment` as `last treatment`."""
    return word.replace("_", " ").replace("-", " ")


def joined(words: Iterable[str], last: str = "and") -> str:
    """Return `a, b and c`."""
    found = list(words)
    return f" {last} ".join([", ".join(found[:-1]), found[-1]]) if len(found) > 1 else "".join(found)


def either(words: Iterable[str]) -> str:
    """Return `a, b or c`."""
    return joined(words, "or")


def length(period: Period) -> str:
    """Return a period in words: `1 year and 6 months`, `72 hours`."""
    years, months = divmod(period.months, 12)
    hours, rest = divmod(period.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    counts = (
        (years, "year"), (months, "month"), (period.days, "day"),
        (hours, "hour"), (minutes, "minute"), (seconds, "second"),
    )  # fmt: skip
    return joined(f"{n} {unit}{'' if n == 1 else 's'}" for n, unit in counts if n) or "no time"


def who(by: Who) -> tuple[str, ...]:
    """Return those who may ask, in words."""
    you = ("you",) if by.subject else ()
    roles = (spaced(role) for role in sorted(by.roles))
    return (*you, *roles, *(f"the program {spaced(name)}" for name in sorted(by.programs)))


def said(spec: FieldSpec) -> str:
    """Return a field in plain words."""
    return spec.words or spaced(spec.name)


def ending(keep: Keep) -> str:
    """Return when and how a class ends: `erased 90 days after it was taken in`."""
    end = "made anonymous" if keep.then == "anonymise" else "erased"
    if not keep.event:
        return f"{end} {length(keep.period)} after it was taken in"
    event = EVENTS.get(keep.event, f"“{spaced(keep.event)}”")
    after = f"at once after {event}" if keep.period == Period() else f"{length(keep.period)} after {event}"
    most = f", and at the latest {length(keep.maximum)} after it was taken in" if keep.maximum else ""
    return f"{end} {after}{most}"


EVENTS = {"leave": "you leave", "decision": "the decision", "close": "the matter is closed"}


def _collect(rule: Collect) -> str:
    names = joined(said(spec) for spec in rule.fields)
    consent = f" with consent to {rule.consent}" if rule.consent else ""
    when = either(map(spaced, rule.circumstances))
    given = f"{_start(rule.by)} may give {names} ({rule.category}) at {when}{consent}"
    return f"{given}, for {joined(rule.purposes)}, kept as {rule.keep}."


def _start(by: Who) -> str:
    words = either(who(by)) or "nobody"
    return words[0].upper() + words[1:]


def _use(rule: Use) -> str:
    limits = [
        "only with consent" if rule.consent else "",
        "unless the person objects" if rule.objection else "",
        "as totals only" if rule.leaves == "aggregates" else "",
        f"with {joined(f'a {need}' for need in rule.needs)}" if rule.needs else "",
        f"with {joined(map(str, rule.mask))} masked" if rule.mask else "",
    ]
    tail = "".join(f", {limit}" for limit in limits if limit)
    return f"{_start(rule.by)} may read {joined(map(str, rule.of))} for {rule.purpose}{tail}."


def _disclose(rule: Disclose) -> str:
    gets = [f"{spaced(name)} gets {joined(map(str, of))}" for name, of in rule.of]
    approved = f", after {rule.approvals} approvals" if rule.approvals else ""
    needs = f", with {joined(map(spaced, rule.needs))} on record" if rule.needs else ""
    handed = f"{either(who(rule.by))} may hand it out{approved}{needs}"
    return f"For {joined(rule.purposes)}, {'; '.join(gets)}; {handed}."


def _never(rule: Never) -> str:
    return f"Never {either(map(spaced, rule.practices))} {_reach(rule.scope)}{_open(rule.scope)}."


def _reach(scope: Scope) -> str:
    parts = ["anything" if not scope.of or "*" in map(str, scope.of) else joined(map(str, scope.of))]
    parts += [f"for {either(scope.purposes)}"] if scope.purposes else []
    parts += [f"to {either(scope.recipients)}"] if scope.recipients else []
    parts += [f"in {either(scope.places)}"] if scope.places else []
    return " ".join(parts)


def _open(scope: Scope) -> str:
    return "".join(f", except {_reach(inner)}{_open(inner)}" for inner in scope.excepts)


def _keep(rule: Keep) -> str:
    longer = "".join(f"; {joined(map(str, m.of))} {length(m.period)}, for {m.why} alone" for m in rule.longer)
    duty = f"; a legal duty keeps it until then: {rule.duty}" if rule.duty else ""
    return f"{joined(map(spaced, rule.of))}: {ending(rule)}{longer}{duty}."


def _store(rule: Store) -> str:
    home = ", each person's in their home place" if rule.home else ""
    stay = "".join(f"; {category} only in {either(places)}" for category, places in rule.residency)
    return f"Data stands in {either(rule.places)}{home}{stay}."


def _transfer(rule: Transfer) -> str:
    what = joined(map(str, rule.of)) or "Any data"
    return f"{what} may go from {rule.origin} to {rule.destination} under {spaced(rule.safeguard)}."


def _protect(rule: Protect) -> str:
    return f"Measures in force: {'; '.join(in_words(*each) for each in rule.measures)}."


def in_words(name: str, value: str) -> str:
    """Return a measure of protection and its value in words."""
    if value in ("true", "false"):
        return spaced(name) if value == "true" else f"no {spaced(name)}"
    return f"{spaced(name)}: {value}"


def _change(rule: Change) -> str:
    material = either(rule.material)
    return (
        f"Changes are told by {joined(rule.notice)} {length(rule.ahead)} ahead; material is what {material}."
    )


_MAY = {
    RightName.ACCESS: "see what is held", RightName.CORRECT: "correct it", RightName.ERASE: "have it erased",
    RightName.RESTRICT: "have it stored and not used", RightName.PORT: "take it with you",
    RightName.OBJECT: "object", RightName.OPT_OUT: "end messages you did not ask for",
    RightName.WITHDRAW: "withdraw your consent", RightName.COMPLAIN: "complain", RightName.LEAVE: "leave",
}  # fmt: skip


def _right(rule: RightRule) -> str:
    over = f" ({joined(map(str, rule.of))})" if rule.of else ""
    aims = f" for {joined(rule.purposes)}" if rule.purposes else ""
    review = ", after a review" if rule.how == "review" else ""
    by = f", answered within {length(rule.deadline)}" if rule.deadline else ""
    return f"You may {_MAY[rule.right]}{over}{aims}{review}{by}."


def _sign_in(rule: SignIn) -> str:
    kept = f"what that needs is kept as {joined((rule.credentials, rule.sessions))}"
    ways = either(map(spaced, rule.methods))
    noted = [f"sign-ins are noted as {rule.activity}"] if rule.activity else []
    noted += [f"pages that you open as {rule.usage}"] if rule.usage else []
    more = f"; {joined(noted)}" if noted else ""
    how = f"You sign in through the program {spaced(rule.program)} by {ways}"
    return f"{how}; {kept}, for {rule.purpose}{more}."


def _contact(rule: Contact) -> str:
    authority = f"; the authority is {rule.authority}" if rule.authority else ""
    return f"Turn to {joined(f'{spaced(name)} {to}' for name, to in rule.routes)}{authority}."


def _case(rule: CaseRule) -> str:
    parts = [f"{_start(rule.by)} may open a {rule.kind} ({spaced(rule.name)}) with {joined(rule.of)}"]
    verb = "decides it" if rule.kind == "verification" else "answers it"
    parts += [f"{either(who(rule.decided_by))} {verb}"] if who(rule.decided_by) else []
    parts += [f"periods from “{spaced(rule.event)}” begin when it ends"] if rule.event else []
    return "; ".join(parts) + "."


def _inform(rule: Inform) -> str:
    return f"Nothing to enforce: {rule.reason}."


_SENTENCES: Mapping[type, Callable[[Any], str]] = {
    Collect: _collect, Use: _use, Disclose: _disclose, Never: _never, Keep: _keep, Store: _store,
    Transfer: _transfer, Protect: _protect, Change: _change, RightRule: _right, SignIn: _sign_in,
    Contact: _contact, CaseRule: _case, Inform: _inform,
}  # fmt: skip
