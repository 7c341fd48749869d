"""Find the rows of a person in another database: conditions over paths of any depth."""

from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, literal, or_, select

from troth.gates.systems.databases.comparing import folded, same, selectors
from troth.gates.systems.databases.mapping import Mapped, is_unique
from troth.gates.systems.declared import FOLDED, OWNED, Owner
from troth.gates.systems.system import NUMBER, REFERENCE, Known


class Finding:
    """Conditions on the rows of tables, for one person."""

    def __init__(self, system: str, known: Known, dialect: str) -> None:
        """Keep by what the person is known; `dialect` is the kind of database."""
        self.system = system
        self._known, self._dialect = known, dialect

    def by(self, table: Mapped, owner: Owner) -> ColumnElement[bool]:
        """Return which rows one column gives to the person."""
        values = self._known.get(owner.by, ())
        column = table.column(owner.column)
        if not values:
            return false()
        given = selectors(self.system, column, values)
        if owner.match == FOLDED and owner.by not in (NUMBER, REFERENCE):
            return folded(self._dialect, column, given)
        return same(self._dialect, column, given)

    def mine(self, table: Mapped) -> ColumnElement[bool]:
        """Return which rows have anything to do with the person."""
        if table.parent is None:
            return or_(*(self.by(table, owner) for owner in table.rule.owners))
        return self._joined(table, self.mine(table.parent))

    def last(self, table: Mapped) -> ColumnElement[bool]:
        """Return which rows belong to the person and to nobody else.

        Who only has access to a row neither owns it nor keeps it (K9db, OSDI 2023).
        """
        if table.parent is None:
            owners = [owner for owner in table.rule.owners if owner.role == OWNED]
            if not owners:
                return false()
            mine = or_(*(self.by(table, owner) for owner in owners))
            if len(owners) == 1:
                return mine
            free = (or_(~_named(table.table, o), self.by(table, o)) for o in owners)
            return and_(mine, *free)
        step = table.rule.through
        assert step is not None  # noqa: S101 - a table has a parent through it
        other = table.parent.column(step.other)
        if is_unique(other):
            return self._joined(table, self.last(table.parent))
        twin = table.parent.table.alias()
        shared = _on(twin, self.last(table.parent))
        alive = select(literal(1)).select_from(twin).where(
            twin.c[step.other] == table.column(step.column), func.coalesce(shared, false()) == false(),
            self._owned(twin, table.parent),
        )  # fmt: skip
        return and_(self._joined(table, self.mine(table.parent)), ~alive.correlate(table.table).exists())

    @staticmethod
    def _owned(twin: Any, parent: Mapped) -> ColumnElement[bool]:  # noqa: ANN401
        """Return which rows of the other table have any owner."""
        named = [_named(twin, owner) for owner in parent.rule.owners if owner.role == OWNED]
        if not named and parent.rule.through:
            named = [twin.c[parent.rule.through.column].isnot(None)]
        return or_(*named)

    @staticmethod
    def _joined(table: Mapped, condition: ColumnElement[bool]) -> ColumnElement[bool]:
        step, parent = table.rule.through, table.parent
        assert step is not None and parent is not None  # noqa: S101, PT018 - as above
        inner = select(parent.column(step.other)).where(condition).correlate(None)
        return table.column(step.column).in_(inner)


def _named(table: Any, owner: Owner) -> ColumnElement[bool]:  # noqa: ANN401
    """Return which rows have such an owner: not those that have what is set when one goes."""
    column: ColumnElement[Any] = table.c[owner.column]
    if owner.column in owner.constant:
        return and_(column.isnot(None), column != owner.constant[owner.column])
    return column.isnot(None)


def _on(twin: Any, condition: ColumnElement[bool]) -> ColumnElement[bool]:  # noqa: ANN401
    """Return a condition on a table as one on an alias of it."""
    from sqlalchemy.sql.util import ClauseAdapter

    adapted: ColumnElement[bool] = ClauseAdapter(twin).traverse(condition)
    return adapted
