"""A system beyond ours, as it was declared: what is the same of a database and of what is told by HTTP."""

from typing import Generic, TypeVar

from troth.gates.systems.declared import Declared

D = TypeVar("D", bound=Declared)


class Beyond(Generic[D]):
    """One declared system; nothing is reached yet."""

    def __init__(self, declared: D) -> None:
        """Keep what was declared."""
        self.declared = declared

    @property
    def name(self) -> str:
        """As systems.toml calls it."""
        return self.declared.name

    @property
    def recipient(self) -> str:
        """The recipient of the agreement whose it is; empty: the organisation's own."""
        return self.declared.recipient
