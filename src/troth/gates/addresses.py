"""Where a way out leads: what names one mailbox, one host, one place on the web, or this machine.

An address that somebody typed leads to public places alone: whatever its host's name leads to is looked up
once and judged, and what was judged is connected to, so that no second answer of the DNS counts.
"""

import ipaddress
import re
import socket
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit

from troth.errors import AddressRefused

_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})*\Z")
_NOT_WRITTEN = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\\]")
_NAMED = re.compile(r'(?:"([^"\\<>]+)"|([^"\\<>@,;:()\[\]]+)) <([^<>]*)>\Z')
_PORTS = {"http": 80, "https": 443}
LONGEST = 1_000  # letters of an address that somebody typed
_LOCAL = (  # which Python's registry does not know for what they are
    ipaddress.ip_network("fec0::/10"),  # site-local (RFC 3879): deprecated, and still routed inside of some
    ipaddress.ip_network("3fff::/20"),  # documentation (RFC 9637)
)
_SHARED = ipaddress.ip_network("64:ff9b::/96")  # IPv4 behind a translator (RFC 6052)
_MOST_NAME = 64  # letters of a sender's name; a longer one is folded, and folds are read differently


def is_host(text: str) -> bool:
    """Whether text is an IP address, or a name as the DNS has it (lower case, an IDN as `xn--...`)."""
    return _ip(text) is not None or bool(_NAME.match(text))


def is_loopback(host: str) -> bool:
    """Whether what is sent to a host stays on this machine; nothing is looked up for it."""
    address = _ip(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def mailbox(text: str) -> tuple[str, str, str]:
    """Return the display name, local part and domain (ASCII) of the one mailbox that text names.

    `text` is `name@example.org` or `A Name <name@example.org>` (RFC 5322 §3.4, RFC 6531); quoted local
    parts and address literals are not taken. Raises `ValueError`, which does not repeat the text.
    """
    from email_validator import EmailNotValidError, validate_email

    if any(not mark.isprintable() for mark in text):
        raise ValueError("it holds a mark that is not printed")
    named = _NAMED.match(text)
    quoted, plain, bare = named.groups() if named else ("", "", text)
    name = quoted or (plain or "").strip()
    if len(name) > _MOST_NAME:
        raise ValueError(f"it has a name of more than {_MOST_NAME} letters")
    try:
        found = validate_email(bare, check_deliverability=False)
    except EmailNotValidError:
        raise ValueError("it is no address that mail can reach") from None
    return name, found.local_part, found.ascii_domain


def web_address(text: str) -> SplitResult:
    """Return an `https` address taken apart, or an `http` one of this machine.

    Raises `ValueError` for anything else: no host, a password in it, a fragment, marks that a URL has not.
    """
    if _NOT_WRITTEN.search(text):
        raise ValueError("holds a mark that no address has")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError("is no address") from None
    if parts.scheme not in _PORTS or not host or not is_host(host):
        raise ValueError("is no `https://` address of a host (one in another script is written as `xn--...`)")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("is `http`, which is taken for `localhost`, 127.0.0.1 and [::1] alone")
    if "@" in parts.netloc:
        raise ValueError("holds a name or password; nothing secret belongs in there")
    if "#" in text:
        raise ValueError("holds a fragment (`#`), which is never sent")
    return parts


def origin(text: str) -> str:
    """Return the origin (RFC 6454 §6.2) of a web address as a browser writes it.

    Raises `ValueError` like `web_address`.
    """
    parts = web_address(text)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    own = parts.port in {None, _PORTS[parts.scheme]}
    return f"{parts.scheme}://{host}" + ("" if own else f":{parts.port}")


def is_public(number: str) -> bool:
    """Whether an IP address is one of the public network, and so is one that it wraps or is translated to."""
    address = ipaddress.ip_address(number.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _SHARED:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is None:
            if any(address in local for local in _LOCAL):
                return False
            return address.is_global and not address.is_multicast and not address.is_reserved
        address = inner
    return address.is_global and not address.is_multicast


def typed(text: str, *, here: bool = False) -> SplitResult:
    """Return an address that somebody typed, taken apart and not looked up: `https` alone.

    With `here` also `http` of this machine. Raises `AddressRefused`, which does not repeat it.
    """
    try:
        parts = web_address(text) if len(text) <= LONGEST else None
    except ValueError as problem:
        raise AddressRefused(problem=str(problem)) from None
    if parts is None or (parts.scheme != "https" and not here):
        raise AddressRefused(problem="is no `https://` address, or too long")
    return parts


def led(parts: SplitResult, *, here: bool = False, allowed: Callable[[str], bool] = is_public) -> str:
    """Return an address with the number in place of the name, which is to be connected to.

    Every number that the name leads to must be `allowed`; with `here` a name of this machine may lead to
    this machine. Raises `AddressRefused`.
    """
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressRefused(problem="leads nowhere") from None
    numbers = [str(each[4][0]) for each in found]
    own = here and is_loopback(host)
    if not numbers or not all(is_loopback(number) if own else allowed(number) for number in numbers):
        raise AddressRefused(problem="leads into a network that is not public")
    number = f"[{numbers[0]}]" if ":" in numbers[0] else numbers[0]
    return parts._replace(netloc=f"{number}:{port}").geturl()


def _ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
