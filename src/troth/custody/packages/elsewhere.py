"""Elsewhere: what other systems hold of somebody whose copy is made, as far as their right to it goes."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from troth.custody.desk import Desk
from troth.custody.packages.contents import Asking, Systems
from troth.custody.packages.covering import covered
from troth.custody.packages.packing import Making
from troth.custody.systems import duties
from troth.gates.systems.system import Known, Source
from troth.rules.decision import Permit
from troth.terms.vocabulary import Category

Row = tuple[str, str, Mapping[str, Any]]


def held_elsewhere(teller: Asking, making: Making) -> Systems:
    """Yield each system of the organisation with the rows that it holds of a package's person.

    It is decided for each category as for what is held here, and read when it is asked for, in bounded
    memory. Raises `NotDoneThere` where a system cannot be read: a copy without it is not whole.
    """
    systems = teller.house.systems.values()
    sources = [each for each in systems if isinstance(each, Source) and not each.recipient]
    if sources:
        permits, known = teller.alone(partial(_known, making=making, sources=sources))
        for source in sources:
            yield source.name, _permitted(source, known, permits)


def _known(desk: Desk, making: Making, sources: list[Source]) -> tuple[dict[Category, Permit], Known]:
    subject, request = making.row.subject, making.request
    desk.find([subject])
    permits, _ = covered(desk, request, subject)
    return permits, duties.known_by(desk, subject, sources, by=request.by, case=request.case)


def _permitted(source: Source, known: Known, permits: Mapping[Category, Permit]) -> Iterator[Row]:
    for table, category, values in source.rows(known):
        permit = permits.get(Category(category))
        shown = {name: value for name, value in values.items() if permit and name in permit.fields}
        if shown:
            yield table, category, shown
