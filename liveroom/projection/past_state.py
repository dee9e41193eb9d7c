"""The room as it stood at a position of the log: `PastState`, and `PastFold`, which carries one on, event by event.

It holds what screens show and no more: complaints that are open or were closed on the open day, alarms, notices,
hazards, the states of sources, totals. What is about a complaint or alarm that it does not hold begins with that one's
history, which the caller reads (`PastFold.unknown`, `PastFold.know`).

It never holds what an erasure redacts. Of a place and of a category it has the number of the event that set them, and
of a notice or hazard the number of its event; whoever answers reads them from the log, where an erased one is blank. So
neither a kept state nor a checkpoint on disk can bring back what is gone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from msgspec import UNSET
from msgspec.structs import replace as changed

from liveroom.domain.alarms.evolve import evolve_alarm
from liveroom.domain.alarms.model import INHERITED, Alarm, AlarmKind, AlarmState
from liveroom.domain.clock_repair import ClockRepair, alarm_moved, repair_of
from liveroom.domain.complaints.evolve import evolve
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events import Kind, LoggedEvent, Subject
from liveroom.domain.events.account_payloads import SourceChanged
from liveroom.domain.events.complaint_payloads import ComplaintCodes, ComplaintReceived
from liveroom.domain.events.room_payloads import ClockRepaired, DayOpened
from liveroom.domain.timestamps import to_micros
from liveroom.log import event_log
from liveroom.projection.hazards import begins, ended_by
from liveroom.projection.notices import notice_for_all
from liveroom.projection.totals import contributions, wire_counts

# The key of the city's own totals beside those of agencies.
CITY = ""
# What brings no complaint back to a screen that has left it.
_STAYS_AWAY = frozenset(
    {
        *(Kind.ERASED, Kind.RATED, Kind.COMMENTED, Kind.REPLIED, Kind.PROOF_RELEASED, Kind.PROOF_WITHDRAWN),
        *(Kind.OUTBOX_SENT, Kind.OUTBOX_KNOWN, Kind.OUTBOX_RESENT),
    }
)


class ComplaintThen(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A complaint without place and category, of which it has the numbers of the events that set them; 0: none did.

    ``day`` as in `Complaint`, ``closed_day`` too, None while it is open; ``body`` is the text of one whose place is
    None and category "".
    """

    id: str
    lat: int
    lon: int
    category: int
    day: str
    closed_day: str | None
    body: msgspec.Raw


