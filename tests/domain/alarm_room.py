"""A room in memory with alarms: each event of a complaint moves its alarms in the same append, as in the real one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from liveroom.domain.alarms.commands import ALARM_SPECS, AlarmCommand, AlarmCommandName, decide_alarm
from liveroom.domain.alarms.evolve import evolve_alarm
from liveroom.domain.alarms.model import Alarm, AlarmRules, of_source, unraised_of
from liveroom.domain.alarms.rules import KnownAlarms, react, settle_alarm, source_react, wanted
from liveroom.domain.complaints.evolve import evolve
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.complaints.settle import settle
from liveroom.domain.events import Event, Kind, LoggedEvent, Subject
from liveroom.domain.events.account_payloads import SourceChanged
from liveroom.domain.policy import Policy
from liveroom.domain.requests import Role
from tests.domain.little_room import LittleRoom
from tests.rooms.city import WARNS

HOUR = timedelta(hours=1)


class AlarmRoom(LittleRoom):
    """``alarms`` by id; ``tick`` does what the clock does, ``answer`` what a person at the desk does."""

    def __init__(self, policy: Policy = WARNS, rules: AlarmRules | None = None) -> None:
        super().__init__(policy)
        self.rules = rules or AlarmRules()
        self.alarms: dict[str, Alarm] = {}

    def alarm(self, kind: str, id_: str = "c1") -> Alarm:
        return self.alarms[f"{kind}:{id_}"]

    def states(self, id_: str = "c1") -> dict[str, str]:
        """The state of every alarm of a complaint that ever was, by kind."""
        found = (f"{kind}:{id_}" for kind in ("critical", "warned", "passed"))
        return {key.split(":")[0]: self.alarms[key].state.value for key in found if key in self.alarms}

    def until(self, moment: str) -> "AlarmRoom":
        """The time set, and everything judged that is due by then."""
        self.at(moment).tick()
        return self

    def tick(self) -> list[Kind]:
        """Everything due by now, of complaints and alarms, in the order in which it was due."""
        begun = len(self.log)
        while due := sorted(self._due()):
            at, _, id_ = due[0]
            if id_ in self.complaints:
                self._append(settle(self[id_], at)[:1], actor="clock")
            else:
                self._alarmed(settle_alarm(self.alarms[id_], at, self.rules), actor="clock")
        return [logged.event.kind for logged in self.log[begun:]]

    def _due(self) -> list[tuple[datetime, int, str]]:
        found = [(one.next_due, 0, one.id) for one in self.complaints.values()]
        found += [(one.next_due, 1, one.id) for one in self.alarms.values()]
        return [(due, rank, id_) for due, rank, id_ in found if due is not None and due <= self.now]

    def answer(self, name: str, alarm: str, *, by: str = "duty", actor: str = "", **fields: Any) -> list[Kind]:
        self.tick()
        typed = ALARM_SPECS[AlarmCommandName(name)].parse(fields)
        command = AlarmCommand(name=AlarmCommandName(name), alarm=alarm, actor=actor or by, role=Role(by), fields=typed)
        found = self.alarms.get(alarm) or unraised_of(alarm)
        return self._alarmed(decide_alarm(found, command, self.now, self.rules), actor=command.actor)

    def source(self, state: str, id_: str = "lapor") -> list[Kind]:
        payload = SourceChanged(state=state)
        self._log(Event(kind=payload.KIND, subject=Subject.SOURCE, id=id_, at=self.now, payload=payload), "clock")
        return self._alarmed(source_react(id_, state, self._known(of_source(id_)), self.now, self.rules), "clock")

    def replayed_alarms(self) -> dict[str, Alarm]:
        """What the log alone says of alarms."""
        again: dict[str, Alarm] = {}
        for logged in self.log:
            if logged.event.subject is Subject.ALARM:
                again[logged.event.id] = evolve_alarm(again.get(logged.event.id), logged)
        return again

    def replayed(self) -> dict[str, Complaint]:
        again: dict[str, Complaint] = {}
        for logged in self.log:
            if logged.event.subject is Subject.COMPLAINT:
                again[logged.event.id] = evolve(again.get(logged.event.id), logged)
        return again

    def of(self, kind: Kind, *, since: int = 0) -> list[LoggedEvent]:
        """The events of one type after ``since``."""
        return [logged for logged in self.log[since:] if logged.event.kind is kind]

    def _append(self, events: Sequence[Event], actor: str) -> list[Kind]:
        for event in events:
            before = self.complaints.get(event.id)
            logged = self._log(event, actor)
            after = self.complaints[event.id] = evolve(before, logged)
            known = KnownAlarms(
                alarms=self._known(*wanted(logged.event, after)), recent_warned=self._warned_before(logged)
            )
            self._alarmed(react(logged.event, before, after, known, self.now, self.rules), actor)
        return [event.kind for event in events]

    def _alarmed(self, events: Sequence[Event], actor: str) -> list[Kind]:
        for event in events:
            logged = self._log(event, actor)
            self.alarms[event.id] = evolve_alarm(self.alarms.get(event.id), logged)
        return [event.kind for event in events]

    def _known(self, *ids: str) -> dict[str, Alarm]:
        return {id_: self.alarms[id_] for id_ in ids if id_ in self.alarms}

    def _warned_before(self, logged: LoggedEvent) -> int:
        at = logged.event.at
        return sum(at - HOUR < one.event.at <= at for one in self.of(Kind.DEADLINE_WARNED) if one is not logged)


def received(category: str = "jalan_rusak", **report: object) -> AlarmRoom:
    """A room that has just received ``c1``."""
    room = AlarmRoom()
    room.receive(category=category, **report)
    return room
