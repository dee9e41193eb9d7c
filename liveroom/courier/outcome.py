"""What became of one attempt: a short code and reason that name no secret, and whether the receiver has it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from liveroom.courier.come_back import AT_ONCE

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
