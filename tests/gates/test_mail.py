"""Mail goes to a real server over verified TLS, and no failure tells whose it was."""

import email
import email.policy
import ssl
from threading import active_count
from time import monotonic, sleep

import pytest

from tests.gates.counterparts import NOW, Office, a_clock, mail_server, soon, tcp_server, told_by, trust_in
from troth.clock import SECOND
from troth.errors import BadArgument, BadMessage, NotTaken, NotTakenYet
from troth.gates.courier import Courier
from troth.gates.mail import STEPS, SmtpGate
from troth.gates.message import Message

SENDER = '"Hafen Ünion, Mitglieder" <members@club.example.org>'
MINUTE = 60 * SECOND
CODE = Message("mia@example.org", "Your code", "It is 418205.\n.\nFrom us.\n")


@pytest.fixture(scope="module")
def trust(tmp_path_factory):
    return trust_in(tmp_path_factory.mktemp("trust"))


def gate(port, **how):
    how = {"tls": "none", "patience": 5.0, **how}
    return SmtpGate(
        how.pop("host", "127.0.0.1"), port, sender=how.pop("sender", SENDER), clock=a_clock(), **how
    )


def sent(message, office=None, **how):
    office = office or Office()
    with mail_server(office) as port:
        gate(port, **how).hand_out(message)
    (letter,) = office.letters
    return letter, email.message_from_bytes(letter.content, policy=email.policy.default)


# ---- what a letter is


def test_a_letter_says_who_when_and_that_nobody_need_answer():
    envelope, letter = sent(CODE)
    assert (envelope.mail_from, envelope.rcpt_tos) == ("members@club.example.org", ["mia@example.org"])
    assert letter["To"] == "mia@example.org"
    (sender,) = letter["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Hafen Ünion, Mitglieder", "members@club.example.org")
    assert letter["Subject"] == "Your code"
    assert letter["Message-ID"] == f"<{CODE.id}@club.example.org>"
    assert letter["Date"].datetime.timestamp() * 1_000_000 == NOW
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content() == CODE.text.replace("\n", "\r\n")
    assert len(letter.keys()) == len({name.lower() for name in letter.keys()})  # noqa: SIM118 - with repetitions


def test_any_script_arrives_and_the_letter_is_plain_ascii_on_the_way():
    message = Message("mia@example.org", "رمز الدخول 🔑 " * 9, "こんにちは\n" * 50, "<p dir=rtl>رمزك</p>")
    envelope, letter = sent(message)
    assert envelope.content.isascii()
    assert max(map(len, envelope.content.split(b"\r\n"))) <= 998
    assert letter["Subject"] == message.subject
    assert letter.get_body(("plain",)).get_content() == message.text.replace("\n", "\r\n")
    assert letter.get_body(("html",)).get_content().strip() == message.html
    assert letter.get_content_type() == "multipart/alternative"


