"""Logs what time alone has made true, complaints and alarms together, in the order in which it became so."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from heapq import heapify, heappop, heappush

from liveroom.domain.alarms.model import AlarmKind, of_complaint
from liveroom.domain.alarms.rules import OVER_BELOW, WITHIN, ends_at, settle_alarm
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.complaints.settle import settle
from liveroom.domain.events import Event, Kind, Subject
from liveroom.working_set import CLOCK, ROOM, WorkingSet

OWN = (AlarmKind.CRITICAL, AlarmKind.WARNED, AlarmKind.PASSED)
# In one instant a hold or deadline moves before the timers of alarms.
COMPLAINT, ALARM, FLOOD = 0, 1, 2
Turning = tuple[int, str]
Turn = tuple[datetime, int, str]


def settle_complaint(work: WorkingSet, complaint: Complaint) -> Complaint:
    """The complaint after everything that was due by now on it and its alarms: no command overtakes a breach."""
    alarms = [of_complaint(kind, complaint.id) for kind in OWN]
    settle_until(work, (complaint.id,), alarms, work.unit.now)
    return work.complaint(complaint.id)


def settle_until(work: WorkingSet, complaints: Iterable[str], alarms: Iterable[str], until: datetime) -> None:
    """Log all that was due by ``until`` on these, earliest first; an alarm that one of them moves joins the turns."""
    _settle(work, {*((COMPLAINT, id_) for id_ in complaints), *((ALARM, id_) for id_ in alarms)}, until)


def settle_all(
    work: WorkingSet, complaints: Collection[str], alarms: Collection[str], until: datetime, enough: Callable[[], bool]
) -> datetime | None:
    """The same for whoever was given all that was due by ``until``, and with it the end of a flood of alarms.

    Every activation puts that off, so nobody who knows of some only may say that it has come. ``enough`` is asked after
    each turn: yes ends it, and what is left waits from the moment that is returned; None when all was logged.
    """
    work.fold.load(complaints)
    work.fold.alarms.get([*alarms, *(of_complaint(kind, id_) for id_ in complaints for kind in OWN)])
    about = {*((COMPLAINT, id_) for id_ in complaints), *((ALARM, id_) for id_ in alarms)}
    return _settle(work, {*about, (FLOOD, "")}, until, enough)


def _settle(
    work: WorkingSet, subjects: set[Turning], until: datetime, enough: Callable[[], bool] = lambda: False
) -> datetime | None:
    floods: set[Turning] = {(FLOOD, "")} & subjects
    turns = [turn for subject in subjects if (turn := _next(work, *subject, until)) is not None]
    heapify(turns)
    while turns:
        at, about, id_ = heappop(turns)
        if _next(work, about, id_, until) != (at, about, id_):
            continue
        work.touched.clear()
        _take(work, about, id_, at)
        moved: set[Turning] = {(ALARM, alarm) for alarm in work.touched}
        for again in moved | {(about, id_)} | (floods if moved else set()):
            if (turn := _next(work, *again, until)) is not None:
                heappush(turns, turn)
        if turns and enough():
            return turns[0][0]
    return None


def _next(work: WorkingSet, about: int, id_: str, until: datetime) -> Turn | None:
    if about == COMPLAINT:
        at = work.complaint(id_).next_due
    elif about == ALARM:
        alarm = work.fold.alarms.get((id_,)).get(id_)
        at = alarm.next_due if alarm is not None else None
    else:
        at = _flood_ends(work, until)
    return (at, about, id_) if at is not None and at <= until else None


def _take(work: WorkingSet, about: int, id_: str, at: datetime) -> None:
    if about == COMPLAINT:
        events = settle(work.complaint(id_), at)
    elif about == ALARM:
        events = settle_alarm(work.fold.alarms.get((id_,))[id_], at, work.rules)
    else:
        events = (Event(kind=Kind.FLOOD_ENDED, subject=Subject.ROOM, id=ROOM, at=at),)
    work.append(events, actor=CLOCK)


def _flood_ends(work: WorkingSet, until: datetime) -> datetime | None:
    """When the flood in force ends by itself (CR-25), however long ago; None when there is none or it goes on."""
    since = work.fold.notices.flooding_since
    if since is None or since > until:
        return None
    kept = OVER_BELOW * work.rules.positions
    last = work.fold.alarms.activations_before(until, until - since + WITHIN, youngest=kept)
    return ends_at(last, work.rules.positions) or until
