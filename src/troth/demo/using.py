"""Two middle scenes: who may read what for which purpose, and who may not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from troth.acts.collect import offering
from troth.clock import SECOND
from troth.custody.take_in import Taken
from troth.demo import lives
from troth.demo.collecting import give
from troth.demo.people import Person
from troth.demo.stage import (
    AGENT,
    ANALYST,
    CLERK,
    ENGINEER,
    GUARD,
    OFFICER,
    REVIEWER,
    Stage,
    attempt,
    because,
    clauses_of,
    shown,
)
from troth.library import Context
from troth.rules.decision import Act, Actor, program
from troth.terms.agreement import Never

OUTBOX, PAYOUT = program("outbox"), program("payout")
PAYMENTS, TAX_OFFICE = "processors.payments.payments-processor", "authorities.tax-office"


def reading_scene(stage: Stage) -> None:
    """Read for purposes that a clause allows."""
    page, house, she = stage.page, stage.house, stage.heroine
    page.scene("Permitted: read for a purpose, by those whom a clause names")
    rows = []
    reads: tuple[tuple[str, Context, str], ...] = (
        ("support agent", house.purpose("support.reply", by=AGENT, case="C-1017"), "account.phone"),
        ("support agent", house.purpose("support.reply", by=AGENT, case="C-1017"), "support.topic"),
        ("payout program", house.purpose("service.payments", by=PAYOUT), "payment.iban"),
        (
            "payments clerk",
            house.purpose("service.payments.inquiry", by=CLERK, case="C-1018", reason="payment-returned"),
            "payment.iban",
        ),
        ("reviewer", house.purpose("identity.verify", by=REVIEWER, case="V-2001"), "identity.id_number"),
        ("reviewer", house.purpose("camera.identity", by=REVIEWER, case="V-2001"), "camera.identity.selfie"),
    )
    label = ""
    for who, context, name in reads:
        category, _, column = name.rpartition(".")
        handed = context.read(about=she.reference, category=category, fields=[column])
        value = handed.records[-1].values[column]  # type: ignore[index]
        label = label or repr(value)
        rows.append((who, context.purpose, name, shown(value.reveal()), stage.cited(handed.receipt)))
        stage.clock.forward(40 * SECOND)
    own = house.access(about=she.reference, category="account")
    seen = f"{len(own.records[0].values)} values, in full"
    rows.append(("the member herself", "(a right of hers)", "account", seen, stage.cited(own.receipt)))
    page.table(("who", "for", "reads", "sees", "clause"), rows, good=True)
    page.say(
        f"Printed or logged by mistake, a value says only {label}; each read above was in the ledger first."
    )
    page.figure("permitted_reads", len(rows))


def refusing_scene(stage: Stage) -> None:
    """Try what the agreement does not allow; every attempt is refused, and remembered."""
    page = stage.page
    page.scene("Refused: everything else")
    attempts = (*_reads_to_refuse(stage), *_gifts_to_refuse(stage), *_disclosures_to_refuse(stage))
    before = stage.house.teller.alone(lambda desk: desk.unit.size)
    rows, kept = [], 0
    for label, work in attempts:
        refusal = attempt(work)
        kept += refusal is not None
        rows.append((label, because(refusal), stage.short(clauses_of(refusal))))
        stage.clock.forward(11 * SECOND)
    page.table(("attempt", "why it is refused", "clause"), rows, good=False)
    after = stage.house.teller.alone(lambda desk: desk.unit.size)
    page.say(
        f"{kept} of {len(rows)} refused, in {after - before} new ledger entries. Where no number "
        "stands, the agreement "
        "says nothing of it; what nothing is said of is refused.",
        good=kept == len(rows),
    )
    never = [
        c for c, rule in stage.house.agreement.rules() if isinstance(rule, Never) and "sell" in rule.practices
    ]
    acts = ", ".join(act.value for act in Act)
    page.say(
        f"Selling is not even refused: of the acts there are ({acts}) none sells or rents, as "
        f"{stage.numbers(tuple(clause.id for clause in never))} says."
    )
    _one_bad_row(stage)
    page.figure("refused", kept)
    page.figure("attempts", len(rows))


Attempt = tuple[str, Callable[[], Any]]


def _reads_to_refuse(stage: Stage) -> tuple[Attempt, ...]:
    house, she, he = stage.house, stage.heroine.reference, stage.visitor.reference
    agent = house.purpose("support.reply", by=AGENT, case="C-1019")

    def read(
        purpose: str, by: Actor, category: str, fields: tuple[str, ...] = (), case: str = "C-1019"
    ) -> Any:  # noqa: ANN401
        context = house.purpose(purpose, by=by, case=case, reason="demo")
        return lambda: context.read(about=she, category=category, fields=fields)

    return (
        ("an engineer reads a phone number", read("support.reply", ENGINEER, "account", ("phone",))),
        ("support, without a case", read("support.reply", AGENT, "account", case="")),
        ("support, without a purpose", read("", AGENT, "account")),
        ("support, out of curiosity", read("curiosity", AGENT, "account")),
        ("support reads a bank account", read("support.reply", AGENT, "payment")),
        ("security reads a bank account", read("security.accounts", GUARD, "payment")),
        ("an analyst reads single rows", read("analysis.improve", ANALYST, "transactions")),
        ("the ID picture as profile picture", read("camera.profile", AGENT, "camera.identity")),
        ("the profile picture as ID picture", read("camera.identity", REVIEWER, "camera.profile")),
        ("a promotion without consent", read("contact.promotion", OUTBOX, "account", ("email",))),
        ("a person nobody knows", lambda: agent.read(about=f"{he}-x", category="account")),
    )


def _gifts_to_refuse(stage: Stage) -> tuple[Attempt, ...]:
    house, crowd = stage.house, stage.crowd
    fresh = crowd.person("IT")

    def offer(category: str, when: str, values: dict[str, Any], about: Person = fresh) -> Any:  # noqa: ANN401
        return lambda: house.collect(about=about.reference, category=category, when=when, values=values)

    wrong = fresh.account[:-1] + ("1" if fresh.account[-1] != "1" else "2")
    minor = replace(stage.visitor, born=crowd.today - timedelta(days=16 * 365))
    posing = stage.people[-1]
    house.consent(about=posing.reference, purpose="camera.profile")
    shoes = {"email": fresh.email, "shoe_size": "43"}
    bank = {"holder": stage.heroine.name, "iban": wrong}
    taken = {"email": stage.heroine.email}
    return (
        ("a shoe size, at registration", offer("account", "registration", shoes)),
        ("somebody's religion", offer("religion", "registration", {"faith": "-"})),
        ("an IBAN with a wrong digit", offer("payment", "payment", bank, stage.heroine)),
        ("a user name of 500 letters", offer("account", "registration", {"username": "a" * 500})),
        ("somebody else's e-mail address", offer("account", "registration", taken)),
        ("the identity of a 16-year-old", lambda: give(stage, lives.identity(minor, stage.clock()))),
        ("a script sent as a picture", offer("camera.profile", "camera", {"picture": b"#!/bin/sh"}, posing)),
    )


def _disclosures_to_refuse(stage: Stage) -> tuple[Attempt, ...]:
    house, she = stage.house, stage.heroine.reference
    payments = house.purpose("service.payments", by=PAYOUT)
    request = house.purpose("legal.request", by=OFFICER, case="A-77", reason="order-12-2026")
    return (
        ("to a data broker", lambda: payments.disclose(about=she, category="account", to="data-broker")),
        (
            "payments company, no contract",
            lambda: payments.disclose(about=she, category="payment", to=PAYMENTS),
        ),
        (
            "tax office, nobody approved",
            lambda: request.disclose(about=she, category="transactions", to=TAX_OFFICE),
        ),
    )


def _one_bad_row(stage: Stage) -> None:
    """Send a batch in which one row is bad: the good ones are kept, the bad one is named."""
    rng, now = stage.crowd.rng, stage.clock()
    offers = [lives.visit(person, now, rng) for person in stage.people[2:102]]
    middle = len(offers) // 2
    spoilt = dict(offers[middle].values) | {"page": "not an address"}
    offers[middle] = offering(
        by=offers[middle].request.by,
        about=offers[middle].about,
        category="usage",
        when="usage_log",
        values=spoilt,
    )
    outcomes = stage.house.collect_many(offers)
    good = sum(isinstance(outcome, Taken) for outcome in outcomes)
    bad = [(n, outcome) for n, outcome in enumerate(outcomes, 1) if not isinstance(outcome, Taken)]
    said = "; ".join(f"row {n}: {because(error)} ({stage.short(clauses_of(error))})" for n, error in bad)
    stage.page.say(
        f"A batch of {len(offers)} with one bad row: {good} kept, {len(bad)} refused by name: {said}.",
        good=good == len(offers) - 1,
    )
