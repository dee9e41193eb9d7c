"""Outcome of an HTTP answer, Retry-After."""

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

import httpx

from liveroom.runtime.http_client import STEP_S, WHOLE_S, Guard, watching, within
from liveroom.runtime.time import system_now

# How long a receiver asks us to stay away (`Retry-After`, RFC 9110 section 10.2.3): seconds, or a date.

# Longer than this nobody keeps us away: what waits is somebody's complaint.
LONGEST = timedelta(hours=1)
AT_ONCE = timedelta(0)


def stays_away(said: str | None, now: datetime) -> timedelta:
    """From nothing to an hour; what is no time asks for nothing."""
    words = (said or "").strip()[:64]
    if words.isascii() and words.isdigit():
        return timedelta(seconds=min(int(words), LONGEST.total_seconds()))
    try:
        until = parsedate_to_datetime(words)
    except (ValueError, OverflowError):
        return AT_ONCE
    # A date of the time zone -0000 comes without one; HTTP knows GMT alone.
    return min(max(until.replace(tzinfo=until.tzinfo or UTC) - now, AT_ONCE), LONGEST)


# What became of one attempt: a short code and reason that name no secret, and whether the receiver has it.

# There is nobody to tell any more: the person was erased, the source revoked.
NOBODY = "nobody"
# Come back later: everything else below 500 is a no to this very message.
LATER = frozenset({408, 425, 429})


class Result(StrEnum):
    """``refused`` is the receiver's no to this one; ``unreachable`` means that the next would fare no better."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """``code``: an answer's number, or a word. ``reason``: a line of the answer, printable and short, or empty.
    ``away``: how long the receiver, unreachable, wants no more of ours."""

    result: Result
    code: str
    reason: str = ""
    away: timedelta = AT_ONCE


def delivered(code: str, reason: str = "") -> Outcome:
    """The receiver has it."""
    return Outcome(result=Result.DELIVERED, code=code, reason=line_of(reason))


def unreachable(code: str, reason: str = "", away: timedelta = AT_ONCE) -> Outcome:
    """Nobody there, or busy, or not set up."""
    return Outcome(result=Result.UNREACHABLE, code=code, reason=line_of(reason), away=away)


def refused(code: str, reason: str = "") -> Outcome:
    """The receiver does not want this one."""
    return Outcome(result=Result.REFUSED, code=code, reason=line_of(reason))


def of_status(status: int, text: str, away: timedelta) -> Outcome:
    """The outcome of an HTTP answer; a redirect is not followed, so it is a no."""
    if 200 <= status < 300:
        return delivered(str(status))
    if status >= 500 or status in LATER:
        return unreachable(str(status), text, away)
    return refused(str(status), text)


def line_of(text: str) -> str:
    """One short printable line: a receiver's answer is text from outside."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[:400]).split())[:160]


# Why nobody could be reached: a code that the outbox's page has words for, and a line that names no address.

AUTHORITY = "the receiver's certificate is of an authority that this machine does not trust (update-ca-certificates)"
# By OpenSSL's number of what is wrong with a certificate.
CERTIFICATE = {
    9: ("certificate_early", "the receiver's certificate is not valid yet: is this machine's time right?"),
    10: ("certificate_expired", "the receiver's certificate has expired"),
    18: ("certificate_own", "the receiver's certificate is signed by itself: trust it here (update-ca-certificates)"),
    19: ("certificate_authority", AUTHORITY),
    20: ("certificate_authority", AUTHORITY),
    62: ("certificate_name", "the receiver's certificate is for another name"),
    64: ("certificate_name", "the receiver's certificate is for another address"),
}
LONGEST_CHAIN = 10


def why_unreachable(error: BaseException) -> Outcome:
    """The outcome of an attempt that ``error`` ended; the error's kind where there are no words for it."""
    below: BaseException | None = error
    # A library's error hides the system's below itself.
    for _ in range(LONGEST_CHAIN):
        if below is None:
            break
        if (said := _said(below)) is not None:
            return unreachable(*said)
        below = below.__cause__ or below.__context__
    return unreachable("unreachable", type(error).__name__)


def _said(error: BaseException) -> tuple[str, str] | None:
    match error:
        case ssl.SSLCertVerificationError():
            # OpenSSL's own words for the rest name a rule, never a host.
            other = f"the receiver's certificate cannot be trusted: {error.verify_message}"
            return CERTIFICATE.get(error.verify_code, ("certificate", other))
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


# One HTTP POST to an address of the pack or the register: no redirect, no proxy of the environment, bounded.

ANSWER_MAX = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """What a receiver said: its number, the beginning of its text, and how long it wants no more of ours."""

    status: int
    text: str
    away: timedelta


class Poster:
    """Posts, each time on a connection of its own: receivers are many and a letter is rare."""

    def __init__(self) -> None:
        # Reading the machine's authorities takes 20 ms and more: once, not in every attempt.
        self._tls = ssl.create_default_context()

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> HttpAnswer | Outcome:
        """The answer, or why there was none."""
        with within(WHOLE_S) as guard:
            try:
                with self._client() as client:
                    return _answer(client, url, body, headers, guard)
            except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
                if guard.late or isinstance(error, httpx.TimeoutException):
                    return unreachable("timeout", type(error).__name__)
                return why_unreachable(error)

    def _client(self) -> httpx.Client:
        return httpx.Client(verify=self._tls, timeout=STEP_S, follow_redirects=False, trust_env=False)


def _answer(client: httpx.Client, url: str, body: bytes, headers: Mapping[str, str], guard: Guard) -> HttpAnswer:
    said = {"User-Agent": "Liveroom", "Accept-Encoding": "identity", **headers}
    extensions = {"trace": watching(guard)}
    with client.stream("POST", url, content=body, headers=said, extensions=extensions) as answer:
        away = stays_away(answer.headers.get("Retry-After"), system_now())
        return HttpAnswer(status=answer.status_code, text=_beginning(answer), away=away)


def _beginning(answer: httpx.Response) -> str:
    """What of the text is looked at, as it came: an endless or packed body is left where it is."""
    found = b""
    for chunk in answer.iter_raw(ANSWER_MAX):
        found += chunk
        if len(found) >= ANSWER_MAX:
            break
    return found[:ANSWER_MAX].decode("utf-8", "replace")
