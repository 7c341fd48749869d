"""A disclosure for the tests of pages: a member's bank account goes to whoever pays out."""

from typing import Any

from tests.cast import OFFICER, PAYOUT
from troth.clock import DAY

PAYMENTS = "processors.payments.payments-processor"


def paid_out(portal: Any, member: Any, *, times: int = 1) -> None:
    """Put on record what the payments company signed, and disclose a bank account to it."""
    house, until = portal.house, portal.clock() + 300 * DAY
    for kind in ("contract", "confidentiality", "safeguard"):
        house.record_instrument(by=OFFICER, recipient=PAYMENTS, kind=kind, reference="K-1", until=until)
    for _ in range(times):
        house.purpose("service.payments", by=PAYOUT).disclose(
            about=member.subject, category="payment", fields=("holder", "iban"), to=PAYMENTS
        )
