"""The clock: the scheduler that judges every deadline when it is due, opens days and writes the pulse that proves it.

Leased: one process is active. It finds what is due by an index and calls ``settle``, which a command may have done
first, so a second or late clock doubles nothing. It also logs silent sources and screens, the sound test of each shift
and surges, and moves the time of a test room.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import partial
from itertools import count
from pathlib import Path

from liveroom.accounts.screens import DARK, changed_screens
from liveroom.accounts.sources import changed_sources, end_keys, remove_addresses, set_paused
from liveroom.city.city import City
from liveroom.domain import room
from liveroom.domain.complaints.decide import REDACTED
from liveroom.domain.events import Event, Kind, Subject
from liveroom.domain.events.account_payloads import ScreenDark, ScreenSeen, SourceChanged
from liveroom.domain.events.room_payloads import DayOpened
from liveroom.domain.hazards.lifecycle import expired
from liveroom.domain.requests import CLOCK
from liveroom.domain.room import LineName, about_room
from liveroom.domain.screens import about_screen
from liveroom.domain.surge import Recent, surge_events
from liveroom.domain.timestamps import from_text, to_micros, to_text
from liveroom.log.engine import Connection, Unavailable
from liveroom.log.event_log import EventLog, NoLog, Transaction, prune_commands, set_time, writable_now
from liveroom.log.lease import Lease, read_pulse, write_pulse
from liveroom.projection import complaints
from liveroom.projection.alarms import alarms_due
from liveroom.projection.hazards import hazards_due
from liveroom.projection.notices import flooding_since, known_surges, may_surge, notice, recent_complaints
from liveroom.room.commands.hazards import forget_documents
from liveroom.room.room import Room
from liveroom.room.transaction import UnitOfWork, settle_all
from liveroom.runtime import Runtime
from liveroom.runtime.time import RoomTime, monotonic

log = logging.getLogger(__name__)

# Silent sources and screens.

CLOSED, OK = "closed", "ok"


def _states_changed(connection: Connection, dark_after: timedelta) -> bool:
    """Whether a source or screen has another state than the logged one."""
    return bool(changed_sources(connection) or changed_screens(connection, dark_after))


def _state_events(connection: Connection, now: datetime, dark_after: timedelta) -> tuple[Event, ...]:
    """Events for the changed states, dated ``now`` (room time): silence is noticed, it has no moment of its own."""
    sources = (_source_changed(id_, state, now) for id_, state in changed_sources(connection).items())
    screens = (
        about_screen(id_, ScreenDark() if state == DARK else ScreenSeen(), at=now)
        for id_, state in changed_screens(connection, dark_after).items()
    )
    return (*sources, *screens)


def revoke_source(room: Room, name: str, *, actor: str) -> None:
    """End a source's keys, webhook and alarm, effective from the next request in every process.

    Raises NoSource, Unavailable.
    """

    def revoke(work: UnitOfWork) -> None:
        id_ = end_keys(work.transaction.connection, name)
        remove_addresses(work.transaction.connection, id_)
        work.append((_source_changed(id_, CLOSED, work.transaction.now),), actor=actor)

    room.unit(revoke)


def pause_source(room: Room, name: str, *, paused: bool, actor: str) -> None:
    """Take nothing more from a source, or take it up again, effective from the next request in every process.

    While it is paused its silence is no alarm. Raises NoSource, Unavailable.
    """

    def pause(work: UnitOfWork) -> None:
        id_ = set_paused(work.transaction.connection, name, paused=paused)
        if id_ is not None:
            state = CLOSED if paused else OK
            work.append((_source_changed(id_, state, work.transaction.now),), actor=actor)

    room.unit(pause)


def _source_changed(id_: str, state: str, now: datetime) -> Event:
    payload = SourceChanged(state=state)
    return Event(kind=payload.KIND, subject=Subject.SOURCE, id=id_, at=now, payload=payload)


# The sound test, surges, and the time of a test room.


class SoundTest:
    """The sound test of each shift: requested when the shift starts, missed when nobody confirms it in time."""

    def __init__(self, city: City) -> None:
        self._city = city

    def next_due(self, connection: Connection, now: datetime, *, since: datetime) -> Event | None:
        """The next event of a sound test that is due by ``now``; None if there is none.

        A shift counts if it started after ``since``, when the clock last judged. So the shift in which a room is
        created does not count, and of several that passed while no clock ran only the last one does.
        """
        line = notice(connection, LineName.SOUND_TEST)
        missing = room.missing_at(line)
        if line is not None and missing is not None and missing <= now:
            return room.missed(line)
        if (found := self._city.shift_at(now)) is None:
            return None
        shift, start = found
        if start <= since or (line is not None and from_text(line["since"]) >= start):
            return None
        return room.asked(shift.key, start)


class SurgeWatch:
    """Looks for surges of complaints; which areas are neighbours is computed once."""

    def __init__(self, city: City) -> None:
        self._neighbours = city.neighbours
        self._listed = city.policy.categories.keys()

    def look(self, work: UnitOfWork, until: datetime) -> None:
        """Log surges that began, grew or ended by ``until`` (room time)."""
        connection, rules = work.transaction.connection, work.rules
        known = known_surges(connection)
        recent = [self._kind(one) for one in recent_complaints(connection, until - rules.surge_within, until)]
        work.append(surge_events(known, recent, self._neighbours, rules, now=until), actor=CLOCK)

    def _kind(self, recent: Recent) -> Recent:
        """With REDACTED for a category that the city does not list: a source's own words stay out of the log."""
        return recent if recent.category in self._listed else replace(recent, category=REDACTED)


