"""The delivery loop: due, attempt, back-off, stuck."""

import logging
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from liveroom.accounts.links import agency_links, citizen_links
from liveroom.city.city import City
from liveroom.courier.content import CITIZENS, Content, Link, content_of
from liveroom.courier.http import NOBODY, Outcome, Poster, Result, delivered, refused
from liveroom.courier.mail import Mailer, of_one
from liveroom.courier.open311 import Open311Channel
from liveroom.courier.webhook import Messages, Webhooks
from liveroom.domain.alarms.model import way_out
from liveroom.domain.events import Event, Kind, Subject
from liveroom.domain.notifications import OF_CITIZENS, RecipientKind, pause, pause_refused
from liveroom.domain.room import ROOM
from liveroom.domain.timestamps import written
from liveroom.log import outbox
from liveroom.log.engine import Connection, Unavailable
from liveroom.log.event_log import NoLog, read_head, room_now
from liveroom.log.lease import LASTS, Lease
from liveroom.log.outbox import Attempt, Delivery, Receiver, Stuck, attempts, is_stuck, stuck
from liveroom.projection.notices import STUCK, lines
from liveroom.room.bootstrap import OpenRoom
from liveroom.room.recipients import SERVERS, Channel
from liveroom.room.room import Room
from liveroom.room.transaction import UnitOfWork
from liveroom.runtime import Runtime
from liveroom.runtime.config import Config, OutboxSettings
from liveroom.runtime.metrics import DELIVERIES
from liveroom.runtime.time import monotonic

# Which ways out this room has. Here and nowhere else a drill is kept in: it has the sink alone.

Carry = Callable[[Content], Outcome]
SINK = "sink"


class Channels:
    """By channel what carries it; in a drill nothing leaves, and what would have is kept as an attempt."""

    def __init__(self, kind: str, city: City, config: Config) -> None:
        self._out: Mapping[Channel, Carry] = {} if kind == "drill" else _ways_out(city, config)
        self._drill = kind == "drill"

    def of(self, channel: Channel) -> tuple[str, Carry]:
        """The name under which an attempt is kept, and what makes it."""
        if self._drill:
            return SINK, lambda _content: delivered(SINK, channel.value)
        return channel.value, self._out[channel]


def _ways_out(city: City, config: Config) -> Mapping[Channel, Carry]:
    poster, secrets = Poster(), config.outbox.secrets
    return {
        Channel.PAGE: lambda _content: delivered("here"),
        Channel.MAIL: Mailer(config.mail, city).carry,
        Channel.WEBHOOK: Webhooks(city, secrets, poster).carry,
        Channel.OPEN311: Open311Channel(city, secrets, poster).carry,
        Channel.MESSAGE: Messages(config.gateway, city, poster).carry,
    }


# One attempt at a delivery, from reading what it tells to writing down what became of it.

COURIER = "courier"
Parcel = Sequence[Delivery]


class DeliveryAttempts:
    """``chance`` returns a number from 0 to 1; it spreads the pauses."""

    def __init__(self, room: Room, carriers: Channels, link: Link, chance: Callable[[], float]) -> None:
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
        rest = pause_refused(outbox.refusals(connection, [one.id for one in parcel]), self._chance())
        return outbox.BY_HAND if rest is None else now + rest


def _given_up(delivery: Delivery, outcome: Outcome) -> bool:
    """A citizen's address or number that takes none is nobody's fault here and gets better by no try."""
    return delivery.whom in OF_CITIZENS and outcome.result is Result.REFUSED


def _mark(work: UnitOfWork, parcel: Parcel, channel: str, outcome: Outcome, kept: Attempt) -> None:
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
        "agency": delivery.key if delivery.whom == RecipientKind.AGENCY else None,
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


# Notices what does not get through, tells the room once, and once again when it is over.
#
# One cause is one alarm: while the mail server or the gateway of telephones is down, that is what is told, and not each
# of those who are reached by it.


@dataclass(slots=True)
class Cause:
    """What keeps ``n`` deliveries back, the oldest since ``since``; ``agencies`` wait for some of them."""

    n: int
    since: datetime
    agencies: set[str]


class DeadLetterMonitor:
    """Compares what is stuck with what the room was told; an alarm follows from the event (domain.alarms.rules)."""

    def __init__(self, room: Room, settings: OutboxSettings) -> None:
        self._room = room
        self._after = timedelta(minutes=settings.stuck_minutes)
        self._tries = settings.stuck_tries

    def look(self) -> None:
        """Look, and log what is new; asked again under the lock. Raises Unavailable."""
        if self._room.log.read(lambda c: self._news(c, room_now(c))):
            self._room.unit(self._tell)

    def _tell(self, work: UnitOfWork) -> None:
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
            if one.receiver[0] == RecipientKind.AGENCY:
                cause.agencies.add(one.receiver[1])
        return found

    def _to(self, connection: Connection, one: Stuck) -> str:
        """What keeps it back: the server that many share, or the receiver; citizens are one, whatever their lane."""
        whom, key = one.receiver
        channel = self._room.routes.channel(one.receiver)
        server = None if one.refused else SERVERS.get(channel)
        if server is not None and not (channel is Channel.MAIL and _of_one(connection, one)):
            return server
        return whom if RecipientKind(whom) in OF_CITIZENS else way_out(whom, key)


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


