"""The mail channel: one message by SMTP, bounded in time and in what a server may answer.

A delivery has the same Message-ID at every attempt; letters about one complaint are threaded by References.
Only what a server says about this very letter is a refusal; what it says about us, or nothing at all, is "unreachable"
and is tried again.
"""

import smtplib
import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, cast

from liveroom.city.city import City
from liveroom.courier.content import Content
from liveroom.courier.http import NOBODY, Outcome, delivered, outcome_of_error, refused, unreachable
from liveroom.courier.letters import agency_letter, citizen_letter, digest_letter, report_letter
from liveroom.domain.events.room_payloads import ReportMade
from liveroom.domain.notifications import RecipientKind
from liveroom.runtime.config import MailSettings
from liveroom.runtime.http_client import STEP_S, WHOLE_S, Guard, within
from liveroom.runtime.time import system_now

# Code and words by refused address.
Refusals = Mapping[str, tuple[int, bytes]]
# Bytes of answers in one session.
ANSWERS_MAX = 65_536
# Codes about the server or about us (closing down, authentication, encryption), whoever the letter is for.
ABOUT_THE_SERVER = frozenset({"421", "454", "530", "534", "535", "538"})


class MailChannel:
    """Mail to agencies, offices and citizens of a city, and pages to the supervisor; one for the life of a process."""

    def __init__(self, settings: MailSettings, city: City) -> None:
        self._settings = settings
        self._city = city
        # Reading the machine's authorities takes 20 ms and more: once, not in every attempt.
        self._tls = ssl.create_default_context()

    def send(self, content: Content) -> Outcome:
        """Send one letter; "delivered" when the server took it for at least one of its addresses."""
        if content.delivery.recipient_kind == RecipientKind.CITIZEN and content.email is None:
            return delivered(NOBODY)
        to = self._addresses(content)
        if not self._settings.host or not to:
            return unreachable("unset", "no mail server, or no address in the pack")
        message = self._message(content, to)
        with within(WHOLE_S) as guard:
            try:
                refusals = self._transmit(guard, message, to)
            except (smtplib.SMTPException, OSError, ValueError) as error:
                return unreachable("timeout", type(error).__name__) if guard.late else _failed(error)
        return delivered("250", _some_refused(refusals))

    def _message(self, content: Content, to: Sequence[str]) -> EmailMessage:
        """The message: threaded by complaint, and the same Message-ID at every attempt."""
        delivery, several = content.delivery, bool(content.also)
        citizen = delivery.recipient_kind == RecipientKind.CITIZEN
        write = digest_letter if several else citizen_letter if citizen else agency_letter
        if isinstance(content.event.event.payload, ReportMade):
            write = report_letter
        letter, domain = write(content, self._city), self._settings.sender.rpartition("@")[2].rstrip(">")
        message = EmailMessage()
        message["Subject"] = letter.subject
        message["From"] = self._settings.sender
        message["To"] = ", ".join(to)
        message["Date"] = format_datetime(system_now())
        message["Message-ID"] = f"<{delivery.digest if several else delivery.id}@{domain}>"
        if not several:
            message["References"] = f"<{delivery.subject.replace(':', '.')}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.plain)
        message.add_alternative(letter.html, subtype="html")
        if content.file is not None:
            message.add_attachment(content.file.body, maintype="application", subtype="pdf", filename=content.file.name)
        return message

    def _addresses(self, content: Content) -> tuple[str, ...]:
        key = content.delivery.key
        match RecipientKind(content.delivery.recipient_kind):
            case RecipientKind.AGENCY | RecipientKind.READER:
                found = [self._city.agencies[key].email if key in self._city.agencies else None]
            case RecipientKind.OFFICE:
                found = [self._city.recipients[key].email if key in self._city.recipients else None]
            case RecipientKind.SUPERVISOR:
                found = list(self._settings.page_to)
            case RecipientKind.CITIZEN:
                found = [content.email]
            case RecipientKind.SOURCE | RecipientKind.SUBSCRIBER | RecipientKind.PHONE:
                found = []
        return tuple(address for address in found if address)

    def _transmit(self, guard: Guard, message: EmailMessage, to: Sequence[str]) -> Refusals:
        """Send it; the addresses that the server refused. Raises SMTPRecipientsRefused when it refused all."""
        settings = self._settings
        smtp = self._connection(guard)
        try:
            if settings.security == "starttls":
                smtp.starttls(context=self._tls)
            if settings.user:
                smtp.login(settings.user, settings.password)
            return smtp.send_message(message, to_addrs=list(to))
        finally:
            # Whatever the goodbye brings, it is decided by now whether the letter was taken.
            with suppress(smtplib.SMTPException, OSError, ValueError):
                smtp.quit()
            smtp.close()

    def _connection(self, guard: Guard) -> smtplib.SMTP:
        host, port = self._settings.host, self._settings.port
        if self._settings.security == "tls":
            return _TlsSession(host, port, timeout=STEP_S, context=self._tls, guard=guard)
        return _Session(host, port, timeout=STEP_S, guard=guard)


