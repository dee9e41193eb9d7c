"""The room: ``accept`` for reports and ``execute`` for commands; whatever is written goes through ``Room.unit``.

``GroupCommit`` puts reports that arrive at the same time into one transaction.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from liveroom.accounts.arrivals import lag_of
from liveroom.accounts.sources import source_of_key
from liveroom.city.city import City
from liveroom.domain.alarms.model import Alarm, AlarmRules
from liveroom.domain.complaints.intake import Report, report_of
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.fields import CommandSpec
from liveroom.domain.hazards.cap_alert import CapAlert
from liveroom.domain.requests import Command, CommandResult, IntakeResult, Malformed, Refused, Stale, Unknown
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import EventLog, Transaction, room_now
from liveroom.projection import VERSION, complaints
from liveroom.projection.alarms import standing_after
from liveroom.room.bulk import IN_BULK, BulkIntake, uncollected
from liveroom.room.commands.alarms import alarm_handler
from liveroom.room.commands.complaints import ComplaintIntake, complaint_handler
from liveroom.room.commands.desk import room_handler
from liveroom.room.commands.hazards import hear, place_alert
from liveroom.room.commands.outbox import outbox_handler
from liveroom.room.commands.screens import screen_handler
from liveroom.room.commands.users import user_handler
from liveroom.room.past import Past
from liveroom.room.pipeline import Handler
from liveroom.room.recipients import Recipients
from liveroom.room.transaction import UnitOfWork

T = TypeVar("T")

# Most commands in one transaction.
AT_ONCE = 100


class Room:
    """One city's room on one log. ``kind`` is real, drill or test, fixed when its database was created.

    ``routes``: how receivers are reached; by default there is no mail.
    """

    def __init__(
        self, log: EventLog, city: City, kind: str, rules: AlarmRules | None = None, routes: Recipients | None = None
    ) -> None:
        self.log = log
        self.city = city
        self.kind = kind
        self._intake = ComplaintIntake(city)
        self.rules = rules or AlarmRules()
        self.routes = routes or Recipients(city, mail=False)
        self._handlers: Mapping[str, Handler[Any]] = {
            "complaint": complaint_handler(city.policy),
            "alarm": alarm_handler(self.rules),
            "room": room_handler(),
            "screen": screen_handler(),
            "outbox": outbox_handler(),
            "user": user_handler(city.agencies),
        }

    def now(self) -> datetime:
        """Room time, aware UTC."""
        return self.log.read(room_now)

    def accept(self, report: Report, *, source: str) -> IntakeResult:
        """Accept one report. Raises Malformed (nothing written) or Unavailable."""
        answer = self.unit(lambda work: self._one(work, report, source))
        if isinstance(answer, Malformed):
            raise answer
        return answer

    def _one(self, work: UnitOfWork, report: Report, source: str) -> IntakeResult | Malformed:
        try:
            return self._intake.accept(work, self._as_drill(report), source)
        except Malformed as refusal:
            return refusal

    def accept_many(self, reports: Sequence[Report], *, source: str) -> tuple[IntakeResult | Malformed, ...]:
        """Accept up to IN_BULK reports in one transaction; a malformed one is refused by itself. Raises Unavailable."""
        if len(reports) > IN_BULK:
            raise ValueError(f"at most {IN_BULK} reports in one transaction, not {len(reports)}")
        return self.unit(lambda work: self._each(work, reports, source))

    def _each(self, work: UnitOfWork, reports: Sequence[Report], source: str) -> tuple[IntakeResult | Malformed, ...]:
        several = [self._as_drill(report) for report in reports]
        with uncollected(len(several)):
            return BulkIntake(self.city.policy, self._intake, work, source).accept(several)

    def hear_many(
        self, alerts: Sequence[CapAlert], *, source: str, own_codes: Sequence[str] = ()
    ) -> tuple[IntakeResult, ...]:
        """Hear up to IN_BULK documents of warnings in one transaction, in any order; see `commands.hazards`.

        ``own_codes``: by which their service calls the city. Raises Unavailable.
        """
        if len(alerts) > IN_BULK:
            raise ValueError(f"at most {IN_BULK} documents in one transaction, not {len(alerts)}")
        placed = [place_alert(self.city, alert, own_codes) for alert in alerts]
        return self.unit(lambda work: tuple(hear(work, one, source, self.kind) for one in placed))

    def take_many(self, sent: Sequence[Any], *, key: str) -> tuple[IntakeResult | Malformed, ...]:
        """As ``accept_many``, for JSON values as a source sent them; ``key``: the hash of the key that it showed.

        They are read in the transaction, by its time and by what the key is good for then. Raises UnknownKey,
        SourcePaused.
        """
        return self.unit(lambda work: self._each_sent(work, sent, key))

    def _each_sent(self, work: UnitOfWork, sent: Sequence[Any], key: str) -> tuple[IntakeResult | Malformed, ...]:
        source = source_of_key(work.transaction.connection, key)
        read = [self._read(one, work.transaction.now) for one in sent]
        reports = [one for one in read if isinstance(one, Report)]
        answers = zip(reports, self._each(work, reports, source), strict=True)
        return tuple(one if isinstance(one, Malformed) else self._with_lag(work, *next(answers)) for one in read)

    @staticmethod
    def _with_lag(work: UnitOfWork, report: Report, answer: IntakeResult | Malformed) -> IntakeResult | Malformed:
        if report.reported_at is None or isinstance(answer, Malformed):
            return answer
        return replace(answer, lags=tuple(lag_of(report.reported_at, work.transaction.now)))

    def _read(self, sent: Any, now: datetime) -> Report | Malformed:
        try:
            return report_of(sent, now, self.kind)
        except Malformed as fault:
            return fault

    def _as_drill(self, report: Report) -> Report:
        return report.drilled() if self.kind == "drill" else report

    def specs(self, about: str) -> Mapping[Any, CommandSpec]:
        """The table of the commands on one kind of subject (``about`` of a command)."""
        return self._handlers[about].specs

    def execute(self, command: Command) -> CommandResult:
        """Execute a person's command. Raises Unknown, Refused, Malformed, Stale or Unavailable, with nothing
        written."""
        return self.unit(lambda work: self._handlers[command.about].execute(work, command))

    def refuse_strangers(self, command: Command) -> None:
        """Raises Unknown for a missing subject, Refused for a role or agency that may not; the fields are not read."""
        self.log.read(lambda c: self._handlers[command.about].refuse_strangers(c, command))

    def execute_each(
        self, commands: Sequence[Command]
    ) -> tuple[CommandResult | Unknown | Refused | Malformed | Stale, ...]:
        """Execute up to AT_ONCE commands in one transaction, each answered; a refused one leaves the others alone."""
        if len(commands) > AT_ONCE:
            raise ValueError(f"at most {AT_ONCE} commands in one transaction, not {len(commands)}")
        many = [replace(command, bulk=True) for command in commands]
        return self.unit(lambda work: tuple(self._one_command(work, command) for command in many))

    def _one_command(self, work: UnitOfWork, command: Command) -> CommandResult | Unknown | Refused | Malformed | Stale:
        try:
            return self._handlers[command.about].execute(work, command)
        except (Unknown, Refused, Malformed, Stale) as no:
            return no

    def open_of(self, source: str) -> tuple[Complaint, ...]:
        """The open complaints of a source, oldest first."""
        return self.log.read(lambda c: complaints.open_of_source(c, source))

    def alarms_standing(self, limit: int) -> tuple[Alarm, ...]:
        """Up to ``limit`` alarms that are not in the normal state."""
        return self.log.read(lambda c: standing_after(c, "", limit))

    def live(self, work: Callable[[Past], T]) -> T:
        """Give a drill that is still empty its past, in one transaction. Raises ValueError, Unavailable."""
        return self.log.for_upkeep().write(lambda unit: work(Past(unit, self.city)))

    def unit(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run ``work`` in one transaction under the head lock; if it raises, nothing is written. Raises Unavailable."""

        last: list[UnitOfWork] = []

        def run(unit: Transaction) -> T:
            if unit.head.projection != VERSION:
                raise Unavailable("another version of the product made the projection anew: restart this process")
            working = UnitOfWork(unit, self.rules, self.routes)
            result = work(working)
            working.finish()
            last[:] = [working]
            return result

        result = self.log.write(run)
        last[0].trace()
        return result


