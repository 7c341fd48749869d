"""Raise an error without the frames it came through, as they hold what the caller gave.

A traceback keeps every frame with its local values, and many tools print those. What leaves the house
shows the caller's own frames and one of this module, which holds nothing.
"""

import traceback
from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction, isfunction
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from troth.errors import TrothError

P = ParamSpec("P")
R = TypeVar("R")
E = TypeVar("E", bound=BaseException)
K = TypeVar("K", bound=type)


def bare(problem: E) -> E:
    """Take the frames off an error; of one that nobody expected, where it happened stays as a note."""
    if not isinstance(problem, TrothError):
        steps = traceback.extract_tb(problem.__traceback__)
        where = " < ".join(f"{Path(step.filename).name}:{step.lineno}" for step in reversed(steps))
        problem.add_note(f"within {where}")
    problem.__context__ = problem.__cause__ = None
    return problem.with_traceback(None)


def frameless(method: Callable[P, R]) -> Callable[P, R]:
    """Let a function or coroutine raise whatever it raises without its frames and its arguments."""
    if iscoroutinefunction(method):

        @wraps(method)
        async def soon(*given: P.args, **named: P.kwargs) -> Any:  # noqa: ANN401 - what it awaits
            try:
                return await method(*given, **named)
            except BaseException as problem:  # noqa: BLE001 - raised again, without frames
                del given, named
                raise bare(problem) from None

        return cast("Callable[P, R]", soon)

    @wraps(method)
    def call(*given: P.args, **named: P.kwargs) -> R:
        try:
            return method(*given, **named)
        except BaseException as problem:  # noqa: BLE001 - it is raised again, without frames
            del given, named
            raise bare(problem) from None

    return call


def door(kind: K) -> K:
    """Make every public method of a class frameless."""
    for name, method in list(vars(kind).items()):
        if isfunction(method) and not name.startswith("_"):
            setattr(kind, name, frameless(method))
    return kind
