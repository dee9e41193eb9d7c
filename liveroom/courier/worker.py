"""The delivery worker: sends what is due in the outbox, tries again later what failed, and reports what is stuck.

- `Courier`: the loop. Each receiver is served on its own, its deliveries one after the other. One process holds the
  lease; a second or a late one repeats at most an attempt under the same key, which is at-least-once.
- `DeliveryAttempts`: one attempt, from reading the content to writing down what became of it; every attempt is kept.
- `Channels`: what sends by which channel. Here and nowhere else a drill is kept in: nothing of it leaves the room.
- `AgencyStatus` (its own file): what became of what was forwarded by Open311, asked for in the same rounds.
- `DeadLetterMonitor`: one event for each cause that keeps deliveries back, and one when it is over. While the mail
  server or the gateway is down, that is the cause, and not each receiver behind it.
"""

import logging
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from liveroom.accounts.links import agency_links, citizen_links
from liveroom.city.city import City
from liveroom.courier.agency_status import AgencyStatus
from liveroom.courier.content import CITIZENS, AttachedFile, Content, Link, content_of
from liveroom.courier.http import NOBODY, HttpSender, Outcome, Result, delivered, refused, unreachable
from liveroom.courier.mail import MailChannel, is_about_receiver
from liveroom.courier.open311 import Open311Channel, Open311Updates
from liveroom.courier.webhook import GatewayChannel, WebhookChannel
from liveroom.domain.alarms.model import way_out
from liveroom.domain.events import Event, Kind
from liveroom.domain.events.room_payloads import OutboxCounted, OutboxRecovered, OutboxSent, OutboxStuck, ReportMade
from liveroom.domain.notifications import OF_CITIZENS, RecipientKind
from liveroom.domain.room import about_room
from liveroom.domain.timestamps import to_text
from liveroom.log import outbox
from liveroom.log.engine import Connection, Unavailable
from liveroom.log.event_log import NoLog, read_head, room_now
from liveroom.log.lease import LASTS, Lease
from liveroom.log.outbox import Attempt, Delivery, Receiver, Stuck, attempts, is_stuck, stuck
from liveroom.projection.notices import STUCK, lines
from liveroom.room.bootstrap import OpenRoom
from liveroom.room.commands.outbox import about_delivery, named
from liveroom.room.recipients import SERVERS, Channel
from liveroom.room.room import Room
from liveroom.room.transaction import UnitOfWork
from liveroom.runtime import Runtime
from liveroom.runtime.config import Config, OutboxSettings
from liveroom.runtime.metrics import DELIVERIES
from liveroom.runtime.time import monotonic

COURIER = "courier"
# The channel under which a drill keeps what would have left the room.
SINK = "sink"
ROUND_S, WATCH_S = 0.5, 5.0
# Deliveries that are read at once for one receiver.
BATCH = 20
# Deliveries that become work in an agency's own system; a question or an escalation is another request beside it.
FOLLOWED = frozenset({Kind.FORWARDED, Kind.COORDINATED, Kind.REOPENED, Kind.SENT_BACK})
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=15)
# A refused delivery seldom succeeds by itself: a few tries, far apart, then a person has to act.
REFUSED_PAUSES = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6))
log = logging.getLogger(__name__)

Send = Callable[[Content], Outcome]
# The content of a kept report by its hash. Raises FileNotFoundError, and OSError while the store does not answer.
ReportFile = Callable[[str], bytes]
# The deliveries that leave in one piece to one receiver: one, or those of a digest.
Parcel = Sequence[Delivery]


class Channels:
    """The send function of each channel; in a drill nothing leaves, and each delivery is kept as an attempt."""

    def __init__(self, kind: str, city: City, config: Config) -> None:
        self._senders: Mapping[Channel, Send] = {} if kind == "drill" else _senders(city, config)
        self._drill = kind == "drill"

    def of(self, channel: Channel) -> tuple[str, Send]:
        """The name under which an attempt is kept, and the function that makes it."""
        if self._drill:
            return SINK, lambda _content: delivered(SINK, channel.value)
        return channel.value, self._senders[channel]


def _senders(city: City, config: Config) -> Mapping[Channel, Send]:
    http = HttpSender()
    return {
        Channel.PAGE: lambda _content: delivered("here"),
        Channel.MAIL: MailChannel(config.mail, city).send,
        Channel.WEBHOOK: _to_sources(WebhookChannel(city, config.outbox, http).send, Open311Updates(city, http).send),
        Channel.OPEN311: Open311Channel(city, config.outbox.secrets, http).send,
        Channel.MESSAGE: GatewayChannel(config.gateway, city, http).send,
    }


