"""The courier takes a message at once, tries until its time is over, and forgets it then."""

import gc
import threading

import pytest

from tests.gates.counterparts import (
    NOW,
    SECRET,
    Gateway,
    Office,
    a_clock,
    http_gateway,
    later,
    mail_server,
    soon,
    tcp_server,
)
from troth.clock import SECOND
from troth.errors import CourierFull, HouseClosed, NoGate, NotTaken, NotTakenYet
from troth.gates.courier import Counts, Courier
from troth.gates.mail import SmtpGate
from troth.gates.message import Message
from troth.gates.sms import SmsGate


class Door:
    """A way out that a test opens, and that gives the answers it is told to."""

    def __init__(self, *answers, shut=False):
        self.answers, self.taken, self.tries = list(answers), [], 0
        self.reached, self.open = threading.Event(), threading.Event()
        if not shut:
            self.open.set()

    def hand_out(self, message, /):
        self.tries += 1
        self.reached.set()
        assert self.open.wait(10)
        if self.answers:
            raise self.answers.pop(0)
        self.taken.append(message.id)


def not_yet():
    return NotTakenYet(way="mail", problem="busy")


def letter(number=0):
    return Message(f"canary{number}@example.org", "s", "canary")


@pytest.fixture
def courier_of():
    """A function from doors to a courier that a test need not close."""
    made, doors = [], []

    def courier(clock=None, *, room=100, pause=0.01, **gates):
        doors.extend(gate for gate in gates.values() if isinstance(gate, Door))
        made.append(Courier(gates, clock=clock or a_clock(), room=room, pause=pause))
        return made[-1]

    yield courier
    for door in doors:
        door.open.set()
    for each in made:
        each.close(within=5)


def counted(courier, way="mail", **expected):
    return soon(lambda: all(getattr(courier.counts()[way], name) == n for name, n in expected.items()))


# ---- sending


def test_sending_returns_while_the_gate_is_still_shut(courier_of):
    door = Door(shut=True)
    courier = courier_of(mail=door)
    for number in range(10):
        courier.send(letter(number), by="mail", until=later())
    assert door.reached.wait(5)
    assert courier.counts()["mail"] == Counts(sent=0, failed=0, waiting=10)
    door.open.set()
    assert counted(courier, sent=10, waiting=0)


def test_messages_go_out_in_their_order(courier_of):
    door = Door()
    courier = courier_of(mail=door)
    letters = [letter(number) for number in range(50)]
    for each in letters:
        courier.send(each, by="mail", until=later())
    assert counted(courier, sent=50)
    assert door.taken == [each.id for each in letters]


@pytest.mark.parametrize("act", ["send", "check"])
def test_a_house_without_the_section_says_which_one_to_add(courier_of, act):
    courier = courier_of(mail=Door())
    with pytest.raises(NoGate, match=r"`\[sms\]`") as refused:
        courier.send(letter(), by="sms", until=later()) if act == "send" else courier.check(by="sms")
    assert "troth.toml" in refused.value.fix


def test_a_full_courier_says_so_whether_or_not_a_message_goes_out(courier_of):
    door = Door(shut=True)
    courier = courier_of(mail=door, room=3)
    for number in range(3):
        courier.check(by="mail")
        courier.send(letter(number), by="mail", until=later())
    assert door.reached.wait(5)
    for act in (lambda: courier.check(by="mail"), lambda: courier.send(letter(), by="mail", until=later())):
        with pytest.raises(CourierFull):
            act()
    assert courier.counts()["mail"].waiting == 3
    door.open.set()
    assert counted(courier, sent=3)
    courier.check(by="mail")


# ---- trying again


def test_what_was_not_taken_yet_is_tried_again(courier_of):
    door = Door(not_yet(), not_yet(), not_yet())
    courier = courier_of(mail=door)
    courier.send(letter(), by="mail", until=later())
    assert counted(courier, sent=1, failed=0, waiting=0)
    assert door.tries == 4


def test_what_was_refused_for_good_is_not(courier_of):
    door = Door(NotTaken(way="mail", problem="the server answered 550"))
    courier = courier_of(mail=door)
    courier.send(letter(), by="mail", until=later())
    assert counted(courier, failed=1, waiting=0)
    assert door.tries == 1
    assert "550" in courier.counts()["mail"].problem


def test_a_message_that_waits_for_another_attempt_holds_up_none(courier_of):
    door = Door(not_yet())
    courier = courier_of(mail=door, pause=30.0)
    courier.send(letter(1), by="mail", until=later())
    courier.send(letter(2), by="mail", until=later())
    assert counted(courier, sent=1, waiting=1)


def test_a_message_whose_time_is_over_is_given_up(courier_of):
    clock, door = a_clock(), Door(not_yet(), not_yet(), not_yet(), not_yet(), shut=True)
    courier = courier_of(clock, mail=door)
    courier.send(letter(), by="mail", until=later(minutes=10))
    assert door.reached.wait(5)
    clock.forward(10 * 60 * SECOND)
    door.open.set()
    assert counted(courier, failed=1, waiting=0)
    assert door.tries == 1


def test_a_message_that_comes_too_late_is_never_tried(courier_of):
    door = Door()
    courier = courier_of(mail=door)
    courier.send(letter(), by="mail", until=NOW)
    assert counted(courier, failed=1)
    assert door.tries == 0
    assert "time was over" in courier.counts()["mail"].problem


def test_a_message_whose_next_attempt_would_be_too_late_is_given_up_at_once(courier_of):
    door = Door(not_yet())
    courier = courier_of(mail=door, pause=60.0)
    courier.send(letter(), by="mail", until=NOW + 30 * SECOND)
    assert counted(courier, failed=1, waiting=0)


