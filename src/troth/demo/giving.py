"""Two more scenes: what is given to others, and what a change of mind does to all of it."""

from collections.abc import Callable

from troth.acts import disclose
from troth.clock import DAY, SECOND
from troth.custody.hand_out import Handed
from troth.demo.people import Person
from troth.demo.stage import (
    AGENT,
    ENGINEER,
    LAWYER,
    OFFICER,
    SECOND_OFFICER,
    Stage,
    attempt,
    because,
    clauses_of,
    day,
    shown,
)
from troth.demo.using import OUTBOX, PAYMENTS, PAYOUT, TAX_OFFICE


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
        f"On record until {day(until)}: the payments company's contract, duty of confidentiality and "
        "safeguard, "
        "and the law on which the tax office rests its request."
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


def withdrawing_scene(stage: Stage) -> None:
    """Consent, read, withdraw, and be left in peace from the next read on."""
    page, house, she = stage.page, stage.house, stage.heroine
    page.scene("A change of mind: withdrawal, restriction, objection")
    rows = []

    def tried(what: str, work: Callable[[], Handed]) -> None:
        outcome: list[Handed] = []
        refusal = attempt(lambda: outcome.append(work()))
        clauses = stage.cited(outcome[0].receipt) if outcome else stage.short(clauses_of(refusal))
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
    tried("she consents to promotions; outbox reads", promotion)
    house.withdraw(about=she.reference, purpose="contact.promotion")
    tried("she withdraws; outbox reads", promotion)
    house.restrict(about=she.reference, category="account")
    tried("she restricts her account; support reads", support)
    house.lift(about=she.reference, category="account")
    tried("she lifts it; support reads", support)
    tried("engineer reads her device", upkeep)
    house.object(about=she.reference, purpose="service.upkeep")
    tried("she objects to upkeep; engineer reads", upkeep)
    page.table(("what happens", "outcome", "clause"), rows)
    page.figure("mind_changes", [row[1] for row in rows])
