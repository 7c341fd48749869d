"""What `troth.toml` says is taken whole or not at all, and an error names the section and the key."""

from ipaddress import ip_network

import pytest

from tests.gates.counterparts import SECRET, Gateway, Office, a_clock, http_gateway, later, mail_server
from troth.errors import BadSettings
from troth.gates.courier import Courier
from troth.gates.mail import SmtpGate
from troth.gates.message import Message
from troth.gates.sms import SmsGate
from troth.settings import Mail, Server, Settings, Sms, read_settings, secret_of, written
from troth.terms.vocabulary import Place

BARE = Settings(Place("SG"))
WHOLE = Settings(
    Place("SG"),
    server=Server(
        "https://members.example.org",
        ("en", "ar", "zh-Hans"),
        (ip_network("127.0.0.1"), ip_network("10.0.0.0/8"), ip_network("fd00::/8")),
        "mailto:security@example.org",
    ),
    mail=Mail("mail.example.org", 2525, '"Club, the Ünion 🔑" <club@example.org>', "tls", "me", "keys/m"),
    sms=Sms("https://sms.example.net/send?account=7", "Ünion", "/run/secrets/sms", 50),
)  # fmt: skip
MAIL = '[mail]\nhost = "mail.example.org"\nfrom = "club@example.org"\n'
SMS = '[sms]\nurl = "https://sms.example.net/"\nfrom = "Club"\nsecret_file = "keys/sms"\n'


def read(tmp_path, more):
    (tmp_path / "troth.toml").write_text(f"{written(BARE)}\n{more}", "utf-8")
    return read_settings(tmp_path)


def refused(tmp_path, more):
    with pytest.raises(BadSettings) as found:
        read(tmp_path, more)
    assert "canary" not in str(found.value)
    return found.value.problem


@pytest.mark.parametrize("settings", [BARE, WHOLE, Settings(Place("SG"), "passphrase", "r", server=Server())])
def test_what_is_written_is_read_again(tmp_path, settings):
    (tmp_path / "troth.toml").write_text(written(settings), "utf-8")
    assert read_settings(tmp_path) == settings


def test_an_ordinary_house_has_none_of_the_three_sections(tmp_path):
    found = read(tmp_path, "")
    assert (found.server, found.mail, found.sms) == (None, None, None)
    assert "[mail]" not in written(found)


def test_what_is_not_said_is_as_the_page_says(tmp_path):
    found = read(tmp_path, f"[server]\n{MAIL}")
    assert found.server == Server(url="", languages=(), proxies=(), security_contact="")
    assert found.mail == Mail("mail.example.org", 587, "club@example.org", "starttls", "", "")
    assert read(tmp_path, SMS).sms == Sms("https://sms.example.net/", "Club", "keys/sms", hourly=200)


@pytest.mark.parametrize(
    ("tls", "host", "port"), [("tls", "mail.example.org", 465), ("none", "127.0.0.1", 25)]
)
def test_the_port_follows_from_how_it_is_secured(tmp_path, tls, host, port):
    found = read(tmp_path, f'[mail]\nhost = "{host}"\nfrom = "club@example.org"\ntls = "{tls}"\n').mail
    assert found == Mail(host, port, "club@example.org", tls)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('[server]\nurll = "x"\n', "`[server]` has no `urll`; did you mean `url`?"),
        ('[server]\nproxy = ["127.0.0.1"]\n', "did you mean `proxies`?"),
        (f'{MAIL}pasword_file = "x"\n', "`[mail]` has no `pasword_file`; did you mean `password_file`?"),
        (f'{MAIL}password = "canary"\n', "did you mean `password_file`?"),
        (f'{SMS}secret = "canary"\n', "did you mean `secret_file`?"),
        (f'{SMS}quux = "canary"\n', "use one of `from`, `hourly`, `secret_file`, `url`"),
        ('[keystore]\nurl = "postgresql://x"\nport = 5\n', "`[keystore]` has no `port`; use one of `url`"),
    ],
)
def test_a_key_that_is_not_known_is_an_error_with_the_nearest_one(tmp_path, more, said):
    assert said in refused(tmp_path, more)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('[Server]\nproxies = ["10.0.0.1"]\n', "there is no section `[Server]`; did you mean `server`?"),
        ('[sever]\nurl = "https://example.org"\n', "did you mean `server`?"),
        ('[email]\nhost = "canary"\n', "there is no section `[email]`"),
    ],
)
def test_a_section_that_is_not_known_is_an_error_with_the_nearest_one(tmp_path, more, said):
    assert said in refused(tmp_path, more)


