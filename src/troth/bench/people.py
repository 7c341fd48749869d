"""Members for the benchmark: believable, valid, and the same in every run."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from troth.clock import DAY, SECOND, Instant, iso

_GIVEN = "Amara Björn Chiara Dmitri Elif Farid Grace Hanako Ingrid José Katarzyna"
_FAMILY = "Okafor Lindqvist Rossi Ivanov Demir Haddad Thompson Tanaka Solberg García Nowak Müller O'Brien"
GIVEN, FAMILY = tuple(_GIVEN.split()), tuple(_FAMILY.split())
_PLAIN = str.maketrans("öéíü", "oeiu", "'")
PLAIN_GIVEN = tuple(_GIVEN.lower().translate(_PLAIN).split())
PLAIN_FAMILY = tuple(_FAMILY.lower().translate(_PLAIN).split())
BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5",
)
MESSAGES = (
    "Hello, I sent a deposit on Monday and it has not arrived yet. Could you please have a look at it?",
    "Good morning. I changed my phone and now the code does not reach me any more. What can I do? Thanks.",
)
KINDS = ("deposit", "withdrawal", "buy", "sell", "transfer", "fee")
_PESEL = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)


def reference(n: int) -> str:
    """Return the organisation's own reference of member `n`."""
    return f"M-{n:08d}"


def account(n: int) -> dict[str, Any]:
    """Return a phone number, an e-mail address and a user name that no other member has."""
    given, family = PLAIN_GIVEN[n % 11], PLAIN_FAMILY[n // 11 % 13]
    return {
        "phone": f"+3361{n % 10_000_000:07d}",
        "email": f"{given}.{family}{n}@example.org",
        "username": f"{given}{n}",
    }


def identity(n: int) -> dict[str, Any]:
    """Return a name, a gender, a date of birth and a valid Polish number of a person."""
    born = date(1950, 1, 1) + timedelta(days=n * 37 % 18_000)
    digits = f"{born:%y%m%d}{n % 10_000:04d}"
    check = -sum(int(digit) * weight for digit, weight in zip(digits, _PESEL, strict=True)) % 10
    return {
        "name": f"{GIVEN[n % 11]} {FAMILY[n // 11 % 13]}",
        "gender": ("female", "male")[n % 2],
        "birth_date": born.isoformat(),
        "id_number": f"PL:{digits}{check}",
    }


def payment(n: int) -> dict[str, Any]:
    """Return the holder of a bank account, and its valid IBAN."""
    number = f"37040044{n % 10**10:010d}"
    check = 98 - int(number + "131400") % 97  # D = 13, E = 14, and 00 for the check digits (ISO 13616)
    return {"holder": f"{GIVEN[n % 11]} {FAMILY[n // 11 % 13]}", "iban": f"DE{check:02d}{number}"}


def transaction(n: int, at: Instant) -> dict[str, Any]:
    """Return the n-th transaction; its reference is unlike every other."""
    found: dict[str, Any] = {
        "time": iso(at),
        "kind": KINDS[n % 6],
        "amount": {"amount": f"{n * 7 % 90_000 / 100 + 1:.2f}", "currency": "EUR"},
        "reference": f"TX-{n:012d}",
    }
    if n % 3 == 0:
        found["counterparty"] = f"CP-{n * 31 % 1_000_000:06d}"
    return found


def activity(n: int, at: Instant) -> dict[str, Any]:
    """Return something that a member did in their account."""
    return {"time": iso(at), "action": ("sign_in", "order", "sign_out")[n % 3], "succeeded": n % 17 != 0}


def device(n: int) -> dict[str, Any]:
    """Return what a device tells of itself."""
    return {"device_id": f"d{n:08x}-77c4-4f0e-9a51-{n:012x}", "model": "Pixel 8", "system": "Android 15"}


def network(n: int, at: Instant) -> dict[str, Any]:
    """Return an address that a member came from."""
    return {"ip": f"198.{18 + n % 2}.{n // 250 % 250}.{n % 250 + 1}", "time": iso(at)}


def usage(n: int, at: Instant) -> dict[str, Any]:
    """Return one line of a usage log."""
    return {
        "time": iso(at),
        "browser": BROWSERS[n % 2],
        "language": ("en", "pl", "de")[n % 3],
        "page": f"https://example.org/markets/{n % 400}",
        "came_from": "https://example.org/portfolio",
    }


def support(n: int) -> dict[str, Any]:
    """Return a message to customer service."""
    return {"topic": "My deposit", "message": MESSAGES[n % 2]}


def life(n: int, at: Instant) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Yield all that one member tells or leaves behind: (category, circumstance, who, values).

    One account, identity, bank account, device and conversation; 5 network addresses, 10 transactions,
    10 lines of activity and 20 of usage, over the last 25 days.
    """
    yield "account", "registration", "portal", account(n)
    yield "identity", "identity_verification", "portal", identity(n)
    yield "payment", "payment", "portal", payment(n)
    yield "support", "customer_service", "helpdesk", support(n)
    yield "device", "service_use", "portal", device(n)
    for i in range(5):
        yield "network", "service_use", "portal", network(n * 5 + i, at - i * DAY)
    for i in range(10):
        yield "transactions", "service_use", "exchange", transaction(n * 10 + i, at - i * DAY - SECOND)
        yield "activity", "service_use", "portal", activity(n * 10 + i, at - i * DAY)
    for i in range(20):
        yield "usage", "usage_log", "usage-script", usage(n * 20 + i, at - i * DAY)


def personal_bytes(values: dict[str, Any]) -> int:
    """Return how many bytes a person told: the values as UTF-8 text, without names and punctuation."""
    total = 0
    for value in values.values():
        if isinstance(value, dict):
            total += personal_bytes(value)
        else:
            total += len(str(value).encode("utf-8"))
    return total
