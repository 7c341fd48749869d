"""The grounds of a refusal and of more time: closed lists, each with its law."""

import pytest

from troth.acts import filing
from troth.errors import BadArgument
from troth.rules.decision import staff
from troth.rules.grounds import EXTENDING, LAWS, REFUSING, Ground

BY, CASE = staff("anna", "support-agent"), b"\0" * 16


def test_every_ground_refuses_or_extends_and_has_its_law():
    assert set(Ground) == REFUSING | EXTENDING
    assert not REFUSING & EXTENDING
    assert set(LAWS) == set(Ground)


@pytest.mark.parametrize(
    ("decision", "reasons"),
    [("refuse", []), ("refuse", ["complex"]), ("refuse", ["Mia asked too often"]), ("extend", ["unfounded"]),
     ("extend", []), ("grant", ["accurate"])],
)  # fmt: skip
def test_who_decides_gives_a_ground_of_the_list_and_no_words_of_their_own(decision, reasons):
    with pytest.raises(BadArgument) as problem:
        filing.deciding(by=BY, case=CASE, decision=decision, reasons=reasons)

    assert "Mia" not in str(problem.value)


def test_a_ground_of_the_list_is_taken():
    assert filing.deciding(by=BY, case=CASE, decision="refuse", reasons=["accurate"]).codes == ("accurate",)
    assert filing.deciding(by=BY, case=CASE, decision="extend", reasons=["many"]).codes == ("many",)
