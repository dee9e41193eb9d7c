"""How long a receiver asks us to stay away (`Retry-After`, RFC 9110 section 10.2.3): seconds, or a date."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

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
