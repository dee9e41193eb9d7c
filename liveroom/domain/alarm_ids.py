"""The names of alarms: calculated from what they are about, so that the same thing is always the same alarm."""

import hashlib
from datetime import UTC, datetime, timedelta

from liveroom.domain.alarm import PRIORITY, Alarm, AlarmKind

GROUP_WITHIN = timedelta(minutes=15)
NOBODY = "-"
LONGEST = 64
# What can be lost beside sources; no id of a source has a colon or is this word.
FEED, SCREEN, OUTBOX = "feed", "screen:", "outbox:"
INHERITED = "inherited:"


def of_complaint(kind: AlarmKind, complaint: str) -> str:
    """``passed:COMPLAINT``."""
    return f"{kind.value}:{complaint}"


def of_source(source: str) -> str:
    """``lost:SOURCE``."""
    return f"{AlarmKind.LOST.value}:{source}"


def of_screen(screen: str) -> str:
    """``lost:screen:SCREEN``."""
    return of_source(SCREEN + screen)


def way_out(whom: str, key: str) -> str:
    """What a stuck way out is called, an agency by its key alone: its alarm is ``lost:outbox:AGENCY``."""
    name = key if whom == "agency" else f"{whom}-{key}"
    return _short(name, LONGEST - len(of_source(OUTBOX)))


def loss_priority(source: str) -> int:
    """Of what is lost: the feed is worst, one screen of several least. Rule: CR-06."""
    if source == FEED:
        return 1
    return 3 if source.startswith(SCREEN) else PRIORITY[AlarmKind.LOST]


def of_group(agency: str | None, at: datetime) -> str:
    """``warned:AGENCY:2026-11-24T08:15``: the pre-warnings of one agency in a quarter of an hour, UTC. Rule: CR-33."""
    end = f":{quarter(at):%Y-%m-%dT%H:%M}"
    start = f"{AlarmKind.WARNED.value}:"
    return start + _short(agency or NOBODY, LONGEST - len(start + end)) + end


def quarter(at: datetime) -> datetime:
    """The beginning of its quarter of an hour, UTC."""
    utc = at.astimezone(UTC)
    return utc - (utc - utc.replace(hour=0, minute=0, second=0, microsecond=0)) % GROUP_WITHIN


def of_inherited(agency: str | None) -> str:
    """``inherited:AGENCY``: what was overdue already when it came in. Rule: design section 3."""
    return INHERITED + _short(agency or NOBODY, LONGEST - len(INHERITED))


def unraised(source: str) -> Alarm:
    """The alarm of a source that never fell silent: maintenance is announced before it begins."""
    return Alarm(id=of_source(source), kind=AlarmKind.LOST, priority=loss_priority(source), source=source)


def unraised_of(id_: str) -> Alarm:
    """The alarm of an id before its first event. Raises ValueError for an id that is no source's."""
    kind, _, source = id_.partition(":")
    if kind != AlarmKind.LOST or not source:
        raise ValueError(f"the alarm {id_} was never raised")
    return unraised(source)


def _short(key: str, room: int) -> str:
    """The key, or as much of it as fits with a hash of the whole: two long keys never share an alarm."""
    if len(key) <= room:
        return key
    mark = hashlib.sha256(key.encode()).hexdigest()[:8]
    return f"{key[: room - len(mark) - 1]}~{mark}"