def _to_sources(webhook: Send, updates: Send) -> Send:
    """A source whose settings name where it takes Open311's updates gets those, and no webhook."""
    return lambda content: webhook(content) if content.status_to is None else updates(content)


# The loop.


class Courier:
    """``link`` makes the signed links of agencies and citizens (content.Link), ``files`` reads kept reports."""

    def __init__(
        self, room: Room, channels: Channels, settings: OutboxSettings, link: Link, files: ReportFile | None = None
    ) -> None:
        self._room = room
        self._lease = Lease(room.log, "courier")
        self._attempts = DeliveryAttempts(room, channels, link, random.SystemRandom().random, files)
        self._monitor = DeadLetterMonitor(room, settings)
        self.status = AgencyStatus(room, settings, pause)
        # Monotonic seconds of the last renewal of the lease and of the last look of the monitor.
        self._leased_at = self._watched_at = float("-inf")
        self._busy: set[Receiver] = set()
        self._paused: dict[Receiver, datetime] = {}

    def run(self, runtime: Runtime) -> None:
        """Serve for ever; a database that is away is asked again at the next round."""
        while True:
            try:
                self.step(runtime)
            except (Unavailable, NoLog) as error:
                log.warning("the courier cannot reach the log: %s", error)
            except Exception:
                log.exception("the courier failed; it goes on at the next round")
            runtime.sleep(ROUND_S)

    def step(self, runtime: Runtime) -> bool:
        """Begin to serve every receiver for whom something is due; True if this process holds the lease."""
        if not self._lease.take():
            self._leased_at = float("-inf")
            return False
        self._leased_at = monotonic()
        now, receivers = self._room.log.read(_receivers_due)
        for receiver, urgent in receivers.items():
            if receiver not in self._busy and (urgent or self._paused.get(receiver, now) <= now):
                self._busy.add(receiver)
                runtime.spawn(self._serve, receiver)
        if monotonic() - self._watched_at >= WATCH_S:
            self._watched_at = monotonic()
            self._monitor.look()
        self.status.step(runtime)
        return True

    def release(self) -> None:
        """Give up the lease, so that another courier begins at once; without a database it lapses by itself."""
        with suppress(Unavailable, NoLog):
            self._lease.release()

    @property
    def _holds_lease(self) -> bool:
        """Whether the lease cannot have lapsed since the last round: a process that was frozen sends nothing more."""
        return monotonic() - self._leased_at < LASTS.total_seconds()

    def _serve(self, receiver: Receiver) -> None:
        """Send everything that is due for one receiver, until it cannot be reached."""
        try:
            while due := self._room.log.read(lambda c: outbox.due(c, receiver, room_now(c), BATCH)):
                if not self._send_all(receiver, due):
                    return
        except (Unavailable, NoLog) as error:
            log.warning("the courier cannot reach the log: %s", error)
        except Exception:
            log.exception("the courier failed on a receiver; it is tried again")
        finally:
            self._busy.discard(receiver)

    def _send_all(self, receiver: Receiver, due: Sequence[Delivery]) -> bool:
        """Send each of ``due`` once, alone or in its digest; False when the receiver cannot be reached."""
        tried: set[str] = set()
        for delivery in due:
            parcel = () if delivery.id in tried else self._parcel(delivery)
            tried |= {one.id for one in parcel}
            if parcel and not self._send(receiver, parcel):
                return False
        return True

    def _parcel(self, delivery: Delivery) -> Sequence[Delivery]:
        """The deliveries that leave together with this one; empty if it has left by now."""
        if delivery.digest is None or self._room.routes.channel(delivery.receiver) is not Channel.MAIL:
            return (delivery,)
        return self._room.log.touch(lambda c: outbox.digest_of(c, delivery))

    def _send(self, receiver: Receiver, parcel: Sequence[Delivery]) -> bool:
        """One attempt; False when the next one to this receiver is not worth trying: then all of its others wait."""
        if not self._holds_lease:
            return False
        result, again = self._attempts.make(*parcel)
        self._paused.pop(receiver, None)
        if result is Result.UNREACHABLE and again is not None:
            self._paused[receiver] = again
            return False
        return True


def _receivers_due(connection: Connection) -> tuple[datetime, dict[Receiver, bool]]:
    """Room time, and whether each receiver is urgent; none while the outbox of a restored log is held."""
    now, head = room_now(connection), read_head(connection)
    held = outbox.held_since(connection, head.epoch) is not None
    return now, {} if held else outbox.receivers_due(connection, now)


