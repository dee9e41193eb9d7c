"""The unit of work of one transaction: what an event brings with it, and what is due by now.

- ``UnitOfWork.append`` logs an event, applies it to the projections, logs the alarms it raises or ends, and writes the
  deliveries it causes
- ``settle_*`` log what time alone has made true, in order of time, before anything else is decided
- ``Writer`` is what opens one: the room
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import Any, Protocol, TypeVar

from msgspec.structs import replace

from liveroom.accounts.links import Contact, contacts
from liveroom.accounts.sources import is_source, name_of_source, notified_sources
from liveroom.domain.alarms.evolve import apply
from liveroom.domain.alarms.model import Alarm, AlarmKind, AlarmRules, of_complaint, of_source
from liveroom.domain.alarms.rules import (
    OVER_BELOW,
    WITHIN,
    KnownAlarms,
    ends_at,
    flood,
    is_inherited,
    loss_of,
    react,
    settle_alarm,
    source_react,
    wanted,
)
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.complaints.settle import settle
from liveroom.domain.events import Event, Kind, LoggedEvent, Subject
from liveroom.domain.events.room_payloads import FloodBegan, FloodEnded
from liveroom.domain.notifications import DIGESTED, Recipient, RecipientKind, recipients_of
from liveroom.domain.requests import CLOCK, Unknown
from liveroom.domain.room import about_room
from liveroom.log import outbox
from liveroom.log.engine import Connection
from liveroom.log.event_log import Transaction
from liveroom.log.outbox import Receiver
from liveroom.log.texts import TextRows
from liveroom.projection.fold import Fold
from liveroom.projection.search import note_new_words, note_words
from liveroom.room.recipients import Channel, Recipients
from liveroom.room.trace import traced, written

T = TypeVar("T")


class UnitOfWork:
    """One transaction of the log with its projections, texts and deliveries.

    Events are projected as they are appended, so every decision in a transaction sees all that it has logged so far.
    ``transaction`` is the log's own, ``fold`` the projections, ``texts`` the free texts to store, ``touched`` the
    alarms that were moved.
    """

    def __init__(self, transaction: Transaction, rules: AlarmRules, routes: Recipients) -> None:
        self.transaction = transaction
        self.rules = rules
        self.fold = Fold(transaction.connection)
        self.texts = TextRows()
        self._deliveries = _DeliveryRows(transaction.connection, routes, transaction.now)
        self.touched: set[str] = set()
        self._counted: dict[str, tuple[Event, str]] = {}
        self._received: set[str] = set()
        self._complaints: dict[str, None] = {}
        self._at: datetime | None = None

    def append(self, events: Iterable[Event], *, actor: str) -> tuple[LoggedEvent, ...]:
        """Log and project each of ``events``, with the alarms and deliveries that it causes."""
        logged: list[LoggedEvent] = []
        for event in events:
            before = self.fold.complaint(event.id) if event.subject is Subject.COMPLAINT else None
            entry = self._log(event, actor)
            logged.append(entry)
            if event.subject is Subject.COMPLAINT and before is None:
                self._received.add(event.id)
            after = self.fold.complaint(event.id) if event.subject is Subject.COMPLAINT else None
            self._deliveries.note(entry, before, after)
            for reaction in self._reactions(entry, before):
                self._react(reaction, actor)
        return tuple(logged)

    def receive(self, events: Sequence[Event], *, actor: str) -> None:
        """Log and project the receipt of a new complaint, and perhaps its end, from which nothing follows."""
        self._received.add(events[0].id)
        self._complaints[events[0].id] = None
        self._at = events[-1].at
        self.fold.receive(self.transaction.append(events, actor=actor))

    def _react(self, reaction: Event, actor: str) -> None:
        """Log an alarm's event; of the counts of one group only the last in a transaction is logged."""
        if reaction.kind is Kind.ALARM_COUNTED:
            self._counted[reaction.id] = (reaction, actor)
        else:
            self._log(reaction, actor)

    def _settle_count(self, alarm: str) -> None:
        """Log the held-back count of a group, dated with the last event: it did not grow in between."""
        if alarm in self._counted:
            event, actor = self._counted.pop(alarm)
            self._log(replace(event, at=max(event.at, self._at or event.at)), actor)

    def _grown(self, alarms: Mapping[str, Alarm]) -> Mapping[str, Alarm]:
        """The alarms with the counts that are held back."""
        grown = {id_: apply(alarm, *self._counted[id_]) for id_, alarm in alarms.items() if id_ in self._counted}
        return {**alarms, **grown}

    def _log(self, event: Event, actor: str) -> LoggedEvent:
        self._settle_count(event.id)
        (entry,) = self.transaction.append((event,), actor=actor)
        self._at = event.at
        self.fold.apply((entry,))
        if event.subject is Subject.COMPLAINT:
            self._complaints[event.id] = None
        if event.subject is Subject.ALARM:
            self.touched.add(event.id)
            self._note_flood(event, actor)
        return entry

    def _reactions(self, entry: LoggedEvent, before: Complaint | None) -> Sequence[Event]:
        event, now, alarms = entry.event, self.transaction.now, self.fold.alarms
        if (loss := loss_of(event)) is not None:
            what, state = loss
            return source_react(what, state, alarms.get((of_source(what),)), event.at, self.rules)
        after = self.fold.complaint(event.id) if event.subject is Subject.COMPLAINT else None
        if after is None:
            return ()
        ids = wanted(event, after)
        if before is None:
            alarms.none_yet([id_ for id_ in ids if id_.endswith(after.id)])
        asks = event.kind is Kind.DEADLINE_WARNED and not is_inherited(event)
        warned = alarms.warnings_before(event.at, entry.seq) if asks else 0
        known = KnownAlarms(alarms=self._grown(alarms.get(ids)), recent_warned=warned)
        return react(event, before, after, known, now, self.rules)

    def _note_flood(self, event: Event, actor: str) -> None:
        """Log the beginning of a flood with the activation that is one too many; the clock logs its end."""
        if not self.fold.alarms.activated(event.id, event.at) or self.fold.notices.flooding_since is not None:
            return
        moments = self.fold.alarms.activations_before(event.at)
        if flood(moments, self.rules.positions, False, event.at) == "begin":
            self._log(about_room(FloodBegan(count=len(moments)), at=event.at), actor)

    def complaint(self, id_: str) -> Complaint:
        """The complaint of this id. Raises Unknown if there is none."""
        found = self.fold.complaint(id_)
        if found is None:
            raise Unknown(id_)
        return found

    def finish(self) -> None:
        """Write held-back counts, texts, projections and deliveries. The log finishes ``transaction`` itself."""
        for alarm in tuple(self._counted):
            self._settle_count(alarm)
        self.texts.write(self.transaction.connection)
        self._note_words(self.texts.reported)
        self.fold.flush()
        self._deliveries.flush()

    def trace(self) -> None:
        """Log what was written, once it is committed; see ``room.trace``."""
        if traced():
            written(self.transaction.head.seq + 1, self.transaction.seq, self._complaints)

    def _note_words(self, reported: Mapping[str, Mapping[str, str]]) -> None:
        """Index the complaints that got texts, by id and kind; nothing is read for those that are new."""
        connection, numbers = self.transaction.connection, {id_: self.complaint(id_).source_id for id_ in reported}
        note_new_words(connection, numbers, {id_: texts for id_, texts in reported.items() if id_ in self._received})
        note_words(connection, {id_: number for id_, number in numbers.items() if id_ not in self._received})


