"""Notices which receivers do not get what is theirs, tells the room once, and once again when it is over."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from liveroom.config_sending import OutboxSettings
from liveroom.courier.attempts import COURIER
from liveroom.domain.alarm_ids import way_out
from liveroom.domain.deliveries import Whom
from liveroom.domain.events import Event, Kind, Subject
from liveroom.domain.moments import written
from liveroom.log.connection import Connection
from liveroom.log.head import room_now
from liveroom.log.outbox import Receiver
from liveroom.log.outbox_list import Stuck, is_stuck, stuck
from liveroom.projection.notices import STUCK, lines
from liveroom.room import Room
from liveroom.working_set import ROOM, WorkingSet


class StuckWatch:
    """Compares what is stuck with what the room was told; an alarm follows from the event (liveroom.domain.losses)."""

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
        found = {way_out(*receiver): (receiver, one) for receiver, one in self._stuck(connection, now).items()}
        told = {str(line["to"]): line for line in lines(connection) if line["kind"] == STUCK}
        over = (_over(to, line, now) for to, line in told.items() if to not in found)
        return (*self._begun(found, told, now), *over)

    def _stuck(self, connection: Connection, now: datetime) -> dict[Receiver, Stuck]:
        return stuck(connection, is_stuck(now, self._after, self._tries))

    @staticmethod
    def _begun(
        found: dict[str, tuple[Receiver, Stuck]], told: dict[str, dict[str, object]], now: datetime
    ) -> Iterator[Event]:
        for to, ((whom, key), one) in found.items():
            line = told.get(to)
            if line is None or line["n"] != one.n:
                agency = key if whom == Whom.AGENCY else None
                payload = {**_named(to, agency), "n": one.n, "since": written(one.since)}
                yield _event(Kind.OUTBOX_STUCK if line is None else Kind.OUTBOX_COUNTED, payload, now)


def _over(to: str, line: dict[str, object], now: datetime) -> Event:
    return _event(Kind.OUTBOX_RECOVERED, _named(to, line.get("agency")), now)


def _named(to: str, agency: object) -> dict[str, object]:
    return {"id": f"{STUCK}:{to}", "to": to, "agency": agency}


def _event(kind: Kind, payload: dict[str, object], now: datetime) -> Event:
    return Event(kind=kind, subject=Subject.ROOM, id=ROOM, at=now, payload=payload)