def courier_of(config: Config, opened: OpenRoom, files: ReportFile | None = None) -> Courier:
    """The courier of an opened room, wired from its settings; ``files`` reads the reports that letters bring."""
    room = opened.room
    links = agency_links(config, opened.links, room.kind)
    citizens = citizen_links(config, opened.links, room.kind)

    def link(receiver: str, complaint: str, now: datetime) -> str | None:
        return citizens.address(complaint) if receiver == CITIZENS else links.link_for(receiver, complaint, now)

    return Courier(room, Channels(room.kind, room.city, config), config.outbox, link, files)


# One attempt.


class DeliveryAttempts:
    """``chance`` returns a number from 0 to 1; it spreads the pauses."""

    def __init__(
        self,
        room: Room,
        channels: Channels,
        link: Link,
        chance: Callable[[], float],
        files: ReportFile | None = None,
    ) -> None:
        self._files = files
        self._room = room
        self._channels = channels
        self._link = link
        self._chance = chance

    def make(self, *parcel: Delivery) -> tuple[Result, datetime | None]:
        """Try once to send a parcel; the result and, unless settled, the time of the next try. Raises Unavailable."""
        content = self._room.log.read(lambda c: content_of(c, parcel, self._link))
        channel, send = self._channels.of(self._room.routes.channel(parcel[0].receiver))
        begun = monotonic()
        try:
            outcome = self._sent(send, content) if content else refused("gone", "its event is not in this log")
        except Exception as error:
            # A fault of ours in one body must stop no other delivery, and must be seen on the desk.
            log.exception("a delivery could not be made")
            outcome = refused("fault", type(error).__name__)
        took_ms = int((monotonic() - begun) * 1000)
        DELIVERIES.labels(channel, outcome.result.value).inc()
        attempt_at = partial(_attempt, outcome, channel, took_ms)
        if outcome.result is Result.DELIVERED or _given_up(parcel[0], outcome):
            self._room.unit(lambda work: _settle(work, parcel, channel, outcome, attempt_at(work.transaction.now)))
            return outcome.result, None
        again = self._room.log.touch(lambda c: self._put_off(c, parcel, outcome, attempt_at(room_now(c))))
        return outcome.result, again

    def _sent(self, send: Send, content: Content) -> Outcome:
        """Send it, with the report that its letter brings."""
        made = content.event.event.payload
        if not isinstance(made, ReportMade) or self._files is None:
            return send(content)
        name = "-".join(part for part in (made.report, made.last, made.agency) if part)
        try:
            body = self._files(made.file)
        except FileNotFoundError:
            return refused("gone", "the report is not kept any more")
        except OSError as error:
            return unreachable("store", type(error).__name__)
        return send(replace(content, file=AttachedFile(name=f"{name}.pdf", body=body)))

    def _put_off(self, connection: Connection, parcel: Parcel, outcome: Outcome, attempt: Attempt) -> datetime:
        """Keep the attempt and set the time of the next one."""
        for one in parcel:
            outbox.note(connection, one.id, attempt)
        refused_as = outcome.code if outcome.result is Result.REFUSED else None
        if refused_as:
            again = self._after_refusal(connection, parcel, attempt.at)
        else:
            again = self._after_failure(parcel, outcome.retry_after, attempt.at)
        for one in parcel:
            outbox.mark_failed(connection, one.id, again, refused=refused_as)
        return again

    def _after_failure(self, parcel: Parcel, asked: timedelta, now: datetime) -> datetime:
        return now + max(asked, pause(max(one.tries for one in parcel) + 1, self._chance()))

    def _after_refusal(self, connection: Connection, parcel: Parcel, now: datetime) -> datetime:
        rest = pause_refused(outbox.refusals(connection, [one.id for one in parcel]), self._chance())
        return outbox.BY_HAND if rest is None else now + rest


def pause(tries: int, chance: float) -> timedelta:
    """How long to wait after the ``tries``-th failure in a row: doubling, at most 15 min.

    ``chance`` from 0 to 1 spreads it by a quarter to either side, so that many do not come back at once.
    """
    whole = min(FIRST_PAUSE * (1 << min(tries - 1, 16)), LONGEST_PAUSE)
    return whole * (0.75 + chance / 2)


def pause_refused(refusals: int, chance: float) -> timedelta | None:
    """How long to wait after the same delivery was refused ``refusals`` times in a row; None: a person has to act."""
    if refusals > len(REFUSED_PAUSES):
        return None
    return REFUSED_PAUSES[refusals - 1] * (0.75 + chance / 2)


def _given_up(delivery: Delivery, outcome: Outcome) -> bool:
    """A citizen's address or number that refuses is not tried again: no later attempt makes it better."""
    return delivery.recipient_kind in OF_CITIZENS and outcome.result is Result.REFUSED