class Writer(Protocol):
    """What opens units of work: a room."""

    def unit(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run ``work`` in one transaction; if it raises, nothing is written. Raises Unavailable."""


# Deliveries are written in the same transaction as their event: either both exist or neither.

CRITICAL = "critical"


class _DeliveryRows:
    """Collects the outbox rows that the events of one transaction cause."""

    def __init__(self, connection: Connection, routes: Recipients, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._routes = routes
        self._with_webhook: frozenset[str] | None = None
        self._names: dict[str, frozenset[str]] = {}
        self._rows: dict[tuple[object, ...], Mapping[str, Any]] = {}
        self._urgent: set[str] = set()

    def note(self, entry: LoggedEvent, before: Complaint | None, after: Complaint | None) -> None:
        """Note one logged event, with its complaint before and after it."""
        event = entry.event
        critical = after is not None and after.priority == CRITICAL
        if critical and before is not None and before.priority != CRITICAL:
            self._urgent.add(event.id)
        for to in recipients_of(event, before, after):
            for receiver in self._receivers(to, event.kind):
                held = self._routes.held(receiver) if event.kind in DIGESTED and not critical else None
                row = self._row(receiver, entry, held) | ({"subject": to.about} if to.about is not None else {})
                self._rows[(*receiver, row["subject"], entry.seq)] = row

    def _receivers(self, to: Recipient, kind: Kind) -> tuple[Receiver, ...]:
        """By whom a recipient is reached; beside a source those who subscribe to what becomes of its complaints."""
        receiver = self._routes.receiver(to)
        if receiver is None:
            return ()
        if to.kind is not RecipientKind.SOURCE:
            return (receiver,)
        others = self._routes.subscribers(self._names_of(to.key), kind) if self._routes.subscriptions else ()
        return (receiver, *others) if self._has_webhook(to.key) else others

    def _names_of(self, source: str) -> frozenset[str]:
        if source not in self._names:
            name = name_of_source(self._connection, source)
            # A name that is the id of another source means that one.
            others = name is not None and name != source and is_source(self._connection, name)
            self._names[source] = frozenset((source,) if name is None or others else (source, name))
        return self._names[source]

    def _row(self, receiver: Receiver, entry: LoggedEvent, held: timedelta | None) -> dict[str, Any]:
        # A citizen reads nothing here; their channel is known when the rows are written (see ``flush``).
        here = receiver[0] != RecipientKind.CITIZEN and self._routes.channel(receiver) is Channel.PAGE
        return outbox.row_of(receiver, entry, at=self._now, sent=here, held=held)

    def _has_webhook(self, source: str) -> bool:
        if self._with_webhook is None:
            self._with_webhook = notified_sources(self._connection)
        return source in self._with_webhook

    def flush(self) -> None:
        """Write the rows. A citizen's goes by the contact that they left, which is stored by now, or is dropped."""
        if not self._rows and not self._urgent:
            return
        citizens = {row["subject"] for row in self._rows.values() if row["whom"] == RecipientKind.CITIZEN}
        left = contacts(self._connection, citizens)
        rows = [ready for row in self._rows.values() if (ready := self._addressed(row, left)) is not None]
        if self._urgent:
            outbox.hasten(self._connection, self._urgent, self._now)
        outbox.write(self._connection, rows)
        self._rows, self._urgent = {}, set()

    def _addressed(self, row: Mapping[str, Any], left: Mapping[str, Contact]) -> Mapping[str, Any] | None:
        if row["whom"] != RecipientKind.CITIZEN:
            return row
        contact = left.get(row["subject"], Contact())
        way = self._routes.citizen(email=contact.email is not None, phone=contact.phone is not None)
        return None if way is None else {**row, "whom": way.value}


# Settling: log what time alone has made true, for complaints and alarms together, in order of time.

OWN = (AlarmKind.CRITICAL, AlarmKind.WARNED, AlarmKind.PASSED)
# The kinds of subjects that fall due, in the order in which they move within one instant.
COMPLAINT, ALARM, FLOOD = 0, 1, 2
DueSubject = tuple[int, str]
DueTurn = tuple[datetime, int, str]


def settle_complaint(work: UnitOfWork, complaint: Complaint) -> Complaint:
    """The complaint after everything due by now on it and its alarms: no command gets ahead of a missed deadline."""
    alarms = [of_complaint(kind, complaint.id) for kind in OWN]
    settle_until(work, (complaint.id,), alarms, work.transaction.now)
    return work.complaint(complaint.id)


def settle_until(work: UnitOfWork, complaints: Iterable[str], alarms: Iterable[str], until: datetime) -> None:
    """Log all that was due by ``until`` on these subjects, earliest first, and on the alarms that they move."""
    about = tuple(alarms)
    work.fold.alarms.get(about)  # in one query
    _settle(work, {*((COMPLAINT, id_) for id_ in complaints), *((ALARM, id_) for id_ in about)}, until)


def settle_all(
    work: UnitOfWork, complaints: Collection[str], alarms: Collection[str], until: datetime, enough: Callable[[], bool]
) -> datetime | None:
    """As ``settle_until``, for a caller that passes everything due by ``until``; also ends a flood of alarms.

    Only such a caller may end a flood, because every activation puts its end off. ``enough`` is called after each turn;
    if it says True, returns the moment from which the rest is due. None when all was logged.
    """
    work.fold.load(complaints)
    work.fold.alarms.get([*alarms, *(of_complaint(kind, id_) for id_ in complaints for kind in OWN)])
    about = {*((COMPLAINT, id_) for id_ in complaints), *((ALARM, id_) for id_ in alarms)}
    return _settle(work, {*about, (FLOOD, "")}, until, enough)


def _settle(
    work: UnitOfWork, subjects: set[DueSubject], until: datetime, enough: Callable[[], bool] = lambda: False
) -> datetime | None:
    floods: set[DueSubject] = {(FLOOD, "")} & subjects
    turns = [turn for subject in subjects if (turn := _next(work, *subject, until)) is not None]
    heapify(turns)
    while turns:
        at, about, id_ = heappop(turns)
        if _next(work, about, id_, until) != (at, about, id_):
            continue
        work.touched.clear()
        _take(work, about, id_, at)
        moved: set[DueSubject] = {(ALARM, alarm) for alarm in work.touched}
        for again in moved | {(about, id_)} | (floods if moved else set()):
            if (turn := _next(work, *again, until)) is not None:
                heappush(turns, turn)
        if turns and enough():
            return turns[0][0]
    return None


def _next(work: UnitOfWork, about: int, id_: str, until: datetime) -> DueTurn | None:
    if about == COMPLAINT:
        at = work.complaint(id_).next_due
    elif about == ALARM:
        alarm = work.fold.alarms.get((id_,)).get(id_)
        at = alarm.next_due if alarm is not None else None
    else:
        at = _flood_ends(work, until)
    return (at, about, id_) if at is not None and at <= until else None


def _take(work: UnitOfWork, about: int, id_: str, at: datetime) -> None:
    if about == COMPLAINT:
        events = settle(work.complaint(id_), at)
    elif about == ALARM:
        events = settle_alarm(work.fold.alarms.get((id_,))[id_], at, work.rules)
    else:
        events = (about_room(FloodEnded(), at=at),)
    work.append(events, actor=CLOCK)


def _flood_ends(work: UnitOfWork, until: datetime) -> datetime | None:
    """When the flood in force ends by itself (CR-25), however long ago; None when there is none or it goes on."""
    since = work.fold.notices.flooding_since
    if since is None or since > until:
        return None
    kept = OVER_BELOW * work.rules.positions
    last = work.fold.alarms.activations_before(until, until - since + WITHIN, youngest=kept)
    return ends_at(last, work.rules.positions) or until