class AlarmThen(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """An alarm without its category, of which it has the number of the event that said it; ``body`` as above."""

    id: str
    category: int
    body: msgspec.Raw


@dataclass(slots=True, kw_only=True)
class PastState:
    """The room after event ``seq``. Do not change one: others may hold it too.

    ``mark`` and ``logged_at`` (real time) of that event; ``at``: the latest room time that any event up to it bears,
    since the clock was last repaired; both in microseconds. ``day``: the open one, ISO. By id: the complaints, the
    alarms that stand or may come again, the numbers of the events of notices and hazards, the states of sources.
    ``repairs``: the numbers of the events that repaired the clock. ``totals`` by agency, and by CITY those of all.
    """

    seq: int = 0
    mark: str = ""
    at: int = 0
    logged_at: int = 0
    day: str = ""
    repairs: tuple[int, ...] = ()
    complaints: dict[str, ComplaintThen] = field(default_factory=dict)
    alarms: dict[str, AlarmThen] = field(default_factory=dict)
    notices: dict[str, int] = field(default_factory=dict)
    hazards: dict[str, int] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    totals: dict[str, dict[str, int]] = field(default_factory=dict)

    def counts(self, agency: str | None) -> dict[str, object]:
        """``counts`` of the feed, of the city or of one agency."""
        return wire_counts(self.totals.get(CITY if agency is None else agency, {}), self.day)


class _ComplaintNow(msgspec.Struct, gc=False):
    """A complaint while events are folded into it; codes as in `ComplaintThen`."""

    value: Complaint | None = None
    lat: int = 0
    lon: int = 0
    category: int = 0
    # The totals in which it counts, once somebody has asked.
    counted: tuple[str, ...] | None = None

    def fold(self, logged: LoggedEvent) -> Complaint:
        """Fold one event; returns the complaint after it."""
        payload = logged.event.payload
        if isinstance(payload, ComplaintReceived):
            self.lat = self.lon = self.category = logged.seq
        elif isinstance(payload, ComplaintCodes):
            self.lat = self.lat if payload.lat is UNSET else logged.seq
            self.lon = self.lon if payload.lon is UNSET else logged.seq
            self.category = self.category if payload.category is UNSET else logged.seq
        self.value = after = evolve(self.value, logged)
        return after


class _AlarmNow(msgspec.Struct, gc=False):
    """An alarm while events are folded into it."""

    value: Alarm | None = None
    category: int = 0

    def fold(self, logged: LoggedEvent) -> None:
        """Fold one event."""
        if logged.event.kind is Kind.ALARM_RAISED:
            self.category = logged.seq
        self.value = evolve_alarm(self.value, logged)

    def move(self, repair: ClockRepair) -> bool:
        """Move its moments back; whether any was ahead."""
        before = self.value
        self.value = None if before is None else alarm_moved(before, repair)
        return self.value != before


# As text, once decoded: `event_log` has decoders of its own for str, these take what a checkpoint holds.
_complaint, _alarm = msgspec.json.Decoder(Complaint), msgspec.json.Decoder(Alarm)


def complaint_then(one: ComplaintThen) -> Complaint:
    """The complaint of a state, without place and category."""
    return _complaint.decode(one.body)


def alarm_of(one: AlarmThen) -> Alarm:
    """The alarm of a state, without category."""
    return _alarm.decode(one.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastChange:
    """What events changed: complaints as they are now, ids that left the screens, alarms, and who moved where.

    ``moved``: by complaint, the agencies that had it before and those that have it now, where these differ.
    """

    complaints: tuple[ComplaintThen, ...]
    gone: tuple[str, ...]
    alarms: tuple[AlarmThen, ...]
    moved: Mapping[str, tuple[frozenset[str], frozenset[str]]]


class PastFold:
    """Carries a state on. ``seq`` says how far it is; ``state`` gives what it has become."""

    def __init__(self, state: PastState) -> None:
        self._then = replace(
            state,
            complaints=dict(state.complaints),
            alarms=dict(state.alarms),
            notices=dict(state.notices),
            hazards=dict(state.hazards),
            sources=dict(state.sources),
            totals={agency: dict(values) for agency, values in state.totals.items()},
        )
        self._complaints: dict[str, _ComplaintNow] = {}
        self._alarms: dict[str, _AlarmNow] = {}
        # Ids that changed since `changes` was last called, and agencies as they were then.
        self._touched: dict[str, None] = {}
        self._had: dict[str, frozenset[str]] = {}
        self._rung: dict[str, None] = {}
        self._left: dict[str, None] = {}
        # Ids that changed since what changed was last written to the state.
        self._unwritten: dict[str, None] = {}
        self._unwritten_alarms: dict[str, None] = {}

    @property
    def seq(self) -> int:
        """The number of the last event that was folded."""
        return self._then.seq

    @property
    def now(self) -> PastState:
        """The state so far, to look at and not to keep; complaints and alarms in it are as of the last `settle`."""
        return self._then

    @property
    def waiting(self) -> int:
        """How many complaints and alarms changed since `changes` was last called."""
        return len(self._touched) + len(self._rung) + len(self._left)

    def unknown(self, entries: Iterable[LoggedEvent]) -> frozenset[str]:
        """Ids of complaints and alarms of which these events need the history first."""
        found, new = set[str](), set[str]()
        for logged in entries:
            event = logged.event
            if event.subject is Subject.COMPLAINT:
                if isinstance(event.payload, ComplaintReceived):
                    new.add(event.id)
                elif event.kind not in _STAYS_AWAY and not self._knows_complaint(event.id) and event.id not in new:
                    found.add(event.id)
            elif event.subject is Subject.ALARM and event.id not in self._alarms and event.id not in self._then.alarms:
                found.add(event.id)
        return frozenset(found)

    def lacking(self, ids: Iterable[str]) -> frozenset[str]:
        """Those of these complaints of which it would need the history."""
        return frozenset(id_ for id_ in ids if not self._knows_complaint(id_))

    def know(self, history: Sequence[LoggedEvent], repairs: Sequence[LoggedEvent]) -> None:
        """Take in the events up to ``seq`` of complaints and alarms, in order; ``repairs``: those of the clock."""
        for logged in sorted((*history, *repairs), key=_number):
            event = logged.event
            if isinstance(event.payload, ClockRepaired):
                repair = repair_of(event.payload, event.at)
                for id_ in {one.event.id for one in history} & self._alarms.keys():
                    self._alarms[id_].move(repair)
            elif event.subject is Subject.COMPLAINT:
                self._complaints.setdefault(event.id, _ComplaintNow()).fold(logged)
            elif event.subject is Subject.ALARM:
                self._alarms.setdefault(event.id, _AlarmNow()).fold(logged)

    def fold(self, logged: LoggedEvent) -> None:
        """Fold the next event."""
        then, event = self._then, logged.event
        then.seq, then.mark, then.logged_at = logged.seq, logged.mark, to_micros(logged.logged_at)
        then.at = max(then.at, to_micros(event.at))
        if event.subject is Subject.COMPLAINT:
            self._fold_complaint(logged)
        elif event.subject is Subject.ALARM:
            self._alarm(event.id).fold(logged)
            self._rung[event.id] = self._unwritten_alarms[event.id] = None
        elif isinstance(event.payload, SourceChanged):
            then.sources[event.id] = event.payload.state
        elif isinstance(event.payload, DayOpened):
            self._open_day(event.payload.date)
        elif isinstance(event.payload, ClockRepaired):
            self._repair(event.payload, repair_of(event.payload, event.at))
        if (notice := notice_for_all(event)) is not None:
            id_, ends = notice
            if ends:
                then.notices.pop(id_, None)
            else:
                then.notices[id_] = logged.seq
        for id_ in ended_by(logged):
            then.hazards.pop(id_, None)
        if begins(logged):
            then.hazards[event.id] = logged.seq

    def state(self) -> PastState:
        """The state now; this fold is not to be used after it."""
        self.settle()
        return self._then

    def changes(self) -> PastChange:
        """What changed since this was last called."""
        self.settle()
        then = self._then
        shown, gone = [], dict(self._left)
        moved: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
        for id_ in self._touched:
            one, now = then.complaints.get(id_), self._agencies(id_)
            if one is not None and shown_on(one, then.day):
                shown.append(one)
                gone.pop(id_, None)
            else:
                gone[id_] = None
            if (had := self._had[id_]) != now:
                moved[id_] = (had, now)
        alarms = tuple(_alarm_then(id_, self._alarms[id_]) for id_ in self._rung)
        self._touched, self._had, self._rung, self._left = {}, {}, {}, {}
        return PastChange(complaints=tuple(shown), gone=tuple(gone), alarms=alarms, moved=moved)

    def agencies_of(self, id_: str) -> frozenset[str] | None:
        """The agencies that have a complaint now; None for one that it does not know."""
        return self._agencies(id_) if self._knows_complaint(id_) else None

    # Complaints.

    def _knows_complaint(self, id_: str) -> bool:
        return id_ in self._complaints or id_ in self._then.complaints

    def _complaint(self, id_: str) -> _ComplaintNow:
        if (now := self._complaints.get(id_)) is None:
            then = self._then.complaints.get(id_)
            now = (
                _ComplaintNow()
                if then is None
                else _ComplaintNow(complaint_then(then), then.lat, then.lon, then.category)
            )
            self._complaints[id_] = now
        return now

    def _agencies(self, id_: str) -> frozenset[str]:
        value = self._complaint(id_).value
        return frozenset() if value is None else frozenset(value.agencies)

    def _fold_complaint(self, logged: LoggedEvent) -> None:
        event = logged.event
        if not self._knows_complaint(event.id) and event.kind in _STAYS_AWAY:
            return
        now = self._complaint(event.id)
        before = now.value
        old = now.counted if now.counted is not None else contributions(before)
        after = now.fold(logged)
        had = before.agencies if before is not None else ()
        if event.id not in self._touched:
            self._had[event.id] = frozenset(had)
            self._touched[event.id] = None
        self._unwritten[event.id] = None
        now.counted = new = contributions(after)
        if (old, had) != (new, after.agencies):
            self._count(old, had, -1)
            self._count(new, after.agencies, 1)

    def _count(self, keys: Iterable[str], agencies: Iterable[str], by: int) -> None:
        for agency in (CITY, *agencies):
            totals = self._then.totals.setdefault(agency, {})
            for key in keys:
                totals[key] = totals.get(key, 0) + by

    # The room.

    def _open_day(self, date: str) -> None:
        """Open a day: what was closed before it leaves the screens, and the totals of days before it."""
        then, before = self._then, self._then.day
        self.settle()
        then.day = date
        for id_, one in tuple(then.complaints.items()):
            if one.closed_day is None or one.closed_day >= date:
                continue
            if one.closed_day >= before:
                self._left[id_] = None
            if one.day < date:
                self._complaint(id_)  # events that the caller has read already may be about it
                del then.complaints[id_]
        for agency, values in then.totals.items():
            then.totals[agency] = {key: value for key, value in values.items() if value and _lasts(key, date)}

    def _repair(self, payload: ClockRepaired, repair: ClockRepair) -> None:
        """Follow a repair of the clock: alarms move back, and a day that is over opens again with what it had."""
        then = self._then
        then.at = to_micros(repair.now)
        for id_ in {*then.alarms, *self._alarms}:
            if self._alarm(id_).move(repair):
                self._rung[id_] = self._unwritten_alarms[id_] = None
        then.repairs = (*then.repairs, then.seq)
        self.settle()
        then.day = payload.date
        for id_, now in tuple(self._complaints.items()):  # those that `know` brought back
            self._put(id_, now)
        then.totals = {}
        for one in then.complaints.values():
            value = complaint_then(one)
            self._count(contributions(value), value.agencies, 1)

    # From values to what is kept, and back.

    def _alarm(self, id_: str) -> _AlarmNow:
        if (now := self._alarms.get(id_)) is None:
            then = self._then.alarms.get(id_)
            now = self._alarms[id_] = _AlarmNow() if then is None else _AlarmNow(alarm_of(then), then.category)
        return now

    def settle(self) -> None:
        """Write what changed to where it is kept; what no screen shows and no total needs is not.

        ``state`` and ``changes`` do it too: who folds many events does it now and then, so that it is never much.
        """
        for id_ in self._unwritten:
            self._put(id_, self._complaints[id_])
        for id_ in self._unwritten_alarms:
            self._put_alarm(id_, self._alarms[id_])
        self._unwritten, self._unwritten_alarms = {}, {}

    def _put(self, id_: str, now: _ComplaintNow) -> None:
        value, day = now.value, self._then.day
        if value is None or not (value.open or (value.closed_day or "") >= day or value.day >= day):
            self._then.complaints.pop(id_, None)
            return
        kept = changed(value, category="", lat=None, lon=None)
        self._then.complaints[id_] = ComplaintThen(
            id_, now.lat, now.lon, now.category, value.day, None if value.open else value.closed_day or "", _raw(kept)
        )

    def _put_alarm(self, id_: str, now: _AlarmNow) -> None:
        if now.value is None or not _comes_again(now.value):
            self._then.alarms.pop(id_, None)
        else:
            self._then.alarms[id_] = _alarm_then(id_, now)


def shown_on(one: ComplaintThen, day: str) -> bool:
    """Whether screens show a complaint while this day is open."""
    return one.closed_day is None or one.closed_day >= day


def standing(alarms: Iterable[AlarmThen]) -> Iterator[tuple[AlarmThen, Alarm]]:
    """Those that are not normal, as screens show them."""
    for one in alarms:
        alarm = alarm_of(one)
        if alarm.state is not AlarmState.NORMAL:
            yield one, alarm


def _comes_again(alarm: Alarm) -> bool:
    """Whether it is kept: it stands, or is one of few that come and go for ever and have a long history."""
    return alarm.state is not AlarmState.NORMAL or alarm.kind is AlarmKind.LOST or alarm.id.startswith(INHERITED)


def _alarm_then(id_: str, now: _AlarmNow) -> AlarmThen:
    assert now.value is not None, "an alarm that changed has a value"
    return AlarmThen(id_, now.category, _raw(changed(now.value, category=None)))


def _raw(value: Any) -> msgspec.Raw:
    return msgspec.Raw(event_log.encode(value).encode())


def _lasts(key: str, date: str) -> bool:
    """Whether a total is shown on this day or later: ``stock:...`` always, others have their day."""
    kind, _, rest = key.partition(":")
    return kind == "stock" or rest.partition(":")[0] >= date


def _number(logged: LoggedEvent) -> int:
    return logged.seq