def _settle(work: UnitOfWork, parcel: Parcel, channel: str, outcome: Outcome, attempt: Attempt) -> None:
    """Mark a parcel as sent, with one event for each delivery: another courier may have been faster."""
    connection, now = work.transaction.connection, work.transaction.now
    reached = outcome.result is Result.DELIVERED and outcome.code != NOBODY
    for one in parcel:
        outbox.note(connection, one.id, attempt)
        if outbox.mark_sent(connection, one.id, now) and reached:
            sent = OutboxSent(**named(one), channel=channel, cause=one.cause)
            work.append((about_delivery(one, sent, at=now),), actor=COURIER)
            if (outcome.number or outcome.token) and Kind(one.cause) in FOLLOWED:
                outbox.follow(connection, one, now, number=outcome.number, token=outcome.token)
        if reached and outbox.was_refused(connection, one.id):
            outbox.wake(connection, one.receiver, now)


def _attempt(outcome: Outcome, channel: str, took_ms: int, now: datetime) -> Attempt:
    return Attempt(
        at=now,
        channel=channel,
        outcome=outcome.result.value,
        code=outcome.code,
        reason=outcome.reason,
        took_ms=took_ms,
    )


# Stuck deliveries.


@dataclass(slots=True)
class _Cause:
    """One cause of ``n`` stuck deliveries, the oldest since ``since``; ``agencies`` wait for some of them."""

    n: int
    since: datetime
    agencies: set[str]


class DeadLetterMonitor:
    """Compares what is stuck with the standing notices; an alarm follows from the event (domain.alarms.rules)."""

    def __init__(self, room: Room, settings: OutboxSettings) -> None:
        self._room = room
        self._after = timedelta(minutes=settings.stuck_minutes)
        self._tries = settings.stuck_tries

    def look(self) -> None:
        """Log what has changed, asked again under the lock. Raises Unavailable."""
        if self._room.log.read(lambda c: self._changes(c, room_now(c))):
            self._room.unit(self._append_changes)

    def _append_changes(self, work: UnitOfWork) -> None:
        work.append(self._changes(work.transaction.connection, work.transaction.now), actor=COURIER)

    def _changes(self, connection: Connection, now: datetime) -> tuple[Event, ...]:
        found = self._causes(connection, stuck(connection, is_stuck(now, self._after, self._tries)))
        notices = {str(line["to"]): line for line in lines(connection) if line["kind"] == STUCK}
        recovered = (_recovered(to, line, now) for to, line in notices.items() if to not in found)
        return (*_stuck_events(found, notices, now), *recovered)

    def _causes(self, connection: Connection, each: Iterable[Stuck]) -> dict[str, _Cause]:
        found: dict[str, _Cause] = {}
        for one in each:
            cause = found.setdefault(self._cause_of(connection, one), _Cause(0, one.since, set()))
            cause.n, cause.since = cause.n + one.n, min(cause.since, one.since)
            if one.receiver[0] == RecipientKind.AGENCY:
                cause.agencies.add(one.receiver[1])
        return found

    def _cause_of(self, connection: Connection, one: Stuck) -> str:
        """The cause by name: the server that many receivers share, or the receiver; all citizens count as one."""
        kind, key = one.receiver
        channel = self._room.routes.channel(one.receiver)
        server = None if one.refused else SERVERS.get(channel)
        if server is not None and not (channel is Channel.MAIL and _about_receiver(connection, one)):
            return server
        return kind if RecipientKind(kind) in OF_CITIZENS else way_out(kind, key)


def _about_receiver(connection: Connection, one: Stuck) -> bool:
    """Whether the last attempt failed by what the server said about this receiver alone."""
    last = next(iter(attempts(connection, [one.first], 1).get(one.first, [])), None)
    return last is not None and is_about_receiver(last.code)


def _stuck_events(
    found: Mapping[str, _Cause], notices: Mapping[str, Mapping[str, Any]], now: datetime
) -> Iterator[Event]:
    for to, cause in found.items():
        line, agencies = notices.get(to), sorted(cause.agencies)
        if line is None or (line["n"], line.get("agencies", agencies)) != (cause.n, agencies):
            told = OutboxStuck if line is None else OutboxCounted
            payload = told(
                id=f"{STUCK}:{to}",
                to=to,
                agency=to if agencies == [to] else None,
                agencies=agencies,
                n=cause.n,
                since=to_text(cause.since),
            )
            yield about_room(payload, at=now)


def _recovered(to: str, line: Mapping[str, Any], now: datetime) -> Event:
    return about_room(OutboxRecovered(id=f"{STUCK}:{to}", to=to, agency=line.get("agency")), at=now)