class TimeFile:
    """The time of a test room: one RFC 3339 line in a file, where room time stands until the line changes.

    It only moves forward: an earlier time is ignored with a warning, because no event may be dated before an older one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = ""

    def read(self) -> datetime | None:
        """The time in the file; None while it holds none."""
        return _moment(self._content())

    def moved(self) -> bool:
        """Whether the file has changed since the last ``apply``."""
        return self._content() not in ("", self._seen)

    def apply(self, event_log: EventLog) -> None:
        """Set the room's time to the file's, under the head lock. Raises Unavailable, and is then to be called
        again."""
        content = self._content()
        if content in ("", self._seen):
            return
        moment = _moment(content)
        if moment is not None:
            ahead = event_log.write(lambda unit: _set(unit, moment))
            if ahead is not None:
                log.warning("the time file says %s, room time is %s already: ignored", to_text(moment), to_text(ahead))
        self._seen = content

    def _content(self) -> str:
        try:
            return self._path.read_text(encoding="utf-8", errors="replace").strip()
        except OSError as error:
            log.warning("the time file cannot be read: %s", error)
            return ""


def _moment(content: str) -> datetime | None:
    try:
        return from_text(content)
    except ValueError as error:
        log.warning("the time file holds no time: %s", error)
        return None


def _set(unit: Transaction, moment: datetime) -> datetime | None:
    """Set the room's time; returns the room's own time if that is later (the caller logs it, outside the
    transaction)."""
    if moment < unit.now:
        return unit.now
    set_time(unit.connection, RoomTime(real_base=0, room_base=to_micros(moment), rate=0))
    return None


# The clock itself.

TICK_S = 1.0
# One transaction: look up at most SUBJECTS, judge for JUDGED_S but at least LEAST of them. With the writing it takes 20
# ms.
SUBJECTS, JUDGED_S, LEAST = 50, 0.010, 8
# During a long catch-up the lease is renewed this often.
RENEW_S = 1.0
JUST_BEFORE = timedelta(microseconds=1)


class Clock:
    """The clock of one room; ``time_file`` is given for a test room, whose time is the file's."""

    def __init__(self, room: Room, time_file: TimeFile | None) -> None:
        self._room = room
        self._time_file = time_file
        self._lease = Lease(room.log, "clock")
        self._surges = SurgeWatch(room.city)
        self._sound_test = SoundTest(room.city)
        self._counter = 0
        self._judged: datetime | None = None
        self._behind = False
        # Whether this process held the lease at the last tick.
        self.active = False

    def run(self, runtime: Runtime) -> None:
        """Tick for ever; a database that is away is tried again at the next tick."""
        while True:
            try:
                self.tick()
            except (Unavailable, NoLog) as error:
                log.warning("the clock cannot reach the log: %s", error)
            except Exception:
                log.exception("the clock failed; it goes on at the next tick")
            self._wait(runtime)

    def _wait(self, runtime: Runtime) -> None:
        steps = 1 if self._time_file is None else 5
        for _ in range(steps):
            runtime.sleep(TICK_S / steps)
            if self._time_file is not None and self._time_file.moved():
                return

    def tick(self) -> bool:
        """Judge everything due by now and write the pulse; True if this process holds the lease."""
        self.active = self._lease.take()
        if not self.active:
            return False
        if self._time_file is not None:
            self._time_file.apply(self._room.log)
        self._judged, self._behind, taken = None, False, monotonic()
        while self._judge():
            if monotonic() - taken >= RENEW_S:  # a long catch-up outlasts a lease
                taken = monotonic()
                self.active = self._lease.take()
                if not self.active:
                    return False
        return True

    def release(self) -> None:
        """Give the lease back, so that a standby clock begins at once; if the database is away the lease expires."""
        with suppress(Unavailable, NoLog):
            self._lease.release()

    def _judge(self) -> bool:
        """Judge one transaction's worth and write the pulse; True while there is more."""
        now = None if self._behind else self._look()
        if now is None:
            now, self._behind = self._room.unit(self._settle)
        self._beat(now)
        return self._behind

    def _look(self) -> datetime | None:
        """Room time when there is nothing to judge by then; None when there is."""
        with self._room.log.slices() as slices:
            now = slices.run(writable_now)  # raises where nothing could be written, so there is no pulse either
            if self._judged is None:  # how far the last tick came; a new room begins now
                pulse = slices.run(read_pulse)
                self._judged = pulse.due_to if pulse is not None else now
            due = bool(slices.run(partial(self._calendar_events, to=now))) or slices.run(
                partial(self._has_work, to=now)
            )
        return None if due or self._silence() else now

    def _calendar_events(self, connection: Connection, to: datetime) -> tuple[Event, ...]:
        """The first events by ``to`` that the calendar alone causes: a day, the sound test of a shift, the end of
        hazards, or several at once."""
        midnight = self._midnight_after(complaints.today(connection), to)
        sound = self._sound_test.next_due(connection, to, since=self._judged or to)
        found = [] if midnight is None else [_opened(midnight)]
        found += [] if sound is None else [sound]
        found += [expired(id_, at) for id_, at in hazards_due(connection, to)]
        first = min((one.at for one in found), default=to)
        return tuple(one for one in found if one.at == first)

    def _midnight_after(self, today: str, now: datetime) -> datetime | None:
        """When the day that is to be opened began; None while the open day is the city's present day."""
        day = self._room.city.policy.day(now)
        if day.isoformat() <= today:
            return None
        return datetime.combine(day, time(), self._room.city.zone)

    def _silence(self) -> bool:
        return self._room.log.read(lambda c: _states_changed(c, self._room.rules.dark_after))

    def _settle(self, work: UnitOfWork) -> tuple[datetime, bool]:
        """Settle for JUDGED_S, in order of time; returns how far that came and whether there is more.

        Days and shifts wait for what is due before them, so that the log is in order. Which day is open is read again
        under the lock: a clock that froze before taking it must not open a day a second time.
        """
        now, connection = work.transaction.now, work.transaction.connection
        turns = self._calendar_events(connection, now)
        until = min(now, turns[0].at - JUST_BEFORE) if turns else now
        found, timers = complaints.due(connection, until, SUBJECTS), alarms_due(connection, until, SUBJECTS)
        full = [due[-1][1] for due in (found, timers) if len(due) == SUBJECTS]
        reached = min(full, default=until)
        subjects = [id_ for id_, _ in found], [id_ for id_, _ in timers]
        left = settle_all(work, *subjects, reached, _patience())
        if left is not None or full:
            return left or reached, True
        self._surges.look(work, until)
        if not turns:
            work.append(_state_events(connection, now, self._room.rules.dark_after), actor=CLOCK)
            return now, False
        if any(one.kind is Kind.DAY_OPENED for one in turns):
            prune_commands(connection, work.transaction.real)
            forget_documents(work)
        work.append(turns, actor=CLOCK)
        return turns[0].at, True

    def _beat(self, judged_to: datetime) -> None:
        """Write the pulse: everything due by ``due_to`` is judged, so what is not judged yet holds it back.

        A clock that froze while another took over writes nothing: it would set the pulse back.
        """
        self._counter += 1

        def beat(connection: Connection) -> None:
            if self._lease.lost(connection):
                return
            unjudged = (*complaints.due(connection, judged_to, 1), *alarms_due(connection, judged_to, 1))
            due_to = min((at for _, at in unjudged), default=judged_to + JUST_BEFORE) - JUST_BEFORE
            write_pulse(connection, counter=self._counter, due_to=due_to)

        self._room.log.note(beat)

    def _has_work(self, connection: Connection, to: datetime) -> bool:
        """Whether anything may be due by ``to``: a deadline, an alarm's timer, the end of a flood, or a surge."""
        rules = self._room.rules
        return bool(
            complaints.due(connection, to, 1)
            or alarms_due(connection, to, 1)
            or flooding_since(connection) is not None
            or may_surge(connection, to - rules.surge_within, rules.surge_count)
        )


def _patience() -> Callable[[], bool]:
    """A function to call after each judgement: whether one transaction has had enough."""
    turns, end = count(1), monotonic() + JUDGED_S
    return lambda: next(turns) >= LEAST and monotonic() >= end


def _opened(midnight: datetime) -> Event:
    return about_room(DayOpened(date=midnight.date().isoformat()), at=midnight)
