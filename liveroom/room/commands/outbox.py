"""Commands of supervisors on the outbox: resend a delivery, mark a fault as known, release what a restore holds."""

from datetime import datetime
from typing import TypedDict

from liveroom.domain.alarms.model import way_out
from liveroom.domain.events import Event, Subject
from liveroom.domain.events.room_payloads import DeliveryPayload, OutboxKnown, OutboxReleased, OutboxResent
from liveroom.domain.notifications import RecipientKind
from liveroom.domain.outbox import OUTBOX_SPECS, OutboxCommandName, refuse_known
from liveroom.domain.requests import Command, CommandResult, Unknown
from liveroom.domain.room import ROOM, about_room
from liveroom.domain.timestamps import to_text
from liveroom.log import outbox
from liveroom.log.engine import Connection
from liveroom.log.outbox import Delivery
from liveroom.room.pipeline import Handler, ParsedCommand
from liveroom.room.transaction import UnitOfWork


def outbox_handler() -> Handler[Delivery | None]:
    """The commands on deliveries; the subject of a release, which is about all of them, is None."""
    return Handler(
        specs=OUTBOX_SPECS,
        load=lambda connection, _fold, command: _load(connection, command),
        decide=_decide,
        owner=lambda delivery, command: command.subject if delivery is None else delivery.subject,
    )


def _load(connection: Connection, command: Command) -> Delivery | None:
    if command.name == OutboxCommandName.RELEASE:
        return None
    found = outbox.delivery(connection, command.subject)
    if found is None:
        raise Unknown(command.subject)
    return found


def _decide(work: UnitOfWork, given: ParsedCommand[Delivery | None]) -> CommandResult:
    delivery = given.subject
    if delivery is None:
        state = "released" if release(work, actor=given.actor) else "not_held"
        return CommandResult(id=ROOM, seq=work.transaction.seq, status=state, state=state)
    if given.name == OutboxCommandName.KNOW:
        _know(work, given, delivery)
    else:
        outbox.send_again(work.transaction.connection, delivery, work.transaction.now)
        _tell(work, given, delivery, OutboxResent(**named(delivery)))
    now = outbox.delivery(work.transaction.connection, delivery.id) or delivery
    state = "known" if now.known_until else now.state
    return CommandResult(id=delivery.id, seq=work.transaction.seq, status=now.state, state=state)


def _know(work: UnitOfWork, given: ParsedCommand[Delivery | None], delivery: Delivery) -> None:
    until, reason = given.fields["until"], given.fields["reason"]
    refuse_known(until, work.transaction.now, sent=delivery.state == outbox.SENT)
    outbox.set_known(work.transaction.connection, delivery.id, until=until, by=given.actor, reason=reason)
    _tell(work, given, delivery, OutboxKnown(**named(delivery), until=to_text(until), reason=reason))


def _tell(
    work: UnitOfWork, given: ParsedCommand[Delivery | None], delivery: Delivery, payload: DeliveryPayload
) -> None:
    work.append((about_delivery(delivery, payload, at=work.transaction.now),), actor=given.actor)


class DeliveryNames(TypedDict):
    """How an event names a delivery: its id, its receiver, and the agency if that is one."""

    delivery: str
    to: str
    agency: str | None


def named(delivery: Delivery) -> DeliveryNames:
    """The names of a delivery in its events."""
    agency = delivery.key if delivery.recipient_kind == RecipientKind.AGENCY else None
    return {"delivery": delivery.id, "to": way_out(delivery.recipient_kind, delivery.key), "agency": agency}


def about_delivery(delivery: Delivery, payload: DeliveryPayload, *, at: datetime) -> Event:
    """An event in the complaint's own history; a page of an alarm without a complaint is the room's."""
    about, id_ = (Subject.COMPLAINT, delivery.subject) if delivery.of_complaint else (Subject.ROOM, ROOM)
    return Event(kind=payload.KIND, subject=about, id=id_, at=at, payload=payload)


def release(work: UnitOfWork, *, actor: str) -> bool:
    """Let the deliveries leave that a restore holds back; False if none are held."""
    if not outbox.release(work.transaction.connection, work.transaction.head.epoch):
        return False
    payload = OutboxReleased(n=outbox.waiting(work.transaction.connection))
    work.append((about_room(payload, at=work.transaction.now),), actor=actor)
    return True
