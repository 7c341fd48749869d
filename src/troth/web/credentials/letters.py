"""How many letters and text messages one recipient is sent, and how many texts go out at all.

Kept in the memory of one process, by the keyed mark of an account (`account_key`), never by an address.
"""

from dataclasses import dataclass

from troth.clock import DAY, SECOND, Instant
from troth.web.credentials.limits import Limits, Rate

EACH = (Rate(5, 600 * SECOND), Rate(20, DAY))  # that one recipient is sent for one place
HOUR = 3_600 * SECOND
SHARE = 10  # the part of all texts that one place may have


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks for a letter: from where, and whether they are known, signed in or by their browser."""

    place: str  # a network; of who is known, their browser or their number
    known: bool = False


class Letters:
    """How many letters go to one recipient, and how many texts go out at all.

    Whoever is known is counted alone, so no stranger uses up what is theirs. Strangers are counted by place,
    and all of them together three times as high: one place alone keeps no letter from another.
    """

    __slots__ = ("_each", "_place", "_strangers", "_texts")

    def __init__(self, texts: int) -> None:
        """Count from nothing; `texts` may go out in an hour to strangers, and as many to who is known."""
        self._each = [Limits(rate) for rate in EACH]
        self._strangers = [Limits(Rate(3 * rate.count, rate.period)) for rate in EACH]
        self._texts = Limits(Rate(texts, HOUR))
        self._place = Limits(Rate(max(EACH[0].count, texts // SHARE), HOUR))

    def may_go(self, account: bytes, asker: Asker, *, at: Instant) -> bool:
        """Whether one more letter goes to whoever `account_key` stands for; it counts when it does."""
        name = account.hex()
        if not all(each.take(name, asker.place, at=at).allowed for each in self._each):
            return False
        return asker.known or all(each.take(name, "", at=at).allowed for each in self._strangers)

    def may_text(self, asker: Asker, *, at: Instant) -> bool:
        """Whether there is room for one more text; it counts when there is."""
        who = "known" if asker.known else "strangers"
        return self._place.take(who, asker.place, at=at).allowed and self._texts.take(who, "", at=at).allowed
