"""The past of a drill room: complaints that lived before it opened, written in bulk and by the room's own rules.

The rules are those of every write (``receive``, ``settle``, ``decide``, ``evolve``, and each read model's own fold),
but all of it is one transaction with a clock that its caller turns. So the log is whole or not there at all, it is
numbered and marked as any other, and a rebuild makes the same rows of it.

What is past rings no alarm and sends no letter: nobody could have answered it. A deadline that passed is logged as
passed; what falls due after the room has opened raises its alarm then. Answers to commands are not remembered either:
nobody gives one of them again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from liveroom.city.city import City
from liveroom.domain.complaints.commands import SPECS, ComplaintCommand, needs
from liveroom.domain.complaints.decide import decide
from liveroom.domain.complaints.evolve import evolve
from liveroom.domain.complaints.intake import Report, receive
from liveroom.domain.complaints.model import Complaint, State
from liveroom.domain.complaints.settle import settle
from liveroom.domain.events import Event, Kind
from liveroom.domain.events.room_payloads import DayOpened
from liveroom.domain.requests import CLOCK, CommandName, Role
from liveroom.domain.room import about_room
from liveroom.log.event_log import Transaction
from liveroom.log.texts import TextRows
from liveroom.projection.complaints import complaints
from liveroom.projection.fold import PROJECTORS
from liveroom.projection.projector import Step
from liveroom.projection.search import note_new_words
from liveroom.room.commands.complaints import ComplaintIntake

# Rows in one statement: more make it no faster, and what waits for them is memory.
ROWS_AT_ONCE = 1000


class Past:
    """What a room has lived through, as its one transaction sees it. ``at`` of every call never goes back.

    Raises ValueError for a room that is no drill, or that has events already.
    """

    def __init__(self, unit: Transaction, city: City) -> None:
        if unit.head.kind != "drill":
            raise ValueError(f"only a drill room can be given a past, and this is the {unit.head.kind} room")
        if unit.head.seq:
            raise ValueError("this room has lived already: a past is given to an empty one")
        self._unit, self._policy = unit, city.policy
        self._intake = ComplaintIntake(city)
        self._projectors = tuple(kind(unit.connection) for kind in PROJECTORS)
        self._texts = TextRows()
        self._now: dict[str, Complaint] = {}
        self._steps: dict[str, list[Step]] = {}
        self._unwritten = 0

    @property
    def events(self) -> int:
        """How many events there are by now."""
        return self._unit.seq

    def complaint(self, id_: str) -> Complaint:
        """A complaint as it is by now."""
        return self._known(id_)

    def open_day(self, day: str, at: datetime) -> None:
        """Open a day of the city (ISO date)."""
        event = about_room(DayOpened(date=day), at=at)
        (entry,) = self._unit.append((event,), actor=CLOCK)
        for projector in self._projectors:
            projector.apply(entry, None, None)

    def receive(self, report: Report, *, source: str, at: datetime) -> Complaint:
        """Receive a report of a complaint that is new. Raises Malformed with nothing logged."""
        draft = TextRows()
        receipt = self._intake.receipt_of_new(report, source, draft)
        events = receive(receipt, at, self._policy)
        self._texts.absorb(draft)
        self._log(events, source)
        return self._known(receipt.complaint)

    def settle(self, id_: str, at: datetime) -> Complaint:
        """Log what time alone has made true of a complaint by ``at``."""
        self._log(settle(self._known(id_), at), CLOCK)
        return self._known(id_)

    def execute(  # noqa: PLR0913 - a command, by its parts
        self,
        name: CommandName,
        id_: str,
        *,
        actor: str,
        role: Role,
        agency: str | None,
        fields: Mapping[str, Any],
        at: datetime,
    ) -> Complaint:
        """Execute a command on a complaint that is settled at ``at``. Raises Refused or Malformed, nothing logged."""
        spec, draft = SPECS[name], TextRows()
        parsed = spec.parse(fields)
        parsed |= {text: draft.add(id_, text, parsed[text]) for text in spec.texts if parsed.get(text)}
        complaint = self._known(id_)
        command = ComplaintCommand(name=name, complaint=id_, actor=actor, role=role, actor_agency=agency, fields=parsed)
        others = {other: self._known(other) for other in (*needs(name, parsed), *complaint.children)}
        events = decide(complaint, command, at, self._policy, others=others)
        self._texts.absorb(draft)
        self._log(events, actor)
        return self._known(id_)

    def _known(self, id_: str) -> Complaint:
        if id_ not in self._now:
            (self._now[id_],) = complaints(self._unit.connection, (id_,))
        return self._now[id_]

    def _log(self, events: Sequence[Event], actor: str) -> None:
        for event in events:
            (entry,) = self._unit.append((event,), actor=actor)
            before = None if event.kind is Kind.RECEIVED else self._known(event.id)
            after = self._now[event.id] = evolve(before, entry)
            self._steps.setdefault(event.id, []).append(Step(before=before, after=after, logged=entry))
        self._unwritten += len(events)
        if self._unwritten >= ROWS_AT_ONCE:
            self._write()

    def _write(self) -> None:
        """Write events and texts, and fold the complaints that are over; those that live on are folded once, then."""
        connection, self._unwritten = self._unit.connection, 0
        self._unit.spill()
        self._texts.write(connection)
        reported = self._texts.reported
        note_new_words(connection, {id_: self._now[id_].source_id for id_ in reported}, reported)
        self._texts = TextRows()
        self._fold([id_ for id_ in self._steps if not self._now[id_].open])

    def _fold(self, ids: Sequence[str]) -> None:
        for id_ in ids:
            for step in self._steps.pop(id_):
                for projector in self._projectors:
                    projector.apply(step.logged, step.before, step.after)
        for projector in self._projectors:
            projector.flush()
        for id_ in ids:
            # One that was merged ends a second time, with the one it went into.
            one = self._now.get(id_)
            if one is not None and one.state is not State.MERGED:
                for over in (id_, *one.children):
                    self._now.pop(over, None)

    def finish(self) -> None:
        """Write the rest; the transaction's own end moves the head."""
        self._write()
        self._fold(tuple(self._steps))