def test_a_further_header_arrives_as_it_was_given_however_long():
    uri = f"<https://members.example.org/u/{'x' * 200}>"
    headers = (("List-Unsubscribe", uri), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    envelope, letter = sent(Message("mia@example.org", "News", "t", None, headers))
    assert f"\r\nList-Unsubscribe: {uri}\r\n".encode() in envelope.content
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_domain_in_another_script_is_reached_by_its_ascii_form():
    envelope, letter = sent(Message("mia@bücher.example.org", "s", "t"))
    assert envelope.rcpt_tos == ["mia@xn--bcher-kva.example.org"]
    assert envelope.smtp_utf8 is False
    assert letter["To"] == "mia@xn--bcher-kva.example.org"


def test_a_name_in_another_script_is_reached_with_smtputf8():
    envelope, _ = sent(Message("jürg@example.org", "Grüße", "Grüezi"))
    assert envelope.rcpt_tos == ["jürg@example.org"]
    assert envelope.smtp_utf8 is True
    assert "\r\nTo: jürg@example.org\r\n".encode() in envelope.content


def test_a_name_in_another_script_is_never_taken_by_a_server_without_smtputf8():
    with mail_server(Office(), enable_SMTPUTF8=False) as port, pytest.raises(NotTaken) as refused:
        gate(port).hand_out(Message("jürg@example.org", "s", "t"))
    assert "jürg" not in told_by(refused.value)


@pytest.mark.parametrize(
    "to",
    ["+6561234567", "mia", "Mia <mia@example.org>", "mia@example.org, eve@example.org", "mia@[127.0.0.1]"],
)
def test_what_is_no_address_is_refused_before_anything_is_reached(to):
    with pytest.raises(BadMessage):
        gate(1).hand_out(Message(to, "s", "t"))


def test_the_server_is_greeted_by_our_domain_and_not_by_the_name_of_this_machine():
    office = Office()
    sent(CODE, office)
    assert office.greeted == ["club.example.org"]


# ---- how it travels


def test_starttls_is_used_and_the_login_goes_over_it(trust):
    office = Office()
    how = {"tls_context": trust.context, "require_starttls": True, "auth_required": True}
    with mail_server(office, authenticator=office.authenticator, **how) as port:
        gate(
            port,
            host="localhost",
            tls="starttls",
            trust=str(trust.file),
            login="club",
            password="open sesame",
        ).hand_out(CODE)
    assert office.secure == [True]
    assert office.logins == [(b"club", b"open sesame")]


def test_tls_from_the_first_byte_is_used(trust):
    office = Office()
    with mail_server(office, ssl_context=trust.context) as port:
        gate(port, host="localhost", tls="tls", trust=str(trust.file)).hand_out(CODE)
    assert office.secure == [True]


@pytest.mark.parametrize("tls", ["starttls", "tls"])
@pytest.mark.parametrize("wrong", ["authority", "name", "time"])
def test_a_certificate_that_is_not_to_be_trusted_is_given_nothing(trust, tmp_path, tls, wrong):
    host, days = (
        ("mail.elsewhere.example" if wrong == "name" else "localhost"),
        (-1 if wrong == "time" else 30),
    )
    other = trust_in(tmp_path, host=host, days=days)
    believed = trust.file if wrong == "authority" else other.file
    office = Office()
    how = {"ssl_context": other.context} if tls == "tls" else {"tls_context": other.context}
    with mail_server(office, **how) as port, pytest.raises(NotTakenYet) as refused:
        gate(port, host="localhost", tls=tls, trust=str(believed)).hand_out(CODE)
    assert "certificate" in str(refused.value)
    assert office.letters == []


def test_a_server_whose_offer_of_starttls_was_cut_out_is_given_nothing():
    office = Office()
    with mail_server(office) as port, pytest.raises(NotTakenYet, match="STARTTLS"):
        gate(port, tls="starttls").hand_out(CODE)
    assert office.letters == []


def test_a_server_without_tls_is_given_nothing(trust):
    with mail_server(Office()) as port, pytest.raises(NotTakenYet):
        gate(port, tls="tls", patience=1.0).hand_out(CODE)


def test_a_wrong_password_is_a_failure_for_good_and_is_not_told(trust):
    office = Office()
    how = {"tls_context": trust.context, "auth_required": True, "authenticator": office.authenticator}
    with mail_server(office, **how) as port, pytest.raises(NotTaken) as refused:
        gate(
            port, host="localhost", tls="starttls", trust=str(trust.file), login="club", password="canary"
        ).hand_out(CODE)
    assert "535" in str(refused.value)
    assert "canary" not in told_by(refused.value)


def test_a_server_that_wants_no_login_and_is_given_one_is_a_failure_for_good(trust):
    with mail_server(Office(), tls_context=trust.context, auth_exclude_mechanism=["LOGIN", "PLAIN"]) as port:
        how = {"host": "localhost", "tls": "starttls", "trust": str(trust.file)}
        with pytest.raises(NotTaken):
            gate(port, login="club", password="open sesame", **how).hand_out(CODE)


# ---- what a server answers


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("550 no {}", NotTaken),
        ("553 {} is none", NotTaken),
        ("450 {} is busy", NotTakenYet),
        ("421 not now", NotTakenYet),
    ],
)
def test_an_address_refused_is_told_by_number_alone(answer, outcome):
    with mail_server(Office(rcpt=answer)) as port, pytest.raises(outcome) as refused:
        gate(port).hand_out(CODE)
    assert answer[:3] in str(refused.value)
    assert "mia" not in told_by(refused.value)


@pytest.mark.parametrize(
    ("answer", "outcome"), [("554 mia@example.org", NotTaken), ("451 mia@example.org", NotTakenYet)]
)
def test_a_letter_refused_is_told_by_number_alone(answer, outcome):
    office = Office(says=(answer,))
    with mail_server(office) as port:
        with pytest.raises(outcome) as refused:
            gate(port).hand_out(CODE)
        assert "mia" not in told_by(refused.value)
        gate(port).hand_out(CODE)
    assert len(office.letters) == 1


def test_what_is_tried_again_has_the_same_number():
    office = Office()
    with mail_server(office) as port:
        gate(port).hand_out(CODE)
        gate(port).hand_out(CODE)
    numbers = {email.message_from_bytes(letter.content)["Message-ID"] for letter in office.letters}
    assert len(numbers) == 1


def silence(peer):
    peer.rfile.read()


def gibberish(peer):
    peer.wfile.write(b"\xff\xfe what is this\r\n" * 5)


def too_long(peer):
    peer.wfile.write(b"220 " + b"x" * 1_000_000 + b"\r\n")


def gone(peer):
    pass


def too_many(peer):
    peer.wfile.write(b"421 too many of you\r\n")


def refusing(peer):
    peer.wfile.write(b"554 no\r\n")


@pytest.mark.parametrize(
    ("talk", "outcome"),
    [
        (silence, NotTakenYet), (gibberish, NotTakenYet), (too_long, NotTaken), (gone, NotTakenYet),
        (too_many, NotTakenYet), (refusing, NotTaken),
    ],
)  # fmt: skip
def test_a_server_that_misbehaves_costs_a_moment_and_the_message_is_not_lost(talk, outcome):
    start = monotonic()
    with tcp_server(talk) as port, pytest.raises(outcome):
        gate(port, patience=0.3).hand_out(CODE)
    assert monotonic() - start < 5


