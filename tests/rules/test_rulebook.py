from dataclasses import replace

import pytest

from tests.rules.clinic import BOOK
from troth.rules.rulebook import delivery
from troth.terms.agreement import Keep
from troth.terms.vocabulary import Period


@pytest.mark.parametrize("kept", ["file", "file:research"])
def test_a_longer_part_is_kept_by_the_rule_of_its_class(kept):
    clause, keep = BOOK.keep(kept)
    assert (clause, keep.name) == ("keeping", "file")


def test_no_two_deliveries_share_a_key():
    words = ["a", "a.b", "b", "for", "a.for"]
    assert len({delivery(to, serving) for to in words for serving in words}) == len(words) ** 2


def test_every_key_of_a_cell_names_words_of_the_agreement():
    assert {category for _, category, _ in BOOK.cells} == {*BOOK.fields, "", "*"}
    for cell in BOOK.cells.values():
        assert cell.grants
        assert {grant.clause for grant in cell.grants} <= set(cell.considered) <= set(BOOK.everything)


def test_a_class_that_a_version_names_no_more_is_kept_by_the_last_one_that_did():
    def version(**keeps):
        found = {name: (f"at.{name}", Keep(name, (), Period(days=days))) for name, days in keeps.items()}
        return replace(BOOK, keeps=found)

    last = version(file=3).following([version(file=1, notes=1), version(notes=2, usage=2)])

    assert [last.keep(kept)[1].period.days for kept in ("file", "notes", "usage:research")] == [3, 2, 2]
    with pytest.raises(KeyError):
        last.keep("shoes")
