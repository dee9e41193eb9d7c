"""Commands on an alarm: acknowledge, shelve, suppress and the like, by the rules of `domain.alarms.commands`.

Refusals in this order: 404 Unknown, 403 Refused, 422 Malformed, 409 Stale, 422 Refused.
"""

from liveroom.accounts.screens import is_screen
from liveroom.accounts.sources import is_source
from liveroom.domain.alarms import commands, model
from liveroom.domain.alarms.commands import AlarmCommand, AlarmCommandName
from liveroom.domain.alarms.model import Alarm, AlarmRules
from liveroom.domain.requests import Code, Command, CommandResult, Refused, Role, Stale, Unknown
from liveroom.log.engine import Connection
from liveroom.log.event_log import first_of_kinds
from liveroom.log.texts import TextRows
from liveroom.projection.alarms import alarms_of
from liveroom.room.transaction import (
    UnitOfWork,
    earlier_answer,
    refuse_unseen,
    remember_answer,
    settle_until,
    with_text_ids,
    word_of,
)


class AlarmCommands:
    """Executes commands on the alarms of one room."""

    def __init__(self, rules: AlarmRules) -> None:
        self._rules = rules

    def execute(self, work: UnitOfWork, command: Command) -> CommandResult:
        """Log what the command causes. Raises Unknown, Refused, Malformed or Stale with nothing logged of the
        command."""
        if (before := earlier_answer(work, command)) is not None:
            return before
        alarm = self._alarm(work, command)
        name, role = word_of(AlarmCommandName, command.name, "command"), word_of(Role, command.role, "role")
        if not commands.may(name, role):
            raise Refused(Code.ROLE, f"{name} is not for {role}")
        raw = commands.parse_alarm(command.name, command.fields)
        refuse_unseen(work, command)
        self._refuse_stale(work, alarm, command)
        settle_until(work, (alarm.complaint,) if alarm.complaint else (), (alarm.id,), work.transaction.now)
        alarm, first = self._alarm(work, command), work.transaction.seq + 1
        draft = TextRows()
        fields = with_text_ids(raw, commands.text_fields(name), alarm.id, draft)
        parsed = AlarmCommand(name=name, alarm=alarm.id, actor=command.actor, role=role, fields=fields)
        work.append(commands.decide_alarm(alarm, parsed, work.transaction.now, self._rules), actor=command.actor)
        work.texts.absorb(draft)
        now = self._alarm(work, command)
        done = CommandResult(id=now.id, seq=now.seq, status=now.state.value, state=now.state.value)
        return remember_answer(work, command, done, first)

    @staticmethod
    def refuse_strangers(connection: Connection, command: Command) -> None:
        """Raises Unknown without an alarm, Refused for a role that may not. Unknown names are left to ``execute``."""
        if not alarms_of(connection, (command.subject,)):
            _unraised(connection, command)
        if (
            command.name in set(AlarmCommandName)
            and command.role in set(Role)
            and not commands.may(command.name, Role(command.role))
        ):
            raise Refused(Code.ROLE, f"{command.name} is not for {command.role}")

    @staticmethod
    def _alarm(work: UnitOfWork, command: Command) -> Alarm:
        found = work.fold.alarms.get((command.subject,)).get(command.subject)
        return found if found is not None else _unraised(work.transaction.connection, command)

    @staticmethod
    def _refuse_stale(work: UnitOfWork, alarm: Alarm, command: Command) -> None:
        kinds = commands.conflicts(command.name)
        found = first_of_kinds(work.transaction.connection, alarm.id, command.seen_seq, kinds)
        if found is not None:
            raise Stale(alarm, actor=found.actor, kind=found.event.kind.value)


def _unraised(connection: Connection, command: Command) -> Alarm:
    """The normal alarm of a source or screen that was never silent. Raises Unknown if there is no such source or
    screen."""
    try:
        alarm = model.unraised_of(command.subject)
    except ValueError as error:
        raise Unknown(command.subject) from error
    kind, _, screen = (alarm.source or "").rpartition(":")
    exists = is_screen(connection, screen) if f"{kind}:" == model.SCREEN else is_source(connection, alarm.source or "")
    if not exists:
        raise Unknown(command.subject)
    return alarm
