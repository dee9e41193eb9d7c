"""Commands on an alarm: acknowledge, shelve, suppress and the like, by the rules of `domain.alarms.commands`."""

from liveroom.accounts.screens import is_screen
from liveroom.accounts.sources import is_source
from liveroom.domain.alarms import model
from liveroom.domain.alarms.commands import (
    ALARM_SPECS,
    AlarmCommand,
    AlarmCommandName,
    decide_alarm,
    priority_refusal,
)
from liveroom.domain.alarms.model import Alarm, AlarmRules
from liveroom.domain.requests import CommandResult, Unknown
from liveroom.log.engine import Connection
from liveroom.projection.fold import Fold
from liveroom.room.pipeline import Handler, ParsedCommand
from liveroom.room.transaction import UnitOfWork, settle_until


def alarm_handler(rules: AlarmRules) -> Handler[Alarm]:
    """The commands on the alarms of one room."""
    return Handler(
        specs=ALARM_SPECS,
        load=lambda connection, fold, command: _load(connection, fold, command.subject),
        decide=lambda work, given: _decide(work, given, rules),
        outsider=lambda alarm, command, role: priority_refusal(alarm, command.name, role),
        settle=_settle,
    )


def _load(connection: Connection, fold: Fold, id_: str) -> Alarm:
    return fold.alarms.get((id_,)).get(id_) or _unraised(connection, id_)


def _unraised(connection: Connection, id_: str) -> Alarm:
    """The normal alarm of a source or screen that was never silent. Raises Unknown if there is no such source or
    screen."""
    try:
        alarm = model.unraised_of(id_)
    except ValueError as error:
        raise Unknown(id_) from error
    kind, _, screen = (alarm.source or "").rpartition(":")
    exists = is_screen(connection, screen) if f"{kind}:" == model.SCREEN else is_source(connection, alarm.source or "")
    if not exists:
        raise Unknown(id_)
    return alarm


def _settle(work: UnitOfWork, alarm: Alarm) -> Alarm:
    settle_until(work, (alarm.complaint,) if alarm.complaint else (), (alarm.id,), work.transaction.now)
    return _load(work.transaction.connection, work.fold, alarm.id)


def _decide(work: UnitOfWork, given: ParsedCommand[Alarm], rules: AlarmRules) -> CommandResult:
    command = AlarmCommand(
        name=AlarmCommandName(given.name),
        alarm=given.subject.id,
        actor=given.actor,
        role=given.role,
        fields=given.fields,
    )
    work.append(decide_alarm(given.subject, command, work.transaction.now, rules), actor=given.actor)
    now = _load(work.transaction.connection, work.fold, given.subject.id)
    return CommandResult(id=now.id, seq=now.seq, status=now.state.value, state=now.state.value)
