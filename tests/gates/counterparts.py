"""Real counterparts on this machine: certificates, mail servers, gateways, and servers that misbehave."""

import base64
import datetime
import hmac
import ipaddress
import json
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic, sleep

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from troth.clock import SECOND, Settable, instant

NOW = instant("2028-01-01T12:00:00Z")
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


def soon(condition: Callable[[], bool], *, within: float = 5.0) -> bool:
    """Whether something becomes so, looked at again and again."""
    end = monotonic() + within
    while not condition():
        if monotonic() > end:
            return False
        sleep(0.005)
    return True


def a_clock() -> Settable:
    return Settable(NOW)


def later(minutes: int = 10) -> int:
    return NOW + minutes * 60 * SECOND


# ---- certificates


@dataclass
class Trust:
    """A certificate authority, and a server's context with a certificate of it."""

    file: Path
    context: ssl.SSLContext


def trust_in(folder: Path, *, host: str = "localhost", days: int = 30) -> Trust:
    """Make an authority and a certificate for `host` and 127.0.0.1, that ends in so many days."""
    start = datetime.datetime.fromisoformat("2024-01-01T00:00:00+00:00")
    end = datetime.datetime.fromtimestamp((folder.stat().st_mtime_ns // 10**9), datetime.UTC)
    end += datetime.timedelta(days=days)
    ours, theirs = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test Authority")])

    def issued(subject, public, *, extensions):
        made = x509.CertificateBuilder(issuer, subject, public, x509.random_serial_number(), start, end)
        for extension, critical in extensions:
            made = made.add_extension(extension, critical=critical)
        return made.sign(ours, hashes.SHA256())

    mine = x509.SubjectKeyIdentifier.from_public_key(ours.public_key())
    root = issued(
        issuer,
        ours.public_key(),
        extensions=[
            (x509.BasicConstraints(ca=True, path_length=0), True),
            (x509.KeyUsage(True, False, False, False, False, True, True, False, False), True),
            (mine, False),
        ],
    )
    names = [x509.DNSName(host)]
    if host == "localhost":
        names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    leaf = issued(
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)]),
        theirs.public_key(),
        extensions=[
            (x509.SubjectAlternativeName(names), False),
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(mine), False),
            (x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]), False),
        ],
    )
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(root.public_bytes(pem))
    (folder / "server.pem").write_bytes(
        leaf.public_bytes(pem)
        + theirs.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return Trust(folder / "ca.pem", context)


# ---- mail


class Office:
    """What a mail server does with what it is told; `says` holds answers to give first, one a letter."""

    def __init__(self, *, says: tuple[str, ...] = (), rcpt: str = "") -> None:
        self.letters: list[Envelope] = []
        self.logins: list[tuple[bytes, bytes]] = []
        self.secure: list[bool] = []
        self.greeted: list[str] = []
        self._says, self._rcpt = list(says), rcpt

    async def handle_RCPT(  # noqa: N802 - called by that name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._rcpt:
            return self._rcpt.format(address)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self._says:
            return self._says.pop(0)
        self.letters.append(envelope)
        self.secure.append(server.transport.get_extra_info("cipher") is not None)
        self.greeted.append(str(session.host_name))
        return "250 taken"

    def authenticator(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, sent: LoginPassword
    ) -> AuthResult:
        self.logins.append((sent.login, sent.password))
        return AuthResult(success=sent.password == b"open sesame", handled=False)


class _AnyPort(Controller):
    """One that asks the system for a port, and then knows which."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server(office: Office, **how: object) -> Iterator[int]:
    """Run a real SMTP server and give its port; `how` goes to aiosmtpd."""
    server = _AnyPort(office, hostname="127.0.0.1", port=0, server_hostname="mail.example.org", **how)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


# ---- text messages


@dataclass
class Taken:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Gateway:
    """A gateway that verifies what it gets as docs/formats/sms.md says, and answers what it is told to."""

    answers: list[int] = field(default_factory=list)
    requests: list[Taken] = field(default_factory=list)
    location: str = ""

    def judge(self, taken: Taken) -> int:
        self.requests.append(taken)
        found = taken.headers
        outcome = verified(
            SECRET,
            found.get("webhook-id", ""),
            int(found.get("webhook-timestamp", "0")),
            taken.body,
            found.get("webhook-signature", ""),
            now=NOW // SECOND,
        )
        if outcome != "taken" or json.loads(taken.body)["id"] != found["webhook-id"]:
            return 401
        return self.answers.pop(0) if self.answers else 202


def verified(secret: str, number: str, timestamp: int, body: bytes, signatures: str, *, now: int) -> str:
    """Return `taken`, or what a request is refused for; written after the page, without our code."""
    if not number or not timestamp or not signatures:
        return "header"
    key = base64.b64decode(secret.removeprefix("whsec_"))
    own = base64.b64encode(
        hmac.new(key, number.encode() + b"." + str(timestamp).encode() + b"." + body, "sha256").digest()
    )
    parts = [part[3:] for part in signatures.split(" ") if part.startswith("v1,")]
    if not any(hmac.compare_digest(own, part.encode()) for part in parts):
        return "signature"
    return "taken" if abs(now - timestamp) <= 300 else "time"


@contextmanager
def http_gateway(gateway: Gateway, *, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Run a real HTTP server for a gateway and give its port."""

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            headers = {name.lower(): line for name, line in self.headers.items()}
            status = gateway.judge(Taken(self.path, headers, self.rfile.read(length)))
            self.send_response(status)
            if gateway.location:
                self.send_header("location", gateway.location)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass  # a client that hung up because of a certificate

    with Quiet(("127.0.0.1", 0), Answering) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        with _running(server):
            yield server.server_address[1]


# ---- whatever speaks TCP and nothing good


@contextmanager
def tcp_server(talk: Callable[[socketserver.StreamRequestHandler], None]) -> Iterator[int]:
    """Run a server that talks as told to each that connects, and give its port."""

    class Talking(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):  # the other side hung up, as it should
                talk(self)

    class Quiet(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Quiet(("127.0.0.1", 0), Talking) as server, _running(server):
        yield server.server_address[1]


@contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


def told_by(problem: BaseException) -> str:
    """Return all that an error and what hangs on it could tell."""
    parts, seen = [], problem
    while seen is not None:
        parts += [str(seen), repr(seen), repr(getattr(seen, "args", ""))]
        seen = seen.__cause__ or seen.__context__
    return "\n".join(parts)
