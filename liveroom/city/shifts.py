"""When the desk changes hands: the shifts of a day, at whose start the sound is tested (CR-96)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from liveroom.city.hours import Moment
from liveroom.city.keys import Key, Text, keyed
from liveroom.runtime.errors import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A shift; it lasts until the next one starts, the last one over midnight. ``start`` is local time."""

    key: Key
    name: Text
    name_en: Text | None = None
    start: Moment


def check_shifts(shifts: Sequence[Shift], where: str, *, faults: list[Fault]) -> None:
    """Each key once, and their starts rise."""
    keyed(shifts, where=where, faults=faults)
    starts = [shift.start for shift in shifts]
    if starts != sorted(set(starts)):
        faults.append(Fault(where, "starts must rise from shift to shift"))


def shift_at(shifts: Sequence[Shift], zone: ZoneInfo, now: datetime) -> tuple[Shift, datetime] | None:
    """The shift that works at ``now`` and when it started, aware UTC-comparable; None where a city names none."""
    today = now.astimezone(zone).date()
    started = [
        (datetime.combine(day, time.fromisoformat(shift.start), zone), shift)
        for day in (today - timedelta(days=1), today)
        for shift in shifts
    ]
    found = max((one for one in started if one[0] <= now), key=lambda one: one[0], default=None)
    return None if found is None else (found[1], found[0])
