"""Who got somebody's data, and whether their system was told when it was corrected or erased."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from troth.clock import Instant
from troth.evidence.status import CheckResult, Status, judged
from troth.gates.systems.system import CORRECT, System
from troth.ledger.entry import Entry

ACT_OF = {"record.corrected": "correct", "erasure.begun": "erase", "grace.begun": "erase"}
_SHOWN = 5  # recipients that are named


@dataclass(frozen=True, slots=True)
class Deed:
    """A correction or an erasure of somebody of whom recipients got data."""

    who: str
    act: str
    at: Instant
    got: frozenset[str]  # recipients
    words: frozenset[str]  # `category.field`, of a correction


@dataclass(slots=True)
class Telling:
    """What the ledger tells of disclosures, of what was to be told after them, and of what was."""

    got: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # person -> recipients
    deeds: list[Deed] = field(default_factory=list)
    told: set[tuple[str, str, str, Instant]] = field(default_factory=set)  # system, who, act, when
    first: dict[str, Instant] = field(default_factory=dict)  # system -> when it was first told anything

    def read(self, entry: Entry) -> None:
        """Keep who got data of whom, what was to be told, and what was noted to be told.

        An erasure that time ends was to be told when its grace began.
        """
        who, kind = entry.subject, entry.kind
        if who is None:
            return
        if kind == "record.disclosed" and entry.recipient:
            self.got[who].add(entry.recipient)
        elif kind == "duty.noted":
            system = entry.recipient or ""
            self.told.add((system, who, entry.act or "", entry.at))
            self.first.setdefault(system, entry.at)
        elif kind in ACT_OF and entry.actor != "time" and who in self.got:
            words = frozenset(f"{entry.category}.{name}" for name in entry.fields)
            self.deeds.append(Deed(who, ACT_OF[kind], entry.at, frozenset(self.got[who]), words))


def of_telling(
    acts: Iterable[str], systems: Mapping[str, System], telling: Telling, texts: Mapping[str, bool]
) -> CheckResult:
    """Return what shows that recipients are told of corrections and erasures (GDPR Art. 19).

    A duty is noted in the transaction of the act; what is open of it keeps its request open. `texts` says
    of each `category.field` whether a correction of it can be told, as only text is.
    """
    acts = frozenset(acts)
    measures = (
        "of whom a recipient got data, each correction and erasure is a duty of its system, done, open or "
        "settled by hand"
    )
    limits = (
        "what came before a system was first told anything; values that are no text; what a recipient does"
    )
    faults, count = [], 0
    reached: set[str] = set()
    for name, system in systems.items():
        if not system.recipient:
            continue
        mine = acts & system.acts
        if mine == acts:
            reached.add(system.recipient)
        since = telling.first.get(name)
        after = [
            deed
            for deed in telling.deeds
            if deed.act in mine
            and system.recipient in deed.got
            and since is not None
            and deed.at >= since
            and (deed.act != CORRECT or any(texts.get(word, True) for word in deed.words))
        ]
        missed = sum((name, deed.who, deed.act, deed.at) not in telling.told for deed in after)
        count += len(after)
        if missed:
            faults.append(f"`{name}` was not told of {missed} corrections or erasures")
    if faults:
        return judged("recipients-told", measures, limits, faults, count, "")
    silent = sorted({each for some in telling.got.values() for each in some} - reached)
    if silent:
        more = f" and {len(silent) - _SHOWN} more" if len(silent) > _SHOWN else ""
        detail = f"nobody tells {', '.join(silent[:_SHOWN])}{more}; declare a system for each in systems.toml"
        return CheckResult("recipients-told", measures, limits, Status.UNPROVEN, count, detail)
    return judged("recipients-told", measures, limits, [], count, "nothing was to be told to a recipient yet")
