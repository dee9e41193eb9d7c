"""Repair of a wrong clock: how far back the moments are moved that were dated ahead of the present.

No event is rewritten. The one event of the repair moves the running timers of alarms and notices that were set in that
time, and the open day; complaints keep the times of their events (docs/log.md, "A clock that was wrong"), and get
promises that run from now by ordinary events after it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from liveroom.domain.alarms.model import Alarm
from liveroom.domain.complaints.model import Complaint, Stage, as_payload, running
from liveroom.domain.events import Event, happened
from liveroom.domain.events.complaint_payloads import ComplaintReplanned
from liveroom.domain.events.room_payloads import ClockRepaired
from liveroom.domain.policy import Policy
from liveroom.domain.room import about_room
from liveroom.domain.timestamps import read, read_or_none, to_text


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRepair:
    """The facts of ``clock.repaired``.

    Room time went from ``was`` back to ``now``, real time from ``was_real`` to ``now_real``; all aware UTC. In a drill
    and in a test room only the second pair differs. ``first``: the number of the first event that was logged ahead.
    ``date``: the city's day that is open now. ``epoch`` is the new one of the log, ``links`` the one under which links
    are signed as before.
    """

    was: datetime
    now: datetime
    was_real: datetime
    now_real: datetime
    first: int
    date: str
    epoch: str
    links: str

    def event(self) -> Event:
        """The ``clock.repaired`` of this repair."""
        payload = ClockRepaired(
            was=to_text(self.was),
            was_real=to_text(self.was_real),
            now_real=to_text(self.now_real),
            first=self.first,
            date=self.date,
            epoch=self.epoch,
            links=self.links,
        )
        return about_room(payload, at=self.now)

    def moved(self, moment: datetime | None) -> datetime | None:
        """A moment of room time that was set ahead, moved back; one that has come stays."""
        return _moved(moment, self.now, self.was - self.now)

    def moved_real(self, moment: datetime | None) -> datetime | None:
        """The same of real time."""
        return _moved(moment, self.now_real, self.was_real - self.now_real)

    def moved_text(self, text: str | None, *, real: bool = False) -> str | None:
        """The same of a moment in a payload; None for none. One that stays keeps its form."""
        moment = read_or_none(text)
        moved = self.moved_real(moment) if real else self.moved(moment)
        return text if moved == moment or moved is None else to_text(moved)


def repair_of(payload: ClockRepaired, at: datetime) -> ClockRepair:
    """The repair that a ``clock.repaired`` of the moment ``at`` records."""
    return ClockRepair(
        was=read(payload.was),
        now=at,
        was_real=read(payload.was_real),
        now_real=read(payload.now_real),
        first=payload.first,
        date=payload.date,
        epoch=payload.epoch,
        links=payload.links,
    )


def alarm_moved(alarm: Alarm, repair: ClockRepair) -> Alarm:
    """The alarm with its moments moved back, if an event ahead of the present changed it last; else as it is.

    An alarm dated tomorrow would not be paged, sound or expire for a day.
    """
    if alarm.seq < repair.first:
        return alarm
    move = repair.moved
    return replace(
        alarm,
        raised_at=move(alarm.raised_at),
        activated_at=move(alarm.activated_at),
        acked_at=move(alarm.acked_at),
        expires_at=move(alarm.expires_at),
        shelved_until=move(alarm.shelved_until),
        suppressed_until=move(alarm.suppressed_until),
        review_at=move(alarm.review_at),
        page_at=move(alarm.page_at),
        paged_at=move(alarm.paged_at),
        recent=tuple(moved for moment in alarm.recent if (moved := move(moment)) is not None),
    )


def promised_anew(complaint: Complaint, policy: Policy, now: datetime, *, extended: bool) -> tuple[Event, ...]:
    """Deadlines that start ahead of ``now`` start ``now``: a fire dated tomorrow must not have a day more.

    One event, or none where nothing starts ahead. ``extended``: its finish is an officer's own promise and stays. A
    complaint whose deadlines stand still is left alone.
    """
    if complaint.stopped_at is not None:
        return ()
    wrong = [
        stage
        for stage, deadline in running(complaint).items()
        if deadline.start > now and not deadline.passed and not (extended and stage is Stage.FINISH)
    ]
    if not wrong:
        return ()
    deadlines = as_payload({stage: policy.deadline(complaint.class_, stage, now) for stage in wrong})
    return (happened(complaint.id, ComplaintReplanned(deadlines=deadlines), at=now),)


def _moved(moment: datetime | None, now: datetime, by: timedelta) -> datetime | None:
    return moment - by if moment is not None and moment > now and by > timedelta() else moment
