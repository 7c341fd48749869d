"""Name the parts of a rule that no machinery carries out yet: each is unproven, so its clause is too."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from troth.custody.desk import LEAVE
from troth.evidence.protection import CHECKED_MEASURES, UNBUILT
from troth.evidence.status import CheckResult, Status
from troth.terms.agreement import (
    Change,
    Collect,
    Disclose,
    Keep,
    Protect,
    Rule,
    Store,
    Transfer,
    Use,
)

Part = tuple[str, str]  # the name of its check, and what that will measure

_OF_EACH_PERSON = frozenset({"consent", "derogation"})  # safeguards that no instrument can stand for


def later(rule: Rule, started: frozenset[str] = frozenset()) -> tuple[CheckResult, ...]:
    """Return an unproven result for every part of a rule that nothing carries out, or nothing looks at.

    `started` are the events that cases bring about: clocks that run from one are looked at.
    """
    if isinstance(rule, Keep) and rule.event in started:
        rule = replace(rule, event=None)
    return tuple(
        CheckResult(
            name,
            what,
            "everything: its machinery is not built yet",
            Status.UNPROVEN,
            0,
            "no check exists yet",
        )
        for name, what in _PARTS.get(type(rule), lambda _: iter(()))(rule)
    )


def _collect(rule: Collect) -> Iterator[Part]:
    if rule.special_condition == "explicit_consent" and not rule.consent:
        yield "explicit-consent", "an explicit consent stood before it was taken"


def _use(rule: Use) -> Iterator[Part]:
    if rule.leaves == "aggregates":
        yield "releases", "every release is an aggregate within its budget"
    if rule.channels:
        yield "channels", f"the member is reached by {', '.join(rule.channels)} alone"


def _disclose(rule: Disclose) -> Iterator[Part]:
    if rule.tell not in ("", "record"):
        yield "member-told", f"the member is told ({rule.tell})"
    if rule.review:
        yield "reviewed", "every disclosure is reviewed afterwards"
    if rule.within is not None:
        yield "opening-ends", f"an opening ends after {rule.within}"


def _keep(rule: Keep) -> Iterator[Part]:
    if rule.event not in (None, LEAVE):
        yield "from-event", f"the period runs from `{rule.event}`"


def _store(rule: Store) -> Iterator[Part]:
    if rule.home:
        yield "home-places", "each person's records stand in their home place"


def _transfer(rule: Transfer) -> Iterator[Part]:
    if rule.safeguard in _OF_EACH_PERSON:
        yield "safeguard-of-person", f"the safeguard `{rule.safeguard}` stands for each person concerned"


def _protect(rule: Protect) -> Iterator[Part]:
    for name, value in rule.measures:
        if name not in CHECKED_MEASURES or (name, value) in UNBUILT:
            yield name.replace("_", "-"), f"{name}: {value}"


def _change(_: Change) -> Iterator[Part]:
    yield "changes", "changes are announced in time, and need what they need"


_PARTS: dict[type, Callable[[Any], Iterator[Part]]] = {
    Collect: _collect,
    Use: _use,
    Disclose: _disclose,
    Keep: _keep,
    Store: _store,
    Transfer: _transfer,
    Protect: _protect,
    Change: _change,
}
