"""Mail: a message becomes a letter (RFC 5322), and goes to one SMTP server (RFC 5321) over verified TLS.

A letter is 7-bit on the wire (quoted-printable or base64) unless its address needs SMTPUTF8 (RFC 6531), so
that any server takes it. Whatever a server answers is told by its number alone: servers repeat addresses in
their words. Every step has its time limit, and all of them together have one; a letter that the server took
is not sent twice because it was slow to say goodbye.
"""

import socket
from datetime import datetime
from typing import TYPE_CHECKING

from troth.clock import Clock, iso
from troth.errors import BadArgument, BadMessage, NotTaken, NotTakenYet
from troth.gates.addresses import is_loopback, mailbox
from troth.gates.message import Message
from troth.gates.watchdog import Watchdog

if TYPE_CHECKING:
    import smtplib
    import ssl

TLS = ("starttls", "tls", "none")
STEPS = 3  # times the patience of one, from the connection to the goodbye


class SmtpGate:
    """One SMTP server that takes our mail; may be asked from one thread at a time."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        sender: str,
        clock: Clock,
        tls: str = "starttls",
        login: str = "",
        password: str = "",
        trust: str = "",
        patience: float = 20.0,
    ) -> None:
        """Keep where mail goes; nothing is reached yet.

        `sender` is `name@example.org` or `A Name <name@example.org>`; its domain names our messages and
        greets the server. `tls` is `starttls` (RFC 3207), `tls` (RFC 8314) or, to this machine alone, `none`.
        `trust` is a file of the certificates (PEM) to believe instead of the system's. `patience` is in
        seconds, for each step; all that is said after the server is reached has `STEPS` times as long.
        Raises `BadArgument`.
        """
        try:
            self._name, self._local, self._domain = mailbox(sender)
        except ValueError:
            raise BadArgument(
                name="sender", wanted="one mailbox, such as `A Name <name@example.org>`"
            ) from None
        if not self._local.isascii():
            raise BadArgument(name="sender", wanted="a mailbox with a name before the `@` in ASCII")
        if tls not in TLS or (tls == "none" and not is_loopback(host)):
            raise BadArgument(
                name="tls", wanted="`starttls` or `tls`; `none` is for a server on this machine"
            )
        if not (login + password).isascii() or bool(login) != bool(password):
            raise BadArgument(name="login", wanted="a login with its password, both in ASCII")
        self._host, self._port, self._tls = host, port, tls
        self._login, self._password = login, password
        self._trust, self._patience, self._clock = trust, patience, clock

    def hand_out(self, message: Message, /) -> None:
        """Give a message to the server, which has then promised to deliver it.

        Raises `BadMessage` for an address that is none, `NotTaken` when the server never will take it, and
        `NotTakenYet` when it may, later. A connection that is lost after the letter and before the answer
        counts as not taken yet: what is tried again has the same Message-ID.
        """
        import smtplib

        try:
            name, local, domain = mailbox(message.to)
        except ValueError:
            name, local, domain = "", "", ""
        if name or not local:
            raise BadMessage(part="to", reason="it is no address that mail can reach")
        letter = self._letter(message, local, domain)
        with Watchdog(STEPS * self._patience) as watchdog:
            try:
                self._send(letter, f"{local}@{domain}", watchdog)
            except (smtplib.SMTPException, OSError) as failure:
                problem = _judged(failure, late=watchdog.is_over)
            else:
                return
        raise problem  # out here, so that nothing of the server's words hangs on it

    def _letter(self, message: Message, local: str, domain: str) -> bytes:
        """Return the letter; its headers are ours, and further ones as they were given."""
        from email.headerregistry import Address
        from email.message import EmailMessage
        from email.policy import SMTP

        # A further header stays as it is: folded, a URI of 80 letters would come out encoded, and be none.
        policy = SMTP.clone(cte_type="7bit", refold_source="none", utf8=not local.isascii())
        letter = EmailMessage(policy)
        letter["Date"] = datetime.fromisoformat(iso(self._clock())).replace(microsecond=0)
        letter["Message-ID"] = f"<{message.id}@{self._domain}>"
        letter["From"] = Address(self._name, username=self._local, domain=self._domain)
        letter["To"] = Address(username=local, domain=domain)
        letter["Subject"] = message.subject
        letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday answers it
        for name, line in message.headers:
            letter.set_raw(name, line)
        letter.set_content(message.text, charset="utf-8")
        if message.html is not None:
            letter.add_alternative(message.html, subtype="html", charset="utf-8")
        return letter.as_bytes()

    def _send(self, letter: bytes, to: str, watchdog: Watchdog) -> None:
        smtp = self._reached(watchdog)
        try:
            if self._tls == "starttls":
                smtp.ehlo_or_helo_if_needed()
                if not smtp.has_extn("starttls"):  # as when somebody between us cut the offer out
                    raise NotTakenYet(way="mail", problem="the server offers no STARTTLS")
                smtp.starttls(context=self._context())
            if self._login:
                smtp.login(self._login, self._password)
            options = [] if to.isascii() else ["SMTPUTF8", "BODY=8BITMIME"]
            smtp.sendmail(f"{self._local}@{self._domain}", [to], letter, options)
        except BaseException:
            smtp.close()
            raise
        _leave(smtp)

    def _reached(self, watchdog: Watchdog) -> "smtplib.SMTP":
        """Return a connection that is watched from before the server's first word."""
        import smtplib

        class Plain(smtplib.SMTP):
            def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
                return watchdog.watch(socket.create_connection((host, port), timeout))

        class Secure(smtplib.SMTP_SSL, Plain):  # which wraps what `Plain` gives it
            pass

        where, patience = (self._host, self._port, self._domain), self._patience
        if self._tls == "tls":
            return Secure(*where, timeout=patience, context=self._context())
        return Plain(*where, timeout=patience)

    def _context(self) -> "ssl.SSLContext":
        import ssl

        return ssl.create_default_context(cafile=self._trust or None)


