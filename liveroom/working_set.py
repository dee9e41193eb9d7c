"""One unit of the room at work: the log's unit, the fold of what it says, and the texts that go with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from liveroom.domain.alarms.evolve import apply
from liveroom.domain.alarms.model import Alarm, AlarmRules, of_source
from liveroom.domain.alarms.rules import Known, flood, loss_of, react, source_react, wanted
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events import Event, Kind, Logged, Subject
from liveroom.domain.requests import Unknown
from liveroom.log.event_log import Unit
from liveroom.log.texts import Texts
from liveroom.outgoing import Outgoing
from liveroom.projection.fold import Fold
from liveroom.projection.search import note_words
from liveroom.routes import Routes

CLOCK, ROOM = "clock", "room"


class WorkingSet:
    """Append and fold in one step, so that every decision in a unit sees all that the unit has said so far."""

    def __init__(self, unit: Unit, rules: AlarmRules, routes: Routes) -> None:
        self.unit = unit
        self.rules = rules
        self.fold = Fold(unit.connection)
        self.texts = Texts()
        self._outgoing = Outgoing(unit.connection, routes, unit.now)
        self.touched: set[str] = set()
        self._counted: dict[str, tuple[Event, str]] = {}
        self._at: datetime | None = None

    def append(self, events: Iterable[Event], *, actor: str) -> tuple[Logged, ...]:
        """Log and fold each of ``events``, with what it does to alarms and whom it is sent to: one append."""
        logged: list[Logged] = []
        for event in events:
            before = self.fold.complaint(event.id) if event.subject is Subject.COMPLAINT else None
            entry = self._log(event, actor)
            logged.append(entry)
            after = self.fold.complaint(event.id) if event.subject is Subject.COMPLAINT else None
            self._outgoing.note(entry, before, after)
            for reaction in self._reactions(entry, before):
                self._react(reaction, actor)
        return tuple(logged)

    def _react(self, reaction: Event, actor: str) -> None:
        """Log a reaction; of a group that only grows, the last count of the unit says it all."""
        if reaction.kind is Kind.ALARM_COUNTED:
            self._counted[reaction.id] = (reaction, actor)
        else:
            self._log(reaction, actor)

    def _settle_count(self, alarm: str) -> None:
        """Log how far a group has grown, as of the last event: it grew no further between its own and that one."""
        if alarm in self._counted:
            event, actor = self._counted.pop(alarm)
            self._log(replace(event, at=max(event.at, self._at or event.at)), actor)

    def _grown(self, alarms: Mapping[str, Alarm]) -> Mapping[str, Alarm]:
        """The alarms with the counts that are not logged yet."""
        grown = {id_: apply(alarm, *self._counted[id_]) for id_, alarm in alarms.items() if id_ in self._counted}
        return {**alarms, **grown}

    def _log(self, event: Event, actor: str) -> Logged:
        self._settle_count(event.id)
        (entry,) = self.unit.append((event,), actor=actor)
        self._at = event.at
        self.fold.apply((entry,))
        if event.subject is Subject.ALARM:
            self.touched.add(event.id)
            self._note_flood(event, actor)
        return entry

    def _reactions(self, entry: Logged, before: Complaint | None) -> Sequence[Event]:
        event, now, alarms = entry.event, self.unit.now, self.fold.alarms
        if (loss := loss_of(event)) is not None:
            what, state = loss
            return source_react(what, state, alarms.get((of_source(what),)), event.at, self.rules)
        after = self.fold.complaint(event.id) if event.subject is Subject.COMPLAINT else None
        if after is None:
            return ()
        ids = wanted(event, after)
        if before is None:
            alarms.none_yet([id_ for id_ in ids if id_.endswith(after.id)])
        warned = alarms.warnings_before(event.at, entry.seq) if event.kind is Kind.DEADLINE_WARNED else 0
        known = Known(alarms=self._grown(alarms.get(ids)), recent_warned=warned)
        return react(event, before, after, known, now, self.rules)

    def _note_flood(self, event: Event, actor: str) -> None:
        """The activation that is one too many begins a flood, in the same append; its end is the clock's."""
        if not self.fold.alarms.activated(event.id, event.at) or self.fold.notices.flooding_since is not None:
            return
        moments = self.fold.alarms.activations_before(event.at)
        if flood(moments, self.rules.positions, False, event.at) == "begin":
            payload = {"count": len(moments)}
            self._log(Event(kind=Kind.FLOOD_BEGAN, subject=Subject.ROOM, id=ROOM, at=event.at, payload=payload), actor)

    def complaint(self, id_: str) -> Complaint:
        """A complaint that is known to exist. Raises Unknown otherwise."""
        found = self.fold.complaint(id_)
        if found is None:
            raise Unknown(id_)
        return found

    def finish(self) -> None:
        """Write counts, texts and rows; the unit itself is finished by the log."""
        for alarm in tuple(self._counted):
            self._settle_count(alarm)
        self.texts.write(self.unit.connection)
        note_words(self.unit.connection, {id_: self.complaint(id_).source_id for id_ in sorted(self.texts.reported)})
        self.fold.flush()
        self._outgoing.flush()
