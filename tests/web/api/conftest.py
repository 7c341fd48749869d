"""An API: a house under the reference agreement, served to programs that hold keys of it."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from tests.houses import Houses
from tests.web.api.calling import ORIGIN, Api
from troth.gates.courier import Courier
from troth.settings import read_settings
from troth.web.app import application
from troth.web.hall import hall_of
from troth.web.rendering import Rendering


@pytest.fixture
def new_api(sqlite_house: Houses, rendering: Rendering) -> Iterator[Callable[..., Api]]:
    """Call it for an API; `text` is another agreement, `clock` another clock than one that is `Settable`."""
    open_now: list[tuple[Api, Courier, asyncio.Runner]] = []

    def new(**how: object) -> Api:
        house = sqlite_house(**how)
        courier = Courier({}, clock=house.teller.house.clock)
        hall = hall_of(house.teller, read_settings(house.teller.house.directory), courier, origin=ORIGIN)
        hall.rendering = rendering
        runner = asyncio.Runner()
        api = Api(house, hall, application(hall), runner)
        open_now.append((api, courier, runner))
        return api

    yield new
    for api, courier, runner in open_now:
        api.close()
        courier.close(within=2.0)
        runner.close()


@pytest.fixture
def api(new_api: Callable[..., Api]) -> Api:
    """The API of a new house under the reference agreement."""
    return new_api()
