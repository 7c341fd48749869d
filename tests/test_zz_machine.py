import pytest
from hypothesis import settings, HealthCheck, Phase
from hypothesis.stateful import run_state_machine_as_test
from tests.properties.test_house_machine import HouseMachine
@pytest.mark.parametrize("kind", ["sqlite","postgresql"])
def test_m(kind, houses_of, tmp_path):
    houses = houses_of(kind)
    try:
        run_state_machine_as_test(lambda: HouseMachine(houses, tmp_path), settings=settings(max_examples=40 if kind=="sqlite" else 10, stateful_step_count=40, deadline=None, phases=[Phase.generate], report_multiple_bugs=False, suppress_health_check=list(HealthCheck)))
    finally:
        houses.close()
