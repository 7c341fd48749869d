"""What an address names is decided before anything is reached, and nothing is looked up."""

import pytest

from troth.gates.addresses import is_host, is_loopback, mailbox, origin, web_address


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
