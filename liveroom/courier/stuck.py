"""Notices what does not get through, tells the room once, and once again when it is over.

One cause is one alarm: while the mail server or the gateway of telephones is down, that is what is told, and not each
of those who are reached by it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from liveroom.courier.attempts import COURIER
from liveroom.courier.mail import of_one
from liveroom.domain.alarms.model import way_out
from liveroom.domain.events import Event, Kind, Subject
from liveroom.domain.notifications import OF_CITIZENS, Whom
from liveroom.domain.timestamps import written
from liveroom.log.engine import Connection
from liveroom.log.event_log import room_now
from liveroom.log.outbox import Stuck, attempts, is_stuck, stuck
from liveroom.projection.notices import STUCK, lines
from liveroom.room.recipients import SERVERS, Channel
from liveroom.room.room import Room
from liveroom.room.transaction import ROOM, WorkingSet
from liveroom.runtime.config import OutboxSettings


@dataclass(slots=True)
class Cause:
    """What keeps ``n`` deliveries back, the oldest since ``since``; ``agencies`` wait for some of them."""

    n: int
    since: datetime
    agencies: set[str]


class StuckWatch:
    """Compares what is stuck with what the room was told; an alarm follows from the event (domain.alarms.rules)."""

    def __init__(self, room: Room, settings: OutboxSettings) -> None:
        self._room = room
        self._after = timedelta(minutes=settings.stuck_minutes)
        self._tries = settings.stuck_tries

    def look(self) -> None:
        """Look, and log what is new; asked again under the lock. Raises Unavailable."""
        if self._room.log.read(lambda c: self._news(c, room_now(c))):
            self._room.unit(self._tell)

    def _tell(self, work: WorkingSet) -> None:
        work.append(self._news(work.unit.connection, work.unit.now), actor=COURIER)

    def _news(self, connection: Connection, now: datetime) -> tuple[Event, ...]:
        found = self._causes(connection, stuck(connection, is_stuck(now, self._after, self._tries)))
        told = {str(line["to"]): line for line in lines(connection) if line["kind"] == STUCK}
        over = (_over(to, line, now) for to, line in told.items() if to not in found)
        return (*_begun(found, told, now), *over)

    def _causes(self, connection: Connection, each: Iterable[Stuck]) -> dict[str, Cause]:
        found: dict[str, Cause] = {}
        for one in each:
            cause = found.setdefault(self._to(connection, one), Cause(0, one.since, set()))
            cause.n, cause.since = cause.n + one.n, min(cause.since, one.since)
            if one.receiver[0] == Whom.AGENCY:
                cause.agencies.add(one.receiver[1])
        return found

    def _to(self, connection: Connection, one: Stuck) -> str:
        """What keeps it back: the server that many share, or the receiver; citizens are one, whatever their lane."""
        whom, key = one.receiver
        channel = self._room.routes.channel(one.receiver)
        server = None if one.refused else SERVERS.get(channel)
        if server is not None and not (channel is Channel.MAIL and _of_one(connection, one)):
            return server
        return whom if Whom(whom) in OF_CITIZENS else way_out(whom, key)


def _of_one(connection: Connection, one: Stuck) -> bool:
    last = next(iter(attempts(connection, [one.first], 1).get(one.first, [])), None)
    return last is not None and of_one(last.code)


def _begun(found: Mapping[str, Cause], told: Mapping[str, Mapping[str, object]], now: datetime) -> Iterator[Event]:
    for to, cause in found.items():
        line, agencies = told.get(to), sorted(cause.agencies)
        if line is None or (line["n"], line.get("agencies", agencies)) != (cause.n, agencies):
            agency = agencies[0] if agencies == [to] else None
            payload = {**_named(to, agency), "agencies": agencies, "n": cause.n, "since": written(cause.since)}
            yield _event(Kind.OUTBOX_STUCK if line is None else Kind.OUTBOX_COUNTED, payload, now)


def _over(to: str, line: Mapping[str, object], now: datetime) -> Event:
    return _event(Kind.OUTBOX_RECOVERED, _named(to, line.get("agency")), now)


def _named(to: str, agency: object) -> dict[str, object]:
    return {"id": f"{STUCK}:{to}", "to": to, "agency": agency}


def _event(kind: Kind, payload: dict[str, object], now: datetime) -> Event:
    return Event(kind=kind, subject=Subject.ROOM, id=ROOM, at=now, payload=payload)