# Most reports in one group: about 20 ms of the database's thread, which others wait for, above all the feed's tail.
TOGETHER = 25


@dataclass(slots=True, kw_only=True, eq=False)
class _PendingReport:
    """A report between arrival and answer; ``woken`` is set when it is answered, or when its request is to lead."""

    sent: Any
    key: str
    woken: threading.Event | None = None
    answer: IntakeResult | Malformed | None = None
    error: Exception | None = None


class GroupCommit:
    """Takes reports that arrive while a transaction runs together in the next one.

    One writer holds the head lock at a time and a commit waits for the disk, so single commits would only queue. The
    first request to arrive leads: it writes for all waiting reports of its key, then wakes the next leader. A lone
    report waits for nobody.
    """

    def __init__(self, room: Room) -> None:
        self._room = room
        self.kind = room.kind
        self._lock = threading.Lock()
        self._pending: list[_PendingReport] = []
        self._led = False

    def now(self) -> datetime:
        """Room time, aware UTC."""
        return self._room.now()

    def accept_many(self, reports: Sequence[Report], *, source: str) -> tuple[IntakeResult | Malformed, ...]:
        """Accept an array of one source, which is one transaction already (see ``Room.accept_many``)."""
        return self._room.accept_many(reports, source=source)

    def take(self, sent: Any, *, key: str) -> IntakeResult:
        """Take one report, see ``Room.take_many``. Raises Malformed, UnknownKey, Unavailable."""
        mine = _PendingReport(sent=sent, key=key)
        with self._lock:
            leads, self._led = not self._led, True
            if not leads:
                mine.woken = threading.Event()
            self._pending.append(mine)
        if mine.woken is not None:
            mine.woken.wait()
        if mine.answer is None and mine.error is None:
            self._lead(mine)
        return _result(mine)

    def _lead(self, first: _PendingReport) -> None:
        with self._lock:
            group = [one for one in self._pending if one.key == first.key][:TOGETHER]
            self._pending = [one for one in self._pending if one not in group]
        for one in group:
            one.error = Unavailable("the request that wrote for it was ended")
        try:
            self._write(group)
        finally:
            with self._lock:
                following = self._pending[0] if self._pending else None
                self._led = following is not None
            for one in (*group[1:], *((following,) if following else ())):
                if one.woken is not None:
                    one.woken.set()

    def _write(self, group: Sequence[_PendingReport]) -> None:
        """One transaction for the group; if it fails, none is written and each gets the error."""
        try:
            answers = self._room.take_many([one.sent for one in group], key=group[0].key)
        except Exception as error:  # noqa: BLE001 - raised again in every request that waits, see _result
            for one in group:
                one.error = error
        else:
            for one, answer in zip(group, answers, strict=True):
                one.answer, one.error = answer, None


def _result(done: _PendingReport) -> IntakeResult:
    if done.error is not None:
        raise done.error
    if isinstance(done.answer, Malformed):
        raise done.answer
    assert done.answer is not None, "woken without an answer"
    return done.answer
