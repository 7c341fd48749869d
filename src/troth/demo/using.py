"""The middle scenes: who may read what for which purpose, who may not, and what a change of mind does."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from troth.acts import disclose
from troth.acts.collect import offering
from troth.clock import DAY, SECOND
from troth.custody.hand_out import Handed
from troth.custody.take_in import Taken
from troth.demo import lives
from troth.demo.people import Person
from troth.demo.stage import (
    AGENT,
    ANALYST,
    CLERK,
    ENGINEER,
    GUARD,
    LAWYER,
    OFFICER,
    REVIEWER,
    SECOND_OFFICER,
    Stage,
    attempt,
    because,
    clauses_of,
    day,
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
    seen = shown(", ".join(value.reveal() for value in own.records[0].values.values()))
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
    before = stage.house.teller.alone(lambda desk: desk.unit.size)
    rows, kept = [], 0
    for label, work in (*_reads_to_refuse(stage), *_gifts_to_refuse(stage), *_disclosures_to_refuse(stage)):
        refusal = attempt(work)
        kept += refusal is not None
        rows.append((label, because(refusal), stage.numbers(clauses_of(refusal))))
        stage.clock.forward(11 * SECOND)
    page.table(("attempt", "why it is refused", "clause"), rows, good=False)
    after = stage.house.teller.alone(lambda desk: desk.unit.size)
    page.say(
        f"{kept} of {len(rows)} refused; each is one of {after - before} new ledger entries.",
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

    def give(category: str, when: str, values: dict[str, Any], about: str = fresh.reference) -> Any:  # noqa: ANN401
        return lambda: house.collect(about=about, category=category, when=when, values=values)

    wrong = fresh.account[:-1] + ("1" if fresh.account[-1] != "1" else "2")
    young = replace(fresh, born=fresh.born.replace(year=int(day(stage.clock())[:4]) - 16))
    posing = stage.people[-1].reference
    house.consent(about=posing, purpose="camera.profile")
    minor = lives.identity(young, stage.clock())
    taken = {"email": stage.heroine.email}
    return (
        (
            "a shoe size, at registration",
            give("account", "registration", {"email": fresh.email, "shoe_size": "43"}),
        ),
        ("somebody's religion", give("religion", "registration", {"faith": "-"})),
        (
            "an IBAN with a wrong digit",
            give("payment", "payment", {"holder": fresh.name, "iban": wrong}, stage.heroine.reference),
        ),
        ("a user name of 500 letters", give("account", "registration", {"username": "a" * 500})),
        ("somebody else's e-mail address", give("account", "registration", taken)),
        (
            "the identity of a 16-year-old",
            lambda: house.collect(
                about=stage.visitor.reference,
                category="identity",
                when="identity_verification",
                values={**minor.values},
                age=minor.request.age,
            ),
        ),
        ("a script sent as a picture", give("camera.profile", "camera", {"picture": b"#!/bin/sh"}, posing)),
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
    said = "; ".join(f"row {n}: {because(error)} ({stage.numbers(clauses_of(error))})" for n, error in bad)
    stage.page.say(
        f"A batch of {len(offers)} with one bad row: {good} kept, {len(bad)} refused by name: {said}.",
        good=good == len(offers) - 1,
    )


# ---- disclosing


def disclosing_scene(stage: Stage) -> None:
    """Give data to recipients whom a clause lists, once everything it needs is on record."""
    page, house, she = stage.page, stage.house, stage.heroine
    page.scene("Disclosed: to whom a clause lists, once its papers are on record")
    until = stage.clock() + 365 * DAY
    for kind, filed in (
        ("contract", "DPA-2026-031"),
        ("confidentiality", "NDA-2026-009"),
        ("safeguard", "LAW-IE-SG"),
    ):
        house.record_instrument(by=OFFICER, recipient=PAYMENTS, kind=kind, reference=filed, until=until)
    house.record_instrument(
        by=OFFICER, recipient=TAX_OFFICE, kind="legal_basis", reference="ORDER-12-2026", until=until
    )
    page.say(
        f"On record until {day(until)}: the payments company's contract, duty of confidentiality and safeguard, and the "
        "law on which the tax office rests its request."
    )
    payments = house.purpose("service.payments", by=PAYOUT)
    rows = []
    for category, names in (("payment", ("holder", "iban")), ("identity", ("name",))):
        handed = payments.disclose(about=she.reference, category=category, fields=names, to=PAYMENTS)
        rows.append(_disclosed(stage, PAYMENTS, category, handed))
    handed = _to_the_tax_office(stage, she)
    rows.append(_disclosed(stage, TAX_OFFICE, "transactions", handed))
    page.table(("recipient", "fields", "first value", "clause", "the member is told"), rows, good=True)
    page.figure("disclosures", len(rows))


def _disclosed(stage: Stage, recipient: str, category: str, handed: Handed) -> tuple[str, ...]:
    entry = stage.entry(handed.receipt)
    value = next(iter(handed.records[0].values.values())).reveal()
    fields = f"{category}: {', '.join(entry.fields)}"
    return (
        recipient.rpartition(".")[2],
        fields,
        shown(value),
        stage.cited(handed.receipt),
        handed.tell.replace("_", " "),
    )


def _to_the_tax_office(stage: Stage, about: Person) -> Handed:
    """Answer an authority: two people who did not ask approve exactly this request, then it is done once."""
    page, names = stage.page, ("time", "kind", "amount")
    job = disclose.disclosing(
        by=OFFICER, about=about.reference, category="transactions", to=TAX_OFFICE, purpose="legal.request",
        fields=names, case="A-77", reason="order-12-2026",
    )  # fmt: skip
    context = stage.house.purpose("legal.request", by=OFFICER, case="A-77", reason="order-12-2026")

    def again() -> Handed:
        return context.disclose(about=about.reference, category="transactions", fields=names, to=TAX_OFFICE)

    disclose.approve(stage.house.teller, by=OFFICER, job=job)  # whoever asks does not count
    disclose.approve(stage.house.teller, by=SECOND_OFFICER, job=job)
    short = attempt(again)
    disclose.approve(stage.house.teller, by=LAWYER, job=job)
    handed = again()
    spent = attempt(again)
    page.say(
        f"The tax office asks (case A-77). Approved by the asker and one colleague: {because(short)}. "
        f"With a lawyer's too: done, once. A second time: {because(spent)}.",
        good=bool(short and spent),
    )
    return handed


# ---- changes of mind


def withdrawing_scene(stage: Stage) -> None:
    """Consent, read, withdraw, and be left in peace from the next read on."""
    page, house, she = stage.page, stage.house, stage.heroine
    page.scene("A change of mind: withdrawal, restriction, objection")
    rows = []

    def tried(what: str, work: Callable[[], Handed]) -> None:
        outcome: list[Handed] = []
        refusal = attempt(lambda: outcome.append(work()))
        clauses = stage.cited(outcome[0].receipt) if outcome else stage.numbers(clauses_of(refusal))
        rows.append((what, "read" if outcome else f"refused: {because(refusal)}", clauses))
        stage.clock.forward(30 * SECOND)

    def promotion() -> Handed:
        context = house.purpose("contact.promotion", by=OUTBOX)
        return context.read(about=she.reference, category="account", fields=["email"])

    def upkeep() -> Handed:
        context = house.purpose("service.upkeep", by=ENGINEER, case="E-5", reason="slow-page")
        return context.read(about=she.reference, category="device")

    def support() -> Handed:
        context = house.purpose("support.reply", by=AGENT, case="C-1017")
        return context.read(about=she.reference, category="account")

    house.consent(about=she.reference, purpose="contact.promotion")
    tried("she consents to promotions; the outbox reads", promotion)
    house.withdraw(about=she.reference, purpose="contact.promotion")
    tried("she withdraws; the outbox reads again", promotion)
    house.restrict(about=she.reference, category="account")
    tried("she has her account restricted; support reads", support)
    house.lift(about=she.reference, category="account")
    tried("she lifts it; support reads", support)
    tried("an engineer reads her device", upkeep)
    house.object(about=she.reference, purpose="service.upkeep")
    tried("she objects to upkeep; the engineer reads again", upkeep)
    page.table(("what happens", "outcome", "clause"), rows)
    page.figure("mind_changes", [row[1] for row in rows])
