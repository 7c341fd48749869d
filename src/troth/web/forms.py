"""Forms and files as they are sent: read in memory alone, in bounds, never through a temporary file."""

from collections.abc import AsyncGenerator

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest

from troth.errors import FormUnreadable

MOST_FIELDS = 100
MOST_FILES = 6
MOST_TEXT = 64 * 1024  # bytes of one field that is no file
MOST_BODY = 40 * 1024 * 1024  # bytes of a form with files
MOST_PLAIN = 256 * 1024  # bytes of one without


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


async def read_form(http: HttpRequest) -> tuple[dict[str, str], dict[str, UploadFile]]:
    """Return the fields (first value of each name, NUL removed) and the files of a form.

    Raises `FormUnreadable` for what is no form, breaks off, or is out of bounds.
    """
    kind = http.headers.get("content-type", "").partition(";")[0].strip().lower()
    fields: dict[str, str] = {}
    files: dict[str, UploadFile] = {}
    try:
        if kind == "multipart/form-data":
            parser: MultiPartParser | FormParser = _InMemory(
                http.headers,
                _bounded(http, MOST_BODY),
                max_files=MOST_FILES,
                max_fields=MOST_FIELDS,
                max_part_size=MOST_TEXT,
            )
        elif kind == "application/x-www-form-urlencoded":
            parser = FormParser(http.headers, _bounded(http, MOST_PLAIN))
        else:
            raise FormUnreadable(reason="it is no form")
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
    """Yield what is sent; raises `FormUnreadable` once it is more than `most` bytes."""
    had = 0
    async for chunk in http.stream():
        had += len(chunk)
        if had > most:
            raise FormUnreadable(reason=f"it is larger than {most} bytes")
        yield chunk
