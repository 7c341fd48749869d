"""Turns: one thread works at a time, and nobody who came meanwhile is forgotten."""

import threading

from troth.web.turns import Turn


def test_whoever_comes_while_it_is_done_has_it_done_once_more_and_waits_for_nobody():
    turn, entered, go_on, done = Turn(), threading.Event(), threading.Event(), []

    def slow():
        entered.set()
        go_on.wait(5)
        done.append("slow")
        return 1

    first = threading.Thread(target=turn.take, args=(slow,))
    first.start()
    entered.wait(5)
    assert turn.take(lambda: 1) == 0
    go_on.set()
    first.join(5)
    assert done == ["slow", "slow"]
    assert turn.take(lambda: 7) == 7


def test_one_that_fails_leaves_its_turn_to_the_next():
    turn = Turn()

    def broken():
        raise ValueError("no")

    try:
        turn.take(broken)
    except ValueError:
        assert turn.take(lambda: 3) == 3
