"""Forms and files as they are sent: read in memory alone, in bounds, never through a temporary file."""

from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager

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
MOST_HERE = 2 * MOST_BODY  # bytes of forms with files that one place may have on their way
MOST_IN_ALL = 256 * 1024 * 1024  # bytes of those of all places
WAIT = 10  # seconds that somebody is asked to wait who finds no room


class Room:
    """How much of forms with files is on its way: as long as one is read, and until it was dealt with."""

    def __init__(self) -> None:
        self._held: Counter[str] = Counter()

    @contextmanager
    def held(self, size: int, *, place: str) -> Iterator[None]:
        """Hold room for a form of some place; raises `TooManyAttempts` when there is none. Small ones fit."""
        counted = size if size > MOST_PLAIN else 0
        if counted and (
            self._held[place] + counted > MOST_HERE or self._held.total() + counted > MOST_IN_ALL
        ):
            raise TooManyAttempts(wait=WAIT)
        self._held[place] += counted
        try:
            yield
        finally:
            self._held[place] -= counted
            if not self._held[place]:
                del self._held[place]


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


async def read_form(http: HttpRequest) -> tuple[dict[str, str], dict[str, UploadFile]]:
    """Return the fields (first value of each name, NUL removed) and the files of a form.

    Raises `FormUnreadable` for what is no form or breaks off, and `BodyTooLarge`.
    """
    size_of(http, files=True)
    kind = _kind(http)
    fields: dict[str, str] = {}
    files: dict[str, UploadFile] = {}
    try:
        if kind == _WITH_FILES:
            parser: MultiPartParser | FormParser = _InMemory(
                http.headers,
                _bounded(http, MOST_BODY),
                max_files=MOST_FILES,
                max_fields=MOST_FIELDS,
                max_part_size=MOST_TEXT,
            )
        else:
            parser = FormParser(http.headers, _bounded(http, MOST_PLAIN))
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


async def _bounded(http: HttpRequest, most: int) -> AsyncGenerator[bytes, None]:
    """Yield what is sent; raises `BodyTooLarge` once it is more than `most` bytes."""
    had = 0
    async for chunk in http.stream():
        had += len(chunk)
        if had > most:
            raise BodyTooLarge(limit=most)
        yield chunk
