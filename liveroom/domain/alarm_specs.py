"""Every command on an alarm in one table: who may give it, in which states, with which fields, what makes it stale."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from liveroom.domain.alarm import LOUD, AlarmState, Rule
from liveroom.domain.events import Kind
from liveroom.domain.fields import Field, choice, code, moment, text
from liveroom.domain.names import Role
from liveroom.domain.refusals import Code
from liveroom.domain.specs import DESK, LEADERS

# A person's decision, or a demand that the giver has not seen: either makes every command stale (CR-13, CR-15).
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


class AlarmName(StrEnum):
    """Every command on an alarm."""

    ACKNOWLEDGE = "acknowledge"
    SHELVE = "shelve"
    UNSHELVE = "unshelve"
    SUPPRESS = "suppress"
    UNSUPPRESS = "unsuppress"
    OUT_OF_SERVICE = "out_of_service"
    IN_SERVICE = "in_service"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSpec:
    """Who may give a command in which states with which fields; ``refuses``: its codes beside role and state."""

    roles: frozenset[Role]
    states: frozenset[AlarmState]
    fields: tuple[Field, ...] = ()
    refuses: frozenset[Code] = frozenset()


_REASON = text("reason", required=True)
_LIMITED = frozenset({Code.PAST, Code.LIMIT})
_RULES = tuple(rule.value for rule in Rule if rule is not Rule.REDUNDANT)

ALARM_SPECS: Mapping[AlarmName, AlarmSpec] = {
    AlarmName.ACKNOWLEDGE: AlarmSpec(
        roles=DESK,
        states=frozenset({AlarmState.UNACKED, AlarmState.RETURNED}),
        fields=(code("owner"), code("screen")),
    ),
    AlarmName.SHELVE: AlarmSpec(roles=DESK, states=LOUD, fields=(_REASON, moment("until")), refuses=_LIMITED),
    AlarmName.UNSHELVE: AlarmSpec(roles=DESK, states=frozenset({AlarmState.SHELVED})),
    AlarmName.SUPPRESS: AlarmSpec(
        roles=LEADERS,
        states=LOUD,
        fields=(replace(choice("rule", *_RULES), required=True), _REASON, moment("until")),
        refuses=_LIMITED,
    ),
    AlarmName.UNSUPPRESS: AlarmSpec(roles=LEADERS, states=frozenset({AlarmState.SUPPRESSED})),
    AlarmName.OUT_OF_SERVICE: AlarmSpec(
        roles=LEADERS, states=LOUD, fields=(_REASON, moment("review_at")), refuses=_LIMITED
    ),
    AlarmName.IN_SERVICE: AlarmSpec(roles=LEADERS, states=frozenset({AlarmState.OUT_OF_SERVICE})),
}
