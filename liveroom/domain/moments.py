"""Moments as text: RFC 3339 in, UTC with ``Z`` out; nothing here knows which moment it is now."""

import re
from datetime import UTC, datetime

_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def written(moment: datetime) -> str:
    """RFC 3339 in UTC, microseconds kept where there are any: ``2026-11-24T07:05:00Z``."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read(text: str) -> datetime:
    """Aware UTC. Raises ValueError for anything that is no RFC 3339 date-time with an offset (RFC 3339 section 5.6)."""
    if not _RFC_3339.fullmatch(text):
        raise ValueError("not an RFC 3339 time with an offset")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("outside the years 1 to 9999") from error


def written_or_none(moment: datetime | None) -> str | None:
    """``written``, or None for none."""
    return None if moment is None else written(moment)


def read_or_none(text: str | None) -> datetime | None:
    """``read``, or None for none."""
    return None if text is None else read(text)
