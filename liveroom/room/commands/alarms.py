"""How an order about an alarm becomes events in a unit: 404, 403, 422 (fields), 409, 422 (code), in this order."""

from liveroom.accounts.screens import is_screen
from liveroom.accounts.sources import is_source
from liveroom.domain.alarms import commands, model
from liveroom.domain.alarms.commands import AlarmCommand, AlarmName
from liveroom.domain.alarms.model import Alarm, AlarmRules
from liveroom.domain.requests import Code, Command, Done, Refused, Role, Stale, Unknown
from liveroom.log.engine import Connection
from liveroom.log.event_log import first_of_kinds
from liveroom.log.texts import TextRows
from liveroom.projection.alarms import alarms_of
from liveroom.room.transaction import (
    UnitOfWork,
    earlier_answer,
    refuse_unseen,
    remembered,
    settle_until,
    with_text_ids,
    word_of,
)


class AlarmCommands:
    """The rules of alarms applied to orders; one for the life of the room."""

    def __init__(self, rules: AlarmRules) -> None:
        self._rules = rules

    def execute(self, work: UnitOfWork, order: Command) -> Done:
        """Log what the order causes. Raises Unknown, Refused, Malformed or Stale with nothing logged of the order."""
        if (before := earlier_answer(work, order)) is not None:
            return before
        alarm = self._alarm(work, order)
        name, role = word_of(AlarmName, order.name, "command"), word_of(Role, order.role, "role")
        if not commands.may(name, role):
            raise Refused(Code.ROLE, f"{name} is not for {role}")
        raw = commands.parse_alarm(order.name, order.fields)
        refuse_unseen(work, order)
        self._refuse_stale(work, alarm, order)
        settle_until(work, (alarm.complaint,) if alarm.complaint else (), (alarm.id,), work.unit.now)
        alarm, first = self._alarm(work, order), work.unit.seq + 1
        draft = TextRows()
        fields = with_text_ids(raw, commands.text_fields(name), alarm.id, draft)
        command = AlarmCommand(name=name, alarm=alarm.id, actor=order.actor, role=role, fields=fields)
        work.append(commands.decide_alarm(alarm, command, work.unit.now, self._rules), actor=order.actor)
        work.texts.absorb(draft)
        now = self._alarm(work, order)
        done = Done(id=now.id, seq=now.seq, status=now.state.value, state=now.state.value)
        return remembered(work, order, done, first)

    @staticmethod
    def refuse_strangers(connection: Connection, order: Command) -> None:
        """Raises Unknown without an alarm, Refused when this role may not; wrong words pass."""
        if not alarms_of(connection, (order.subject,)):
            _unraised(connection, order)
        if order.name in set(AlarmName) and order.role in set(Role) and not commands.may(order.name, Role(order.role)):
            raise Refused(Code.ROLE, f"{order.name} is not for {order.role}")

    @staticmethod
    def _alarm(work: UnitOfWork, order: Command) -> Alarm:
        found = work.fold.alarms.get((order.subject,)).get(order.subject)
        return found if found is not None else _unraised(work.unit.connection, order)

    @staticmethod
    def _refuse_stale(work: UnitOfWork, alarm: Alarm, order: Command) -> None:
        kinds = commands.conflicts(order.name)
        found = first_of_kinds(work.unit.connection, alarm.id, order.seen_seq, kinds)
        if found is not None:
            raise Stale(alarm, actor=found.actor, kind=found.event.kind.value)


def _unraised(connection: Connection, order: Command) -> Alarm:
    """The alarm of a source or screen that was never silent; any other must have been raised. Raises Unknown."""
    try:
        alarm = model.unraised_of(order.subject)
    except ValueError as error:
        raise Unknown(order.subject) from error
    kind, _, screen = (alarm.source or "").rpartition(":")
    exists = is_screen(connection, screen) if f"{kind}:" == model.SCREEN else is_source(connection, alarm.source or "")
    if not exists:
        raise Unknown(order.subject)
    return alarm
