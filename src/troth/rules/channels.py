"""Channels: by which ways a purpose may reach somebody, who may stop each, and whether one is stopped."""

from collections.abc import Iterator

from troth.rules.decision import NO_CATEGORY, Act
from troth.rules.rulebook import NOTHING, Grant
from troth.rules.standing import Standing
from troth.terms.agreement import RightRule, Use
from troth.terms.vocabulary import Category, ClauseId, Purpose, RightName, covers

Key = tuple[Act, Category, str]
KEYED = frozenset({Act.SEND, Act.STOP, Act.START})
_STOPS = frozenset({RightName.OPT_OUT, RightName.OBJECT})


def by_channel(purpose: str, channel: str) -> str:
    """Return the key of a purpose that reaches somebody by a channel; no word holds a space."""
    return f"{purpose} by {channel}"


def sends(clause: ClauseId, rule: Use, served: list[Purpose]) -> Iterator[tuple[Key, Grant]]:
    """Yield what lets whoever may use the data reach its person, by the channels of the clause alone."""
    grant = Grant(
        clause,
        NOTHING,
        rule.by,
        consent=rule.purpose if rule.consent else None,
        objection=rule.purpose if rule.objection else None,
        needs=tuple(need for need in rule.needs if need in ("case", "reason")),
        aggregates=rule.leaves == "aggregates",
    )
    for purpose in served:
        for channel in rule.channels:
            yield (Act.SEND, NO_CATEGORY, by_channel(purpose, channel)), grant


def stops(rule: RightRule, grant: Grant, uses: list[Use]) -> Iterator[tuple[Key, Grant]]:
    """Yield what lets somebody stop each channel of the purposes that the right is about, and open it again.

    A right that names no purpose is about those that may be ended at all.
    """
    if rule.right not in _STOPS:
        return
    for use in uses:
        ends = use.consent or use.objection
        named = any(covers(purpose, use.purpose) for purpose in rule.purposes)
        if named or (ends and not rule.purposes):
            for channel in use.channels:
                for act in (Act.STOP, Act.START):
                    yield (act, NO_CATEGORY, by_channel(use.purpose, channel)), grant


def is_stopped(standing: Standing, purpose: Purpose, channel: str) -> bool:
    """Whether somebody stopped a channel, for a purpose or for what it is a part of."""
    return any(way == channel and covers(word, purpose) for word, way in standing.stopped)
