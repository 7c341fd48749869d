import pytest

from tests.rules.clinic import never, of
from troth.rules.forbidding import denials, matches, reaches
from troth.terms.agreement import Party, Scope
from troth.terms.vocabulary import Relationship

LAB = Party("labs.north", "HILL.PEAK", Relationship.PROCESSOR)


@pytest.mark.parametrize(
    ("targets", "reached"),
    [
        (["*"], True),
        (["chart"], True),
        (["chart.scan"], True),
        (["chart.scan:picture"], True),
        (["chart:picture"], False),  # a field of the parent is not a field of the child
        (["chart.scan:size"], False),
        (["char"], False),
        (["chart.scan.left"], False),
        (["patient", "chart"], True),
        ([], False),
    ],
)
def test_targets_reach_down_by_whole_words(targets, reached):
    assert reaches(of(*targets), "chart.scan", "picture") is reached


@pytest.mark.parametrize(
    ("scope", "met"),
    [
        (Scope(), True),
        (Scope(of("chart")), True),
        (Scope(of("patient")), False),
        (Scope(purposes=("care",)), True),
        (Scope(purposes=("care.meals.late",)), False),
        (Scope(recipients=("labs",)), True),
        (Scope(recipients=("lab",)), False),
        (Scope(places=("HILL",)), True),
        (Scope(places=("HILL.TOWN",)), False),
        (Scope(excepts=(Scope(),)), False),
        (Scope(excepts=(Scope(purposes=("care",)),)), False),
        (Scope(excepts=(Scope(purposes=("care",), excepts=(Scope(places=("HILL",)),)),)), True),
        (Scope(excepts=(Scope(of("patient")), Scope(places=("SEA",)))), True),
    ],
)
def test_a_scope_meets_an_act_that_no_exception_excuses(scope, met):
    assert matches(scope, "chart", "weight", "care.meals", LAB) is met


@pytest.mark.parametrize("scope", [Scope(recipients=("labs",)), Scope(places=("HILL",))])
def test_a_scope_with_recipients_or_places_meets_no_act_without_a_recipient(scope):
    assert not matches(scope, "chart", "weight", "care", None)


def test_every_prohibition_that_meets_a_field_is_cited_once():
    nevers = [
        ("one", never("use", targets=("chart",))),
        ("one", never("use", targets=("chart:note",))),
        ("two", never("use", targets=("*",), purposes=("care",))),
        ("three", never("use", targets=("patient",))),
    ]
    serving = {"note": frozenset({"care"}), "weight": frozenset({"audit"})}
    assert denials(nevers, "chart", serving, None) == {"note": ("one", "two"), "weight": ("one",)}


def test_an_exception_for_one_purpose_does_not_excuse_another():
    rule = never("collect", purposes=("ads",), excepts=(Scope(purposes=("ads.own",)),))
    both = {"name": frozenset({"ads.own", "ads.others"})}
    assert denials([("no-ads", rule)], "patient", both, None) == {"name": ("no-ads",)}
    assert denials([("no-ads", rule)], "patient", {"name": frozenset({"ads.own"})}, None) == {}
