"""`troth serve` ends with a code and a way on when it cannot be reached, before the house is opened."""

import socket
import subprocess

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.cli.conftest import troth_command
from tests.gates.counterparts import trust_in
from tests.web.serving import TROTH


def pem(key, passphrase=None):
    seal = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, seal)


@pytest.mark.parametrize(
    ("certificate", "key", "said"),
    [
        ("server.pem", "other.pem", "the key is not that of the certificate"),
        ("server.pem", "sealed.pem", "has a passphrase"),
        ("other.pem", "other.pem", "no PEM"),
        ("text.pem", "server.pem", "no PEM"),
    ],
)
def test_a_certificate_that_cannot_be_used_is_told(tmp_path, directory, certificate, key, said):
    trust_in(tmp_path)
    another = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "other.pem").write_bytes(pem(another))
    (tmp_path / "sealed.pem").write_bytes(pem(another, b"open sesame"))
    (tmp_path / "text.pem").write_text("a certificate")

    done = troth_command("serve", "--dir", directory, "--port", 0, "--certificate", certificate, "--key", key)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error[web.certificate-unusable]: ")
    assert said in done.stderr
    assert "fix: name a certificate chain and its own key" in done.stderr


def test_one_of_certificate_and_key_is_wrong_usage(tmp_path, directory):
    trust_in(tmp_path)

    assert troth_command("serve", "--dir", directory, "--certificate", "server.pem").returncode == 2


@pytest.mark.parametrize("host", ["203.0.113.7", "2001:db8::1", "nothing.invalid"])
def test_an_address_that_this_machine_does_not_have_is_told(directory, host):
    done = troth_command("serve", "--dir", directory, "--port", 0, "--host", host)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"error[web.host-not-here]: nothing can listen on `{host}`: ")
    assert "with --host" in done.stderr


def test_a_port_that_is_taken_is_told(directory):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = troth_command("serve", "--dir", directory, "--port", port)

    assert done.returncode == 1
    assert done.stderr.startswith(f"error[web.port-taken]: nothing can listen on port {port}: ")
    assert "with --port" in done.stderr


def test_a_language_that_pages_do_not_have_is_told_with_those_that_they_have(directory):
    with (directory / "troth.toml").open("a") as settings:
        settings.write('\n[server]\nlanguages = ["en", "xx"]\n')

    done = troth_command("serve", "--dir", directory, "--port", 0)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error[house.bad-settings]: ")
    assert "holds `xx`; pages are written in `en`, `ar`, `ja`" in done.stderr


def test_a_public_origin_in_the_clear_is_refused_with_a_certificate(tmp_path, directory):
    trust_in(tmp_path)
    with (directory / "troth.toml").open("a") as settings:
        settings.write('\n[server]\nurl = "http://localhost:8443"\n')

    pem = ("--certificate", "server.pem", "--key", "server.pem")
    done = troth_command("serve", "--dir", directory, "--port", 0, *pem)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error[house.bad-settings]: ")
    assert "`url` of `[server]` is `http://localhost:8443`, and with --certificate" in done.stderr


@pytest.mark.parametrize(("host", "url", "explains"), [("::1", "", True), ("127.0.0.1", "", False),
                                                       ("::1", "http://localhost:8080", False)])  # fmt: skip
def test_who_listens_elsewhere_is_told_which_name_is_answered_to(directory, host, url, explains):
    with (directory / "troth.toml").open("a") as settings:
        settings.write(f'\n[server]\nurl = "{url}"\n')
    command = [*TROTH, "serve", "--dir", directory, "--port", "0", "--host", host]

    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        said = process.stdout.readline()
        process.terminate()
        more = process.stdout.read()

    assert said.startswith("serving on http://localhost:")
    assert ("`url` of `[server]`" in more) == explains
