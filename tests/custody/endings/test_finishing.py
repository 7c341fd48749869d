"""Finishing an erasure is tried with its beginning, in `test_erasing`; here is what holds of it alone."""

from tests.cast import MIA, joins
from troth.acts.rights import erasing as wish
from troth.custody.endings import erasing, finishing
from troth.rules.decision import member


def test_an_erasure_that_another_finished_meanwhile_touches_no_new_key(house):
    joins(house)
    begun = house.teller.alone(lambda desk: erasing.begin(desk, wish(by=member(), about=MIA)))
    house.teller.resume()
    joins(house)
    again = house.teller.alone(
        lambda desk: finishing.finish(desk, begun.id, begun.subject, begun.classes, whole=begun.whole)
    )
    assert again is None
    assert house.access(about=MIA, category="account").records
