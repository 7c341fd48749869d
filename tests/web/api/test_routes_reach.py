"""The page on the API names every method of the library: the route that does it, or why none does."""

import re

import pytest

from tests.house.source import ROOT
from troth.library import Troth
from troth.web.api.operations import PREFIX
from troth.web.api.routes import routes

PAGE = (ROOT / "docs/reference/api.md").read_text("utf-8")
ROWS = [line.split(" | ", 1) for line in PAGE.splitlines() if line.startswith("| `")]
METHODS = [name for cell, _ in ROWS for name in re.findall(r"`(\w+)`", cell)]
NAMED = sorted(set(re.findall(r"`([A-Z]+ /\S+?)`", PAGE)))
SERVED = {f"{method} {route.path.removeprefix(PREFIX)}" for route in routes() for method in route.methods}


def test_every_method_of_the_library_is_named_once():
    public = sorted(name for name in dir(Troth) if not name.startswith("_"))
    assert sorted(METHODS) == public


@pytest.mark.parametrize("route", NAMED)
def test_every_route_that_is_named_is_served(route):
    assert route in SERVED


def test_each_method_has_a_route_or_a_reason():
    done, _, undone = PAGE.partition("## What it does not")
    for cell, said in ROWS:
        routed = re.match(r"`[A-Z]+ /", said) is not None
        assert f"{cell} | {said}" in (done if routed else undone)
