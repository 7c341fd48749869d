"""Where a request truly comes from: our proxies are believed, however their addresses are written."""

import asyncio
from ipaddress import ip_network

import pytest

from troth.web.door import Door
from troth.web.proxies import true_address

OURS = (ip_network("127.0.0.1/32"), ip_network("10.0.0.0/8"), ip_network("2001:db8::/64"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("127.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("::ffff:127.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("::ffff:127.0.0.1", "192.0.2.7, ::ffff:10.1.2.3", "192.0.2.7"),
        ("127.0.0.1", "::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8:1::7", "2001:db8:1::7"),
        ("127.0.0.1", "198.51.100.1, 192.0.2.7", "192.0.2.7"),
        ("127.0.0.1", "192.0.2.7, nobody, 10.0.0.1", "10.0.0.1"),
        ("::ffff:192.0.2.9", "192.0.2.7", "192.0.2.9"),
        ("", "192.0.2.7", ""),
    ],
)
def test_the_last_address_that_is_no_proxy_of_ours_is_the_true_one(peer, forwarded, found):
    assert true_address(peer, [forwarded], OURS) == found


def test_a_network_of_mapped_addresses_in_the_settings_still_counts():
    assert true_address("127.0.0.1", ["192.0.2.7"], (ip_network("::ffff:127.0.0.1/128"),)) == "192.0.2.7"


def test_the_door_believes_a_proxy_that_comes_by_both_protocols():
    came_from = []

    async def inside(scope, receive, send):
        came_from.append(scope["troth.address"])

    async def nowhere(message=None):
        _ = message

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "raw_path": b"/",
        "headers": [(b"host", b"localhost"), (b"x-forwarded-for", b"192.0.2.7")],
        "client": ("::ffff:127.0.0.1", 1),
    }
    door = Door(inside, hosts=frozenset({"localhost"}), proxies=OURS, secure=False)
    asyncio.run(door(scope, nowhere, nowhere))
    assert came_from == ["192.0.2.7"]