def greeting_for_ever(peer):
    while True:
        peer.wfile.write(b"220-hello\r\n")
        sleep(0.05)


def a_line_for_ever(peer):
    while True:
        peer.wfile.write(b"2")
        sleep(0.05)


def taking_for_ever(peer):
    peer.wfile.write(b"220 here\r\n")
    while peer.rfile.readline().strip().upper() != b"DATA":
        peer.wfile.write(b"250 yes\r\n")
    peer.wfile.write(b"354 go on\r\n")
    while True:
        peer.wfile.write(b"250-taken, nearly\r\n")
        sleep(0.05)


@pytest.mark.parametrize("talk", [greeting_for_ever, a_line_for_ever, taking_for_ever])
def test_a_server_that_never_stops_talking_did_not_answer_in_time(talk):
    start = monotonic()
    with tcp_server(talk) as port, pytest.raises(NotTakenYet, match="in time"):
        gate(port, patience=0.3).hand_out(CODE)
    assert 0.3 * STEPS <= monotonic() - start < 5


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_server_that_never_stops_talking_over_tls_did_not_answer_in_time(trust, tls):
    def talk(peer):
        if tls == "starttls":
            peer.wfile.write(b"220 here\r\n")
            peer.rfile.readline()
            peer.wfile.write(b"250-here\r\n250 STARTTLS\r\n")
            peer.rfile.readline()
            peer.wfile.write(b"220 go on\r\n")
        with trust.context.wrap_socket(peer.connection, server_side=True) as secure:
            while True:
                secure.send(b"220-hello\r\n")
                sleep(0.05)

    start = monotonic()
    with tcp_server(talk) as port, pytest.raises(NotTakenYet, match="in time"):
        gate(port, host="localhost", tls=tls, trust=str(trust.file), patience=0.3).hand_out(CODE)
    assert monotonic() - start < 5


def test_a_letter_that_was_taken_is_sent_even_when_the_goodbye_never_ends():
    def talk(peer):
        peer.wfile.write(b"220 here\r\n")
        while peer.rfile.readline().strip().upper() != b"DATA":
            peer.wfile.write(b"250 yes\r\n")
        peer.wfile.write(b"354 go on\r\n")
        while peer.rfile.readline() != b".\r\n":
            pass
        peer.wfile.write(b"250 taken\r\n")
        while True:
            peer.wfile.write(b"221-and another thing\r\n")
            sleep(0.05)

    start = monotonic()
    with tcp_server(talk) as port:
        gate(port, patience=0.3).hand_out(CODE)
    assert monotonic() - start < 5


def test_a_server_that_drips_keeps_no_other_letter_and_is_counted():
    dripping = []

    def talk(peer):
        if not dripping:
            dripping.append(True)
            greeting_for_ever(peer)
        else:
            peer.wfile.write(b"554 no\r\n")

    clock = a_clock()
    with tcp_server(talk) as port:
        courier = Courier({"mail": gate(port, patience=0.2)}, clock=clock, pause=60.0)
        for _ in range(2):
            courier.send(CODE, by="mail", until=NOW + 5 * MINUTE)
        assert soon(lambda: courier.counts()["mail"].failed == 1)
        courier.close(within=0.0)


def test_no_thread_of_a_watchdog_outlives_its_letter():
    before = active_count()
    sent(CODE)
    with tcp_server(gone) as port, pytest.raises(NotTakenYet):
        gate(port).hand_out(CODE)
    assert soon(lambda: active_count() <= before)


def test_nobody_there_is_a_failure_for_now():
    with tcp_server(gone) as port:
        pass
    with pytest.raises(NotTakenYet, match="reached"):
        gate(port).hand_out(CODE)


def test_a_letter_that_was_taken_is_sent_even_when_the_server_is_slow_to_say_goodbye():
    said = []

    def slow(peer):
        peer.wfile.write(b"220 here\r\n")
        while not (said and said[-1] == b"DATA"):
            said.append(peer.rfile.readline().strip().upper())
            peer.wfile.write(b"354 go on\r\n" if said[-1] == b"DATA" else b"250 yes\r\n")
        while peer.rfile.readline() != b".\r\n":
            pass
        peer.wfile.write(b"250 taken\r\n")
        said.append(peer.rfile.readline().strip().upper())
        sleep(1)

    with tcp_server(slow) as port:
        gate(port, patience=0.2).hand_out(CODE)
        assert soon(lambda: said[-1] == b"QUIT")


# ---- what is refused at the start


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("sender", {"sender": "nobody"}),
        ("sender", {"sender": "jürg@example.org"}),
        ("tls", {"host": "mail.example.org", "tls": "none"}),
        ("tls", {"tls": "ssl"}),
        ("login", {"login": "club"}),
        ("login", {"login": "club", "password": "geheimniß"}),
    ],
)
def test_what_cannot_work_is_refused_at_the_start(name, how):
    with pytest.raises(BadArgument) as refused:
        gate(25, **how)
    assert refused.value.name == name


def test_certificates_are_verified_with_the_host_s_name():
    context = gate(25)._context()
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
