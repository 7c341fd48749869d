"""A system that is told over HTTP, as it was declared: what is the same of each, whatever it is told by."""

from troth.gates.systems.asking import Line
from troth.gates.systems.beyond import Beyond
from troth.gates.systems.declared import Hook


class Told(Beyond[Hook]):
    """One declared system that is told; nothing is reached yet."""

    def __init__(self, declared: Hook, *, trust: str = "") -> None:
        """Keep what was declared; `trust` is a file of certificates (PEM)."""
        super().__init__(declared)
        self._line = Line(declared.name, declared.url, trust=trust, patience=declared.patience)

    @property
    def acts(self) -> frozenset[str]:
        """What it can be asked to do; by OpenDSR erasure alone, which knows no correction or restriction."""
        return frozenset(self.declared.acts)

    @property
    def wants(self) -> frozenset[str]:
        """By what it knows people: these values, and no others, are told to it."""
        return frozenset(self.declared.tells)
