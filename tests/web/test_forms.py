"""Forms: nothing of one is read before it may be sent, and no place fills the memory with them."""

import asyncio

import pytest

from troth.web.door import MOST_COOKIES, MOST_HEADERS
from troth.web.forms import MOST_BODY, MOST_HERE, MOST_PLAIN

PLAIN = "application/x-www-form-urlencoded"
FILES = "multipart/form-data; boundary=B"


class Sender:
    """A browser that sends one request, and knows how much of its body was wanted."""

    def __init__(self, portal, path, *chunks, address="192.0.2.7", **headers):
        self._portal, self.chunks, self.wanted, self.told = portal, list(chunks), 0, []
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
        if not self.chunks:
            await self.more.wait()
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": self.chunks.pop(0), "more_body": True}

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


def large(portal, address, *chunks, path="/contact", **headers):
    """A form with files that may be as large as any, of which some came."""
    chunks = (b'--B\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n', *chunks)
    sized = {"content_type": FILES, "content_length": MOST_BODY, **headers}
    return Sender(portal, path, *chunks, address=address, **sized)


async def on_their_way(senders):
    """Begin to send, until all that is there of each was read."""
    going = [asyncio.ensure_future(each.send()) for each in senders]
    while any(each.chunks and not each.told for each in senders):  # noqa: ASYNC110 - chunks have no event
        await asyncio.sleep(0.01)
    return going


def test_large_forms_are_counted_by_place_as_they_arrive_and_visitors_take_no_room_from_members(portal):
    mia = portal.register()
    mine = {"path": "/support/new", "cookie": cookies(mia)}
    part = [b"a" * (MOST_HERE // 2 - 100)]

    async def sent():
        slow = [large(portal, f"192.0.2.{n}", *part) for n in (7, 7, 8)]
        going = await on_their_way(slow)
        statuses = []
        for refused in (
            large(portal, "192.0.2.7", b"a" * 1_000),  # a full place
            large(portal, "198.51.100.1", *part),  # all of them together
        ):
            statuses.append(await refused.send())
        assert (b"retry-after", b"10") in refused.told[0]["headers"]
        small = Sender(portal, "/contact", address="192.0.2.7", content_type=FILES, content_length=9)
        member = large(portal, "192.0.2.7", b"a" * 1_000, **mine)
        for each in (small, member):
            each.more.set()
            statuses.append(await each.send())
        for each in slow:
            each.more.set()
        await asyncio.gather(*going)
        after = large(portal, "192.0.2.7", b"a" * 1_000)
        after.more.set()
        return [*statuses, await after.send()]

    assert portal.run(sent()) == [429, 429, 422, 422, 422]


def test_what_is_announced_takes_no_room(portal):
    async def sent():
        slow = [large(portal, f"192.0.2.{n // 2}") for n in range(14)]
        going = await on_their_way(slow)
        other = large(portal, "198.51.100.1")
        other.more.set()
        status = await other.send()
        for each in slow:
            each.more.set()
        return status, await asyncio.gather(*going)

    status, statuses = portal.run(sent())
    assert (status, set(statuses)) == (422, {422})


def test_a_form_of_a_visitor_counts_as_an_attempt_before_any_of_it_is_read(portal):
    async def sent():
        senders = []
        while not senders or senders[-1].told[0]["status"] != 429:
            assert len(senders) < 200
            senders.append(large(portal, "192.0.2.7"))
            senders[-1].more.set()
            await senders[-1].send()
        return senders

    senders = portal.run(sent())
    assert len(senders) > 1
    assert [each.wanted > 0 for each in senders] == [True] * (len(senders) - 1) + [False]


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