@pytest.mark.parametrize("section", ["server", "mail", "sms"])
@pytest.mark.parametrize("said", ["5", '"canary"', "[]"])
def test_what_is_no_section_is_an_error(tmp_path, section, said):
    (tmp_path / "troth.toml").write_text(f"{section} = {said}\n{written(BARE)}", "utf-8")
    with pytest.raises(BadSettings, match=rf"write `\[{section}\]`"):
        read_settings(tmp_path)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        *(("url", url) for url in (
            '5', '"members.example.org"', '"http://members.example.org"', '"https://example.org/"',
            '"https://example.org/path"', '"https://EXAMPLE.org"', '"https://example.org:443"',
            '"https://me:canary@example.org"', '"https://example.org?a"', '"https://bücher.example"', '"ws://localhost"',
        )),
        *(("languages", tags) for tags in (
            '"en"', '[5]', '["EN"]', '["en_GB"]', '["en", "en"]', '[""]', '["en-"]', '["en\\n"]',
        )),
        *(("proxies", some) for some in (
            '"127.0.0.1"', '[5]', '["proxy.example.org"]', '["10.0.0.1/8"]', '["0.0.0.0/0"]', '["::/0"]',
            '[""]',
        )),
        *(("security_contact", uri) for uri in (
            '5', '"security@example.org"', '"http://example.org"', '"mailto:"', '"mailto:a@example.org\\n"',
            '"https://exa mple.org"',
        )),
    ],
)  # fmt: skip
def test_an_error_of_the_server_names_section_and_key(tmp_path, key, said):
    problem = refused(tmp_path, f"[server]\n{key} = {said}\n")
    assert f"`{key}` of `[server]`" in problem


@pytest.mark.parametrize(
    "url",
    [
        "https://members.example.org:8443",
        "http://localhost:8000",
        "http://127.0.0.1:8000",
        "http://[::1]:8000",
    ],
)
def test_an_origin_is_https_or_of_this_machine(tmp_path, url):
    assert read(tmp_path, f'[server]\nurl = "{url}"\n').server.url == url


def test_an_origin_written_otherwise_is_told_how(tmp_path):
    assert "`https://example.org`" in refused(tmp_path, '[server]\nurl = "https://Example.org:443/"\n')


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("host", None), ("host", "5"), ("host", '""'), ("host", '"Mail.Example.org"'), ("host", '"a b"'),
        ("host", '"mail.example.org:25"'), ("port", "0"), ("port", "65536"), ("port", "true"),
        ("port", '"25"'),
        ("port", "2.5"), ("from", None), ("from", '""'), ("from", '"canary"'), ("from", '"jürg@example.org"'),
        ("from", '"a@example.org, b@example.org"'), ("from", '"A\\n <a@example.org>"'), ("tls", '"ssl"'),
        ("tls", '"none"'), ("tls", "false"), ("login", "5"), ("login", '"geheim"'),
        ("login", '"ü"\npassword_file = "x"'),
        ("login", '"a\\n"\npassword_file = "x"'), ("password_file", '"x"'), ("password_file", '"a\\u0000b"'),
    ],
)  # fmt: skip
def test_an_error_of_mail_names_section_and_key(tmp_path, key, said):
    lines = {"host": '"mail.example.org"', "from": '"club@example.org"', key: said}
    problem = refused(tmp_path, "[mail]\n" + "\n".join(f"{k} = {v}" for k, v in lines.items() if v) + "\n")
    assert f"`{key}`" in problem
    assert "`[mail]`" in problem


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("url", None), ("url", '"http://sms.example.net/"'), ("url", '"https://me:canary@sms.example.net/"'),
        ("url", '"https://sms.example.net/#canary"'), ("from", None), ("from", '""'), ("from", '"a\\nb"'),
        ("secret_file", None), ("secret_file", '""'), ("secret_file", "5"), ("hourly", "0"),
        ("hourly", "1.5"), ("hourly", "true"), ("hourly", '"many"'), ("hourly", "1000001"),
    ],
)  # fmt: skip
def test_an_error_of_text_messages_names_section_and_key(tmp_path, key, said):
    lines = {"url": '"https://sms.example.net/"', "from": '"Club"', "secret_file": '"keys/sms"', key: said}
    problem = refused(tmp_path, "[sms]\n" + "\n".join(f"{k} = {v}" for k, v in lines.items() if v) + "\n")
    assert f"`{key}` of `[sms]`" in problem


