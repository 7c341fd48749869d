"""What browsers reach first: the socket that is listened on, its certificate, and how many may come."""

import errno
import resource
import socket
import ssl
from pathlib import Path

from troth.errors import CertificateUnusable, HostNotHere, PortTaken
from troth.web.places import MOST

OTHERS = 128  # files of ours that are open beside connections: databases, sealed files, ways out
_OF_HOST = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EINVAL}


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one. Raises `PortTaken` and `HostNotHere`."""
    try:
        return _listening(host, port)
    except (OSError, UnicodeError) as problem:
        why = getattr(problem, "strerror", None) or "it cannot be used"
        if (
            not isinstance(problem, OSError)
            or isinstance(problem, socket.gaierror)
            or problem.errno in _OF_HOST
        ):
            raise HostNotHere(host=host, problem=why) from None
        raise PortTaken(port=port, problem=why) from None


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)
    except BaseException:
        listener.close()
        raise
    return listener


def connections() -> int:
    """Return how many connections there may be, after asking for as many open files as they need."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST + OTHERS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return MOST if soft == resource.RLIM_INFINITY else max(min(MOST, soft - OTHERS), 1)


def certified(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return what serves TLS with a certificate chain and its key; raises `CertificateUnusable`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key, password="")
    except ssl.SSLError as problem:
        why = f"one of them is no PEM, has a passphrase, or is too weak ({problem.reason})"
        if problem.reason == "KEY_VALUES_MISMATCH":
            why = "the key is not that of the certificate"
        raise CertificateUnusable(problem=why) from None
    except OSError as problem:
        raise CertificateUnusable(problem=problem.strerror or "they cannot be read") from None
    return context
