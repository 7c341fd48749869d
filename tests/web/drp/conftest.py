"""A portal that serves agents, and an agent whose token is set up."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.web.browsing import Portal
from tests.web.conftest import mail_office, new_portal, rendering
from tests.web.drp.agents import BUSINESS, Client
from troth.settings import Server

__all__ = ["mail_office", "new_portal", "rendering"]


@pytest.fixture
def portal(new_portal: Callable[..., Portal]) -> Portal:
    """A portal of a house that has an id in the directory."""
    made = new_portal()
    made.hall.settings = replace(made.hall.settings, server=Server(drp_business=BUSINESS))
    return made


@pytest.fixture
def agent(portal: Portal) -> Client:
    """An agent with its token."""
    return Client(portal).ready()
