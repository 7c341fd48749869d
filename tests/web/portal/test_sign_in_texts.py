"""Signing in by a code that a real gateway for text messages was given."""

import json

import pytest

from tests.gates.counterparts import NOW, SECRET, Gateway, http_gateway, soon
from tests.web.browsing import CODE
from troth.clock import Settable
from troth.gates.courier import Courier
from troth.gates.sms import SmsGate

NUMBER = "+442079460958"


@pytest.fixture
def gateway():
    return Gateway()


@pytest.fixture
def portal(new_portal, gateway):
    """A portal that sends text messages and nothing else."""
    with http_gateway(gateway) as port:
        portal = new_portal(clock=Settable(NOW))
        gate = SmsGate(f"http://127.0.0.1:{port}/send", sender="Example", secret=SECRET, clock=portal.clock)
        portal.hall.courier = Courier({"sms": gate}, clock=portal.clock)
        yield portal
        portal.hall.courier.close(within=2.0)


def texted(gateway):
    """Wait for a text message; return its number and the code in it."""
    assert soon(lambda: gateway.requests)
    said = json.loads(gateway.requests.pop().body)
    return said["to"], CODE.search(said["text"])[1]


def joined(portal, gateway):
    """A browser in which somebody registered by their number."""
    browser = portal.visitor()
    asked = browser.send(browser.get("/register").form("/register"), identifier=NUMBER, accept="yes")
    to, code = texted(gateway)
    assert to == NUMBER
    browser.send(asked.form("/register/code"), code=code)
    assert browser.get("/home").path == "/home"
    return browser


def test_a_code_by_text_message_registers_and_signs_in(portal, gateway):
    joined(portal, gateway)
    browser = portal.visitor()

    ways = browser.send(browser.get("/sign-in").form("/sign-in"), identifier="+44 20 7946 0958")
    asked = browser.send(ways.form("/sign-in/code"))
    to, code = texted(gateway)
    wrong = browser.send(asked.form("/sign-in/code/check"), code="00000000" if code != "00000000" else "1")
    assert browser.get("/home").path == "/sign-in"
    browser.send(wrong.form("/sign-in/code/check"), code=code)

    assert to == NUMBER
    assert browser.get("/home").path == "/home"


def test_a_number_of_nobody_gets_no_text_message_and_the_same_answer(portal, gateway):
    joined(portal, gateway)

    def ask(number):
        browser = portal.visitor()
        ways = browser.send(browser.get("/sign-in").form("/sign-in"), identifier=number)
        return browser.send(ways.form("/sign-in/code"))

    nobody, somebody = ask("+442079460001"), ask(NUMBER)

    assert texted(gateway)[0] == NUMBER
    assert gateway.requests == []
    assert (nobody.status, nobody.title) == (somebody.status, somebody.title)
