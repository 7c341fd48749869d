"""Packing behind the pages: packages are made by a thread of the server, one at a time, and told of."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress

from troth.custody.packages.making import made
from troth.custody.packages.packing import Making
from troth.errors import Broken, HouseClosed, PackageGone, TrothError
from troth.web.accounts import telling
from troth.web.hall import Hall
from troth.web.languages import Reader
from troth.web.logs import log

_one = threading.Lock()  # what is being made holds a page of records in memory


class _Stopped(Exception):
    """The server stops; what was begun is made by whoever comes next."""


def begin(hall: Hall, making: Making, reader: Reader) -> None:
    """Have a package made that was begun; its person is told in their inbox when it can be fetched."""
    work = threading.Thread(target=_make, args=(hall, making, reader), name="troth-package", daemon=True)
    hall.making[:] = [*(each for each in hall.making if each.is_alive()), work]
    work.start()


def end(hall: Hall) -> None:
    """Let what is being made be left to whoever comes next, and wait until nobody works here any more."""
    hall.stopping = True
    for each in hall.making:
        each.join()


def _make(hall: Hall, making: Making, reader: Reader) -> None:
    def go_on(_count: int) -> None:
        if hall.stopping:
            raise _Stopped

    try:
        with _one:
            go_on(0)
            said = texts(lambda text: hall.rendering.words(reader, text))
            origin = hall.site.origins[0]
            made(hall.teller, making, texts=said, origin=origin, progress=go_on)
            tell(hall, making.row.subject, reader)
    except (_Stopped, HouseClosed, PackageGone):
        return
    except Broken as problem:
        log("package-broken", code=problem.code)
    except TrothError as problem:
        log("package-failed", code=problem.code)


def tell(hall: Hall, subject: int, reader: Reader) -> None:
    """Tell somebody in their inbox, and by a letter, that their package can be fetched."""

    def words(text: str) -> str:
        return hall.rendering.words(reader, text)

    title = words("Your data is ready to be fetched")
    text = words("Your package can be fetched once, within seven days. You find it under “Copy and move”.")
    with suppress(TrothError):
        asyncio.run(telling.tell(hall, subject, title, text, reader=reader))


async def streamed(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the chunks of a package without blocking the event loop; whoever goes away has not spent it."""
    try:
        while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
            yield chunk
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            threading.Thread(target=close, name="troth-package-end", daemon=True).start()


def texts(words: Callable[[str], str]) -> dict[str, str]:
    """Return the texts of the pages inside a package, in a reader's language."""
    return {
        "title": words("Your data"),
        "made": words("Made %(at)s by %(organisation)s"),
        "agreement": words("The agreement in force then: %(name)s, version %(version)s"),
        "kinds": words("Kinds of data"),
        "kind": words("Kind of data"),
        "records": words("Records"),
        "withheld": words("What is not in it, and why"),
        "nothing_withheld": words("Nothing is left out."),
        "more": words("Also in this package"),
        "choices": words("Your choices, with a receipt for each consent"),
        "disclosures": words("Who got data of you"),
        "requests": words("Your requests"),
        "accesses": words("Who saw my data"),
        "ledger": words("Lines of the log about you, with proofs that anybody can check"),
        "terms": words("The text of the agreement"),
        "holds": words("What keeps data of you beyond their time, and until when"),
        "systems": words("What other systems of ours hold of you"),
        "manifest": words("What is in this package, and the signature over it"),
        "field": words("Field"),
        "value": words("Value"),
        "collected": words("Taken in"),
        "until": words("Kept until"),
        "clause": words("Clause"),
        "source": words("Source"),
        "basis": words("Ground"),
        "purposes": words("What for"),
        "recipients": words("May be passed on to"),
        "back": words("All kinds of data"),
        "record": words("Record %(number)s"),
        "why": words("Why"),
    }
