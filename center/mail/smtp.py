"""Sends mail through the office's own server.

It always encrypts, checks the server's certificate, and limits every wait.
"""

import contextlib
import re
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate

from center.mail.model import Message, OutOfReach, Refused, TryAgain
from center.platform.configuration import MailConfig, is_mail_address

_ADDRESS = re.compile(r"<?[^\s<>]+@[^\s<>]+>?")
_MOST = 160
_PERMANENT = 500
_COME_AGAIN = "the mail server says to come again: {answer}"


class SmtpMessenger:
    """Sends over SMTP with TLS. It opens a connection for each message, because there are only a few a day."""

    def __init__(self, config: MailConfig, password: str | None) -> None:
        """`password`: the password of `config.user`."""
        self._config = config
        self._password = password

    def send(self, message: Message) -> None:
        """Send the message. Raises `Refused` (no address, or the server answers 5xx), `TryAgain`, `OutOfReach`."""
        if not message.to.mail:
            raise Refused("the school has no mail address: enter it on the page of schools, then send again")
        if not is_mail_address(message.to.mail):
            raise Refused("the school's mail address can't be one: correct it on the page of schools, then send again")
        server = self._reached()
        try:
            server.send_message(self._written(message))
        except smtplib.SMTPRecipientsRefused as fault:
            code, said = next(iter(fault.recipients.values()))
            raise _fault_of(code, said) from None
        except smtplib.SMTPResponseException as fault:  # the sender or the content is refused
            raise _fault_of(fault.smtp_code, fault.smtp_error) from None
        except (smtplib.SMTPException, OSError) as fault:
            raise TryAgain("no answer from the mail server ({kind})", kind=type(fault).__name__) from None
        finally:
            # Whether the message is accepted is known by now: a fault while the connection is closed changes nothing.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()

    def _reached(self) -> smtplib.SMTP:
        try:
            return self._connected()
        except smtplib.SMTPResponseException as fault:
            raise OutOfReach(_COME_AGAIN, answer=_answer(fault.smtp_code, fault.smtp_error)) from None
        except smtplib.SMTPNotSupportedError:
            raise OutOfReach("the server offers no encryption, so nothing was sent (mail.security)") from None
        except ssl.SSLError as fault:
            # `reason` is the library's short name of what is wrong: CERTIFICATE_VERIFY_FAILED, WRONG_VERSION_NUMBER.
            raise OutOfReach(
                "the server's certificate or encryption is not accepted ({reason}): see mail.ca_file, mail.security",
                reason=fault.reason,
            ) from None
        except (smtplib.SMTPException, OSError) as fault:
            raise OutOfReach("no answer from the mail server ({kind})", kind=type(fault).__name__) from None

    def _connected(self) -> smtplib.SMTP:
        config = self._config
        assert config.host is not None, "without a host there is no messenger"
        context = self._trusted()
        server: smtplib.SMTP
        if config.security == "tls":
            server = smtplib.SMTP_SSL(config.host, config.port, timeout=config.timeout_s, context=context)
        else:
            server = smtplib.SMTP(config.host, config.port, timeout=config.timeout_s)
        try:
            if config.security == "starttls":
                server.starttls(context=context)
            if config.user is not None and self._password is not None:
                self._log_in(server, config.user, self._password)
        except BaseException:
            server.close()
            raise
        return server

    def _log_in(self, server: smtplib.SMTP, user: str, password: str) -> None:
        try:
            server.login(user, password)
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPServerDisconnected):
            # Some servers hang up instead of answering. Somebody may remove the cause before the message is given up.
            raise OutOfReach("the server refuses user and password (mail.user)") from None
        except smtplib.SMTPNotSupportedError:
            raise OutOfReach(
                "the server asks nobody for a password at this port: see mail.port, or leave mail.user and "
                "mail.password_file out"
            ) from None

    def _trusted(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self._config.ca_file)
        except ssl.SSLError:
            raise
        except OSError as fault:
            raise OutOfReach("mail.ca_file can't be read ({kind})", kind=type(fault).__name__) from None

    def _written(self, message: Message) -> EmailMessage:
        assert self._config.sender is not None, "the configuration asks for it"
        written = EmailMessage()
        written["From"] = self._config.sender
        written["To"] = message.to.mail
        written["Subject"] = message.subject
        written["Date"] = formatdate(localtime=False)
        # The id is the same for the same message, so that a second copy, sent after a crash, is recognised as a copy.
        written["Message-ID"] = f"<{message.key}@{self._config.sender.rpartition('@')[2]}>"
        written["Auto-Submitted"] = "auto-generated"
        written.set_content(message.text)
        return written


def _fault_of(code: int, said: bytes | str) -> Refused | TryAgain:
    """Which fault a server's answer means."""
    if code >= _PERMANENT:
        return Refused("the mail server refuses: {answer}", answer=_answer(code, said))
    return TryAgain(_COME_AGAIN, answer=_answer(code, said))


def _answer(code: int, said: bytes | str) -> str:
    """The server's answer without addresses."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {_ADDRESS.sub('(address)', ' '.join(text.split()))}"[:_MOST]
