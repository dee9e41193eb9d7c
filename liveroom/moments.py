"""Times on the wire and in rows: RFC 3339 UTC text and whole microseconds since 1970; nothing here tells the time."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Whole microseconds since 1970-01-01T00:00Z of an aware datetime."""
    return (moment - EPOCH) // _MICROSECOND


def from_micros(value: int) -> datetime:
    """The aware UTC datetime of whole microseconds since 1970."""
    return EPOCH + timedelta(microseconds=value)


def to_text(moment: datetime) -> str:
    """RFC 3339 UTC with ``Z``, milliseconds or finer only where there are any."""
    in_utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return in_utc.isoformat()[: -len("+00:00")] + "Z"


def from_text(text: str) -> datetime:
    """Aware UTC datetime of an RFC 3339 text with offset. Raises ValueError without one."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time needs an offset, such as Z or +07:00")
    return moment.astimezone(UTC)
