"""Where a request truly comes from: addresses as they are meant, and which of them are proxies of ours."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address

from troth.settings import Network


def address_of(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a text means, or None; IPv4 written as IPv6 (`::ffff:192.0.2.1`) is IPv4."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def is_proxy(text: str, proxies: tuple[Network, ...]) -> bool:
    """Whether an address is one of our proxies."""
    found = address_of(text) if proxies else None
    if found is None:
        return False
    written = (found, IPv6Address(f"::ffff:{found}")) if isinstance(found, IPv4Address) else (found,)
    return any(each in network for each in written for network in proxies)


def true_address(peer: str, forwarded: Iterable[str], proxies: tuple[Network, ...]) -> str:
    """Return where a request comes from; of forwarded addresses the last that is no proxy of ours."""
    here = str(address_of(peer) or peer)
    if not is_proxy(here, proxies):
        return here
    said = ",".join(forwarded).split(",")
    for each in reversed([part.strip() for part in said if part.strip()]):
        found = address_of(each)
        if found is None:
            break
        here = str(found)
        if not is_proxy(here, proxies):
            break
    return here
