"""Commands on alarms: the table of who may give which in which states, and ``decide_alarm``: command -> events.

Acknowledge, shelve, suppress, take out of service, and back. docs/commands.md is made from the table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from liveroom.domain.alarms import model
from liveroom.domain.alarms.model import LOUD, Alarm, AlarmKind, AlarmRules, AlarmState, Rule
from liveroom.domain.alarms.rules import about, left
from liveroom.domain.complaints.commands import DESK, LEADERS
from liveroom.domain.events import Event, Kind
from liveroom.domain.events import alarm_payloads as payloads
from liveroom.domain.events.alarm_payloads import AlarmPayload
from liveroom.domain.fields import CommandSpec, choice, code, moment_field, text
from liveroom.domain.requests import Code, Refused, Role
from liveroom.domain.timestamps import to_text, to_text_or_none

# Why a quiet spell ended that no timer and no rule did.
BY_PERSON = "person"
# A decision of somebody else, or an activation that the giver has not seen, makes every command stale (CR-13, CR-15).
MOVES = frozenset(
    {
        Kind.ALARM_RAISED,
        Kind.ALARM_REACTIVATED,
        Kind.ALARM_ACKNOWLEDGED,
        Kind.ALARM_SHELVED,
        Kind.ALARM_UNSHELVED,
        Kind.ALARM_SUPPRESSED,
        Kind.ALARM_UNSUPPRESSED,
        Kind.ALARM_OUT_OF_SERVICE,
        Kind.ALARM_IN_SERVICE,
    }
)


class AlarmCommandName(StrEnum):
    """Every command on an alarm."""

    ACKNOWLEDGE = "acknowledge"
    SHELVE = "shelve"
    UNSHELVE = "unshelve"
    SUPPRESS = "suppress"
    UNSUPPRESS = "unsuppress"
    OUT_OF_SERVICE = "out_of_service"
    IN_SERVICE = "in_service"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSpec(CommandSpec):
    """One row of the table: in which ``states``; ``refuses``: its codes beside role and state."""

    states: frozenset[AlarmState]
    conflicts: frozenset[Kind] = MOVES
    refuses: frozenset[Code] = frozenset()


_REASON = text("reason", required=True)
_LIMITED = frozenset({Code.PAST, Code.LIMIT})
_RULES = tuple(rule.value for rule in Rule if rule is not Rule.REDUNDANT)

ALARM_SPECS: Mapping[AlarmCommandName, AlarmSpec] = {
    AlarmCommandName.ACKNOWLEDGE: AlarmSpec(
        roles=DESK,
        states=frozenset({AlarmState.UNACKED, AlarmState.RETURNED}),
        fields=(code("owner"), code("screen")),
    ),
    AlarmCommandName.SHELVE: AlarmSpec(
        roles=DESK, states=LOUD, fields=(_REASON, moment_field("until")), refuses=_LIMITED
    ),
    AlarmCommandName.UNSHELVE: AlarmSpec(roles=DESK, states=frozenset({AlarmState.SHELVED})),
    AlarmCommandName.SUPPRESS: AlarmSpec(
        roles=LEADERS,
        states=LOUD,
        fields=(choice("rule", *_RULES, required=True), _REASON, moment_field("until")),
        refuses=_LIMITED,
    ),
    AlarmCommandName.UNSUPPRESS: AlarmSpec(roles=LEADERS, states=frozenset({AlarmState.SUPPRESSED})),
    AlarmCommandName.OUT_OF_SERVICE: AlarmSpec(
        roles=LEADERS, states=LOUD, fields=(_REASON, moment_field("review_at")), refuses=_LIMITED
    ),
    AlarmCommandName.IN_SERVICE: AlarmSpec(roles=LEADERS, states=frozenset({AlarmState.OUT_OF_SERVICE})),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmCommand:
    """One command, fields already parsed: times aware UTC, free texts replaced by text ids (none reaches an event)."""

    name: AlarmCommandName
    alarm: str
    actor: str
    role: Role
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmCase:
    """One command with all that the rules may know; ``now`` aware UTC room time."""

    alarm: Alarm
    command: AlarmCommand
    now: datetime
    rules: AlarmRules

    def field(self, name: str) -> Any:
        """A field of the command, None when not given."""
        return self.command.fields.get(name)

    def event(self, payload: AlarmPayload) -> Event:
        """An event of now on this alarm."""
        return about(self.alarm.id, payload, at=self.now)

    def left(self, payload: payloads.SilenceEnd) -> tuple[Event, ...]:
        """The events that end a quiet spell, ended by a person."""
        return left(self.alarm, payload, at=self.now, rules=self.rules)


def allowed(alarm: Alarm, role: Role) -> tuple[AlarmCommandName, ...]:
    """The commands that somebody in this role could give now; fields may still refuse one.

    Asked for every alarm of a snapshot, so it is worked out once for all that stand alike in what ``_refusal`` looks
    at.
    """
    alike = (role, alarm.state, alarm.priority, alarm.rule)
    found = _ALLOWED.get(alike)
    if found is None:
        found = _ALLOWED[alike] = tuple(name for name in AlarmCommandName if _refusal(alarm, name, role) is None)
    return found


_ALLOWED: dict[tuple[object, ...], tuple[AlarmCommandName, ...]] = {}


def decide_alarm(alarm: Alarm, command: AlarmCommand, now: datetime, rules: AlarmRules) -> tuple[Event, ...]:
    """The events of the command on an alarm that is settled at ``now``. Raises Refused with a closed code."""
    if (no := _refusal(alarm, command.name, command.role)) is not None:
        raise no
    return HANDLERS[command.name](AlarmCase(alarm=alarm, command=command, now=now, rules=rules))


def priority_refusal(alarm: Alarm, name: str, role: Role) -> Refused | None:
    """Why a role that gives the command ``name`` does not give it on an alarm of this priority; None when it does."""
    if name == AlarmCommandName.SHELVE and alarm.priority == 1 and role not in LEADERS:
        return Refused(Code.ROLE, "a supervisor shelves what is critical")
    return None


def _refusal(alarm: Alarm, name: AlarmCommandName, role: Role) -> Refused | None:
    no = ALARM_SPECS[name].role_refusal(name, role) or priority_refusal(alarm, name, role)
    if no is not None:
        return no
    if alarm.state not in ALARM_SPECS[name].states:
        return Refused(Code.STATE, f"{name} is not possible while {alarm.state}")
    if name is AlarmCommandName.UNSUPPRESS and alarm.rule is Rule.REDUNDANT:
        return Refused(Code.STATE, "it comes back when the complaint is not overdue any more")
    return None


def _acknowledge(case: AlarmCase) -> tuple[Event, ...]:
    """Acknowledged; until when that holds depends on the priority. An owner of an overdue one clears it (CR-31)."""
    alarm, owner = case.alarm, case.field("owner")
    until = _seen_until(case) if alarm.active else None
    over = alarm.active and (until is None or until <= case.now)
    payload = payloads.AlarmAcknowledged(
        before=alarm.state.value,
        from_=case.field("screen"),
        owner=owner,
        expires_at=None if over else to_text_or_none(until),
    )
    return (case.event(payload), case.event(payloads.AlarmCleared())) if over else (case.event(payload),)


def _seen_until(case: AlarmCase) -> datetime | None:
    """When the acknowledgement ends; None where it ends the condition. Rules: CR-20, CR-31, CR-33."""
    alarm = case.alarm
    if alarm.quarter and alarm.raised_at is not None:
        return model.quarter(alarm.raised_at) + model.GROUP_WITHIN
    if alarm.kind is AlarmKind.PASSED and case.field("owner"):
        return None
    return case.now + case.rules.ack_expires[alarm.priority]


def _shelve(case: AlarmCase) -> tuple[Event, ...]:
    until = _ahead(case, "until", case.rules.shelve_longest[case.alarm.priority])
    return (case.event(payloads.AlarmShelved(reason=case.field("reason"), until=to_text(until))),)


def _unshelve(case: AlarmCase) -> tuple[Event, ...]:
    return case.left(payloads.AlarmUnshelved(why=BY_PERSON))


def _suppress(case: AlarmCase) -> tuple[Event, ...]:
    until = _ahead(case, "until", case.rules.suppress_longest)
    payload = payloads.AlarmSuppressed(rule=case.field("rule"), reason=case.field("reason"), until=to_text(until))
    return (case.event(payload),)


def _unsuppress(case: AlarmCase) -> tuple[Event, ...]:
    return case.left(payloads.AlarmUnsuppressed(why=BY_PERSON, rule=case.alarm.rule and case.alarm.rule.value))


def _out_of_service(case: AlarmCase) -> tuple[Event, ...]:
    review_at = _ahead(case, "review_at", case.rules.review_within)
    return (case.event(payloads.AlarmOutOfService(reason=case.field("reason"), review_at=to_text(review_at))),)


def _in_service(case: AlarmCase) -> tuple[Event, ...]:
    return case.left(payloads.AlarmInService(why=BY_PERSON))


def _ahead(case: AlarmCase, name: str, longest: timedelta) -> datetime:
    """The moment given, if it is ahead of now and not further than the limit. Rules: CR-21, CR-22."""
    moment: datetime = case.field(name)
    if moment <= case.now:
        raise Refused(Code.PAST, "lies in the past", name)
    if moment > case.now + longest:
        raise Refused(Code.LIMIT, f"is more than {longest} ahead", name)
    return moment


HANDLERS: Mapping[AlarmCommandName, Callable[[AlarmCase], tuple[Event, ...]]] = {
    AlarmCommandName.ACKNOWLEDGE: _acknowledge,
    AlarmCommandName.SHELVE: _shelve,
    AlarmCommandName.UNSHELVE: _unshelve,
    AlarmCommandName.SUPPRESS: _suppress,
    AlarmCommandName.UNSUPPRESS: _unsuppress,
    AlarmCommandName.OUT_OF_SERVICE: _out_of_service,
    AlarmCommandName.IN_SERVICE: _in_service,
}