def test_each_pause_is_twice_the_last(courier_of):
    door = Door(*(not_yet() for _ in range(8)))
    courier = courier_of(mail=door, pause=0.002)
    courier.send(letter(), by="mail", until=NOW + int(0.2 * SECOND))  # the 8th pause would be 0.256 s
    assert counted(courier, failed=1)
    assert door.tries == 8


def test_a_fault_of_a_gate_costs_one_message_and_is_not_quoted(courier_of):
    door = Door(ValueError("canary@example.org is unheard of"))
    courier = courier_of(mail=door)
    courier.send(letter(1), by="mail", until=later())
    assert counted(courier, failed=1)
    assert "canary" not in str(courier.counts())
    assert "ValueError" in courier.counts()["mail"].problem
    courier.send(letter(2), by="mail", until=later())
    assert counted(courier, sent=1)
    assert courier.counts()["mail"].problem == ""


# ---- what is left of a message


@pytest.mark.parametrize(
    "answers", [(), (not_yet(),), (NotTaken(way="mail", problem="no"),), (ValueError("no"),)]
)
def test_nothing_of_a_message_is_kept_logged_or_printed(courier_of, caplog, capfd, answers):
    caplog.set_level(0)
    courier = courier_of(mail=Door(*answers))
    courier.send(Message("canary@example.org", "canary", "canary"), by="mail", until=later())
    assert soon(lambda: courier.counts()["mail"].waiting == 0)
    gc.collect()
    assert soon(
        lambda: not [each for each in gc.get_objects() if type(each) is Message and each.subject == "canary"]
    )
    out, err = capfd.readouterr()
    assert "canary" not in caplog.text + out + err


# ---- closing


def test_closing_hands_out_what_waits(courier_of):
    before = set(threading.enumerate())
    door = Door(not_yet(), not_yet())
    courier = courier_of(mail=door)
    for number in range(20):
        courier.send(letter(number), by="mail", until=later())
    assert courier.close(within=10) == 0
    assert len(door.taken) == 20
    assert [each.name for each in set(threading.enumerate()) - before if each.name == "troth-mail"] == []


def test_closing_says_how_many_were_not_handed_out(courier_of):
    door = Door(shut=True)
    courier = courier_of(mail=door)
    for number in range(5):
        courier.send(letter(number), by="mail", until=later())
    assert door.reached.wait(5)
    assert courier.close(within=0.05) == 5


def test_closing_does_not_wait_for_attempts_that_would_be_later(courier_of):
    door = Door(not_yet())
    courier = courier_of(mail=door, pause=30.0)
    courier.send(letter(), by="mail", until=later())
    assert soon(lambda: bool(courier.counts()["mail"].problem))
    assert courier.close(within=20) == 1


def test_a_closed_courier_takes_nothing_and_closes_again(courier_of):
    courier = courier_of(mail=Door())
    assert courier.close(within=5) == 0
    with pytest.raises(HouseClosed):
        courier.send(letter(), by="mail", until=later())
    with pytest.raises(HouseClosed):
        courier.check(by="mail")
    assert courier.close(within=5) == 0


# ---- with real counterparts


def test_a_server_that_is_busy_at_first_gets_the_letter_later(courier_of):
    office = Office(says=("451 greylisted", "452 still"))
    with mail_server(office) as port:
        gate = SmtpGate("127.0.0.1", port, sender="club@example.org", tls="none", clock=a_clock())
        courier = courier_of(mail=gate)
        courier.send(letter(), by="mail", until=later())
        assert counted(courier, sent=1)
    assert [envelope.rcpt_tos for envelope in office.letters] == [["canary0@example.org"]]


def test_a_mail_server_that_is_silent_delays_no_text_message(courier_of):
    gateway = Gateway(answers=[500])
    with tcp_server(lambda peer: peer.rfile.read()) as silent, http_gateway(gateway) as port:
        courier = courier_of(
            mail=SmtpGate(
                "127.0.0.1", silent, sender="club@example.org", tls="none", clock=a_clock(), patience=1.0
            ),
            sms=SmsGate(f"http://127.0.0.1:{port}/", sender="Club", secret=SECRET, clock=a_clock()),
        )
        courier.send(letter(), by="mail", until=later())
        courier.send(Message("+6561234567", "", "418205"), by="sms", until=later())
        assert counted(courier, "sms", sent=1)
        assert courier.counts()["mail"].sent == 0
        assert courier.close(within=0.01) == 1
    assert len(gateway.requests) == 2


# ---- one message at a time, waited for


def test_a_message_that_is_handed_out_now_was_taken_when_it_returns(courier_of):
    door = Door()
    courier = courier_of(mail=door)
    one = letter()
    courier.hand_out(one, by="mail")
    assert door.taken == [one.id]
    assert courier.counts()["mail"].sent == 1
    with pytest.raises(NoGate):
        courier.hand_out(one, by="sms")


def test_a_message_that_is_not_taken_now_is_told_of_and_tried_by_nobody_else(courier_of):
    door = Door(not_yet(), NotTaken(way="mail", problem="never"), ValueError("canary"))
    courier = courier_of(mail=door)
    with pytest.raises(NotTakenYet):
        courier.hand_out(letter(), by="mail")
    with pytest.raises(NotTaken):
        courier.hand_out(letter(), by="mail")
    with pytest.raises(NotTakenYet) as strange:
        courier.hand_out(letter(), by="mail")
    assert "canary" not in str(strange.value)
    assert (door.tries, courier.counts()["mail"].failed) == (3, 3)
    courier.close(within=1)
    with pytest.raises(HouseClosed):
        courier.hand_out(letter(), by="mail")