def test_what_is_set_is_what_the_ways_out_take(tmp_path):
    office, gateway = Office(), Gateway()
    secret_file(tmp_path, SECRET.encode())
    with mail_server(office) as smtp, http_gateway(gateway) as http:
        found = read(
            tmp_path,
            f'[mail]\nhost = "127.0.0.1"\nport = {smtp}\nfrom = "Club <club@example.org>"\ntls = "none"\n'
            f'[sms]\nurl = "http://127.0.0.1:{http}/"\nfrom = "Club"\nsecret_file = "secret"\n',
        )
        mail, sms, clock = found.mail, found.sms, a_clock()
        password, key = secret_of(mail, tmp_path), secret_of(sms, tmp_path)
        courier = Courier(
            {
                "mail": SmtpGate(
                    mail.host,
                    mail.port,
                    sender=mail.sender,
                    clock=clock,
                    tls=mail.tls,
                    login=mail.login,
                    password=password,
                ),
                "sms": SmsGate(sms.url, sender=sms.sender, secret=key, clock=clock),
            },
            clock=clock,
        )
        courier.send(Message("mia@example.org", "Your code", "418205"), by="mail", until=later())
        courier.send(Message("+6561234567", "", "418205"), by="sms", until=later())
        assert courier.close(within=10) == 0
    assert (len(office.letters), len(gateway.requests)) == (1, 1)


# ---- the files with secrets


def secret_file(tmp_path, content, mode=0o600):
    (tmp_path / "secret").write_bytes(content)
    (tmp_path / "secret").chmod(mode)


def mail(name="secret"):
    return Mail("mail.example.org", 587, "club@example.org", "starttls", "club", name)


def sms():
    return Sms("https://sms.example.net/", "Club", "secret")


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_secret_is_the_one_line_of_its_file(tmp_path, end):
    secret_file(tmp_path, b"open sesame " + end)
    assert secret_of(mail(), tmp_path) == "open sesame "


def test_a_signing_key_is_told_as_it_stands(tmp_path):
    secret_file(tmp_path, b"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")
    assert secret_of(sms(), tmp_path).startswith("whsec_AAEC")


def test_mail_without_a_login_has_no_password(tmp_path):
    assert secret_of(mail(""), tmp_path) == ""


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"canary\nmore\n", b"canary\0", "canary\u00fc".encode(), b"canary" * 1_000, b"\xff\xfe"],
)
def test_what_is_not_one_line_is_refused_and_not_repeated(tmp_path, content):
    secret_file(tmp_path, content)
    with pytest.raises(BadSettings, match=r"`password_file` of `\[mail\]`") as found:
        secret_of(mail(), tmp_path)
    assert "canary" not in str(found.value)


@pytest.mark.parametrize("content", [b"canary\n", b"whsec_c2hvcnQ=\n", b"!" * 44])
def test_what_is_no_signing_key_is_refused_and_not_repeated(tmp_path, content):
    secret_file(tmp_path, content)
    with pytest.raises(BadSettings, match=r"`secret_file` of `\[sms\]`") as found:
        secret_of(sms(), tmp_path)
    assert content.decode().strip() not in str(found.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_secret_that_others_can_read_is_refused(tmp_path, mode):
    secret_file(tmp_path, b"canary\n", mode)
    with pytest.raises(BadSettings, match="chmod go-rwx"):
        secret_of(mail(), tmp_path)


@pytest.mark.parametrize("name", ["missing", "."])
def test_a_secret_that_is_not_there_is_refused(tmp_path, name):
    with pytest.raises(BadSettings, match=r"`password_file` of `\[mail\]`"):
        secret_of(mail(name), tmp_path)
