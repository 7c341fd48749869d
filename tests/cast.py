"""The cast: who appears in the tests, and what a member of the reference agreement tells about themself."""

from collections.abc import Mapping
from typing import Any

from tests.drawing import face, letter
from troth.library import Troth
from troth.rules.decision import Actor, program, staff

AGENT = staff("anna", "support-agent")
LEAD = staff("lena", "support-lead")
CLERK = staff("carl", "payments-clerk")
ENGINEER = staff("emil", "engineer")
REVIEWER = staff("rosa", "reviewer")
SECURITY = staff("sami", "security-analyst")
ANALYST = staff("ada", "analyst")
BOOKKEEPER = staff("bela", "bookkeeper")
OFFICER = staff("olga", "privacy-officer")
SECOND_OFFICER = staff("otto", "privacy-officer")
LAWYER = staff("liam", "lawyer")
DUTY = staff("dora", "duty-officer")

PORTAL = program("portal")
EXCHANGE = program("exchange")
PAYOUT = program("payout")
OUTBOX = program("outbox")
GUARD = program("sign-in-guard")
VERIFICATION = program("verification")
USAGE_SCRIPT = program("usage-script")
STATISTICS = program("statistics")

MIA, NOOR, ZOE = "M-1001", "M-1002", "M-1003"  # as the organisation's own books call them

JPEG = face("mia")
PDF = letter("a letter to customer service, with a full stop\n" * 10)

ACCOUNT = {"phone": "+442079460958", "email": "mia@example.org", "username": "mia.moon"}
IDENTITY = {
    "name": "Mia Luna Moon", "gender": "female", "birth_date": "1991-04-23", "id_number": "PL:44051401458",
}  # fmt: skip
PICTURES = {"front": JPEG, "back": face("back"), "selfie": face("selfie")}
TRANSACTION = {
    "time": "2027-06-01T08:59:58Z", "kind": "buy", "amount": {"amount": "120.50", "currency": "EUR"},
    "reference": "T-77-120", "counterparty": "C-4411",
}  # fmt: skip
ACTIVITY = {"time": "2027-06-01T08:50:00Z", "action": "sign_in", "succeeded": True}
DEVICE = {
    "device_id": "dev-9f31aa07", "model": "Fairphone 5", "system": "Android 14",
    "configuration": {"dark": True, "fonts": ["Inter"]},
}  # fmt: skip
NETWORK = {"ip": "203.0.113.77", "time": "2027-06-01T08:50:00Z"}
PAYMENT = {"holder": "Mia Luna Moon", "iban": "DE89370400440532013000"}
NATIONAL = {"holder": "Mia Luna Moon", "country": "US", "number": "000123456789"}
SUPPORT = {
    "topic": "A late payout", "message": "My payout of Monday\nhas not arrived.", "attachment": PDF,
    "reply_to": "mia.other@example.org",
}  # fmt: skip
FEEDBACK = {"rating": 4, "comment": "quick and kind"}
USAGE = {
    "time": "2027-06-01T08:55:00Z", "browser": "Mozilla/5.0 (X11; Linux x86_64) Moonfox/11", "language": "pl",
    "page": "https://example.org/markets?pair=eursgd", "came_from": "https://search.example.org/?q=moon",
}  # fmt: skip

# Everything a member can tell: (category, circumstance, values, who brings it)
EVERYTHING: tuple[tuple[str, str, Mapping[str, Any], Actor | None], ...] = (
    ("account", "registration", ACCOUNT, None),
    ("identity", "identity_verification", IDENTITY, None),
    ("camera.identity", "camera", PICTURES, None),
    ("camera.profile", "camera", {"picture": JPEG}, None),
    ("transactions", "service_use", TRANSACTION, EXCHANGE),
    ("activity", "service_use", ACTIVITY, EXCHANGE),
    ("device", "service_use", DEVICE, PORTAL),
    ("network", "service_use", NETWORK, PORTAL),
    ("payment", "payment", PAYMENT, None),
    ("payment.national", "payment", NATIONAL, None),
    ("support", "customer_service", SUPPORT, None),
    ("support.feedback", "customer_service", FEEDBACK, None),
    ("usage", "usage_log", USAGE, USAGE_SCRIPT),
)
CONSENTS = ("camera.identity", "camera.profile")


def joins(house: Troth, who: str = MIA, **values: str) -> int:
    """Register somebody, with an e-mail address unless other values are given; return their number."""
    given = values or {"email": f"{who.lower()}@example.org"}
    return house.collect(about=who, category="account", when="registration", values=given).subject


def tells(house: Troth, who: str, category: str, **changes: Any) -> bytes:
    """Let a member tell one category, as the cast does; return the record."""
    kept, when, values, by = next(row for row in EVERYTHING if row[0] == category)
    taken = house.collect(about=who, category=kept, when=when, values={**values, **changes}, by=by, age=36)
    return taken.records[0]


def tells_everything(house: Troth, who: str = MIA) -> int:
    """Let a member tell everything the agreement names, with the consents it needs; return their number."""
    subject = 0
    for category, when, values, by in EVERYTHING:
        taken = house.collect(about=who, category=category, when=when, values=values, by=by, age=36)
        subject = taken.subject
        if category == "account":
            for purpose in CONSENTS:
                house.consent(about=who, purpose=purpose)
    return subject
