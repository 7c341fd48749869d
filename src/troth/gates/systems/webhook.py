"""A system that is told by a signed web hook, and is done when it says so in a receipt for that very message.

docs/formats/systems.md describes every byte. A repeated message has the same id: its receiver does it once.
"""

from collections.abc import Callable

from troth.canonical import Plain, encode
from troth.clock import SECOND, Clock, iso
from troth.errors import NotDoneThere
from troth.gates.systems.asking import Said, object_of, refused
from troth.gates.systems.declared import Hook
from troth.gates.systems.receipts import counts_of
from troth.gates.systems.signing import Signing
from troth.gates.systems.system import Answer, Order
from troth.gates.systems.told import Told

BEGUN = 202


class WebHookGate(Told):
    """One system behind a web hook; not to be asked inside of a running event loop."""

    def __init__(self, declared: Hook, secret: Callable[[], str], clock: Clock, *, trust: str = "") -> None:
        """Keep where it is; nothing is reached yet. `secret` is asked for the text of the keys when it is."""
        super().__init__(declared, trust=trust)
        self._secret, self._clock = secret, clock

    def do(self, order: Order, /) -> Answer:
        """Tell it, or ask how far it came; raises `NotDoneThere`."""
        person: dict[str, Plain] = {
            word: list(order.known[word]) for word in sorted(self.wants) if order.known.get(word)
        }
        if not person:
            raise NotDoneThere(system=self.name, problem="unknown-there", stuck=True)
        signing, number = self._signing(), order.number.hex()
        if order.asked:
            said = self._line.get(f"/{number}", self._headers(signing, number, b""))
            if said.status == 404:  # it forgot that it had begun: it is told again
                return self._told(signing, order, person)
            return self._answer(signing, number, said)
        return self._told(signing, order, person)

    def _told(self, signing: Signing, order: Order, person: dict[str, Plain]) -> Answer:
        number = order.number.hex()
        message: dict[str, Plain] = {
            "id": number, "act": order.act, "since": iso(order.since), "person": person,
            "categories": [*sorted(order.categories)], "change": dict(order.change),
        }  # fmt: skip
        body = encode(message)
        said = self._line.post("", body, self._headers(signing, number, body))
        return self._answer(signing, number, said)

    def _headers(self, signing: Signing, number: str, body: bytes) -> dict[str, str]:
        seconds = self._clock() // SECOND
        return {
            "content-type": "application/json",
            "webhook-id": number,
            "webhook-timestamp": str(seconds),
            "webhook-signature": signing.sign(number, seconds, body),
        }

    def _answer(self, signing: Signing, number: str, said: Said) -> Answer:
        if said.status == BEGUN:
            return Answer(done=False)
        if not 200 <= said.status <= 299:
            raise refused(self.name, said.status)
        self._check(signing, number, said)
        receipt = object_of(self.name, said.body)
        if receipt.get("id") != number or receipt.get("done") is not True:
            raise NotDoneThere(system=self.name, problem="no-receipt", stuck=False)
        return Answer(done=True, counts=counts_of(self.name, receipt.get("counts", {})))

    def _check(self, signing: Signing, number: str, said: Said) -> None:
        """Raise `NotDoneThere` unless an answer is signed, or a declaration lets explicit ones be enough."""
        given = said.headers.get("webhook-signature", "")
        if not given and self.declared.receipts == "explicit":
            return
        try:
            stamp = said.headers.get("webhook-timestamp", "")
            signing.check(number, stamp, said.body, given, self._clock() // SECOND)
        except ValueError:
            pass
        else:
            return
        raise NotDoneThere(system=self.name, problem="receipt-unsigned", stuck=False)

    def _signing(self) -> Signing:
        try:
            return Signing(self._secret())
        except ValueError:
            pass
        raise NotDoneThere(system=self.name, problem="secret-file", stuck=True)
