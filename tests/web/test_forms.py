"""Forms: nothing of one is read before it may be sent, and no place fills the memory with them."""

import asyncio

import pytest

from troth.web.door import MOST_COOKIES, MOST_HEADERS
from troth.web.forms import MOST_BODY, MOST_PLAIN

PLAIN = "application/x-www-form-urlencoded"
FILES = "multipart/form-data; boundary=B"


class Sender:
    """A browser that sends one request, and knows how much of its body was wanted."""

    def __init__(self, portal, path, *chunks, address="192.0.2.7", **headers):
        self._portal, self._chunks, self.wanted, self.told = portal, list(chunks), 0, []
        self.begun, self.more = asyncio.Event(), asyncio.Event()
        named = {
            "host": "localhost:8000",
            "accept": "text/html",
            "origin": "http://localhost:8000",
            "sec-fetch-site": "same-origin",
            **{name.replace("_", "-"): str(value) for name, value in headers.items()},
        }
        self._scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in named.items()],
            "client": (address, 1),
            "server": ("localhost", 8000),
        }

    async def send(self):
        """Send it, and return the status of the answer."""
        await self._portal.app(self._scope, self._receive, self._keep)
        return self.told[0]["status"]

    @property
    def page(self):
        """What was answered."""
        return b"".join(each.get("body", b"") for each in self.told[1:]).decode()

    async def _receive(self):
        self.wanted += 1
        self.begun.set()
        if not self._chunks:
            await self.more.wait()
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": self._chunks.pop(0), "more_body": True}

    async def _keep(self, message):
        self.told.append(message)


def cookies(browser):
    return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/leave/erase", {"content_type": FILES}, 422),
        ("/verification/id/give/identity/verification", {"content_type": FILES}, 303),
        ("/sign-in", {"content_type": PLAIN, "sec_fetch_site": "cross-site"}, 403),
        ("/sign-in", {"content_type": PLAIN, "origin": "https://other.example"}, 403),
        ("/sign-in", {"content_type": FILES}, 422),
        ("/sign-in", {"content_type": "application/json"}, 422),
        ("/sign-in", {"content_type": PLAIN, "content_length": MOST_PLAIN + 1}, 413),
        ("/contact", {"content_type": FILES, "content_length": MOST_BODY + 1}, 413),
        ("/no/such/page", {"content_type": FILES}, 422),
    ],
)
def test_what_may_not_be_sent_is_refused_before_any_of_it_is_read(portal, path, headers, status):
    sender = Sender(portal, path, b"a=b", **headers)

    assert portal.run(sender.send()) == status
    assert sender.wanted == 0
    assert status == 303 or "<main" in sender.page


def test_a_member_sends_files_only_to_pages_that_take_some(portal):
    mia = portal.register()
    sender = Sender(portal, "/leave/erase", b"--B", content_type=FILES, cookie=cookies(mia))

    assert portal.run(sender.send()) == 422
    assert sender.wanted == 0


def test_a_form_that_does_not_say_its_length_is_read_no_further_than_it_may_be(portal):
    chunks = [b"a" * 65_536] * 40
    sender = Sender(portal, "/sign-in", *chunks, content_type=PLAIN)

    assert portal.run(sender.send()) == 413
    assert sender.wanted == MOST_PLAIN // 65_536 + 1
    assert "What you sent is too large" in sender.page


def test_forms_with_files_that_are_on_their_way_are_counted_by_place(portal):
    def large(address):
        return Sender(portal, "/contact", address=address, content_type=FILES, content_length=MOST_BODY)

    async def sent():
        slow = [large("192.0.2.7"), large("192.0.2.7"), *(large(f"192.0.2.{n}") for n in range(8, 12))]
        going = [asyncio.ensure_future(each.send()) for each in slow]
        await asyncio.gather(*(each.begun.wait() for each in slow))
        refused = large("192.0.2.7")
        statuses = [await refused.send(), await large("198.51.100.1").send()]
        small = Sender(portal, "/contact", address="192.0.2.7", content_type=FILES, content_length=9)
        small.more.set()
        statuses.append(await small.send())
        for each in slow:
            each.more.set()
        await asyncio.gather(*going)
        after = large("192.0.2.7")
        after.more.set()
        return refused, [*statuses, await after.send()]

    refused, statuses = portal.run(sent())

    assert statuses == [
        429,
        429,
        422,
        422,
    ]  # from a full place, from elsewhere when all is full, small, after
    assert refused.wanted == 0
    assert (b"retry-after", b"10") in refused.told[0]["headers"]


@pytest.mark.parametrize(
    "headers",
    [
        [("cookie", 'a="' + "\\101" * (MOST_COOKIES // 4) + '"')],
        [("cookie", "a=" + "b" * (MOST_COOKIES // 2)), ("cookie", "c=" + "d" * (MOST_COOKIES // 2))],
        [("x", "y")] * MOST_HEADERS,
    ],
)
def test_many_headers_and_long_cookies_are_refused_at_the_door(portal, headers):
    answer = portal.fetch("GET", "/", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (431, "web.long-head")