def _leave(smtp: "smtplib.SMTP") -> None:
    """Say goodbye; whatever comes of it, the letter was taken."""
    import smtplib

    try:
        smtp.quit()
    except (smtplib.SMTPException, OSError):
        smtp.close()


def _judged(failure: Exception, *, late: bool) -> NotTaken | NotTakenYet:
    """Return what a failure means (RFC 5321 §4.2.1: 5xx for ever, 4xx for now), without a word of it.

    What broke off because all of it took too long is `late`, and only that: its last line may be half a line.
    """
    import smtplib
    import ssl

    if late or isinstance(failure, TimeoutError):
        return NotTakenYet(way="mail", problem="the server did not answer in time")
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        return _answered(next(iter(failure.recipients.values()))[0])
    if isinstance(failure, smtplib.SMTPResponseException):
        return _answered(failure.smtp_code)
    if isinstance(failure, smtplib.SMTPServerDisconnected):
        return NotTakenYet(way="mail", problem="the server hung up")
    if isinstance(failure, smtplib.SMTPNotSupportedError):
        return NotTaken(
            way="mail", problem="the server lacks an extension that the message or the login needs"
        )
    if isinstance(failure, smtplib.SMTPException):
        return NotTaken(way="mail", problem="the server takes none of the ways to log in")
    if isinstance(failure, ssl.SSLCertVerificationError):
        return NotTakenYet(way="mail", problem="the server's certificate is not to be trusted")
    if isinstance(failure, ssl.SSLError):
        return NotTakenYet(way="mail", problem="there is no TLS with the server")
    return NotTakenYet(way="mail", problem="the server cannot be reached")


def _answered(code: int) -> NotTaken | NotTakenYet:
    kind = NotTaken if 500 <= code <= 599 else NotTakenYet  # what is no answer at all may be one later
    return kind(way="mail", problem=f"the server answered {code}")
