"""Work behind pages: it goes on after a page was answered, so that no answer tells by its time what it is."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

from troth.errors import HouseClosed, TooManyAttempts, TrothError
from troth.web.hall import Hall
from troth.web.logs import log

MOST = 64  # works at a time; whoever comes then is asked to come again
WAIT = 30  # seconds


def begin(hall: Hall, work: Coroutine[Any, Any, object], *, name: str) -> None:
    """Have something done by a thread of the server; raises `TooManyAttempts` where too much is being done.

    What fails is logged by its code alone; a server that stops waits for what was begun.
    """
    alive = [each for each in hall.making if each.is_alive()]
    if len(alive) >= MOST or hall.stopping:
        work.close()
        raise TooManyAttempts(wait=WAIT)
    thread = threading.Thread(target=_run, args=(work, name), name=f"troth-{name}", daemon=True)
    hall.making[:] = [*alive, thread]
    thread.start()


def _run(work: Coroutine[Any, Any, object], name: str) -> None:
    try:
        asyncio.run(_awaited(work))
    except HouseClosed:
        return
    except TrothError as problem:
        log(f"{name}-failed", code=problem.code)


async def _awaited(work: Coroutine[Any, Any, object]) -> None:
    await work
