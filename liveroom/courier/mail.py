"""Mail: one message by SMTP, bounded in time and in what a server may answer, always under the same Message-ID."""

import smtplib
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, cast

from liveroom.city.city import City
from liveroom.courier.content import Content
from liveroom.courier.http import NOBODY, Outcome, delivered, refused, unreachable, why_unreachable
from liveroom.courier.letters import citizen_letter, digest_of, letter_of
from liveroom.domain.notifications import RecipientKind
from liveroom.runtime.config import MailSettings
from liveroom.runtime.http_client import STEP_S, WHOLE_S, Guard, within
from liveroom.runtime.time import system_now

Refusals = Mapping[str, tuple[int, bytes]]
ANSWERS_MAX = 65_536
# Closing down, and all that is about who we are: whoever the letter is for.
OF_THE_SERVER = frozenset({"421", "454", "530", "534", "535", "538"})


class Mailer:
    """Sends to agencies, offices and citizens of a city, and pages the supervisor. One for the life of a process."""

    def __init__(self, settings: MailSettings, city: City) -> None:
        self._settings = settings
        self._city = city
        # Reading the machine's authorities takes 20 ms and more: once, not in every attempt.
        self._tls = ssl.create_default_context()

    def carry(self, content: Content) -> Outcome:
        """Send one letter."""
        if content.delivery.whom == RecipientKind.CITIZEN and content.email is None:
            return delivered(NOBODY)
        to = self._addresses(content)
        if not self._settings.host or not to:
            return unreachable("unset", "no mail server, or no address in the pack")
        message = self.message_of(content, to)
        with within(WHOLE_S) as guard:
            try:
                left_out = self._send(guard, message, to)
            except (smtplib.SMTPException, OSError, ValueError) as error:
                return unreachable("timeout", type(error).__name__) if guard.late else _failed(error)
        return delivered("250", _left_out(left_out))

    def message_of(self, content: Content, to: Sequence[str]) -> EmailMessage:
        """The message: threaded by complaint, and the same Message-ID at every attempt."""
        one, several = content.delivery, bool(content.also)
        make = digest_of if several else citizen_letter if one.whom == RecipientKind.CITIZEN else letter_of
        letter, domain = make(content, self._city), self._settings.sender.rpartition("@")[2].rstrip(">")
        message = EmailMessage()
        message["Subject"] = letter.subject
        message["From"] = self._settings.sender
        message["To"] = ", ".join(to)
        message["Date"] = format_datetime(system_now())
        message["Message-ID"] = f"<{one.digest if several else one.id}@{domain}>"
        if not several:
            message["References"] = f"<{one.subject.replace(':', '.')}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.plain)
        message.add_alternative(letter.html, subtype="html")
        return message

    def _addresses(self, content: Content) -> tuple[str, ...]:
        key = content.delivery.key
        match RecipientKind(content.delivery.whom):
            case RecipientKind.AGENCY:
                found = [self._city.agencies[key].email if key in self._city.agencies else None]
            case RecipientKind.OFFICE:
                found = [self._city.recipients[key].email if key in self._city.recipients else None]
            case RecipientKind.SUPERVISOR:
                found = list(self._settings.page_to)
            case RecipientKind.CITIZEN:
                found = [content.email]
            case RecipientKind.SOURCE | RecipientKind.PHONE:
                found = []
        return tuple(address for address in found if address)

    def _send(self, guard: Guard, message: EmailMessage, to: Sequence[str]) -> Refusals:
        """Those of several addresses that the server does not take; raises when it takes none."""
        settings = self._settings
        smtp = self._connection(guard)
        try:
            if settings.security == "starttls":
                smtp.starttls(context=self._tls)
            if settings.user:
                smtp.login(settings.user, settings.password)
            return smtp.send_message(message, to_addrs=list(to))
        finally:
            # Whatever a goodbye brings, the letter is taken or is not already.
            with suppress(smtplib.SMTPException, OSError, ValueError):
                smtp.quit()
            smtp.close()

    def _connection(self, guard: Guard) -> smtplib.SMTP:
        host, port = self._settings.host, self._settings.port
        if self._settings.security == "tls":
            return _TlsSession(host, port, timeout=STEP_S, context=self._tls, guard=guard)
        return _Session(host, port, timeout=STEP_S, guard=guard)


class _Bounded:
    """A server's answers, of which nobody reads more than so much."""

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
            self.file = cast(Any, _Bounded(self.sock.makefile("rb")))
        return super().getreply()


class _TlsSession(_Session, smtplib.SMTP_SSL):
    """The same from the first byte."""


def of_one(code: str) -> bool:
    """Whether the code of an attempt that reached nobody is the server's word about one receiver, not about itself."""
    return code.isdigit() and code not in OF_THE_SERVER


def _failed(error: Exception) -> Outcome:
    """Only what a server says of this very letter, its receiver or its text, is a no to it."""
    match error:
        case smtplib.SMTPAuthenticationError() | smtplib.SMTPConnectError() | smtplib.SMTPHeloError():
            return unreachable(str(error.smtp_code), _words(error.smtp_error))
        case smtplib.SMTPSenderRefused() if error.smtp_code >= 500:
            # About who we are, before it was said whom the letter is for: given up, a citizen's would be lost.
            return unreachable("sender", f"{error.smtp_code} {_words(error.smtp_error)}")
        case smtplib.SMTPNotSupportedError():
            return unreachable("unsupported", str(error))
        case smtplib.SMTPRecipientsRefused():
            return _refused(*next(iter(error.recipients.values())))
        case smtplib.SMTPResponseException():
            return _refused(error.smtp_code, error.smtp_error)
        case _:
            return why_unreachable(error)


def _left_out(refusals: Refusals) -> str:
    """That not everybody got a letter that is through; once more would double it for those who did."""
    for code, text in refusals.values():
        return f"not to {len(refusals)} of its addresses: {code} {_words(text)}"
    return ""


def _refused(code: int, text: bytes | str) -> Outcome:
    """5xx is a no to this letter, but where it is about who we are; anything else passes."""
    about_it = 500 <= code < 600 and of_one(str(code))
    say: Callable[[str, str], Outcome] = refused if about_it else unreachable
    return say(str(code), _words(text))


def _words(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text
