"""Letters by e-mail: SMTP submission (RFC 6409) to the clinic's own mail server."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formataddr, formatdate, parseaddr

from ivr.config import Settings
from ivr.errors import InvalidInput, Unavailable
from ivr.ports import Letter

PATIENCE_S = 20.0


class EmailChannel:
    """Sends through one SMTP server, a connection for each letter."""

    name = "email"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def send(self, letter: Letter) -> None:
        """Hand the letter to the mail server. ``Message-ID`` is made of the letter's key, so
        that a repetition after a broken connection shows as one message."""
        try:
            with self._connected() as server:
                server.send_message(self._message(letter))
        except smtplib.SMTPAuthenticationError as error:
            raise Unavailable(
                "The mail server refuses the login: set AURICULA_SMTP_USER and "
                "AURICULA_SMTP_PASSWORD to what the mail provider gave you, and restart.",
                code="login_refused",
            ) from error
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            raise _failure(code, "address_refused") from error
        except smtplib.SMTPResponseException as error:
            raise _failure(error.smtp_code, "refused") from error
        except smtplib.SMTPNotSupportedError as error:
            raise Unavailable(
                "The mail server offers no login: leave AURICULA_SMTP_USER empty, or use the "
                "port that the mail provider names for sending (587 or 465).",
                code="no_login",
            ) from error
        except ssl.SSLCertVerificationError as error:
            raise Unavailable(
                f"The certificate of {self._settings.smtp_host} is not trusted "
                f"({error.verify_message}): set AURICULA_SMTP_HOST to the name in the "
                "certificate, or add its authority to this machine (update-ca-certificates).",
                code="certificate_refused",
            ) from error
        except ssl.SSLError as error:
            raise Unavailable(
                "The mail server does not speak TLS there: AURICULA_SMTP_SECURITY=tls goes with "
                "port 465, starttls with 587.",
                code="no_tls",
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Unavailable("The mail server does not answer.", code="no_answer") from error

    def _connected(self) -> smtplib.SMTP:
        own = self._settings
        host, port = own.smtp_host, own.smtp_port
        if own.smtp_security == "tls":
            trusted = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=PATIENCE_S, context=trusted)
        else:
            server = smtplib.SMTP(host, port, timeout=PATIENCE_S)
        try:
            if own.smtp_security == "starttls":
                _secure(server)
            if own.smtp_user:
                server.login(own.smtp_user, own.smtp_password)
        except BaseException:
            server.close()
            raise
        return server

    def _message(self, letter: Letter) -> EmailMessage:
        name, address = parseaddr(self._settings.smtp_sender)
        message = EmailMessage()
        message["Subject"] = letter.subject
        message["From"] = formataddr((name, address))
        message["To"] = letter.to
        message["Date"] = formatdate(localtime=False)
        message["Message-ID"] = f"<{letter.key}@{address.partition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message["Content-Language"] = letter.language
        message.set_content(letter.text)
        if letter.calendar:
            message.add_attachment(
                letter.calendar, maintype="text", subtype="calendar", filename="cita.ics"
            )
        return message


def channels(settings: Settings) -> dict[str, EmailChannel]:
    """The channels that are set up, by name."""
    ready = settings.smtp_host and "@" in parseaddr(settings.smtp_sender)[1]
    return {"email": EmailChannel(settings)} if ready else {}


def _secure(server: smtplib.SMTP) -> None:
    try:
        server.starttls(context=ssl.create_default_context())
    except smtplib.SMTPNotSupportedError as error:
        raise Unavailable(
            "The mail server offers no TLS: nothing is sent in the clear. "
            "AURICULA_SMTP_SECURITY=tls with port 465 may be what it takes.",
            code="no_tls",
        ) from error


def _failure(code: int, reason: str) -> InvalidInput | Unavailable:
    """4xx may pass later, 5xx never will (RFC 5321, 4.2.1)."""
    kind = InvalidInput if code >= 500 else Unavailable
    return kind(f"The mail server answered {code}.", code=reason)
