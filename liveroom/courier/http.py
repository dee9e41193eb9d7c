"""HTTP delivery: one bounded POST, and the Outcome of an attempt by any channel.

Outcomes name no secret, no address and no text longer than a line: they are kept and shown on the outbox's page.
Errors of the network become an Outcome with a code that the page has words for; nothing is raised.
Rule: RFC 9110 section 10.2.3 for `Retry-After`.
"""

import socket
import ssl
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from liveroom.runtime.http_client import BoundedClient, InternalAddress, NoReplyError, retryable
from liveroom.runtime.time import system_now

if TYPE_CHECKING:
    import httpx

# The code of a delivery that has nobody to go to any more: the person was erased, the source revoked.
NOBODY = "nobody"
NO_WAIT = timedelta(0)
# What waits is somebody's complaint, so no receiver puts us off for longer than this.
LONGEST_WAIT = timedelta(hours=1)
ANSWER_MAX = 4_096

UNTRUSTED = "the receiver's certificate is of an authority that this machine does not trust (update-ca-certificates)"
# Code and reason by OpenSSL's number of what is wrong with a certificate.
CERTIFICATE_ERRORS = {
    9: ("certificate_early", "the receiver's certificate is not valid yet: is this machine's time right?"),
    10: ("certificate_expired", "the receiver's certificate has expired"),
    18: ("certificate_own", "the receiver's certificate is signed by itself: trust it here (update-ca-certificates)"),
    19: ("certificate_authority", UNTRUSTED),
    20: ("certificate_authority", UNTRUSTED),
    62: ("certificate_name", "the receiver's certificate is for another name"),
    64: ("certificate_name", "the receiver's certificate is for another address"),
}
LONGEST_CHAIN = 10


# The outcome of one attempt.


class Result(StrEnum):
    """``refused``: the receiver does not want this one. ``unreachable``: the next one would fare no better."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """``code``: the number of an answer, or a word. ``reason``: one printable line of the answer, or empty.

    ``retry_after``: how long a receiver that cannot take it now wants no more of ours. ``number`` or ``token``: by
    which its system knows what it took, where its status can be asked for.
    """

    result: Result
    code: str
    reason: str = ""
    retry_after: timedelta = NO_WAIT
    number: str = ""
    token: str = ""


def delivered(code: str, reason: str = "") -> Outcome:
    """The receiver has it."""
    return Outcome(result=Result.DELIVERED, code=code, reason=line_of(reason))


def unreachable(code: str, reason: str = "", retry_after: timedelta = NO_WAIT) -> Outcome:
    """Nobody is there, or the receiver is busy, or the channel is not set up."""
    return Outcome(result=Result.UNREACHABLE, code=code, reason=line_of(reason), retry_after=retry_after)


def refused(code: str, reason: str = "") -> Outcome:
    """The receiver does not want this one."""
    return Outcome(result=Result.REFUSED, code=code, reason=line_of(reason))


def line_of(text: str) -> str:
    """One short printable line of a text from outside: at most 160 characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[:400]).split())[:160]


def outcome_of_error(error: BaseException) -> Outcome:
    """The outcome of an attempt that ``error`` ended; its class name is the reason where there are no words for it."""
    current: BaseException | None = error
    # The error of a library hides the system's own in its chain.
    for _ in range(LONGEST_CHAIN):
        if current is None:
            break
        if (known := _code_and_reason(current)) is not None:
            return unreachable(*known)
        current = current.__cause__ or current.__context__
    return unreachable("unreachable", type(error).__name__)


def _code_and_reason(error: BaseException) -> tuple[str, str] | None:
    match error:
        case InternalAddress():
            return "internal", f"{error}: outbox.internal_hosts, or inside of an Open311 source, allows it"
        case ssl.SSLCertVerificationError():
            # OpenSSL's own words for the rest name a rule, never a host.
            other = f"the receiver's certificate cannot be trusted: {error.verify_message}"
            return CERTIFICATE_ERRORS.get(error.verify_code, ("certificate", other))
        case ssl.SSLError():
            return "no_tls", "the receiver speaks no TLS that we do: is the port right?"
        case socket.gaierror():
            return "no_name", "the receiver's name cannot be looked up (DNS)"
        case ConnectionRefusedError():
            return "closed_port", "nobody listens at the receiver's address and port"
        case ConnectionError():
            return "broke_off", "the receiver broke off"
        case OSError(errno=101 | 113):
            return "no_route", "the network does not lead to the receiver"
        case _:
            return None


# The HTTP client: an address of the pack or the register, no redirect, no proxy of the environment, bounded in time.


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """Status, the beginning of the text (at most ANSWER_MAX bytes), and how long the receiver wants no more of ours."""

    status: int
    text: str
    retry_after: timedelta

    @property
    def ok(self) -> bool:
        """Whether the receiver took it; a redirect is not followed, so it is a no."""
        return 200 <= self.status < 300

    def outcome(self) -> Outcome:
        """What the status means for the delivery."""
        if self.ok:
            return delivered(str(self.status))
        if retryable(self.status):
            return unreachable(str(self.status), self.text, self.retry_after)
        return refused(str(self.status), self.text)


class HttpSender:
    """Posts, each time on a connection of its own: receivers are many and a letter is rare."""

    def __init__(self) -> None:
        self._client = BoundedClient()

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> HttpAnswer | Outcome:
        """The answer, or the outcome of an attempt that got none."""
        return self._post(self._client.request, url, body, headers)

    def post_outside(
        self, url: str, body: bytes, headers: Mapping[str, str], inside: Collection[str] = ()
    ) -> HttpAnswer | Outcome:
        """The same to an address that somebody else chose: a public one, or at a host of ``inside``."""
        return self._post(partial(self._client.request_outside, inside=inside), url, body, headers)

    def _post(
        self,
        request: Callable[..., AbstractContextManager["httpx.Response"]],
        url: str,
        body: bytes,
        headers: Mapping[str, str],
    ) -> HttpAnswer | Outcome:
        sent = {"User-Agent": "Liveroom", "Accept-Encoding": "identity", **headers}
        try:
            with request("POST", url, content=body, headers=sent) as answer:
                wait = retry_after(answer.headers.get("Retry-After"), system_now())
                return HttpAnswer(status=answer.status_code, text=_beginning(answer), retry_after=wait)
        except (OSError, ValueError) as error:
            cause = error.__cause__ or error
            if isinstance(error, NoReplyError) and error.late:
                return unreachable("timeout", type(cause).__name__)
            return outcome_of_error(cause)


def _beginning(answer: "httpx.Response") -> str:
    """The first ANSWER_MAX bytes as they came: an endless or packed body is left where it is."""
    found = b""
    for chunk in answer.iter_raw(ANSWER_MAX):
        found += chunk
        if len(found) >= ANSWER_MAX:
            break
    return found[:ANSWER_MAX].decode("utf-8", "replace")


def retry_after(header: str | None, now: datetime) -> timedelta:
    """The wait of a `Retry-After` header (seconds or a date), from nothing to an hour; nothing when it is neither."""
    text = (header or "").strip()[:64]
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text), LONGEST_WAIT.total_seconds()))
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return NO_WAIT
    # A date of the time zone -0000 comes without one; HTTP knows GMT alone.
    return min(max(until.replace(tzinfo=until.tzinfo or UTC) - now, NO_WAIT), LONGEST_WAIT)
