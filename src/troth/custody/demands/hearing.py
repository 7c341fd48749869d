"""Let whoever may decide a demand read what its person told with it; each look is a line of the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from troth.custody.asking import of_act
from troth.custody.demands.filing import admitted
from troth.custody.demands.told import told_with
from troth.custody.desk import Desk
from troth.errors import TrothError
from troth.ledger.receipt import Receipt
from troth.rules.decision import NO_CATEGORY, Act, Request
from troth.rules.rights_cases import RightsCase
from troth.terms.vocabulary import FieldName
from troth.vault.plaintext import Plaintext

TEXT = "text"  # what a line calls what somebody wrote


@dataclass(frozen=True, slots=True)
class Hear:
    """A request to read what was told with a demand."""

    request: Request
    case: bytes

    def __post_init__(self) -> None:
        """Raise `WrongAct` for a request of another act."""
        of_act(self.request, Act.HEAR)


@dataclass(frozen=True, slots=True)
class Heard:
    """What was told with a demand: a text, or what is right by field, of which record; and the receipt.

    Nothing, once it ended.
    """

    case: RightsCase
    text: Plaintext[str] | None
    values: Mapping[FieldName, Plaintext[Any]] = field(repr=False)
    record: bytes
    receipt: Receipt


def hear_demands(desk: Desk, jobs: Sequence[Hear]) -> list[Heard | TrothError]:
    """Serve requests to read what was told, one after the other."""
    return [_hear(desk, job) for job in jobs]


def _hear(desk: Desk, job: Hear) -> Heard | TrothError:
    found = admitted(desk, job.request, job.case)
    if isinstance(found, TrothError):
        return found
    case, request, decision = found
    said = told_with(desk, case)
    category, text = case.scope.category or NO_CATEGORY, said.get("text")
    values = {
        FieldName(name): Plaintext(value, f"{category}.{name}")
        for name, value in said.get("values", {}).items()
    }
    names = frozenset(values) | ({FieldName(TEXT)} if text is not None else frozenset())
    receipt = desk.remember_act(request, decision, case.subject, fields=names)
    record = bytes.fromhex(said.get("record", ""))
    return Heard(case, None if text is None else Plaintext(text, TEXT), values, record, receipt)
