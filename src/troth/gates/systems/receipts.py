"""Read how much a receipt says was done: names and numbers, and nothing else of it."""

import re

from troth.errors import NotDoneThere

MOST = 100
_NAME = re.compile(r"[A-Za-z0-9_.:/#-]{1,64}\Z")


def counts_of(system: str, said: object) -> dict[str, int]:
    """Return counts by name; raises `NotDoneThere` for what holds anything but names and numbers."""
    whole = isinstance(said, dict) and len(said) <= MOST
    if whole and isinstance(said, dict):
        items = list(said.items())
        if all(_NAME.match(name) and type(count) is int and 0 <= count < 1 << 53 for name, count in items):
            return dict(items)
    raise NotDoneThere(system=system, problem="answer-unlike", stuck=False)
