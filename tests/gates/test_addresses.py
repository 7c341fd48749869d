"""What an address names is decided before anything is reached, and nothing is looked up."""

import pytest

from troth.errors import AddressRefused
from troth.gates.addresses import is_host, is_loopback, is_public, led, mailbox, origin, typed, web_address


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_is_known(host):
    assert is_loopback(host)
    assert is_host(host)


@pytest.mark.parametrize(
    "host", ["localhost.example.org", "127.0.0.1.example.org", "10.0.0.1", "::2", "0.0.0.0", ""]
)
def test_no_other_machine_is_taken_for_it(host):
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        ".",
        "a..b",
        "-a.org",
        "a-.org",
        "A.org",
        "a b",
        "bücher.de",
        "x" * 64,
        "a." * 127 + "ab",
        "a/b",
        "a\n",
    ],
)
def test_what_names_no_host_is_none(host):
    assert not is_host(host)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a@example.org", ("", "a", "example.org")),
        ("A Club <a@EXAMPLE.org>", ("A Club", "a", "example.org")),
        ('"Club, the" <a@example.org>', ("Club, the", "a", "example.org")),
        ("jürg@bücher.example.org", ("", "jürg", "xn--bcher-kva.example.org")),
        ("用户@例子.公司", ("", "用户", "xn--fsqu00a.xn--55qx5d")),
    ],
)
def test_a_mailbox_is_taken_apart_with_its_domain_as_the_dns_has_it(text, expected):
    assert mailbox(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "a", "a@", "@example.org", "a@localhost", "a@[127.0.0.1]", "a b@example.org",
        '"a b"@example.org', "a@example.org, b@example.org", "<a@example.org>, <b@example.org>",
        "a@example.org\nBcc: b@example.org",
        "A <a@example.org>\n", "Club, the <a@example.org>", "A\u202e <a@example.org>",
        f"{'A' * 65} <a@example.org>", '"A"B <a@example.org>', "<a@example.org>", " <a@example.org>",
        "A <a@example.org> B <b@example.org>",
    ],
)  # fmt: skip
def test_what_is_not_one_mailbox_is_refused_without_repeating_it(text):
    with pytest.raises(ValueError, match="it ") as refused:
        mailbox(text)
    assert "example.org" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://members.example.org", "https://members.example.org"),
        ("https://MEMBERS.example.org:443/path", "https://members.example.org"),
        ("https://members.example.org:8443", "https://members.example.org:8443"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:80/", "http://[::1]"),
        ("http://127.0.0.1", "http://127.0.0.1"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(text, expected):
    assert origin(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "members.example.org", "ftp://example.org", "https://", "https:///path", "http://example.org",
        "http://localhost.example.org", "https://me:secret@example.org", "https://me@example.org",
        "https://example.org/#there", "https://example.org#", "https://exa mple.org", "https://example.org\n",
        "https://example.org:port", "https://example.org:99999", "https://[::1", "https://bücher.example",
        "https://example.org\\@evil.example", "//example.org", "javascript:alert(1)", "http://127.0.0.1@evil.example",
    ],
)  # fmt: skip
def test_no_other_address_of_the_web_is_taken(text):
    with pytest.raises(ValueError, match=r"holds|is "):
        web_address(text)


# ---- addresses that somebody typed


@pytest.mark.parametrize(
    "address",
    [
        "", "example.org", "http://example.org/x", "http://localhost/x", "ftp://example.org/x",
        "https://a:b@example.org/x", "https://example.org/x#y", "file:///etc/passwd",
        "https://exa mple.org/", "https://example.org/" + "x" * 1_000, "https://[::1/x",
    ],
)  # fmt: skip
def test_what_is_no_address_by_tls_is_refused_unlooked(address):
    with pytest.raises(AddressRefused):
        typed(address)


def test_this_machine_is_taken_without_tls_where_that_is_said_and_no_other_machine_is():
    assert typed("http://127.0.0.1:8000/x", here=True).port == 8000
    with pytest.raises(AddressRefused):
        typed("http://example.org/x", here=True)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "192.168.1.1", "0.0.0.0", "100.64.0.1",
        "255.255.255.255", "192.0.0.1", "198.18.0.1", "240.0.0.1", "2130706433", "0177.0.0.1",
        "0x7f.1", "127.1",
        "[::1]", "[::]", "[fc00::1]", "[fe80::1]", "[ff02::1]", "[::ffff:10.0.0.1]", "[::ffff:127.0.0.1]",
        "[::7f00:1]", "[2002:7f00:1::]", "[64:ff9b::a00:1]", "[2001:db8::1]", "[2001::1]", "[100::1]",
        "[fec0::1]", "[feff::1]", "[3fff::1]",
    ],
)  # fmt: skip
def test_no_way_of_writing_it_leads_into_a_network_that_is_not_public(host):
    with pytest.raises(AddressRefused):
        led(typed(f"https://{host}/x"))


@pytest.mark.parametrize(
    "number", ["127.0.0.1", "10.1.2.3", "169.254.0.1", "::1", "fe80::1%eth0", "224.0.0.1", "192.0.2.1", "::"]
)
def test_numbers_of_networks_that_are_not_public_are_known(number):
    assert not is_public(number)


@pytest.mark.parametrize(
    "number",
    ["9.9.9.9", "93.184.216.34", "2620:fe::fe", "::ffff:9.9.9.9", "64:ff9b::909:909"],
)
def test_public_numbers_are_known(number):
    assert is_public(number)


def test_the_number_that_was_judged_is_what_is_connected_to():
    seen = []

    def allowed(number):
        seen.append(number)
        return True

    assert led(typed("https://127.0.0.1:8443/x?y=1"), allowed=allowed) == "https://127.0.0.1:8443/x?y=1"
    assert led(typed("https://[::1]/x"), allowed=allowed) == "https://[::1]:443/x"
    assert seen == ["127.0.0.1", "::1"]
    assert led(typed("http://localhost:8000/x", here=True), here=True).startswith("http://")


def test_where_this_machine_may_be_reached_no_other_private_one_may():
    with pytest.raises(AddressRefused):
        led(typed("https://10.0.0.1/x", here=True), here=True)


def test_a_name_that_leads_nowhere_is_refused():
    with pytest.raises(AddressRefused):
        led(typed("https://nobody.invalid/x"))
