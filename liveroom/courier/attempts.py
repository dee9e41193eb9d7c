"""One attempt at a delivery, from reading what it tells to writing down what became of it."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from liveroom.courier.carriers import Carriers
from liveroom.courier.content import Link, content_of
from liveroom.courier.outcome import NOBODY, Outcome, Result, refused
from liveroom.domain.alarms.model import way_out
from liveroom.domain.events import Event, Kind, Subject
from liveroom.domain.notifications import OF_CITIZENS, Whom, pause, pause_refused
from liveroom.log import outbox
from liveroom.log.engine import Connection
from liveroom.log.event_log import room_now
from liveroom.log.outbox import Attempt, Delivery
from liveroom.room.room import Room
from liveroom.room.transaction import ROOM, WorkingSet
from liveroom.runtime.metrics import DELIVERIES
from liveroom.runtime.time import monotonic

COURIER = "courier"
Parcel = Sequence[Delivery]
log = logging.getLogger(__name__)


class Attempts:
    """``chance`` returns a number from 0 to 1; it spreads the pauses."""

    def __init__(self, room: Room, carriers: Carriers, link: Link, chance: Callable[[], float]) -> None:
        self._room = room
        self._carriers = carriers
        self._link = link
        self._chance = chance

    def make(self, *parcel: Delivery) -> tuple[Result, datetime | None]:
        """Try once what goes to one receiver in one piece; returns what became of it and, unless it is through, when it
        is tried again. Raises Unavailable."""
        content = self._room.log.read(lambda c: content_of(c, parcel, self._link))
        channel, carry = self._carriers.of(self._room.routes.channel(parcel[0].receiver))
        begun = monotonic()
        try:
            outcome = carry(content) if content is not None else refused("gone", "its event is not in this log")
        except Exception as error:
            # A fault of ours in one body must stop no other delivery, and must be seen on the desk.
            log.exception("a delivery could not be made")
            outcome = refused("fault", type(error).__name__)
        took_ms = int((monotonic() - begun) * 1000)
        DELIVERIES.labels(channel, outcome.result.value).inc()
        kept = partial(_kept, outcome, channel, took_ms)
        if outcome.result is Result.DELIVERED or _given_up(parcel[0], outcome):
            self._room.unit(lambda work: _mark(work, parcel, channel, outcome, kept(work.unit.now)))
            return outcome.result, None
        return outcome.result, self._room.log.touch(lambda c: self._put_off(c, parcel, outcome, kept(room_now(c))))

    def _put_off(self, connection: Connection, parcel: Parcel, outcome: Outcome, kept: Attempt) -> datetime:
        for one in parcel:
            outbox.note(connection, one.id, kept)
        refused_as = outcome.code if outcome.result is Result.REFUSED else None
        again = self._refused(connection, parcel, kept.at) if refused_as else self._away(parcel, outcome.away, kept.at)
        for one in parcel:
            outbox.mark_failed(connection, one.id, again, refused=refused_as)
        return again

    def _away(self, parcel: Parcel, asked: timedelta, now: datetime) -> datetime:
        return now + max(asked, pause(max(one.tries for one in parcel) + 1, self._chance()))

    def _refused(self, connection: Connection, parcel: Parcel, now: datetime) -> datetime:
        rest = pause_refused(outbox.noes(connection, [one.id for one in parcel]), self._chance())
        return outbox.BY_HAND if rest is None else now + rest


def _given_up(delivery: Delivery, outcome: Outcome) -> bool:
    """A citizen's address or number that takes none is nobody's fault here and gets better by no try."""
    return delivery.whom in OF_CITIZENS and outcome.result is Result.REFUSED


def _mark(work: WorkingSet, parcel: Parcel, channel: str, outcome: Outcome, kept: Attempt) -> None:
    """Through, and said so once of each: another courier may have been faster."""
    connection, now = work.unit.connection, work.unit.now
    reached = outcome.result is Result.DELIVERED and outcome.code != NOBODY
    for one in parcel:
        outbox.note(connection, one.id, kept)
        if outbox.mark_sent(connection, one.id, now) and reached:
            work.append((_sent(one, channel, now),), actor=COURIER)
        if reached and outbox.was_refused(connection, one.id):
            outbox.wake(connection, one.receiver, now)


def _sent(delivery: Delivery, channel: str, now: datetime) -> Event:
    """Of the complaint's own history; a page of no complaint is the room's."""
    payload = {
        "delivery": delivery.id,
        "to": way_out(delivery.whom, delivery.key),
        "agency": delivery.key if delivery.whom == Whom.AGENCY else None,
        "channel": channel,
        "cause": delivery.cause,
    }
    about, id_ = (Subject.COMPLAINT, delivery.subject) if delivery.of_complaint else (Subject.ROOM, ROOM)
    return Event(kind=Kind.OUTBOX_SENT, subject=about, id=id_, at=now, payload=payload)


def _kept(outcome: Outcome, channel: str, took_ms: int, now: datetime) -> Attempt:
    return Attempt(
        at=now,
        channel=channel,
        outcome=outcome.result.value,
        code=outcome.code,
        reason=outcome.reason,
        took_ms=took_ms,
    )
