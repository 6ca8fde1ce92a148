"""A clinic's mail server with a certificate and a login, as providers run them."""

import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ivr.adapters.channels.email import EmailChannel
from ivr.config import Settings
from ivr.errors import Unavailable
from ivr.ports import Letter

LETTER = Letter("1", "ana@paciente.example", "Su cita", "El lunes a las diez.", "es-ES")
Security = Literal["starttls", "tls"]
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")  # TLS is there from the start
both = pytest.mark.parametrize("security", ["starttls", "tls"])


@dataclass(frozen=True)
class Certificate:
    """Its own authority: who trusts the file trusts the server."""

    file: Path
    key: Path


def certificate(folder: Path, name: str) -> Certificate:
    """A certificate for a host, an IP address or a name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    try:
        host: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        host = x509.DNSName(name)
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([host]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    found = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
    found.file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    found.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return found


class Mailbox:
    """Takes letters of those who are logged in."""

    def __init__(self) -> None:
        self.senders: list[bytes] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(session.auth_data, LoginPassword)
        self.senders.append(session.auth_data.login)
        return "250 OK"


def knows(
    _: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
) -> AuthResult:
    right = isinstance(data, LoginPassword) and data == LoginPassword(b"citas", b"la buena")
    return AuthResult(success=right, handled=False, auth_data=data)


@contextmanager
def mail_server(security: Security, shown: Certificate) -> Iterator[tuple[Settings, Mailbox]]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(shown.file, shown.key)
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mailbox = Mailbox()
    server = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=port,
        ssl_context=context if security == "tls" else None,
        tls_context=context if security == "starttls" else None,
        require_starttls=security == "starttls",
        auth_required=True,
        auth_require_tls=security == "starttls",
        authenticator=knows,
    )
    server.start()
    settings = Settings(
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_security=security,
        smtp_user="citas",
        smtp_password="la buena",
        smtp_sender="Clínica Ejemplo <citas@clinica.example>",
    )
    try:
        yield settings, mailbox
    finally:
        server.stop()


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    """The certificate of this host, whose authority the machine knows."""
    own = certificate(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(own.file))
    return own


@both
def test_a_letter_goes_encrypted_to_a_server_that_knows_the_clinics_password(
    security: Security, trusted: Certificate
) -> None:
    with mail_server(security, trusted) as (settings, mailbox):
        EmailChannel(settings).send(LETTER)
    assert mailbox.senders == [b"citas"]


@both
def test_a_wrong_password_is_told_with_what_to_do_about_it(
    security: Security, trusted: Certificate
) -> None:
    with mail_server(security, trusted) as (settings, mailbox):
        wrong = settings.model_copy(update={"smtp_password": "la vieja"})
        with pytest.raises(Unavailable) as refused:
            EmailChannel(wrong).send(LETTER)
    assert refused.value.code == "login_refused"
    assert "AURICULA_SMTP_PASSWORD" in str(refused.value)
    assert "la vieja" not in str(refused.value)
    assert mailbox.senders == []


@both
@pytest.mark.parametrize("wrong", ["unknown authority", "another host"])
def test_a_server_that_is_not_who_it_should_be_gets_neither_letter_nor_password(
    security: Security,
    wrong: str,
    trusted: Certificate,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = certificate(tmp_path, "otro.example")
    if wrong == "another host":
        monkeypatch.setenv("SSL_CERT_FILE", str(shown.file))
    with mail_server(security, shown) as (settings, mailbox), pytest.raises(Unavailable) as refused:
        EmailChannel(settings).send(LETTER)
    assert refused.value.code == "certificate_refused"
    assert "AURICULA_SMTP_HOST" in str(refused.value)
    assert mailbox.senders == []


def test_tls_at_once_on_the_port_of_starttls_is_told_as_that(trusted: Certificate) -> None:
    with mail_server("starttls", trusted) as (settings, mailbox):
        mixed = settings.model_copy(update={"smtp_security": "tls"})
        with pytest.raises(Unavailable) as refused:
            EmailChannel(mixed).send(LETTER)
    assert refused.value.code == "no_tls"
    assert "465" in str(refused.value)
    assert mailbox.senders == []
