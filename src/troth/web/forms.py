"""Forms and files as they are sent: read in memory alone, in bounds, never through a temporary file."""

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest

from troth.errors import BodyTooLarge, FormUnreadable, TooManyAttempts

MOST_FIELDS = 100
MOST_FILES = 6
MOST_TEXT = 64 * 1024  # bytes of one field that is no file
MOST_BODY = 40 * 1024 * 1024  # bytes of a form with files
MOST_PLAIN = 256 * 1024  # bytes of one without
MOST_HERE = 2 * MOST_BODY  # bytes of large forms that one place may have here
MOST_IN_ALL = 128 * 1024 * 1024  # bytes of those of all places: of members, and as many of visitors
WAIT = 10  # seconds that somebody is asked to wait who finds no room


Take: TypeAlias = Callable[[int], None]  # called for bytes that arrived, before they are kept


class Room:
    """How much of large forms is here, from when it arrives until it was dealt with.

    What is announced takes no room, and visitors take none from members.
    """

    def __init__(self) -> None:
        self._held: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}

    @contextmanager
    def held(self, size: int, *, place: str, member: bool) -> Iterator[Take]:
        """Hold room for what arrives of a form; raises `TooManyAttempts` when there is none, then or later.

        A form of a small `size` always fits.
        """
        held, had = self._held[member], 0

        def take(count: int) -> None:
            nonlocal had
            if size <= MOST_PLAIN:
                return
            if held[place] + count > MOST_HERE or held.total() + count > MOST_IN_ALL:
                raise TooManyAttempts(wait=WAIT)
            held[place] += count
            had += count

        try:
            take(1)
            yield take
        finally:
            held[place] -= had
            if not held[place]:
                del held[place]


_WITH_FILES, _PLAIN = "multipart/form-data", "application/x-www-form-urlencoded"
_MOST = {_WITH_FILES: MOST_BODY, _PLAIN: MOST_PLAIN}


class _InMemory(MultiPartParser):
    """A parser whose files never touch the disk: personal data in the clear has no place there.

    A form that ends before its last boundary was cut off, and is none.
    """

    spool_max_size = MOST_BODY + 1
    ended = False

    def on_end(self) -> None:
        self.ended = True

    async def parse(self) -> FormData:
        found = await super().parse()
        if not self.ended:
            for file in self._files_to_close_on_error:
                file.close()
            raise MultiPartException("it is cut off")
        return found


def size_of(http: HttpRequest, *, files: bool) -> int:
    """Return how many bytes a form has, or may have when it does not say, before any of it is read.

    Raises `FormUnreadable` for what is no form, or holds files that nobody wants, and `BodyTooLarge`.
    """
    kind = _kind(http)
    if kind not in (_WITH_FILES, _PLAIN):
        raise FormUnreadable(reason="it is no form")
    if kind == _WITH_FILES and not files:
        raise FormUnreadable(reason="no file is taken here")
    most, said = _MOST[kind], http.headers.get("content-length", "")
    size = int(said) if said.isdecimal() else most
    if size > most:
        raise BodyTooLarge(limit=most)
    return size


def _kind(http: HttpRequest) -> str:
    return http.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_form(
    http: HttpRequest, take: Take = lambda _: None
) -> tuple[dict[str, str], dict[str, UploadFile]]:
    """Return the fields (first value of each name, NUL removed) and the files of a form.

    Raises `FormUnreadable` for what is no form or breaks off, `BodyTooLarge`, and what `take` raises.
    """
    size_of(http, files=True)
    kind = _kind(http)
    fields: dict[str, str] = {}
    files: dict[str, UploadFile] = {}
    try:
        if kind == _WITH_FILES:
            parser: MultiPartParser | FormParser = _InMemory(
                http.headers,
                _bounded(http, MOST_BODY, take),
                max_files=MOST_FILES,
                max_fields=MOST_FIELDS,
                max_part_size=MOST_TEXT,
            )
        else:
            parser = FormParser(http.headers, _bounded(http, MOST_PLAIN, take))
        found = await parser.parse()
    except ClientDisconnect:
        raise FormUnreadable(reason="the connection broke off") from None
    except (MultiPartException, ValueError, KeyError, UnicodeDecodeError, LookupError):
        raise FormUnreadable(reason="it is not as forms are") from None
    for name, value in found.multi_items():
        if isinstance(value, UploadFile):
            if name not in files and (value.size or value.filename):
                files[name] = value
            else:
                await value.close()
        elif name in fields:
            fields[name] = f"{fields[name]}\n{value}"
        else:
            fields[name] = value
    if len(fields) > MOST_FIELDS or any(not _is_text(value) for value in (*fields, *fields.values())):
        raise FormUnreadable(reason="it holds what is no text, or too much")
    return fields, files


def _is_text(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\0" not in value


async def _bounded(http: HttpRequest, most: int, take: Take) -> AsyncGenerator[bytes, None]:
    """Yield what is sent; raises `BodyTooLarge` once it is more than `most` bytes."""
    had = 0
    async for chunk in http.stream():
        had += len(chunk)
        if had > most:
            raise BodyTooLarge(limit=most)
        take(len(chunk))
        yield chunk
