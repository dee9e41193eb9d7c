"""Times as RFC 3339 text and as microseconds since 1970, and texts as words to search by.

``read`` is strict, for text from outside and payloads, ``time_of`` takes what other systems are known to send;
``from_text`` is for text that we wrote. All datetimes are aware; nothing here knows which moment it is now.
"""

import re
import unicodedata
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


# A complaint's deadlines are read several times within one write; what is no time is not kept.
@lru_cache(maxsize=1024)
def read(text: str) -> datetime:
    """Aware UTC. Raises ValueError for anything that is no RFC 3339 date-time with an offset (RFC 3339 section 5.6)."""
    if not _RFC_3339.fullmatch(text):
        raise ValueError("not an RFC 3339 time with an offset")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("outside the years 1 to 9999") from error


def to_text_or_none(moment: datetime | None) -> str | None:
    """``to_text``, or None for none."""
    return None if moment is None else to_text(moment)


def read_or_none(text: str | None) -> datetime | None:
    """``read``, or None for none."""
    return None if text is None else read(text)


# Times as other systems write them.

YEARS = range(1970, 9000)
_TIME = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:[Tt ](?P<time>\d\d:\d\d(:\d\d)?)(?:\.(?P<part>\d{1,9}))?(?P<zone>[Zz]|[+\- ]\d\d:?\d\d)?)?",
    re.ASCII,
)


def time_of(said: str, zone: tzinfo) -> datetime:
    """An ISO 8601 time in aware UTC; without an offset, or as a bare date, it is of ``zone``.

    A blank in place of the offset's plus is what an unescaped plus of an address becomes. Raises ValueError.
    """
    found = _TIME.fullmatch(said)
    if found is None:
        raise ValueError("is no time such as 2026-03-04T08:15:30+07:00")
    offset = (found["zone"] or "").replace(" ", "+").upper()
    part = f".{found['part'][:6]:0<6}" if found["part"] else ""
    try:
        read = datetime.fromisoformat(f"{found['day']}T{found['time'] or '00:00'}{part}{offset}")
        moment = (read if offset else read.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("is no time that there is") from None
    if moment.year not in YEARS:  # beyond them sums of times are not sure to exist
        raise ValueError(f"must lie in the years {YEARS.start} to {YEARS.stop - 1}")
    return moment


# Times in rows and messages.

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Whole microseconds since 1970-01-01T00:00Z of an aware datetime."""
    return (moment - EPOCH) // _MICROSECOND


def from_micros(value: int) -> datetime:
    """The aware UTC datetime of whole microseconds since 1970."""
    return EPOCH + timedelta(microseconds=value)


def to_text(moment: datetime) -> str:
    """RFC 3339 in UTC, microseconds kept where there are any: ``2026-11-24T07:05:00Z``."""
    in_utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return in_utc.isoformat()[: -len("+00:00")] + "Z"


def from_text(text: str) -> datetime:
    """Aware UTC datetime of an RFC 3339 text with offset. Raises ValueError without one."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time needs an offset, such as Z or +07:00")
    return moment.astimezone(UTC)


# Spans as people write them: 30s, 5m, 2h, 1d.

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SPAN = re.compile(r"(\d{1,6})([smhd])", re.ASCII)


def seconds_of(text: str) -> int | None:
    """Whole seconds of ``30s``, ``5m``, ``2h`` or ``1d``; None for anything else, and for none at all."""
    match = _SPAN.fullmatch(text)
    return int(match[1]) * _UNITS[match[2]] or None if match else None


def span_of(seconds: int) -> str:
    """A number of seconds as ``seconds_of`` reads it: ``5m``, ``90s``."""
    unit = next(unit for unit, size in reversed(_UNITS.items()) if seconds % size == 0)
    return f"{seconds // _UNITS[unit]}{unit}"


def age_of(seconds: int) -> str:
    """An age in the largest unit that fits into it."""
    unit = next((unit for unit, size in reversed(_UNITS.items()) if seconds >= size), "s")
    return f"{max(seconds, 0) // _UNITS[unit]}{unit}"


# Words: the same word is recognised whatever its case, width or punctuation.

LONGEST = 64
_WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """The words of a text in order, small letters and compatibility forms resolved; at most 64 characters of each."""
    return [word[:LONGEST] for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold())]