class _BoundedReader:
    """The answers of a server, at most ANSWERS_MAX bytes. Raises OSError beyond."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._left = ANSWERS_MAX

    def readline(self, size: int) -> bytes:
        line = cast(bytes, self._file.readline(size))
        self._left -= len(line)
        if self._left < 0:
            raise OSError("the server answers without end")
        return line

    def close(self) -> None:
        self._file.close()


class _Session(smtplib.SMTP):
    """A session whose socket the guard can shut, and whose answers are bounded."""

    def __init__(self, host: str, port: int, *, guard: Guard, **options: Any) -> None:
        self._guard = guard
        guard.watch(lambda: self.sock)
        super().__init__(host, port, **options)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        opened = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        self._guard.watch(lambda: opened)
        return cast(socket.socket, opened)

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = cast(Any, _BoundedReader(self.sock.makefile("rb")))
        return super().getreply()


class _TlsSession(_Session, smtplib.SMTP_SSL):
    """The same with TLS from the first byte."""


def is_about_receiver(code: str) -> bool:
    """Whether the code of an attempt is the server's answer about one receiver, not about itself or us."""
    return code.isdigit() and code not in ABOUT_THE_SERVER


def _failed(error: Exception) -> Outcome:
    """The outcome of a session that ended with ``error``."""
    match error:
        case smtplib.SMTPAuthenticationError() | smtplib.SMTPConnectError() | smtplib.SMTPHeloError():
            return unreachable(str(error.smtp_code), _words(error.smtp_error))
        case smtplib.SMTPSenderRefused() if error.smtp_code >= 500:
            # About who we are, before the receiver was named: as a refusal, a citizen's letter would be given up.
            return unreachable("sender", f"{error.smtp_code} {_words(error.smtp_error)}")
        case smtplib.SMTPNotSupportedError():
            return unreachable("unsupported", str(error))
        case smtplib.SMTPRecipientsRefused():
            return _outcome_of_code(*next(iter(error.recipients.values())))
        case smtplib.SMTPResponseException():
            return _outcome_of_code(error.smtp_code, error.smtp_error)
        case _:
            return outcome_of_error(error)


def _some_refused(refusals: Refusals) -> str:
    """A note that some addresses did not get it; sending again would double it for those who did."""
    for code, text in refusals.values():
        return f"not to {len(refusals)} of its addresses: {code} {_words(text)}"
    return ""


def _outcome_of_code(code: int, text: bytes | str) -> Outcome:
    """5xx refuses this letter, unless it is about the server or us; anything else passes with time."""
    if 500 <= code < 600 and is_about_receiver(str(code)):
        return refused(str(code), _words(text))
    return unreachable(str(code), _words(text))


def _words(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text
