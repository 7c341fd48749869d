"""A database beyond ours, behind the port of systems: erase, correct, restrict, and read a person's rows."""

import os
import weakref
from collections.abc import Callable, Iterator, Mapping

from sqlalchemy import Engine

from troth.errors import NotDoneThere
from troth.gates.systems.beyond import Beyond
from troth.gates.systems.databases import erasing, scanning, telling
from troth.gates.systems.databases.mapping import Place
from troth.gates.systems.databases.reaching import engine_of, reached
from troth.gates.systems.declared import Database
from troth.gates.systems.system import CORRECT, ERASE, LIFT, RESTRICT, Answer, Found, Known, Order, Scanned

_WORK: dict[str, Callable[[Place, Order], Answer]] = {
    ERASE: erasing.erase,
    CORRECT: telling.correct,
    RESTRICT: telling.restrict,
    LIFT: telling.restrict,
}


class DatabaseGate(Beyond[Database]):
    """One database of the organisation; connections to a server are kept for a while."""

    def __init__(self, declared: Database, password: Callable[[], str]) -> None:
        """Keep where it is; nothing is reached yet. `password` is asked when it is."""
        super().__init__(declared)
        self._password = password
        self._place: Place | None = None
        self._in = 0  # the process whose the connections are

    @property
    def acts(self) -> frozenset[str]:
        """What it can be asked to do: restrictions where a table says how."""
        more = {RESTRICT for table in self.declared.tables if table.restrict}
        more |= {LIFT for table in self.declared.tables if table.lift}
        return frozenset({ERASE, CORRECT} | more)

    @property
    def wants(self) -> frozenset[str]:
        """By what its tables know people."""
        return frozenset(owner.by for table in self.declared.tables for owner in table.owners)

    def do(self, order: Order, /) -> Answer:
        """Do it in one transaction, and read back in another; raises `NotDoneThere`."""
        if order.act not in self.acts:
            raise NotDoneThere(system=self.name, problem="not-mapped", stuck=True)
        return reached(self.name, lambda: _WORK[order.act](self.place, order))

    def rows(self, known: Known, /) -> Iterator[Found]:
        """Yield (table, category, values by field) of a person, a batch at a time; raises `NotDoneThere`."""
        found = telling.rows(self.place, known)
        while True:
            row = reached(self.name, lambda: next(found, None))
            if row is None:
                return
            yield row

    def scan(self, types: Mapping[str, str], /) -> Scanned:
        """Return the columns that look personal and are not mapped; raises `NotDoneThere`."""
        return reached(self.name, lambda: scanning.scan(self.place, types))

    @property
    def place(self) -> Place:
        """The database, with an engine of this process alone, made when it is first needed."""
        here = os.getpid()
        if self._place is None or self._in != here:
            if self._place is not None:
                self._place.engine.dispose(close=False)
            engine = engine_of(self.declared, self._password())
            self._place, self._in = Place(engine, self.declared), here
            weakref.finalize(self, _let_go, engine, here).atexit = False
        return self._place


def _let_go(engine: Engine, made_by: int) -> None:
    """Close what a gate that is gone has kept; a fork closes nothing that is its parent's."""
    engine.dispose(close=os.getpid() == made_by)
