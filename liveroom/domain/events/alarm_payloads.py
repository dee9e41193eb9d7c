"""The payload of each event about an alarm; docs/events.md says what each field means."""

import msgspec
from msgspec import UNSET, UnsetType

from liveroom.domain.events.kinds import Kind, Payload


class AlarmFact(Payload, frozen=True, kw_only=True):
    """What an event says of an alarm."""


class AlarmRaised(AlarmFact, frozen=True, kw_only=True):
    """A new life: its condition is true; what it is about is as it was then; a supervisor is paged at ``page_at``."""

    KIND = Kind.ALARM_RAISED
    kind: str
    priority: int
    complaint: str | None
    source: str | None
    agency: str | None
    area: str | None
    category: str | None
    count: int
    stage: str | UnsetType | None = UNSET
    due_at: str | UnsetType | None = UNSET
    page_at: str
    chattering: bool


class AlarmReactivated(AlarmFact, frozen=True, kw_only=True):
    """Unacked again in the same life; ``stage`` and ``due_at`` where another deadline is the reason."""

    KIND = Kind.ALARM_REACTIVATED
    why: str | UnsetType = UNSET
    stage: str | UnsetType | None = UNSET
    due_at: str | UnsetType | None = UNSET
    page_at: str
    chattering: bool


class AlarmAcknowledged(AlarmFact, frozen=True, kw_only=True):
    """Seen in the state ``before``, at the screen or desk ``from_``; ``owner`` follows it up until ``expires_at``."""

    KIND = Kind.ALARM_ACKNOWLEDGED
    before: str | UnsetType = UNSET
    from_: str | None = msgspec.field(name="from")
    owner: str | None
    expires_at: str | None


class AlarmReturned(AlarmFact, frozen=True, kw_only=True):
    """Its condition ended before anybody acknowledged, or while it is quiet."""

    KIND = Kind.ALARM_RETURNED


class AlarmCleared(AlarmFact, frozen=True, kw_only=True):
    """Its condition ended and somebody had acknowledged."""

    KIND = Kind.ALARM_CLEARED


class AlarmRecurred(AlarmFact, frozen=True, kw_only=True):
    """True again while it is quiet."""

    KIND = Kind.ALARM_RECURRED
    stage: str | UnsetType | None = UNSET
    due_at: str | UnsetType | None = UNSET


class AlarmShelved(AlarmFact, frozen=True, kw_only=True):
    """Set aside by the actor until a moment."""

    KIND = Kind.ALARM_SHELVED
    reason: str | None
    until: str


class AlarmUnshelved(AlarmFact, frozen=True, kw_only=True):
    """No longer; ``why``: time_out or person."""

    KIND = Kind.ALARM_UNSHELVED
    why: str | UnsetType = UNSET


class AlarmSuppressed(AlarmFact, frozen=True, kw_only=True):
    """Silent by design, by a ``rule``; None for ``until``: for as long as the rule holds."""

    KIND = Kind.ALARM_SUPPRESSED
    rule: str
    reason: str | None
    until: str | None


class AlarmUnsuppressed(AlarmFact, frozen=True, kw_only=True):
    """No longer; ``why``: rule (what it was suppressed for is over), time_out or person."""

    KIND = Kind.ALARM_UNSUPPRESSED
    why: str | UnsetType = UNSET
    rule: str | UnsetType | None = UNSET


class AlarmOutOfService(AlarmFact, frozen=True, kw_only=True):
    """A supervisor took it out of service; somebody looks again by ``review_at``."""

    KIND = Kind.ALARM_OUT_OF_SERVICE
    reason: str | None
    review_at: str


class AlarmInService(AlarmFact, frozen=True, kw_only=True):
    """Back, by a person."""

    KIND = Kind.ALARM_IN_SERVICE
    why: str | UnsetType = UNSET


# What begins a quiet spell, and what ends it.
Silence = AlarmShelved | AlarmSuppressed | AlarmOutOfService
SilenceEnd = AlarmUnshelved | AlarmUnsuppressed | AlarmInService


class AlarmPaged(AlarmFact, frozen=True, kw_only=True):
    """Unacked for too long: the supervisor is paged; ``nobody``: at that moment none could be reached."""

    KIND = Kind.ALARM_PAGED
    nobody: bool | UnsetType = UNSET


class AlarmCounted(AlarmFact, frozen=True, kw_only=True):
    """A grouped one stands for so many by now."""

    KIND = Kind.ALARM_COUNTED
    count: int


# Closed: the type checker finds one that `alarms.evolve` does not fold.
AlarmPayload = (
    AlarmRaised
    | AlarmReactivated
    | AlarmAcknowledged
    | AlarmReturned
    | AlarmCleared
    | AlarmRecurred
    | AlarmShelved
    | AlarmUnshelved
    | AlarmSuppressed
    | AlarmUnsuppressed
    | AlarmOutOfService
    | AlarmInService
    | AlarmPaged
    | AlarmCounted
)