# The courier's round: who is due, each receiver on its own, one after the other within it; every attempt is kept.
#
# Leased, one active. A second or a late one doubles nothing but an attempt under the same key, which is at-least-once.

ROUND_S, WATCH_S = 0.5, 5.0
AT_ONCE = 20
log = logging.getLogger(__name__)


class Courier:
    """``link`` makes an agency's signed link; see Content."""

    def __init__(self, room: Room, carriers: Channels, settings: OutboxSettings, link: Link) -> None:
        self._room = room
        self._lease = Lease(room.log, "courier")
        self._attempts = DeliveryAttempts(room, carriers, link, random.SystemRandom().random)
        self._watch = DeadLetterMonitor(room, settings)
        self._taken = self._watched = float("-inf")
        self._busy: set[Receiver] = set()
        self._paused: dict[Receiver, datetime] = {}

    def run(self, runtime: Runtime) -> None:
        """Go round for ever; a database that is away is asked again at the next round."""
        while True:
            try:
                self.round(runtime)
            except (Unavailable, NoLog) as error:
                log.warning("the courier cannot reach the log: %s", error)
            except Exception:
                log.exception("the courier failed; it goes on at the next round")
            runtime.sleep(ROUND_S)

    def round(self, runtime: Runtime) -> bool:
        """Set out to everybody for whom something is due; True if this process holds the lease."""
        if not self._lease.take():
            self._taken = float("-inf")
            return False
        self._taken = monotonic()
        now, receivers = self._room.log.read(self._look)
        for receiver, urgent in receivers.items():
            if receiver not in self._busy and (urgent or self._paused.get(receiver, now) <= now):
                self._busy.add(receiver)
                runtime.spawn(self._serve, receiver)
        if monotonic() - self._watched >= WATCH_S:
            self._watched = monotonic()
            self._watch.look()
        return True

    def release(self) -> None:
        """Let a courier that stands by begin at once; a database that is away will notice by itself."""
        with suppress(Unavailable, NoLog):
            self._lease.release()

    @staticmethod
    def _look(connection: Connection) -> tuple[datetime, dict[Receiver, bool]]:
        now, head = room_now(connection), read_head(connection)
        held = outbox.held_since(connection, head.epoch) is not None
        return now, {} if held else outbox.receivers_due(connection, now)

    @property
    def _holds(self) -> bool:
        """Whether the lease cannot have lapsed since the last round: one that was frozen sends nothing more."""
        return monotonic() - self._taken < LASTS.total_seconds()

    def _serve(self, receiver: Receiver) -> None:
        """Everything that is due for one receiver, until it cannot be reached."""
        try:
            while due := self._room.log.read(lambda c: outbox.due(c, receiver, room_now(c), AT_ONCE)):
                if not self._all_through(receiver, due):
                    return
        except (Unavailable, NoLog) as error:
            log.warning("the courier cannot reach the log: %s", error)
        except Exception:
            log.exception("the courier failed on a receiver; it is tried again")
        finally:
            self._busy.discard(receiver)

    def _all_through(self, receiver: Receiver, due: Sequence[Delivery]) -> bool:
        tried: set[str] = set()
        for delivery in due:
            parcel = () if delivery.id in tried else self._parcel(delivery)
            tried |= {one.id for one in parcel}
            if parcel and not self._through(receiver, parcel):
                return False
        return True

    def _parcel(self, delivery: Delivery) -> Sequence[Delivery]:
        """What leaves in one piece with it; nothing if it has left by now."""
        if delivery.digest is None or self._room.routes.channel(delivery.receiver) is not Channel.MAIL:
            return (delivery,)
        return self._room.log.touch(lambda c: outbox.digest_of(c, delivery))

    def _through(self, receiver: Receiver, parcel: Sequence[Delivery]) -> bool:
        """Whether the next one to this receiver is worth trying: the first failure makes all of its others wait."""
        if not self._holds:
            return False
        result, again = self._attempts.make(*parcel)
        self._paused.pop(receiver, None)
        if result is Result.UNREACHABLE and again is not None:
            self._paused[receiver] = again
            return False
        return True


# The courier of a process, wired.


def courier_of(config: Config, opened: OpenRoom) -> Courier:
    """The courier of an opened room; in a drill it has the sink alone."""
    room = opened.room
    links = agency_links(config, opened.links, room.kind)
    citizens = citizen_links(config, opened.links, room.kind)

    def link(whom: str, complaint: str, now: datetime) -> str | None:
        return citizens.address(complaint) if whom == CITIZENS else links.link_for(whom, complaint, now)

    return Courier(room, Channels(room.kind, room.city, config), config.outbox, link)
