"""The words an agreement speaks: dotted names that nest, closed lists, and periods.

A dotted word covers itself and everything below it: `contact` covers `contact.email`. Every relation
between two words is one of five (`same`, `narrower`, `broader`, `disjoint`; sets of words may also
`overlap`).
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NewType

from troth.clock import FOREVER, Instant

Category = NewType("Category", str)
FieldName = NewType("FieldName", str)
Purpose = NewType("Purpose", str)
Recipient = NewType("Recipient", str)
Place = NewType("Place", str)
Circumstance = NewType("Circumstance", str)
RetentionClass = NewType("RetentionClass", str)
Role = NewType("Role", str)
Program = NewType("Program", str)
ClauseId = NewType("ClauseId", str)

WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)*\Z")
LONGEST_WORD = 60  # two with a code before them fit into one name of a ledger line, which takes 128
LONGEST_PAIR = 2 * LONGEST_WORD + 1  # `category.field`, `recipients.recipient`


class Basis(StrEnum):
    """Why processing is lawful (GDPR Art. 6(1) a to f)."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTERESTS = "legitimate_interests"


class RightName(StrEnum):
    """What a member may do (GDPR Art. 7(3), 15 to 18, 20, 21, 77, and leaving)."""

    ACCESS = "access"
    CORRECT = "correct"
    ERASE = "erase"
    RESTRICT = "restrict"
    PORT = "port"
    OBJECT = "object"
    OPT_OUT = "opt_out"
    WITHDRAW = "withdraw"
    COMPLAIN = "complain"
    LEAVE = "leave"


class Relationship(StrEnum):
    """What a recipient is to the organisation; there is no member for a buyer."""

    PROCESSOR = "processor"
    AUTHORITY = "authority"
    EMERGENCY = "emergency"
    PROTECTION = "protection"
    JOINT = "joint_controller"
    INDEPENDENT = "independent_controller"
    MEMBER_DIRECTED = "member_directed"


def covers(broad: str, narrow: str) -> bool:
    """Whether `broad` is `narrow` or stands above it."""
    return narrow == broad or narrow.startswith(broad + ".")


def above(word: str) -> tuple[str, ...]:
    """Return `word` and every word above it, nearest first."""
    found = [word]
    while "." in word:
        word = word.rpartition(".")[0]
        found.append(word)
    return tuple(found)


PERIOD = (
    "P(?=.)(?:([0-9]{1,6})Y)?(?:([0-9]{1,6})M)?(?:([0-9]{1,6})W)?(?:([0-9]{1,6})D)?"
    "(?:T(?=.)(?:([0-9]{1,6})H)?(?:([0-9]{1,6})M)?(?:([0-9]{1,9})S)?)?"
)
_PERIOD = re.compile(PERIOD)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=False)
class Period:
    """A length of time as people write it (ISO 8601 duration): months are months, days are days."""

    months: int = 0
    days: int = 0
    seconds: int = 0

    @classmethod
    def parse(cls, text: str) -> "Period | None":
        """Return the period of text such as `P90D`, `P1Y`, `PT72H`; None when it is not one."""
        match = _PERIOD.fullmatch(text)
        if not match:
            return None
        y, mo, w, d, h, mi, s = (int(part or 0) for part in match.groups())
        return cls(y * 12 + mo, w * 7 + d, h * 3600 + mi * 60 + s)

    def after(self, start: Instant) -> Instant:
        """Return the instant one period after `start`: same date next month, else its last day."""
        if self.months == 0:
            return min(start + (self.days * 86_400 + self.seconds) * 1_000_000, FOREVER)
        moment = _EPOCH + timedelta(microseconds=start)
        years, month = divmod(moment.month - 1 + self.months, 12)
        year = moment.year + years
        if year > 9998:
            return FOREVER
        day = min(moment.day, monthrange(year, month + 1)[1])
        moved = moment.replace(year=year, month=month + 1, day=day)
        whole = (moved - _EPOCH) // timedelta(microseconds=1)
        return min(whole + (self.days * 86_400 + self.seconds) * 1_000_000, FOREVER)

    def __str__(self) -> str:
        years, months = divmod(self.months, 12)
        hours, rest = divmod(self.seconds, 3600)
        minutes, seconds = divmod(rest, 60)
        dates = "".join(f"{n}{u}" for n, u in ((years, "Y"), (months, "M"), (self.days, "D")) if n)
        times = "".join(f"{n}{u}" for n, u in ((hours, "H"), (minutes, "M"), (seconds, "S")) if n)
        return f"P{dates}{'T' if times else ''}{times}" if dates or times else "PT0S"

    def roughly(self) -> int:
        """Return about how many seconds it is, for comparing (a month counts 30.44 days)."""
        return int(self.months * 2_629_800 + self.days * 86_400 + self.seconds)


ARRIVAL = Circumstance("arrival")
"""The circumstance that the engine itself knows: somebody brings along what another provider held of them."""
