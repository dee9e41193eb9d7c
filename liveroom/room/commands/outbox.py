"""Commands of supervisors on the outbox: resend a delivery, mark a fault as known, release what a restore holds.

Refusals in this order: 403 Refused, 404 Unknown, 422 Malformed, 422 Refused.
"""

from typing import Any

from liveroom.domain import outbox as outbox_commands
from liveroom.domain.alarms.model import way_out
from liveroom.domain.events import Event, Kind, Subject
from liveroom.domain.notifications import RecipientKind
from liveroom.domain.outbox import OutboxCommandName
from liveroom.domain.requests import Code, Command, CommandResult, Refused, Role, Unknown
from liveroom.domain.room import ROOM
from liveroom.domain.timestamps import to_text
from liveroom.log import outbox
from liveroom.log.outbox import Delivery
from liveroom.room.room import Room
from liveroom.room.transaction import UnitOfWork, earlier_answer, remember_answer, word_of


class OutboxCommands:
    """Executes commands on the outbox of one room."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def execute(self, command: Command) -> CommandResult:
        """Execute one command. Raises Unknown, Refused, Malformed or Unavailable, with nothing written."""
        name = word_of(OutboxCommandName, command.name, "command")
        self.refuse_strangers(command)
        word_of(Role, command.role, "role")
        return self._room.unit(lambda work: _do(work, command, name))

    def refuse_strangers(self, command: Command) -> None:
        """Refuse before the fields are parsed. Raises Refused, and only for a role that may, Unknown.

        In that order, so that a role that may not learns of no id.
        """
        if command.role in set(Role) and not outbox_commands.may(Role(command.role)):
            raise Refused(Code.ROLE, f"{command.name} is not for {command.role}")
        of_one = command.name != OutboxCommandName.RELEASE
        if of_one and self._room.log.read(lambda c: outbox.delivery(c, command.subject)) is None:
            raise Unknown(command.subject)


def release(work: UnitOfWork, *, actor: str) -> bool:
    """Let the deliveries leave that a restore holds back; False if none are held."""
    if not outbox.release(work.transaction.connection, work.transaction.head.epoch):
        return False
    payload = {"n": outbox.waiting(work.transaction.connection)}
    event = Event(kind=Kind.OUTBOX_RELEASED, subject=Subject.ROOM, id=ROOM, at=work.transaction.now, payload=payload)
    work.append((event,), actor=actor)
    return True


def _do(work: UnitOfWork, command: Command, name: OutboxCommandName) -> CommandResult:
    if (before := earlier_answer(work, command)) is not None:
        return before
    first = work.transaction.seq + 1
    if name is OutboxCommandName.RELEASE:
        state = "released" if release(work, actor=command.actor) else "not_held"
        return remember_answer(
            work, command, CommandResult(id=ROOM, seq=work.transaction.seq, status=state, state=state), first
        )
    delivery = outbox.delivery(work.transaction.connection, command.subject)
    if delivery is None:
        raise Unknown(command.subject)
    fields = outbox_commands.parse_outbox(name, command.fields, work.transaction.now)
    if name is OutboxCommandName.KNOW:
        _know(work, command, delivery, fields)
    else:
        _resend(work, command, delivery)
    now = outbox.delivery(work.transaction.connection, delivery.id) or delivery
    done = CommandResult(
        id=delivery.id, seq=work.transaction.seq, status=now.state, state="known" if now.known_until else now.state
    )
    return remember_answer(work, command, done, first)


def _know(work: UnitOfWork, command: Command, delivery: Delivery, fields: dict[str, Any]) -> None:
    if delivery.state == outbox.SENT:
        raise Refused(Code.STATE, "it is through")
    reason = work.texts.add(delivery.subject, "reason", fields["reason"])
    outbox.set_known(work.transaction.connection, delivery.id, until=fields["until"], by=command.actor, reason=reason)
    _tell(work, command, delivery, Kind.OUTBOX_KNOWN, {"until": to_text(fields["until"]), "reason": reason})


def _resend(work: UnitOfWork, command: Command, delivery: Delivery) -> None:
    outbox.send_again(work.transaction.connection, delivery, work.transaction.now)
    _tell(work, command, delivery, Kind.OUTBOX_RESENT, {})


def _tell(work: UnitOfWork, command: Command, delivery: Delivery, kind: Kind, more: dict[str, Any]) -> None:
    agency = delivery.key if delivery.recipient_kind == RecipientKind.AGENCY else None
    payload = {"delivery": delivery.id, "to": way_out(delivery.recipient_kind, delivery.key), "agency": agency, **more}
    about, id_ = (Subject.COMPLAINT, delivery.subject) if delivery.of_complaint else (Subject.ROOM, ROOM)
    work.append(
        (Event(kind=kind, subject=about, id=id_, at=work.transaction.now, payload=payload),), actor=command.actor
    )
