"""Commands of supervisors on the outbox: resend a delivery, mark a fault as known, release what a restore holds."""

from typing import Any

from liveroom.domain.alarms.model import way_out
from liveroom.domain.events import Event, Kind, Subject
from liveroom.domain.notifications import RecipientKind
from liveroom.domain.outbox import OUTBOX_SPECS, OutboxCommandName, refuse_known
from liveroom.domain.requests import Command, CommandResult, Unknown
from liveroom.domain.room import ROOM
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
        _tell(work, given, delivery, Kind.OUTBOX_RESENT, {})
    now = outbox.delivery(work.transaction.connection, delivery.id) or delivery
    state = "known" if now.known_until else now.state
    return CommandResult(id=delivery.id, seq=work.transaction.seq, status=now.state, state=state)


def _know(work: UnitOfWork, given: ParsedCommand[Delivery | None], delivery: Delivery) -> None:
    until, reason = given.fields["until"], given.fields["reason"]
    refuse_known(until, work.transaction.now, sent=delivery.state == outbox.SENT)
    outbox.set_known(work.transaction.connection, delivery.id, until=until, by=given.actor, reason=reason)
    _tell(work, given, delivery, Kind.OUTBOX_KNOWN, {"until": to_text(until), "reason": reason})


def _tell(
    work: UnitOfWork, given: ParsedCommand[Delivery | None], delivery: Delivery, kind: Kind, more: dict[str, Any]
) -> None:
    agency = delivery.key if delivery.recipient_kind == RecipientKind.AGENCY else None
    payload = {"delivery": delivery.id, "to": way_out(delivery.recipient_kind, delivery.key), "agency": agency, **more}
    about, id_ = (Subject.COMPLAINT, delivery.subject) if delivery.of_complaint else (Subject.ROOM, ROOM)
    work.append((Event(kind=kind, subject=about, id=id_, at=work.transaction.now, payload=payload),), actor=given.actor)


def release(work: UnitOfWork, *, actor: str) -> bool:
    """Let the deliveries leave that a restore holds back; False if none are held."""
    if not outbox.release(work.transaction.connection, work.transaction.head.epoch):
        return False
    payload = {"n": outbox.waiting(work.transaction.connection)}
    event = Event(kind=Kind.OUTBOX_RELEASED, subject=Subject.ROOM, id=ROOM, at=work.transaction.now, payload=payload)
    work.append((event,), actor=actor)
    return True
