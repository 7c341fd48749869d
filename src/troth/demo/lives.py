"""What people leave behind while they use a service: offers of every category, as a program sends them."""

from collections.abc import Iterator, Mapping
from typing import Any

from troth.acts.collect import offering
from troth.clock import DAY, SECOND, Instant, iso
from troth.custody.drafts import Offer
from troth.demo.numbers import Rng, digits
from troth.demo.people import Person
from troth.rules.decision import Actor, member, program

MINUTE = 60 * SECOND
_PORTAL, _EXCHANGE, _SCRIPT = program("portal"), program("exchange"), program("usage-script")
_PAGES = ("markets", "wallet", "orders", "settings/security", "deposit", "limits", "news/today", "help/fees")
_QUESTIONS = (
    ("Deposit missing", "I sent {sum} yesterday, reference {reference}, and it is not in my balance yet."),
    (
        "Card declined",
        "The payment of {sum} was declined twice. Is something wrong on your side? {reference}",
    ),
    ("Second factor", "I have a new phone and cannot sign in any more. My last order was {reference}."),
    ("Fee", "Why was I charged a fee on {reference}? The page said orders above {sum} are free of it."),
)
_SHARED = frozenset({"time", "kind", "action", "language"})  # fields whose values tell nobody apart
_COMMENTS = ("Quick and kind.", "It took three days.", "Solved, thank you.", "I had to ask twice.")


def account(person: Person) -> Offer:
    """Return what a person gives to open an account."""
    values = {"phone": person.phone, "email": person.email, "username": person.username}
    return given(person, "account", "registration", values)


def identity(person: Person, at: Instant) -> Offer:
    """Return what a person gives to be verified."""
    from datetime import datetime

    day = datetime.fromisoformat(iso(at)).date()
    values = {
        "name": person.name,
        "gender": person.gender,
        "birth_date": person.born.isoformat(),
        "id_number": person.id_number,
    }
    return given(person, "identity", "identity_verification", values, age=person.age(day))


def payment(person: Person) -> Offer:
    """Return the bank account of a person: an IBAN, or a national number."""
    if person.has_iban:
        return given(person, "payment", "payment", {"holder": person.name, "iban": person.account})
    values = {"holder": person.name, "country": person.country, "number": person.account}
    return given(person, "payment.national", "payment", values)


def message(person: Person, rng: Rng, **more: str) -> Offer:
    """Return a question to customer service; `more` adds to its fields, such as `reply_to`."""
    topic, text = rng.choice(_QUESTIONS)
    text = text.format(sum=_sum(rng), reference=f"TX-{digits(rng, 10)}")
    return given(person, "support", "customer_service", {"topic": topic, "message": text, **more})


def rating(person: Person, rng: Rng) -> Offer:
    """Return what a person thinks of the answer."""
    values = {"rating": rng.randint(2, 5), "comment": rng.choice(_COMMENTS)}
    return given(person, "support.feedback", "customer_service", values)


def transaction(person: Person, at: Instant, rng: Rng) -> Offer:
    """Return one transaction, recorded by the exchange."""
    values = {
        "time": _lately(at, rng),
        "kind": rng.choice(("deposit", "withdrawal", "buy", "sell", "transfer", "fee")),
        "amount": {"amount": _sum(rng).partition(" ")[0], "currency": rng.choice(("EUR", "SGD", "USD"))},
        "reference": f"TX-{digits(rng, 12)}",
    }
    return _seen(_EXCHANGE, person, "transactions", values)


def activity(person: Person, at: Instant, rng: Rng) -> Offer:
    """Return one thing that was done with an account."""
    action = rng.choice(("sign_in", "sign_in", "sign_out", "settings", "order"))
    values = {"time": _lately(at, rng), "action": action, "succeeded": rng.random() < 0.95}
    return _seen(_PORTAL, person, "activity", values)


def device(person: Person, rng: Rng) -> Offer:
    """Return what a device says of itself."""
    values = {
        "device_id": person.device,
        "model": person.model,
        "system": person.system,
        "configuration": {"language": person.language, "dark": rng.random() < 0.5},
    }
    return _seen(_PORTAL, person, "device", values)


def network(person: Person, at: Instant, rng: Rng) -> Offer:
    """Return the address from which a person came, and when."""
    return _seen(_PORTAL, person, "network", {"ip": person.address, "time": _lately(at, rng)})


def visit(person: Person, at: Instant, rng: Rng) -> Offer:
    """Return one page that was opened, as the usage script sends it."""
    came, page = rng.sample(_PAGES, 2)
    values = {
        "time": _lately(at, rng),
        "browser": person.agent,
        "language": person.language,
        "page": f"https://exchange.example.org/{page}?visit={digits(rng, 12)}",
        "came_from": f"https://exchange.example.org/{came}",
    }
    return _seen(_SCRIPT, person, "usage", values, when="usage_log")


def told(offer: Offer) -> Iterator[tuple[str, str]]:
    """Yield (field, text) of everything in an offer by which it could be recognised in a file."""
    for name, value in offer.values.items():
        if name in _SHARED:
            continue
        parts = value.values() if isinstance(value, Mapping) else (value,)
        for part in parts:
            if isinstance(part, str) and (len(part) >= 9 or (not part.isascii() and len(part) >= 3)):
                yield f"{offer.request.category}.{name}", part


def given(person: Person, category: str, when: str, values: dict[str, Any], age: int | None = None) -> Offer:
    """Return what a person gives of themself, in one circumstance."""
    return offering(by=member(), about=person.reference, category=category, when=when, values=values, age=age)


def _seen(
    by: Actor, person: Person, category: str, values: dict[str, Any], *, when: str = "service_use"
) -> Offer:
    return offering(by=by, about=person.reference, category=category, when=when, values=values)


def _lately(at: Instant, rng: Rng) -> str:
    return iso(at - rng.randint(0, DAY // MINUTE) * MINUTE)


def _sum(rng: Rng) -> str:
    return f"{rng.randint(5, 9000)}.{digits(rng, 2)} EUR"
